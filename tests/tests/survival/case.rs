//! The servers that are tried, and how each is spoken to.

use e2e::{Server, socket};
use lesson03_client as client;
use lesson03_server as server;

/// One way to speak to one of the servers.
pub(crate) struct Case {
    pub(crate) lesson: &'static str,
    /// What both ends are told.
    pub(crate) options: &'static [&'static str],
    /// What the server alone is told.
    pub(crate) model: &'static [&'static str],
    /// A command or a text, and what the client shows of the answer.
    pub(crate) question: [&'static str; 2],
    /// What a client puts on the wire for a message, without waiting for a handshake.
    pub(crate) message: fn(&[u8]) -> Vec<u8>,
    /// What the server puts on the wire for the answer.
    pub(crate) answer: fn(&[u8]) -> Vec<u8>,
    /// Lengths that no message has: below zero, and 2 GiB without a byte.
    pub(crate) lengths: [&'static [u8]; 2],
}

const NEGATIVE: &[u8] = b"\xff\xff\xff\xff";
const HUGE: &[u8] = b"\xff\xff\xff\x7f";

pub(crate) const CASES: [Case; 10] = [
    Case {
        lesson: "lesson01",
        options: &[],
        model: &[],
        question: ["hello", "HELLO"],
        message: <[u8]>::to_vec,
        answer: <[u8]>::to_vec,
        lengths: [NEGATIVE, HUGE],
    },
    Case {
        lesson: "lesson02",
        options: &[],
        model: &[],
        question: ["echo hi", "hi\n"],
        message: <[u8]>::to_vec,
        answer: <[u8]>::to_vec,
        lengths: [NEGATIVE, HUGE],
    },
    Case {
        lesson: "lesson03",
        options: &[],
        model: &[],
        question: ["echo hi", "hi\n"],
        message: socket::frame,
        answer: socket::frame,
        lengths: [NEGATIVE, HUGE],
    },
    Case {
        lesson: "lesson03",
        options: &["--header", "announce"],
        model: &[],
        question: ["echo hi", "hi\n"],
        message: |message| [format!("{}\n", message.len()).as_bytes(), message].concat(),
        answer: |answer| [format!("recv_ready{}\n", answer.len()).as_bytes(), answer].concat(),
        lengths: [b"-1\n", b"2147483647\n"],
    },
    Case {
        lesson: "lesson03",
        options: &["--header", "json"],
        model: &[],
        question: ["echo hi", "hi\n"],
        message: |message| {
            let mut bytes = Vec::new();
            client::json::send_message(&mut bytes, message).unwrap();
            bytes
        },
        answer: |answer| {
            let mut bytes = Vec::new();
            server::json::send_message(&mut bytes, answer).unwrap();
            bytes
        },
        lengths: [
            b"\x31\0\0\0{\"filename\": \"a.txt\", \"total_size\": -1, \"hash\": \"\"}",
            b"\x39\0\0\0{\"filename\": \"a.txt\", \"total_size\": 2147483647, \"hash\": \"\"}",
        ],
    },
    threaded_upper(&["--model", "serial"]),
    threaded_upper(&["--model", "thread"]),
    threaded_upper(&["--model", "pool", "--workers", "4"]),
    threaded_upper(&["--model", "event"]),
    Case {
        lesson: "lesson05",
        options: &["--service", "command"],
        model: &["--model", "thread"],
        question: ["echo hi", "hi\n"],
        message: socket::frame,
        answer: socket::frame,
        lengths: [NEGATIVE, HUGE],
    },
];

const fn threaded_upper(model: &'static [&'static str]) -> Case {
    Case {
        lesson: "lesson05",
        options: &["--service", "upper"],
        model,
        question: ["hello", "HELLO"],
        message: <[u8]>::to_vec,
        answer: <[u8]>::to_vec,
        lengths: [NEGATIVE, HUGE],
    }
}

impl Case {
    pub(crate) fn server(&self, more: &[&str]) -> Server {
        let options = [self.options, self.model, more].concat();
        Server::lesson(&format!("{}-server", self.lesson), &options)
    }

    /// A client of this lesson is answered as if nothing had happened before.
    pub(crate) fn assert_serves(&self, server: &Server) {
        let [question, answer] = self.question;
        let name = format!("{}-client", self.lesson);
        let options = [self.options, &["--timeout", "30s"]].concat();
        let client = server.ask(&name, &options, &format!("{question}\n"));
        assert_eq!(client.stdout.trim_end(), answer.trim_end(), "{}", client.stderr);
        assert_eq!(client.status, Some(0));
    }

    /// The request as it is on the wire, handshakes included, for a client that does not wait.
    pub(crate) fn request(&self) -> Vec<u8> {
        let ready = if self.options.contains(&"announce") { &b"recv_ready"[..] } else { b"" };
        [&(self.message)(self.question[0].as_bytes()), ready].concat()
    }

    pub(crate) fn frames(&self) -> bool {
        self.lesson == "lesson03" || self.lesson == "lesson05" && self.runs_commands()
    }

    pub(crate) fn runs_commands(&self) -> bool {
        self.question[0] == "echo hi"
    }
}
