//! The messages of lesson 07.
//!
//! ```text
//! client, which films                                          server, which shows
//! {"sequence":7,"captured":1763700000123456,
//!  "width":1280,"height":720,"size":81234}  81,234 bytes  ──▶
//!                                                         ◀──  {"received":7,"size":0}
//! ```
//!
//! Every message is a JSON header with its length in front (`wire::message`), and `size` in the
//! header says how many bytes follow it. The client does not wait for the acknowledgement of a frame
//! before it sends the next one; it counts how many frames are on their way, and lets there be no
//! more than the path needs.

use serde::{Deserialize, Serialize};
use wire::Header;

/// The longest JSON header that either end accepts, in bytes.
pub const HEADER_LIMIT: usize = 64 * 1024;

/// Announces a frame. The client sends it, with the JPEG behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameHeader {
    /// The frame's number: 1, 2 and so on. A number is missing where a frame was dropped for a newer
    /// one.
    pub sequence: u64,
    /// When the picture was captured, in microseconds since 1970 by the client's clock.
    pub captured: u64,
    /// The picture's width in pixels.
    pub width: u32,
    /// The picture's height in pixels.
    pub height: u32,
    /// The length of the JPEG that follows, in bytes.
    pub size: u64,
}

/// Says that a frame has arrived whole. The server sends it, with nothing behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The frame's sequence number.
    pub received: u64,
    /// How many bytes follow: 0.
    pub size: u64,
}

impl Header for FrameHeader {
    const SIZE_FIELD: &'static str = "size";

    fn body_length(&self) -> u64 {
        self.size
    }
}

impl Header for Acknowledgement {
    const SIZE_FIELD: &'static str = "size";

    fn body_length(&self) -> u64 {
        self.size
    }
}
