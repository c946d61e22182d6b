//! The test between a client and a server: it passes their bytes on, counts them, and stops at a
//! place in the stream that it was given. So what happens there does not depend on the time.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use e2e::{DEADLINE, socket};

/// The direction in which bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// A proxy before a server. When it is dropped while a stream is stopped, both ends read the end of it.
pub(crate) struct Proxy {
    /// What a client is to call.
    pub(crate) address: SocketAddr,
    passed: [Arc<AtomicU64>; 2],
    stopped: Receiver<()>,
    go_on: SyncSender<bool>,
}

/// A place at which a stream stops.
struct Stop {
    at: u64,
    stopped: SyncSender<()>,
    go_on: Receiver<bool>,
}

impl Proxy {
    /// A proxy that only counts.
    pub(crate) fn to(server: SocketAddr) -> Proxy {
        Proxy::stopping(server, Direction::Up, u64::MAX)
    }

    /// A proxy that stops the first client's stream when so many bytes have gone in this direction.
    pub(crate) fn stopping(server: SocketAddr, direction: Direction, at: u64) -> Proxy {
        let (listener, address) = socket::listen();
        let passed = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
        let (say_stopped, stopped) = sync_channel(1);
        let (go_on, wait) = sync_channel(1);
        let stop = Stop { at, stopped: say_stopped, go_on: wait };
        let counters = passed.clone();
        thread::spawn(move || serve(&listener, server, direction, stop, &counters));
        Proxy { address, passed, stopped, go_on }
    }

    /// Waits until the stream has stopped.
    #[track_caller]
    pub(crate) fn wait(&self) {
        self.stopped.recv_timeout(DEADLINE).unwrap();
    }

    /// Lets the stream go on.
    pub(crate) fn go_on(&self) {
        self.go_on.send(true).unwrap();
    }

    /// Ends the connection that has stopped; who calls again is served.
    pub(crate) fn hang_up(&self) {
        self.go_on.send(false).unwrap();
    }

    /// How many bytes have been passed on this direction, on all connections.
    pub(crate) fn passed(&self, direction: Direction) -> u64 {
        self.passed[direction as usize].load(Ordering::SeqCst)
    }
}

/// Connects each client that calls with the server, until none has called for a while.
fn serve(
    listener: &TcpListener,
    server: SocketAddr,
    direction: Direction,
    stop: Stop,
    passed: &[Arc<AtomicU64>; 2],
) {
    let mut stop = Some(stop);
    while let Ok((client, _)) = listener.accept() {
        let Ok(server) = TcpStream::connect_timeout(&server, DEADLINE) else { continue };
        let ends = [&client, &server].map(|end| end.try_clone().unwrap());
        let stop = stop.take();
        let (up, down) = if direction == Direction::Up { (stop, None) } else { (None, stop) };
        let [passed_up, passed_down] = passed.clone();
        thread::spawn(move || pass(client, server, up, &passed_up));
        let [client, server] = ends;
        thread::spawn(move || pass(server, client, down, &passed_down));
    }
}

/// Passes on what goes one direction, and its end.
fn pass(mut from: TcpStream, mut to: TcpStream, mut stop: Option<Stop>, passed: &AtomicU64) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let left = stop.as_ref().map_or(u64::MAX, |stop| stop.at - passed.load(Ordering::SeqCst));
        if left == 0 && !stop.take().is_some_and(|stop| stop.wait()) {
            _ = from.shutdown(Shutdown::Both);
            _ = to.shutdown(Shutdown::Both);
            return;
        }
        let piece = if left == 0 { buffer.len() } else { buffer.len().min(left as usize) };
        let got = from.read(&mut buffer[..piece]).unwrap_or(0);
        if got == 0 || to.write_all(&buffer[..got]).is_err() {
            // Whoever has gone has taken the other way with it.
            _ = to.shutdown(Shutdown::Write);
            return;
        }
        passed.fetch_add(got as u64, Ordering::SeqCst);
    }
}

impl Stop {
    /// Says that the place has been reached, and waits; whether the stream is to go on.
    fn wait(self) -> bool {
        _ = self.stopped.send(());
        self.go_on.recv().unwrap_or(false)
    }
}
