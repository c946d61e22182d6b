//! What a program speaks: what it is asked and what it answers, how both travel, and in which
//! encoding.

use language::text;
use rust_i18n::t;
use wire::Framing;

use crate::carrier::Carrier;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::line_ends;
use crate::misframed::REPR;
use crate::mojibake;
use crate::setting::{Dialect, Header, Service, Setting};
use crate::show;
use crate::stream::ProbeStream;

/// A request and its answer, as bytes without what frames them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// What a person types to have it sent.
    pub(crate) line: String,
    /// What the server is sent.
    pub(crate) request: Vec<u8>,
    /// What it answers.
    pub(crate) answer: Vec<u8>,
    /// The answer as a client shows it, without white space at its end.
    pub(crate) shown: String,
}

/// What the program under test is to speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speech<'a>(&'a Setting);

impl Setting {
    /// What the program under test is to speak.
    pub(crate) fn speech(&self) -> Speech<'_> {
        Speech(self)
    }
}

impl Speech<'_> {
    /// How requests travel.
    pub(crate) fn request(&self) -> Carrier {
        // In the tutorial's dialect a command travels as it is.
        let is_bare = self.0.service == Service::Command && self.0.dialect == Dialect::Tutorial;
        match &self.0.framing {
            Some(pair) => Carrier::Framed(pair.request.clone()),
            None if is_bare => Carrier::Framed(Framing::None),
            None => self.headed(),
        }
    }

    /// How answers travel.
    pub(crate) fn answer(&self) -> Carrier {
        match &self.0.framing {
            Some(pair) => Carrier::Framed(pair.answer.clone()),
            None => self.headed(),
        }
    }

    /// How a message travels with the header of the setting.
    fn headed(&self) -> Carrier {
        let is_ours = self.0.dialect == Dialect::Ours;
        match self.0.header {
            // Lesson 05 has lengths only where it runs commands.
            _ if self.is_echo() || self.0.service == Service::Reply => {
                Carrier::Framed(Framing::None)
            }
            Header::None => Carrier::Framed(Framing::None),
            Header::Struct => Carrier::Framed(Framing::FRAME),
            Header::Json => Carrier::Headed { hashed: is_ours },
            Header::Announce => Carrier::Announced { ended: is_ours },
        }
    }

    /// Whether the answer is made of the request's own bytes, so that each can be followed.
    pub(crate) fn is_echo(&self) -> bool {
        matches!(self.0.service, Service::Upper | Service::Echo)
    }

    /// Whether a request is run as a command.
    pub(crate) fn is_command(&self) -> bool {
        self.0.service == Service::Command
    }

    /// Whether the answer to any word is known.
    pub(crate) fn has_words(&self) -> bool {
        self.is_echo() || self.is_command()
    }

    /// Whether there are requests and answers.
    pub(crate) fn has_answers(&self) -> bool {
        self.has_words() || matches!(self.0.service, Service::Reply | Service::Script)
    }

    /// Whether a request can be sent in pieces, of which each may be a recv.
    pub(crate) fn can_cut_requests(&self) -> bool {
        let request = self.request();
        self.has_answers() && (request.can_be_cut() || self.is_stream())
    }

    /// Whether bytes come back as they go, without messages.
    pub(crate) fn is_stream(&self) -> bool {
        self.is_echo() && !self.request().is_framed() && !self.answer().is_framed()
    }

    /// How many exchanges one connection has.
    pub(crate) fn exchanges(&self) -> usize {
        let ends = |carrier| carrier == Carrier::Framed(Framing::End);
        match self.0.service {
            _ if ends(self.request()) || ends(self.answer()) => 1,
            Service::Script if !self.0.repeatable => self.0.script.len(),
            _ => usize::MAX,
        }
    }

    /// The exchange with this number on a connection, from 0: about this word, or as the script has
    /// it.
    pub(crate) fn exchange(&self, number: usize, word: &str) -> Exchange {
        let scripted = self.0.script.get(number % self.0.script.len().max(1));
        match scripted {
            Some((request, answer)) => self.of(request, answer),
            None => self.of_word(word),
        }
    }

    /// The exchange about this word.
    pub(crate) fn of_word(&self, word: &str) -> Exchange {
        match self.0.service {
            Service::Upper => self.of(word, &word.to_ascii_uppercase()),
            Service::Command => self.of(&format!("echo {word}"), &format!("{word}\n")),
            Service::Reply => self.of(word, &self.0.text.replace("{}", word)),
            _ => self.of(word, word),
        }
    }

    /// An exchange of these two.
    pub(crate) fn of(&self, request: &str, answer: &str) -> Exchange {
        let encode = |text: &str| self.0.encoding.encode(text);
        Exchange {
            line: request.to_owned(),
            request: encode(request),
            answer: encode(answer),
            shown: answer.trim_end().to_owned(),
        }
    }

    /// The exchange about these bytes, which need not be text.
    pub(crate) fn of_bytes(&self, bytes: &[u8]) -> Exchange {
        let answer = match self.0.service {
            Service::Upper => bytes.to_ascii_uppercase(),
            _ => bytes.to_vec(),
        };
        Exchange { line: String::new(), request: bytes.to_vec(), answer, shown: String::new() }
    }

    /// Asks, and expects the answer.
    ///
    /// # Errors
    /// When another comes, or none.
    pub(crate) fn ask(&self, stream: &mut ProbeStream, exchange: &Exchange) -> Outcome {
        self.request().send(stream, &exchange.request)?;
        self.expect(stream, exchange)
    }

    /// Expects what the server says first, unless that was done on this connection.
    fn expect_greeting(&self, stream: &mut ProbeStream) -> Outcome {
        let Some(greeting) = self.0.greeting.as_deref().filter(|_| !stream.is_greeted) else {
            return Ok(());
        };
        stream.is_greeted = true;
        let greeting = self.of(greeting, greeting).answer;
        let came = match self.answer() {
            Carrier::Framed(Framing::None) => return stream.expect(&greeting),
            carrier => carrier.receive(stream, Some(&greeting))?,
        };
        if came == greeting {
            return Ok(());
        }
        let (wanted, actual) = (show::bytes(&greeting), show::bytes(&came));
        Err(Failure::new(
            FailureKind::Mismatch,
            t!("the greeting %{wanted}", wanted = wanted).into_owned(),
            actual,
        ))
    }

    /// Greets a client, if the server of this protocol speaks first.
    ///
    /// # Errors
    /// When an announced greeting is not taken up.
    pub(crate) fn greet(&self, stream: &mut ProbeStream) -> Outcome {
        let Some(greeting) = self.0.greeting.as_deref() else { return Ok(()) };
        self.answer().send(stream, &self.of(greeting, greeting).answer)
    }

    /// Waits for an answer, whatever it is.
    ///
    /// # Errors
    /// When none comes.
    pub(crate) fn receive_answer(&self, stream: &mut ProbeStream) -> Result<Vec<u8>, Failure> {
        self.expect_greeting(stream)?;
        self.answer().receive(stream, None)
    }

    /// Expects the answer to what was asked.
    ///
    /// # Errors
    /// When another comes, or none.
    pub(crate) fn expect(&self, stream: &mut ProbeStream, exchange: &Exchange) -> Outcome {
        self.expect_greeting(stream)?;
        let wanted = exchange.answer.as_slice();
        let carrier = self.answer();
        if !carrier.is_framed() {
            let came = match self.is_command() {
                true => stream.expect_text(wanted),
                false => stream.expect(wanted),
            };
            let arrived = stream.arrived();
            return came.explain(|_| self.unlike(exchange, arrived));
        }
        let came = carrier.receive(stream, Some(wanted))?;
        if came == wanted || self.is_command() && line_ends::is_same_text(&came, wanted) {
            return Ok(());
        }
        let named = |answer: &[u8]| match answer {
            [] => text!("an empty answer").to_owned(),
            answer => t!("the answer %{answer}", answer = show::bytes(answer)).into_owned(),
        };
        let bytes = [carrier.encode(&came), stream.rest()].concat();
        Err(Failure::new(FailureKind::Mismatch, named(wanted), named(&came)))
            .explain(|_| self.unlike(exchange, &came))
            .explain(|_| match &carrier {
                Carrier::Framed(framing) => {
                    crate::misframed::misframed(framing, Some(wanted), &bytes)
                }
                _ => None,
            })
    }

    /// Expects the request of a client.
    ///
    /// # Errors
    /// When another comes, or none.
    pub(crate) fn expect_request(&self, stream: &mut ProbeStream, exchange: &Exchange) -> Outcome {
        let (wanted, carrier) = (exchange.request.as_slice(), self.request());
        if !carrier.is_framed() {
            let came = stream.expect(wanted);
            let arrived = stream.arrived();
            return came
                .explain(|_| self.in_gbk(wanted, arrived))
                .hint(FailureKind::Timeout, NO_LINE)
                .hint(FailureKind::Mismatch, AS_TYPED);
        }
        let came = carrier.receive(stream, Some(wanted)).hint(FailureKind::Timeout, NO_LINE)?;
        if came == wanted {
            return Ok(());
        }
        let failure = Failure::new(FailureKind::Mismatch, show::bytes(wanted), show::bytes(&came));
        Err(failure).explain(|_| self.in_gbk(wanted, &came)).hint_any(AS_TYPED)
    }

    /// What to say of text that should be UTF-8, and is GBK.
    fn in_gbk(&self, wanted: &[u8], came: &[u8]) -> Option<String> {
        let is_utf8 = self.0.encoding == wire::Encoding::default();
        is_utf8.then(|| mojibake::in_gbk(Some(wanted), came)).flatten()
    }

    /// What a wrong answer tells by its bytes.
    fn unlike(&self, exchange: &Exchange, came: &[u8]) -> Option<String> {
        let (wanted, request) = (exchange.answer.as_slice(), exchange.request.as_slice());
        let has = |part: &[u8]| part.len() > 1 && came.windows(part.len()).any(|it| it == part);
        let repr = |text: &[u8]| [b"b'", text.trim_ascii_end()].concat();
        let characters = String::from_utf8_lossy(wanted).chars().count();
        let hint = if came.len() == characters
            && wanted.len() > characters
            && wanted.starts_with(came)
        {
            text!(
                "The length counts characters, and should count bytes: take len() after encode()."
            )
        } else if came.is_empty() || wanted.starts_with(came) {
            return None;
        } else if has(&repr(wanted)) || has(&repr(request)) {
            REPR
        } else if let Some(hint) = self.in_gbk(wanted, came) {
            return Some(hint);
        } else if came.trim_ascii_end() == request.trim_ascii_end() && request != wanted {
            match self.0.service {
                Service::Upper => {
                    text!(
                        "This is the request as it was sent: the letters are to come back in \
                         upper case."
                    )
                }
                _ => {
                    text!(
                        "This is the request as it was sent, and no answer to it: the server \
                         sends back what it gets."
                    )
                }
            }
        } else if came.strip_suffix(b"\n").or(came.strip_suffix(b"\r\n")) == Some(wanted) {
            text!("The answer has a new line too many.")
        } else if wanted.strip_suffix(b"\n") == Some(came) {
            text!(
                "The answer lacks the new line at its end: what a command prints is sent as it is."
            )
        } else if wanted.len() > 1 && (came.starts_with(wanted) || came.ends_with(wanted)) {
            text!(
                "The answer is there, and something more: a greeting, a prompt, or a word of its \
                 own. Send the answer, and nothing else."
            )
        } else {
            return None;
        };
        Some(hint.to_owned())
    }
}

const NO_LINE: &str =
    text!("The client sends nothing, or less. Does it read its lines from standard input?");

const AS_TYPED: &str = text!("The line is sent as it was typed, in UTF-8, without a new line.");
