//! What is tried with any bytes: every reader of what a peer, a person or a file may send.
//!
//! A target is a function of some bytes. It panics where its oracle does not hold: two ways of reading agree, or
//! what was encoded decodes. `scripts/fuzz` gives them to libFuzzer; the test of this package runs each with its
//! seeds. A target's file and its folder of seeds have the same name.
#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a target that panics has found something"
)]

mod address;
mod choices;
mod command;
mod datagram_links;
mod decoder;
mod fault_specs;
mod frames_view;
mod framing;
mod lab_request;
mod lesson03;
mod lesson07;
mod lesson08_client;
mod lesson08_pair;
mod lesson08_server;
mod lesson09_packet;
mod lesson09_receiver;
mod lesson09_sender;
mod lesson09_transfer;
mod message;
mod names;
mod opening;
mod pieces;
mod program_output;
mod stream_links;

/// What is run for each input of the fuzzer.
pub type Target = fn(&[u8]);

/// The targets and their names.
pub const TARGETS: &[(&str, Target)] = &[
    ("address", address::run),
    ("opening", opening::run),
    ("decoder", decoder::run),
    ("framing", framing::run),
    ("message", message::run),
    ("lesson03", lesson03::run),
    ("lesson07", lesson07::run),
    ("lesson08_server", lesson08_server::run),
    ("lesson08_client", lesson08_client::run),
    ("lesson08_pair", lesson08_pair::run),
    ("lesson09_packet", lesson09_packet::run),
    ("lesson09_receiver", lesson09_receiver::run),
    ("lesson09_sender", lesson09_sender::run),
    ("lesson09_transfer", lesson09_transfer::run),
    ("frames_view", frames_view::run),
    ("fault_specs", fault_specs::run),
    ("stream_links", stream_links::run),
    ("datagram_links", datagram_links::run),
    ("command", command::run),
    ("names", names::run),
    ("program_output", program_output::run),
    ("lab_request", lab_request::run),
];
