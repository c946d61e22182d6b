//! What a program should have spoken, and how long may be waited for what it speaks instead.

use std::time::{Duration, Instant};

use wire::{Framing, FramingPair};

use crate::discover::recognise::AnswerKind;

/// What the program under test should have spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// How both directions are framed; `None` where a handshake announces each length.
    pub(crate) framings: Option<FramingPair>,
    /// What an answer is to its request.
    pub(crate) answers: AnswerKind,
    /// What [`AnswerKind::Expected`] is.
    pub(crate) exchange: Option<ExpectedExchange>,
    /// Whether the server speaks first.
    pub(crate) is_greeted: bool,
    /// Whether the framings are a person's own (`judge any`), and no lesson's.
    pub(crate) is_any: bool,
}

/// A request and its answer where no service says what that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpectedExchange {
    /// This request has this answer.
    Script { request: Vec<u8>, answer: Vec<u8> },
    /// Any request is answered with this text, in which `{}` stands for the request.
    Reply(String),
}

impl Expectation {
    /// How requests are framed, where something does.
    pub(crate) fn request(&self) -> Option<&Framing> {
        self.framings.as_ref().map(|pair| &pair.request)
    }
}

/// How long to wait for an answer, and for all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// For an answer that most ways of asking do not get.
    pub(crate) brief: Duration,
    /// For an answer that something depends on.
    pub(crate) long: Duration,
    /// The end of the last wait.
    pub(crate) end: Instant,
}

impl Pace {
    /// For a program for which the judge has this patience: with its 2 s, 5 s in all.
    pub(crate) fn of(patience: Duration) -> Pace {
        Pace { brief: patience / 16, long: patience / 4, end: Instant::now() + patience * 5 / 2 }
    }

    /// Whether the time is up.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }
}
