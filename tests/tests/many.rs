//! Lesson 05: who waits for whom under each model, who is refused, and what one client can do to the
//! others.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::io::{ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::benchmark::Usage;
use e2e::{DEADLINE, Program, Server, Signal, binary, socket};

/// The models that serve many at once.
const AT_ONCE: [&[&str]; 3] =
    [&["--model", "thread"], &["--model", "pool", "--workers", "64"], &["--model", "event"]];

fn start(options: &[&[&str]]) -> Server {
    Server::lesson("lesson05-server", &options.concat())
}

#[track_caller]
fn assert_answered(client: &mut TcpStream, request: &str) {
    let answer = socket::exchange(client, request.as_bytes(), request.len());
    assert_eq!(String::from_utf8_lossy(&answer), request.to_ascii_uppercase());
}

/// Whether there is nothing to receive yet.
fn waits(client: &TcpStream) -> bool {
    client.set_nonblocking(true).unwrap();
    let nothing = client.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
    client.set_nonblocking(false).unwrap();
    nothing
}

#[test]
fn under_serial_the_second_client_waits_until_the_first_has_left() {
    let server = start(&[&["--model", "serial"]]);
    let mut first = socket::connect(server.address);
    assert_answered(&mut first, "first");
    // The kernel completes the handshake and takes the bytes, and the server knows of neither.
    let mut second = socket::send(server.address, &[b"second"]);
    let second_address = second.local_addr().unwrap().to_string();
    for _ in 0..100 {
        assert_answered(&mut first, "still here");
    }
    assert!(waits(&second), "the second client was answered while the first is there");
    drop(first);
    assert_eq!(socket::receive(&mut second, 6), b"SECOND");
    drop(second);
    server.wait_for_line(&format!("{second_address} closed by client"));
    let server = server.stop();
    let closed = server.stdout.find(" closed by client").unwrap();
    let connected = server.stdout.find(&format!("{second_address} connected")).unwrap();
    assert!(closed < connected, "the second client was accepted before the first had left");
}

#[test]
fn under_thread_pool_and_event_64_clients_are_answered_at_once() {
    for model in AT_ONCE {
        let server = start(&[model]);
        let mut clients: Vec<TcpStream> =
            (0..64).map(|_| socket::connect(server.address)).collect();
        // The last one first: whoever served them in turn would wait for the first.
        for (number, client) in clients.iter_mut().enumerate().rev() {
            assert_answered(client, &format!("client {number}"));
        }
        for (number, client) in clients.iter_mut().enumerate() {
            assert_answered(client, &format!("client {number} again"));
        }
        drop(clients);
        server.wait_until("64 ends", |log, _| log.matches(" closed by client\n").count() == 64);
        let server = server.stop();
        assert!(server.stdout.ends_with("served: 64, refused: 0\n"));
        assert_eq!(server.status, Some(0));
    }
}

#[track_caller]
fn assert_refused(server: SocketAddr, why: &str) {
    let mut client = socket::connect(server);
    let words = socket::receive_to_end(&mut client);
    assert_eq!(String::from_utf8_lossy(&words), format!("busy: {why}; try again later\n"));
}

#[test]
fn a_full_pool_with_a_full_queue_refuses_the_next_client_in_words() {
    let server = start(&[&["--model", "pool", "--workers", "1", "--queue", "1"]]);
    let mut first = socket::connect(server.address);
    // Once it is answered, it is with the worker, and the queue is empty.
    assert_answered(&mut first, "first");
    let mut second = socket::connect(server.address);
    server.wait_for_line(&format!("{} connected", second.local_addr().unwrap()));
    assert_refused(server.address, "workers: 1, places to wait: 1, all taken");
    assert_answered(&mut first, "first again");
    drop(first);
    assert_answered(&mut second, "second");
    drop(second);
    assert!(server.stop().stdout.ends_with("served: 2, refused: 1\n"));
}

#[test]
fn a_client_beyond_the_limit_is_refused_in_words_and_a_place_that_is_left_is_free_again() {
    for model in ["thread", "event"] {
        let server = start(&[&["--model", model, "--max-connections", "2"]]);
        let mut clients = [(); 2].map(|()| socket::connect(server.address));
        clients.iter_mut().for_each(|client| assert_answered(client, "hello"));
        assert_refused(server.address, "places for clients: 2, all taken");
        let [first, mut second] = clients;
        let gone = format!("{} closed by client", first.local_addr().unwrap());
        drop(first);
        server.wait_for_line(&gone);
        // Its line comes just before its place is free.
        let given_up = Instant::now() + DEADLINE;
        let mut next = loop {
            let mut next = socket::send(server.address, &[b"next"]);
            if socket::receive(&mut next, 4) == b"NEXT" {
                break next;
            }
            assert!(Instant::now() < given_up, "the place never is free again");
        };
        assert_answered(&mut next, "next again");
        assert_answered(&mut second, "second");
    }
}

