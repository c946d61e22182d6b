//! The calls on a bare UDP socket.

use std::io;
use std::net::{SocketAddr, UdpSocket};

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

/// Sends `bytes` as one datagram; `to` is `None` for a connected socket.
pub(crate) fn send(socket: &UdpSocket, bytes: &[u8], to: Option<SocketAddr>) -> io::Result<()> {
    // A datagram is taken whole or not at all, so there is no rest to send.
    match to {
        Some(to) => socket.send_to(bytes, to),
        None => socket.send(bytes),
    }
    .map(drop)
}

/// Receives one datagram: how many of its bytes are in `buffer`, how many it had, and who sent it.
#[cfg(target_os = "linux")]
pub(crate) fn receive(
    socket: &UdpSocket,
    buffer: &mut [u8],
) -> io::Result<(usize, usize, SocketAddr)> {
    use rustix::net::{RecvFlags, recvfrom};
    // With MSG_TRUNC, Linux returns the datagram's own length, however short the buffer is.
    let (got, length, from) = recvfrom(socket, buffer, RecvFlags::TRUNC)?;
    let from = from.and_then(|from| SocketAddr::try_from(from).ok());
    Ok((got, length, from.ok_or_else(|| io::Error::other("a datagram without a sender"))?))
}

/// Receives one datagram: how many of its bytes are in `buffer`, how many it had, and who sent it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn receive(
    socket: &UdpSocket,
    buffer: &mut [u8],
) -> io::Result<(usize, usize, SocketAddr)> {
    // No flag tells the length here, so the datagram is peeked at first, with room for any.
    let (length, from) = socket.peek_from(&mut vec![0; 65_535])?;
    match socket.recv_from(buffer) {
        Ok((got, from)) => Ok((got, length.max(got), from)),
        // Windows calls it an error when a datagram is truncated: WSAEMSGSIZE.
        Err(error) if error.raw_os_error() == Some(10040) => Ok((buffer.len(), length, from)),
        Err(error) => Err(error),
    }
}
