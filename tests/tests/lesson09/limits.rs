//! What the server has no room for: large files, many senders, junk.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use e2e::benchmark::Usage;
use e2e::{Server, binary};
use lesson09_shared::packet::{Kind, MAX_PAYLOAD, Packet};

use crate::folders::{Folders, Noise, unnamed};
use crate::hand::{Hand, accepted, ack, assert_unharmed, done, refused};

#[test]
fn a_file_above_the_limit_is_refused_at_the_offer() {
    let folders = Folders::new();
    let server = folders.server(&["--max-size", "1KiB"]);
    for size in [1025, 4 << 30, u64::MAX] {
        let words = format!("{size} bytes are more than --max-size 1024");
        assert_eq!(Hand::new(server.address, size).offer("a", size), refused(&words));
    }
    let hand = Hand::new(server.address, 1);
    assert_eq!(hand.send_all("a", &[7; 1024]), done());
    assert_unharmed(server);
    folders.assert_arrived(&["a", "unharmed"]);
}

#[test]
fn the_folder_holds_so_many_files_and_no_more_until_somebody_makes_room() {
    let folders = Folders::new();
    fs::write(folders.received().join("old"), "from before").unwrap();
    let server = folders.server(&["--max-files", "3"]);
    let [first, second, third] = [1, 2, 3].map(|transfer| Hand::new(server.address, transfer));
    assert_eq!(first.send_all("first", b"hello"), done());
    // What is on its way counts as well: its place is kept.
    assert_eq!(second.offer("second", 5), accepted());
    let full = refused("the folder is full: it may hold 3 files (--max-files, --max-total)");
    assert_eq!(third.offer("third", 5), full);
    second.say(Kind::Abort, 0, b"");
    assert_eq!(third.send_all("third", b"hello"), done());
    assert_eq!(Hand::new(server.address, 4).offer("fourth", 5), full);
    fs::remove_file(folders.received().join("old")).unwrap();
    // It looks anew, but not for each offer.
    let fourth = Hand::new(server.address, 5);
    let began = Instant::now();
    while fourth.offer("fourth", 5) == full {
        assert!(began.elapsed() < Duration::from_secs(60), "it has not noticed");
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(fourth.send_all("fourth", b"hello"), done());
    folders.assert_arrived(&["first", "third", "fourth"]);
}

#[test]
fn the_files_in_the_folder_have_so_many_bytes_in_all_and_no_more() {
    let folders = Folders::new();
    fs::write(folders.received().join("old"), [7; 1000]).unwrap();
    let server = folders.server(&["--max-total", "4000"]);
    let [first, second, third] = [1, 2, 3].map(|transfer| Hand::new(server.address, transfer));
    let words = |left, size| {
        format!(
            "the folder may hold 4000 bytes, and has room for {left}, not for {size} \
             (--max-files, --max-total)"
        )
    };
    assert_eq!(first.send_all("first", &[7; 1000]), done());
    assert_eq!(second.offer("second", 1500), accepted());
    assert_eq!(third.offer("third", 501), refused(&words(500, 501)));
    assert_eq!(third.send_all("third", &[7; 500]), done());
    assert_eq!(third.offer("more", 1), done(), "that transfer has ended");
    assert_eq!(Hand::new(server.address, 4).offer("fourth", 1), refused(&words(0, 1)));
    assert_eq!(Hand::new(server.address, 5).send_all("empty", b""), done());
    folders.assert_arrived(&["old", "first", "third", "empty"]);
}

#[test]
fn of_more_senders_than_there_are_places_the_last_hears_that_the_server_is_busy() {
    let folders = Folders::new();
    let server = folders.server(&["--max-connections", "2"]);
    let [first, second, third] = [1, 2, 3].map(|transfer| Hand::new(server.address, transfer));
    assert_eq!(first.offer("first", 5), accepted());
    assert_eq!(second.offer("second", 5), accepted());
    assert_eq!(third.offer("third", 5), refused("busy: 2 transfers are under way"));
    // An offer that comes again takes no second place.
    assert_eq!(first.offer("first", 5), accepted());
    second.say(Kind::Abort, 0, b"\x1b[2J");
    assert_eq!(third.send_all("third", b"hello"), done());
    server.wait_for_line(" gave up \"second\": \"\\u{1b}[2J\"");
    assert_eq!(unnamed(&server), 1);
    assert_unharmed(server);
    folders.assert_arrived(&["third", "unharmed"]);
}

#[test]
fn without_a_descriptor_or_a_folder_offers_are_refused_in_words() {
    let folders = Folders::new();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 24; exec \"$0\" --listen 0 --root \"$1\""]);
    command.arg(binary("lesson09-server").get_program()).arg(folders.received());
    let server = Server::start(command);
    let mut hand = Hand::new(server.address, 0);
    let words = "the server cannot make a file: Too many open files (os error 24)";
    while hand.offer("many", 5) == accepted() {
        hand.transfer += 1;
        assert!(hand.transfer < 24, "it has more descriptors than it may have");
    }
    assert_eq!(hand.offer("many", 5), refused(words));
    let accepted_so_far = hand.transfer;
    for transfer in 0..accepted_so_far {
        hand.transfer = transfer;
        hand.say(Kind::Abort, 0, b"");
    }
    hand.transfer = accepted_so_far;
    assert_eq!(hand.send_all("one", b"hello"), done());

    let hand = Hand::new(server.address, 1);
    assert_eq!(hand.offer("late", 0), accepted());
    fs::remove_dir_all(folders.received()).unwrap();
    for (answer, words) in [
        (hand.end(0, &wire::md5_hex(b"")), "the server cannot keep the file: "),
        (Hand::new(server.address, 2).offer("later", 0), "the server cannot make a file: "),
    ] {
        assert!(answer.0 == Kind::Refused && answer.2.starts_with(words), "{answer:?}");
    }
    assert_eq!(server.stop().status, Some(0));
}

