//! Everything that can be set at the bench, in the form in which a person or a page writes it.

use std::fmt;
use std::str::FromStr;

use language::Language;
use rust_i18n::t;
use serde::{Deserialize, Serialize};
use trace::text::escape_controls;

use crate::comparison::Badge;
use crate::scenario::quoted;

/// The most messages of a play.
pub const MAX_MESSAGES: usize = 8;
/// The most bytes of all messages of a play: each of them is drawn.
pub const MAX_BYTES: usize = 1024;

/// Everything that can be set. What is left out is as in the scenario `hello-world`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What is sent, in turn: at most [`MAX_MESSAGES`], of at most [`MAX_BYTES`] in all.
    pub messages: Vec<Message>,
    /// The framing of the left side, as `wire::Framing` is written.
    #[serde(default = "no_framing")]
    pub broken: String,
    /// The framing of the right side.
    #[serde(default = "frame")]
    pub fixed: String,
    /// The sizes of the reader's recv calls in bytes, in turn; the last one is repeated.
    #[serde(default = "recv_sizes")]
    pub reads: Vec<usize>,
    /// In which pieces the stream is sent.
    #[serde(default)]
    pub delivery: Delivery,
    /// When the reader reads.
    #[serde(default)]
    pub reader: ReaderTime,
    /// What carries the messages.
    #[serde(default)]
    pub transport: Transport,
    /// How many datagrams of a hundred are lost, by chance.
    #[serde(default)]
    pub loss: u8,
    /// What the chance is made from: the same seed loses the same datagrams.
    #[serde(default = "first_seed")]
    pub seed: u64,
    /// The side that is played, if it is only one.
    #[serde(default)]
    pub only: Option<Which>,
}

/// A message, as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// Text, sent as UTF-8.
    Text(String),
    /// Hexadecimal digits, with or without spaces between them.
    Hex(String),
}

/// In which pieces a stream is sent; each piece is one `send`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Delivery {
    /// `together`: all of it at once.
    Together,
    /// `alone`: each message by itself.
    #[default]
    Alone,
    /// `bytes`: each byte by itself.
    Bytes,
    /// `cut:3,7`: cut before these bytes of the stream, counted from 0.
    Cuts(Vec<usize>),
    /// `pause:3`: after so many bytes the sender waits until the reader has taken them, even a late one.
    Pause(usize),
}

/// When the reader reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReaderTime {
    /// After each piece, until nothing is left of it.
    Early,
    /// After everything has been sent.
    #[default]
    Late,
}

/// What carries the messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A stream.
    #[default]
    Tcp,
    /// Datagrams, a message each: then there is no framing, and each is sent by itself.
    Udp,
}

/// Which side of a play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The left one, which takes what one recv returns for all that it wants.
    Broken,
    /// The right one, which reads on until it knows that a message has ended.
    Fixed,
}

impl Which {
    /// What is to be said of its code before all else.
    pub fn badge(self) -> Badge {
        match self {
            Which::Broken => Badge::Broken,
            Which::Fixed => Badge::Fixed,
        }
    }

    /// Its name, as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Which::Broken => "broken",
            Which::Fixed => "fixed",
        }
    }
}

/// A text that names no delivery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(language::spoken()))]
pub struct UnknownDelivery(String);

impl UnknownDelivery {
    /// What may be written instead, for a reader of this language.
    pub fn words(&self, language: Language) -> String {
        t!(
            "no delivery \"%{text}\": write together, alone, bytes, cut:3,7 or pause:3",
            locale = language.name(),
            text = escape_controls(&self.0)
        )
        .into_owned()
    }
}

impl Settings {
    /// These messages, and all else as in the scenario `hello-world`.
    pub fn of(messages: Vec<Message>) -> Settings {
        Settings {
            messages,
            broken: no_framing(),
            fixed: frame(),
            reads: recv_sizes(),
            delivery: Delivery::default(),
            reader: ReaderTime::default(),
            transport: Transport::default(),
            loss: 0,
            seed: first_seed(),
            only: None,
        }
    }

    /// The command that plays the same in a terminal.
    pub fn command(&self) -> String {
        let mut words = vec!["cargo run -p compare --".to_owned()];
        // The two options do not go together, since nobody could say in which order they were meant.
        let any_hex = self.messages.iter().any(|message| matches!(message, Message::Hex(_)));
        words.extend(self.messages.iter().map(|message| match message {
            Message::Text(text) if any_hex => {
                format!("--send-hex {}", quoted(&trace::text::hex(text.as_bytes())))
            }
            Message::Text(text) => format!("--send {}", quoted(text)),
            Message::Hex(digits) => format!("--send-hex {}", quoted(digits)),
        }));
        let reads: Vec<String> = self.reads.iter().map(usize::to_string).collect();
        words.push(format!("--read {}", reads.join(",")));
        match self.transport {
            Transport::Tcp => {
                words.push(format!(
                    "--framing {}",
                    quoted(&format!("{},{}", self.broken, self.fixed))
                ));
                words.push(format!("--deliver {}", self.delivery));
            }
            Transport::Udp => words.push("--udp".to_owned()),
        }
        if self.transport == Transport::Udp && self.loss > 0 {
            words.push(format!("--loss {} --seed {}", self.loss, self.seed));
        }
        if self.reader == ReaderTime::Early {
            words.push("--early".to_owned());
        }
        if let Some(which) = self.only {
            words.push(format!("--only {}", which.name()));
        }
        words.join(" ")
    }
}

fn no_framing() -> String {
    "none".to_owned()
}

fn frame() -> String {
    "<i".to_owned()
}

fn recv_sizes() -> Vec<usize> {
    vec![lesson02_server::LIMIT]
}

fn first_seed() -> u64 {
    1
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Delivery::Together => f.write_str("together"),
            Delivery::Alone => f.write_str("alone"),
            Delivery::Bytes => f.write_str("bytes"),
            Delivery::Cuts(places) => {
                let places: Vec<String> = places.iter().map(usize::to_string).collect();
                write!(f, "cut:{}", places.join(","))
            }
            Delivery::Pause(place) => write!(f, "pause:{place}"),
        }
    }
}

impl FromStr for Delivery {
    type Err = UnknownDelivery;

    fn from_str(text: &str) -> Result<Delivery, UnknownDelivery> {
        let delivery = match text.split_once(':') {
            None if text == "together" => Some(Delivery::Together),
            None if text == "alone" => Some(Delivery::Alone),
            None if text == "bytes" => Some(Delivery::Bytes),
            Some(("cut", places)) => {
                let places = places.split(',').map(|place| place.trim().parse());
                places.collect::<Result<_, _>>().ok().map(Delivery::Cuts)
            }
            Some(("pause", place)) => place.trim().parse().ok().map(Delivery::Pause),
            _ => None,
        };
        delivery.ok_or_else(|| UnknownDelivery(text.to_owned()))
    }
}

impl TryFrom<String> for Delivery {
    type Error = UnknownDelivery;

    fn try_from(text: String) -> Result<Delivery, UnknownDelivery> {
        text.parse()
    }
}

impl From<Delivery> for String {
    fn from(delivery: Delivery) -> String {
        delivery.to_string()
    }
}
