//! What lesson 01 spells out, as one call.

use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use crate::{Connection, Error, Log, Policy, ServerArgs, report};

/// How many finished connections may wait for `accept`: `listen(2)`'s backlog. Linux caps it at
/// `net.core.somaxconn`, 4096 by default.
const ACCEPT_QUEUE: i32 = 4096;

/// A socket that clients can call, and the terms on which they are admitted.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    address: SocketAddr,
    policy: Policy,
}

impl Listener {
    /// Binds the address that the command line names, and says `listening on ADDR`.
    ///
    /// # Errors
    /// [`Error::NotLoopback`], [`Error::Resolve`], or [`Error::Bind`].
    pub fn bind(args: &ServerArgs) -> Result<Listener, Error> {
        let address = args.address()?;
        Listener::at(address, Policy::new(args)?)
    }

    /// Binds `address`, and says `listening on ADDR`: for tests, with port 0.
    ///
    /// # Errors
    /// [`Error::Bind`] when the address cannot be had.
    pub fn at(address: SocketAddr, policy: Policy) -> Result<Listener, Error> {
        let failed = |source| Error::Bind { address, source };
        let socket = listen(address).map_err(failed)?;
        let address = policy.listening(&socket).map_err(failed)?;
        Ok(Listener { socket, address, policy })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The terms on which clients are admitted.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Waits for the next client; `None` once the server is to stop.
    ///
    /// A client that left while it waited is passed over. When the process has no descriptor left,
    /// it says so, and tries again when one may have been given back.
    ///
    /// # Errors
    /// When the listening socket itself fails.
    pub fn accept(&self) -> io::Result<Option<(Connection, Log)>> {
        loop {
            match self.socket.accept() {
                Ok((socket, peer)) => return Ok(self.policy.admit(socket, &peer)),
                Err(error) if is_the_clients(&error) => {}
                Err(error) if is_exhaustion(&error) => {
                    report::say(format_args!("cannot accept: {error}; trying again in 100 ms"));
                    thread::sleep(Duration::from_millis(100));
                }
                Err(error) => return Err(error),
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
    socket.listen(ACCEPT_QUEUE)?;
    Ok(socket)
}

/// The connection at the head of the queue was already gone: accept(2) hands over its errors.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// EMFILE, ENFILE (24 and 23 on Linux, macOS and the BSDs), WSAEMFILE: no descriptor is left.
fn is_exhaustion(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24 | 10024))
}
