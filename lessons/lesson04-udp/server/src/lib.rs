//! # Lesson 04: UDP, the server
//!
//! Letters instead of a phone call: a letter box (`socket`) with an address on it (`bind`), and that is
//! all. Nobody dials, nobody picks up. Each letter (`recvfrom`) brings its sender's address, and the
//! answer goes there (`sendto`). So one socket serves everyone, and messages keep their edges; but a
//! letter may be lost, come twice, or come late.
//!
//! ```text
//! terminal 1:  cargo run -p lesson04-server
//! terminal 2:  cargo run -p lesson04-client
//!              >>: hello
//!              HELLO
//! ```
//!
//! How a whole file gets through all the same is lesson 09.

use std::io;
use std::net::SocketAddr;

use console::ServerLog;
use endpoint::{Datagrams, Policy};
use socket2::{Domain, Protocol, Socket, Type};
use trace::Observer;

/// What the server does with a datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// Answers with the request in upper case (ASCII letters only).
    Upper,
    /// Answers every request with these bytes.
    Reply(Vec<u8>),
}

/// Steps 1 and 2: a socket that datagrams can reach. There is no `listen` and no `accept`.
///
/// # Errors
/// When the address is taken, or is not one of this machine.
pub fn bind(address: SocketAddr) -> io::Result<Socket> {
    // 1. A letter box. SOCK_DGRAM says: whole messages, no connection, no promise.
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // 2. An address on it. UDP has no TIME_WAIT, so nothing is needed to restart. SO_REUSEADDR would
    //    even let two servers share the port on Linux, and one of them would hear nothing.
    socket.bind(&address.into())?;
    Ok(socket)
}

/// The answer to one request: bytes in, bytes out, and no socket in sight.
pub fn answer(request: &[u8], service: &Service) -> Vec<u8> {
    match service {
        Service::Upper => request.to_ascii_uppercase(),
        Service::Reply(text) => text.clone(),
    }
}

/// Steps 3 and 4, again and again, for everyone who writes; returns on Ctrl-C. The buffer holds
/// `buffer_size` bytes of a datagram.
///
/// # Errors
/// When the socket itself fails. An answer that cannot be sent ends nothing.
pub fn serve(
    socket: &Datagrams,
    service: &Service,
    buffer_size: usize,
    policy: &Policy,
    server_log: &ServerLog,
) -> io::Result<()> {
    let mut buffer = vec![0; buffer_size];
    while !policy.stop.is_requested() {
        // 3. One recvfrom takes one datagram, never two and never half of one: UDP has no sticky
        //    packets. Even an empty datagram is one, and does not mean that anybody has left.
        let Some(datagram) = socket.recv_from(&mut buffer, None)? else { continue };
        let mut log = server_log.datagrams(datagram.from);
        log.received(datagram.bytes);
        if datagram.bytes_lost() > 0 {
            // What there is no room for does not wait for the next recvfrom, as it would in TCP.
            log.note(format_args!(
                "sent {} bytes, and the last {} are lost: --buffer {buffer_size} has no room for them",
                datagram.length,
                datagram.bytes_lost()
            ));
        }
        // 4. The answer goes to where the request came from, and leaves from the address that was asked.
        //    If it is lost, nobody will tell us.
        let reply = answer(datagram.bytes, service);
        match socket.send_along(&reply, datagram.way_back()) {
            Ok(()) => log.sent(&reply),
            Err(error) => log.note(format_args!("cannot send: {error}")),
        }
    }
    Ok(())
}
