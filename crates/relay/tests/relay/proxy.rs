//! A relay in a thread of its own, and both ends of its connections.

use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use fault::stream::{Direction, Faults};
use relay::{ConnectionId, End, Observer, Options, Refusal, Relay, Route, Summary, Totals, Waker};
use socket2::{Domain, SockRef, Socket, Type};

/// When a test gives up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// What an observer is told.
#[derive(Debug)]
pub(crate) enum Told {
    Opened(ConnectionId, Way),
    /// The route, and who came in there.
    Refused(usize, SocketAddr, String),
    Bytes(ConnectionId, Direction, Vec<u8>),
    Fault(Direction, String),
    Closed(ConnectionId, Summary),
    Exhausted,
    Recovered,
}

/// Where a client came in, who it is, and where it was led to.
#[derive(Debug, PartialEq)]
pub(crate) struct Way {
    pub(crate) route: usize,
    pub(crate) client: SocketAddr,
    pub(crate) upstream: SocketAddr,
}

struct Teller(mpsc::Sender<Told>);

impl Teller {
    fn tell(&self, told: Told) {
        // Most tests do not listen any more when the relay is stopped.
        _ = self.0.send(told);
    }
}

impl Observer for Teller {
    fn opened(&mut self, id: ConnectionId, route: usize, client: SocketAddr, upstream: SocketAddr) {
        self.tell(Told::Opened(id, Way { route, client, upstream }));
    }

    fn refused(&mut self, route: usize, client: SocketAddr, why: &Refusal) {
        self.tell(Told::Refused(route, client, why.to_string()));
    }

    fn bytes(&mut self, id: ConnectionId, direction: Direction, bytes: &[u8]) {
        self.tell(Told::Bytes(id, direction, bytes.to_vec()));
    }

    fn fault(&mut self, _id: ConnectionId, direction: Direction, words: &str) {
        self.tell(Told::Fault(direction, words.to_owned()));
    }

    fn closed(&mut self, id: ConnectionId, summary: &Summary) {
        let Summary { up, down, duration, ref end } = *summary;
        self.tell(Told::Closed(id, Summary { up, down, duration, end: copy(end) }));
    }

    fn exhausted(&mut self, _error: &io::Error) {
        self.tell(Told::Exhausted);
    }

    fn recovered(&mut self) {
        self.tell(Told::Recovered);
    }
}

/// An `io::Error` cannot be cloned.
fn copy(end: &End) -> End {
    match end {
        End::Client => End::Client,
        End::Upstream => End::Upstream,
        End::ClientReset(error) => End::ClientReset(error.kind().into()),
        End::UpstreamReset(error) => End::UpstreamReset(error.kind().into()),
        End::IdleTimeout => End::IdleTimeout,
        End::Fault => End::Fault,
        End::FaultReset => End::FaultReset,
        End::Stopped => End::Stopped,
    }
}

/// A relay that runs.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    told: mpsc::Receiver<Told>,
    stopping: Arc<AtomicBool>,
    abandoned: Arc<AtomicBool>,
    waker: Waker,
    outcome: mpsc::Receiver<io::Result<Totals>>,
}

impl Proxy {
    pub(crate) fn start(upstream: &[SocketAddr], options: Options) -> Proxy {
        Proxy::on(TcpListener::bind("127.0.0.1:0").unwrap(), upstream, options)
    }

    pub(crate) fn on(listener: TcpListener, upstream: &[SocketAddr], options: Options) -> Proxy {
        let address = listener.local_addr().unwrap();
        let route = Route { listener: listener.into(), upstream: upstream.to_vec() };
        Proxy::run(address, Relay::new(vec![route], options).unwrap())
    }

