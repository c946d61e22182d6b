//! Whatever became of its clients, the proxy keeps nothing of them: no thread, no descriptor.
//! A process of its own, because a test beside it would be counted as well.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that could not do its part")]

mod engine;

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use endpoint::Limits;
use socket2::SockRef;

use crate::engine::{Engine, bind};

const DEADLINE: Duration = Duration::from_secs(30);

/// How many threads and descriptors this process has.
fn counted() -> [usize; 2] {
    ["/proc/self/task", "/proc/self/fd"].map(|folder| fs::read_dir(folder).unwrap().count())
}

/// A client that leaves in order, or with a reset; or whose upstream does.
fn visit(address: std::net::SocketAddr, upstream: &TcpListener, number: usize) {
    let mut client = TcpStream::connect(address).unwrap();
    let mut server = upstream.accept().unwrap().0;
    for stream in [&client, &server] {
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
    }
    client.write_all(b"hello").unwrap();
    server.read_exact(&mut [0; 5]).unwrap();
    let (leaving, mut staying) =
        if number.is_multiple_of(2) { (client, server) } else { (server, client) };
    match number / 2 % 3 {
        0 => leaving.shutdown(Shutdown::Write).unwrap(),
        1 => SockRef::from(&leaving).set_linger(Some(Duration::ZERO)).unwrap(),
        _ => {}
    }
    drop(leaving);
    // In order or not: the one that stays hears of it.
    _ = staying.read(&mut [0; 1]);
}

#[test]
fn whatever_became_of_its_clients_the_proxy_keeps_nothing_of_them() {
    for engine in [Engine::Threads, Engine::Relay(Vec::new())] {
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        let bound = bind(&[upstream.local_addr().unwrap()], Limits::default());
        let (address, stop) = (bound.addresses[0], bound.stop.clone());
        let proxy = thread::spawn({
            let engine = engine.clone();
            move || bound.run(&engine)
        });
        // What is made for the first client, and kept for the next, is no leak.
        for number in 0..6 {
            visit(address, &upstream, number);
        }
        let settled = |goal: Option<[usize; 2]>| {
            let deadline = Instant::now() + DEADLINE;
            let mut before = counted();
            loop {
                thread::sleep(Duration::from_millis(100));
                let now = counted();
                let reached = goal.map_or(now == before, |goal| now == goal);
                if reached || Instant::now() > deadline {
                    return now;
                }
                before = now;
            }
        };
        let before = settled(None);
        for number in 0..120 {
            visit(address, &upstream, number);
        }
        let after = settled(Some(before));
        assert_eq!(after, before, "threads and descriptors, {engine:?}");
        stop.request();
        assert_eq!(proxy.join().unwrap().unwrap().connections, 126);
    }
}
