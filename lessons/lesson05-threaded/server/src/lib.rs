//! # Lesson 05: threaded server, the server
//!
//! Lessons 01 to 03 serve one client at a time: while it is connected, everyone else waits. Here is
//! the same conversation under four ways to share a server, of which this file has the first two:
//! `--model serial` (the problem) and `thread` (the tutorial's answer: a thread for each client).
//! `pool.rs` is a fixed number of threads, `event.rs` does without them, and `datagrams.rs` is what
//! becomes of all this over UDP. How a message comes in and goes out is in `message.rs`, and what a
//! client is told for whom there is no room in `refusal.rs`.
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
mod message;
pub mod pool;
mod refusal;

use std::fmt;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use command::{Answer, Runner};
use console::{Log, ServerLog};
use endpoint::{Connection, Listener, check_thread_memory};
use trace::Observer;
use wire::Result;

pub use message::{LengthHeaders, RECV_SIZE, receive, send};
pub use refusal::Refusals;

/// The stack of a client's thread, in bytes. It is address space that is reserved; memory is taken
/// for what is touched.
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

/// How many clients (over UDP: datagrams) there have been.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many were served.
    pub served: usize,
    /// How many were told to come back later, or, over UDP, dropped without a word.
    pub refused: usize,
}

/// The answer to one request: bytes in, bytes out. TCP, UDP and the event loop share it. What commands
/// answer counts, until it is dropped, among what the server keeps for all its clients together.
pub fn answer(request: &[u8], service: &Service) -> Answer {
    match service {
        Service::Upper => request.to_ascii_uppercase().into(),
        // On bytes, not on text: a request that was cut inside a character goes back as it came.
        Service::Reply(text) => {
            text.split("{}").map(str::as_bytes).collect::<Vec<_>>().join(request).into()
        }
        Service::Command(runner) => runner.answer(request),
    }
}

/// Talks to one client until it has no more requests: the second of the two loops of a TCP server.
///
/// # Errors
/// When a message cannot be received or sent.
pub fn converse(
    stream: &mut (impl Read + Write),
    service: &Service,
    headers: LengthHeaders,
    limit: usize,
    observer: &mut impl Observer,
) -> Result<()> {
    while let Some(request) = receive(stream, headers, limit)? {
        observer.received(&request);
        let reply = answer(&request, service);
        send(stream, headers, &reply)?;
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
    server_log: &ServerLog,
    conversation: impl Fn(&mut Connection, &mut Log) -> Result<()>,
) -> io::Result<Totals> {
    let mut totals = Totals::default();
    while let Some(connection) = listener.accept()? {
        let log = server_log.connected(&connection);
        totals.served += 1;
        // BROKEN: whoever comes next waits here until this client leaves, even if it says nothing.
        serve_one(connection, log, &conversation);
    }
    Ok(totals)
}

/// `--model thread`: a thread for each client, so that only the loop over connections is left here.
/// On Ctrl-C it returns as soon as every thread has finished its exchange. Later lessons call
/// `endpoint::crowd` for this.
///
/// # Errors
/// When the listening socket itself fails.
pub fn threads(
    listener: &Listener,
    server_log: &ServerLog,
    headers: LengthHeaders,
    conversation: impl Fn(&mut Connection, &mut Log) -> Result<()> + Sync,
) -> io::Result<Totals> {
    let (mut totals, taken) = (Totals::default(), AtomicUsize::new(0));
    let (taken, conversation, limits) = (&taken, &conversation, &listener.policy().limits);
    // A scope ends when all threads in it have ended: none is left behind, none is forgotten.
    thread::scope(|scope| {
        let refusals = Refusals::start(scope, headers)?;
        while let Some(connection) = listener.accept()? {
            let log = server_log.connected(&connection);
            // Threads are not free: without a limit, whoever connects often enough has them all.
            let Some(place) = Place::take(taken, limits.max_connections) else {
                refusals.refuse(connection, &log, &refusal::all_taken(limits.max_connections));
                totals.refused += 1;
                continue;
            };
            let thread = move || {
                let _place = place;
                serve_one(connection, log, conversation);
            };
            // A thread that begins without any memory left would end the whole process.
            let started = check_thread_memory(STACK_SIZE).and_then(|()| {
                thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, thread)
            });
            match started {
                Ok(_) => totals.served += 1,
                // The connection and its place went with the thread that could not be had.
                Err(error) => {
                    totals.refused += 1;
                    console::warn(format_args!("no thread for a client: {error}; it was closed"));
                }
            }
        }
        Ok(totals)
    })
}

/// A client's place among those that are served at the same time. To drop it is to give it back,
/// whatever the reason: the conversation has ended, or panicked, or there is no thread for it.
struct Place<'a> {
    taken: &'a AtomicUsize,
}

impl Place<'_> {
    /// Takes a place; `None` when `limit` are taken.
    fn take(taken: &AtomicUsize, limit: usize) -> Option<Place<'_>> {
        // Only the thread that accepts takes places, so none is taken between these two lines.
        (taken.load(Ordering::Relaxed) < limit).then(|| {
            taken.fetch_add(1, Ordering::Relaxed);
            Place { taken }
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Has the conversation with one client, closes the connection, and writes how it ended.
fn serve_one(
    mut connection: Connection,
    mut log: Log,
    conversation: &impl Fn(&mut Connection, &mut Log) -> Result<()>,
) {
    // A bug that panics ends this client, and neither the worker of a pool nor the whole server.
    let outcome = catch_unwind(AssertUnwindSafe(|| conversation(&mut connection, &mut log)));
    drop(connection);
    match outcome {
        Ok(outcome) => log.closed(&outcome),
        Err(_) => log.note("closed: this server has a bug; it is on standard error"),
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "served: {}, refused: {}", self.served, self.refused)
    }
}
