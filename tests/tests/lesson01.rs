//! Lesson 01: what is its alone.

use e2e::{Server, socket};

/// Many more than the server's queue has places for.
const CALLERS: usize = 200;

#[test]
fn two_hundred_callers_that_hang_up_leave_the_short_queue_to_the_next() {
    let server = Server::lesson("lesson01-server", &[]);
    // Most of them do not get into the queue at all, and so must not wait to be connected.
    drop([(); CALLERS].map(|()| socket::begin_to_connect(server.address)));
    let client = server.ask("lesson01-client", &["--timeout", "30s"], "hello\n");
    assert_eq!((client.status, &*client.stdout), (Some(0), "HELLO\n"));
}

#[test]
fn an_empty_text_is_no_message_of_lesson_01_and_not_waited_for() {
    let server = Server::lesson("lesson01-server", &[]);
    for option in ["--send", "--first"] {
        let client = server.ask("lesson01-client", &[option, ""], "");
        assert_eq!(client.status, Some(2), "{option}: {}", client.stderr);
    }
}
