//! Either end is killed, stopped or suspended, the file changes, or nobody receives.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use e2e::{Program, Server, Signal, socket};
use lesson09_shared::offer::MAX_FILE_SIZE;
use lesson09_shared::packet::{Kind, MAX_PAYLOAD};

use crate::folders::{Folders, Noise, assert_failed, assert_sent, send, unnamed};
use crate::hand::{Hand, accepted_for, ack, done, refused};

const NOBODY: &str = "nobody receives there (any more): start `cargo run -p lesson09-server`";
const NO_RECEIVER: &str = "what answers there takes no files: start `cargo run -p lesson09-server`";
const CHANGED: &str = "the file changed while it was sent";

/// A transfer that is in its middle: each packet waits for the acknowledgement of the one before,
/// and that takes its time.
fn under_way(folders: &Folders, file: &Path, options: &[&str]) -> (Server, Program) {
    let server = folders.server(&[&["--fault", "delay=50ms"], options].concat());
    let client = send(server.address, file, &["--window", "1", "--trace"]);
    client.wait_until("6 answers", |_, trace| trace.matches(" recvfrom(2048) = ").count() >= 6);
    folders.assert_arrived(&[]);
    assert_eq!(unnamed(&server), 1, "{:?}", folders.arrived());
    (server, client)
}

#[test]
fn a_receiver_that_is_killed_leaves_nothing_and_its_sender_says_so() {
    let folders = Folders::new();
    let file = folders.file("a.bin", &Noise(1).bytes(1 << 20));
    let (server, client) = under_way(&folders, &file, &[]);
    server.signal(Signal::KILL);
    assert_eq!(server.finish().status, None);
    assert_failed(&client.finish(), NOBODY);
    folders.assert_arrived(&[]);
}

#[test]
fn a_receiver_that_ctrl_c_ends_leaves_nothing_and_its_sender_says_so() {
    let folders = Folders::new();
    let file = folders.file("a.bin", &Noise(1).bytes(1 << 20));
    let (server, client) = under_way(&folders, &file, &[]);
    assert_eq!(server.stop().status, Some(0));
    assert_failed(&client.finish(), NOBODY);
    folders.assert_arrived(&[]);
}

#[test]
fn a_sender_that_is_killed_is_given_up_and_the_next_one_may_take_the_name() {
    let folders = Folders::new();
    let bytes = Noise(1).bytes(1 << 20);
    let file = folders.file("a.bin", &bytes);
    let (server, client) = under_way(&folders, &file, &["--idle-timeout", "300ms"]);
    client.signal(Signal::KILL);
    server.wait_for_line(" nothing new for 300ms: gave up \"a.bin\"");
    folders.assert_arrived(&[]);
    assert_sent(&send(server.address, &file, &[]).finish());
    assert!(fs::read(folders.received().join("a.bin")).unwrap() == bytes);
    folders.assert_arrived(&["a.bin"]);
    assert_eq!(unnamed(&server), 0);
}

#[test]
fn both_ends_give_up_after_the_shorter_one_of_their_idle_timeouts() {
    for (receiver, sender) in [("400ms", "1m"), ("10m", "400ms")] {
        let folders = Folders::new();
        let file = folders.file("a.bin", &Noise(1).bytes(1 << 20));
        let options = ["--idle-timeout", receiver, "--fault", "delay=50ms"];
        let server = folders.server(&options);
        let task = ["--window", "1", "--trace", "--idle-timeout", sender];
        let client = send(server.address, &file, &task);
        client.wait_until("6 answers", |_, trace| trace.matches(" recvfrom(2048) = ").count() >= 6);
        server.suspended(|| {
            let words = "nothing new came from the receiver for 400ms: is it a lesson09-server? Is \
                         the link down for longer, give both ends a longer --idle-timeout";
            assert_failed(&client.finish(), words);
        });
        server.wait_for_line(" nothing new for 400ms: gave up \"a.bin\"");
        folders.assert_arrived(&[]);
    }
}

#[test]
fn what_came_while_a_receiver_was_suspended_counts_before_anyone_is_given_up() {
    let folders = Folders::new();
    let server = folders.server(&["--idle-timeout", "300ms"]);
    let hand = Hand::new(server.address, 1);
    let bytes = Noise(1).bytes(2 * MAX_PAYLOAD);
    assert_eq!(hand.offer("a.bin", bytes.len() as u64), accepted_for("300ms"));
    server.suspended(|| {
        hand.say(Kind::Data, 0, &bytes[..MAX_PAYLOAD]);
        // Longer than the idle timeout, and than the second between two looks.
        thread::sleep(Duration::from_millis(1500));
    });
    assert_eq!(hand.hear(), ack(1));
    assert_eq!(hand.ask(Kind::Data, 1, &bytes[MAX_PAYLOAD..]), ack(2));
    assert_eq!(hand.end(2, &wire::md5_hex(&bytes)), done());
    folders.assert_arrived(&["a.bin"]);
}

