//! A relay in a thread of its own, and both ends of its flows.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use endpoint::{Datagrams, Limits, Policy};
use fault::Direction;
use relay::Waker;
use relay::datagrams::{End, FlowId, Observer, Options, Refusal, Relay, Route, Summary, Totals};

/// When a test gives up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// What an observer is told.
#[derive(Debug)]
pub(crate) enum Told {
    Refused(String),
    Fault(Direction, String),
    Lost(Direction, usize),
    Unreachable,
    Closed(End),
}

struct Teller(mpsc::Sender<Told>);

impl Teller {
    fn tell(&self, told: Told) {
        // Most tests do not listen any more when the relay is stopped.
        _ = self.0.send(told);
    }
}

impl Observer for Teller {
    fn refused(&mut self, _: usize, _: SocketAddr, why: &Refusal) {
        self.tell(Told::Refused(why.to_string()));
    }

    fn fault(&mut self, _: FlowId, direction: Direction, _: usize, words: &str) {
        self.tell(Told::Fault(direction, words.to_owned()));
    }

    fn lost(&mut self, _: FlowId, direction: Direction, bytes: usize, _: &io::Error) {
        self.tell(Told::Lost(direction, bytes));
    }

    fn unreachable(&mut self, _: FlowId, _: &io::Error) {
        self.tell(Told::Unreachable);
    }

    fn closed(&mut self, _: FlowId, summary: &Summary) {
        self.tell(Told::Closed(summary.end));
    }
}

/// A relay that runs, with one route for each upstream.
pub(crate) struct Proxy {
    pub(crate) addresses: Vec<SocketAddr>,
    told: mpsc::Receiver<Told>,
    stopping: Arc<AtomicBool>,
    waker: Waker,
    outcome: mpsc::Receiver<io::Result<Totals>>,
}

impl Proxy {
    pub(crate) fn start(upstreams: &[SocketAddr], options: Options) -> Proxy {
        let policy = Policy::new(Limits::default());
        let bind = || Datagrams::bind("127.0.0.1:0".parse().unwrap(), &policy).unwrap();
        let routes =
            upstreams.iter().map(|&upstream| Route { socket: bind(), upstream: vec![upstream] });
        Proxy::on(routes.collect(), options)
    }

    pub(crate) fn on(routes: Vec<Route>, options: Options) -> Proxy {
        let addresses = routes.iter().map(|route| route.socket.local_addr().unwrap()).collect();
        let relay = Relay::new(routes, options).unwrap();
        let waker = relay.waker();
        let (sender, told) = mpsc::channel();
        let (stopping, (ended, outcome)) = (Arc::<AtomicBool>::default(), mpsc::channel());
        let is_stopping = stopping.clone();
        thread::spawn(move || {
            let stop = || is_stopping.load(Ordering::SeqCst);
            ended.send(relay.run(&mut Teller(sender), stop))
        });
        Proxy { addresses, told, stopping, waker, outcome }
    }

    /// Has it look at its faults.
    pub(crate) fn wake(&self) {
        self.waker.wake().unwrap();
    }

    /// What the observer is told next of what this looks for.
    #[track_caller]
    pub(crate) fn told<T>(&self, mut look: impl FnMut(Told) -> Option<T>) -> T {
        loop {
            let told = self.told.recv_timeout(DEADLINE).expect("the observer is told nothing more");
            if let Some(found) = look(told) {
                return found;
            }
        }
    }

    /// What the observer was told since somebody looked last, without a wait.
    pub(crate) fn told_so_far(&self) -> impl Iterator<Item = Told> + '_ {
        self.told.try_iter()
    }

    #[track_caller]
    pub(crate) fn closed(&self) -> End {
        self.told(|told| match told {
            Told::Closed(end) => Some(end),
            _ => None,
        })
    }

    #[track_caller]
    pub(crate) fn stop(self) -> Totals {
        self.stopping.store(true, Ordering::SeqCst);
        self.wake();
        self.outcome.recv_timeout(DEADLINE).expect("the relay does not end").unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        _ = self.waker.wake();
    }
}

/// A bound socket, and its address.
pub(crate) fn socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// The next datagram, and its sender.
#[track_caller]
pub(crate) fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 65_536];
    let (got, from) = socket.recv_from(&mut buffer).unwrap();
    buffer.truncate(got);
    (buffer, from)
}

/// Sends this through the relay; where the upstream sees it come from.
#[track_caller]
pub(crate) fn pass(
    client: &UdpSocket,
    proxy: &Proxy,
    upstream: &UdpSocket,
    bytes: &[u8],
) -> SocketAddr {
    client.send_to(bytes, proxy.addresses[0]).unwrap();
    let (came, from) = receive(upstream);
    assert!(came == bytes, "{} bytes came of {}", came.len(), bytes.len());
    from
}
