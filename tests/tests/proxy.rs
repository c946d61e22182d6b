//! Lesson 06: what clients and servers see of a proxy in between, which should be nothing, and what
//! a person at its terminal sees of them.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::cell::RefCell;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use e2e::benchmark::Usage;
use e2e::{DEADLINE, Finished, Program, Server, Signal, binary, socket, typed};

const ENGINES: [&[&str]; 2] = [&["--engine", "relay"], &["--engine", "threads"]];

/// A proxy to this address.
#[track_caller]
fn proxy(upstream: SocketAddr, options: &[&str]) -> Server {
    let upstream = upstream.to_string();
    Server::lesson("lesson06-server", &[&["--upstream", &upstream][..], options].concat())
}

/// An echo in upper case, and a proxy to it.
#[track_caller]
fn proxied_echo(options: &[&str]) -> (Server, Server) {
    let echo = Server::lesson("lesson05-server", &["--model", "event"]);
    let proxy = proxy(echo.address, options);
    (echo, proxy)
}

#[track_caller]
fn assert_answered(client: &mut TcpStream, request: &str) {
    let answer = socket::exchange(client, request.as_bytes(), request.len());
    assert_eq!(String::from_utf8_lossy(&answer), request.to_ascii_uppercase());
}

#[track_caller]
fn half_close_and_receive(mut client: TcpStream) -> String {
    client.shutdown(Shutdown::Write).unwrap();
    String::from_utf8(socket::receive_to_end(&mut client)).unwrap()
}

/// The program has ended with this status, and one line of error that says this.
#[track_caller]
fn assert_error(program: &Finished, status: i32, text: &str) {
    assert_eq!(program.status, Some(status));
    assert!(program.stderr.contains(text), "no {text:?} in {:?}", program.stderr);
    assert_eq!(program.stderr.lines().count(), 1, "{:?}", program.stderr);
}

// A network is free to cut a stream anywhere. These cuts are only smaller than most.

/// A thousand letters a second: each slice is gone before the next one comes.
const SLICES: [&str; 4] = ["--fault", "slice=1", "--fault", "rate=1000"];

#[test]
fn in_slices_one_send_of_lesson_02_comes_out_of_several_recvs() {
    let server = Server::lesson("lesson02-server", &["--service", "messages", "--reads", "1024"]);
    let proxy = proxy(server.address, &SLICES);
    let message = "x".repeat(500);
    assert_eq!(proxy.ask("lesson02-client", &["--send", &message], "").status, Some(0));
    server.wait_for_line(" closed by client");
    let server = server.stop();
    let lengths: Vec<usize> = server.stdout.lines().filter_map(received).collect();
    assert!(lengths.len() > 1, "the message was not cut");
    assert_eq!(lengths.iter().sum::<usize>(), message.len());
}

/// How many bytes a line `… recv N …` tells of.
fn received(line: &str) -> Option<usize> {
    line.split_once(" recv ")?.1.split(' ').next()?.parse().ok()
}

#[test]
fn in_slices_an_answer_of_lesson_02_is_cut_and_the_rest_answers_the_next_command() {
    let server = Server::lesson("lesson02-server", &[]);
    let down = ["--fault", "down:slice=1", "--fault", "down:rate=1000"];
    let proxy = proxy(server.address, &down);
    let client = proxy.ask("lesson02-client", &[], &typed(&["seq -s ' ' 1 100", "echo late"]));
    let whole = (1..=100).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    assert!(client.stdout.starts_with("1"), "{:?}", client.stdout);
    assert!(!client.stdout.contains(&whole) && !client.stdout.contains("late"));
}

