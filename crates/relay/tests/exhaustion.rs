//! No descriptor is left. A process of its own, because the limit is that of all its threads.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that could not do its part")]

use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use relay::{ConnectionId, Observer, Options, Refusal, Relay, Route, Summary};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::SockRef;

const DEADLINE: Duration = Duration::from_secs(30);

#[derive(Debug, PartialEq)]
enum Told {
    Opened,
    Refused(String),
    Closed,
    Exhausted,
    Recovered,
}

struct Teller(mpsc::Sender<Told>);

impl Observer for Teller {
    fn opened(&mut self, _: ConnectionId, _: usize, _: SocketAddr, _: SocketAddr) {
        self.0.send(Told::Opened).unwrap();
    }

    fn refused(&mut self, _route: usize, _client: SocketAddr, why: &Refusal) {
        self.0.send(Told::Refused(why.to_string())).unwrap();
    }

    fn closed(&mut self, _id: ConnectionId, _summary: &Summary) {
        self.0.send(Told::Closed).unwrap();
    }

    fn exhausted(&mut self, _error: &io::Error) {
        self.0.send(Told::Exhausted).unwrap();
    }

    fn recovered(&mut self) {
        self.0.send(Told::Recovered).unwrap();
    }
}

/// So many descriptors more, and none beyond.
fn leave(descriptors: usize) {
    limit(getrlimit(Resource::Nofile).maximum);
    let entries = fs::read_dir("/proc/self/fd").unwrap();
    let listed: Vec<u64> = entries
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
        .collect();
    // One of them was that of the list itself.
    let is_free = |number: &u64| {
        !listed.contains(number) || !fs::exists(format!("/proc/self/fd/{number}")).unwrap()
    };
    // The limit is none on how many there are, but on their numbers (getrlimit(2)).
    limit((0..).filter(is_free).nth(descriptors));
}

fn limit(current: Option<u64>) {
    setrlimit(Resource::Nofile, Rlimit { current, ..getrlimit(Resource::Nofile) }).unwrap();
}

#[test]
fn without_descriptors_clients_wait_in_the_accept_queue_and_bytes_are_copied() {
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let route = Route { listener: listener.into(), upstream: vec![upstream.local_addr().unwrap()] };
    let relay = Relay::new(vec![route], Options::default()).unwrap();
    let mut clients: Vec<TcpStream> =
        (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();

    let one_more = TcpListener::bind("127.0.0.1:0").unwrap();
    // For two clients, their upstreams, and nothing more.
    leave(4);
    let (sender, told) = mpsc::channel();
    let (turn, turns) = mpsc::channel();
    thread::spawn(move || {
        // This is asked once in each turn of the event loop.
        let is_stopping = || turn.send(Instant::now()).is_err();
        relay.run(&mut Teller(sender), is_stopping, || false)
    });
    let next = || told.recv_timeout(DEADLINE).unwrap();
    let mut first = [next(), next(), next()];
    first.sort_by_key(|told| *told == Told::Exhausted);
    assert_eq!(first, [Told::Opened, Told::Opened, Told::Exhausted]);

    // The relay does not spin while the third client waits: `accept` is tried again ten times a
    // second.
    let next_turn = || turns.recv_timeout(DEADLINE).unwrap();
    let _earlier = turns.try_iter().count();
    let (began, mut ended) = (next_turn(), Instant::now());
    for _ in 0..10 {
        ended = next_turn();
    }
    assert!(ended - began > Duration::from_millis(300), "10 turns in {:?}", ended - began);

    // One descriptor is not enough for a client, so the third one goes on waiting.
    drop(one_more);
    let dropped = Instant::now();
    while next_turn() - dropped < Duration::from_millis(250) {}
    assert_eq!(told.try_recv().ok(), None);

    // A reset ends a connection at once, and gives its descriptors back.
    let client = clients.remove(0);
    SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
    drop(client);
    let mut then = vec![next()];
    while !(then.contains(&Told::Closed) && then.contains(&Told::Opened)) {
        then.push(next());
    }
    assert!(then.contains(&Told::Recovered), "{then:?}");
    assert!(!then.iter().any(|told| matches!(told, Told::Refused(_))), "{then:?}");

    // Without a descriptor for a pipe, many bytes arrive all the same.
    limit(getrlimit(Resource::Nofile).maximum);
    let ends: Vec<TcpStream> = (0..3).map(|_| upstream.accept().unwrap().0).collect();
    leave(0);
    let (mut client, mut end) = (&clients[1], &ends[2]);
    let bytes: Vec<u8> = (0..8_u32 << 18).flat_map(u32::to_le_bytes).collect();
    let mut came = vec![0; bytes.len()];
    thread::scope(|scope| {
        scope.spawn(|| client.write_all(&bytes).unwrap());
        end.set_read_timeout(Some(DEADLINE)).unwrap();
        end.read_exact(&mut came).unwrap();
    });
    assert!(came == bytes, "the bytes have changed on their way");
}
