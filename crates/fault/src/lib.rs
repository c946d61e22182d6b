//! Seeded changes to what travels, to try a program with deliveries that the network may make at
//! any time and a quiet loopback rarely does. The same seed gives the same changes.
//!
//! One fault, one file, in two families:
//!
//! - **Streams**, in this file: the bytes all arrive, in order, and only where they are cut may
//!   change. [`none`] is the template: it changes nothing. [`mod@slice`] cuts a stream into small
//!   pieces.
//! - **Datagrams**, in [`datagram`]: each arrives whole or not at all, and may be lost, doubled,
//!   overtaken or late. [`datagram::Link`] applies such faults, and holds what is on its way.

pub mod datagram;
pub mod none;
pub mod slice;

/// A change to a stream of chunks, in one direction of one connection.
///
/// It is told of each chunk and of the end, and says what to deliver instead. It never waits and
/// never touches a socket: that is the business of whoever moves the bytes.
pub trait Fault: Send {
    /// Takes the next chunk of the stream and calls `deliver` with each chunk to pass on for it.
    fn chunk(&mut self, chunk: &[u8], deliver: &mut dyn FnMut(&[u8]));

    /// The stream has ended: delivers what was kept back.
    fn end(&mut self, _deliver: &mut dyn FnMut(&[u8])) {}
}
