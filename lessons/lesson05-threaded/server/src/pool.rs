//! `--model pool`: a fixed number of threads, whoever comes.
//!
//! ```text
//!             ┌─ queue ─┐   take   ┌ worker 1 ─ converse
//!  accept ──▶ │ c  d  e │ ───────▶ ├ worker 2 ─ converse
//!             └─────────┘          └ worker 3 ─ converse
//!     full? ──▶ "busy: …", and an orderly end
//! ```
//!
//! Threads are made once, and their number is a limit by itself. What it costs: a worker serves one
//! client until that client leaves, even if it says nothing for minutes.

use std::io;
use std::thread;

use console::{Log, ServerLog};
use crossbeam_channel::{TrySendError, bounded};
use endpoint::{Connection, Listener, check_thread_memory};
use wire::Result;

use crate::{LengthHeaders, Refusals, STACK_SIZE, Totals, serve_one};

/// Serves as many clients at once as there are `workers`, and lets `queue` more wait their turn;
/// the next one is refused. On Ctrl-C it returns as soon as every worker has finished its exchange.
///
/// # Errors
/// When the listening socket itself fails, or the system has not so many threads.
pub fn pool(
    listener: &Listener,
    server_log: &ServerLog,
    headers: LengthHeaders,
    workers: usize,
    queue: usize,
    conversation: impl Fn(&mut Connection, &mut Log) -> Result<()> + Sync,
) -> io::Result<Totals> {
    let (mut totals, conversation) = (Totals::default(), &conversation);
    // The channel is bounded: without a limit, a flood would fill the memory with clients that
    // nobody gets round to.
    let (clients, take) = bounded::<(Connection, Log)>(queue);
    thread::scope(|scope| {
        for number in 1..=workers {
            let take = take.clone();
            let work = move || {
                // The loop ends when the channel is empty and its sender is gone.
                for (connection, log) in take {
                    log.note(format_args!("taken by worker {number}"));
                    serve_one(connection, log, conversation);
                }
            };
            check_thread_memory(STACK_SIZE)?;
            thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, work)?;
        }
        drop(take);
        let refusals = Refusals::start(scope, headers)?;
        // The sender moves in here, so that it is gone when this loop has ended.
        let clients = clients;
        while let Some(connection) = listener.accept()? {
            let log = server_log.connected(&connection);
            match clients.try_send((connection, log)) {
                Ok(()) => totals.served += 1,
                Err(
                    TrySendError::Full((connection, log))
                    | TrySendError::Disconnected((connection, log)),
                ) => {
                    let why = format!("workers: {workers}, places to wait: {queue}, all taken");
                    refusals.refuse(connection, &log, &why);
                    totals.refused += 1;
                }
            }
        }
        Ok(totals)
    })
}
