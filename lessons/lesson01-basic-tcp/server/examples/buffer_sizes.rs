//! What becomes of the buffer size that one asks for.
//!
//! `cargo run -p lesson01-server --example buffer_sizes`
//!
//! Claim: Linux doubles it: 10000 reads back as 20000. The tutorial calls `getsockopt` and
//! `setsockopt` without arguments, which does not work, and says nothing of this.

use anyhow::ensure;
use console::{claim, here, why};
use socket2::{Domain, Socket, Type};

language::catalogue!();

fn main() -> anyhow::Result<()> {
    claim!("on Linux a buffer set to 10000 bytes reads back as 20000");

    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let (receive, send) = (socket.recv_buffer_size()?, socket.send_buffer_size()?);
    here!("as made:      receive {receive}, send {send}");
    socket.set_recv_buffer_size(10_000)?;
    socket.set_send_buffer_size(10_000)?;
    let (receive, send) = (socket.recv_buffer_size()?, socket.send_buffer_size()?);
    here!("set to 10000: receive {receive}, send {send}");
    if cfg!(target_os = "linux") {
        ensure!((receive, send) == (20_000, 20_000), "both should be doubled");
    } else {
        here!("the doubling is not visible on this system: it is Linux's own");
    }

    why!(
        "Linux counts its own bookkeeping into the buffer, and so makes it twice\n\
         what was asked for, or twice net.core.rmem_max or wmem_max if that is\n\
         less (man 7 socket). A size once set also stays: the kernel no longer\n\
         lets the buffer grow by itself"
    );
    Ok(())
}