#[test]
fn in_slices_lesson_03_is_right() {
    for header in ["struct", "announce", "json"] {
        let server = Server::lesson("lesson03-server", &["--header", header]);
        let proxy = proxy(server.address, &["--fault", "slice=1"]);
        let input = typed(&["seq -s ' ' 1 100", "echo 汉字", "true"]);
        let through = proxy.ask("lesson03-client", &["--header", header], &input);
        let directly = server.ask("lesson03-client", &["--header", header], &input);
        assert_eq!((through.status, through.stderr.as_str()), (Some(0), ""));
        assert!(through.stdout.contains(" 99 100\n汉字\n"));
        assert_eq!(through.stdout, directly.stdout);
    }
}

// Whoever speaks first, and whoever ends first.

#[test]
fn a_server_that_speaks_first_and_ends_is_heard_through_each_engine() {
    for engine in ENGINES {
        let server = Server::lesson("lesson01-server", &["--service", "greet", "--text", "hello"]);
        let proxy = proxy(server.address, engine);
        let client = proxy.ask("lesson01-client", &["--silent"], "");
        assert_eq!((client.stdout.as_str(), client.status), ("hello\n", Some(0)));
        proxy.wait_for_line(" closed by upstream: 0 bytes up, 5 bytes down, ");
    }
}

#[test]
fn a_half_close_arrives_and_the_answer_still_comes_back_through_each_engine() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let client = socket::send(proxy.address, &[b"hello"]);
        assert_eq!(half_close_and_receive(client), "HELLO");
        proxy.wait_for_line(" closed by client: 5 bytes up, 5 bytes down, ");
    }
}

#[test]
fn lesson_03s_client_sends_and_waits_for_the_end_through_each_engine() {
    for engine in ENGINES {
        let server = Server::lesson("lesson03-server", &["--service", "messages"]);
        let proxy = proxy(server.address, engine);
        let options = ["--send", "hello", "--every", "0s", "--count", "20"];
        let client = proxy.ask("lesson03-client", &options, "");
        assert_eq!((client.stderr.as_str(), client.status), ("", Some(0)));
        server.wait_for_line(" closed by client");
        assert_eq!(server.stop().stdout.matches(" recv 5 \"hello\"\n").count(), 20);
        proxy.wait_for_line(" closed by client: 180 bytes up, 0 bytes down, ");
    }
}

#[test]
fn a_reset_is_a_reset_on_the_other_side_in_both_directions() {
    for engine in ENGINES {
        let (listener, address) = socket::listen();
        let proxy = proxy(address, engine);
        for client_resets in [true, false] {
            let mut client = socket::connect(proxy.address);
            let mut server = socket::accept(&listener);
            assert_passed(&mut client, &mut server);
            assert_passed(&mut server, &mut client);
            let (resets, mut hears, who) = match client_resets {
                true => (client, server, "client"),
                false => (server, client, "upstream"),
            };
            socket::reset(resets);
            let heard = hears.read(&mut [0; 8]).map_err(|error| error.kind());
            assert_eq!(heard, Err(ErrorKind::ConnectionReset), "{engine:?}, {who}");
            proxy.wait_for_line(&format!(" reset by {who}: 2 bytes up, 2 bytes down, "));
        }
    }
}

/// Two bytes that are sent into one end come out of the other.
#[track_caller]
fn assert_passed(from: &mut TcpStream, to: &mut TcpStream) {
    from.write_all(b"hi").unwrap();
    assert_eq!(socket::receive(to, 2), b"hi");
}

// Several routes, many clients, and an upstream that comes and goes.

/// The addresses where a program says that it listens.
fn addresses(program: &Program, count: usize) -> Vec<SocketAddr> {
    let found = RefCell::new(Vec::new());
    program.wait_until("where it listens", |log, errors| {
        let lines = log.lines().filter_map(|line| line.strip_prefix("listening on "));
        *found.borrow_mut() = lines.filter_map(|address| address.parse().ok()).collect();
        found.borrow().len() == count || !errors.is_empty()
    });
    found.into_inner()
}

/// An upstream that says its own number first.
fn greeter(number: usize) -> Server {
    let options = ["--service", "greet", "--text", &format!("number {number}")];
    Server::lesson("lesson01-server", &options)
}