#[test]
fn a_file_that_is_larger_than_the_system_allows_is_refused_and_ends_nothing() {
    let folders = Folders::new();
    let mut command = Command::new("sh");
    // In blocks of 512 bytes, POSIX says; some shells take 1024.
    command.args(["-c", "ulimit -f 8; exec \"$0\" --listen 0 --root \"$1\""]);
    command.arg(binary("lesson09-server").get_program()).arg(folders.received());
    let server = Server::start(command);
    let answer = Hand::new(server.address, 0).offer("large", 100_000);
    let words = "100000 bytes are more than ulimit -f allows: ";
    assert!(answer.0 == Kind::Refused && answer.2.starts_with(words), "{answer:?}");
    assert_eq!(Hand::new(server.address, 1).send_all("small", b"hello"), done());
    assert_eq!(server.stop().status, Some(0));
    folders.assert_arrived(&["small"]);
}

/// By how much the server has grown meanwhile, in KiB.
fn growth(server: &Server, meanwhile: impl FnOnce()) -> u64 {
    let before = Usage::of(server.id()).resident;
    meanwhile();
    Usage::of(server.id()).resident.saturating_sub(before)
}

/// A datagram such as only a broken or a hostile sender sends.
fn hostile(noise: &mut Noise) -> Vec<u8> {
    const KINDS: [Kind; 7] =
        [Kind::Accept, Kind::Data, Kind::Ack, Kind::End, Kind::Done, Kind::Refused, Kind::Abort];
    let size = noise.below(MAX_PAYLOAD + 1);
    let payload = noise.bytes(size);
    let [transfer, transmission] = [(); 2].map(|()| noise.next().unwrap());
    let number = noise.next().unwrap() as u32;
    let kind = KINDS[noise.below(KINDS.len())];
    let mut packet = Packet { transfer, transmission, number, kind, payload: &payload }.encode();
    match noise.below(4) {
        // No packet, a cut one, one with a bit changed, and one that is intact.
        0 => return payload,
        1 => packet.truncate(noise.below(packet.len())),
        2 => packet[noise.below(size + 29)] ^= 1 << noise.below(8),
        _ => {}
    }
    packet
}

#[test]
fn random_datagrams_and_damaged_packets_disturb_nobody_and_take_no_memory() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let mut noise = Noise(1000);
    let honest = Hand::new(server.address, 1);
    let bytes = noise.bytes(200 * MAX_PAYLOAD);
    assert_eq!(honest.offer("honest", bytes.len() as u64), accepted());
    let mut numbers = (0..).zip(bytes.chunks(MAX_PAYLOAD));
    let mut thousand = || {
        for (number, payload) in numbers.by_ref().take(10) {
            let stranger = Hand::new(server.address, 1);
            (0..100).for_each(|_| _ = stranger.socket.send(&hostile(&mut noise)).unwrap());
            assert_eq!(honest.ask(Kind::Data, number, payload), ack(number + 1));
        }
    };
    thousand();
    let grown = growth(&server, || (0..19).for_each(|_| thousand()));
    assert!(grown < 4 * 1024, "grown by {grown} KiB");
    assert_eq!(honest.end(200, &wire::md5_hex(&bytes)), done());
    assert!(fs::read(folders.received().join("honest")).unwrap() == bytes);
    assert_unharmed(server);
    folders.assert_arrived(&["honest", "unharmed"]);
}

#[test]
fn transfers_that_lead_to_nothing_take_no_memory() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let nothing = |transfers: std::ops::Range<u64>| {
        // The longest that fits, to make the server remember as much as possible.
        let md5 = "x".repeat(MAX_PAYLOAD - 10);
        let mut hand = Hand::new(server.address, 0);
        for transfer in transfers {
            hand.transfer = transfer;
            assert_eq!(hand.offer("empty", 0), accepted());
            if transfer % 4 == 0 {
                hand.say(Kind::Abort, 0, b"");
            } else {
                assert_eq!(hand.end(0, &md5).0, Kind::Refused);
            }
        }
    };
    nothing(0..2_000);
    let grown = growth(&server, || nothing(2_000..12_000));
    assert!(grown < 4 * 1024, "grown by {grown} KiB");
    assert_eq!(unnamed(&server), 0);
    assert_unharmed(server);
    folders.assert_arrived(&["unharmed"]);
}
