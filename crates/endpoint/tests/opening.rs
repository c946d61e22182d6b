//! The first bytes of a connection: an HTTP request line is recognised, and nothing else is taken for one.

use endpoint::Opening;

#[test]
fn a_request_line_is_recognised_however_it_is_cut() {
    for line in ["POST / HTTP/1.1\r\n", "GET http://127.0.0.1/", "OPTIONS * HTTP/1.1"] {
        for cut in 0..line.len() {
            let mut opening = Opening::default();
            let first = opening.check(&line.as_bytes()[..cut]);
            let then = opening.check(&line.as_bytes()[cut..]);
            assert!(first.is_err() || then.is_err(), "{line:?} cut at {cut}: {first:?}, {then:?}");
        }
    }
}

#[test]
fn a_method_may_be_called_like_a_command_and_hide_behind_a_long_path() {
    let long = "x".repeat(1000);
    for line in ["echo / HTTP/1.1\r\n", "ls /tmp HTTP/1.1\r\n", &format!("sh /;id;{long}")] {
        let mut opening = Opening::default();
        assert!(opening.check(line.as_bytes()).is_err(), "{line:?}");
    }
}

#[test]
fn what_is_no_request_line_is_left_in_peace() {
    for text in [
        "hello",
        "GET well soon",
        "POSTMAN / x",
        "echo GET /",
        "PUT",
        "\x07\0\0\0GET /",
        "ls /tmp",
        "ls /tmp /home",
        "echo HTTP/1.1",
        "echo 'a b' / HTTP/1.1",
    ] {
        let mut opening = Opening::default();
        assert!(opening.check(text.as_bytes()).is_ok(), "{text}");
    }
}

#[test]
fn what_began_as_something_else_may_go_on_as_it_likes() {
    let mut opening = Opening::default();
    assert!(opening.check(b"hello").is_ok());
    assert!(opening.check(b"GET / HTTP/1.1").is_ok());
}
