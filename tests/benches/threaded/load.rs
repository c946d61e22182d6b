//! The load: many clients in one thread, each of which sends a message, waits for its answer, and
//! then sends the next (a closed loop). So a slow server is asked less, and no client waits longer
//! than for its own answer.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use e2e::DEADLINE;
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// Bytes in a message, and in its answer.
pub(crate) const MESSAGE: usize = 64;

/// From the shortest to the longest latency that is told apart, in nanoseconds; three digits each.
const LATENCIES: (u64, u64, u8) = (100, 60_000_000_000, 3);

/// The clients of one server.
pub(crate) struct Load {
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    latencies: Histogram<u64>,
}

/// What the clients saw.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    /// Answers in a second.
    pub(crate) rate: f64,
    /// How long clients waited for an answer, in microseconds: half of them at most so long.
    pub(crate) p50: f64,
    /// 99 in 100 of them.
    pub(crate) p99: f64,
    /// 999 in 1000 of them.
    pub(crate) p999: f64,
}

struct Client {
    stream: TcpStream,
    message: [u8; MESSAGE],
    sent: Instant,
    // One byte more than an answer has, so that a recv which gets an answer has emptied the socket,
    // and an answer that is too long is seen.
    answer: [u8; MESSAGE + 1],
    received: usize,
}

impl Load {
    /// Connects so many clients, one after the other.
    pub(crate) fn connect(server: SocketAddr, clients: usize) -> Load {
        let poll = Poll::new().unwrap();
        let connect = |number| {
            let mut client = Client::connect(server, number);
            let token = Token(number);
            poll.registry().register(&mut client.stream, token, Interest::READABLE).unwrap();
            client
        };
        let clients: Vec<_> = (0..clients).map(connect).collect();
        let (low, high, digits) = LATENCIES;
        let latencies = Histogram::new_with_bounds(low, high, digits).unwrap();
        Load { poll, events: Events::with_capacity(clients.len()), clients, latencies }
    }

    /// Lets all clients exchange messages, first for `warm_up`, and then for `time`, which counts.
    pub(crate) fn run(&mut self, warm_up: Duration, time: Duration) -> Seen {
        self.clients.iter_mut().for_each(Client::send);
        self.exchange_for(warm_up);
        self.latencies.reset();

        let elapsed = self.exchange_for(time);
        let rate = self.latencies.len() as f64 / elapsed.as_secs_f64();
        self.finish();
        let [p50, p99, p999] =
            [0.5, 0.99, 0.999].map(|part| self.latencies.value_at_quantile(part) as f64 / 1000.0);
        Seen { rate, p50, p99, p999 }
    }

    /// Returns how long it really was.
    fn exchange_for(&mut self, time: Duration) -> Duration {
        let begin = Instant::now();
        while begin.elapsed() < time {
            self.receive(Client::send);
        }
        begin.elapsed()
    }

    /// Waits for the answers that are still to come. They count among the latencies, of which the
    /// longest would be missing otherwise.
    fn finish(&mut self) {
        let mut missing = self.clients.len();
        while missing > 0 {
            self.receive(|_| missing -= 1);
        }
    }

    /// Waits for answers, and hands every client that has got its own to `then`.
    fn receive(&mut self, mut then: impl FnMut(&mut Client)) {
        self.poll.poll(&mut self.events, Some(DEADLINE)).unwrap();
        assert!(!self.events.is_empty(), "no client has got an answer in {DEADLINE:?}");
        for event in &self.events {
            let client = &mut self.clients[event.token().0];
            if client.receive() {
                let latency = u64::try_from(client.sent.elapsed().as_nanos()).unwrap_or(u64::MAX);
                self.latencies.saturating_record(latency);
                client.check();
                then(client);
            }
        }
    }
}

impl Client {
    fn connect(server: SocketAddr, number: usize) -> Client {
        let stream = std::net::TcpStream::connect_timeout(&server, DEADLINE).unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut message = [b'a'; MESSAGE];
        let mut rest = number;
        for letter in message.iter_mut().rev() {
            *letter += (rest % 26) as u8;
            rest /= 26;
        }
        Client {
            stream: TcpStream::from_std(stream),
            message,
            sent: Instant::now(),
            answer: [0; MESSAGE + 1],
            received: 0,
        }
    }

    /// Sends a message that no client has sent before: it ends with the client's number, and begins
    /// with the message's, in letters.
    fn send(&mut self) {
        for letter in &mut self.message {
            if *letter < b'z' {
                *letter += 1;
                break;
            }
            *letter = b'a';
        }
        self.received = 0;
        self.sent = Instant::now();
        // Nothing else is under way on this connection, so the send buffer has room for it.
        let sent = self.stream.write(&self.message).unwrap();
        assert_eq!(sent, MESSAGE, "bytes sent of a message");
    }

    /// Receives what has come; true once the answer is there.
    ///
    /// mio says once that there is something to read (it is edge-triggered). As the buffer is never
    /// filled by a right answer, one recv has taken all there was: epoll(7), question 9.
    fn receive(&mut self) -> bool {
        match self.stream.read(&mut self.answer[self.received..]) {
            Ok(0) => panic!("the server has closed a connection"),
            Ok(received) => self.received += received,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(error) => panic!("a connection failed: {error}"),
        }
        self.received >= MESSAGE
    }

    fn check(&self) {
        let right = self.message.map(|letter| letter.to_ascii_uppercase());
        let answer = &self.answer[..self.received];
        let [got, wanted] = [answer, &right].map(String::from_utf8_lossy);
        assert!(answer == right, "the answer is {got:?}, and should be {wanted:?}");
    }
}
