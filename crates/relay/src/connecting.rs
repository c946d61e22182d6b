//! A client whose upstream has not accepted the connection yet. What it sends waits in the kernel.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use mio::net::TcpStream;
use socket2::SockRef;

use crate::observer::ConnectionId;

/// A client that has been accepted, and the upstream that it is to be led to.
pub(crate) struct PendingClient {
    pub(crate) id: ConnectionId,
    /// The place of the route where it came in.
    pub(crate) route: usize,
    pub(crate) client: TcpStream,
    /// The client's address.
    pub(crate) address: SocketAddr,
    pub(crate) upstream: Arc<[SocketAddr]>,
    /// The addresses of the upstream that were tried, and why each one failed.
    pub(crate) tried: Vec<(SocketAddr, io::Error)>,
}

impl PendingClient {
    /// The next address to try.
    pub(crate) fn next_address(&self) -> Option<SocketAddr> {
        self.upstream.get(self.tried.len()).copied()
    }
}

/// A client, and the `connect` that is under way for it.
pub(crate) struct Connecting {
    pub(crate) pending: PendingClient,
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

    /// Sets the options of both sockets.
    pub(crate) fn set_options(&self) -> io::Result<()> {
        for stream in [&self.pending.client, &self.upstream] {
            stream.set_nodelay(true)?;
            // An urgent byte would be taken out of the stream, and lost (RFC 6093, 3.1).
            SockRef::from(stream).set_out_of_band_inline(true)?;
        }
        Ok(())
    }
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
        let (tried, addresses) = (Vec::new(), Arc::new([address]));
        let pending = PendingClient { id, route: 0, client, address, upstream: addresses, tried };
        let connecting = Connecting { pending, upstream, address, since: Instant::now() };
        let error = connecting.is_accepted().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{error}");
    }
}
