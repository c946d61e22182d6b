//! The terms on which a server admits clients.

use std::io;
use std::net::SocketAddr;

use socket2::{SockAddr, Socket, Type};
use trace::{Recorder, Tap};

use crate::connection::Connection;
use crate::limits::Limits;
use crate::notice::{Notice, Notify};
use crate::opening::Opening;
use crate::stop::{Stop, WakeUp};
use crate::traced::Traced;

/// What holds for all clients of a server: limits, a trace, and an end.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// What a client may cost.
    pub limits: Limits,
    /// The request to stop.
    pub stop: Stop,
    /// Where the calls on each socket are recorded, if somebody wants to see them.
    pub recorder: Option<Recorder>,
    /// Who is told of what happens to the server itself.
    pub notify: Notify,
    /// What each connection's first bytes are watched with, for a browser's.
    pub opening: Opening,
}

impl Policy {
    /// A policy that only [`Stop::request`] ends, without a trace, and that tells nobody anything.
    pub fn new(limits: Limits) -> Policy {
        Policy { limits, ..Policy::default() }
    }

    /// Tells where this socket listens, with the port that the system chose if it was 0, and lets
    /// [`Stop::request`] end a wait in `accept` on it, or for a datagram.
    ///
    /// # Errors
    /// When the socket is not bound.
    pub fn listening(&self, socket: &Socket) -> io::Result<SocketAddr> {
        let address = socket.local_addr()?.as_socket();
        let address = address.ok_or_else(|| io::Error::other("not an IP address"))?;
        self.stop.wake_listener(match socket.r#type()? {
            Type::DGRAM => WakeUp::Datagram(address),
            _ => WakeUp::Connect(address),
        });
        self.notify.tell(Notice::Listening(address));
        Ok(address)
    }

    /// Admits a client that `accept` gave, or returns `None` once the server is to stop.
    pub fn admit(&self, socket: Socket, peer: &SockAddr) -> Option<Connection> {
        if self.stop.is_requested() {
            return None;
        }
        let (peer, recorder) = (ip_address(peer), self.recorder.as_ref());
        let guarded = (&self.stop, &self.opening);
        Some(Connection::from_client(socket, peer, &self.limits, guarded, recorder))
    }

    /// A client's stream, whose calls are recorded if there is a recorder: for a server whose clients
    /// are no [`Connection`], which is traced already.
    pub fn traced<S>(&self, stream: S, peer: SocketAddr) -> Traced<S> {
        match &self.recorder {
            None => Traced::Plain(stream),
            Some(recorder) => {
                Traced::Tapped(Box::new(Tap::new(stream, recorder, peer.to_string())))
            }
        }
    }
}

/// The address of a TCP socket's peer, which is always an IP address.
pub(crate) fn ip_address(peer: &SockAddr) -> SocketAddr {
    peer.as_socket().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)))
}
