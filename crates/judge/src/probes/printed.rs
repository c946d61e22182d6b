//! Topic `printed`: a server that answers nothing, and prints each message that comes.

use language::text;

use crate::failure::{FailureKind, Hint, Outcome};
use crate::probe::{Probe, server};
use crate::server::Server;
use crate::setting::{Service, Setting};

/// Messages that are printed: lesson 03's `--service messages`.
pub(crate) fn of_servers() -> Vec<Probe> {
    let probes = vec![
        server("printed/first", "A message is printed.", |s| {
            printed(s, 0).hint_any(text!("The server prints each message that comes, as text."))
        }),
        server("printed/length-cut", "A length may be cut: the message is printed.", |s| {
            printed(s, 2).hint_any(text!(
                "The server reads the 4-byte length with one recv; it got 2 bytes. recv(4) \
                 returns at most 4 bytes, and at least one: call it until 4 are there."
            ))
        }),
        server("printed/message-cut", "A message in two pieces is printed whole.", |s| {
            printed(s, 11).hint_any(text!(
                "The server reads the message with one recv, and it got the first piece. recv(n) \
                 returns at most n bytes: call it until n are there."
            ))
        }),
        server(
            "printed/two-together",
            "Two messages that arrive together are both printed.",
            |s| {
                let mut stream = s.connect()?;
                stream.send(&[framed(b"first message"), framed(b"second message")].concat());
                s.prints("first message")?;
                s.prints("second message").hint_any(text!(
                    "The server prints the first of two messages that arrive together, and loses \
                     the second."
                ))
            },
        ),
        server("printed/after-an-end", "After a client has left, the next one is heard.", |s| {
            let mut stream = s.connect()?;
            stream.send(&framed(b"before"));
            s.prints("before")?;
            stream.close();
            heard(
                s,
                text!(
                    "The stream may end between two messages: an empty recv is no length. Close \
                     this connection, and accept the next."
                ),
            )
        }),
        server(
            "printed/negative-length",
            "After a negative length, the next client is heard.",
            |s| heard_after(s, -1),
        ),
        server("printed/long-length", "A length of 2 GiB is refused at once.", |s| {
            heard_after(s, i32::MAX)
        }),
    ];
    probes.into_iter().map(|probe| probe.when(is_printing)).collect()
}

/// Nothing is answered; what comes is printed.
fn is_printing(setting: &Setting) -> bool {
    setting.service == Service::Messages
}

/// A message with its length. Where messages are only printed, both dialects have the same bytes.
fn framed(message: &[u8]) -> Vec<u8> {
    [&crate::carrier::length(message.len()), message].concat()
}

/// Sends a message, cut after so many bytes unless that is 0, and waits until it is printed.
fn printed(server: &Server, cut: usize) -> Outcome {
    let message = "one whole message";
    server.connect()?.send_cut(&framed(message.as_bytes()), cut);
    server.prints(message)
}

fn heard_after(server: &Server, length: i32) -> Outcome {
    let hint = text!(
        "The server believes a length that nobody means. Check each length before it is used: not \
         below 0, and not above a limit. Then close the connection."
    );
    let mut stream = server.connect()?;
    stream.send(&length.to_le_bytes());
    stream.expect_gone_at_last().map(drop).hint(FailureKind::Timeout, hint)?;
    heard(
        server,
        text!(
            "The server has ended over a bad length. Check each length before it is used: not \
             below 0, and not above a limit."
        ),
    )
}

/// The next client's message is printed.
fn heard(server: &Server, hint: &str) -> Outcome {
    let mut stream = server.connect().map_err(|mut failure| {
        failure.hint = Some(hint.to_owned());
        failure
    })?;
    stream.send(&framed(b"the next client"));
    server.prints("the next client").hint_any(hint)
}
