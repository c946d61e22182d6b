//! How messages travel in one direction of a connection.
//!
//! ```text
//! framed     07 00 00 00 echo hi                       any framing, here <i
//! headed     length {"total_size":7,"hash":…} echo hi  lesson 03's JSON header
//! announced  7\n, recv_ready, echo hi                  lesson 03's handshake
//! ```

use language::text;
use rust_i18n::t;
use wire::{Framing, LengthField};

use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::misframed::misframed;
use crate::show;
use crate::stream::{MAX_MESSAGE, ProbeStream};

/// The most characters of announced digits: those of 18 places fit into 64 bits.
const MAX_DIGITS: usize = 18;
/// The field of lesson 03's JSON header that says how long the message is.
pub(crate) const TOTAL_SIZE: &str = "total_size";
/// What the receiver of an announced length says.
pub(crate) const READY: &[u8] = b"recv_ready";

/// How messages travel in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// As the framing says.
    Framed(Framing),
    /// Behind a JSON header, whose hash means something if `hashed`.
    Headed { hashed: bool },
    /// Behind an announced length, whose digits are `ended` by a new line.
    Announced { ended: bool },
}

impl Carrier {
    /// Whether something says where a message ends.
    pub(crate) fn is_framed(&self) -> bool {
        *self != Carrier::Framed(Framing::None)
    }

    /// Whether a message is one run of bytes, of which each part can be sent alone.
    pub(crate) fn can_be_cut(&self) -> bool {
        self.is_framed() && !matches!(self, Carrier::Announced { .. })
    }

    /// How a reader that knows framings finds its messages; `None` if each is announced.
    pub(crate) fn framing(&self) -> Option<Framing> {
        match self {
            Carrier::Framed(framing) => Some(framing.clone()),
            Carrier::Headed { .. } => Some(headed_framing()),
            Carrier::Announced { .. } => None,
        }
    }

    /// The bytes of a message, with what says where it ends. Of an announced one they are its own.
    pub(crate) fn encode(&self, message: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            // A message that cannot be framed so was refused before anything was tried.
            Carrier::Framed(framing) => _ = framing.encode(message, &mut bytes),
            Carrier::Headed { hashed } => {
                bytes = headed(&json_header(*hashed, message.len(), &wire::md5_hex(message)));
                bytes.extend_from_slice(message);
            }
            Carrier::Announced { .. } => bytes.extend_from_slice(message),
        }
        bytes
    }

    /// The number of bytes in front of a message.
    pub(crate) fn head(&self, message: &[u8]) -> usize {
        self.encode(message).len().saturating_sub(message.len() + self.tail())
    }

    /// The number of bytes behind a message: those of its end mark.
    pub(crate) fn tail(&self) -> usize {
        match self {
            Carrier::Framed(Framing::Line) => 1,
            Carrier::Framed(Framing::Until(mark)) => mark.bytes().len(),
            _ => 0,
        }
    }

    /// Whether a message of so many bytes can travel so. (Its end mark is in none of those tried.)
    pub(crate) fn holds(&self, length: usize) -> bool {
        match self {
            Carrier::Framed(framing) => {
                framing.encode(&vec![b'x'; length], &mut Vec::new()).is_ok()
            }
            _ => true,
        }
    }

    /// Sends a message: with one call, but for an announced one.
    ///
    /// # Errors
    /// When the announced length is not taken up.
    pub(crate) fn send(&self, stream: &mut ProbeStream, message: &[u8]) -> Outcome {
        if let Carrier::Announced { .. } = self {
            self.announce(stream, message.len())?;
        }
        stream.send(&self.encode(message));
        if *self == Carrier::Framed(Framing::End) {
            stream.half_close();
        }
        Ok(())
    }

    /// Says how long the next message is, and waits for the word.
    ///
    /// # Errors
    /// When that does not come.
    pub(crate) fn announce(&self, stream: &mut ProbeStream, length: usize) -> Outcome {
        let Carrier::Announced { ended } = self else { return Ok(()) };
        let end = if *ended { "\n" } else { "" };
        stream.send(format!("{length}{end}").as_bytes());
        stream.expect(READY).hint_any(text!(
            "After the announced length the receiver says recv_ready, 10 bytes, and only then the \
             message is sent."
        ))
    }

    /// Waits for one message. What it should be, if that is `known`, tells what is wrong with one
    /// that is framed in another way.
    ///
    /// # Errors
    /// When none comes, or its length or header is wrong.
    pub(crate) fn receive(
        &self,
        stream: &mut ProbeStream,
        known: Option<&[u8]>,
    ) -> Result<Vec<u8>, Failure> {
        let wanted = match (self, known) {
            (Carrier::Headed { .. }, _) => {
                text!("4 bytes of length, a JSON header, then the message").to_owned()
            }
            (Carrier::Announced { .. }, _) => text!("a length in digits").to_owned(),
            (Carrier::Framed(Framing::Length(_)), Some(known)) => t!(
                "%{message} (a length, then the message)",
                message = show::bytes(&self.encode(known))
            )
            .into_owned(),
            (Carrier::Framed(_), Some(known)) => show::bytes(&self.encode(known)),
            (Carrier::Framed(framing), None) => {
                t!("a message, framed as %{framing}", framing = framing).into_owned()
            }
        };
        match self {
            Carrier::Framed(Framing::None) => stream.receive_some(&wanted),
            Carrier::Framed(framing) => {
                let received = stream.receive_framed(framing, &wanted);
                let arrived = stream.arrived();
                let received = received.explain(|_| misframed(framing, known, arrived));
                let is_marked = matches!(framing, Framing::Line | Framing::Until(_) | Framing::End);
                let counted = if is_marked { &[] } else { arrived };
                let received = received.explain(|failure| fewer(failure, counted));
                let received = received.hint(FailureKind::Mismatch, LOST);
                received.map(|(_, message)| message)
            }
            Carrier::Headed { hashed } => receive_headed(stream, *hashed, known, &wanted),
            Carrier::Announced { ended } => receive_announced(stream, *ended, &wanted),
        }
    }
}