#[test]
fn a_refused_client_that_has_spoken_first_still_hears_why() {
    for model in [&["thread", "--max-connections", "1"][..], &["event", "--max-connections", "1"]] {
        let server = start(&[&["--model"], model]);
        let mut first = socket::connect(server.address);
        assert_answered(&mut first, "first");
        for _ in 0..50 {
            let mut client = socket::send(server.address, &[&[b'x'; 4096]]);
            client.shutdown(Shutdown::Write).unwrap();
            let words = socket::receive_to_end(&mut client);
            assert!(words.starts_with(b"busy: "), "{:?}", String::from_utf8_lossy(&words));
        }
    }
}

#[test]
fn a_framed_client_is_refused_in_a_frame() {
    let options = ["--service", "command", "--model", "pool", "--workers", "1", "--queue", "1"];
    let server = start(&[&options]);
    let mut first = socket::send(server.address, &[&socket::frame(b"echo hi")]);
    assert_eq!(socket::receive(&mut first, 7), socket::frame(b"hi\n"));
    let second = socket::connect(server.address);
    server.wait_for_line(&format!("{} connected", second.local_addr().unwrap()));
    let words = socket::receive_to_end(&mut socket::connect(server.address));
    let expected = "busy: workers: 1, places to wait: 1, all taken; try again later\n";
    assert_eq!(words, socket::frame(expected.as_bytes()));
}

/// 800 characters of three bytes each, so that 1,024 is inside one.
fn three_bytes_each() -> Vec<u8> {
    "北鼻".repeat(400).into_bytes()
}

#[test]
fn three_byte_characters_cut_at_1024_come_back_whole_and_disturb_nobody() {
    for model in AT_ONCE {
        let server = start(&[model]);
        let mut other = socket::connect(server.address);
        let sent = three_bytes_each();
        assert_eq!(sent.len(), 2400);
        let mut client = socket::connect(server.address);
        assert_eq!(socket::exchange(&mut client, &sent, sent.len()), sent);
        assert_answered(&mut other, "other");
    }
}

#[test]
fn a_reply_gives_a_cut_character_back_as_it_came() {
    for model in AT_ONCE {
        let server = start(&[model, &["--service", "reply", "--text", "<{}>"]]);
        let mut client = socket::send(server.address, &[&three_bytes_each()]);
        client.shutdown(Shutdown::Write).unwrap();
        let mut came = socket::receive_to_end(&mut client);
        came.retain(|byte| !b"<>".contains(byte));
        assert_eq!(String::from_utf8(came).unwrap().as_bytes(), three_bytes_each());
    }
}

/// Sends until the kernel at this end takes no more, and reads nothing.
fn send_without_reading(server: SocketAddr) -> TcpStream {
    let mut client = socket::connect(server);
    client.set_nonblocking(true).unwrap();
    // More than all buffers between the two hold.
    let mut sent = 0;
    loop {
        match client.write(&[b'x'; 65536]) {
            Ok(taken) => sent += taken,
            // The server has had enough of it already.
            Err(error) if error.kind() != ErrorKind::WouldBlock => break,
            Err(_) if sent > 0 => break,
            Err(_) => {}
        }
    }
    client
}

#[test]
fn clients_that_never_read_stop_nobody_and_take_no_memory() {
    for model in AT_ONCE {
        // Each request is answered with 64 KiB, so an answer for each recv would soon be a lot.
        let text = "y".repeat(65536);
        let options = ["--message-timeout", "500ms", "--service", "reply", "--text", &text];
        let server = start(&[model, &options]);
        let mut other = socket::connect(server.address);
        assert_eq!(socket::exchange(&mut other, b"before", text.len()).len(), text.len());
        let before = Usage::of(server.id()).resident;
        let deaf = [(); 16].map(|()| send_without_reading(server.address));
        assert_eq!(socket::exchange(&mut other, b"meanwhile", text.len()).len(), text.len());
        server.wait_until("that all have been closed", |log, _| {
            log.matches(" closed: the peer did not take a message within 500ms").count() == 16
        });
        let grown = Usage::of(server.id()).peak.saturating_sub(before);
        assert!(grown < 16 * 1024, "{model:?}: the server has grown by {grown} KiB");
        drop(deaf);
        assert_eq!(socket::exchange(&mut other, b"after", text.len()).len(), text.len());
    }
}

#[test]
fn resets_in_the_middle_end_those_clients_only() {
    for model in AT_ONCE {
        let server = start(&[model]);
        let mut other = socket::connect(server.address);
        for round in 0..50 {
            let client = socket::send(server.address, &[b"half a "]);
            socket::reset(client);
            assert_answered(&mut other, &format!("round {round}"));
        }
        assert_answered(&mut socket::connect(server.address), "next");
    }
}

