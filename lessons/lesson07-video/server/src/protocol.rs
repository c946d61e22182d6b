//! What the two ends of lesson 07 say to each other. This file is the same at both ends.
//!
//! ```text
//! client, which films                                          server, which shows
//! {"sequence":7,"captured":1763700000123456,
//!  "width":1280,"height":720,"size":81234}  81,234 bytes  ──▶
//!                                                         ◀──  {"received":7,"size":0}
//! ```
//!
//! Every message is a JSON header with its length in front (`wire::message`), and `size` in the
//! header says how many bytes follow it. The client does not wait for the word of the server before
//! it sends the next frame; it counts how many frames are on their way, and lets there be no more
//! than the path needs.

use serde::{Deserialize, Serialize};
use wire::Header;

/// How long a JSON header may be, in bytes.
pub const HEADER_LIMIT: usize = 4096;

/// Announces a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// 1, 2 and so on. A number is missing where a frame was dropped for a newer one.
    pub sequence: u64,
    /// When it was captured, in microseconds since 1970 by the client's clock.
    pub captured: u64,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// How many bytes of JPEG follow.
    pub size: u64,
}

/// The server's word that a frame has arrived whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The frame's sequence number.
    pub received: u64,
    /// Nothing follows: 0.
    pub size: u64,
}

impl Header for Frame {
    const SIZE_FIELD: &'static str = "size";

    fn body_length(&self) -> u64 {
        self.size
    }
}

impl Header for Received {
    const SIZE_FIELD: &'static str = "size";

    fn body_length(&self) -> u64 {
        self.size
    }
}