#[test]
fn six_routes_lead_to_six_upstreams_at_once() {
    for engine in ENGINES {
        let upstreams: Vec<Server> = (0..6).map(greeter).collect();
        let mut command = binary("lesson06-server");
        command.args(engine);
        for upstream in &upstreams {
            command.args(["--route", &format!("0={}", upstream.address)]);
        }
        let proxy = Program::start(command);
        let routes = addresses(&proxy, 6);
        // All of them are connected before any is heard, the last one first.
        let mut clients: Vec<TcpStream> =
            routes.iter().map(|&address| socket::connect(address)).collect();
        for (number, client) in clients.iter_mut().enumerate().rev() {
            let heard = String::from_utf8(socket::receive_to_end(client)).unwrap();
            assert_eq!(heard, format!("number {number}"));
        }
        drop(clients);
        for (route, upstream) in routes.iter().zip(&upstreams) {
            let line = proxy.wait_for_line(&format!("connected to {}", upstream.address));
            assert!(line.starts_with(&format!("[{}] ", route.port())), "{line}");
        }
        proxy.wait_until("six ends", |log, _| log.matches(" closed by upstream: ").count() == 6);
        proxy.signal(Signal::INT);
        let proxy = proxy.finish();
        assert_eq!(proxy.status, Some(0));
        assert!(proxy.stdout.ends_with("connections: 6, refused: 0, 0 bytes up, 48 bytes down\n"));
    }
}

/// The tutorial's six ports in a row, at its other address of this machine, all of them free.
fn six_in_a_row() -> Vec<TcpListener> {
    let at = |port| TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), port));
    loop {
        let first = at(0).unwrap();
        let port = first.local_addr().unwrap().port();
        let more = (1..6).map_while(|number| at(port.checked_add(number)?).ok());
        let six: Vec<TcpListener> = [first].into_iter().chain(more).collect();
        if six.len() == 6 {
            return six;
        }
    }
}

#[test]
fn a_range_of_ports_leads_to_the_same_ports_of_another_host() {
    let given_up = Instant::now() + DEADLINE;
    loop {
        let upstreams = six_in_a_row();
        let [first, last] = [0, 5].map(|at: usize| upstreams[at].local_addr().unwrap().port());
        let mut command = binary("lesson06-server");
        command.args(["--ports", &format!("{first}-{last}"), "--upstream", "127.0.0.2"]);
        let proxy = Program::start(command);
        let listening = addresses(&proxy, 6);
        if listening.len() < 6 {
            // Here they are free as a rule, but anybody may take one at 127.0.0.1.
            assert!(Instant::now() < given_up, "no six ports are free");
            proxy.wait_for_error("another program listens there");
            continue;
        }
        for (upstream, address) in upstreams.iter().zip(listening) {
            // On Linux this is a deadline for `accept`.
            socket2::SockRef::from(upstream).set_read_timeout(Some(DEADLINE)).unwrap();
            let mut client = socket::connect(address);
            let mut server = socket::accept(upstream);
            let port = server.local_addr().unwrap().port();
            assert_eq!(address, SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            assert_passed(&mut client, &mut server);
        }
        return;
    }
}

#[test]
fn three_hundred_clients_in_quick_succession_all_get_through() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let mut clients: Vec<TcpStream> =
            (0..300).map(|_| socket::connect(proxy.address)).collect();
        for client in clients.iter_mut().rev() {
            assert_answered(client, "hello");
        }
        drop(clients);
        proxy.wait_until("300 ends", |log, _| {
            let all = " closed by client: 5 bytes up, 5 bytes down, ";
            log.matches(all).count() == 300
        });
        let last = "connections: 300, refused: 0, 1500 bytes up, 1500 bytes down\n";
        assert!(proxy.stop().stdout.ends_with(last));
    }
}

