//! What came out of one scenario, as plain data.

use serde::{Serialize, Serializer};
use trace::{Event, text};

/// The size of the length in front of each message on the fixed side, in bytes.
pub const HEADER_BYTES: usize = 4;

/// One scenario, played twice.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The scenario's name, as `--scenario` takes it.
    pub name: String,
    /// What happens in it, in a few words.
    pub title: String,
    /// Why it comes out as it does, in a sentence.
    pub why: String,
    /// Whether each message is a request that waits for its answer; else all are sent before the reader begins.
    pub asks: bool,
    /// The messages that were sent: requests, if they ask.
    #[serde(serialize_with = "texts")]
    pub sent: Vec<Vec<u8>>,
    /// What should come out: the messages, or the answers to them.
    #[serde(serialize_with = "texts")]
    pub expected: Vec<Vec<u8>>,
    /// The command that plays it again.
    pub command: String,
    /// The left side.
    pub broken: Side,
    /// The right side.
    pub fixed: Side,
}

/// One side of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// Whose code it is, and what that does.
    pub code: String,
    /// How its messages travel.
    #[serde(rename = "carrier")]
    pub transport: Transport,
    /// Everything that happened, in order. The lanes are `client` and `server`.
    pub events: Vec<Event>,
    /// The messages that came out, at the server, or at the client if it asked.
    #[serde(serialize_with = "texts")]
    pub got: Vec<Vec<u8>>,
    /// Why the reader gave up, if it did.
    pub error: Option<String>,
    /// Whether what came out is what should.
    pub right: bool,
}

/// How messages travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A TCP stream of nothing but the messages' own bytes.
    Stream,
    /// A TCP stream with a 4-byte length before each message.
    FramedStream,
    /// Datagrams, a message each.
    Datagrams,
}

/// The message to which a byte of a stream belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteOwner {
    /// The message's number, from 0.
    pub message: usize,
    /// Whether the byte is part of the message's length, and not of its text.
    pub is_header: bool,
}

impl Side {
    /// The owner of each byte of the stream that carries `messages` in turn.
    pub fn owners(&self, messages: &[Vec<u8>]) -> Vec<ByteOwner> {
        let header = if self.transport == Transport::FramedStream { HEADER_BYTES } else { 0 };
        let each = |(message, bytes): (usize, &Vec<u8>)| {
            (0..header + bytes.len()).map(move |at| ByteOwner { message, is_header: at < header })
        };
        messages.iter().enumerate().flat_map(each).collect()
    }
}

/// Messages are text in every scenario; what is cut inside a character shows as such.
fn texts<S: Serializer>(messages: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(messages.iter().map(|message| text::escape(message)))
}
