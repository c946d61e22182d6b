//! A request to stop, as by Ctrl-C: no new clients, no new exchanges, and the current ones finish.

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::address::reachable;
use crate::error::Error;
use crate::progress::Progress;

/// How long exchanges may go on after Ctrl-C. Since it takes a moment to end those that do, a server is
/// gone within five seconds.
const GRACE_PERIOD: Duration = Duration::from_secs(4);

/// How long a process has from Ctrl-C to its end, all in all.
const END_TIMEOUT: Duration = Duration::from_millis(4800);

/// The request to stop, shared by everything that waits. A clone is the same request.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    requested: AtomicBool,
    requested_at: OnceLock<Instant>,
    abandoned: Arc<AtomicBool>,
    waiting: Mutex<Waiting>,
    next_key: AtomicU64,
}

/// The waits that have to be ended by a call on their socket: a blocked `accept` or `recv` looks at no
/// flag.
#[derive(Debug, Default)]
struct Waiting {
    listeners: Vec<WakeUp>,
    connections: HashMap<u64, Watched>,
}

/// What ends a wait on a server's socket that is bound to this address.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WakeUp {
    /// A connection ends a wait in `accept`.
    Connect(SocketAddr),
    /// An empty datagram ends a wait for a datagram.
    Datagram(SocketAddr),
}

/// A connection whose wait for the next message is ended by the request.
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

    /// A request that Ctrl-C makes (or SIGTERM). Exchanges under way get four seconds to finish; then
    /// they are abandoned. A second Ctrl-C ends the process at once.
    ///
    /// # Errors
    /// [`Error::Setup`] when the handler cannot be installed, as for a second one in a process.
    pub fn on_ctrl_c() -> Result<Stop, Error> {
        let stop = Stop::new();
        let handler = stop.clone();
        ctrlc::set_handler(move || {
            if handler.is_requested() {
                handler.abandon();
                // Time for a running command to be ended too.
                thread::sleep(Duration::from_millis(100));
                std::process::exit(130);
            }
            handler.request();
            let stop = handler.clone();
            // If no thread can be had, each exchange still ends with its time-outs.
            _ = thread::Builder::new().spawn(move || {
                thread::sleep(GRACE_PERIOD);
                stop.abandon();
                // Nothing wakes a send that blocks on Windows, and so it would outlast the request.
                if cfg!(windows) {
                    thread::sleep(END_TIMEOUT.saturating_sub(GRACE_PERIOD));
                    std::process::exit(0);
                }
            });
        })
        .map_err(|error| Error::Setup {
            what: "the end on Ctrl-C",
            source: std::io::Error::other(error),
        })?;
        Ok(stop)
    }

    /// Asks everything to stop, and wakes whoever waits for a client or for a message to begin.
    pub fn request(&self) {
        self.0.requested_at.get_or_init(Instant::now);
        self.0.requested.store(true, Ordering::SeqCst);
        let waiting = self.waiting();
        for watched in waiting.connections.values() {
            // SHUT_RD ends a blocked recv, and what had arrived can still be read. On Windows it does not,
            // and a connection that waits looks for itself. The peer may have closed already; then nothing
            // waits.
            if cfg!(unix) && watched.progress.is_idle() {
                _ = watched.socket.shutdown(Shutdown::Read);
            }
        }
        waiting.listeners.iter().for_each(WakeUp::send);
    }

    /// Gives up what is still under way: shuts down every connection in both directions. For a server
    /// whose clients do not let it finish.
    pub fn abandon(&self) {
        self.0.abandoned.store(true, Ordering::SeqCst);
        for watched in self.waiting().connections.values() {
            _ = watched.socket.shutdown(Shutdown::Both);
        }
    }

    /// Whether what was still under way has been given up.
    pub fn is_abandoned(&self) -> bool {
        self.0.abandoned.load(Ordering::SeqCst)
    }

    /// The flag behind [`Stop::is_abandoned`]: for what is no connection, such as a command that is
    /// still running.
    pub fn abandoned(&self) -> Arc<AtomicBool> {
        self.0.abandoned.clone()
    }

    /// Whether the request has been made.
    pub fn is_requested(&self) -> bool {
        self.0.requested.load(Ordering::SeqCst)
    }

    /// How long the process still has for what is to be done before its end, such as to write its last
    /// lines; `None` while nobody has made the request.
    pub fn time_left(&self) -> Option<Duration> {
        let requested_at = self.0.requested_at.get()?;
        Some(END_TIMEOUT.saturating_sub(requested_at.elapsed()))
    }

    /// Has the request end the wait on a server's socket.
    pub(crate) fn wake_listener(&self, wake_up: WakeUp) {
        self.waiting().listeners.push(wake_up);
        // The request may have been made before this socket was known.
        if self.is_requested() {
            wake_up.send();
        }
    }

    /// Until the watch is dropped, has the request end this connection's wait for a message to begin.
    /// `progress` says whether one has begun.
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

impl WakeUp {
    /// A connection or a datagram from this process ends the wait on every system. If that fails, the
    /// socket's queue is full, and then nothing waits either.
    fn send(&self) {
        match *self {
            WakeUp::Connect(address) => {
                _ = TcpStream::connect_timeout(&reachable(address), Duration::from_secs(1));
            }
            WakeUp::Datagram(address) => {
                let mut here = reachable(address);
                here.set_port(0);
                _ = UdpSocket::bind(here).and_then(|s| s.send_to(&[], reachable(address)));
            }
        }
    }
}

/// Keeps a connection among those that the request ends.
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
