//! From whom a client takes its answer.
//!
//! `cargo run -p lesson04-server --example stranger`
//!
//! Claim: from anyone who knows its port, unless it is connected. The tutorial's clients are not,
//! and do not look at the sender.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use anyhow::ensure;
use console::{claim, here, why};
use language::text;

language::catalogue!();

/// How long to wait for a datagram that should not come.
const SHORT_TIMEOUT: Duration = Duration::from_millis(100);
/// How long to wait for what should come.
const RECV_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "a client that is not connected takes a stranger's datagram for its\n\
         answer; a connected one never sees it"
    );

    let bind = || UdpSocket::bind("127.0.0.1:0");
    let (server, stranger) = (bind()?, bind()?);
    let address = server.local_addr()?;
    let name = |from| if from == address { text!("the server") } else { text!("a stranger") };

    let client = bind()?;
    client.send_to(b"what is the time?", address)?;
    stranger.send_to(b"13:61", client.local_addr()?)?;
    let (answer, from) = recv(&client, RECV_TIMEOUT)?;
    here!("not connected: {answer:?} from {}", name(from));
    ensure!(from == stranger.local_addr()?, "the stranger's should have been taken");

    let client = bind()?;
    client.connect(address)?;
    client.send(b"what is the time?")?;
    let sent = stranger.send_to(b"13:61", client.local_addr()?)?;
    here!("connected: the stranger's sendto(5) = {sent}");
    server.send_to(b"09:30", client.local_addr()?)?;
    let (answer, from) = recv(&client, RECV_TIMEOUT)?;
    here!("connected: {answer:?} from {}", name(from));
    ensure!(from == address, "only the server's should get through");
    let more = recv(&client, SHORT_TIMEOUT).map_err(|error| error.kind());
    ensure!(
        matches!(more, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)),
        "the stranger's should not come later either: {more:?}"
    );
    here!("and then: nothing");

    why!(
        "a datagram is given to the socket with its port, and to a connected\n\
         socket only if it comes from the address that was noted (man 7 udp). The\n\
         check is the kernel's, and free. It keeps strangers out, not forgers: a\n\
         sender's address can be made up. So what matters is encrypted, or has a\n\
         number in the request and in its answer that nobody can guess"
    );
    Ok(())
}

fn recv(socket: &UdpSocket, patience: Duration) -> io::Result<(String, SocketAddr)> {
    let mut buffer = [0; 1024];
    socket.set_read_timeout(Some(patience))?;
    let (n, from) = socket.recv_from(&mut buffer)?;
    Ok((String::from_utf8_lossy(&buffer[..n]).into_owned(), from))
}
