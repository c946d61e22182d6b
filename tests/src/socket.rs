//! The test itself as a client or as a server, with plain sockets on which no wait is without end.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use crate::DEADLINE;

/// Connects to a server.
#[track_caller]
pub fn connect(server: SocketAddr) -> TcpStream {
    with_deadline(TcpStream::connect_timeout(&server, DEADLINE).unwrap())
}

/// Connects, and sends each of `messages` with a call of its own.
#[track_caller]
pub fn send(server: SocketAddr, messages: &[&[u8]]) -> TcpStream {
    let mut stream = connect(server);
    messages.iter().for_each(|message| stream.write_all(message).unwrap());
    stream
}

/// Sends a request, and gives as many bytes of the answer as `answer` has.
#[track_caller]
pub fn exchange(stream: &mut TcpStream, request: &[u8], answer: usize) -> Vec<u8> {
    stream.write_all(request).unwrap();
    receive(stream, answer)
}

/// Receives exactly so many bytes, or fewer if the stream ends.
#[track_caller]
pub fn receive(stream: &mut TcpStream, size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.take(size as u64).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Receives all that comes until the stream ends, or is reset.
#[track_caller]
pub fn receive_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}: {bytes:?}"),
        _ => bytes,
    }
}

/// Closes with a reset, which throws away what is still on its way.
#[track_caller]
pub fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
}

/// A listener on a free port, and its address.
#[track_caller]
pub fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // On Linux this is a deadline for `accept`.
    SockRef::from(&listener).set_read_timeout(Some(DEADLINE)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Waits for a client.
#[track_caller]
pub fn accept(listener: &TcpListener) -> TcpStream {
    with_deadline(listener.accept().unwrap().0)
}

/// A datagram socket on a free port, and its address.
#[track_caller]
pub fn bind_datagrams() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// Waits for a datagram: all of it, and its sender.
#[track_caller]
pub fn receive_datagram(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 65536];
    let (got, from) = socket.recv_from(&mut buffer).unwrap();
    buffer.truncate(got);
    (buffer, from)
}

/// Sends a datagram from a socket of its own, and waits for the server's.
#[track_caller]
pub fn ask_datagram(server: SocketAddr, request: &[u8]) -> Vec<u8> {
    let (socket, _) = bind_datagrams();
    socket.connect(server).unwrap();
    socket.send(request).unwrap();
    receive_datagram(&socket).0
}

/// A message with its length in front.
#[track_caller]
pub fn frame(message: &[u8]) -> Vec<u8> {
    let length = i32::try_from(message.len()).unwrap();
    [&length.to_le_bytes()[..], message].concat()
}

/// Begins to connect, and does not wait for it.
///
/// # Panics
/// When there is no socket to be had.
pub fn begin_to_connect(server: SocketAddr) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_nonblocking(true).unwrap();
    // EINPROGRESS says just that.
    _ = socket.connect(&server.into());
    socket
}

fn with_deadline(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    stream
}
