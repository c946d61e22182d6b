//! Either side is killed at fifty places of a transfer: the name holds the old file, the new one
//! whole, or nothing; and `--resume` completes it, and transfers only what is missing.

use std::fs;
use std::path::PathBuf;

use e2e::Signal;

use crate::proxy::{Direction, Proxy};
use crate::{Place, assert_done, noise};

const SIZE: u64 = 3_000_000;

/// More than all that is said around the bytes of a file.
const WORDS: u64 = 2000;

/// The most that a receiver may hold in its memory, and lose with it.
const BUFFERED: u64 = 1 << 20;

/// The side that is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Killed {
    Client,
    Server,
}

/// What is there of a file: under its name, and beside it.
fn arrived(place: &Place, direction: Direction) -> (Option<Vec<u8>>, u64) {
    let folder = place.path(direction.folders()[1]);
    let whole = fs::read(folder.join("big")).ok();
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let parts: Vec<PathBuf> = entries.filter(|path| !path.ends_with("big")).collect();
    assert!(parts.len() <= 1, "{parts:?}");
    (whole, parts.first().map_or(0, |part| fs::metadata(part).unwrap().len()))
}

/// How many bytes a transfer takes that nobody disturbs, with all that is said around them.
fn all(direction: Direction) -> u64 {
    let place = Place::new();
    place.file(&format!("{}/big", direction.folders()[0]), &noise(1, SIZE as usize));
    let server = place.server(&[]);
    let proxy = Proxy::to(server.address);
    assert_done(&direction.transfer(&place, proxy.address, "big", &[]).finish());
    let passed = proxy.passed(direction);
    assert!((SIZE..SIZE + WORDS).contains(&passed), "{passed} bytes for {SIZE}");
    passed
}

fn kill_at_fifty_places(direction: Direction, killed: Killed) {
    let all = all(direction);
    let mut chance = fastrand::Rng::with_seed(8);
    // The beginning and the end are where most happens.
    let places = (0..10).map(|_| 0..300).chain((0..25).map(|_| 0..all));
    let places = places.chain((0..15).map(|_| all - 150..all + 1));
    for (number, places) in places.enumerate() {
        let at = chance.u64(places);
        println!("{killed:?} killed after {at} of {all} bytes");
        kill_at(direction, killed, at, number % 2 == 0);
    }
}

/// Kills one side when so many bytes have gone to the other, with or without an old file in place.
fn kill_at(direction: Direction, killed: Killed, at: u64, has_old: bool) {
    let place = Place::new();
    let new = noise(1, SIZE as usize);
    let [source, target] = direction.folders();
    place.file(&format!("{source}/big"), &new);
    let old = has_old.then(|| b"old".to_vec());
    if let Some(old) = &old {
        place.file(&format!("{target}/big"), old);
    }
    let mut server = place.server(&[]);
    let proxy = Proxy::stopping(server.address, direction, at);
    let force: &[&str] = if has_old { &["--force"] } else { &[] };
    let client =
        direction.transfer(&place, proxy.address, "big", &[force, &["--retries", "0"]].concat());
    proxy.wait();
    if killed == Killed::Client {
        client.signal(Signal::KILL);
        client.finish();
        drop(proxy);
        server.wait_for_line(" closed");
    } else {
        server.signal(Signal::KILL);
        server.finish();
        drop(proxy);
        client.finish();
        server = place.server(&[]);
    }

    let (whole, part) = arrived(&place, direction);
    let is_new = whole.as_ref() == Some(&new);
    assert!(is_new || whole == old, "the name holds neither the old file nor the new one");
    let sender = if direction == Direction::Up { Killed::Client } else { Killed::Server };
    if killed == sender && !is_new {
        assert!(part + BUFFERED + WORDS > at, "of {at} bytes only {part} were kept");
    }

    let proxy = Proxy::to(server.address);
    assert_done(
        &direction
            .transfer(&place, proxy.address, "big", &[force, &["--resume"]].concat())
            .finish(),
    );
    let (whole, left) = arrived(&place, direction);
    assert!(whole == Some(new) && left == 0, "{left} bytes lie beside the file");
    let passed = proxy.passed(direction);
    let missing = match (is_new, has_old) {
        // What is to be replaced is replaced, whatever it is.
        (true, true) => SIZE,
        (true, false) => 0,
        (false, _) => SIZE - part,
    };
    assert!(passed < missing + WORDS, "{passed} bytes, and only {missing} were missing");
}

#[test]
fn a_client_that_is_killed_while_it_gets_leaves_a_beginning_or_nothing() {
    kill_at_fifty_places(Direction::Down, Killed::Client);
}

#[test]
fn a_server_that_is_killed_while_it_sends_leaves_its_client_a_beginning_or_nothing() {
    kill_at_fifty_places(Direction::Down, Killed::Server);
}

#[test]
fn a_client_that_is_killed_while_it_puts_leaves_a_beginning_or_nothing() {
    kill_at_fifty_places(Direction::Up, Killed::Client);
}

#[test]
fn a_server_that_is_killed_while_it_receives_leaves_a_beginning_or_nothing() {
    kill_at_fifty_places(Direction::Up, Killed::Server);
}
