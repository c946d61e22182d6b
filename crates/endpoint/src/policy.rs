//! On what terms a server admits a client.

use std::io;
use std::net::SocketAddr;

use socket2::{SockAddr, Socket};
use trace::Recorder;

use crate::connection::recorder;
use crate::{Connection, Error, Limits, Log, ServerArgs, Stop, report};

/// What holds for every connection of a server: its limits, its trace, and its end.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// A limit for everything that a client could do without end.
    pub limits: Limits,
    /// The request to stop.
    pub stop: Stop,
    recorder: Option<Recorder>,
}

impl Policy {
    /// The policy that the command line asks for, with an end on Ctrl-C.
    ///
    /// # Errors
    /// [`Error::Setup`] when the process has such an end already.
    pub fn new(args: &ServerArgs) -> Result<Policy, Error> {
        Ok(Policy {
            limits: args.limits.clone(),
            stop: Stop::on_ctrl_c()?,
            recorder: args.trace.then(recorder),
        })
    }

    /// Says `listening on ADDR`, with the port that the system chose if it was 0, and lets Ctrl-C
    /// end a wait in `accept` on this socket.
    ///
    /// # Errors
    /// When the socket is not bound.
    pub fn listening(&self, listener: &Socket) -> io::Result<SocketAddr> {
        let address = listener.local_addr()?.as_socket();
        let address = address.ok_or_else(|| io::Error::other("not an IP address"))?;
        self.stop.wake_listener(address);
        report::say(format_args!("listening on {address}"));
        Ok(address)
    }

    /// Admits a client that `accept` gave, or returns `None` once the server is to stop.
    pub fn admit(&self, socket: Socket, peer: &SockAddr) -> Option<(Connection, Log)> {
        if self.stop.is_requested() {
            return None;
        }
        // A TCP socket's peer always has an IP address.
        let peer = peer.as_socket().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)));
        let recorder = self.recorder.as_ref();
        let connection = Connection::from_client(socket, peer, &self.limits, &self.stop, recorder);
        let log = Log::new(peer, connection.progress(), self.stop.clone());
        Some((connection, log))
    }
}
