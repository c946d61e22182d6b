//! What came out of a play at the bench, as plain data.

use serde::{Serialize, Serializer};
use trace::{Action, Event, text};

use super::settings::{Settings, Which};
use crate::comparison::{Code, ReadError};

/// Both sides of a play, or the one that was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Played {
    /// What was asked for.
    pub settings: Settings,
    /// The command that plays the same in a terminal.
    pub command: String,
    /// The sides, the broken one first.
    pub sides: Vec<PlayedSide>,
}

/// One side of a play.
#[derive(Debug, Clone, Serialize)]
pub struct PlayedSide {
    /// Which one it is.
    pub which: Which,
    /// Whose code it is, and what that does.
    pub code: Code,
    /// Whether each message travels as a datagram.
    pub datagrams: bool,
    /// The lane of the reader whose messages are compared: `server`, or a `client` that asked.
    pub reader: String,
    /// To which message each byte of the stream belongs, in runs.
    pub stream: Vec<Run>,
    /// What should come out.
    #[serde(serialize_with = "hex")]
    pub expected: Vec<Vec<u8>>,
    /// The messages that came out.
    #[serde(serialize_with = "hex")]
    pub got: Vec<Vec<u8>>,
    /// Why the reader gave up, if it did.
    pub error: Option<ReadError>,
    /// Whether what came out is what should.
    pub right: bool,
    /// Everything that happened, in order. The lanes are `client` and `server`.
    pub events: Vec<Event>,
}

/// Bytes of a stream that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The message's number, from 0.
    pub message: usize,
    /// How many bytes.
    pub bytes: usize,
    /// Whether they only say where the message ends, and are no part of it.
    pub is_header: bool,
}

impl Run {
    /// The runs of a message that lies somewhere in its frame.
    pub(super) fn of_frame(message: usize, payload: usize, frame: &[u8], tail: usize) -> Vec<Run> {
        let head = frame.len() - payload - tail;
        let parts = [(head, true), (payload, false), (tail, true)];
        let run = |(bytes, is_header)| Run { message, bytes, is_header };
        parts.map(run).into_iter().filter(|run| run.bytes > 0).collect()
    }
}

/// The messages among events.
pub(super) fn messages_in(events: &[Event]) -> Vec<Vec<u8>> {
    let message = |event: &Event| match &event.action {
        Action::Message { bytes } => Some(bytes.clone()),
        _ => None,
    };
    events.iter().filter_map(message).collect()
}

fn hex<S: Serializer>(messages: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(messages.iter().map(|message| text::hex(message)))
}
