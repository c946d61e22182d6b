//! What becomes of a datagram for which there is too little room.
//!
//! `cargo run -p lesson04-server --example truncation`
//!
//! Claim: recv returns as much as there is room for, and the rest is gone: the next recv returns
//! the next datagram. The tutorial says that the receiver does not know the size beforehand, and
//! not what that costs.

use std::mem::MaybeUninit;
use std::net::UdpSocket;
use std::time::Duration;

use anyhow::ensure;
use console::{claim, here, why};
use socket2::{MaybeUninitSlice, SockRef};

language::catalogue!();

/// For how many bytes of a datagram the server has room.
const BUFFER: usize = 1024;
/// How long to wait for what should come.
const RECV_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "of 2000 bytes a recv(1024) returns 1024; the others are lost, and do not\n\
         wait for the next recv"
    );
    if cfg!(windows) {
        here!(
            "not visible on this system: Windows loses the rest as well, but then\n\
             returns an error in place of the count"
        );
        return Ok(());
    }

    let server = UdpSocket::bind("127.0.0.1:0")?;
    let client = UdpSocket::bind("127.0.0.1:0")?;
    server.set_read_timeout(Some(RECV_TIMEOUT))?;
    client.connect(server.local_addr()?)?;

    let mut buffer = [0; BUFFER];
    let sent = client.send(&[b'x'; 2000])?;
    let (first, _) = server.recv_from(&mut buffer)?;
    here!("send(2000) = {sent}, recvfrom({BUFFER}) = {first}: no error, no hint");
    ensure!((sent, first) == (2000, BUFFER), "the room should be filled");

    client.send(b"next")?;
    let (n, _) = server.recv_from(&mut buffer)?;
    here!("the next recvfrom = {n}: {:?}", String::from_utf8_lossy(&buffer[..n]));
    ensure!(&buffer[..n] == b"next", "the rest of the first datagram should be gone");

    for length in [BUFFER, BUFFER + 1] {
        client.send(&vec![b'x'; length])?;
        // Its contents are not read, so it need not hold any before.
        let mut room = [MaybeUninit::uninit(); BUFFER];
        let mut rooms = [MaybeUninitSlice::new(&mut room)];
        let (n, flags) = SockRef::from(&server).recv_vectored(&mut rooms)?;
        here!("of {length}, recvmsg({BUFFER}) = {n}, cut: {}", flags.is_truncated());
        ensure!(n == BUFFER && flags.is_truncated() == (length > BUFFER), "recvmsg should tell");
    }

    why!(
        "recv takes a whole datagram out of the queue, whatever the caller has\n\
         room for; of a TCP stream it takes only what it returns. recvfrom\n\
         returns no hint; recvmsg has the flag MSG_TRUNC (man 2 recv), and a peek\n\
         shows the length before. Over IPv4 65507 bytes of room are always enough"
    );
    Ok(())
}
