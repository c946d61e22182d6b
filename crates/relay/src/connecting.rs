//! A client whose upstream has not accepted the connection yet. What it sends waits in the kernel.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use mio::event::Event;
use mio::net::TcpStream;

use crate::ConnectionId;
use crate::side::Side;

/// A client, and where it is to be led to.
pub(crate) struct Candidate {
    pub(crate) id: ConnectionId,
    pub(crate) client: TcpStream,
    /// The client's address.
    pub(crate) address: SocketAddr,
    pub(crate) upstream: Arc<[SocketAddr]>,
    /// The addresses of the upstream that were tried, and what became of it.
    pub(crate) tried: Vec<(SocketAddr, io::Error)>,
}

impl Candidate {
    /// The next address to try.
    pub(crate) fn next_address(&self) -> Option<SocketAddr> {
        self.upstream.get(self.tried.len()).copied()
    }
}

/// A client, and the `connect` that is under way for it.
pub(crate) struct Connecting {
    pub(crate) candidate: Candidate,
    pub(crate) upstream: TcpStream,
    /// The upstream's address.
    pub(crate) address: SocketAddr,
    pub(crate) since: Instant,
}

impl Connecting {
    /// Whether the upstream has accepted the connection; an error if it never will.
    pub(crate) fn is_accepted(&self) -> io::Result<bool> {
        if let Some(error) = self.upstream.take_error()? {
            return Err(error);
        }
        let Ok(peer) = self.upstream.peer_addr() else { return Ok(false) };
        // Where nobody listens, the system may choose that very port for our own end. Then the
        // socket connects to itself (a simultaneous open, RFC 9293 3.5), and hears its own bytes.
        if self.upstream.local_addr()? == peer {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        Ok(true)
    }

    /// It has been accepted: bytes may go to and fro. The event that said so may have said more.
    pub(crate) fn into_pair(self, event: &Event) -> io::Result<Pair> {
        let Connecting { candidate: Candidate { id, client, address, .. }, upstream, .. } = self;
        client.set_nodelay(true)?;
        upstream.set_nodelay(true)?;
        let mut pair = Pair {
            id,
            client: Side::new(client),
            client_address: address,
            upstream: Side::new(upstream),
            upstream_address: self.address,
        };
        pair.upstream.note(event);
        Ok(pair)
    }
}

/// A client with its upstream, both connected.
pub(crate) struct Pair {
    pub(crate) id: ConnectionId,
    pub(crate) client: Side,
    pub(crate) client_address: SocketAddr,
    pub(crate) upstream: Side,
    pub(crate) upstream_address: SocketAddr,
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use socket2::{Domain, Socket, Type};

    use super::*;

    #[test]
    fn a_socket_that_is_connected_to_itself_is_no_upstream() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        let own = socket.local_addr().unwrap();
        socket.connect(&own).unwrap();
        let upstream = TcpStream::from_std(socket.into());
        let (id, address) = (ConnectionId(1), own.as_socket().unwrap());
        let client = TcpStream::connect(address).unwrap();
        let candidate =
            Candidate { id, client, address, upstream: Arc::new([address]), tried: Vec::new() };
        let connecting = Connecting { candidate, upstream, address, since: Instant::now() };
        let error = connecting.is_accepted().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{error}");
    }
}
