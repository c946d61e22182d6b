//! Whether `close` still delivers what was sent before it.
//!
//! `cargo run -p lesson01-server --example close_with_unread`
//!
//! Claim: it does, unless input is left unread; then `close` resets the connection and throws the
//! output away. The tutorial says that what is left in the output buffer is always sent.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::ensure;
use console::{claim, here, why};
use language::text;
use socket2::{Domain, SockRef, Socket, Type};

language::catalogue!();

/// How much the server sends before it closes, in bytes. The client's kernel has room for about a
/// tenth of it, so the rest is still in the server's kernel when `close` comes.
const SENT: usize = 128 * 1024;
const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!("close delivers what was sent before it, but not if input is left unread");
    if cfg!(not(target_os = "linux")) {
        here!("not visible on every system: some close in order in either case");
        return Ok(());
    }

    let (received, error) = hang_up(b"")?;
    here!("nothing unread: sent {SENT}, received {received}, then {}", name(error));
    ensure!(received == SENT && error.is_none(), "all should arrive, and then the end");

    let (received, error) = hang_up(b"?")?;
    here!("1 byte unread:  sent {SENT}, received {received}, then {}", name(error));
    ensure!(received < SENT, "the rest should be lost");
    ensure!(error == Some(io::ErrorKind::ConnectionReset), "the client should see a reset");

    why!(
        "who closes with unread input has not heard what the peer said, and tells\n\
         it so: a RST in place of a FIN (RFC 1122, 4.2.2.13). After a RST nothing\n\
         is sent, so the output buffer is dropped. Read to the end before you\n\
         close"
    );
    Ok(())
}

/// The client says `unread`, which the server leaves unread; the server sends and closes. Returns how
/// many bytes the client got, and the error with which its stream ended, if not in order.
fn hang_up(unread: &[u8]) -> io::Result<(usize, Option<io::ErrorKind>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    client.set_recv_buffer_size(8 * 1024)?;
    client.connect_timeout(&listener.local_addr()?.into(), PATIENCE)?;
    let mut client = TcpStream::from(client);
    let (mut server, _) = listener.accept()?;
    SockRef::from(&server).set_send_buffer_size(SENT)?;
    server.set_write_timeout(Some(PATIENCE))?;
    server.set_read_timeout(Some(PATIENCE))?;
    client.set_read_timeout(Some(PATIENCE))?;

    client.write_all(unread)?;
    if !unread.is_empty() {
        server.peek(&mut [0])?; // waits until it is there, and leaves it there
    }
    server.write_all(&[b'x'; SENT])?;
    drop(server);

    let mut received = Vec::new();
    let end = client.read_to_end(&mut received);
    Ok((received.len(), end.err().map(|error| error.kind())))
}

fn name(error: Option<io::ErrorKind>) -> String {
    error.map_or(text!("the end").to_owned(), |kind| kind.to_string())
}
