//! What becomes of a datagram when nobody is there.
//!
//! `cargo run -p lesson04-server --example nobody_there`
//!
//! Claim: it is lost, and `sendto` reports success; starting the server later does not bring it
//! back. Only a connected socket is told. The tutorial says that either side may start first
//! without error.

use std::io::{self, ErrorKind};
use std::net::UdpSocket;
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
        "sendto to a port where nobody is succeeds, and the datagram is lost,\n\
         even if a server comes later; a connected socket is told, one call later"
    );

    let address = UdpSocket::bind("127.0.0.1:0")?.local_addr()?; // free again at once
    let client = UdpSocket::bind("127.0.0.1:0")?;
    let sent = client.send_to(b"anyone?", address)?;
    here!("nobody there: sendto(7) = {sent}");
    ensure!(sent == 7, "it should be sent");
    let outcome = recv(&client, SHORT_TIMEOUT);
    here!("the client's recv, {SHORT_TIMEOUT:?} later: {}", in_words(&outcome));
    // Windows hands the news to a socket that is not connected as well.
    ensure!(cfg!(windows) || is_nothing(&outcome), "the client should hear nothing");

    let server = UdpSocket::bind(address)?;
    let outcome = recv(&server, SHORT_TIMEOUT);
    here!("a server comes; its recv: {}", in_words(&outcome));
    ensure!(is_nothing(&outcome), "the datagram should be gone");
    client.send_to(b"again", address)?;
    let outcome = recv(&server, RECV_TIMEOUT);
    here!("the client asks again; the server's recv: {}", in_words(&outcome));
    ensure!(outcome.as_deref().ok() == Some("again"), "this one should arrive");

    drop(server);
    client.connect(address)?;
    let sent = client.send(b"anyone?")?;
    here!("the server goes; connected: send(7) = {sent}");
    let outcome = recv(&client, RECV_TIMEOUT);
    here!("the client's recv: {}", in_words(&outcome));
    let told = outcome.err().map(|error| error.kind());
    ensure!(
        matches!(told, Some(ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset)),
        "the client should be told"
    );

    why!(
        "sending ends when our kernel has taken the packet. The kernel over there\n\
         answers with an ICMP message, port unreachable, and ours passes it on\n\
         only where it knows for whom: to a socket that is connected to that\n\
         port. Between two machines that message may be lost, or never be sent:\n\
         it is no promise. connect sends nothing over UDP: it only notes the\n\
         address"
    );
    Ok(())
}

fn recv(socket: &UdpSocket, patience: Duration) -> io::Result<String> {
    let mut buffer = [0; 1024];
    socket.set_read_timeout(Some(patience))?;
    let (n, _) = socket.recv_from(&mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..n]).into_owned())
}

fn is_nothing(outcome: &io::Result<String>) -> bool {
    let kind = outcome.as_ref().err().map(io::Error::kind);
    matches!(kind, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

fn in_words(outcome: &io::Result<String>) -> String {
    match outcome {
        Ok(text) => format!("{text:?}"),
        Err(_) if is_nothing(outcome) => text!("nothing").to_owned(),
        Err(error) => error.to_string(),
    }
}