#[test]
fn an_upstream_that_is_down_costs_a_client_a_line_and_the_proxy_nothing() {
    for engine in ENGINES {
        let (echo, proxy) = proxied_echo(engine);
        let address = echo.address;
        assert_answered(&mut socket::connect(proxy.address), "before");
        echo.signal(Signal::KILL);
        drop(echo.finish());
        // Perhaps before `connect` has returned.
        let client = TcpStream::connect(proxy.address).and_then(|mut client| client.read(&mut [0]));
        assert_eq!(client.unwrap_err().kind(), ErrorKind::ConnectionReset);
        let line = proxy.wait_for_line(" refused: ");
        let why = format!("cannot connect to the upstream: {address}: Connection refused");
        assert!(line.contains(&why) && line.contains("is it running?"), "{line}");

        let mut again = binary("lesson05-server");
        again.args(["--listen", &address.to_string()]);
        let echo = Server::start(again);
        assert_answered(&mut socket::connect(proxy.address), "after");
        drop(echo);
        let proxy = proxy.stop();
        assert_eq!(proxy.status, Some(0));
        assert_eq!(proxy.stdout.matches(" cannot connect to the upstream: ").count(), 1);
        assert!(proxy.stdout.contains("\nconnections: 2, refused: 1, "));
    }
}

#[test]
fn two_thousand_clients_one_after_the_other_leave_nothing_behind() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let has = || {
            let descriptors = fs::read_dir(format!("/proc/{}/fd", proxy.id())).unwrap().count();
            (descriptors, Usage::of(proxy.id()).threads)
        };
        // What is made for the first client, and kept for the next, is not left behind.
        assert_answered(&mut socket::connect(proxy.address), "warm up");
        proxy.wait_for_line(" closed by client: ");
        let (at_rest, before) = (has(), Usage::of(proxy.id()).resident);
        for _ in 0..2_000 {
            assert_answered(&mut socket::connect(proxy.address), "hello");
        }
        let given_up = Instant::now() + DEADLINE;
        while has().0 > at_rest.0 || has().1 > at_rest.1 {
            let words = "descriptors and threads";
            assert!(Instant::now() < given_up, "{engine:?}: {words} {:?}, not {at_rest:?}", has());
            std::thread::yield_now();
        }
        let grown = Usage::of(proxy.id()).resident.saturating_sub(before);
        assert!(grown < 8 * 1024, "{engine:?}: grown by {grown} KiB");
        let last = "connections: 2001, refused: 0, 10007 bytes up, 10007 bytes down\n";
        assert!(proxy.stop().stdout.ends_with(last));
    }
}

// Back-pressure.

/// After so many bytes the stream begins again. A prime, so that no lost buffer goes unnoticed.
const PERIOD: usize = 251;

/// More than all buffers between two ends hold, in bytes.
const MOST: usize = 64 << 20;

/// The first bytes of the stream.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % PERIOD) as u8).collect()
}

/// Sends until nothing more is taken; returns how many bytes that was.
fn send_until_it_waits(sender: &mut TcpStream) -> usize {
    let pattern = pattern(65536 + PERIOD);
    // On a busy machine this may be too early. Then there is less to receive.
    sender.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut sent = 0;
    let error = loop {
        match sender.write(&pattern[sent % PERIOD..]) {
            Ok(taken) => sent += taken,
            Err(error) => break error,
        }
        assert!(sent < MOST, "nobody reads, and still {sent} bytes were taken");
    };
    assert_eq!(error.kind(), ErrorKind::WouldBlock, "after {sent} bytes: {error}");
    sent
}

