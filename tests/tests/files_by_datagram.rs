//! Lesson 04 as processes: files that arrive whole or not at all, whatever the network, a kill or a
//! hostile sender does; and answers that are lost or come twice.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::collections::BTreeSet;
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use e2e::benchmark::Usage;
use e2e::{Finished, Program, Server, Signal, binary, socket, typed};
use lesson04_client::packet::{End, Kind, Offer, PAYLOAD, Packet};
use tempfile::TempDir;

/// The faults that the lesson promises to withstand.
const BAD: [&str; 6] =
    ["--fault", "loss=30%", "--fault", "duplicate=10%", "--fault", "reorder=10%"];

const NOBODY: &str = "nobody receives there (any more): start `cargo run -p lesson04-server -- \
                      --receive DIR`";
const NO_RECEIVER: &str = "what answers there takes no files: start `cargo run -p lesson04-server \
                           -- --receive DIR`";
const EXISTS: &str =
    "there is a file of this name already; move it away, or send under another name";
const UNKNOWN: &str = "this server knows nothing of this transfer";
const CHANGED: &str = "the file changed while it was sent";

/// Numbers that look random, and are the same each time: SplitMix64.
struct Noise(u64);

impl Iterator for Noise {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(mixed ^ (mixed >> 31))
    }
}

impl Noise {
    fn bytes(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        for (chunk, number) in bytes.chunks_mut(8).zip(self) {
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
        bytes
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next().unwrap() % end as u64) as usize
    }
}

/// A folder for what is sent, and one for what is received.
struct Folders {
    root: TempDir,
}

impl Folders {
    fn new() -> Folders {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("sent")).unwrap();
        fs::create_dir(root.path().join("received")).unwrap();
        Folders { root }
    }

    /// A file to be sent.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.root.path().join("sent").join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn received(&self) -> PathBuf {
        self.root.path().join("received")
    }

    /// What is in the folder for what is received.
    fn arrived(&self) -> BTreeSet<String> {
        listing(&self.received())
    }

    fn server(&self, options: &[&str]) -> Server {
        let received = self.received();
        let receive = ["--receive", received.to_str().unwrap()];
        Server::lesson("lesson04-server", &[&receive, options].concat())
    }

    #[track_caller]
    fn assert_arrived(&self, names: &[&str]) {
        let expected: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(self.arrived(), expected);
    }
}

fn listing(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn send(server: SocketAddr, file: &Path, options: &[&str]) -> Program {
    let task = ["send", file.to_str().unwrap()];
    Program::client("lesson04-client", server, &[&task, options].concat())
}

#[track_caller]
fn assert_sent(client: &Finished) {
    assert!(client.stdout.starts_with("sent and verified in "), "{:?}", client.stdout);
    assert_eq!(client.status, Some(0));
}

/// It has ended with status 1 and with these words, after what `--trace` may have written.
#[track_caller]
fn assert_failed(client: &Finished, words: &str) {
    assert_eq!((client.status, client.stdout.as_str()), (Some(1), ""));
    let last = client.stderr.lines().last().unwrap();
    assert_eq!(last, format!("lesson04-client: {words}"));
    let other = client.stderr.lines().find(|line| !line.starts_with("  ") && *line != last);
    assert_eq!(other, None, "it says more than one line");
}

#[test]
fn sixty_four_mebibytes_arrive_over_a_bad_network_whatever_the_seed() {
    let original = Folders::new();
    let bytes = Noise(64).bytes(64 << 20);
    let file = original.file("64MiB", &bytes);
    let seeds = Mutex::new(1..=10);
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

/// How many files without a name the server holds open: proc(5).
fn unnamed(server: &Server) -> usize {
    let descriptors = fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap();
    let targets = descriptors.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().ends_with(" (deleted)")).count()
}

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
    let (server, client) = under_way(&folders, &file, &["--message-timeout", "300ms"]);
    client.signal(Signal::KILL);
    server.wait_for_line(" silent for 300ms (--message-timeout): gave up \"a.bin\"");
    folders.assert_arrived(&[]);
    assert_sent(&send(server.address, &file, &[]).finish());
    assert!(fs::read(folders.received().join("a.bin")).unwrap() == bytes);
    folders.assert_arrived(&["a.bin"]);
    assert_eq!(unnamed(&server), 0);
}

