//! The way out for datagrams on purpose: some of them are lost, doubled or late.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use fault::datagram::{Link, Spec};

use crate::udp::{Route, send};

/// An outgoing link with faults. A thread sends the datagrams that are due later.
pub(crate) struct FaultyLink {
    state: Mutex<State>,
    /// Signalled when a datagram has been pushed: it may be due before all others.
    pushed: Condvar,
}

struct State {
    pending: Pending,
    /// Whether the thread that sends what is due later is running.
    has_thread: bool,
}

/// The datagrams that are not due yet, each with the socket that it leaves by, and its way if that socket is
/// not connected.
type Pending = Link<(Arc<UdpSocket>, Option<Route>)>;

impl FaultyLink {
    pub(crate) fn new(faults: &[Spec], seed: u64) -> Arc<FaultyLink> {
        let state = State { pending: Link::new(faults, seed), has_thread: false };
        Arc::new(FaultyLink { state: Mutex::new(state), pushed: Condvar::new() })
    }

    /// Takes a datagram, sends what is due by now, and leaves the rest to the thread. Returns in words
    /// what the faults have done to it. `route` is `None` for a connected socket.
    pub(crate) fn push(
        self: &Arc<FaultyLink>,
        bytes: &[u8],
        socket: &Arc<UdpSocket>,
        route: Option<Route>,
    ) -> Vec<String> {
        let mut state = self.lock();
        let what = state.pending.push(Instant::now(), bytes, (socket.clone(), route));
        send_due(&mut state.pending);
        if state.has_thread {
            self.pushed.notify_one();
        } else if state.pending.due().is_some() {
            let link = Arc::downgrade(self);
            // If no thread can be had, the rest leaves with the next datagram.
            let thread = thread::Builder::new().spawn(move || send_later(&link));
            state.has_thread = thread.is_ok();
        }
        what
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for FaultyLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyLink").finish_non_exhaustive()
    }
}

fn send_due(pending: &mut Pending) {
    while let Some((bytes, (socket, route))) = pending.pop(Instant::now()) {
        // A datagram that cannot be sent is lost, as on any other link. But the news that an earlier
        // one met no server (ECONNREFUSED, udp(7)) comes in the place of the next send, which is then
        // not done. So it is done again, and the news reaches the recv that waits for an answer.
        let refused = |error: io::Error| error.kind() == ErrorKind::ConnectionRefused;
        if send(&socket, &bytes, route).is_err_and(refused) {
            _ = send(&socket, &bytes, route);
        }
    }
}

/// Sends each datagram of the link when it is due, until none is left or the link itself is gone.
fn send_later(link: &Weak<FaultyLink>) {
    while let Some(link) = link.upgrade() {
        let mut state = link.lock();
        send_due(&mut state.pending);
        let Some(due) = state.pending.due() else {
            state.has_thread = false;
            return;
        };
        let wait = due.saturating_duration_since(Instant::now());
        drop(link.pushed.wait_timeout(state, wait));
    }
}
