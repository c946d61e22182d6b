//! The program as a process: its exit status, what it prints, and what it sends.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use process::Finished;

use crate::{drain, end, flip, serve, shout, unchanged};

/// Three small exchanges, and a bulk transfer of 300 KiB, unless the options say otherwise.
fn run(proxy: SocketAddr, args: &[&str]) -> Finished {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lesson06-client"));
    command.args(["--connect", &proxy.to_string()]).args(args);
    for [option, value] in [["--size", "300KiB"], ["--count", "3"]] {
        if !args.contains(&option) {
            command.args([option, value]);
        }
    }
    process::run(command, "", Instant::now() + Duration::from_secs(60)).unwrap()
}

/// Fails in one line, which has these words.
#[track_caller]
fn assert_fails(end: &Finished, words: &[&str]) {
    assert_eq!((end.status, end.stderr.lines().count()), (Some(1), 1), "{end:#?}");
    for words in words {
        assert!(end.stderr.contains(words), "{words:?} should be in {end:#?}");
    }
}

/// An echo that is right for so many clients; what each of them sent.
fn echo(clients: usize) -> (SocketAddr, thread::JoinHandle<Vec<Vec<u8>>>) {
    serve(clients, |mut stream: TcpStream| shout(&mut stream, &[1000], unchanged))
}

#[test]
fn without_another_way_there_is_one_column_and_the_exit_status_is_0() {
    let (proxy, sent) = echo(1);
    let end = run(proxy, &[]);
    assert_eq!((end.status, &*end.stderr), (Some(0), ""), "{end:#?}");
    let lines: Vec<Vec<&str>> =
        end.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let [_, right, head, p50, p99, throughput] = &lines[..] else { panic!("{end:#?}") };
    assert!(right.join(" ").contains("every byte came back right"), "{right:?}");
    assert_eq!(head, &["proxy"]);
    assert!(p50.starts_with(&["latency", "p50"]) && p50.len() == 3, "{p50:?}");
    assert!(p99.starts_with(&["latency", "p99"]) && p99.len() == 3, "{p99:?}");
    // A number and a unit.
    assert!(throughput.starts_with(&["throughput"]) && throughput.len() == 3, "{throughput:?}");
    assert_eq!(sent.join().unwrap()[0].len(), 3 * 64 + 300 * 1024);
}

#[test]
fn with_another_way_there_are_three_columns_that_are_aligned() {
    let ((proxy, through), (server, direct)) = (echo(2), echo(2));
    let end = run(proxy, &["--direct", &server.to_string(), "--connections", "2"]);
    assert_eq!((end.status, &*end.stderr), (Some(0), ""), "{end:#?}");
    assert!(end.stdout.contains(&format!("without the proxy, {server}: every byte")), "{end:#?}");
    let table: Vec<&str> = end.stdout.lines().skip(3).collect();
    assert_eq!(table.len(), 4, "{end:#?}");
    assert!(table[0].ends_with("proxy        direct    difference"), "{end:#?}");
    assert!(table[3].contains(" x "), "{end:#?}");
    let width = table[0].len();
    assert!(table.iter().all(|line| line.chars().count() == width), "{end:#?}");
    for bytes in [through, direct].map(|server| server.join().unwrap()).concat() {
        assert_eq!(bytes.len(), 3 * 64 + 300 * 1024);
    }
}

#[test]
fn a_slow_server_is_seen_in_the_latency() {
    let talk = |mut stream: TcpStream| {
        shout(&mut stream, &[1000], |_, _| thread::sleep(Duration::from_millis(2)));
    };
    let (proxy, server) = serve(1, talk);
    let end = run(proxy, &["--size", "0"]);
    let latencies: Vec<&str> = end.stdout.lines().filter(|l| l.starts_with("latency")).collect();
    assert!(latencies.len() == 2 && latencies.iter().all(|l| l.ends_with("ms")), "{end:#?}");
    assert!(!end.stdout.contains("throughput"), "{end:#?}");
    server.join().unwrap();
}

#[test]
fn each_connection_sends_bytes_of_its_own_and_the_same_seed_sends_them_again() {
    let sent = |args: &[&str]| {
        let (proxy, sent) = echo(2);
        let end = run(proxy, &[&["--connections", "2"], args].concat());
        assert_eq!(end.status, Some(0), "{end:#?}");
        let mut sent = sent.join().unwrap();
        sent.sort();
        sent
    };
    let (one, again, other) = (sent(&[]), sent(&["--seed", "1"]), sent(&["--seed", "2"]));
    assert!(one[0] != one[1], "both connections send the same");
    assert!(one == again, "the same seed does not send the same");
    assert!(one[0] != other[0] && one[1] != other[1], "another seed sends the same");
}

