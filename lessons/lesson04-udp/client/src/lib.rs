//! # Lesson 04: UDP, the client
//!
//! The client writes a letter, and waits for the answer; but a letter or its answer may be lost, and
//! nobody says so. So the wait has an end, and then the client writes again.
//!
//! ```text
//! terminal 1:  cargo run -p lesson04-server
//! terminal 2:  cargo run -p lesson04-client
//!              >>: hello
//!              HELLO
//! ```
//!
//! How a whole file gets through is lesson 09.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use endpoint::Datagrams;
use socket2::{Domain, Protocol, Socket, Type};
use trace::Observer;

/// How many bytes a datagram can have over IPv4: 65,535, less IPv4's header of 20 and UDP's of 8.
pub const MAX_DATAGRAM: usize = 65_507;

/// Step 1: a socket for questions to the server at `address`.
///
/// # Errors
/// When the system has no way there.
pub fn connect(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // Nothing is sent here: to `connect` a datagram socket only tells our own kernel whom it is for.
    // From now on it drops what anyone else sends to us. Without that, whoever guesses our port can
    // answer in the server's place. And it tells us (ECONNREFUSED) when no server is there.
    socket.connect(&address.into())?;
    Ok(socket)
}

/// Steps 2 and 3: sends the request, and waits for the answer for the first of `waits`; if none comes,
/// again for the next of them. The observer is told of each try. `None` if no answer came.
///
/// # Errors
/// `ConnectionRefused` if to the last try no server was there; otherwise the socket's own failure.
pub fn ask(
    socket: &mut Datagrams,
    server: SocketAddr,
    request: &[u8],
    waits: impl IntoIterator<Item = Duration>,
    observer: &mut impl Observer,
) -> io::Result<Option<Vec<u8>>> {
    let (mut buffer, mut outcome) = (vec![0; MAX_DATAGRAM], Ok(None));
    for wait in waits {
        // 2. Send. Success says only that the datagram has left.
        observer.sent(request);
        send(socket, request)?;
        // 3. Wait, but not for ever: the tutorial's client does, and one lost datagram hangs it.
        match socket.recv_from(&mut buffer, Some(wait)) {
            Ok(Some(answer)) => {
                observer.received(answer.bytes);
                outcome = Ok(Some(answer.bytes.to_vec()));
                break;
            }
            Ok(None) => outcome = Ok(None),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                // No server is there yet: over UDP either side may start first. The system says so at
                // once, and a server needs time to start.
                thread::sleep(wait);
                outcome = Err(error);
            }
            Err(error) => return Err(error),
        }
    }
    // More answers to this question may be on their way: a datagram may arrive twice, and each try
    // may be answered. Nothing in them says to which question they belong; so the next question
    // leaves from another port, and what comes to the old one finds nobody.
    socket.replace(connect(server)?);
    outcome
}

fn send(socket: &Datagrams, request: &[u8]) -> io::Result<()> {
    match socket.send(request) {
        // The next call tells that an earlier datagram met no server, and then sends nothing.
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => socket.send(request),
        sent => sent,
    }
}