#[test]
fn a_slow_reader_stops_the_sender_costs_no_memory_and_gets_every_byte_in_the_end() {
    let late: &[&str] = &["--fault", "latency=1ms"];
    for options in [ENGINES[0], ENGINES[1], late, &["--frames"]] {
        let (listener, address) = socket::listen();
        let proxy = proxy(address, options);
        for up in [true, false] {
            let client = socket::connect(proxy.address);
            let server = socket::accept(&listener);
            let (mut sender, mut reader) = if up { (client, server) } else { (server, client) };
            assert_passed(&mut sender, &mut reader);
            let before = Usage::of(proxy.id()).resident;
            let sent = send_until_it_waits(&mut sender);
            sender.shutdown(Shutdown::Write).unwrap();
            let came = socket::receive_to_end(&mut reader);
            assert_eq!(came.len(), sent, "{options:?}");
            let period = pattern(PERIOD);
            let is_right = came.chunks(PERIOD).all(|chunk| period.starts_with(chunk));
            assert!(is_right, "{options:?}: not the bytes that were sent");
            let grown = Usage::of(proxy.id()).peak.saturating_sub(before);
            assert!(grown < 8 * 1024, "{options:?}: the proxy has grown by {grown} KiB");
        }
    }
}

// Faults.

/// The sizes in which a stream arrives that was cut with this seed: what a second proxy sees of it.
fn cuts(seed: &str) -> Vec<usize> {
    let (_echo, second) = proxied_echo(&["--hex"]);
    let options = ["--fault", "up:slice=1..9", "--fault", "up:rate=1000", "--seed", seed];
    let first = proxy(second.address, &options);
    let mut client = socket::connect(first.address);
    assert_answered(&mut client, &"hello ".repeat(20));
    drop(client);
    second.wait_for_line(" closed by client: 120 bytes up");
    let second = second.stop();
    let piece = |line: &str| -> Option<usize> {
        line.split_once(" -> ")?.1.split(' ').next()?.parse().ok()
    };
    second.stdout.lines().filter_map(piece).collect()
}

#[test]
fn the_same_seed_cuts_in_the_same_places_and_another_one_in_others() {
    let given_up = Instant::now() + DEADLINE;
    let same = loop {
        let [one, other] = [cuts("7"), cuts("7")];
        // If the machine is busy, two slices may have met on their way.
        if one == other && one.iter().all(|&size| size <= 9) {
            break one;
        }
        assert!(Instant::now() < given_up, "the same seed, and other cuts: {one:?} {other:?}");
    };
    assert_eq!(same.iter().sum::<usize>(), 120);
    let places = |cuts: &[usize]| -> Vec<usize> {
        cuts.iter().scan(0, |at, size| Some(*at + size).inspect(|now| *at = *now)).collect()
    };
    let (same, others) = (places(&same), places(&cuts("8")));
    assert!(others.iter().any(|place| !same.contains(place)), "{same:?} {others:?}");
}

/// What comes back of 40 bytes through this fault, and what the proxy has said.
fn through(fault: &str) -> (String, String) {
    let (_echo, proxy) = proxied_echo(&["--fault", fault]);
    let client = socket::send(proxy.address, &[&[b'x'; 40]]);
    // After a reset there is nothing more to end.
    _ = client.shutdown(Shutdown::Write);
    let came = socket::receive_to_end(&mut { client });
    proxy.wait_until("the end", |log, _| log.contains(" s\n"));
    (String::from_utf8_lossy(&came).into_owned(), proxy.stop().stdout.clone())
}

#[test]
fn what_changes_only_when_and_how_bytes_come_changes_none_and_says_nothing() {
    for fault in ["none", "latency=20ms", "latency=1ms..9ms", "rate=1KiB", "slice=3", "merge=20ms"]
    {
        for direction in ["", "up:", "down:"] {
            let (came, log) = through(&format!("{direction}{fault}"));
            assert_eq!(came, "X".repeat(40), "{direction}{fault}");
            assert!(!log.contains(" fault "), "{direction}{fault}: {log}");
            assert!(log.contains(" closed by client: 40 bytes up, 40 bytes down, "), "{log}");
        }
    }
}

