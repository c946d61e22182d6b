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
use socket2::{MaybeUninitSlice, SockRef};

/// For how many bytes of a datagram the server has room.
const BUFFER: usize = 1024;
/// How long to wait for what should come.
const RECV_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    println!("claim:  of 2000 bytes a recv(1024) returns 1024; the others are lost, and do not");
    println!("        wait for the next recv");
    if cfg!(windows) {
        println!("here:   not visible on this system: Windows loses the rest as well, but then");
        println!("        returns an error in place of the count");
        return Ok(());
    }

    let server = UdpSocket::bind("127.0.0.1:0")?;
    let client = UdpSocket::bind("127.0.0.1:0")?;
    server.set_read_timeout(Some(RECV_TIMEOUT))?;
    client.connect(server.local_addr()?)?;

    let mut buffer = [0; BUFFER];
    let sent = client.send(&[b'x'; 2000])?;
    let (first, _) = server.recv_from(&mut buffer)?;
    println!("here:   send(2000) = {sent}, recvfrom({BUFFER}) = {first}: no error, no hint");
    ensure!((sent, first) == (2000, BUFFER), "the room should be filled");

    client.send(b"next")?;
    let (n, _) = server.recv_from(&mut buffer)?;
    println!("        the next recvfrom = {n}: {:?}", String::from_utf8_lossy(&buffer[..n]));
    ensure!(&buffer[..n] == b"next", "the rest of the first datagram should be gone");

    for length in [BUFFER, BUFFER + 1] {
        client.send(&vec![b'x'; length])?;
        // Its contents are not read, so it need not hold any before.
        let mut room = [MaybeUninit::uninit(); BUFFER];
        let mut rooms = [MaybeUninitSlice::new(&mut room)];
        let (n, flags) = SockRef::from(&server).recv_vectored(&mut rooms)?;
        println!("        of {length}, recvmsg({BUFFER}) = {n}, cut: {}", flags.is_truncated());
        ensure!(n == BUFFER && flags.is_truncated() == (length > BUFFER), "recvmsg should tell");
    }

    println!("why:    recv takes a whole datagram out of the queue, whatever the caller has");
    println!("        room for; of a TCP stream it takes only what it returns. recvfrom");
    println!("        returns no hint; recvmsg has the flag MSG_TRUNC (man 2 recv), and a peek");
    println!("        shows the length before. Over IPv4 65507 bytes of room are always enough");
    Ok(())
}
