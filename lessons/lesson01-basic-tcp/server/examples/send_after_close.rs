//! Which `send` notices that the peer has closed.
//!
//! `cargo run -p lesson01-server --example send_after_close`
//!
//! Claim: not the first one. The tutorial says that a send to a peer that does not exist is a broken
//! pipe.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use console::{claim, here, why};

language::catalogue!();

const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!("the first send after the peer's close succeeds, and a later one fails");

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
    client.set_read_timeout(Some(PATIENCE))?;
    let (server, _) = listener.accept()?;
    drop(server);
    let end = client.read(&mut [0])?;
    here!("recv = {end}: the peer's close has arrived");

    let taken = client.write(b"?")?;
    here!("send 1 = {taken}: no error");
    ensure!(taken == 1, "the first send should be taken");

    let begun = Instant::now();
    let mut number = 1;
    let error = loop {
        number += 1;
        match client.write(b"?") {
            Err(error) => break error,
            Ok(_) if begun.elapsed() > PATIENCE => bail!("{number} sends, and no error"),
            Ok(_) => std::thread::yield_now(), // the peer's kernel has not answered yet
        }
    };
    here!("send {number}: {error}");
    ensure!(
        matches!(
            error.kind(),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
        ),
        "it should say that the connection is gone"
    );

    why!(
        "a FIN says that the peer sends no more; it may still listen (see\n\
         half_close). Only when the first byte reaches a socket that is gone does\n\
         the peer's kernel answer with a RST, and only after that does send know"
    );
    Ok(())
}
