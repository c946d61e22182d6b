//! What the number given to `listen` counts: those who wait for `accept`, and nobody else.
//!
//! `cargo run -p lesson01-server --example backlog`
//!
//! Claim: after `listen(4)`, 5 clients connect although nobody calls `accept`. Once accepted, 50 are
//! connected at the same time. The tutorial takes the number for a limit on clients.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::ensure;
use console::{claim, here, why};
use socket2::{Domain, Socket, Type};

language::catalogue!();

const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "listen(4) limits who waits for accept, not how many clients there are: 5\n\
         connect before any accept, and 50 are open at once"
    );
    if cfg!(not(target_os = "linux")) {
        here!("not visible on this system, which counts its queue in its own way");
        return Ok(());
    }

    let (_phone, address) = listen(4)?;
    let dial = |patience| TcpStream::connect_timeout(&address, patience);
    let waiting: Vec<_> = (0..5).map_while(|_| dial(PATIENCE).ok()).collect();
    here!("accepted 0, connected {}", waiting.len());
    ensure!(waiting.len() == 5, "5 should be connected; is net.core.somaxconn below 4?");
    // Shown and not asserted: another core may take this one in before it has counted the fifth.
    match dial(Duration::from_millis(200)) {
        Ok(_) => here!("the sixth: connected as well"),
        Err(error) => here!("the sixth, after 200 ms: {error}"),
    }

    let (phone, address) = listen(4)?;
    let mut calls = Vec::new();
    for _ in 0..50 {
        let client = TcpStream::connect_timeout(&address, PATIENCE)?;
        let (server, _) = phone.accept()?;
        server.set_read_timeout(Some(PATIENCE))?;
        calls.push((client, server));
    }
    let mut open = 0;
    for (client, server) in &mut calls {
        client.write_all(b"?")?;
        open += server.read(&mut [0])?;
    }
    here!("accepted {}, open at once {open}: a byte went through each", calls.len());
    ensure!(open == 50, "50 should be open");

    why!(
        "the kernel completes each handshake by itself and puts the connection in\n\
         the accept queue; accept only takes it out, and makes room for another.\n\
         Linux lets one more in than it was told, and leaves the next one's SYN\n\
         unanswered"
    );
    Ok(())
}

fn listen(backlog: i32) -> io::Result<(Socket, SocketAddr)> {
    let phone = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    phone.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    phone.listen(backlog)?;
    // On Linux this bounds accept as well.
    phone.set_read_timeout(Some(PATIENCE))?;
    let address = phone.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
    Ok((phone, address))
}