#[test]
fn a_receiver_that_was_suspended_for_longer_than_its_patience_goes_on() {
    let folders = Folders::new();
    let bytes = Noise(1).bytes(40 * PAYLOAD);
    let file = folders.file("a.bin", &bytes);
    let (server, client) = under_way(&folders, &file, &["--message-timeout", "300ms"]);
    server.suspended(|| {
        // Six times in vain, after 60 ms at least, and each time after twice as long: that is
        // more than 300 ms, and more than the second between two looks.
        client.wait_until("7 packets in a row", |_, trace| {
            let (_, since) = trace.rsplit_once(" recvfrom(").unwrap();
            since.matches(" sendto ").count() >= 7
        });
    });
    assert_sent(&client.finish());
    assert!(fs::read(folders.received().join("a.bin")).unwrap() == bytes);
    folders.assert_arrived(&["a.bin"]);
}

/// A sender made by hand: one transfer, over a socket of its own.
struct Hand {
    socket: UdpSocket,
    transfer: u64,
}

/// What a server has answered.
type Answer = (Kind, u32, String);

impl Hand {
    fn new(server: SocketAddr, transfer: u64) -> Hand {
        let (socket, _) = socket::bind_datagrams();
        socket.connect(server).unwrap();
        Hand { socket, transfer }
    }

    fn say(&self, kind: Kind, number: u32, payload: &[u8]) {
        let packet = Packet { transfer: self.transfer, transmission: 7, number, kind, payload };
        self.socket.send(&packet.encode()).unwrap();
    }

    #[track_caller]
    fn hear(&self) -> Answer {
        let (datagram, _) = socket::receive_datagram(&self.socket);
        let packet = Packet::decode(&datagram).unwrap();
        assert_eq!((packet.transfer, packet.transmission), (self.transfer, 7));
        (packet.kind, packet.number, String::from_utf8_lossy(packet.payload).into_owned())
    }

    #[track_caller]
    fn ask(&self, kind: Kind, number: u32, payload: &[u8]) -> Answer {
        self.say(kind, number, payload);
        self.hear()
    }

    #[track_caller]
    fn offer(&self, name: &str, size: u64) -> Answer {
        let offer = serde_json::to_vec(&Offer { name: name.to_owned(), size }).unwrap();
        self.ask(Kind::Offer, 0, &offer)
    }

    #[track_caller]
    fn end(&self, packets: u32, md5: &str) -> Answer {
        let end = serde_json::to_vec(&End { md5: md5.to_owned() }).unwrap();
        self.ask(Kind::End, packets, &end)
    }

    /// Sends the whole of `bytes`, as a sender that nothing is lost of, and returns the last word.
    #[track_caller]
    fn send_all(&self, name: &str, bytes: &[u8]) -> Answer {
        let accept = self.offer(name, bytes.len() as u64);
        if accept != accepted() {
            return accept;
        }
        for (number, payload) in (0..).zip(bytes.chunks(PAYLOAD)) {
            assert_eq!(self.ask(Kind::Data, number, payload), ack(number + 1));
        }
        self.end(bytes.len().div_ceil(PAYLOAD) as u32, &wire::md5_hex(bytes))
    }
}

fn accepted() -> Answer {
    (Kind::Accept, 0, String::new())
}

/// All Data below this number have come, and none behind it.
fn ack(expected: u32) -> Answer {
    (Kind::Ack, expected, String::new())
}

fn done() -> Answer {
    (Kind::Done, 0, String::new())
}

fn refused(words: &str) -> Answer {
    (Kind::Refused, 0, words.to_owned())
}

/// The server still takes a file; then it ends, and has printed nothing that a terminal obeys.
#[track_caller]
fn assert_unharmed(server: Server) {
    assert_eq!(Hand::new(server.address, u64::MAX).send_all("unharmed", b"hello"), done());
    let server = server.stop();
    assert_eq!(server.status, Some(0));
    let control = server.stdout.chars().find(|&c| c != '\n' && c.is_control());
    assert_eq!(control, None, "printed as it came");
}