#[test]
fn a_command_that_arrives_slowly_keeps_nobody_waiting() {
    for model in [&AT_ONCE[0], &AT_ONCE[1]] {
        let server = start(&[model, &["--service", "command", "--message-timeout", "400ms"]]);
        let frame = socket::frame(b"echo hi");
        let slow = [(); 8].map(|()| socket::send(server.address, &[&frame[..3]]));
        let mut other = socket::connect(server.address);
        assert_eq!(socket::exchange(&mut other, &frame, 7), socket::frame(b"hi\n"));
        for mut client in slow {
            assert_eq!(socket::receive_to_end(&mut client), b"");
        }
        server.wait_for_line("closed: a message began and did not end within 400ms");
    }
}

#[test]
fn ctrl_c_ends_a_server_with_silent_clients_of_every_kind() {
    for model in AT_ONCE {
        let server = start(&[model]);
        let clients: Vec<TcpStream> = (0..20).map(|_| socket::connect(server.address)).collect();
        server.wait_until("20 clients", |log, _| log.matches(" connected\n").count() == 20);
        let server = server.stop();
        assert_eq!(server.status, Some(0));
        assert_eq!(server.stdout.matches(" closed by server\n").count(), 20);
        assert!(server.stdout.ends_with("served: 20, refused: 0\n"));
        drop(clients);
    }
}

#[test]
fn ctrl_c_does_not_wait_for_a_command_that_has_no_end() {
    for model in [&AT_ONCE[0], &AT_ONCE[1]] {
        let server = start(&[model, &["--service", "command", "--shell"]]);
        let client = socket::send(server.address, &[&socket::frame(b"exec sleep 600")]);
        server.wait_for_line(" recv 14 ");
        let begun = Instant::now();
        let server = server.stop();
        // By itself the command would be ended after 10 s.
        assert!(begun.elapsed() < Duration::from_secs(9), "after {:?}", begun.elapsed());
        assert_eq!(server.status, Some(0));
        assert!(server.stdout.ends_with("served: 1, refused: 0\n"));
        drop(client);
    }
}

#[test]
fn ctrl_c_does_not_wait_for_a_client_that_does_not_read() {
    for model in AT_ONCE {
        let text = "y".repeat(65536);
        let server = start(&[model, &["--service", "reply", "--text", &text]]);
        let client = send_without_reading(server.address);
        server.wait_for_line(" recv 1024 ");
        let begun = Instant::now();
        let server = server.stop();
        // By itself the answer would be given up after 10 s.
        assert!(begun.elapsed() < Duration::from_secs(9), "after {:?}", begun.elapsed());
        assert_eq!(server.status, Some(0));
        drop(client);
    }
}

/// A lesson's server that may have no more than so many descriptors.
fn start_with_few_descriptors(model: &[&str], descriptors: usize, options: &[&str]) -> Server {
    let server = binary("lesson05-server");
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -n {descriptors}; exec \"$0\" \"$@\""));
    command.arg(server.get_program()).args(["--listen", "0"]).args(model).args(options);
    Server::start(command)
}

/// How much time of a processor a process has used, in clock ticks: proc(5).
fn ticks(program: &Program) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", program.id())).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

#[test]
fn without_a_descriptor_the_server_says_so_once_waits_without_work_and_goes_on() {
    for model in ["thread", "event"] {
        let options = ["--idle-timeout", "2s"];
        let server = start_with_few_descriptors(&["--model", model], 32, &options);
        let clients: Vec<TcpStream> = (0..60).map(|_| socket::connect(server.address)).collect();
        server.wait_for_line("cannot accept: ");
        let used = ticks(&server);
        // The first are silent for too long, and give the others their descriptors.
        server.wait_until("60 ends", |log, _| log.matches(" closed: silent for 2s").count() == 60);
        let used = ticks(&server) - used;
        // It took several seconds, of a hundred ticks each; a loop that spins uses them all.
        assert!(used < 150, "{model}: the server used {used} ticks to wait");
        drop(clients);
        assert_answered(&mut socket::connect(server.address), "next");
        let said = server.stop().stdout.matches("cannot accept: ").count();
        // Once for each time that the descriptors have run out, and not at each try, of which there
        // are ten in a second.
        assert!((1..=20).contains(&said), "{model}: said {said} times");
    }
}