    pub(crate) fn run(address: SocketAddr, relay: Relay) -> Proxy {
        let waker = relay.waker();
        let (sender, told) = mpsc::channel();
        let (stopping, abandoned) = <(Arc<AtomicBool>, Arc<AtomicBool>)>::default();
        let (is_stopping, is_abandoned) = (stopping.clone(), abandoned.clone());
        let outcome = in_a_thread(move || {
            let is = |flag: &AtomicBool| flag.load(Ordering::SeqCst);
            relay.run(&mut Teller(sender), || is(&is_stopping), || is(&is_abandoned))
        });
        Proxy { address, told, stopping, abandoned, waker, outcome }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    /// Has a client refused: it is sent a reset, of which its system may tell in `connect` already.
    #[track_caller]
    pub(crate) fn assert_resets_a_client(&self) {
        let outcome = TcpStream::connect_timeout(&self.address, DEADLINE)
            .and_then(|client| with_deadline(client).read(&mut [0]));
        let error = outcome.expect_err("the client has not been reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    }

    /// What the observer is told next.
    #[track_caller]
    pub(crate) fn told(&self) -> Told {
        self.told.recv_timeout(DEADLINE).expect("the observer is told nothing more")
    }

    /// What came of the connection that is closed next.
    #[track_caller]
    pub(crate) fn closed(&self) -> Summary {
        loop {
            match self.told() {
                Told::Closed(_, summary) => return summary,
                Told::Refused(_, client, why) => panic!("{client} was refused: {why}"),
                _ => {}
            }
        }
    }

    /// Why the client was refused that is refused next.
    #[track_caller]
    pub(crate) fn refused(&self) -> String {
        loop {
            if let Told::Refused(_, _, why) = self.told() {
                return why;
            }
        }
    }

    /// What the next fault has to say.
    #[track_caller]
    pub(crate) fn fault(&self) -> (Direction, String) {
        loop {
            if let Told::Fault(direction, words) = self.told() {
                return (direction, words);
            }
        }
    }

    pub(crate) fn ask_to_stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.waker.wake().unwrap();
    }

    /// Has it look at its faults.
    pub(crate) fn wake(&self) {
        self.waker.wake().unwrap();
    }

    pub(crate) fn abandon(&self) {
        self.abandoned.store(true, Ordering::SeqCst);
        self.waker.wake().unwrap();
    }

    /// What it has done, once it has ended.
    #[track_caller]
    pub(crate) fn outcome(&self) -> io::Result<Totals> {
        self.outcome.recv_timeout(DEADLINE).expect("the relay does not end")
    }

    /// Stops it when no connection is open any more.
    #[track_caller]
    pub(crate) fn stop(&self) -> Totals {
        self.ask_to_stop();
        self.outcome().unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.abandon();
    }
}

/// A relay with its upstream, which the test plays itself.
pub(crate) struct Between {
    pub(crate) proxy: Proxy,
    upstream: TcpListener,
}

impl Between {
    pub(crate) fn new(options: Options) -> Between {
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::start(&[upstream.local_addr().unwrap()], options);
        Between { proxy, upstream }
    }

    /// With these faults, such as `up:slice=1`.
    pub(crate) fn with_faults(faults: &[&str]) -> Between {
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        Between::new(Options { faults: Faults::new(faults, 0), ..Options::default() })
    }

    /// The two ends of a new connection: the client's, and the upstream's.
    pub(crate) fn connect(&self) -> (TcpStream, TcpStream) {
        let client = self.proxy.connect();
        (client, self.accept())
    }

    pub(crate) fn accept(&self) -> TcpStream {
        with_deadline(self.upstream.accept().unwrap().0)
    }
}

/// Bytes in all three ways: copied or spliced, looked at, and through a fault that changes nothing.
pub(crate) fn each_way() -> [(&'static str, Between); 3] {
    let looked_at = Options { observes_bytes: true, ..Options::default() };
    [
        ("fast", Between::new(Options::default())),
        ("looked at", Between::new(looked_at)),
        ("through faults", Between::with_faults(&["none"])),
    ]
}

/// Runs this in a thread of its own; what it returns can be waited for with a deadline.
pub(crate) fn in_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> mpsc::Receiver<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    with_deadline(TcpStream::connect_timeout(&address, DEADLINE).unwrap())
}

pub(crate) fn with_deadline(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// A listener whose connections have a receive buffer of a few KiB.
pub(crate) fn narrow_listener() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    // The window of a connection is agreed on when it is made.
    socket.set_recv_buffer_size(4096).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(16).unwrap();
    socket.into()
}

/// What comes until the stream ends in order: a reset fails the test.
#[track_caller]
pub(crate) fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut came = Vec::new();
    stream.read_to_end(&mut came).unwrap();
    came
}

/// What comes until the connection is reset: an orderly end fails the test.
#[track_caller]
pub(crate) fn read_to_reset(stream: &mut TcpStream) -> Vec<u8> {
    let mut came = Vec::new();
    let error = stream.read_to_end(&mut came).expect_err("the stream has ended in order");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    came
}

/// Closes with a reset, which throws away what is still on its way.
pub(crate) fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Tries until it succeeds.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let given_up = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < given_up, "{what}: still not so");
        thread::yield_now();
    }
}

/// Bytes without a pattern, so that none can be lost, doubled or moved unseen.
pub(crate) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = vec![0; length];
    for piece in bytes.chunks_mut(8) {
        // xorshift64 (Marsaglia, 2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        piece.copy_from_slice(&state.to_le_bytes()[..piece.len()]);
    }
    bytes
}

/// Compares without printing megabytes.
#[track_caller]
pub(crate) fn assert_same(what: &str, got: &[u8], sent: &[u8]) {
    if got != sent {
        let differ = got.iter().zip(sent).position(|(got, sent)| got != sent);
        let (came, all) = (got.len(), sent.len());
        panic!("{what}: {came} bytes came of {all}; the first that differs: {differ:?}");
    }
}
