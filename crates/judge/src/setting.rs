//! What the program under test is to speak: the same words as the lessons' own options.

use std::net::SocketAddr;
use std::time::Duration;

use clap::ValueEnum;
use serde::{Serialize, Serializer};
use wire::{Encoding, FramingPair};

use crate::folder::Files;

/// What holds for all probes of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// What the server does for its clients.
    pub service: Service,
    /// The text of [`Service::Reply`] and [`Service::Greet`].
    pub text: String,
    /// How a message says its length.
    pub header: Header,
    /// Where messages end, if the lesson does not say so: `--framing`.
    #[serde(serialize_with = "as_text")]
    pub framing: Option<FramingPair>,
    /// What is sent and what is answered, in this order on each connection: [`Service::Script`].
    pub script: Vec<(String, String)>,
    /// Whether the script may go on from its beginning.
    pub repeatable: bool,
    /// What the server says before anything else.
    pub greeting: Option<String>,
    /// What the server does beyond its protocol: `--promise`.
    #[serde(skip)]
    pub promises: Vec<Promise>,
    /// The encoding of requests and answers.
    #[serde(skip)]
    pub encoding: Encoding,
    /// Whose bytes are spoken, where the tutorial's and this project's differ.
    pub dialect: Dialect,
    /// Where the files are that the program keeps.
    #[serde(skip)]
    pub files: Files,
    /// Chooses the places at which messages are cut.
    pub seed: u64,
    /// Where a proxy under test finds its upstream, which the judge plays; `None` for a free port.
    #[serde(skip)]
    pub upstream: Option<SocketAddr>,
    /// How long an expectation waits.
    #[serde(skip)]
    pub patience: Duration,
}

/// What a server does beyond its protocol. Nobody can know of it who is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// `clients=100`: so many are served at once, and the next one is told that there is no room.
    Clients(usize),
    /// `silence=3s`: a client that says nothing for so long is sent away.
    Silence(Duration),
    /// `ctrl-c`: it ends in order when somebody presses Ctrl-C.
    CtrlC,
}

/// What a server does for its clients. Not every lesson has each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Answers with the request in upper case.
    Upper,
    /// Answers with the request itself.
    Echo,
    /// Answers every request with --text, in which {} stands for the request.
    Reply,
    /// Sends --text to who connects, and closes.
    Greet,
    /// Runs the request as a command, and answers with its output.
    Command,
    /// Prints each message, and answers nothing.
    Messages,
    /// Leads each client to an upstream, and passes on what they say: lesson 06.
    Relay,
    /// Shows the frames that a client films: lesson 07.
    Video,
    /// Keeps files: lesson 08.
    Files,
    /// Answers as `--send` and `--expect` say.
    #[value(skip)]
    Script,
}

/// How a message says its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Header {
    /// 4 bytes, little-endian.
    #[default]
    Struct,
    /// Digits and a new line, then a handshake.
    Announce,
    /// 4 bytes that count a JSON header, which says the rest.
    Json,
    /// It does not: lesson 02.
    #[value(skip)]
    None,
}

/// Whose bytes are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// This project's.
    #[default]
    Ours,
    /// Those of the tutorial's Python programs.
    Tutorial,
}

impl Setting {
    /// A lesson's own: its first service, the default header.
    pub fn new(service: Service) -> Setting {
        Setting {
            service,
            text: String::new(),
            header: Header::default(),
            framing: None,
            script: Vec::new(),
            repeatable: false,
            greeting: None,
            promises: Vec::new(),
            encoding: Encoding::default(),
            dialect: Dialect::default(),
            files: Files::default(),
            seed: 1,
            upstream: None,
            patience: Duration::from_secs(2),
        }
    }
}

/// A framing in the words of the command line.
fn as_text<S: Serializer>(framing: &Option<FramingPair>, serializer: S) -> Result<S::Ok, S::Error> {
    framing.as_ref().map(FramingPair::to_string).serialize(serializer)
}
