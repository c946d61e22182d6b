//! One connection that carries as much as it can, in one direction, and counts what arrives.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use e2e::socket;

/// Bytes in a write.
const WRITE: usize = 1 << 20;

/// The most that one read takes, in bytes.
const READ: usize = 1 << 18;

/// Sends through `proxy`, and receives at `sink`, both in threads of this process. Returns how many
/// bytes a second arrived in `time`, after `warm_up`; `and_then` is called before the stream ends.
///
/// # Panics
/// When what arrived is not what was sent: of the first MiB each byte is compared, of the rest the
/// number.
pub(crate) fn run<T>(
    proxy: SocketAddr,
    sink: &TcpListener,
    [warm_up, time]: [Duration; 2],
    and_then: impl FnOnce() -> T,
) -> (f64, T) {
    let piece = noise(WRITE);
    let (arrived, over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let source = socket::connect(proxy);
        let sending = scope.spawn(|| send(source, &piece, &over));
        let receiving = scope.spawn(|| receive(socket::accept(sink), &piece, &arrived));
        thread::sleep(warm_up);
        let (begin, before) = (Instant::now(), arrived.load(Ordering::Relaxed));
        thread::sleep(time);
        let (elapsed, after) = (begin.elapsed(), arrived.load(Ordering::Relaxed));
        let then = and_then();
        over.store(true, Ordering::Relaxed);
        let sent = sending.join().unwrap();
        receiving.join().unwrap();
        assert_eq!(arrived.load(Ordering::Relaxed), sent, "bytes that arrived, and that were sent");
        ((after - before) as f64 / elapsed.as_secs_f64(), then)
    })
}

/// Sends the same again and again until it is over, and returns how many bytes that were.
fn send(mut source: TcpStream, piece: &[u8], over: &AtomicBool) -> u64 {
    let mut sent = 0;
    while !over.load(Ordering::Relaxed) {
        source.write_all(piece).unwrap();
        sent += piece.len() as u64;
    }
    source.shutdown(Shutdown::Write).unwrap();
    // The sink closes when it has got everything, and the proxy passes that on.
    assert_eq!(source.read(&mut [0]).unwrap(), 0, "bytes that the sink has sent back");
    sent
}

/// Receives to the end, and counts.
fn receive(mut stream: TcpStream, expected: &[u8], arrived: &AtomicU64) {
    let mut first = vec![0; expected.len()];
    stream.read_exact(&mut first).unwrap();
    assert!(first == expected, "the first bytes have changed on their way");
    arrived.store(first.len() as u64, Ordering::Relaxed);
    let mut buffer = vec![0; READ];
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => return,
            got => _ = arrived.fetch_add(got as u64, Ordering::Relaxed),
        }
    }
}

/// Bytes without a pattern: xorshift64 (Marsaglia, 2003).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..length / 8).flat_map(|_| next().to_le_bytes()).collect()
}