#[test]
fn a_wrong_byte_is_named_with_its_connection_and_its_place() {
    // The place is counted from the beginning of the connection, where the small exchanges are.
    for (wrong, what) in [
        (70, "connection 1 of 1, exchange 2 of 3: at byte 70: sent "),
        (3 * 64 + 4711, "connection 1 of 1, bulk transfer: at byte 4903: sent "),
    ] {
        let talk = move |mut stream: TcpStream| {
            shout(&mut stream, &[1000], flip(wrong, 1));
        };
        let (proxy, server) = serve(1, talk);
        let end = run(proxy, &[]);
        assert_fails(&end, &["lesson06-client: through the proxy at ", what]);
        assert!(!end.stdout.contains("right"), "{end:#?}");
        server.join().unwrap();
    }
}

#[test]
fn a_wrong_byte_without_the_proxy_is_not_laid_to_the_proxy() {
    let (proxy, through) = echo(1);
    let (server, wrong) = serve(1, |mut stream: TcpStream| {
        shout(&mut stream, &[1000], flip(100, 1));
    });
    let end = run(proxy, &["--direct", &server.to_string()]);
    assert_fails(&end, &["lesson06-client: without the proxy: ", "exchange 2 of 3: at byte 100"]);
    assert!(!end.stderr.contains("through"), "{end:#?}");
    through.join().unwrap();
    wrong.join().unwrap();
}

#[test]
fn another_server_than_an_echo_in_upper_case_is_asked_after() {
    let talk = |mut stream: TcpStream| {
        stream.write_all(b"busy: try again later\n").unwrap();
        end(&stream);
    };
    let (proxy, server) = serve(1, talk);
    let outcome = run(proxy, &[]);
    assert_fails(&outcome, &["exchange 1 of 3: at byte 0", r#"got "b""#, "lesson05-server?"]);
    server.join().unwrap();
}

#[test]
fn a_proxy_without_a_server_is_asked_after() {
    let (proxy, server) = serve(1, |stream: TcpStream| end(&stream));
    let outcome = run(proxy, &[]);
    let words = ["exchange 1 of 3: the stream ended after 0 of 64 bytes", "reach its server?"];
    assert_fails(&outcome, &words);
    server.join().unwrap();
}

#[test]
fn a_proxy_that_swallows_half_closes_is_found_out() {
    let talk = |mut stream: TcpStream| {
        shout(&mut stream, &[1000], unchanged);
        stream
    };
    let (proxy, server) = serve(1, talk);
    let end = run(proxy, &["--timeout", "1s"]);
    let words = [
        "all 307392 bytes came back, and then no end of the stream: nothing came for 1s \
         (--timeout)",
        "the proxy passed on no end of the stream",
    ];
    assert_fails(&end, &words);
    server.join().unwrap();
}

#[test]
fn a_proxy_that_passes_nothing_on_is_not_waited_for_without_end() {
    let (proxy, server) = serve(1, |stream: TcpStream| drain(&mut &stream));
    let end = run(proxy, &["--timeout", "1s"]);
    let words = "exchange 1 of 3: after 0 of 64 bytes: nothing came for 1s (--timeout)";
    assert_fails(&end, &[words]);
    server.join().unwrap();
}

#[test]
fn a_bulk_transfer_that_stalls_is_not_waited_for_without_end() {
    let talk = |mut stream: TcpStream| {
        shout(&mut stream, &[1000], |before, answer| {
            answer.truncate(100_000_usize.saturating_sub(before));
        });
        stream
    };
    let (proxy, server) = serve(1, talk);
    let end = run(proxy, &["--timeout", "1s"]);
    let words = ["bulk transfer: after 100000 of 307392 bytes: ", "within 1s (--timeout)"];
    assert_fails(&end, &words);
    server.join().unwrap();
}

#[test]
fn a_transfer_may_take_longer_than_the_time_out_as_long_as_it_goes_on() {
    let talk = |mut stream: TcpStream| {
        // Ten times, so more than the time-out in all.
        shout(&mut stream, &[30_000], |_, _| thread::sleep(Duration::from_millis(250)));
    };
    let (proxy, server) = serve(1, talk);
    let end = run(proxy, &["--count", "0", "--timeout", "2s"]);
    assert_eq!((end.status, &*end.stderr), (Some(0), ""), "{end:#?}");
    server.join().unwrap();
}

#[test]
fn who_is_not_there_is_named_with_what_to_do() {
    // Bound, and not listening.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let nobody = socket.local_addr().unwrap().as_socket().unwrap();
    let words = &*format!("cannot connect to {nobody}");
    assert_fails(&run(nobody, &[]), &[words, "cargo run -p lesson06-server"]);

    let (proxy, through) = echo(1);
    let end = run(proxy, &["--direct", &nobody.to_string()]);
    assert_fails(&end, &["without the proxy: ", words, "--direct takes the address"]);
    assert!(!end.stderr.contains("lesson06-server"), "{end:#?}");
    through.join().unwrap();
}

#[test]
fn no_connection_at_all_and_words_for_numbers_are_wrong_usage() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    for args in [["--connections", "0"], ["--count", "many"], ["--direct", "http://x"]] {
        let end = run(nobody, &args);
        assert_eq!((end.status, &*end.stdout), (Some(2), ""), "{args:?}: {end:#?}");
    }
}