#[test]
fn two_thousand_clients_one_after_the_other_leave_nothing_behind() {
    for model in AT_ONCE {
        let server = start(&[model, &["--quiet"]]);
        assert_answered(&mut socket::connect(server.address), "warm up");
        let descriptors = || fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
        let before = Usage::of(server.id());
        for _ in 0..2_000 {
            assert_answered(&mut socket::connect(server.address), "hello");
        }
        let given_up = Instant::now() + DEADLINE;
        while descriptors() > 16 || Usage::of(server.id()).threads > before.threads {
            assert!(Instant::now() < given_up, "{model:?}: {} descriptors", descriptors());
            std::thread::yield_now();
        }
        let grown = Usage::of(server.id()).resident.saturating_sub(before.resident);
        assert!(grown < 8 * 1024, "{model:?}: grown by {grown} KiB");
        assert!(server.stop().stdout.ends_with("served: 2001, refused: 0\n"));
    }
}

#[test]
fn datagrams_are_answered_under_serial_and_thread() {
    for model in ["serial", "thread"] {
        let server = start(&[&["--udp", "--model", model]]);
        for request in [&b"client1111"[..], b"", "啊a".as_bytes()] {
            assert_eq!(socket::ask_datagram(server.address, request), request.to_ascii_uppercase());
        }
        // Python's socketserver takes 8,192 bytes of a datagram, and so does this.
        assert_eq!(socket::ask_datagram(server.address, &[b'x'; 9000]), [b'X'; 8192]);
        server.wait_for_line("808 more bytes of it are lost");
        let server = server.stop();
        assert_eq!(server.status, Some(0));
        assert!(server.stdout.ends_with("served: 4, refused: 0\n"));
    }
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    for options in [
        &["--udp", "--model", "pool"][..],
        &["--udp", "--model", "event"],
        &["--udp", "--service", "command"],
        &["--model", "event", "--service", "command"],
        &["--model", "pool", "--workers", "0"],
        // These would do nothing.
        &["--workers", "4"],
        &["--model", "event", "--queue", "4"],
        &["--shell"],
        &["--allow", "mkdir"],
    ] {
        let mut command = binary("lesson05-server");
        command.args(["--listen", "0"]).args(options);
        let server = Program::start(command).finish();
        assert_eq!(server.status, Some(2), "{options:?}");
        assert!(!server.stderr.is_empty() && server.stdout.is_empty(), "{options:?}");
    }
}

#[test]
fn an_http_request_is_answered_by_no_model() {
    for model in AT_ONCE {
        let server = start(&[model]);
        let mut browser = socket::send(server.address, &[b"POST / HTTP/1.1\r\n\r\nhello"]);
        assert_eq!(socket::receive_to_end(&mut browser), b"");
        server.wait_for_line("speaks HTTP");
    }
}

#[test]
fn a_client_tries_again_and_goes_on_when_its_server_is_back() {
    let server = start(&[]);
    let address = server.address;
    let options = ["--send", "hello", "--every", "20ms", "--count", "40"];
    let client = Program::client("lesson05-client", address, &options);
    client.wait_for_line("HELLO");
    server.signal(Signal::KILL);
    drop(server);
    client.wait_for_error("trying again in ");
    let mut again = binary("lesson05-server");
    again.args(["--listen", &address.to_string()]);
    let again = Server::start(again);
    let client = client.finish();
    assert_eq!(client.status, Some(0));
    assert_eq!(client.stdout, "HELLO\n".repeat(40));
    drop(again);
}

#[test]
fn a_client_gives_up_after_its_retries_and_says_so() {
    // Bound, so that nobody else takes the port; not listening, so calls are refused.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let client = Program::client("lesson05-client", address, &["--retries", "2", "--send", "x"]);
    let client = client.finish();
    assert_eq!(client.status, Some(1));
    let lines: Vec<&str> = client.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains("(1 of 2)") && lines[1].contains("(2 of 2)"), "{lines:?}");
    assert!(lines[2].contains("`cargo run -p lesson05-server`"), "{lines:?}");
}

#[test]
fn a_client_that_is_refused_waits_its_turn() {
    let server = start(&[&["--max-connections", "1"]]);
    let mut first = socket::connect(server.address);
    assert_answered(&mut first, "first");
    let client = Program::client("lesson05-client", server.address, &["--send", "hello"]);
    client.wait_for_error("busy: places for clients: 1, all taken");
    drop(first);
    let client = client.finish();
    assert_eq!((client.stdout.as_str(), client.status), ("HELLO\n", Some(0)));
}

#[test]
fn a_client_notices_before_it_asks_that_its_server_has_closed_meanwhile() {
    let server = start(&[&["--service", "command", "--idle-timeout", "100ms"]]);
    let options = ["--service", "command"];
    let mut client = Program::client("lesson05-client", server.address, &options);
    client.type_text("echo one\n");
    client.wait_for_line("one");
    server.wait_for_line(" closed: silent for 100ms");
    let client = client.input("echo two\n").finish();
    // The command was not sent on the old connection, so it need not be asked for again.
    assert_eq!((client.stdout.as_str(), client.stderr.as_str()), ("one\ntwo\n", ""));
    assert_eq!(client.status, Some(0));
}
