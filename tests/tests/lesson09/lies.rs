//! Senders that lie: about names, sizes, digests, and what belongs to which transfer.

use std::fs;

use lesson09_shared::packet::{Kind, MAX_PAYLOAD};

use crate::folders::{EXISTS, Folders, Noise, listing, unnamed};
use crate::hand::{Hand, accepted, ack, assert_unharmed, done, refused};

const UNKNOWN: &str = "this server knows nothing of this transfer";

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
        "a.",
        "a ",
        "CON",
        "nul.txt",
        "Com1.tar.gz",
        "lpt¹",
        &x256,
        &x1000,
        &three_bytes_each,
    ];
    for (transfer, name) in (0..).zip(names) {
        let (kind, _, words) = Hand::new(server.address, transfer).offer(name, 1);
        assert_eq!(kind, Kind::Refused, "{name:?}");
        assert!(words.starts_with("that is no file name: "), "{name:?}: {words}");
    }
    folders.assert_arrived(&[]);
    assert_unharmed(server);
    // Nor is there anything beside the folder, or above it.
    folders.assert_arrived(&["unharmed"]);
    assert!(listing(&folders.root.path().join("sent")).is_empty());
    assert_eq!(listing(folders.root.path()).len(), 2);
}

#[test]
fn a_malformed_offer_is_refused_in_words() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let nested = "[".repeat(MAX_PAYLOAD);
    let offers: [&[u8]; 23] = [
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
        br#"{"name":"a","size":1}"#,
        br#"{"name":"a","size":1,"max_idle_timeout_ms":0}"#,
        br#"{"name":"a","size":1,"max_idle_timeout_ms":3600001}"#,
        br#"{"name":"a","size":1,"max_idle_timeout_ms":60000} and more"#,
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
fn a_sender_that_lies_about_the_size_or_the_md5_leaves_no_file() {
    let folders = Folders::new();
    let server = folders.server(&[]);
    let bytes = Noise(1).bytes(3 * MAX_PAYLOAD);
    let md5 = wire::md5_hex(&bytes);
    let data = |hand: &Hand, number: usize| {
        hand.ask(Kind::Data, number as u32, &bytes[number * MAX_PAYLOAD..][..MAX_PAYLOAD])
    };

    // Fewer than promised: however often it says that this was all, it is asked for the rest.
    let fewer = Hand::new(server.address, 1);
    assert_eq!(fewer.offer("fewer", 3000), accepted());
    assert_eq!(data(&fewer, 0), ack(1));
    for _ in 0..3 {
        assert_eq!(fewer.end(1, &wire::md5_hex(&bytes[..MAX_PAYLOAD])), ack(1));
    }

    // More than promised: the last one has 600 bytes, and there is none behind it.
    let more = Hand::new(server.address, 2);
    assert_eq!(more.offer("more", 3000), accepted());
    assert_eq!(data(&more, 0), ack(1));
    assert_eq!(data(&more, 1), ack(2));
    assert_eq!(data(&more, 2), ack(2));
    assert_eq!(more.ask(Kind::Data, 2, &bytes[2 * MAX_PAYLOAD..3000]), ack(3));
    assert_eq!(more.ask(Kind::Data, 3, &bytes[..MAX_PAYLOAD]), ack(3));
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
