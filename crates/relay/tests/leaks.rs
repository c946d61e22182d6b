//! Ten thousand connections leave nothing behind. A process of its own, because all tests of one
//! share its descriptors and threads.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that could not do its part")]

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use relay::{ConnectionId, Observer, Options, Relay, Route, Summary, Totals};

const DEADLINE: Duration = Duration::from_secs(30);

/// How many descriptors and how many threads this process has.
fn has() -> [usize; 2] {
    ["/proc/self/fd", "/proc/self/task"].map(|entries| fs::read_dir(entries).unwrap().count())
}

/// Counts the connections that are closed.
struct Closed<'a>(&'a AtomicU64);

impl Observer for Closed<'_> {
    fn closed(&mut self, _id: ConnectionId, _summary: &Summary) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Waits until so many are.
#[track_caller]
fn wait_for(closed: &AtomicU64, expected: u64) {
    let given_up = Instant::now() + DEADLINE;
    while closed.load(Ordering::SeqCst) < expected {
        assert!(Instant::now() < given_up, "{closed:?} of {expected} connections are closed");
        thread::yield_now();
    }
}

/// Sends back to each client what it has sent, one client after the other.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = Vec::new();
            // A client may be gone with a reset.
            if stream.read_to_end(&mut bytes).is_ok() {
                _ = stream.write_all(&bytes);
            }
        }
    });
    address
}

fn exchange(address: SocketAddr, bytes: &[u8]) {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    client.write_all(bytes).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert!(answer == bytes, "{} bytes came back of {}", answer.len(), bytes.len());
}

#[test]
fn ten_thousand_connections_leave_no_descriptor_and_no_thread() {
    let upstream = echo();
    let at_first = has();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let route = Route { listener: listener.into(), upstream: vec![upstream] };
    let relay = Relay::new(vec![route], Options::default()).unwrap();
    let (waker, stopping, closed) = (relay.waker(), AtomicBool::new(false), AtomicU64::new(0));
    let is_stopping = || stopping.load(Ordering::SeqCst);
    thread::scope(|scope| {
        let run = scope.spawn(|| relay.run(&mut Closed(&closed), is_stopping, || false));
        // The first ones make what is kept for all others.
        (0..10).for_each(|_| exchange(address, &vec![7; 1 << 20]));
        wait_for(&closed, 10);
        let before = has();
        for number in 0..10_000 {
            match number % 10 {
                0 => drop(TcpStream::connect(address).unwrap()),
                1 => exchange(address, &[7; 100_000]),
                _ => exchange(address, b"hello"),
            }
        }
        wait_for(&closed, 10_010);
        let after = wait_until_it_has(before);
        assert_eq!(after, before, "descriptors and threads, after ten thousand and before");
        stopping.store(true, Ordering::SeqCst);
        waker.wake().unwrap();
        let Totals { connections, refused, .. } = run.join().unwrap().unwrap();
        assert_eq!((connections, refused), (10_010, 0));
    });
    drop(waker);
    assert_eq!(
        wait_until_it_has(at_first),
        at_first,
        "descriptors and threads, at last and at first"
    );
}

/// The echo may still be closing its side of the last ones, and a thread that has ended leaves a
/// little later.
fn wait_until_it_has(expected: [usize; 2]) -> [usize; 2] {
    let given_up = Instant::now() + DEADLINE;
    while has() != expected && Instant::now() < given_up {
        thread::yield_now();
    }
    has()
}