#[test]
fn a_name_that_is_no_plain_one_is_refused_in_words() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let [x256, x1000] = [256, 1000].map(|length| "x".repeat(length));
    let three_bytes_each = format!("{}x", "汉".repeat(85));
    let names = [
        "",
        ".",
        "..",
        "/",
        "//",
        "./a",
        "a/",
        "a/b",
        "../x",
        "a/../../x",
        "../../etc/passwd",
        "/etc/passwd",
        "received/../../x",
        "\\",
        "..\\x",
        "a\\b",
        "\\\\host\\share\\x",
        "\\\\?\\C:\\x",
        "C:\\x",
        "C:/x",
        "C:x",
        "c:",
        "a:stream",
        "a.txt::$DATA",
        "\0",
        "a\0",
        "a\0.txt",
        "../x\0.txt",
        "a\nb",
        "a\r",
        "\t",
        "\x08",
        "\x1b[2J",
        "\x7f",
        "\u{85}",
        "\u{9b}31m",
        ".bashrc",
        "...",
        &x256,
        &x1000,
        &three_bytes_each,
    ];
    for (transfer, name) in (0..).zip(names) {
        let (kind, _, words) = Hand::new(server.address, transfer).offer(name, 1);
        assert_eq!(kind, Kind::Refused, "{name:?}");
        assert!(words.starts_with("that is no plain file name: it "), "{name:?}: {words}");
    }
    folders.assert_arrived(&[]);
    assert_unharmed(server);
    // Nor is there anything beside the folder, or above it.
    folders.assert_arrived(&["unharmed"]);
    assert!(listing(&folders.root.path().join("sent")).is_empty());
    assert_eq!(listing(folders.root.path()).len(), 2);
}

#[test]
fn an_offer_that_is_none_is_refused_in_words() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let nested = "[".repeat(PAYLOAD);
    let offers: [&[u8]; 20] = [
        b"",
        b"hello",
        b"{",
        b"null",
        b"5",
        b"[]",
        b"\"a\"",
        b"{}",
        br#"{"name":"a"}"#,
        br#"{"size":1}"#,
        br#"{"name":"a","size":-1}"#,
        br#"{"name":"a","size":1.5}"#,
        br#"{"name":"a","size":"\u001b[2J"}"#,
        br#"{"name":"a","size":18446744073709551616}"#,
        br#"{"name":null,"size":1}"#,
        br#"{"name":["\u001b[2J"],"size":1}"#,
        br#"{"name":"\ud800","size":1}"#,
        b"{\"name\":\"\xff\",\"size\":1}",
        br#"{"name":"a","size":1} and more"#,
        nested.as_bytes(),
    ];
    for (transfer, offer) in (0..).zip(offers) {
        let (kind, _, words) = Hand::new(server.address, transfer).ask(Kind::Offer, 0, offer);
        let offer = String::from_utf8_lossy(offer);
        assert_eq!(kind, Kind::Refused, "{offer}");
        assert!(words.contains(" at line 1 column "), "{offer}: {words}");
    }
    assert_unharmed(server);
    folders.assert_arrived(&["unharmed"]);
}

