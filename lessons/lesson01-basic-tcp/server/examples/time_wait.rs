//! When a server's port is still taken after it has ended.
//!
//! `cargo run -p lesson01-server --example time_wait`
//!
//! Claim: only if the server closed a connection first, and then, on Linux, SO_REUSEADDR helps only
//! if the old server had set it as well as the new one. The tutorial blames every close.

use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::ensure;
use console::{claim, here, why};
use language::text;
use socket2::{Domain, Socket, Type};

language::catalogue!();

const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Client,
    Server,
}

fn main() -> anyhow::Result<()> {
    claim!(
        "whoever closes first gets TIME_WAIT. If that was the server, its port is\n\
         taken, unless the old and the new server have both set SO_REUSEADDR"
    );
    if cfg!(not(target_os = "linux")) {
        here!("not visible on this system, where the option has its own rules");
        return Ok(());
    }

    let cases = [
        (text!("client first, neither sets the option"), First::Client, false, false, true),
        (text!("server first, neither sets it"), First::Server, false, false, false),
        (text!("server first, only the new one sets it"), First::Server, false, true, false),
        (text!("server first, only the old one sets it"), First::Server, true, false, false),
        (text!("server first, both set it"), First::Server, true, true, true),
    ];
    for (case, first, old, new, should) in cases {
        let restarted = restart(first, old, new)?;
        match restarted {
            true => here!("{case:39} restarts"),
            false => here!("{case:39} address in use"),
        }
        ensure!(restarted == should, "{case}: it should be the other way round");
    }

    why!(
        "a late segment of the old connection must not reach a new one, so who\n\
         closed first keeps its addresses for 60 s; a client's port is one that\n\
         nobody wants again. See it: ss -tan state time-wait. (Rust's own\n\
         TcpListener::bind sets the option on Unix, so here the sockets are made\n\
         with socket2)"
    );
    Ok(())
}

/// Serves one client, ends, and binds the port again. Whether that succeeded.
fn restart(first: First, old: bool, new: bool) -> io::Result<bool> {
    let phone = bind(0, old)?;
    phone.listen(1)?;
    phone.set_read_timeout(Some(PATIENCE))?; // bounds accept as well
    let address = phone.local_addr()?.as_socket().ok_or(ErrorKind::AddrNotAvailable)?;
    let client = TcpStream::connect_timeout(&address, PATIENCE)?;
    let server = TcpStream::from(phone.accept()?.0);
    let (goes, mut stays) = match first {
        First::Client => (client, server),
        First::Server => (server, client),
    };
    drop(goes);
    stays.set_read_timeout(Some(PATIENCE))?;
    let _end = stays.read(&mut [0])?; // the first close has arrived
    drop(stays);
    drop(phone);

    // The last ACK may still be on its way, so a moment's patience; TIME_WAIT lasts far longer.
    let begun = Instant::now();
    loop {
        match bind(address.port(), new) {
            Ok(_) => return Ok(true),
            Err(error) if error.kind() != ErrorKind::AddrInUse => return Err(error),
            Err(_) if begun.elapsed() > Duration::from_millis(200) => return Ok(false),
            Err(_) => std::thread::yield_now(),
        }
    }
}

fn bind(port: u16, reuse: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(reuse)?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], port)).into())?;
    Ok(socket)
}
