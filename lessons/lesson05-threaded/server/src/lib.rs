//! # Lesson 05: threaded server, the server
//!
//! Lessons 01 to 03 serve one client at a time: while it is connected, everyone else waits. Here is
//! the same conversation under four ways to share a server, of which this file has the first two:
//! `--model serial` (the problem) and `thread` (the tutorial's answer: a thread for each client).
//! `pool.rs` is a fixed number of threads, `event.rs` does without them, and `datagrams.rs` is what
//! becomes of all this over UDP.
//!
//! ```text
//! terminal 1:  cargo run -p lesson05-server
//! terminal 2:  cargo run -p lesson05-client
//!              >>: hello
//!              HELLO
//! terminal 3:  cargo run -p lesson05-client     (is answered too; under `-- --model serial` it waits)
//! ```

pub mod datagrams;
pub mod event;
pub mod pool;
mod refusal;

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use command::Runner;
use endpoint::{Connection, Listener, Log};
use trace::Observer;
use wire::Result;

pub use refusal::Refusals;

/// How many bytes one `recv` may return at most, where messages have no length.
pub const RECV_SIZE: usize = 1024;

/// How much stack a client's thread may use, in bytes. It is only reserved; memory is taken for what
/// is touched.
pub const STACK_SIZE: usize = 256 * 1024;

/// What the server does for a client.
#[derive(Debug, Clone)]
pub enum Service {
    /// Answers with the request in upper case (ASCII letters only).
    Upper,
    /// Answers every request with this text, in which `{}` stands for the request.
    Reply(String),
    /// Runs the request as a command, and answers with what it prints.
    Command(Runner),
}

/// How it can be told where a message ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Not at all: what one `recv` returns is taken for a message.
    None,
    /// Each answer has its length in front, and requests have none, as in the tutorial.
    Answers,
    /// Each message has its length in front.
    All,
}

/// What became of those who called (over UDP: of the datagrams).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// How many were served.
    pub served: usize,
    /// How many were told to come back later, or, over UDP, dropped without a word.
    pub refused: usize,
}

/// The answer to one request: bytes in, bytes out. TCP, UDP and the event loop share it.
pub fn answer(request: &[u8], service: &Service) -> Vec<u8> {
    match service {
        Service::Upper => request.to_ascii_uppercase(),
        // On bytes, not on text: a request that was cut inside a character goes back as it came.
        Service::Reply(text) => {
            text.split("{}").map(str::as_bytes).collect::<Vec<_>>().join(request)
        }
        Service::Command(runner) => runner.answer(request),
    }
}

/// Receives one request of at most `limit` bytes; `None` when the client has ended the stream.
///
/// # Errors
/// When the connection breaks, a wait takes too long, or a length is none.
pub fn receive(stream: &mut impl Read, framing: Framing, limit: usize) -> Result<Option<Vec<u8>>> {
    if framing == Framing::All {
        return wire::read_frame(stream, limit);
    }
    // BROKEN: one recv is taken for one request, as in lesson 01. `--service command` is not, since
    // lesson 03: there each message has its length in front.
    let mut request = vec![0; RECV_SIZE.min(limit)];
    let got = stream.read(&mut request)?;
    request.truncate(got);
    Ok((got > 0).then_some(request))
}

/// Sends one answer.
///
/// # Errors
/// When the connection breaks, or the client does not read in time.
pub fn send(stream: &mut impl Write, framing: Framing, answer: &[u8]) -> Result<()> {
    match framing {
        Framing::None => Ok(stream.write_all(answer)?),
        Framing::Answers | Framing::All => wire::write_frame(stream, answer),
    }
}

/// Talks to one client until it has no more requests: the second of the two loops of a TCP server.
///
/// # Errors
/// When a message cannot be received or sent.
pub fn converse(
    stream: &mut (impl Read + Write),
    service: &Service,
    framing: Framing,
    limit: usize,
    observer: &mut impl Observer,
) -> Result<()> {
    while let Some(request) = receive(stream, framing, limit)? {
        observer.received(&request);
        let reply = answer(&request, service);
        send(stream, framing, &reply)?;
        observer.sent(&reply);
    }
    Ok(())
}

/// `--model serial`: the loop over connections waits for the loop within one. The next client is
/// connected by the kernel, waits in the accept queue, and hears nothing. Returns on Ctrl-C.
///
/// # Errors
/// When the listening socket itself fails.
pub fn serial(
    listener: &Listener,
    conversation: impl Fn(&mut Connection, &mut Log) -> Result<()>,
) -> io::Result<Report> {
    let mut report = Report::default();
    while let Some((mut connection, mut log)) = listener.accept()? {
        report.served += 1;
        // BROKEN: whoever comes next waits here until this client leaves, even if it says nothing.
        let outcome = conversation(&mut connection, &mut log);
        drop(connection);
        log.closed(&outcome);
    }
    Ok(report)
}

/// `--model thread`: a thread for each client, so that only the loop over connections is left here.
/// On Ctrl-C it returns as soon as every thread has finished its exchange.
///
/// # Errors
/// When the listening socket itself fails.
pub fn threads(
    listener: &Listener,
    framing: Framing,
    conversation: impl Fn(&mut Connection, &mut Log) -> Result<()> + Sync,
) -> io::Result<Report> {
    let (mut report, busy) = (Report::default(), AtomicUsize::new(0));
    let (busy, conversation, limits) = (&busy, &conversation, &listener.policy().limits);
    // A scope ends when all threads in it have ended: none is left behind, none is forgotten.
    thread::scope(|scope| {
        let refusals = Refusals::start(scope, framing)?;
        while let Some((mut connection, mut log)) = listener.accept()? {
            // Threads are not free: without a limit, whoever connects often enough has them all.
            if busy.load(Ordering::Relaxed) >= limits.max_connections {
                let why = refusal::all_taken(limits.max_connections);
                refusals.refuse(connection, &log, &why);
                report.refused += 1;
                continue;
            }
            busy.fetch_add(1, Ordering::Relaxed);
            let thread = move || {
                let outcome = conversation(&mut connection, &mut log);
                drop(connection);
                log.closed(&outcome);
                busy.fetch_sub(1, Ordering::Relaxed);
            };
            let started = thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, thread);
            match started {
                Ok(_) => report.served += 1,
                // The connection went with the thread that could not be had, so it is closed.
                Err(error) => {
                    busy.fetch_sub(1, Ordering::Relaxed);
                    report.refused += 1;
                    endpoint::warn(format_args!("no thread for a client: {error}; it was closed"));
                }
            }
        }
        Ok(report)
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "served: {}, refused: {}", self.served, self.refused)
    }
}