#[test]
fn a_link_in_the_folder_is_a_name_that_is_taken() {
    use std::os::unix::fs::symlink;
    let folders = Folders::new();
    let secret = folders.file("secret", b"as it was");
    let sent = secret.parent().unwrap();
    let received = folders.received();
    symlink(&secret, received.join("to a file")).unwrap();
    symlink(sent.join("new"), received.join("to nothing")).unwrap();
    symlink(sent, received.join("to a folder")).unwrap();
    let server = folders.server(&[]);
    for name in ["to a file", "to nothing", "to a folder"] {
        assert_eq!(Hand::new(server.address, 1).offer(name, 5), refused(EXISTS), "{name}");
    }
    // Nor is one that comes while the file does.
    let hand = Hand::new(server.address, 2);
    assert_eq!(hand.offer("later", 5), accepted());
    assert_eq!(hand.ask(Kind::Data, 0, b"hello"), ack(1));
    symlink(&secret, received.join("later")).unwrap();
    assert_eq!(hand.end(1, &wire::md5_hex(b"hello")), refused(EXISTS));
    assert_unharmed(server);
    assert_eq!(fs::read(&secret).unwrap(), b"as it was");
    assert_eq!(listing(sent).len(), 1);
    folders.assert_arrived(&["to a file", "to nothing", "to a folder", "later", "unharmed"]);
}

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
fn a_sender_that_lies_about_the_size_or_the_md5_leaves_no_file() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let bytes = Noise(1).bytes(3 * PAYLOAD);
    let md5 = wire::md5_hex(&bytes);
    let data = |hand: &Hand, number: usize| {
        hand.ask(Kind::Data, number as u32, &bytes[number * PAYLOAD..][..PAYLOAD])
    };

    // Fewer than promised: however often it says that this was all, it is asked for the rest.
    let fewer = Hand::new(server.address, 1);
    assert_eq!(fewer.offer("fewer", 3000), accepted());
    assert_eq!(data(&fewer, 0), ack(1));
    for _ in 0..3 {
        assert_eq!(fewer.end(1, &wire::md5_hex(&bytes[..PAYLOAD])), ack(1));
    }

    // More than promised: the last one has 600 bytes, and there is none behind it.
    let more = Hand::new(server.address, 2);
    assert_eq!(more.offer("more", 3000), accepted());
    assert_eq!(data(&more, 0), ack(1));
    assert_eq!(data(&more, 1), ack(2));
    assert_eq!(data(&more, 2), ack(2));
    assert_eq!(more.ask(Kind::Data, 2, &bytes[2 * PAYLOAD..3000]), ack(3));
    assert_eq!(more.ask(Kind::Data, 3, &bytes[..PAYLOAD]), ack(3));
    let words = format!("the MD5 of what arrived is {}, not {md5}", wire::md5_hex(&bytes[..3000]));
    assert_eq!(more.end(3, &md5), refused(&words));
    // The last word is said again, to whatever else it says.
    assert_eq!(more.end(3, &md5), refused(&words));
    assert_eq!(data(&more, 0), refused(&words));

    // An empty file has an MD5 too; and what is none cannot be printed as it came.
    for (transfer, md5) in (3..).zip(["", "\x1b[2J", md5.as_str()]) {
        let empty = Hand::new(server.address, transfer);
        assert_eq!(empty.offer("empty", 0), accepted());
        let words = format!("the MD5 of what arrived is {}, not {md5}", wire::md5_hex(b""));
        assert_eq!(empty.end(0, md5), refused(&words));
    }
    assert_eq!(unnamed(&server), 1, "the file of which there are fewer");
    assert_unharmed(server);
    folders.assert_arrived(&["unharmed"]);
}

#[test]
fn what_nobody_offered_is_refused_and_what_no_sender_says_is_not_answered() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let hand = Hand::new(server.address, 1);
    for kind in [Kind::Data, Kind::End] {
        assert_eq!(hand.ask(kind, 0, b"hello"), refused(UNKNOWN));
    }
    assert_eq!(hand.offer("a", 5), accepted());
    // The same transfer from another port is another one.
    let stranger = Hand::new(server.address, 1);
    assert_eq!(stranger.ask(Kind::Data, 0, b"HELLO"), refused(UNKNOWN));
    stranger.say(Kind::Abort, 0, b"");
    for kind in [Kind::Accept, Kind::Ack, Kind::Done, Kind::Refused] {
        hand.say(kind, 0, b"hello");
        stranger.say(kind, 0, b"hello");
    }
    // An End without an MD5 is as good as lost.
    hand.say(Kind::End, 1, b"hello");
    // So the next that each of them hears is the answer to what it says next.
    assert_eq!(hand.ask(Kind::Data, 0, b"hello"), ack(1));
    assert_eq!(stranger.end(1, &wire::md5_hex(b"hello")), refused(UNKNOWN));
    assert_eq!(hand.end(1, &wire::md5_hex(b"hello")), done());
    assert_unharmed(server);
    assert_eq!(fs::read(folders.received().join("a")).unwrap(), b"hello");
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
    command.args(["-c", "ulimit -n 24; exec \"$0\" --listen 0 --receive \"$1\""]);
    command.arg(binary("lesson04-server").get_program()).arg(folders.received());
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
    command.args(["-c", "ulimit -f 8; exec \"$0\" --listen 0 --receive \"$1\""]);
    command.arg(binary("lesson04-server").get_program()).arg(folders.received());
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
    let size = noise.below(PAYLOAD + 1);
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
    let server = folders.server(&["--message-timeout", "1m"]);
    let mut noise = Noise(1000);
    let honest = Hand::new(server.address, 1);
    let bytes = noise.bytes(200 * PAYLOAD);
    assert_eq!(honest.offer("honest", bytes.len() as u64), accepted());
    let mut numbers = (0..).zip(bytes.chunks(PAYLOAD));
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
        let md5 = "x".repeat(PAYLOAD - 10);
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
fn an_end_that_comes_again_is_answered_by_done_again() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let hand = Hand::new(server.address, 1);
    let bytes = Noise(1).bytes(2 * PAYLOAD);
    assert_eq!(hand.send_all("a", &bytes), done());
    // Perhaps Done was lost; and what was sent before it may still arrive.
    for _ in 0..3 {
        assert_eq!(hand.end(2, &wire::md5_hex(&bytes)), done());
    }
    assert_eq!(hand.ask(Kind::Data, 1, &bytes[PAYLOAD..]), done());
    assert_eq!(hand.offer("a", bytes.len() as u64), done());
    // To another transfer the name is taken.
    assert_eq!(Hand::new(server.address, 2).send_all("a", &bytes), refused(EXISTS));
    let server = server.stop();
    assert_eq!(server.stdout.matches(", verified\n").count(), 1);
    assert!(fs::read(folders.received().join("a")).unwrap() == bytes);
    folders.assert_arrived(&["a"]);
}

