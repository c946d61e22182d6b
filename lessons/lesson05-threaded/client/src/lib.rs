//! # Lesson 05: threaded server, the client
//!
//! A server with many clients has bad days: it is full, it is restarted, it ends in the middle of
//! an answer. This client takes none of that for an answer, and comes back: `ask` in this file is
//! one exchange, and `session.rs` is what is done when it fails. Over UDP
//! (`--udp`) it asks as lesson 04's client does.
//!
//! ```text
//! terminal 1:  cargo run -p lesson05-server
//! terminal 2:  cargo run -p lesson05-client
//!              >>: hello
//!              HELLO
//!              (end the server with Ctrl-C)
//!              >>: hello again
//!              … trying again in 107ms (1 of 10)
//!              … trying again in 231ms (2 of 10)
//!              (start the server again)
//!              HELLO AGAIN
//! ```
//!
//! The pauses are in `backoff.rs`, what can come instead of an answer in `error.rs`, and how a
//! server says that it has no room in `refusal.rs`.

mod backoff;
mod error;
mod refusal;
mod session;

use std::io::{Read, Write};

use console::Dialect;
use trace::Observer;

pub use backoff::Backoff;
pub use error::Error;
pub use session::Session;

/// How many bytes one `recv` may return at most, where answers have no length.
pub const RECV_SIZE: usize = 1024;

/// How many bytes of a request are sent before the answer to them is received. The socket buffers
/// of the usual systems hold as many.
const CHUNK_SIZE: usize = 64 * 1024;

/// What the server does with a request. From that follows where an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Sends the request back in upper case, so an answer is as long as its request.
    Upper,
    /// Answers as it likes, and nothing says where the answer ends.
    Reply,
    /// Runs the request as a command. Each message has its length in front; in the tutorial's
    /// dialect only an answer has.
    Command(Dialect),
}

/// Sends one request and takes its answer, of at most `limit` bytes.
///
/// # Errors
/// When there is no answer: [`Error`] says why not. The stream is of no use any more then.
pub fn ask(
    stream: &mut (impl Read + Write),
    service: Service,
    request: &[u8],
    limit: usize,
    observer: &mut impl Observer,
) -> Result<Vec<u8>, Error> {
    let answer = match service {
        Service::Upper => ask_upper(stream, request, limit, observer)?,
        Service::Reply => {
            stream.write_all(request)?;
            observer.sent(request);
            let answer = receive_once(stream, limit)?;
            refusal::check_answer(stream, answer)?
        }
        Service::Command(dialect) => {
            send_command(stream, dialect, request)?;
            observer.sent(request);
            let answer = wire::read_frame(stream, limit)?.ok_or(Error::Ended)?;
            refusal::check_answer(stream, answer)?
        }
    };
    observer.received(&answer);
    Ok(answer)
}

/// An answer that is as long as its request needs no length in front, and no mark at its end: its
/// bytes are counted, and however they were cut on their way, none is missing and none is too many.
fn ask_upper(
    stream: &mut (impl Read + Write),
    request: &[u8],
    limit: usize,
    observer: &mut impl Observer,
) -> Result<Vec<u8>, Error> {
    check_length(request.len(), limit)?;
    let mut answer = Vec::with_capacity(request.len());
    // The server answers while we still send. If we did not read until all is sent, and the buffers
    // of both kernels filled up, each side would wait for the other to read.
    for chunk in request.chunks(CHUNK_SIZE) {
        stream.write_all(chunk)?;
        if answer.len() + chunk.len() == request.len() {
            observer.sent(request);
        }
        answer.extend(receive_upper(stream, &chunk.to_ascii_uppercase())?);
    }
    Ok(answer)
}

/// Receives as many bytes as `expected` has, and they have to be these.
fn receive_upper(stream: &mut impl Read, expected: &[u8]) -> Result<Vec<u8>, Error> {
    let mut answer = Vec::with_capacity(expected.len());
    while answer.len() < expected.len() {
        // Never more than is missing: what follows would belong to the next answer.
        let mut some = vec![0; RECV_SIZE.min(expected.len() - answer.len())];
        let got = stream.read(&mut some)?;
        if got == 0 {
            return Err(Error::Ended);
        }
        some.truncate(got);
        answer.extend(some);
        if !expected.starts_with(&answer) {
            return Err(refusal::not_upper(stream, answer));
        }
    }
    Ok(answer)
}

/// Receives what there is, because nobody can know whether that is all.
fn receive_once(stream: &mut impl Read, limit: usize) -> Result<Vec<u8>, Error> {
    // BROKEN: one recv is taken for one answer, as in lesson 01.
    let mut answer = vec![0; RECV_SIZE];
    let got = stream.read(&mut answer)?;
    answer.truncate(got);
    check_length(got, limit)?;
    if got == 0 { Err(Error::Ended) } else { Ok(answer) }
}

fn send_command(stream: &mut impl Write, dialect: Dialect, request: &[u8]) -> Result<(), Error> {
    match dialect {
        Dialect::Ours => Ok(wire::write_frame(stream, request)?),
        Dialect::Tutorial if request.len() > RECV_SIZE => {
            Err(Error::TooLong { length: request.len(), limit: RECV_SIZE })
        }
        // BROKEN: nothing says where the request ends; the server takes what one recv returns.
        Dialect::Tutorial => Ok(stream.write_all(request)?),
    }
}

fn check_length(length: usize, limit: usize) -> Result<(), wire::Error> {
    match length > limit {
        true => Err(wire::Error::TooLarge { length: length as u64, limit: limit as u64, at: 0 }),
        false => Ok(()),
    }
}