#[test]
fn each_fault_that_fires_is_reported_with_its_direction_and_its_place() {
    for (fault, came, said) in [
        ("up:limit=10", Some(10), "fault up: closed after 10 bytes\n"),
        ("down:limit=1", Some(1), "fault down: closed after 1 byte\n"),
        ("up:reset=10", None, "fault up: reset after 10 bytes\n"),
        ("down:reset=10", None, "fault down: reset after 10 bytes\n"),
        ("up:stall=10:100ms", Some(40), "fault up: stalled for 0.1 s after 10 bytes\n"),
        ("down:stall=10:100ms", Some(40), "fault down: stalled for 0.1 s after 10 bytes\n"),
        ("down:corrupt=100%", Some(40), "fault down: flipped a bit in each of 40 bytes, the first"),
        ("up:corrupt=100%", Some(40), "fault up: flipped a bit in each of 40 bytes, the first"),
    ] {
        let (bytes, log) = through(fault);
        assert!(log.contains(said), "{fault}: {log}");
        assert_eq!(log.matches(" fault ").count(), 1, "{fault}: {log}");
        if fault.contains("corrupt") {
            assert_ne!(bytes, "X".repeat(40));
        } else if let Some(came) = came {
            assert_eq!(bytes, "X".repeat(came), "{fault}");
        } else {
            assert!(log.contains(" broken off by a fault: "), "{fault}: {log}");
        }
    }
}

#[test]
fn faults_of_both_directions_and_of_either_add_up() {
    let (_echo, proxy) = proxied_echo(&["--fault", "up:limit=10", "--fault", "down:limit=4"]);
    let client = socket::send(proxy.address, &[&[b'x'; 40]]);
    assert_eq!(half_close_and_receive(client), "XXXX");
    proxy.wait_for_line(" fault up: closed after 10 bytes");
    proxy.wait_for_line(" fault down: closed after 4 bytes");
}

// What is shown of the bytes.

#[test]
fn frames_shows_lesson_03s_frames_and_json_headers_however_they_are_cut() {
    for (header, up, down) in [
        (
            "struct",
            &["-> frame of 7 bytes \"echo hi\""][..],
            &["<- frame of 3 bytes \"hi\\n\""][..],
        ),
        (
            "json",
            &[" bytes, a JSON header: {", "-> body of 7 bytes \"echo hi\""],
            &["\"total_size\":3", "<- body of 3 bytes \"hi\\n\""],
        ),
    ] {
        for cut in [&[][..], &["--fault", "slice=1"]] {
            let server = Server::lesson("lesson03-server", &["--header", header]);
            let proxy = proxy(server.address, &[&["--frames"], cut].concat());
            let client = proxy.ask("lesson03-client", &["--header", header], "echo hi\n");
            assert_eq!((client.stdout.as_str(), client.status), ("hi\n", Some(0)));
            let port = format!("[{}] ", proxy.address.port());
            for shown in [up, down].concat() {
                assert!(proxy.wait_for_line(shown).starts_with(&port));
            }
        }
    }
}

#[test]
fn frames_says_where_lesson_01s_bytes_stop_being_frames_and_relays_them_all_the_same() {
    for engine in ENGINES {
        let server = Server::lesson("lesson01-server", &[]);
        let proxy = proxy(server.address, &[engine, &["--frames"]].concat());
        let client = proxy.ask("lesson01-client", &[], &typed(&["hello", "world"]));
        assert_eq!((client.stdout.as_str(), client.status), ("HELLO\nWORLD\n", Some(0)));
        proxy.wait_for_line(" closed by client: 10 bytes up, 10 bytes down, ");
        let proxy = proxy.stop();
        for lost in ["-> no frames any more: length ", "<- no frames any more: length "] {
            assert_eq!(proxy.stdout.matches(lost).count(), 1, "{lost}");
        }
        assert!(proxy.stdout.contains(" at byte 0 ") && proxy.stdout.contains("\"hell\""));
    }
}

