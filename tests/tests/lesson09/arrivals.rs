//! Files that arrive whole, over a bad network too, and one of each name.

use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use e2e::{Program, is_full};
use lesson09_shared::packet::{Kind, MAX_PAYLOAD};

use crate::folders::{BAD, EXISTS, Folders, Noise, assert_failed, assert_sent, send};
use crate::hand::{Hand, done, refused};

#[test]
fn sixty_four_mebibytes_arrive_over_a_bad_network_whatever_the_seed() {
    let original = Folders::new();
    let bytes = Noise(64).bytes(64 << 20);
    let file = original.file("64MiB", &bytes);
    // All ten of them move more than a gigabyte, there and, a third of it, again.
    let seeds = Mutex::new(1..=if is_full() { 10 } else { 2 });
    let transfers = || {
        while let Some(seed) = { seeds.lock().unwrap().next() } {
            let folders = Folders::new();
            let seed = seed.to_string();
            let bad = [&BAD[..], &["--seed", &seed]].concat();
            let server = folders.server(&bad);
            let client = send(server.address, &file, &bad).finish_within(Duration::from_secs(300));
            assert_sent(&client);
            assert!(!client.stdout.contains(" 0 of them again"), "nothing was lost");
            assert!(fs::read(folders.received().join("64MiB")).unwrap() == bytes, "seed {seed}");
            folders.assert_arrived(&["64MiB"]);
        }
    };
    // Each transfer keeps two processes busy.
    thread::scope(|scope| {
        scope.spawn(transfers);
        scope.spawn(transfers);
    });
}

#[test]
fn files_of_any_size_and_any_plain_name_arrive() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let longest = "汉".repeat(83);
    let names = [
        "empty",
        "1",
        "1199",
        "1200",
        "1201",
        "2400",
        "汉字 和 空格.txt",
        " a b",
        "-rf",
        "a..b",
        "~",
        "%2e%2e%2fx",
        "$(reboot)",
        "\u{202e}txt.exe",
        &longest,
    ];
    for (size, name) in [0, 1, 1199, 1200, 1201, 2400].into_iter().chain(100..).zip(names) {
        let bytes = Noise(size).bytes(size as usize);
        let file = folders.file(name, &bytes);
        assert_sent(&send(server.address, &file, &[]).finish());
        assert!(fs::read(folders.received().join(name)).unwrap() == bytes, "{name}");
    }
    server.wait_for_line(" sent \"汉字 和 空格.txt\", 100 bytes, verified");
    server.wait_for_line(" sent \"\\u{202e}txt.exe\", ");
    folders.assert_arrived(&names);
}

#[test]
fn of_two_senders_of_the_same_name_exactly_one_is_done() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let files = [1, 2].map(|seed| Noise(seed).bytes(200_000));
    let originals = [Folders::new(), Folders::new()];
    // While the server sleeps, both make their offers: so it accepts both before either has sent
    // anything.
    let clients = server.suspended(|| {
        [0, 1].map(|number| {
            let file = originals[number].file("a.bin", &files[number]);
            let client = send(server.address, &file, &["--trace"]);
            client.wait_for_error(" sendto ");
            client
        })
    });
    let clients = clients.map(Program::finish);
    let winner = usize::from(clients[1].status == Some(0));
    assert_sent(&clients[winner]);
    assert_failed(&clients[1 - winner], &format!("the receiver refused: {EXISTS}"));
    assert!(fs::read(folders.received().join("a.bin")).unwrap() == files[winner]);
    let server = server.stop();
    assert_eq!(server.stdout.matches(" offers \"a.bin\", 200000 bytes").count(), 2);
    folders.assert_arrived(&["a.bin"]);
}

#[test]
fn a_name_that_is_taken_is_refused_at_the_offer_and_the_old_file_stays() {
    let folders = Folders::new();
    fs::write(folders.received().join("a.bin"), "as it was").unwrap();
    fs::create_dir(folders.received().join("folder")).unwrap();
    let server = folders.server(&[]);
    for name in ["a.bin", "folder"] {
        let file = folders.file(name, b"something else");
        let client = send(server.address, &file, &[]).finish();
        assert_failed(&client, &format!("the receiver refused: {EXISTS}"));
    }
    assert!(!server.stop().stdout.contains(" offers "), "it was accepted first");
    assert_eq!(fs::read(folders.received().join("a.bin")).unwrap(), b"as it was");
    folders.assert_arrived(&["a.bin", "folder"]);
}

#[test]
fn an_end_that_comes_again_is_answered_by_done_again() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let hand = Hand::new(server.address, 1);
    let bytes = Noise(1).bytes(2 * MAX_PAYLOAD);
    assert_eq!(hand.send_all("a", &bytes), done());
    // Perhaps Done was lost; and what was sent before it may still arrive.
    for _ in 0..3 {
        assert_eq!(hand.end(2, &wire::md5_hex(&bytes)), done());
    }
    assert_eq!(hand.ask(Kind::Data, 1, &bytes[MAX_PAYLOAD..]), done());
    assert_eq!(hand.offer("a", bytes.len() as u64), done());
    // To another transfer the name is taken.
    assert_eq!(Hand::new(server.address, 2).send_all("a", &bytes), refused(EXISTS));
    let server = server.stop();
    assert_eq!(server.stdout.matches(", verified\n").count(), 1);
    assert!(fs::read(folders.received().join("a")).unwrap() == bytes);
    folders.assert_arrived(&["a"]);
}
