//! What can happen on a lane, as plain data: it prints as a line and serialises to JSON.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::{Kernel, text};

/// The name of the socket whose events these are: `client`, `server`, or a peer's address.
pub type Lane = Arc<str>;

/// A call that a program is about to make on its socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `recv` with room for at most this many bytes.
    Recv(usize),
    /// `send` of this many bytes.
    Send(usize),
}

/// An event: what happened, when and on which lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Time since the recorder was made, in microseconds when serialised.
    #[serde(rename = "at_us", serialize_with = "micros")]
    pub at: Duration,
    /// The socket whose event it is.
    pub lane: Lane,
    /// What happened.
    #[serde(flatten)]
    pub action: Action,
    /// What the kernel held just after the event, where it can be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Kernel>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Action {
    /// The kernel took `bytes`, of `asked` that were offered.
    Send {
        /// How many bytes the program offered.
        asked: usize,
        /// The bytes that the kernel took.
        #[serde(serialize_with = "text::as_hex")]
        bytes: Vec<u8>,
    },
    /// The kernel gave `bytes`, at most `asked`; none means that the peer has ended its direction.
    Recv {
        /// How many bytes the program had room for.
        asked: usize,
        /// The bytes that it got.
        #[serde(serialize_with = "text::as_hex")]
        bytes: Vec<u8>,
    },
    /// The kernel took `bytes` as one datagram.
    SendTo {
        /// The datagram.
        #[serde(serialize_with = "text::as_hex")]
        bytes: Vec<u8>,
    },
    /// The kernel gave one datagram, or as much of it as there was room for.
    RecvFrom {
        /// How many bytes the program had room for.
        asked: usize,
        /// How many bytes the datagram had: what exceeds `asked` is lost.
        length: usize,
        /// The bytes that the program got.
        #[serde(serialize_with = "text::as_hex")]
        bytes: Vec<u8>,
    },
    /// A datagram met a fault that was asked for.
    Fault {
        /// What became of it.
        what: String,
        /// The datagram.
        #[serde(serialize_with = "text::as_hex")]
        bytes: Vec<u8>,
    },
    /// The call failed.
    Failed {
        /// `send`, `recv`, `sendto` or `recvfrom`.
        call: &'static str,
        /// The operating system's word for it.
        error: String,
    },
    /// What waits in the kernel for this lane's next `recv` was looked at.
    Look {
        /// The bytes themselves: what was sent to this lane and has not been received.
        #[serde(serialize_with = "text::as_hex")]
        held: Vec<u8>,
        /// How many bytes the kernel says that it holds, where it can be asked.
        unread: Option<u32>,
        /// How many segments with data the kernel says have arrived, where it can be asked.
        segments: Option<u32>,
    },
    /// The lane's program ended its sending direction (`shutdown(SHUT_WR)`, a half-close).
    HalfClose,
    /// A message came out of the bytes.
    Message {
        /// The message.
        #[serde(serialize_with = "text::as_hex")]
        bytes: Vec<u8>,
    },
}

impl fmt::Display for Event {
    /// One line: time in seconds, lane, what happened, and what the kernel held after it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>10.6}  {}  {}", self.at.as_secs_f64(), self.lane, self.action)?;
        match &self.kernel {
            Some(kernel) => write!(f, "  [kernel: {kernel}]"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Send { asked, bytes } if *asked == bytes.len() => {
                write!(f, "send {asked} {}", text::quote(bytes))
            }
            Action::Send { asked, bytes } => {
                write!(f, "send {asked}, {} taken {}", bytes.len(), text::quote(bytes))
            }
            Action::Recv { asked, bytes } if bytes.is_empty() && *asked > 0 => {
                write!(f, "recv({asked}) = 0, the end of the stream")
            }
            Action::Recv { asked, bytes } => {
                write!(f, "recv({asked}) = {} {}", bytes.len(), text::quote(bytes))
            }
            Action::SendTo { bytes } => {
                write!(f, "sendto {} {}", bytes.len(), text::quote(bytes))
            }
            Action::RecvFrom { asked, length, bytes } if *length > bytes.len() => {
                let (got, lost) = (bytes.len(), length - bytes.len());
                write!(f, "recvfrom({asked}) = {got}, {lost} more are lost {}", text::quote(bytes))
            }
            Action::RecvFrom { asked, bytes, .. } => {
                write!(f, "recvfrom({asked}) = {} {}", bytes.len(), text::quote(bytes))
            }
            Action::Fault { what, bytes } => {
                write!(f, "fault: {} {} {what}", bytes.len(), text::quote(bytes))
            }
            Action::Failed { call, error } => write!(f, "{call} failed: {error}"),
            Action::Look { held, .. } => {
                write!(f, "has {} B waiting in the kernel {}", held.len(), text::quote(held))
            }
            Action::HalfClose => f.write_str("half-close"),
            Action::Message { bytes } => {
                write!(f, "message of {} {}", bytes.len(), text::quote(bytes))
            }
        }
    }
}

fn micros<S: Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(at.as_micros()).unwrap_or(u64::MAX))
}
