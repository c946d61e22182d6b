//! Ctrl-C: no new clients, no new exchanges, and the current ones finish.

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::Socket;

use crate::Error;
use crate::address::reachable;
use crate::connection::Progress;

/// The request to stop, shared by everything that waits. A clone is the same request.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    requested: AtomicBool,
    waiting: Mutex<Waiting>,
    next_key: AtomicU64,
}

/// Who may have to be woken: a blocked `accept` and blocked `recv`s do not look at a flag.
#[derive(Debug, Default)]
struct Waiting {
    listeners: Vec<SocketAddr>,
    connections: HashMap<u64, Watched>,
}

#[derive(Debug)]
struct Watched {
    socket: Arc<Socket>,
    progress: Progress,
}

impl Stop {
    /// A request that nobody has made yet, and that only [`Stop::request`] makes: for tests.
    pub fn new() -> Stop {
        Stop::default()
    }

    /// A request that Ctrl-C makes (or SIGTERM). A second Ctrl-C ends the process at once.
    ///
    /// # Errors
    /// [`Error::Setup`] when the handler cannot be installed, as for a second one in a process.
    pub fn on_ctrl_c() -> Result<Stop, Error> {
        let stop = Stop::new();
        let handler = stop.clone();
        ctrlc::set_handler(move || {
            if handler.is_requested() {
                std::process::exit(130);
            }
            handler.request();
        })
        .map_err(|error| Error::Setup {
            what: "the end on Ctrl-C",
            source: std::io::Error::other(error),
        })?;
        Ok(stop)
    }

    /// Asks everything to stop, and wakes whoever waits for a client or for a message to begin.
    pub fn request(&self) {
        self.0.requested.store(true, Ordering::SeqCst);
        let waiting = self.waiting();
        for watched in waiting.connections.values() {
            if watched.progress.is_idle() {
                // Linux ends the wait and still hands over what had arrived. Windows ends a wait
                // only for both directions; between messages there is nothing left to send.
                let how = if cfg!(windows) { Shutdown::Both } else { Shutdown::Read };
                // The peer may have closed already; then nobody waits.
                _ = watched.socket.shutdown(how);
            }
        }
        waiting.listeners.iter().for_each(wake);
    }

    /// Whether the request has been made.
    pub fn is_requested(&self) -> bool {
        self.0.requested.load(Ordering::SeqCst)
    }

    /// From now on, a request wakes whoever waits in `accept` on a TCP listener at `address`.
    pub(crate) fn wake_listener(&self, address: SocketAddr) {
        self.waiting().listeners.push(address);
        // The request may have been made before there was anybody to wake.
        if self.is_requested() {
            wake(&address);
        }
    }

    /// From now on, and until the watch is dropped, a request ends this connection's next wait for
    /// a message to begin. `progress` says whether one has begun.
    pub(crate) fn watch(&self, socket: &Arc<Socket>, progress: &Progress) -> Watch {
        let key = self.0.next_key.fetch_add(1, Ordering::Relaxed);
        let watched = Watched { socket: socket.clone(), progress: progress.clone() };
        self.waiting().connections.insert(key, watched);
        Watch { stop: self.clone(), key }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call of our own ends a wait in `accept` on every system. If it fails, the queue is full, and then
/// `accept` does not wait either.
fn wake(listener: &SocketAddr) {
    _ = TcpStream::connect_timeout(&reachable(*listener), Duration::from_secs(1));
}

/// A connection's entry among those to wake.
#[derive(Debug)]
pub(crate) struct Watch {
    stop: Stop,
    key: u64,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.waiting().connections.remove(&self.key);
    }
}
