//! What came out of one scenario, as plain data. Its words are English: whoever draws it translates them.

use std::fmt;

use language::text;
use serde::{Serialize, Serializer};
use trace::Event;

/// The size of the length in front of each message on the fixed side, in bytes.
pub const HEADER_BYTES: usize = 4;
/// The lane of the end that connects, and sends first.
pub const CLIENT: &str = "client";
/// The lane of the end that accepts.
pub const SERVER: &str = "server";
/// What stands among the messages where a client waited for an answer in vain.
pub const NO_ANSWER: &str = "(nothing)";

/// One scenario, played twice.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The scenario's name, as `--scenario` takes it.
    pub name: String,
    /// What happens in it, in a few words.
    pub title: String,
    /// How this part differs from the scenario's others, in a few words; empty if there is no other.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub part: String,
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
    pub code: Code,
    /// How its messages travel.
    #[serde(rename = "carrier")]
    pub transport: Transport,
    /// Everything that happened, in order. The lanes are `client` and `server`.
    pub events: Vec<Event>,
    /// The messages that came out, at the server, or at the client if it asked.
    #[serde(serialize_with = "texts")]
    pub got: Vec<Vec<u8>>,
    /// Why the reader gave up, if it did.
    pub error: Option<ReadError>,
    /// Whether what came out is what should.
    pub right: bool,
}

/// The code of a side, in words: `BROKEN lesson02: no length`.
#[derive(Debug, Clone)]
pub struct Code {
    /// What is to be said of it before all else.
    pub badge: Option<Badge>,
    /// Whose it is, and what it does; `%{framing}` stands for the framing.
    pub words: String,
    /// The framing that it reads, if that can be any.
    pub framing: Option<String>,
}

/// What is to be said of code before all else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// It takes what one recv returns for a message.
    Broken,
    /// It knows where each message ends.
    Fixed,
}

/// Why a reader gave up.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// One recv brought so many bytes, and not all of a length.
    #[error("a length, and only {0} B of it?")]
    ShortLength(usize),
    /// One recv brought a piece of a JSON header.
    #[error("a piece of a JSON header?")]
    PieceOfJson,
    /// What the decoder of a framing finds wrong, or something that does not happen in a scenario, in the
    /// words of who noticed it.
    #[error("{0}")]
    Other(String),
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

impl Code {
    /// Code that is broken on purpose.
    pub fn broken(words: &str) -> Code {
        Code { badge: Some(Badge::Broken), ..Code::plain(words) }
    }

    /// Code in which that is mended.
    pub fn fixed(words: &str) -> Code {
        Code { badge: Some(Badge::Fixed), ..Code::plain(words) }
    }

    /// Code of which nothing is to be said before all else.
    pub fn plain(words: &str) -> Code {
        Code { badge: None, words: words.to_owned(), framing: None }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words.replace("%{framing}", self.framing.as_deref().unwrap_or_default());
        match self.badge {
            Some(badge) => write!(f, "{} {words}", badge.name()),
            None => f.write_str(&words),
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Badge {
    /// Its word, in English.
    pub fn name(self) -> &'static str {
        match self {
            Badge::Broken => text!("BROKEN"),
            Badge::Fixed => text!("FIXED"),
        }
    }
}

impl Serialize for ReadError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
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
    serializer.collect_seq(messages.iter().map(|message| trace::text::escape(message)))
}
