//! Who makes the second client wait.
//!
//! `cargo run -p lesson05-server --example one_at_a_time`
//!
//! Claim: the program. While a server with one thread talks to one client, another connects and
//! sends with success, and is answered as soon as the first has left. The tutorial says that a TCP
//! socket serves one client at a time.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{anyhow, ensure};
use console::{claim, here, why};

language::catalogue!();

/// How long to wait for an answer that should not come.
const SHORT_WAIT: Duration = Duration::from_millis(100);
/// When a call that should succeed is given up.
const DEADLINE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "while a server with one thread has a client, a second one connects and\n\
         sends, and waits for its answer until the first has left"
    );

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&listener, 2));

    let mut first = TcpStream::connect_timeout(&address, DEADLINE)?;
    let answer = ask(&mut first, "first", DEADLINE)?;
    here!("the first client is connected, and answered: {answer:?}");

    let mut second = TcpStream::connect_timeout(&address, DEADLINE)?;
    let outcome = ask(&mut second, "second", SHORT_WAIT).map_err(|error| error.kind());
    here!("the second is connected, has sent, and got in {SHORT_WAIT:?}: {outcome:?}");
    ensure!(
        matches!(outcome, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)),
        "the second client should get no answer yet"
    );

    drop(first);
    let answer = receive(&mut second, DEADLINE)?;
    here!("the first leaves; the second got {answer:?}");
    ensure!(answer == "SECOND", "the second client should get its answer now");
    drop(second);
    server.join().map_err(|_| anyhow!("the server ended with a panic"))??;

    why!(
        "the kernel completes each handshake by itself, and keeps connections and\n\
         what they bring until somebody asks: TCP serves many at once. The\n\
         program with one thread is inside the loop of its first client, and asks\n\
         for no other. With a thread for each client it would, and with one that\n\
         asks for all of them: see the example readiness"
    );
    Ok(())
}

/// The two loops of lessons 01 to 03: over clients, and over the requests of one.
fn serve(listener: &TcpListener, clients: usize) -> io::Result<()> {
    for _ in 0..clients {
        let (mut client, _) = listener.accept()?;
        let mut request = [0; 1024];
        loop {
            match client.read(&mut request)? {
                0 => break,
                n => client.write_all(&request[..n].to_ascii_uppercase())?,
            }
        }
    }
    Ok(())
}

fn ask(client: &mut TcpStream, request: &str, timeout: Duration) -> io::Result<String> {
    client.write_all(request.as_bytes())?;
    receive(client, timeout)
}

fn receive(client: &mut TcpStream, timeout: Duration) -> io::Result<String> {
    let mut answer = [0; 1024];
    client.set_read_timeout(Some(timeout))?;
    let n = client.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..n]).into_owned())
}