#[test]
fn files_of_any_size_and_any_plain_name_arrive() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let longest = "汉".repeat(85);
    let names = [
        "empty",
        "1",
        "1199",
        "1200",
        "1201",
        "2400",
        "汉字 和 空格.txt",
        " a b ",
        "-rf",
        "a...",
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
        let words = format!("{} is not a file", path.display());
        assert_failed(&send(server.address, &path, &[]).finish(), &words);
    }
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
    // One that sends back what it gets says intact packets, and yet receives nothing.
    let (socket, address) = socket::bind_datagrams();
    let client = send(address, &file, &[]);
    for _ in 0..3 {
        let (offer, from) = socket::receive_datagram(&socket);
        socket.send_to(&offer, from).unwrap();
    }
    assert_failed(&client.finish(), NO_RECEIVER);
}

/// Twenty questions and their answers.
fn questions() -> (String, String) {
    let questions: Vec<String> = (0..20).map(|number| format!("question {number}")).collect();
    let questions = typed(&questions.iter().map(String::as_str).collect::<Vec<_>>());
    let answers = questions.to_ascii_uppercase();
    (questions, answers)
}

#[test]
fn answers_that_are_lost_are_asked_for_again_and_come_in_order() {
    let (questions, answers) = questions();
    let mut again = 0;
    for seed in 1..=5 {
        let lossy = ["--fault", "loss=50%", "--seed", &seed.to_string()];
        let server = Server::lesson("lesson04-server", &lossy);
        let patient = ["--timeout", "20ms", "--retries", "100"];
        let client = server.ask("lesson04-client", &patient, &questions);
        assert_eq!((client.stdout.as_str(), client.status), (answers.as_str(), Some(0)));
        again += client.stderr.matches("no answer within 20ms; asked again (").count();
        let server = server.stop();
        assert!(server.stderr.contains(": is lost"));
    }
    assert!(again > 0, "nothing was lost");
}

#[test]
fn answers_that_come_twice_answer_no_other_question() {
    let (questions, answers) = questions();
    let twice = ["--fault", "duplicate=100%"];
    let server = Server::lesson("lesson04-server", &twice);
    let client = server.ask("lesson04-client", &twice, &questions);
    assert_eq!((client.stdout.as_str(), client.status), (answers.as_str(), Some(0)));
    let server = server.stop();
    // Each question came twice, and each of the two was answered twice.
    assert_eq!(server.stdout.matches(" recv ").count(), 40);
    assert_eq!(server.stderr.matches(": goes out twice").count(), 40);
}

#[test]
fn a_stranger_cannot_answer_in_the_place_of_the_server() {
    let (server, address) = socket::bind_datagrams();
    let (stranger, _) = socket::bind_datagrams();
    let client = Program::client("lesson04-client", address, &["--timeout", "30s"]);
    let client = client.input(&typed(&["one", "two"]));
    for answer in ["ONE", "TWO"] {
        let (_, from) = socket::receive_datagram(&server);
        stranger.send_to(b"FROM A STRANGER", from).unwrap();
        server.send_to(answer.as_bytes(), from).unwrap();
    }
    let client = client.finish();
    assert_eq!((client.stdout.as_str(), client.status), ("ONE\nTWO\n", Some(0)));
}
