//! Every server, and the proxy with faults, for as long as `SOAK_MINUTES` says, under clients that are good, slow,
//! reset, or send nonsense: each good one gets its answer, and at the end memory, descriptors and threads are
//! where they were at the beginning. scripts/soak runs it for minutes, and scripts/test for some seconds.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::io::Write;
use std::net::{Shutdown, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use e2e::benchmark::Usage;
use e2e::{DEADLINE, Program, Server, binary, has_opencv, socket};
use fastrand::Rng;
use lesson09_shared::offer::{IdleTimeout, Offer};
use lesson09_shared::packet::{Kind, Packet};

/// So many rounds come before the beginning: until then memory grows with what each kind of client needs once.
const WARM_UP: u64 = 20;

/// By how much a server may have grown, in KiB, and how much more for each of its threads. The memory allocator
/// gives each thread a heap, and keeps some of what it had for later.
const MAX_GROWTH: u64 = 4096;
const MAX_GROWTH_OF_THREAD: u64 = 64;

/// For how long each server is tried: its share of a few seconds, unless minutes are asked for.
fn duration() -> Duration {
    match std::env::var("SOAK_MINUTES") {
        Ok(minutes) => Duration::from_secs_f64(minutes.parse::<f64>().unwrap() * 60.0),
        Err(_) => Duration::from_secs(2),
    }
}

/// What a server holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    kibibytes: u64,
    threads: u64,
    descriptors: usize,
}

impl Held {
    fn by(program: &Program) -> Held {
        let usage = Usage::of(program.id());
        let descriptors = fs::read_dir(format!("/proc/{}/fd", program.id())).unwrap().count();
        Held { kibibytes: usage.resident, threads: usage.threads, descriptors }
    }
}

/// Has rounds of clients come to `server`, and sees that it holds at the end what it held at the beginning.
fn soak(name: &str, server: &Server, mut round: impl FnMut(u64)) {
    (0..WARM_UP).for_each(&mut round);
    let before =
        settled(server, Duration::from_millis(1200), |held| held.threads + held.descriptors as u64);
    let began = Instant::now();
    let mut rounds = WARM_UP;
    while began.elapsed() < duration() || rounds < 2 * WARM_UP {
        round(rounds);
        rounds += 1;
    }
    let after = settled(server, DEADLINE, |held| {
        held.threads.saturating_sub(before.threads)
            + held.descriptors.saturating_sub(before.descriptors) as u64
    });
    println!("{name}: {rounds} rounds; before {before:?}; after {after:?}");
    assert!(after.threads <= before.threads, "{name}: threads are left");
    assert!(after.descriptors <= before.descriptors, "{name}: descriptors are left");
    let limit = before.kibibytes + MAX_GROWTH + before.threads * MAX_GROWTH_OF_THREAD;
    assert!(after.kibibytes <= limit, "{name}: it has grown: {before:?}, {after:?}");
}

/// What it holds once the last clients are gone: when nothing is `left`, or has not become less for so long.
fn settled(server: &Server, patience: Duration, left: impl Fn(&Held) -> u64) -> Held {
    let mut least = Held::by(server);
    let mut since = Instant::now();
    let given_up = since + DEADLINE;
    while left(&least) > 0 && since.elapsed() < patience && Instant::now() < given_up {
        thread::sleep(Duration::from_millis(10));
        let held = Held::by(server);
        if left(&held) < left(&least) {
            (least, since) = (held, Instant::now());
        }
    }
    least
}

/// One way to speak to a server over a stream.
struct Dialogue {
    request: Vec<u8>,
    answer: Vec<u8>,
    /// Whether the answer can be relied upon: not where a fault may change it.
    is_sure: bool,
}

impl Dialogue {
    fn new(request: impl Into<Vec<u8>>, answer: impl Into<Vec<u8>>) -> Dialogue {
        Dialogue { request: request.into(), answer: answer.into(), is_sure: true }
    }

    /// One client of each kind.
    fn round(&self, server: &Server, number: u64) {
        let mut random = Rng::with_seed(number);
        self.ask(server, self.request.len());
        self.ask(server, 1);

        let cut = random.usize(..=self.request.len());
        socket::reset(socket::send(server.address, &[&self.request[..cut]]));

        let nonsense: Vec<u8> = (0..random.usize(..3000)).map(|_| random.u8(..)).collect();
        let mut client = socket::connect(server.address);
        // Whoever has been hung up on already has not sent all.
        _ = client.write_all(&nonsense);
        match random.bool() {
            true => drop(client),
            false => {
                _ = client.shutdown(Shutdown::Write);
                socket::receive_to_end(&mut client);
            }
        }
    }