/// Why 4 bytes say no length that a message has.
pub(crate) const NO_LENGTH: &str = text!(
    "These 4 bytes are no length: the program has lost its place in the stream, or sends another \
     header."
);

const LOST: &str = text!(
    "What came cannot be read so: the program has lost its place in the stream, or says in \
     another way where its messages end."
);

const FEWER: &str = text!(
    "The length announces more bytes than are sent. If send may take less than all, use sendall; \
     and count bytes, not characters."
);

/// What to say of a message of which only a part came.
fn fewer(failure: &Failure, arrived: &[u8]) -> Option<String> {
    (failure.kind == FailureKind::Timeout && !arrived.is_empty()).then(|| FEWER.to_owned())
}

/// Lesson 03's JSON header, as a framing.
fn headed_framing() -> Framing {
    Framing::Json { length: LengthField::FRAME, field: TOTAL_SIZE.to_owned() }
}

/// A JSON header with its length in front.
pub(crate) fn headed(json: &str) -> Vec<u8> {
    [&length(json.len()), json.as_bytes()].concat()
}

/// The 4 bytes of a length, as the lessons have them.
pub(crate) fn length(length: usize) -> [u8; 4] {
    i32::try_from(length).unwrap_or(i32::MAX).to_le_bytes()
}

/// The JSON before a message of so many bytes. The tutorial's hash is a constant.
pub(crate) fn json_header(hashed: bool, total_size: usize, hash: &str) -> String {
    match hashed {
        true => format!(r#"{{"filename":"a.txt","total_size":{total_size},"hash":"{hash}"}}"#),
        false => format!(
            r#"{{"filename": "a.txt", "total_size": {total_size}, "hash": "xasf123213123"}}"#
        ),
    }
}

/// Takes a JSON header and the message behind it.
fn receive_headed(
    stream: &mut ProbeStream,
    hashed: bool,
    known: Option<&[u8]>,
    wanted: &str,
) -> Result<Vec<u8>, Failure> {
    let framing = headed_framing();
    let received = stream.receive_framed(&framing, wanted);
    let arrived = stream.arrived();
    let (header, message) = received
        .explain(|_| misframed(&framing, known, arrived))
        .explain(|failure| fewer(failure, arrived))
        .hint(
            FailureKind::Mismatch,
            text!(
                "The 4 bytes of the length count a JSON header, which has total_size: an integer, \
                 the number of bytes that follow it."
            ),
        )?;
    let fields: serde_json::Value = serde_json::from_slice(&header).unwrap_or_default();
    let hash = wire::md5_hex(&message);
    if hashed && fields.get("hash").and_then(serde_json::Value::as_str) != Some(&hash) {
        let header = t!("the header %{header}", header = show::bytes(&header)).into_owned();
        return Err(Failure::new(FailureKind::Mismatch, wanted, header)).hint_any(text!(
            "hash should be the MD5 of the message, as 32 lower-case hexadecimal digits. (A \
             constant is the tutorial's: --dialect tutorial.)"
        ));
    }
    Ok(message)
}

/// Takes an announced length, says the word, and takes the message.
fn receive_announced(
    stream: &mut ProbeStream,
    ended: bool,
    wanted: &str,
) -> Result<Vec<u8>, Failure> {
    let digits = match ended {
        true => stream.receive_line(MAX_DIGITS + 1, wanted)?,
        false => stream.receive_some(wanted)?,
    };
    let length = std::str::from_utf8(&digits).ok().and_then(|digits| digits.trim().parse().ok());
    let Some(length) = length.filter(|&length| length <= MAX_MESSAGE) else {
        let actual = show::bytes(&digits);
        return Err(Failure::new(FailureKind::Mismatch, wanted, actual)).hint_any(text!(
            "The length is said in decimal digits, ended by a new line, before the message."
        ));
    };
    stream.send(READY);
    if length == 0 && !ended {
        // No byte will say that the word was taken, and the next command must not be glued to it.
        stream.wait_until_taken();
    }
    stream.receive(length, text!("as many bytes as announced")).hint(FailureKind::Timeout, FEWER)
}
