//! How large a datagram can be.
//!
//! `cargo run -p lesson04-server --example largest_datagram`
//!
//! Claim: 65507 bytes over IPv4, and one more is refused. The tutorial says that UDP is not for
//! large data, and gives no number.

use std::net::UdpSocket;
use std::time::Duration;

use anyhow::{bail, ensure};
use console::{claim, here, why};

language::catalogue!();

/// The largest datagram over IPv4, in bytes: what 16 bits of length can say, less IPv4's header of 20 and UDP's of 8.
const MAX_DATAGRAM: usize = 65_535 - 20 - 8;
/// How long to wait for what should come.
const RECV_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!("over IPv4 a datagram of 65507 bytes goes, and one of 65508 is refused");
    if cfg!(not(target_os = "linux")) {
        here!("not visible on every system: some refuse smaller ones (macOS: 9216)");
        return Ok(());
    }

    let server = UdpSocket::bind("127.0.0.1:0")?;
    let client = UdpSocket::bind("127.0.0.1:0")?;
    server.set_read_timeout(Some(RECV_TIMEOUT))?;
    client.connect(server.local_addr()?)?;
    let data = vec![b'x'; MAX_DATAGRAM + 1];

    let sent = client.send(&data[..MAX_DATAGRAM])?;
    let (received, _) = server.recv_from(&mut vec![0; MAX_DATAGRAM + 1])?;
    here!("send({MAX_DATAGRAM}) = {sent}, received {received} in one recv");
    ensure!((sent, received) == (MAX_DATAGRAM, MAX_DATAGRAM), "it should go, and arrive whole");

    match client.send(&data) {
        Ok(sent) => bail!("send({}) = {sent}, which no IPv4 packet can hold", data.len()),
        Err(error) => here!("send({}): {error}", data.len()),
    }

    why!(
        "an IPv4 packet gives its length in 16 bits, so it ends at 65535, and 28\n\
         are for the headers. (IPv6 does not count its own header: 65527.)\n\
         Nothing splits it for us, as TCP does. What exceeds a link's MTU, 1500\n\
         bytes on Ethernet, goes as fragments, and if one is lost, all of it is.\n\
         So send numbered pieces of about 1200 bytes, which fit anywhere"
    );
    Ok(())
}
