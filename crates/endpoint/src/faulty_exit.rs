//! The way out for datagrams through a link with faults.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use fault::datagram::{Link, Spec};

/// The way out through a link with faults. A thread sends what is due later.
pub(crate) struct FaultyExit {
    state: Mutex<State>,
    pushed: Condvar,
}

struct State {
    link: FaultyLink,
    /// Whether a thread is there that sends what is due later.
    has_thread: bool,
}

/// Each datagram with the socket that it leaves by, and its target if that is not connected.
type FaultyLink = Link<(Arc<UdpSocket>, Option<SocketAddr>)>;

impl FaultyExit {
    pub(crate) fn new(faults: &[Spec], seed: u64) -> Arc<FaultyExit> {
        let state = State { link: Link::new(faults, seed), has_thread: false };
        Arc::new(FaultyExit { state: Mutex::new(state), pushed: Condvar::new() })
    }

    /// Puts a datagram into the link, sends what is due by now, and leaves the rest to a thread.
    /// Returns in words what the faults have done to it. `to` is `None` for a connected socket.
    pub(crate) fn push(
        self: &Arc<FaultyExit>,
        bytes: &[u8],
        socket: &Arc<UdpSocket>,
        to: Option<SocketAddr>,
    ) -> Vec<String> {
        let mut state = self.lock();
        let words = state.link.push(Instant::now(), bytes, (socket.clone(), to));
        send_due(&mut state.link);
        if state.has_thread {
            self.pushed.notify_one();
        } else if state.link.due().is_some() {
            let exit = Arc::downgrade(self);
            // If no thread can be had, the rest leaves with the next datagram.
            let thread = thread::Builder::new().spawn(move || send_later(&exit));
            state.has_thread = thread.is_ok();
        }
        words
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for FaultyExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyExit").finish_non_exhaustive()
    }
}

/// Sends `bytes` as one datagram; `to` is `None` for a connected socket.
pub(crate) fn send(socket: &UdpSocket, bytes: &[u8], to: Option<SocketAddr>) -> io::Result<()> {
    // A datagram is taken whole or not at all, so there is no rest to send.
    match to {
        Some(to) => socket.send_to(bytes, to),
        None => socket.send(bytes),
    }
    .map(drop)
}

fn send_due(link: &mut FaultyLink) {
    while let Some((bytes, (socket, to))) = link.pop(Instant::now()) {
        // A datagram that cannot be sent is lost, as on any other link. But the word that an earlier
        // one met no server comes with the next call, which is then not made: so it is made again, and
        // the word reaches whoever waits for an answer.
        let refused = |error: io::Error| error.kind() == ErrorKind::ConnectionRefused;
        if send(&socket, &bytes, to).is_err_and(refused) {
            _ = send(&socket, &bytes, to);
        }
    }
}

/// Sends what a link holds when it is due, until it holds nothing more, or nobody holds the link.
fn send_later(exit: &Weak<FaultyExit>) {
    while let Some(exit) = exit.upgrade() {
        let mut state = exit.lock();
        send_due(&mut state.link);
        let Some(due) = state.link.due() else {
            state.has_thread = false;
            return;
        };
        let wait = due.saturating_duration_since(Instant::now());
        drop(exit.pushed.wait_timeout(state, wait));
    }
}
