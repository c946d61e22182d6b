//! Probes, and the tables that hold them.

use std::borrow::Cow;

use rust_i18n::t;
use wire::FramingPair;

use crate::client::Client;
use crate::failure::Outcome;
use crate::folder::Files;
use crate::order::topic;
use crate::port::Transport;
use crate::server::Server;
use crate::setting::{Dialect, Header, Service, Setting};

/// The probes of one lesson.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// The lesson's number; 0 for any protocol.
    pub number: u16,
    /// What its programs speak, in a few words.
    pub subject: &'static str,
    /// The services that can be tried; the first is the default.
    pub services: &'static [Service],
    /// The headers that can be tried; the first is the default.
    pub headers: &'static [Header],
    /// How its bytes travel.
    pub transport: Transport,
    /// Its probes, in the order of their ids.
    pub probes: Vec<Probe>,
}

/// One requirement, and how to try it.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// Its topic, a stroke, and what it tries: `cuts/length-after-1-byte`. Together with the lesson and
    /// the side this is its key, which never changes.
    pub id: &'static str,
    /// What a program has to do, in one sentence.
    pub requirement: &'static str,
    /// How to find out.
    pub run: Run,
    /// Whether this can be asked of a program that speaks so; `None` if always.
    pub condition: Option<fn(&Setting) -> bool>,
}

/// Which side of a connection a probe is about, and what it does.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// It tries a server.
    Server(fn(&Server) -> Outcome),
    /// It tries a client.
    Client(fn(&Client) -> Outcome),
}

/// Which side of a connection is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The one that listens.
    Server,
    /// The one that connects.
    Client,
}

impl Lesson {
    /// `lesson03`, or `any`.
    pub fn name(&self) -> String {
        match self.number {
            0 => "any".to_owned(),
            number => format!("lesson{number:02}"),
        }
    }

    /// The probes that can be asked of some program, and not only of one that a person describes in a
    /// way of their own: for the list of them.
    pub fn listed(&self) -> Vec<&Probe> {
        let settings = self.settings();
        let is_asked = |probe: &&Probe| settings.iter().any(|setting| probe.applies(setting));
        self.probes.iter().filter(is_asked).collect()
    }

    /// Each way in which its programs may speak.
    fn settings(&self) -> Vec<Setting> {
        let framings: &[&str] =
            &["none", "<i", ">I+self", "digits:10", "until:0D0A", "line", "json:<i:size"];
        let framings: Vec<Option<FramingPair>> = match self.is_any() {
            true => framings.iter().map(|text| text.parse().ok()).collect(),
            false => vec![None],
        };
        let mut settings = Vec::new();
        for &service in self.services {
            for &header in self.headers {
                for dialect in [Dialect::Ours, Dialect::Tutorial] {
                    settings.extend(framings.iter().map(|framing| Setting {
                        header,
                        dialect,
                        // The judge sees them, as it must for some of the requirements.
                        files: Files::Fresh,
                        framing: framing.clone(),
                        ..Setting::new(service)
                    }));
                }
            }
        }
        settings
    }

    /// Whether the command line says what is spoken.
    pub fn is_any(&self) -> bool {
        self.number == 0
    }
}

/// A probe of a server.
pub(crate) fn server(
    id: &'static str,
    requirement: &'static str,
    run: fn(&Server) -> Outcome,
) -> Probe {
    Probe { id, requirement, run: Run::Server(run), condition: None }
}

/// A probe of a client.
pub(crate) fn client(
    id: &'static str,
    requirement: &'static str,
    run: fn(&Client) -> Outcome,
) -> Probe {
    Probe { id, requirement, run: Run::Client(run), condition: None }
}

impl Probe {
    /// The same probe, for some settings only.
    #[must_use]
    pub fn when(self, condition: fn(&Setting) -> bool) -> Probe {
        Probe { condition: Some(condition), ..self }
    }

    /// The same, unless the probe has a condition of its own: for all probes of a table.
    #[must_use]
    pub fn default_condition(self, condition: fn(&Setting) -> bool) -> Probe {
        Probe { condition: self.condition.or(Some(condition)), ..self }
    }

    /// Whether this can be asked of a program that speaks so.
    pub fn applies(&self, setting: &Setting) -> bool {
        self.condition.is_none_or(|condition| condition(setting))
    }

    /// What several probes try in the same way: `cuts`.
    pub fn topic(&self) -> &'static str {
        topic(self.id)
    }

    /// Whether this is its id or its topic.
    pub fn is_named(&self, name: &str) -> bool {
        self.id == name || self.topic() == name
    }

    /// The side that it tries.
    pub fn side(&self) -> Side {
        match self.run {
            Run::Server(_) => Side::Server,
            Run::Client(_) => Side::Client,
        }
    }
}

impl Side {
    /// `server` or `client`, in the language that is spoken.
    pub(crate) fn spoken(self) -> Cow<'static, str> {
        match self {
            Side::Server => t!("server"),
            Side::Client => t!("client"),
        }
    }

    /// `server` or `client`.
    pub fn name(self) -> &'static str {
        match self {
            Side::Server => "server",
            Side::Client => "client",
        }
    }
}
