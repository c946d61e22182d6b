//! Finds out what a program speaks, when the very first exchange has failed.
//!
//! ```text
//!           what is expected
//!                 │
//! connect ─▶ ask in one framing ─▶ recognise ─▶ confirm ─▶ Speaks ─▶ a sentence
//!    ▲            │ silence, an end, or an answer that nobody knows
//!    └────────────┘ the next framing
//! ```
//!
//! A claim needs evidence: an answer that chance cannot make, made twice, and the other framings that
//! could have caused it tried and excluded. Where there is none, the sentence says that it does not know.

mod client;
mod expectation;
mod recognise;
mod server;
mod speaks;
mod under_test;

use std::net::SocketAddr;

use crate::discover::client::of_client;
use crate::discover::expectation::{Expectation, Pace};
use crate::discover::server::of_server;
pub(crate) use crate::discover::speaks::says_nothing;
use crate::discover::under_test::{ClientUnderTest, ServerUnderTest};
use crate::setting::Setting;

/// What a server that runs at this address speaks instead of what it should, as a sentence.
pub(crate) fn running(address: SocketAddr, setting: &Setting, is_any: bool) -> Option<String> {
    let mut server = ServerUnderTest::Running(address);
    of_server(&mut server, &Expectation::of(setting, is_any)?, Pace::of(setting.patience))
}

/// What a server that is started so speaks.
pub(crate) fn started(words: &[String], setting: &Setting, is_any: bool) -> Option<String> {
    let mut server = ServerUnderTest::Started { words, setting, server: None };
    of_server(&mut server, &Expectation::of(setting, is_any)?, Pace::of(setting.patience))
}

/// What a client that is started so speaks.
pub(crate) fn client(words: &[String], setting: &Setting, is_any: bool) -> Option<String> {
    let mut client = ClientUnderTest { words, setting };
    of_client(&mut client, &Expectation::of(setting, is_any)?, Pace::of(setting.patience))
}
