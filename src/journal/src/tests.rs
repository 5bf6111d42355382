//! Frozen bytes, hostile bytes, random facts, and the books by example.

mod bytes;
mod chain;
mod drawer;
mod fixtures;
mod fold;
mod frozen;
mod property;
mod shape;
mod strategies;
