//! What comes after a loss, over UDP.
//!
//! `cargo run -p lesson04-server --example still_waiting`
//!
//! Claim: nothing, by itself. No time-out is built in, and nothing is sent again; both are the
//! program's to do. The tutorial says that after a set time the operation counts as timed out; its
//! clients set none, and hang.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::ensure;
use console::{claim, here, why};

language::catalogue!();

/// How long the client waits for an answer that does not come.
const TIMEOUT: Duration = Duration::from_millis(100);
/// How long to wait for what should come.
const RECV_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "when an answer is lost, recvfrom waits for ever, or for the time-out\n\
         that was set, and nothing is sent again unless the program does it"
    );

    let server = UdpSocket::bind("127.0.0.1:0")?;
    let client = UdpSocket::bind("127.0.0.1:0")?;
    here!("as made: {:?}, so a recvfrom would wait for ever", client.read_timeout()?);
    ensure!(client.read_timeout()?.is_none(), "a new socket should have no time-out");

    client.send_to(b"question", server.local_addr()?)?;
    let (question, _) = recv(&server, RECV_TIMEOUT)?;
    here!("the server got {question:?}, and its answer is lost");

    let begun = Instant::now();
    let outcome = recv(&client, TIMEOUT);
    let waited = begun.elapsed().as_millis();
    here!("the client waited {waited} ms (set: {TIMEOUT:?}): {}", in_words(&outcome));
    ensure!(is_nothing(&outcome), "nothing should have come");
    let outcome = recv(&server, TIMEOUT);
    here!("a second question at the server: {}", in_words(&outcome));
    ensure!(is_nothing(&outcome), "nobody should have asked again");

    client.send_to(b"question", server.local_addr()?)?;
    let (_, from) = recv(&server, RECV_TIMEOUT)?;
    server.send_to(b"answer", from)?;
    let outcome = recv(&client, RECV_TIMEOUT);
    here!("the program asks again: {}", in_words(&outcome));
    ensure!(outcome.is_ok_and(|(text, _)| text == "answer"), "now the answer should come");

    why!(
        "TCP keeps what it sent until it is acknowledged, and sends it again. UDP\n\
         forgets it, and lets the program decide: repeat, go on without, or give\n\
         up. Set a time-out (settimeout in Python, SO_RCVTIMEO), repeat a bounded\n\
         number of times, and mind that the first question may have been heard:\n\
         here the server got it twice"
    );
    Ok(())
}

fn recv(socket: &UdpSocket, patience: Duration) -> io::Result<(String, SocketAddr)> {
    let mut buffer = [0; 1024];
    socket.set_read_timeout(Some(patience))?;
    let (n, from) = socket.recv_from(&mut buffer)?;
    Ok((String::from_utf8_lossy(&buffer[..n]).into_owned(), from))
}

fn is_nothing(outcome: &io::Result<(String, SocketAddr)>) -> bool {
    let kind = outcome.as_ref().err().map(io::Error::kind);
    matches!(kind, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

fn in_words(outcome: &io::Result<(String, SocketAddr)>) -> String {
    match outcome {
        Ok((text, _)) => format!("{text:?}"),
        Err(error) => format!("{:?}", error.kind()),
    }
}
