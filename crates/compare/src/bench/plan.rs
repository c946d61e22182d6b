//! Settings that were checked: which bytes each side sends, and in which pieces.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use language::Language;
use rust_i18n::t;
use trace::text::escape_controls;
use wire::Framing;

use super::settings::{
    Delivery, MAX_BYTES, MAX_MESSAGES, Message, ReaderTime, Settings, Transport, UnknownDelivery,
    Which,
};
use crate::play::code::{send_framed, send_unframed};
use crate::words;

/// The largest recv, and the most of them that are listed.
const MAX_READ: usize = 1_048_576;
const MAX_LISTED: usize = 64;
/// The longest text of a framing, in bytes: the name of a JSON field can be any.
const MAX_FRAMING: usize = 64;

/// What is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsError {
    /// There is nothing to send.
    NoMessage,
    /// There are more than [`MAX_MESSAGES`].
    TooManyMessages(usize),
    /// They have more than [`MAX_BYTES`] in all.
    TooManyBytes(usize),
    /// A message in hexadecimal is none.
    NotHex(String),
    /// No framing is written like this.
    Framing(wire::UnknownFraming),
    /// A framing is written with so many bytes, which are more than any needs.
    LongFraming(usize),
    /// No delivery is written like this.
    Delivery(UnknownDelivery),
    /// This framing cannot carry this message.
    DoesNotFit {
        /// The framing, as it was written.
        framing: String,
        /// What it cannot carry.
        reason: String,
    },
    /// A recv asks for nothing, or for too much, or there are too many.
    Reads,
    /// More places to cut at than a stream can have bytes.
    Cuts,
    /// More than all datagrams would be lost.
    Loss,
}

impl SettingsError {
    /// What is wrong, and what may be written, for a reader of this language.
    pub fn words(&self, language: Language) -> String {
        let locale = language.name();
        let words = match self {
            SettingsError::NoMessage => t!("there is no message to send", locale = locale),
            SettingsError::TooManyMessages(count) => t!(
                "%{count} messages are too many to look at: the most is %{most}",
                locale = locale,
                count = count,
                most = MAX_MESSAGES
            ),
            SettingsError::TooManyBytes(count) => t!(
                "%{count} bytes are too many to look at: the most is %{most} in all",
                locale = locale,
                count = count,
                most = MAX_BYTES
            ),
            SettingsError::NotHex(text) => t!(
                "\"%{text}\" is not an even number of hexadecimal digits, such as 68 69",
                locale = locale,
                text = escape_controls(text)
            ),
            SettingsError::Framing(error) => {
                return words::of_others(&error.to_string(), language);
            }
            SettingsError::LongFraming(count) => t!(
                "a framing of %{count} bytes is too long: the most is %{most}",
                locale = locale,
                count = count,
                most = MAX_FRAMING
            ),
            SettingsError::Delivery(error) => return error.words(language),
            SettingsError::DoesNotFit { framing, reason } => t!(
                "the framing %{framing} cannot carry these messages: %{reason}",
                locale = locale,
                framing = escape_controls(framing),
                reason = words::of_others(reason, language)
            ),
            SettingsError::Reads => t!(
                "the sizes of the recv calls are 1 to %{count} numbers from 1 to %{most}, with commas between them",
                locale = locale,
                count = MAX_LISTED,
                most = MAX_READ
            ),
            SettingsError::Cuts => t!(
                "the places to cut at are 1 to %{count} numbers, with commas between them",
                locale = locale,
                count = MAX_BYTES
            ),
            SettingsError::Loss => t!("a loss is a percentage from 0 to 100", locale = locale),
        };
        words.into_owned()
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(language::spoken()))
    }
}

impl Error for SettingsError {}

/// Settings that can be played.
#[derive(Debug, Clone)]
pub struct Plan {
    settings: Settings,
    messages: Vec<Vec<u8>>,
    broken: Framed,
    fixed: Framed,
}

/// The messages as they travel on one side.
#[derive(Debug, Clone)]
pub(super) struct Framed {
    pub(super) framing: Framing,
    /// Each message, with what says where it ends.
    pub(super) frames: Vec<Vec<u8>>,
}

/// One `send`, and what happens after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    /// The bytes of the stream that are sent.
    pub(super) piece: Range<usize>,
    /// Whether the reader then reads until nothing is left.
    pub(super) reader_reads: bool,
}