#[test]
fn whoever_repeats_itself_or_sends_junk_keeps_no_place() {
    let folders = Folders::new();
    let server = folders.server(&["--idle-timeout", "500ms"]);
    let hand = Hand::new(server.address, 1);
    let bytes = Noise(1).bytes(3 * MAX_PAYLOAD);
    let md5 = wire::md5_hex(&bytes);
    assert_eq!(hand.offer("a.bin", bytes.len() as u64), accepted_for("500ms"));
    assert_eq!(hand.ask(Kind::Data, 0, &bytes[..MAX_PAYLOAD]), ack(1));
    let given_up = refused("this server knows nothing of this transfer");
    let began = Instant::now();
    loop {
        // What has come, an End that comes too early, a wrong length, and what is out of range.
        let answers = [
            hand.ask(Kind::Data, 0, &bytes[..MAX_PAYLOAD]),
            hand.end(3, &md5),
            hand.ask(Kind::Data, 1, b"hello"),
            hand.ask(Kind::Data, 2000, &bytes[..MAX_PAYLOAD]),
        ];
        if answers.contains(&given_up) {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it keeps its place for ever");
        thread::sleep(Duration::from_millis(20));
    }
    server.wait_for_line(" nothing new for 500ms: gave up \"a.bin\"");
    assert_eq!(unnamed(&server), 0);
}

#[test]
fn a_file_that_changes_while_it_is_sent_does_not_arrive() {
    for size in [100_001, 10, 0] {
        let folders = Folders::new();
        let server = folders.server(&[]);
        let file = folders.file("a.bin", &Noise(1).bytes(100_000));
        // While the server sleeps, the client cannot go on after its offer.
        let client = server.suspended(|| {
            let client = send(server.address, &file, &["--trace"]);
            client.wait_for_error(" sendto ");
            fs::File::options().write(true).open(&file).unwrap().set_len(size).unwrap();
            client
        });
        let words = format!("cannot read {}: {CHANGED}", file.display());
        assert_failed(&client.finish(), &words);
        server.wait_for_line(&format!(" gave up \"a.bin\": \"{CHANGED}\""));
        folders.assert_arrived(&[]);
        // The line comes first, and then the file is closed. The next answer comes after both.
        assert_eq!(Hand::new(server.address, 1).send_all("next", b"next"), done());
        assert_eq!(unnamed(&server), 0);
    }
}

#[test]
fn what_is_no_file_is_not_sent() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let missing = folders.root.path().join("missing");
    let words =
        format!("cannot read {}: No such file or directory (os error 2)", missing.display());
    assert_failed(&send(server.address, &missing, &[]).finish(), &words);
    // Nobody writes into the pipe: to open it would wait for ever.
    let pipe = folders.root.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [folders.received(), pipe, "/dev/zero".into(), "/".into(), "..".into()] {
        let words = format!("cannot send {}: it is not a file; name one file", path.display());
        assert_failed(&send(server.address, &path, &[]).finish(), &words);
    }
    // Nor is what no receiver would take: a name that hides a file, and more packets than there are
    // numbers for.
    let hidden = folders.file(".hidden", b"hello");
    let words = "cannot send a file called \".hidden\": a name that begins with a dot is hidden on Unix; \
                 rename it, or send a copy with another name";
    assert_failed(&send(server.address, &hidden, &[]).finish(), words);
    let huge = folders.file("huge", b"");
    fs::File::options().write(true).open(&huge).unwrap().set_len(MAX_FILE_SIZE + 1).unwrap();
    let words = format!("cannot read {}: file too large", huge.display());
    assert_failed(&send(server.address, &huge, &[]).finish(), &words);
    assert_eq!(server.stop().stdout.lines().count(), 1, "something was sent");
}

#[test]
fn without_a_receiver_the_sender_says_what_to_start() {
    let file = Folders::new();
    let file = file.file("a.bin", b"hello");
    // A socket that is connected to somebody else: so nobody else takes the port, and whoever sends
    // to it hears that nobody is there.
    let (socket, address) = socket::bind_datagrams();
    socket.connect("127.0.0.1:9").unwrap();
    assert_failed(&send(address, &file, &[]).finish(), NOBODY);
    // A datagram that leaves twice does not swallow the word.
    assert_failed(&send(address, &file, &["--fault", "duplicate=100%"]).finish(), NOBODY);
}

#[test]
fn a_server_that_takes_no_files_is_told_from_one_that_is_silent() {
    let folders = Folders::new();
    let file = folders.file("a.bin", b"hello");
    for service in [&["--service", "upper"][..], &["--service", "reply"]] {
        let server = Server::lesson("lesson04-server", service);
        assert_failed(&send(server.address, &file, &[]).finish(), NO_RECEIVER);
    }
    // A server that sends back what it gets says intact packets, and yet receives nothing.
    let (socket, address) = socket::bind_datagrams();
    let client = send(address, &file, &[]);
    for _ in 0..3 {
        let (offer, from) = socket::receive_datagram(&socket);
        socket.send_to(&offer, from).unwrap();
    }
    assert_failed(&client.finish(), NO_RECEIVER);
}
