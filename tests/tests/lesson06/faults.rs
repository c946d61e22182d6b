//! What `--fault` does to the bytes, and what the proxy says of it.

use std::net::Shutdown;
use std::time::Instant;

use e2e::{DEADLINE, socket};

use crate::{ENGINES, assert_answered, half_close_and_receive, proxied_echo, proxy};

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
fn through(engine: &[&str], fault: &str) -> (String, String) {
    let (_echo, proxy) = proxied_echo(&[engine, &["--fault", fault]].concat());
    let client = socket::send(proxy.address, &[&[b'x'; 40]]);
    // After a reset there is nothing more to end.
    _ = client.shutdown(Shutdown::Write);
    let came = socket::receive_to_end(&mut { client });
    proxy.wait_until("the end", |log, _| log.contains(" s\n"));
    (String::from_utf8_lossy(&came).into_owned(), proxy.stop().stdout.clone())
}

#[test]
fn what_changes_only_when_and_how_bytes_come_changes_none_and_says_nothing() {
    let harmless =
        ["none", "latency=20ms", "latency=1ms..9ms", "rate=1KiB", "slice=3", "merge=20ms"];
    for (engine, fault) in ENGINES.iter().flat_map(|engine| harmless.map(|fault| (engine, fault))) {
        for direction in ["", "up:", "down:"] {
            let (came, log) = through(engine, &format!("{direction}{fault}"));
            assert_eq!(came, "X".repeat(40), "{engine:?} {direction}{fault}");
            assert!(!log.contains(" fault "), "{direction}{fault}: {log}");
            assert!(log.contains(" closed by client: 40 bytes up, 40 bytes down, "), "{log}");
        }
    }
}

#[test]
fn each_fault_that_fires_is_reported_with_its_direction_and_its_place() {
    let firing = [
        ("up:limit=10", Some(10), "fault up: closed after 10 bytes\n"),
        ("down:limit=1", Some(1), "fault down: closed after 1 byte\n"),
        ("up:reset=10", None, "fault up: reset after 10 bytes\n"),
        ("down:reset=10", None, "fault down: reset after 10 bytes\n"),
        ("up:stall=10:100ms", Some(40), "fault up: stalled for 0.1 s after 10 bytes\n"),
        ("down:stall=10:100ms", Some(40), "fault down: stalled for 0.1 s after 10 bytes\n"),
        ("down:corrupt=100%", Some(40), "fault down: flipped a bit in each of 40 bytes, the first"),
        ("up:corrupt=100%", Some(40), "fault up: flipped a bit in each of 40 bytes, the first"),
    ];
    for (engine, (fault, came, said)) in
        ENGINES.iter().flat_map(|engine| firing.map(|fault| (engine, fault)))
    {
        let (bytes, log) = through(engine, fault);
        assert!(log.contains(said), "{engine:?} {fault}: {log}");
        assert_eq!(log.matches(" fault ").count(), 1, "{fault}: {log}");
        if fault.contains("corrupt") {
            assert_ne!(bytes, "X".repeat(40));
        } else if let Some(came) = came {
            assert_eq!(bytes, "X".repeat(came), "{engine:?} {fault}");
        } else {
            assert!(log.contains(" broken off by a fault: "), "{engine:?} {fault}: {log}");
        }
        assert_eq!(log.contains(" closed by a fault: "), fault.contains("limit"), "{log}");
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
