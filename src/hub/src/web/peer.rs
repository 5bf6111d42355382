//! Who is at the other end of a connection.

pub use crate::listen::Peer;
