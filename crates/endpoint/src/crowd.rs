//! A thread for each client, and no more threads than places: what lesson 05 spells out in its
//! `threads`, for whoever accepts clients in a loop of their own.
//!
//! ```text
//! accept ─▶ Crowd::spawn ─┬─ a place and a thread ─▶ the conversation ─▶ the place is given back
//!                         ├─ Refused::Full: the client comes back, to be told so
//!                         └─ Refused::NoThread: the client is closed, and the server lives
//! ```
//!
//! Nothing here prints, accepts or closes: the loop over `accept` ends with its listener's
//! [`Stop`](crate::Stop), words for who is one too many are the caller's, and a
//! [`LingeringClose`](crate::LingeringClose) sees to it that they arrive.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Scope};

use crate::thread_memory::check_thread_memory;

/// The stack of a client's thread, in bytes. It is address space that is reserved; memory is taken
/// for what is touched.
const STACK_SIZE: usize = 256 * 1024;

/// A limit for the clients that are served at a time, and how many there are. One limit may hold
/// for several listeners.
#[derive(Debug)]
pub struct Places {
    limit: usize,
    taken: AtomicUsize,
}

/// A place that is taken, until this is dropped: also when the thread that holds it panics.
#[derive(Debug)]
pub struct Place<'p>(&'p Places);

/// Serves each client in a thread of its own. A scope ends when all its threads have ended, so none
/// is left behind.
#[derive(Debug)]
pub struct Crowd<'scope, 'env: 'scope> {
    scope: &'scope Scope<'scope, 'env>,
    places: &'scope Places,
    stack_size: usize,
}

/// Why a client is not served.
#[derive(Debug)]
pub enum Refused<C> {
    /// All places are taken. The client comes back, and may be told so.
    Full(C),
    /// The system has no thread for it (pthread_create(3), EAGAIN), or no memory for one. The client
    /// was dropped with the thread, and so closed.
    NoThread(io::Error),
}

impl Places {
    /// Places for as many clients as `limit`, none of them taken.
    pub fn new(limit: usize) -> Places {
        Places { limit, taken: AtomicUsize::new(0) }
    }

    /// How many clients may be served at a time.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// How many are served at this moment.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }

    /// Takes a place; `None` when all are taken.
    pub fn take(&self) -> Option<Place<'_>> {
        let one_more = |taken| (taken < self.limit).then_some(taken + 1);
        let taken = self.taken.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more);
        taken.is_ok().then(|| Place(self))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<'scope, 'env> Crowd<'scope, 'env> {
    /// A crowd without clients, whose threads belong to `scope`.
    pub fn new(scope: &'scope Scope<'scope, 'env>, places: &'scope Places) -> Self {
        Crowd { scope, places, stack_size: STACK_SIZE }
    }

    /// Reserves so many bytes for the stack of each thread, instead of 256 KiB.
    #[must_use]
    pub fn with_stack_size(self, bytes: usize) -> Self {
        Crowd { stack_size: bytes, ..self }
    }

    /// Has a conversation with a client in a thread of its own, and gives the place back when it
    /// has ended. A panic ends this conversation only; what it was is on standard error.
    ///
    /// # Errors
    /// [`Refused`] when there is no place or no thread.
    pub fn spawn<C: Send + 'scope>(
        &self,
        client: C,
        conversation: impl FnOnce(C) + Send + 'scope,
    ) -> Result<(), Refused<C>> {
        let Some(place) = self.places.take() else { return Err(Refused::Full(client)) };
        let thread = move || {
            let _place = place;
            // A scope panics if one of its threads has, and with it the whole server would end.
            _ = catch_unwind(AssertUnwindSafe(|| conversation(client)));
        };
        check_thread_memory(self.stack_size)
            .and_then(|()| {
                thread::Builder::new().stack_size(self.stack_size).spawn_scoped(self.scope, thread)
            })
            .map(drop)
            .map_err(Refused::NoThread)
    }
}
