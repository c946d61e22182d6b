//! The socket at which clients come in.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;

use endpoint::Datagrams;
use mio::{Interest, Registry, Token};

use super::options::Route;

/// After so many errors in a row a socket is left alone until something comes.
const MAX_NEWS: usize = 16;

/// A bound socket, and where what comes in there is led.
pub(crate) struct Port {
    socket: Datagrams,
    /// The same socket, by which `poll` watches it.
    watched: mio::net::UdpSocket,
    pub(crate) address: SocketAddr,
    pub(crate) upstream: Arc<[SocketAddr]>,
    /// Whether something may wait in the kernel, as far as is known.
    pub(crate) readable: bool,
}

impl Port {
    pub(crate) fn new(route: Route, token: Token, registry: &Registry) -> io::Result<Port> {
        let Route { socket, upstream } = route;
        if upstream.is_empty() {
            let why = "a route without an address of an upstream";
            return Err(io::Error::new(ErrorKind::InvalidInput, why));
        }
        let clone = socket.try_clone_socket()?;
        clone.set_nonblocking(true)?;
        let mut watched = mio::net::UdpSocket::from_std(clone);
        registry.register(&mut watched, token, Interest::READABLE)?;
        let (address, upstream) = (socket.local_addr()?, upstream.into());
        Ok(Port { socket, watched, address, upstream, readable: true })
    }

    /// Receives the next datagram, if one waits: how many bytes it has, and the way back.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> Option<(usize, endpoint::Route)> {
        for _ in 0..MAX_NEWS {
            let received = self.watched.try_io(|| {
                let datagram = self.socket.try_recv_from(buffer)?;
                Ok((datagram.bytes.len(), datagram.way_back()))
            });
            match received {
                Ok(datagram) => return Some(datagram),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                // No error ends a datagram socket: it tells of a datagram that could not be delivered, or of
                // a want that passes.
                Err(_) => {}
            }
        }
        self.readable = false;
        None
    }

    /// Sends an answer, from the address that the client has asked.
    pub(crate) fn send(&self, bytes: &[u8], way_back: endpoint::Route) -> io::Result<()> {
        self.socket.send_along(bytes, way_back)
    }
}