#[test]
fn hex_shows_the_direction_the_place_and_the_bytes_of_each_piece() {
    for (engine, option) in [(ENGINES[0], "--hex"), (ENGINES[1], "--hex"), (ENGINES[0], "--trace")]
    {
        let (_echo, proxy) = proxied_echo(&[engine, &[option]].concat());
        let mut client = socket::connect(proxy.address);
        assert_answered(&mut client, "hello");
        assert_answered(&mut client, "!");
        drop(client);
        proxy.wait_for_line(" closed by client: ");
        let proxy = proxy.stop();
        let log: Vec<&str> = proxy.stdout.lines().collect();
        for (head, dump) in [
            (" -> 5 bytes", "    00000000  68 65 6c 6c 6f  "),
            (" <- 5 bytes", "    00000000  48 45 4c 4c 4f  "),
            (" -> 1 byte", "    00000005  21  "),
            (" <- 1 byte", "    00000005  21  "),
        ] {
            let pieces = log.windows(2).filter(|two| two[0].ends_with(head));
            let count = pieces.filter(|two| two[1].starts_with(dump)).count();
            assert_eq!(count, 1, "{head}{dump}");
        }
        assert!(proxy.stdout.contains("|hello|") && proxy.stdout.contains("|HELLO|"));
    }
}

// Beginning and end.

#[test]
fn ctrl_c_with_open_connections_ends_with_status_0_and_a_summary_of_each() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let mut clients = [(); 5].map(|()| socket::connect(proxy.address));
        clients.iter_mut().for_each(|client| assert_answered(client, "hello"));
        proxy.signal(Signal::INT);
        let program = proxy.finish();
        assert_eq!((program.status, program.stderr.as_str()), (Some(0), ""));
        let each = " broken off by the proxy, which stops: 5 bytes up, 5 bytes down, ";
        assert_eq!(program.stdout.matches(each).count(), 5);
        let last = "connections: 5, refused: 0, 25 bytes up, 25 bytes down\n";
        assert!(program.stdout.ends_with(last));
        for mut client in clients {
            assert_eq!(socket::receive_to_end(&mut client), b"");
        }
    }
}

/// Runs the proxy to an end that it comes to by itself.
fn run(options: &[&str]) -> Finished {
    let mut command = binary("lesson06-server");
    command.args(options);
    Program::start(command).input("").finish()
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    for options in [
        &["--engine", "threads", "--fault", "slice=1"][..],
        &["--route", "0=8005", "--upstream", "8005"],
        &["--route", "0=8005", "--listen", "0"],
        &["--route", "0=8005", "--ports", "3000-3005"],
        &["--ports", "3000-3005"],
        &["--ports", "3000-3005", "--upstream", "127.0.0.2:8005"],
        &["--ports", "3005-3000", "--upstream", "127.0.0.2"],
        &["--ports", "3000-3005", "--upstream", "127.0.0.2", "--listen", "0"],
        &["--ports", "3000-3005", "--upstream", "127.0.0.1"],
        &["--listen", "8006", "--upstream", "8006"],
        &["--route", "8005"],
        &["--upstream", "a b"],
        &["--fault", "flood=1"],
        &["--fault", "slice=0"],
        &["--fault", "sideways:slice=1"],
        &["--seed", "7"],
        &["--engine", "horses"],
        &["unasked"],
    ] {
        let proxy = run(options);
        assert_eq!(proxy.status, Some(2), "{options:?}");
        assert!(!proxy.stderr.is_empty() && proxy.stdout.is_empty(), "{options:?}");
    }
}

#[test]
fn an_address_that_other_machines_can_reach_is_refused_without_expose() {
    for options in [
        &["--listen", "0.0.0.0:0"][..],
        &["--route", "0=8005", "--route", "0.0.0.0:0=8005"],
        &["--ports", "0.0.0.0:3000-3001", "--upstream", "127.0.0.2"],
    ] {
        let proxy = run(options);
        assert_error(&proxy, 1, "--expose");
        assert_eq!(proxy.stdout, "", "{options:?}");
    }
}

