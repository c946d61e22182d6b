//! The first bytes of a connection: what a browser sends is recognised, and nothing else is taken for it.

use std::io;

use endpoint::{ForeignProtocol, Opening};

/// Two openings: of a lesson that runs what it is sent, and of any other.
fn openings() -> [Opening; 2] {
    [Opening::default(), Opening::of_commands()]
}

/// What is found when these pieces come, one after the other.
fn found(mut opening: Opening, pieces: &[&[u8]]) -> Option<ForeignProtocol> {
    let error = pieces.iter().find_map(|piece| opening.check(piece).err())?;
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    error.get_ref()?.downcast_ref().copied()
}

/// What is found of these bytes, however they are cut: whole, in two pieces, and byte for byte.
#[track_caller]
fn assert_found(opening: &Opening, bytes: &[u8], expected: Option<ForeignProtocol>) {
    let shown = String::from_utf8_lossy(bytes);
    for cut in 0..=bytes.len() {
        let (first, rest) = bytes.split_at(cut);
        assert_eq!(found(opening.clone(), &[first, rest]), expected, "{shown:?} cut at {cut}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(found(opening.clone(), &single), expected, "{shown:?}, byte for byte");
}

const HTTP: &[&str] = &[
    "GET / HTTP/1.1\r\n",
    "POST / HTTP/1.1\r\n",
    "OPTIONS * HTTP/1.1\r\n",
    // The oldest form, without a version.
    "GET /\r\n",
    "GET /index.html",
    // In lower case, and in both.
    "get / HTTP/1.1\r\n",
    "post /a/b HTTP/1.0\r\n",
    "Head /etc/passwd HTTP/1.1\r\n",
    // An empty line before, or several, or spaces.
    "\r\nGET / HTTP/1.1\r\n",
    "\n\n\r\nPOST / HTTP/1.1\r\n",
    "  \tPUT / HTTP/1.1\r\n",
    // An absolute address as the target, as for a proxy, and the authority of CONNECT.
    "GET http://127.0.0.1:8002/ HTTP/1.1\r\n",
    "get https://example.org/ HTTP/1.1\r\n",
    "echo ws://example.org/ HTTP/1.1\r\n",
    "CONNECT example.org:443 HTTP/1.1\r\n",
    "connect 127.0.0.1:8002 HTTP/1.1\r\n",
    // A target without a path, which no browser sends and some servers take.
    "GET index.html HTTP/1.1\r\n",
    "POST ?a=b HTTP/1.1\r\n",
    // More than one space, and other white space (RFC 9112, 3).
    "GET  /  HTTP/1.1\r\n",
    "mkdir\t/\x0b\x0cHTTP/1.1\r\n",
    // Other methods: of WebDAV, and what a page chooses.
    "PROPFIND / HTTP/1.1\r\n",
    "M-SEARCH * HTTP/1.1\r\n",
    "echo / HTTP/1.1\r\n",
    "ls /tmp HTTP/1.1\r\n",
    // What no browser sends: a method with a space in it, or what is no method.
    "`touch x` / HTTP/1.1\r\n",
    "a b c HTTP/1.0\r\n",
    "(id) / HTTP/1.1\r\n",
    "$'touch' /x HTTP/1.1\r\n",
];

#[test]
fn each_form_of_a_request_line_is_recognised_however_it_is_cut() {
    for opening in openings() {
        for line in HTTP {
            assert_found(&opening, line.as_bytes(), Some(ForeignProtocol::Http));
        }
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        assert_found(&opening, preface, Some(ForeignProtocol::Http2));
    }
}

#[test]
fn a_client_hello_is_recognised_however_it_is_cut() {
    // As browsers and curl send them: version 3.1 in the record, a length, and message 1.
    let browser = [b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", &[7; 500][..]].concat();
    let short = b"\x16\x03\x03\0\xc4\x01\0\0\xc0\x03\x03";
    for opening in openings() {
        assert_found(&opening, &browser, Some(ForeignProtocol::Tls));
        assert_found(&opening, short, Some(ForeignProtocol::Tls));
        // Lengths of this project's frames may begin in the same way.
        for frame in [&b"\x16\x03\x01\0echo hi"[..], b"\x16\0\0\0echo", b"\x16\x03\0\0\x02"] {
            assert_found(&opening, frame, None);
        }
    }
}

#[test]
fn a_method_that_fills_the_first_recv_is_refused_where_commands_are_run() {
    // What follows comes with the next recv, after what has come would have been run.
    let method = format!("{:A<1024}", "`touch$IFS$1x`");
    let line = format!("{method} / HTTP/1.1\r\nHost: example.org:8002\r\n\r\n");
    let pieces = line.as_bytes().split_at(1024);
    let found_in = |opening| found(opening, &[pieces.0, pieces.1]);
    assert_eq!(found_in(Opening::of_commands()), Some(ForeignProtocol::LongMethod));
    assert!(Opening::of_commands().check(pieces.0).is_err(), "before anything is handed on");
    // Where it is text to be answered in upper case, it is a word until the space and the rest have come.
    assert!(Opening::default().check(pieces.0).is_ok());
    assert_eq!(found_in(Opening::default()), Some(ForeignProtocol::Http));
}

#[test]
fn a_method_of_any_length_leaves_no_room_in_the_first_recv_for_a_command() {
    for length in 1..=1100 {
        for target in ["/;touch$IFS'x';", "http://x;touch$IFS'x';"] {
            let line = format!("{:A<length$} {target}{:x<1100} HTTP/1.1\r\n", "", "");
            let first = &line.as_bytes()[..1024];
            let found = found(Opening::of_commands(), &[first]);
            assert!(found.is_some(), "a method of {length} bytes, and {target}");
        }
    }
}

#[test]
fn what_is_no_request_line_is_left_in_peace_however_it_is_cut() {
    for opening in openings() {
        for text in [
            "hello",
            "GET",
            "PUT",
            "GET well soon",
            "get well soon",
            "POSTMAN / x",
            "echo GET /",
            "\x07\0\0\0GET /",
            "ls",
            "ls /tmp",
            "ls /tmp /home",
            "head /etc/passwd",
            "head -n 1 /etc/passwd\n",
            "trace /tmp",
            "echo HTTP/1.1",
            "echo hi HTTP/1.1",
            "echo hi HTTP/1.1\n",
            "echo hi; echo HTTP/1\r\n",
            "echo 'a b' / HTTP/1.1",
            "echo http://example.org/",
            "curl -I http://example.org/ HTTP/1.1",
            "seq -s ' ' 1 400",
            "dir C:\\",
            "\n",
            "PRI",
            "12\nls /tmp",
        ] {
            assert_found(&opening, text.as_bytes(), None);
        }
    }
}

#[test]
fn short_commands_one_after_the_other_never_add_up_to_a_request() {
    let mut opening = Opening::of_commands();
    for _ in 0..1000 {
        assert!(opening.check(b"pwd").is_ok());
    }
    let mut opening = Opening::of_commands();
    assert!(opening.check(b"ls /tmp").is_ok());
    for _ in 0..1000 {
        assert!(opening.check(b"pwd").is_ok());
    }
    // A name as long as a file's may be, and a path of 700 bytes.
    for long in [format!("{:x<255}", ""), format!("ls /{:x<700}", "")] {
        assert!(Opening::of_commands().check(long.as_bytes()).is_ok());
    }
}

#[test]
fn a_word_of_any_length_is_a_message_where_nothing_is_run() {
    let mut opening = Opening::default();
    for _ in 0..100 {
        assert!(opening.check(&[b'x'; 4096]).is_ok());
    }
    assert!(Opening::default().check(format!("a /{:x<4096}", "").as_bytes()).is_ok());
}

#[test]
fn what_began_as_something_else_may_go_on_as_it_likes() {
    for mut opening in openings() {
        assert!(opening.check(b"hello there\n").is_ok());
        assert!(opening.check(b"GET / HTTP/1.1").is_ok());
    }
}
