//! The programs under test, as what is found out needs them.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use language::text;
use wire::FramingPair;

use crate::client::Client;
use crate::discover::client::{CallingClient, Exchanged};
use crate::discover::expectation::{Expectation, ExpectedExchange};
use crate::discover::recognise::AnswerKind;
use crate::discover::server::ServedConnection;
use crate::port::Transport;
use crate::record::Record;
use crate::server::Server;
use crate::setting::{Service, Setting};
use crate::speech::Exchange;

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

impl Expectation {
    /// What a program with this setting should speak, for a lesson or for `any`; `None` where nothing
    /// else is looked for.
    pub(crate) fn of(setting: &Setting, is_any: bool) -> Option<Expectation> {
        let speech = setting.speech();
        let (answers, exchange) = match setting.service {
            Service::Upper => (AnswerKind::Upper, None),
            Service::Echo => (AnswerKind::Echo, None),
            Service::Command => (AnswerKind::Command, None),
            Service::Reply => {
                (AnswerKind::Expected, Some(ExpectedExchange::Reply(setting.text.clone())))
            }
            Service::Script => {
                let Exchange { request, answer, .. } = speech.exchange(0, "");
                (AnswerKind::Expected, Some(ExpectedExchange::Script { request, answer }))
            }
            _ => return None,
        };
        let framings = match (speech.request().framing(), speech.answer().framing()) {
            (Some(request), Some(answer)) => Some(FramingPair { request, answer }),
            _ => None,
        };
        let is_greeted = setting.greeting.is_some();
        Some(Expectation { framings, answers, exchange, is_greeted, is_any })
    }
}

/// A server that runs already, or one that is started when it is needed.
pub(crate) enum ServerUnderTest<'a> {
    /// Here.
    Running(SocketAddr),
    /// From these words of a command line.
    Started {
        /// The program and its arguments.
        words: &'a [String],
        /// What it is to speak.
        setting: &'a Setting,
        /// The one that runs.
        server: Option<Box<Server>>,
    },
}

impl ServedConnection for ServerUnderTest<'_> {
    fn connect(&mut self) -> Option<TcpStream> {
        let address = match self {
            ServerUnderTest::Running(address) => *address,
            ServerUnderTest::Started { words, setting, server } => {
                if server.as_ref().is_none_or(|server| server.has_ended()) {
                    let record = Record::new(setting.patience, setting.patience);
                    let random = fastrand::Rng::with_seed(setting.seed);
                    let started = Server::start(words, Transport::Tcp, setting, record, random);
                    *server = started.ok().map(Box::new);
                }
                server.as_ref()?.address()
            }
        };
        TcpStream::connect_timeout(&address, CONNECT_TIMEOUT).ok()
    }

    fn restart(&mut self) {
        if let ServerUnderTest::Started { server, .. } = self {
            *server = None;
        }
    }
}

/// A client that is started for each line.
#[derive(Debug)]
pub(crate) struct ClientUnderTest<'a> {
    /// The program and its arguments.
    pub(crate) words: &'a [String],
    /// What it is to speak.
    pub(crate) setting: &'a Setting,
}

impl CallingClient for ClientUnderTest<'_> {
    fn exchange(&mut self, line: &str, answer: Option<(&[u8], &str)>) -> Option<Exchanged> {
        // Nothing of this is waited for as long as for what is expected.
        let patience = self.setting.patience / 4;
        let record = Record::new(patience, self.setting.patience);
        let random = fastrand::Rng::with_seed(self.setting.seed);
        let client = Client::new(self.words, self.setting, record, random);
        let mut stream = client.start().ok()?.stream;
        client.types(line);
        let first = stream.receive_some(text!("what is sent for a line")).unwrap_or_default();
        let came = [first, stream.rest()].concat();
        let is_shown = answer.is_some_and(|(bytes, text)| {
            stream.send(bytes);
            client.shows(text).is_ok()
        });
        let goes_on = is_shown && {
            client.types(line);
            stream.receive_some(text!("what is sent for the next line")).is_ok()
        };
        Some(Exchanged { came, is_shown, goes_on })
    }
}
