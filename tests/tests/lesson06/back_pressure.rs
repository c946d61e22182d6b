//! A receiver that does not read stops its sender.

use std::io::{ErrorKind, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use e2e::benchmark::Usage;
use e2e::socket;

use crate::{ENGINES, assert_passed, proxy};

/// How many bytes there are until the stream begins again. A prime, so that no lost buffer goes
/// unnoticed.
const PERIOD: usize = 251;

/// More bytes than all buffers between two ends hold.
const MORE_THAN_BUFFERED: usize = 64 << 20;

/// The first bytes of the stream.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % PERIOD) as u8).collect()
}

/// Sends until nothing more is taken; returns how many bytes that was.
fn send_until_it_waits(sender: &mut TcpStream) -> usize {
    let pattern = pattern(65536 + PERIOD);
    // On a busy machine this may be too early. Then there is less to receive.
    sender.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut sent = 0;
    let error = loop {
        match sender.write(&pattern[sent % PERIOD..]) {
            Ok(taken) => sent += taken,
            Err(error) => break error,
        }
        assert!(sent < MORE_THAN_BUFFERED, "nobody reads, and still {sent} bytes were taken");
    };
    assert_eq!(error.kind(), ErrorKind::WouldBlock, "after {sent} bytes: {error}");
    sent
}

#[test]
fn a_slow_reader_stops_the_sender_costs_no_memory_and_gets_every_byte_in_the_end() {
    let late: &[&str] = &["--fault", "latency=1ms"];
    for options in [ENGINES[0], ENGINES[1], late, &["--frames"]] {
        let (listener, address) = socket::listen();
        let proxy = proxy(address, options);
        for up in [true, false] {
            let client = socket::connect(proxy.address);
            let server = socket::accept(&listener);
            let (mut sender, mut reader) = if up { (client, server) } else { (server, client) };
            assert_passed(&mut sender, &mut reader);
            let before = Usage::of(proxy.id()).resident;
            let sent = send_until_it_waits(&mut sender);
            sender.shutdown(Shutdown::Write).unwrap();
            let came = socket::receive_to_end(&mut reader);
            assert_eq!(came.len(), sent, "{options:?}");
            let period = pattern(PERIOD);
            let is_right = came.chunks(PERIOD).all(|chunk| period.starts_with(chunk));
            assert!(is_right, "{options:?}: not the bytes that were sent");
            let grown = Usage::of(proxy.id()).peak.saturating_sub(before);
            assert!(grown < 8 * 1024, "{options:?}: the proxy has grown by {grown} KiB");
        }
    }
}
