//! What a fault does to datagrams: it takes one after the other, and says how much later it is due.

use std::time::Duration;

/// Takes a datagram to pass on, and how much later.
pub type Deliver<'a> = &'a mut dyn FnMut(&[u8], Duration);

/// A change to what becomes of the datagrams in one direction.
///
/// A fault never waits and never touches a socket: it says how much later a datagram is due.
pub trait Fault: Send {
    /// Takes the next datagram and calls `deliver` with each datagram to pass on, and how much
    /// later.
    ///
    /// Returns in words what it did to it (`is lost`, `goes out twice`, `is held back for 5 ms`),
    /// or `None` if it did nothing. A constant delay does the same to every datagram, and returns
    /// `None` too.
    fn pass(&mut self, datagram: &[u8], deliver: Deliver<'_>) -> Option<String>;
}
