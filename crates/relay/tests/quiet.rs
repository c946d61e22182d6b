//! What is quiet costs nothing, and what waits costs little. A process of its own, because all tests of one
//! share its descriptors and its memory.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that could not do its part")]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};
use std::{fs, iter, thread};

use fault::stream::Faults;
use relay::{Options, Relay, Route};
use socket2::SockRef;

const DEADLINE: Duration = Duration::from_secs(30);

/// Tests that measure run one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// How much memory this process uses, in bytes.
fn memory() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// The time between two searches of a relay for connections whose time is up, and so between two
/// turns in which nothing happens.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// A relay with these faults that runs as long as its process, and the times of its turns.
fn relay_to(upstream: &TcpListener, faults: &[&str]) -> (SocketAddr, mpsc::Receiver<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let upstream = vec![upstream.local_addr().unwrap()];
    let route = Route { listener: listener.into(), upstream };
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let faults = Faults::new(faults, 0);
    let options = Options { faults, connect_timeout: CHECK_INTERVAL, ..Options::default() };
    let relay = Relay::new(vec![route], options).unwrap();
    let (turn, turns) = mpsc::channel();
    thread::spawn(move || {
        // This is asked once in each turn of the event loop. Some tests do not count the turns.
        let is_stopping = || {
            _ = turn.send(Instant::now());
            false
        };
        relay.run(&mut (), is_stopping, || false)
    });
    (address, turns)
}

/// Waits for the next turns, and sees that most of them have waited for the time to pass.
#[track_caller]
fn assert_does_not_spin(turns: &mpsc::Receiver<Instant>) {
    let earlier = turns.try_iter().count();
    let next_turn = || turns.recv_timeout(DEADLINE).unwrap();
    let (began, mut ended) = (next_turn(), Instant::now());
    for _ in 0..10 {
        ended = next_turn();
    }
    let took = ended - began;
    assert!(took > 3 * CHECK_INTERVAL, "10 turns in {took:?}, after {earlier} earlier ones");
}

/// Both ends of so many connections whose clients have sent until nobody took any more, and how many
/// bytes each of them has sent.
fn filled(
    relay: SocketAddr,
    upstream: &TcpListener,
    many: usize,
) -> Vec<(TcpStream, TcpStream, usize)> {
    let connect = |_| {
        let client = TcpStream::connect(relay).unwrap();
        client.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
        let upstream = upstream.accept().unwrap().0;
        upstream.set_read_timeout(Some(DEADLINE)).unwrap();
        (client, upstream)
    };
    let fill = |(mut client, upstream): (TcpStream, TcpStream)| {
        thread::spawn(move || {
            let sent = iter::from_fn(|| client.write(&[7; 1 << 16]).ok()).sum();
            (client, upstream, sent)
        })
    };
    let ends: Vec<_> = (0..many).map(connect).collect();
    let threads: Vec<_> = ends.into_iter().map(fill).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[test]
fn connections_that_were_busy_and_are_quiet_hold_their_two_sockets_and_no_pipe() {
    const MANY: usize = 40;
    /// What the relay keeps for all connections: 16 pipes, and the spare descriptor.
    const KEPT: usize = 16 * 2 + 1;
    let _alone = alone();
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let (relay, _) = relay_to(&upstream, &[]);
    let before = descriptors();
    let mut ends = filled(relay, &upstream, MANY);
    // Both ends and two sockets, and most of them a pipe.
    let (busy, most) = (descriptors(), before + 4 * MANY + KEPT);
    assert!(busy > most, "{busy} descriptors for {MANY} connections, so few of them have a pipe");
    for (_, upstream, sent) in &mut ends {
        upstream.read_exact(&mut vec![0; *sent]).unwrap();
    }
    let quiet = descriptors();
    assert!(quiet <= most, "{quiet} descriptors for {MANY} connections; at most {most} expected");
}

#[test]
fn receivers_that_do_not_read_cost_no_memory_but_the_kernels() {
    const MANY: usize = 10;
    let _alone = alone();
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let (relay, _) = relay_to(&upstream, &[]);
    drop(filled(relay, &upstream, MANY));
    let before = memory();
    let ends = filled(relay, &upstream, MANY);
    // Megabytes wait on the way, in sockets and pipes.
    assert!(ends.iter().all(|&(_, _, sent)| sent > 1 << 20));
    let grown = memory().saturating_sub(before);
    assert!(grown < 2 << 20, "{MANY} connections cost {grown} bytes");
}

#[test]
fn a_relay_does_not_spin_while_its_connections_are_quiet_half_closed_or_stopped() {
    let _alone = alone();
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let (relay, turns) = relay_to(&upstream, &[]);
    let connect = || (TcpStream::connect(relay).unwrap(), upstream.accept().unwrap().0);
    let (mut client, mut end) = connect();
    client.write_all(b"hello").unwrap();
    end.read_exact(&mut [0; 5]).unwrap();
    let (half_closed, mut told) = connect();
    half_closed.shutdown(Shutdown::Write).unwrap();
    assert_eq!(told.read(&mut [0]).unwrap(), 0);
    let _stopped = filled(relay, &upstream, 1);
    assert_does_not_spin(&turns);
}

#[test]
fn a_relay_does_not_spin_while_bytes_and_a_reset_are_on_their_way_through_faults() {
    let _alone = alone();
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let (relay, turns) = relay_to(&upstream, &["up:latency=20ms", "down:latency=1h"]);
    let mut client = TcpStream::connect(relay).unwrap();
    let mut upstream = upstream.accept().unwrap().0;
    client.write_all(b"hello").unwrap();
    upstream.read_exact(&mut [0; 5]).unwrap();
    // These are due soon, for a receiver that is gone by then.
    client.write_all(b"hello").unwrap();
    SockRef::from(&upstream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(upstream);
    assert_does_not_spin(&turns);
}
