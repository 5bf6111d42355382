//! Who is at the other end of a connection.

use std::net::SocketAddr;

/// Every request carries it as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub addr: SocketAddr,
    /// Whether the connection is encrypted.
    pub tls: bool,
}
