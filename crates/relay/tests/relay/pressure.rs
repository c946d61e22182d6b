//! A receiver that does not read stops its sender, and costs a bounded amount of memory.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use fault::stream::MAX_ROOM;
use relay::{End, Options};

use crate::proxy::{
    Between, DEADLINE, Proxy, assert_same, each_way, in_a_thread, narrow_listener, noise,
    read_to_end, with_deadline,
};

/// More than the kernel and a relay hold for one connection.
const LONG: usize = 64 << 20;

/// Sends until nothing has been taken for 300 ms; returns how much was. It fails when all was.
#[track_caller]
fn send_until_stopped(mut sender: &TcpStream, bytes: &[u8]) -> usize {
    // A send that has timed out may have sent a part on Windows, and says nothing of it. So none waits.
    sender.set_nonblocking(true).unwrap();
    let (mut sent, mut taken_at) = (0, Instant::now());
    while sent < bytes.len() {
        match sender.write(&bytes[sent..]) {
            Ok(more) => (sent, taken_at) = (sent + more, Instant::now()),
            Err(error) if error.kind() != ErrorKind::WouldBlock => panic!("{error}"),
            Err(_) if taken_at.elapsed() < Duration::from_millis(300) => thread::yield_now(),
            Err(_) => {
                sender.set_nonblocking(false).unwrap();
                return sent;
            }
        }
    }
    panic!("nobody has stopped the sender, and nobody has received anything");
}

fn stops_and_goes_on(way: &str, between: &Between) {
    let bytes = noise(LONG, 7);
    for upwards in [true, false] {
        let (client, upstream) = between.connect();
        let (sender, mut receiver) = if upwards { (client, upstream) } else { (upstream, client) };
        let sent = send_until_stopped(&sender, &bytes);
        let rest = bytes[sent..].to_vec();
        let sends = in_a_thread(move || -> io::Result<()> {
            (&sender).write_all(&rest)?;
            sender.shutdown(Shutdown::Write)
        });
        assert_same(&format!("{way}, upwards {upwards}"), &read_to_end(&mut receiver), &bytes);
        sends.recv_timeout(DEADLINE).unwrap().unwrap();
    }
}

#[test]
fn a_receiver_that_does_not_read_stops_its_sender_and_gets_all_when_it_does() {
    for (way, between) in each_way() {
        stops_and_goes_on(way, &between);
    }
}

#[test]
fn bytes_that_are_delayed_stop_the_sender_when_they_are_too_many() {
    let between = Between::with_faults(&["latency=1h"]);
    let (client, _upstream) = between.connect();
    send_until_stopped(&client, &vec![0; MAX_ROOM + LONG]);
}

#[test]
fn one_receiver_that_does_not_read_does_not_hold_up_another() {
    let between = Between::new(Options::default());
    let (deaf, _upstream) = between.connect();
    send_until_stopped(&deaf, &vec![0; LONG]);
    let (mut client, mut upstream) = between.connect();
    for _ in 0..100 {
        client.write_all(b"hello").unwrap();
        upstream.read_exact(&mut [0; 5]).unwrap();
    }
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
)]
fn a_receiver_that_never_reads_is_idle_in_the_end_and_is_told_by_a_reset() {
    let upstream = narrow_listener();
    let idle_timeout = Duration::from_millis(500);
    let options = Options { idle_timeout, ..Options::default() };
    let proxy = Proxy::start(&[upstream.local_addr().unwrap()], options);
    let mut client = proxy.connect();
    let mut upstream = with_deadline(upstream.accept().unwrap().0);
    let sends = in_a_thread(move || while client.write_all(&[0; 1 << 16]).is_ok() {});
    let end = proxy.closed().end;
    assert!(matches!(end, End::IdleTimeout), "{end:?}");
    sends.recv_timeout(DEADLINE).expect("the client is not told");
    // An orderly end would say that this was all.
    let error = upstream.read_to_end(&mut Vec::new()).expect_err("an orderly end");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
}
