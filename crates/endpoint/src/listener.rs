//! A listening socket: what lesson 01 spells out, as one call.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use crate::connection::Connection;
use crate::error::Error;
use crate::notice::Notice;
use crate::opening::Opening;
use crate::policy::{Policy, ip_address};

/// How many established connections may wait in the accept queue: the backlog of listen(2). Linux caps
/// it at `net.core.somaxconn`, 4096 by default.
const BACKLOG: i32 = 4096;

/// How long to wait before `accept` is tried again when no descriptor was left.
const ACCEPT_RETRY_PAUSE: Duration = Duration::from_millis(100);

/// A socket that clients can call, and the terms on which they are admitted.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    address: SocketAddr,
    policy: Policy,
    /// Whether [`Notice::Exhausted`] has been given, and no client has been accepted since.
    exhausted: AtomicBool,
}

/// What a failed `accept` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptError {
    /// The client was gone already, or a firewall forbids it (accept(2) hands over the connection's
    /// own errors), or a signal came in between: call `accept` again. Of a client that has gone, Windows
    /// says WSAECONNRESET, or WSAENOTCONN.
    Passing,
    /// The process or the system has no descriptor left (EMFILE, ENFILE), or no memory for a socket
    /// (ENOBUFS, ENOMEM). The client stays in the accept queue: call `accept` again when some may
    /// have been given back.
    Exhausted,
    /// The listening socket itself has failed.
    Fatal,
}

impl AcceptError {
    /// What this error of `accept` means.
    pub fn of(error: &io::Error) -> AcceptError {
        use io::ErrorKind::{
            ConnectionAborted, ConnectionReset, HostUnreachable, Interrupted, NetworkDown,
            NetworkUnreachable, NotConnected, OutOfMemory, PermissionDenied, TimedOut,
        };
        match (error.kind(), error.raw_os_error()) {
            (ConnectionAborted | ConnectionReset | Interrupted | NotConnected | TimedOut, _)
            | (HostUnreachable | NetworkDown | NetworkUnreachable | PermissionDenied, _) => {
                AcceptError::Passing
            }
            // EMFILE and ENFILE are 24 and 23 on Linux, macOS and the BSDs; ENOBUFS is 105 on Linux;
            // then WSAEMFILE and WSAENOBUFS.
            (OutOfMemory, _) | (_, Some(23 | 24 | 105 | 10024 | 10055)) => AcceptError::Exhausted,
            _ => AcceptError::Fatal,
        }
    }
}

impl Listener {
    /// Binds `address`, and tells the policy's [`Notify`](crate::Notify) where it listens.
    ///
    /// # Errors
    /// [`Error::Bind`] when the address cannot be had.
    pub fn bind(address: SocketAddr, policy: Policy) -> Result<Listener, Error> {
        let failed = |source| Error::Bind { address, source };
        let socket = listen(address).map_err(failed)?;
        let address = policy.listening(&socket).map_err(failed)?;
        Ok(Listener { socket, address, policy, exhausted: AtomicBool::new(false) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The terms on which clients are admitted.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Watches the first bytes of each connection in this way: for a lesson that runs what it is sent.
    #[must_use]
    pub fn with_opening(mut self, opening: Opening) -> Listener {
        self.policy.opening = opening;
        self
    }

    /// The listening socket itself, for a server that waits on it in another way.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub fn try_clone(&self) -> io::Result<Socket> {
        self.socket.try_clone()
    }

    /// Gives [`Notice::Exhausted`], once until [`Listener::recovered`].
    pub fn tell_exhausted(&self, error: &io::Error) {
        if !self.exhausted.swap(true, Ordering::Relaxed) {
            self.policy.notify.tell(Notice::Exhausted(error));
        }
    }

    /// To be called when a client has been accepted: then there are descriptors again.
    pub fn recovered(&self) {
        self.exhausted.store(false, Ordering::Relaxed);
    }

    /// Waits for the next client; `None` once the server is to stop.
    ///
    /// A client that left while it waited is passed over. When the process has no descriptor left,
    /// `accept` is tried again every 100 ms, and the client stays in the accept queue.
    ///
    /// # Errors
    /// When the listening socket itself fails.
    pub fn accept(&self) -> io::Result<Option<Connection>> {
        Ok(self.wait()?.and_then(|(socket, peer)| self.policy.admit(socket, &peer)))
    }

    /// Waits for the next client as [`Listener::accept`] does, and returns a bare socket: without
    /// deadlines, and without a look at the first bytes.
    ///
    /// # Errors
    /// When the listening socket itself fails.
    pub fn accept_socket(&self) -> io::Result<Option<(Socket, SocketAddr)>> {
        Ok(self.wait()?.map(|(socket, peer)| (socket, ip_address(&peer))))
    }

    fn wait(&self) -> io::Result<Option<(Socket, SockAddr)>> {
        loop {
            let outcome = self.socket.accept();
            // The client may be [`Stop::request`](crate::Stop::request), which ends the wait so.
            if self.policy.stop.is_requested() {
                return Ok(None);
            }
            match outcome {
                Ok(accepted) => {
                    self.recovered();
                    return Ok(Some(accepted));
                }
                Err(error) => match AcceptError::of(&error) {
                    AcceptError::Passing => {}
                    AcceptError::Exhausted => {
                        self.tell_exhausted(&error);
                        thread::sleep(ACCEPT_RETRY_PAUSE);
                    }
                    AcceptError::Fatal => return Err(error),
                },
            }
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Unix this lets a server restart while old connections are in TIME_WAIT, and never lets two
    // listen at once. On Windows it would let another program take the port over.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}