    /// A client that sends and receives so many bytes at once.
    fn ask(&self, server: &Server, size: usize) {
        let mut client = socket::connect(server.address);
        client.set_nodelay(true).unwrap();
        let is_sent = self.request.chunks(size).all(|piece| client.write_all(piece).is_ok());
        if !self.is_sure {
            _ = client.shutdown(Shutdown::Write);
            socket::receive_to_end(&mut client);
            return;
        }
        assert!(is_sent, "a good client was hung up on");
        let sizes = self.answer.chunks(size).map(<[u8]>::len);
        let came: Vec<u8> = sizes.flat_map(|size| socket::receive(&mut client, size)).collect();
        assert_eq!(String::from_utf8_lossy(&came), String::from_utf8_lossy(&self.answer));
    }
}

/// The options that keep a server quiet and patient for a short time only: a client that says a length and
/// sends nothing is ended soon.
const SHORT: [&str; 3] = ["--quiet", "--message-timeout", "2s"];

fn lesson(name: &str, options: &[&str], dialogue: &Dialogue) {
    let server = Server::lesson(name, &[&SHORT, options].concat());
    let title = [&[name], options].concat().join(" ");
    soak(&title, &server, |number| dialogue.round(&server, number));
    assert_eq!(server.stop().status, Some(0), "{title}");
}

#[test]
fn one_client_at_a_time_leaves_nothing_behind() {
    lesson("lesson01-server", &[], &Dialogue::new("h", "H"));
    // What a recv returns is a command here: one that is cut is another.
    let unsure = Dialogue { is_sure: false, ..Dialogue::new("echo hi", "hi\n") };
    lesson("lesson02-server", &[], &unsure);
    // Lesson 03 takes as much memory as a length says, within its limit, and the allocator keeps some of it.
    let small = ["--max-message", "64KiB"];
    let frames = Dialogue::new(socket::frame(b"echo hi"), socket::frame(b"hi\n"));
    lesson("lesson03-server", &small, &frames);
    let announced = Dialogue::new("7\necho hirecv_ready", "recv_ready3\nhi\n");
    lesson("lesson03-server", &[&small[..], &["--header", "announce"]].concat(), &announced);
    let json = |message| {
        let mut bytes = Vec::new();
        lesson03_client::json::send_message(&mut bytes, message).unwrap();
        bytes
    };
    lesson(
        "lesson03-server",
        &[&small[..], &["--header", "json"]].concat(),
        &Dialogue::new(json(b"echo hi"), json(b"hi\n")),
    );
}

#[test]
fn many_clients_at_once_leave_nothing_behind() {
    let upper = Dialogue::new("hello", "HELLO");
    for model in ["serial", "thread", "pool", "event"] {
        lesson("lesson05-server", &["--model", model], &upper);
    }
    let frames = Dialogue::new(socket::frame(b"echo hi"), socket::frame(b"hi\n"));
    lesson("lesson05-server", &["--service", "command"], &frames);
}

#[test]
fn a_proxy_with_faults_leaves_nothing_behind() {
    let upper = || Dialogue::new("hello", "HELLO");
    let harmless = ["--fault", "slice=1..9", "--fault", "up:latency=1ms..3ms"];
    let harmful = ["--fault", "corrupt=5%", "--fault", "up:reset=500", "--fault", "down:limit=900"];
    for engine in ["relay", "threads"] {
        for (faults, is_sure) in [(&[][..], true), (&harmless, true), (&harmful, false)] {
            let echo = Server::lesson("lesson05-server", &["--model", "event", "--quiet"]);
            let upstream = echo.address.to_string();
            let options = ["--quiet", "--upstream", &upstream, "--engine", engine];
            let options = [&options[..], faults].concat();
            let proxy = Server::lesson("lesson06-server", &options);
            let dialogue = Dialogue { is_sure, ..upper() };
            let title = format!("lesson06-server --engine {engine} {}", faults.join(" "));
            soak(&title, &proxy, |number| dialogue.round(&proxy, number));
            assert_eq!(proxy.stop().status, Some(0), "{title}");
        }
    }
}

