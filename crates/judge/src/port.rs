//! Free ports, and ports on which somebody listens: found without a connection, which would use up
//! a server that serves one client.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::ops::Range;

use socket2::{Domain, Socket, Type};

/// Ports that no system gives to who asks for any: Linux begins at 32768, the others at 49152.
const NOT_GIVEN: Range<u16> = 20_000..32_768;
/// How many of them are tried.
const TRIES: usize = 100;

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Connections.
    #[default]
    Tcp,
    /// Datagrams.
    Udp,
}

/// A port that is free now, at 127.0.0.1.
///
/// # Errors
/// When there is none.
pub(crate) fn free(transport: Transport) -> io::Result<u16> {
    let any = (Ipv4Addr::LOCALHOST, 0);
    let address = match transport {
        Transport::Tcp => TcpListener::bind(any)?.local_addr()?,
        Transport::Udp => UdpSocket::bind(any)?.local_addr()?,
    };
    Ok(address.port())
}

/// A port for a server that is started now, and a socket that keeps other judges away from it.
///
/// Between this and the server's own bind somebody else could take the port, and would then be taken
/// for the server. So it lies below the ports that systems give to those who ask for any; and each judge
/// first takes the same number for the other transport, which the server does not use.
///
/// # Errors
/// When none of many is free.
pub(crate) fn reserve(transport: Transport) -> io::Result<(u16, Socket)> {
    let (this, other) = match transport {
        Transport::Tcp => (Type::STREAM, Type::DGRAM),
        Transport::Udp => (Type::DGRAM, Type::STREAM),
    };
    let mut tries = 0;
    loop {
        // Not by the seed: two judges with one seed may run at the same time.
        let port = fastrand::u16(NOT_GIVEN);
        tries += 1;
        match hold(other, port).and_then(|held| hold(this, port).map(|_| held)) {
            Err(_) if tries < TRIES => {}
            held => return Ok((port, held?)),
        }
    }
}

/// A socket that is bound, and does nothing.
fn hold(kind: Type, port: u16) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, kind, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    Ok(socket)
}

/// Whether a server waits on this port of 127.0.0.1.
///
/// Linux lists its sockets. Elsewhere a bind is tried, at whose moment a server may fail to bind.
pub(crate) fn is_open(transport: Transport, port: u16) -> bool {
    listed(transport, port).unwrap_or_else(|| {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        match transport {
            Transport::Tcp => TcpListener::bind(address).is_err(),
            Transport::Udp => UdpSocket::bind(address).is_err(),
        }
    })
}

/// What `/proc/net` says, if there is one: proc(5).
fn listed(transport: Transport, port: u16) -> Option<bool> {
    // The state of a TCP socket that listens, and those of a datagram socket that is bound: hearing
    // everybody, or connected to one peer.
    let (files, states) = match transport {
        Transport::Tcp => (["/proc/net/tcp", "/proc/net/tcp6"], ["0A", "0A"]),
        Transport::Udp => (["/proc/net/udp", "/proc/net/udp6"], ["07", "01"]),
    };
    let [v4, v6] = files.map(std::fs::read_to_string);
    let text = v4.ok()? + &v6.unwrap_or_default();
    let is_it = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next().and_then(|local| local.rsplit(':').next());
        let local = local.and_then(|port| u16::from_str_radix(port, 16).ok());
        local == Some(port) && fields.nth(1).is_some_and(|state| states.contains(&state))
    };
    Some(text.lines().any(is_it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_port_is_the_servers_and_no_other_judge_gets_it() {
        let (port, _held) = reserve(Transport::Tcp).unwrap();
        assert!(NOT_GIVEN.contains(&port));
        assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
        assert!(hold(Type::DGRAM, port).is_err());
    }

    #[test]
    fn a_port_is_open_while_somebody_listens_there() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is_open(Transport::Tcp, port));
        drop(listener);
        assert!(!is_open(Transport::Tcp, port));
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        assert!(is_open(Transport::Udp, port));
        socket.connect("127.0.0.1:9").unwrap();
        assert!(is_open(Transport::Udp, port));
    }
}