impl Plan {
    /// Checks settings.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(settings: Settings) -> Result<Plan, SettingsError> {
        match settings.messages.len() {
            0 => return Err(SettingsError::NoMessage),
            1..=MAX_MESSAGES => {}
            count => return Err(SettingsError::TooManyMessages(count)),
        }
        let messages: Vec<Vec<u8>> =
            settings.messages.iter().map(bytes_of).collect::<Result<_, _>>()?;
        let total = messages.iter().map(Vec::len).sum();
        if total > MAX_BYTES {
            return Err(SettingsError::TooManyBytes(total));
        }
        let reads = &settings.reads;
        let is_size = |size: &usize| (1..=MAX_READ).contains(size);
        if !(1..=MAX_LISTED).contains(&reads.len()) || !reads.iter().all(is_size) {
            return Err(SettingsError::Reads);
        }
        if matches!(&settings.delivery, Delivery::Cuts(places) if places.len() > MAX_BYTES) {
            return Err(SettingsError::Cuts);
        }
        if settings.loss > 100 {
            return Err(SettingsError::Loss);
        }
        let frame = |text: &str| match settings.transport {
            Transport::Tcp => Framed::new(text, &messages),
            // The edges of datagrams are those of the messages.
            Transport::Udp => Framed::new("none", &messages),
        };
        let (broken, fixed) = (frame(&settings.broken)?, frame(&settings.fixed)?);
        Ok(Plan { settings, messages, broken, fixed })
    }

    /// The settings, as they were given.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What is sent, and should come out.
    pub(super) fn messages(&self) -> &[Vec<u8>] {
        &self.messages
    }

    pub(super) fn sides(&self) -> &'static [Which] {
        match self.settings.only {
            None => &[Which::Broken, Which::Fixed],
            Some(Which::Broken) => &[Which::Broken],
            Some(Which::Fixed) => &[Which::Fixed],
        }
    }

    pub(super) fn framed(&self, which: Which) -> &Framed {
        match which {
            Which::Broken => &self.broken,
            Which::Fixed => &self.fixed,
        }
    }

    /// What is sent, piece by piece, and when the reader reads.
    pub(super) fn turns(&self, which: Which) -> Vec<Turn> {
        let frames = &self.framed(which).frames;
        let total: usize = frames.iter().map(Vec::len).sum();
        let mut pause = None;
        let mut cuts: Vec<usize> = match &self.settings.delivery {
            Delivery::Together => Vec::new(),
            Delivery::Alone => frames
                .iter()
                .scan(0, |end, frame| {
                    *end += frame.len();
                    Some(*end)
                })
                .collect(),
            Delivery::Bytes => (1..total).collect(),
            Delivery::Cuts(places) => places.clone(),
            Delivery::Pause(place) => {
                pause = Some(*place);
                vec![*place]
            }
        };
        cuts.push(total);
        cuts.sort_unstable();
        cuts.dedup();
        let mut start = 0;
        let inside = cuts.into_iter().filter(|end| (1..=total).contains(end));
        let turns = inside.map(|end| {
            let piece = start..end;
            start = end;
            let early = self.settings.reader == ReaderTime::Early;
            Turn { piece, reader_reads: early || pause == Some(end) }
        });
        turns.collect()
    }
}

impl Framed {
    fn new(text: &str, messages: &[Vec<u8>]) -> Result<Framed, SettingsError> {
        if text.len() > MAX_FRAMING {
            return Err(SettingsError::LongFraming(text.len()));
        }
        let framing: Framing = text.parse().map_err(SettingsError::Framing)?;
        let frame = |payload: &Vec<u8>| {
            let mut bytes = Vec::new();
            let alone = std::slice::from_ref(payload);
            let encoded = match &framing {
                Framing::None => send_unframed(&mut bytes, alone).map_err(wire::Error::Io),
                framing if *framing == Framing::FRAME => {
                    send_framed(&mut bytes, alone).map_err(wire::Error::Io)
                }
                framing => framing.encode(payload, &mut bytes),
            };
            encoded.map(|()| bytes)
        };
        let frames: Result<_, wire::Error> = messages.iter().map(frame).collect();
        let frames = frames.map_err(|error| SettingsError::DoesNotFit {
            framing: text.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Framed { framing, frames })
    }
}

/// The bytes of a message.
fn bytes_of(message: &Message) -> Result<Vec<u8>, SettingsError> {
    match message {
        Message::Text(text) => Ok(text.clone().into_bytes()),
        Message::Hex(text) => {
            let digits: Option<Vec<u8>> = text
                .chars()
                .filter(|character| !character.is_whitespace())
                .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
                .collect();
            let digits = digits.filter(|digits| digits.len() % 2 == 0);
            let digits = digits.ok_or_else(|| SettingsError::NotHex(text.clone()))?;
            Ok(digits
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
                .collect())
        }
    }
}
