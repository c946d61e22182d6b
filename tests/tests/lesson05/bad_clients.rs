//! What one client can do to the others, and to the server.

use std::fs;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::benchmark::Usage;
use e2e::{DEADLINE, Program, Server, binary, socket};

use crate::{CONCURRENT_MODELS, assert_answered, send_without_reading, start};

#[test]
fn clients_that_never_read_stop_nobody_and_take_no_memory() {
    for model in CONCURRENT_MODELS {
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
    for model in CONCURRENT_MODELS {
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
    for model in [&CONCURRENT_MODELS[0], &CONCURRENT_MODELS[1]] {
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
fn an_http_request_is_answered_by_no_model() {
    for model in CONCURRENT_MODELS {
        let server = start(&[model]);
        let mut browser = socket::send(server.address, &[b"POST / HTTP/1.1\r\n\r\nhello"]);
        assert_eq!(socket::receive_to_end(&mut browser), b"");
        server.wait_for_line("speaks HTTP");
    }
}

#[test]
fn without_a_descriptor_the_server_says_so_once_waits_without_work_and_goes_on() {
    for model in ["thread", "event"] {
        let options = ["--idle-timeout", "500ms"];
        let server = start_with_few_descriptors(&["--model", model], 32, &options);
        let clients: Vec<TcpStream> = (0..60).map(|_| socket::connect(server.address)).collect();
        server.wait_for_line("cannot accept: ");
        let (begun, used) = (Instant::now(), ticks(&server));
        // The first are silent for too long, and give the others their descriptors.
        server
            .wait_until("60 ends", |log, _| log.matches(" closed: silent for 500ms").count() == 60);
        let used = TICK * (ticks(&server) - used);
        let took = begun.elapsed();
        // A loop that spins uses all of the time.
        assert!(used < took / 2, "{model}: the server used {used:?} to wait for {took:?}");
        drop(clients);
        assert_answered(&mut socket::connect(server.address), "next");
        let said = server.stop().stdout.matches("cannot accept: ").count();
        // The server says so once for each time that the descriptors have run out, and not at each
        // try, of which there are ten in a second.
        assert!((1..=20).contains(&said), "{model}: said {said} times");
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

/// The unit in which Linux says how much time of a processor was used: `USER_HZ` is 100.
const TICK: Duration = Duration::from_millis(10);

/// How much time of a processor a process has used, in clock ticks: proc(5).
fn ticks(program: &Program) -> u32 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", program.id())).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u32>().unwrap()).sum()
}

#[test]
fn two_thousand_clients_one_after_the_other_leave_nothing_behind() {
    for model in CONCURRENT_MODELS {
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
