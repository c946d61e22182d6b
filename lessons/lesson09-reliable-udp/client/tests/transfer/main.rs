//! A file arrives whole over a network that loses, doubles and reorders: both ends of lesson 09's
//! transfer, in simulated time. Nothing here sleeps, opens a socket or depends on how fast a machine
//! is: datagrams go through two links with faults, and the clock jumps to what comes next.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

mod bottleneck;
mod network;
mod recovery;
mod sender;
mod sharing;
mod simulation;
mod window;
