//! # Lesson 01: basic TCP, the server
//!
//! A phone call, step by step: buy a phone (`socket`), put in the SIM card (`bind`), switch it on
//! (`listen`), wait for a call (`accept`), talk (`recv`, `send`), hang up (`close`).
//!
//! ```text
//! terminal 1:  cargo run -p lesson01-server
//! terminal 2:  cargo run -p lesson01-client
//!              >>: hello
//!              HELLO
//! ```

use std::io::{self, Read, Write};
use std::net::SocketAddr;

use console::ServerLog;
use endpoint::{AcceptError, Policy};
use socket2::{Domain, Protocol, Socket, Type};
use trace::Observer;

/// The most bytes that one `recv` may return; fewer may come. This is no buffer in the kernel.
pub const RECV_SIZE: usize = 1024;

/// How many connections may wait in the accept queue while another is served: no limit on clients.
/// Linux lets one more in than it is asked to, and caps the number at `net.core.somaxconn`.
pub const BACKLOG: i32 = 5;

/// What the server does for a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// Answers with the request in upper case (ASCII letters only).
    Upper,
    /// Answers every request with this text, in which `{}` stands for the request.
    Reply(String),
    /// Sends this text as soon as a client has connected, and closes.
    Greet(String),
}

/// Steps 1 to 3: a socket that clients can call.
///
/// # Errors
/// When the address is taken, or is not one of this machine.
pub fn listen(address: SocketAddr) -> io::Result<Socket> {
    // 1. Buy a phone. The kernel makes a socket and gives us a number for it, a file descriptor.
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A server that hung up first leaves its connections in TIME_WAIT for a minute, and without
    // this option it could not be restarted on its port. Windows means something else by it.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    // 2. Put in the SIM card: this address and port are ours now.
    socket.bind(&address.into())?;
    // 3. Switch it on. From here on the kernel itself completes every handshake.
    socket.listen(BACKLOG)?;
    Ok(socket)
}

/// The answer to one request: bytes in, bytes out, and no socket in sight.
pub fn answer(request: &[u8], service: &Service) -> Vec<u8> {
    match service {
        Service::Upper => request.to_ascii_uppercase(),
        Service::Reply(text) | Service::Greet(text) => {
            text.replace("{}", &String::from_utf8_lossy(request)).into_bytes()
        }
    }
}

/// Step 5: talks to one client until it hangs up.
///
/// # Errors
/// When the connection breaks, or a wait takes too long.
pub fn converse(
    stream: &mut (impl Read + Write),
    service: &Service,
    observer: &mut impl Observer,
) -> io::Result<()> {
    if let Service::Greet(text) = service {
        stream.write_all(text.as_bytes())?;
        observer.sent(text.as_bytes());
        return Ok(());
    }
    let mut buffer = [0; RECV_SIZE];
    loop {
        // BROKEN: one recv is taken for one request. TCP does not promise that; lesson 02 shows
        // what happens, and lesson 03 the fix.
        let got = stream.read(&mut buffer)?;
        let request = &buffer[..got];
        if request.is_empty() {
            // An empty recv is not an empty message. It says that the client sends no more.
            return Ok(());
        }
        observer.received(request);
        let reply = answer(request, service);
        // `write_all` is Python's sendall: `write` alone may take less than all.
        stream.write_all(&reply)?;
        observer.sent(&reply);
    }
}

/// Steps 4 to 6, again and again: one client at a time, the next one waits in the accept queue.
/// Returns on Ctrl-C, or after one client if `once`.
///
/// # Errors
/// When the listening socket itself fails. A client's trouble ends that client only.
pub fn serve(
    listener: &Socket,
    service: &Service,
    policy: &Policy,
    server_log: &ServerLog,
    once: bool,
) -> io::Result<()> {
    loop {
        // 4. Wait for a call. What rings here is a new socket, connected to one client.
        let (socket, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            // This caller hung up before we answered; the next one may not.
            Err(error) if AcceptError::of(&error) == AcceptError::Passing => continue,
            Err(error) => return Err(error),
        };
        let Some(mut connection) = policy.admit(socket, &peer) else { return Ok(()) };
        let mut log = server_log.connected(&connection);
        let outcome = converse(&mut connection, service, &mut log);
        match service {
            Service::Greet(_) if outcome.is_ok() => log.closed_by_server(),
            _ => log.closed(&outcome),
        }
        // 6. Hang up: the connection closes when it is dropped.
        drop(connection);
        if once {
            return Ok(());
        }
    }
}
