//! Free ports, and ports on which somebody listens: found without a connection, which would use up
//! a server that serves one client.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Range;

use clap::ValueEnum;
use socket2::{Domain, Socket, Type};

/// Ports that no system gives to who asks for any: Linux begins at 32768, the others at 49152.
const NOT_GIVEN: Range<u16> = 20_000..32_768;
/// How many of them are tried.
const TRIES: usize = 100;

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Transport {
    /// Connections.
    #[default]
    Tcp,
    /// Datagrams.
    Udp,
}

/// A port for whoever is to listen there, or for nobody, and a socket that keeps other judges away from
/// it.
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
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        tries += 1;
        match hold(other, address).and_then(|held| hold(this, address).map(|_| held)) {
            Err(_) if tries < TRIES => {}
            held => return Ok((port, held?)),
        }
    }
}

/// A socket that is bound, and does nothing.
fn hold(kind: Type, address: SocketAddr) -> io::Result<Socket> {
    // Without SO_REUSEADDR, with which some systems let two programs have one port.
    let socket = Socket::new(Domain::for_address(address), kind, None)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Whether a server waits on this port, at whatever address of this machine.
pub(crate) fn is_open(transport: Transport, port: u16) -> bool {
    // A long list is not read in one moment, and may miss somebody once.
    place(transport, port).or_else(|| place(transport, port)).is_some()
}

/// Where a server that waits on this port of this machine is found: at the address that it has bound,
/// which need not be 127.0.0.1.
///
/// Linux lists its sockets. Elsewhere a bind is tried, at whose moment a server may fail to bind.
pub(crate) fn place(transport: Transport, port: u16) -> Option<SocketAddr> {
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Some(bound) = listed(transport) else {
        return (!can_bind(transport, local)).then_some(local);
    };
    let addresses = || bound.iter().map(|it| it.address).filter(|it| it.port() == port);
    let is_local = addresses().any(|bound| hears(bound, local));
    if is_local { Some(local) } else { addresses().next() }
}

/// How much waits in the kernel for the server on this port of this machine, as Linux shows it: bytes of
/// datagrams that it has not received, or connections that it has not accepted.
pub(crate) fn waiting(transport: Transport, port: u16) -> Option<u64> {
    let bound = listed(transport)?;
    Some(bound.iter().filter(|it| it.address.port() == port).map(|it| it.waiting).sum())
}

/// Whether a server waits there; `true` for another machine, of which nothing is known.
pub fn may_listen(transport: Transport, address: SocketAddr) -> bool {
    !address.ip().is_loopback()
        || match listed(transport) {
            Some(bound) => bound.iter().any(|bound| hears(bound.address, address)),
            None => !can_bind(transport, address),
        }
}

/// Whether a socket that is bound to `bound` hears who calls `address`. One that is bound to all
/// addresses of IPv6 mostly hears IPv4 too.
fn hears(bound: SocketAddr, address: SocketAddr) -> bool {
    let is_any = bound.ip().is_unspecified() && (bound.is_ipv6() || address.is_ipv4());
    bound.port() == address.port() && (is_any || bound.ip() == address.ip())
}

fn can_bind(transport: Transport, address: SocketAddr) -> bool {
    match transport {
        Transport::Tcp => hold(Type::STREAM, address).is_ok(),
        Transport::Udp => hold(Type::DGRAM, address).is_ok(),
    }
}

/// A server's socket, as `/proc/net` lists it.
struct Bound {
    address: SocketAddr,
    /// What the kernel calls the receive queue: connections in the accept queue, or bytes of datagrams.
    waiting: u64,
}

/// Where servers wait on this machine, as `/proc/net` says, if there is one: proc(5).
fn listed(transport: Transport) -> Option<Vec<Bound>> {
    // The state of a TCP socket that listens, and those of a datagram socket that is bound: hearing
    // everybody, or connected to one peer.
    let (files, states) = match transport {
        Transport::Tcp => (["/proc/net/tcp", "/proc/net/tcp6"], ["0A", "0A"]),
        Transport::Udp => (["/proc/net/udp", "/proc/net/udp6"], ["07", "01"]),
    };
    let [v4, v6] = files.map(std::fs::read_to_string);
    let text = v4.ok()? + &v6.unwrap_or_default();
    let bound = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next()?;
        fields.nth(1).filter(|state| states.contains(state))?;
        let (_, receive_queue) = fields.next()?.split_once(':')?;
        let waiting = u64::from_str_radix(receive_queue, 16).ok()?;
        Some(Bound { address: parse(local)?, waiting })
    };
    Some(text.lines().filter_map(bound).collect())
}

/// An address as `/proc/net` writes it: `0100007F:1F43`. Each 4 bytes of it are one number of this
/// machine.
fn parse(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let number = |at: usize| u32::from_str_radix(address.get(at..at + 8)?, 16).ok();
    let words: Vec<[u8; 4]> = (0..address.len())
        .step_by(8)
        .map(|at| number(at).map(u32::to_ne_bytes))
        .collect::<Option<_>>()?;
    let bytes = words.concat();
    let ip = match <[u8; 4]>::try_from(bytes.as_slice()) {
        Ok(v4) => IpAddr::from(v4),
        Err(_) => IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical(),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use super::*;

    #[test]
    fn a_reserved_port_is_the_servers_and_no_other_judge_gets_it() {
        let (port, _held) = reserve(Transport::Tcp).unwrap();
        assert!(NOT_GIVEN.contains(&port));
        assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
        assert!(hold(Type::DGRAM, (Ipv4Addr::LOCALHOST, port).into()).is_err());
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

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_server_has_not_taken_is_seen() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(waiting(Transport::Tcp, address.port()), Some(0));
        let _caller = std::net::TcpStream::connect(address).unwrap();
        assert_eq!(waiting(Transport::Tcp, address.port()), Some(1));
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        socket.send_to(b"hello", address).unwrap();
        assert_ne!(waiting(Transport::Udp, address.port()), Some(0));
        socket.recv(&mut [0; 9]).unwrap();
        assert_eq!(waiting(Transport::Udp, address.port()), Some(0));
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn the_address_that_a_server_has_bound_is_read_from_the_systems_list() {
        assert_eq!(parse("0100007F:1F43"), Some(([127, 0, 0, 1], 8003).into()));
        let v6 = "00000000000000000000000001000000:1F43";
        assert_eq!(parse(v6), Some("[::1]:8003".parse().unwrap()));
        assert_eq!(parse("local_address"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_server_is_found_at_the_address_that_it_has_bound() {
        let listener = TcpListener::bind("127.0.0.2:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(place(Transport::Tcp, address.port()), Some(address));
        assert!(may_listen(Transport::Tcp, address));
        assert!(!may_listen(Transport::Tcp, (Ipv4Addr::LOCALHOST, address.port()).into()));
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(place(Transport::Tcp, port), Some((Ipv4Addr::LOCALHOST, port).into()));
    }
}