#[test]
fn a_port_that_is_taken_is_named_and_no_other_route_is_served() {
    let (_echo, first) = proxied_echo(&[]);
    let taken = first.address.to_string();
    let route = format!("{taken}=8005");
    for options in [&["--listen", &*taken][..], &["--route", "0=8005", "--route", &route]] {
        let second = run(options);
        assert_error(&second, 1, "another program listens there");
        assert!(second.stderr.contains(&taken));
    }
}

// The probe.

/// What the probe says of the way through this proxy.
fn probe(proxy: &Server, options: &[&str]) -> Finished {
    let small = ["--size", "256KiB", "--count", "50", "--timeout", "10s"];
    Program::client("lesson06-client", proxy.address, &[&small, options].concat()).finish()
}

#[test]
fn the_probe_finds_nothing_wrong_with_a_healthy_proxy() {
    for engine in ENGINES {
        let (_echo, proxy) = proxied_echo(engine);
        let probe = probe(&proxy, &["--connections", "3"]);
        assert_eq!((probe.status, probe.stderr.as_str()), (Some(0), ""));
        let right = format!("through the proxy, {}: every byte came back right", proxy.address);
        assert!(probe.stdout.contains(&right) && probe.stdout.contains("\nthroughput "));
        assert!(!probe.stdout.contains("direct"));
    }
}

#[test]
fn the_probe_finds_nothing_wrong_with_a_proxy_that_only_cuts_and_delays() {
    let faults = ["--fault", "slice=100..900", "--fault", "latency=1ms"];
    let (_echo, proxy) = proxied_echo(&faults);
    assert_eq!(probe(&proxy, &[]).status, Some(0));
}

#[test]
fn the_probe_names_the_byte_that_a_proxy_has_spoiled() {
    let (_echo, proxy) = proxied_echo(&["--fault", "down:corrupt=1%"]);
    let probe = probe(&proxy, &[]);
    let line = proxy.wait_for_line(" fault down: flipped a bit ");
    let place = line.rsplit_once(" byte ").unwrap().1;
    assert_error(&probe, 1, &format!("at byte {place}: sent "));
    assert!(probe.stderr.contains(", expected ") && probe.stderr.contains(", got "));
}

#[test]
fn the_probe_measures_both_ways_side_by_side() {
    let (echo, proxy) = proxied_echo(&[]);
    let probe = probe(&proxy, &["--direct", &echo.address.to_string()]);
    assert_eq!((probe.status, probe.stderr.as_str()), (Some(0), ""));
    for way in [format!("through the proxy, {}: ", proxy.address), without(echo.address)] {
        assert!(probe.stdout.contains(&way), "{way}");
    }
    let head = ["proxy", "direct", "difference"];
    let is_head = |line: &str| line.split_whitespace().eq(head);
    assert!(probe.stdout.lines().any(is_head), "no line of heads");
    for row in ["latency p50 ", "latency p99 ", "throughput "] {
        assert!(probe.stdout.lines().any(|line| line.starts_with(row)), "no row {row}");
    }
}

fn without(server: SocketAddr) -> String {
    format!("without the proxy, {server}: every byte came back right")
}

#[test]
fn the_probe_says_which_program_is_missing() {
    // Bound, so that nobody else takes the port; not listening, so calls are refused.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    let nowhere = socket.local_addr().unwrap().as_socket().unwrap();
    let no_proxy = Program::client("lesson06-client", nowhere, &[]).finish();
    assert_error(&no_proxy, 1, "`cargo run -p lesson06-server`");
    let proxy = proxy(nowhere, &[]);
    let no_upstream = probe(&proxy, &[]);
    assert_error(&no_upstream, 1, &format!("through the proxy at {}: ", proxy.address));
    let line = proxy.wait_for_line(" refused: cannot connect to the upstream: ");
    assert!(line.contains(&nowhere.to_string()), "{line}");
}
