//! What an endpoint has to tell while it works. How that is said, and where, a program decides.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// Something that a person may want to know, and that is no error.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// A server's socket is bound to this address.
    Listening(SocketAddr),
    /// No descriptor, or no memory, is left for the next client, which waits in the accept queue.
    /// Given once, until a client has been accepted again.
    Exhausted(&'a io::Error),
    /// A fault that was asked for has happened to a datagram on its way out.
    Fault {
        /// Where the datagram was to go.
        to: SocketAddr,
        /// Its bytes.
        bytes: &'a [u8],
        /// What happened to it, such as `is lost`.
        what: &'a str,
    },
}

/// Who is told of each [`Notice`]; by default nobody.
#[derive(Clone, Default)]
pub struct Notify(Option<Arc<Callback>>);

type Callback = dyn Fn(Notice<'_>) + Send + Sync;

impl Notify {
    /// Has `tell` called with each notice, in the thread in which it came up.
    pub fn new(tell: impl Fn(Notice<'_>) + Send + Sync + 'static) -> Notify {
        Notify(Some(Arc::new(tell)))
    }

    pub(crate) fn tell(&self, notice: Notice<'_>) {
        if let Some(tell) = &self.0 {
            tell(notice);
        }
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify").finish_non_exhaustive()
    }
}