#[test]
fn files_leave_nothing_behind_but_themselves() {
    let place = tempfile::tempdir().unwrap();
    let [root, ours, back] = ["root", "ours", "back"].map(|name| place.path().join(name));
    fs::create_dir(&back).unwrap();
    let server = Server::lesson(
        "lesson08-server",
        &[&SHORT[..], &["--root", root.to_str().unwrap()]].concat(),
    );
    let list = socket::frame(br#"{"do":"list","name":"no","size":0}"#);
    let refusal = Dialogue { is_sure: false, ..Dialogue::new(list, "") };
    soak("lesson08-server", &server, |number| {
        refusal.round(&server, number);
        let bytes: Vec<u8> = (0..number % 7 * 30_000).map(|place| place as u8).collect();
        fs::write(&ours, &bytes).unwrap();
        let client = |options: &[&str]| {
            let mut command = binary("lesson08-client");
            command
                .current_dir(&back)
                .args(["--connect", &server.address.to_string()])
                .args(options);
            let done = Program::start(command).finish();
            assert_eq!(done.status, Some(0), "{}", done.stderr);
        };
        client(&["--force", "put", ours.to_str().unwrap()]);
        client(&["--force", "--into", back.to_str().unwrap(), "get", "ours"]);
        assert!(fs::read(back.join("ours")).unwrap() == bytes, "another file has come back");
    });
    assert_eq!(server.stop().status, Some(0));
    let kept = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(kept.collect::<Vec<_>>(), ["ours"], "what was begun is gone");
}

#[test]
fn films_leave_nothing_behind() {
    if !has_opencv() {
        return;
    }
    let server = Server::lesson("lesson07-server", &[&SHORT[..], &["--view", "none"]].concat());
    let header = br#"{"sequence":1,"captured":1,"width":1,"height":1,"size":5}"#;
    let no_picture = Dialogue { is_sure: false, ..Dialogue::new(socket::frame(header), "") };
    soak("lesson07-server", &server, |number| {
        no_picture.round(&server, number);
        let options = ["--size", "64x64", "--frames", "3"];
        let sent = Program::client("lesson07-client", server.address, &options).finish();
        assert_eq!(sent.status, Some(0), "{}", sent.stderr);
        assert!(sent.stdout.contains('3'), "three pictures have arrived: {}", sent.stdout);
    });
    assert_eq!(server.stop().status, Some(0));
}

/// Datagrams of nonsense, and an empty one.
fn nonsense(to: &Server, number: u64) {
    let (socket, mut random) = (UdpSocket::bind("127.0.0.1:0").unwrap(), Rng::with_seed(number));
    for _ in 0..5 {
        let bytes: Vec<u8> = (0..random.usize(..1400)).map(|_| random.u8(..)).collect();
        socket.send_to(&bytes, to.address).unwrap();
    }
    socket.send_to(&[], to.address).unwrap();
}

/// A question that nobody else has asked. A socket may be given the port of one that is gone, and then also the
/// late answers to that one come.
fn ask_datagram(server: &Server, number: u64) {
    let (socket, _) = socket::bind_datagrams();
    socket.connect(server.address).unwrap();
    socket.send(format!("hello {number}").as_bytes()).unwrap();
    let answer = format!("HELLO {number}");
    while socket::receive_datagram(&socket).0 != answer.as_bytes() {}
}

#[test]
fn datagrams_leave_nothing_behind() {
    let server = Server::lesson("lesson04-server", &["--quiet"]);
    soak("lesson04-server", &server, |number| {
        nonsense(&server, number);
        ask_datagram(&server, number);
    });
    let upstream = server.address.to_string();
    let options = ["--udp", "--quiet", "--flow-timeout", "200ms", "--upstream", &upstream];
    let faults = ["--fault", "delay=1ms..3ms", "--fault", "duplicate=10%"];
    let proxy = Server::lesson("lesson06-server", &[&options[..], &faults].concat());
    soak("lesson06-server --udp", &proxy, |number| {
        nonsense(&proxy, number);
        ask_datagram(&proxy, number);
    });
    assert_eq!(proxy.stop().status, Some(0));
    assert_eq!(server.stop().status, Some(0));
}

#[test]
fn reliable_transfers_leave_nothing_behind_but_their_files() {
    let place = tempfile::tempdir().unwrap();
    let [root, ours] = ["root", "ours"].map(|name| place.path().join(name));
    let server = Server::lesson("lesson09-server", &["--quiet", "--root", root.to_str().unwrap()]);
    soak("lesson09-server", &server, |number| {
        nonsense(&server, number);
        // Now and then a sender that is never heard of again: it keeps one of 64 places for a second.
        if number.is_multiple_of(10) {
            let idle_timeout = IdleTimeout::new(Duration::from_millis(50));
            let offer = Offer { name: format!("gone{number}"), size: 5000, idle_timeout };
            let payload = serde_json::to_vec(&offer).unwrap();
            let (transfer, kind) = (number, Kind::Offer);
            let packet = Packet { transfer, transmission: 0, number: 0, kind, payload: &payload };
            let accepted = socket::ask_datagram(server.address, &packet.encode());
            assert_eq!(Packet::decode(&accepted).unwrap().kind, Kind::Accept);
        }

        let bytes: Vec<u8> = (0..number % 7 * 30_000).map(|place| place as u8).collect();
        fs::write(&ours, &bytes).unwrap();
        let sent =
            Program::client("lesson09-client", server.address, &["send", ours.to_str().unwrap()]);
        let sent = sent.finish();
        assert_eq!(sent.status, Some(0), "{}", sent.stderr);
        assert!(fs::read(root.join("ours")).unwrap() == bytes, "another file has arrived");
        fs::remove_file(root.join("ours")).unwrap();
    });
    assert_eq!(server.stop().status, Some(0));
    assert_eq!(fs::read_dir(&root).unwrap().count(), 0, "what was begun is gone");
}
