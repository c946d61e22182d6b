//! What both ends of lesson 09 agree on, byte for byte.
//!
//! * [`packet`]: a packet, as it lies in a datagram, and which packets there are.
//! * [`offer`]: what is said about the whole file: its name, its size, its MD5, and how long each end
//!   waits for the other.

pub mod offer;
pub mod packet;
