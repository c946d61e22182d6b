//! The calls on a bare UDP socket.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// A socket that is bound to `address`.
pub(crate) fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// A socket that is connected to `server`, on a port that the system chooses.
pub(crate) fn connect(server: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(server), Type::DGRAM, Some(Protocol::UDP))?;
    socket.connect(&server.into())?;
    Ok(socket)
}

/// The way of a datagram that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The target.
    pub to: SocketAddr,
    /// Which of this machine's addresses it is to leave from; `None` leaves it to the system.
    pub from: Option<IpAddr>,
}

/// What was received, and how.
pub(crate) struct Received {
    /// How many bytes are in the buffer.
    pub(crate) got: usize,
    /// How many bytes the datagram had.
    pub(crate) length: usize,
    pub(crate) from: SocketAddr,
    /// To which of this machine's addresses it came, if the system says so.
    pub(crate) to: Option<IpAddr>,
}

/// Sends `bytes` as one datagram; `route` is `None` for a connected socket.
pub(crate) fn send(socket: &UdpSocket, bytes: &[u8], route: Option<Route>) -> io::Result<()> {
    // A datagram is taken whole or not at all, so there is no rest to send.
    match route {
        Some(Route { to, from: Some(from) }) => packet_info::send(socket, bytes, to, from),
        Some(Route { to, from: None }) => socket.send_to(bytes, to).map(drop),
        None => socket.send(bytes).map(drop),
    }
}

/// Has the system say from now on to which address each datagram came, if this socket hears all addresses
/// of the machine; returns whether it will. Without that, an answer would leave from the address that the
/// system finds best, and a client that has asked another one would take it for a stranger's.
pub(crate) fn ask_for_destination(socket: &UdpSocket) -> bool {
    let is_wildcard = socket.local_addr().is_ok_and(|own| own.ip().is_unspecified());
    is_wildcard && packet_info::ask(socket).is_ok()
}

pub(crate) use packet_info::receive as receive_with_destination;

/// What Linux says of a datagram beside its bytes (IP_PKTINFO, ip(7); IPV6_PKTINFO, ipv6(7)).
#[cfg(target_os = "linux")]
mod packet_info {
    use std::io::{self, IoSlice, IoSliceMut};
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
    use std::os::fd::AsRawFd;

    use nix::libc::{in_addr, in_pktinfo, in6_addr, in6_pktinfo};
    use nix::sys::socket::{
        ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg,
        setsockopt, sockopt,
    };

    use super::Received;

    pub(crate) fn ask(socket: &UdpSocket) -> io::Result<()> {
        match socket.local_addr()?.is_ipv4() {
            true => setsockopt(socket, sockopt::Ipv4PacketInfo, &true)?,
            false => setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?,
        }
        Ok(())
    }

    pub(crate) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
        let room = buffer.len();
        let mut control = nix::cmsg_space!(in6_pktinfo);
        let mut parts = [IoSliceMut::new(buffer)];
        let flags = MsgFlags::MSG_TRUNC;
        let message =
            recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
        // With MSG_TRUNC that is the datagram's own length, however short the buffer is.
        let length = message.bytes;
        let from = message.address.as_ref().and_then(to_std);
        let from = from.ok_or_else(|| io::Error::other("a datagram without a sender"))?;
        let to = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::Ipv4PacketInfo(info) => {
                Some(Ipv4Addr::from(info.ipi_spec_dst.s_addr.to_ne_bytes()).into())
            }
            ControlMessageOwned::Ipv6PacketInfo(info) => {
                Some(Ipv6Addr::from(info.ipi6_addr.s6_addr).into())
            }
            _ => None,
        });
        // Nothing can be sent from the address of a group.
        let to = to.filter(|to: &IpAddr| !to.is_multicast());
        Ok(Received { got: length.min(room), length, from, to })
    }

    pub(crate) fn send(
        socket: &UdpSocket,
        bytes: &[u8],
        to: SocketAddr,
        from: IpAddr,
    ) -> io::Result<()> {
        let (v4, v6);
        // Interface 0: the way to the target decides.
        let control = match from {
            IpAddr::V4(from) => {
                let from = in_addr { s_addr: u32::from_ne_bytes(from.octets()) };
                let ipi_addr = in_addr { s_addr: 0 };
                v4 = in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: from, ipi_addr };
                ControlMessage::Ipv4PacketInfo(&v4)
            }
            IpAddr::V6(from) => {
                let ipi6_addr = in6_addr { s6_addr: from.octets() };
                v6 = in6_pktinfo { ipi6_addr, ipi6_ifindex: 0 };
                ControlMessage::Ipv6PacketInfo(&v6)
            }
        };
        let to = SockaddrStorage::from(to);
        let parts = [IoSlice::new(bytes)];
        sendmsg(socket.as_raw_fd(), &parts, &[control], MsgFlags::empty(), Some(&to))?;
        Ok(())
    }

    fn to_std(address: &SockaddrStorage) -> Option<SocketAddr> {
        let v4 = address.as_sockaddr_in().map(|v4| SocketAddr::V4((*v4).into()));
        v4.or_else(|| address.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into())))
    }
}

/// On other systems an answer leaves from the address that the system finds best.
#[cfg(not(target_os = "linux"))]
mod packet_info {
    use std::io;
    use std::net::{IpAddr, SocketAddr, UdpSocket};

    use super::Received;

    pub(crate) fn ask(_: &UdpSocket) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
        super::receive(socket, buffer)
    }

    pub(crate) fn send(
        socket: &UdpSocket,
        bytes: &[u8],
        to: SocketAddr,
        _: IpAddr,
    ) -> io::Result<()> {
        socket.send_to(bytes, to).map(drop)
    }
}

/// Receives one datagram.
#[cfg(target_os = "linux")]
pub(crate) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
    use rustix::net::{RecvFlags, recvfrom};
    // With MSG_TRUNC, Linux returns the datagram's own length, however short the buffer is.
    let (got, length, from) = recvfrom(socket, buffer, RecvFlags::TRUNC)?;
    let from = from.and_then(|from| SocketAddr::try_from(from).ok());
    let from = from.ok_or_else(|| io::Error::other("a datagram without a sender"))?;
    Ok(Received { got, length, from, to: None })
}

/// Receives one datagram.
#[cfg(not(target_os = "linux"))]
pub(crate) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
    // No flag tells the length here, so the datagram is peeked at first, with room for any.
    let (length, from) = socket.peek_from(&mut vec![0; 65_535])?;
    match socket.recv_from(buffer) {
        Ok((got, from)) => Ok(Received { got, length: length.max(got), from, to: None }),
        // Windows calls it an error when a datagram is truncated: WSAEMSGSIZE.
        Err(error) if error.raw_os_error() == Some(10040) => {
            Ok(Received { got: buffer.len(), length, from, to: None })
        }
        Err(error) => Err(error),
    }
}
