//! Both ends of lesson 03 over one stream, however that is cut; and the same bytes from `wire`.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::io::{self, Read, Write};

use fault::{Sizes, SlicedReads};
use lesson03_client as client;
use lesson03_server as server;
use lesson03_server::json::Header;
use proptest::prelude::*;
use wire::Result;

/// The longest message here, in bytes.
const LIMIT: usize = 64 * 1024;

/// A peer in memory: says what it is given, and what it is told is kept.
struct Peer<'a> {
    says: &'a [u8],
    told: &'a mut Vec<u8>,
}

impl Read for Peer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.says.read(buffer)
    }
}

impl Write for Peer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.told.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A peer whose bytes arrive in pieces.
type Stream<'a> = SlicedReads<Peer<'a>>;

/// One way to say where a message ends: sent by one of the two crates, received by the other.
struct Framing {
    name: &'static str,
    send: fn(&mut Stream, &[u8]) -> Result<()>,
    receive: fn(&mut Stream, usize) -> Result<Option<Vec<u8>>>,
}

const FRAMINGS: [Framing; 7] = [
    Framing {
        name: "struct, to the server",
        send: |stream, message| client::send_message(stream, message),
        receive: |stream, limit| server::receive_message(stream, limit),
    },
    Framing {
        name: "struct, to the client",
        send: |stream, message| server::send_message(stream, message),
        receive: |stream, limit| client::receive_message(stream, limit),
    },
    Framing {
        name: "announce, to the server",
        send: |stream, message| client::announce::send_message(stream, message),
        receive: |stream, limit| server::announce::receive_message(stream, limit),
    },
    Framing {
        name: "announce, to the client",
        send: |stream, message| server::announce::send_message(stream, message),
        receive: |stream, limit| client::announce::receive_message(stream, limit),
    },
    Framing {
        name: "json, to the server",
        send: |stream, message| client::json::send_message(stream, message),
        receive: |stream, limit| server::json::receive_message(stream, limit),
    },
    Framing {
        name: "json, to the client",
        send: |stream, message| server::json::send_message(stream, message),
        receive: |stream, limit| client::json::receive_message(stream, limit),
    },
    Framing {
        name: "the tutorial's json, to the client",
        send: |stream, message| server::tutorial::send_with_json(stream, message),
        receive: |stream, limit| client::tutorial::receive_with_json(stream, limit),
    },
];

impl Framing {
    /// What is on the wire for a message, when the receiver says `recv_ready` in pieces.
    fn bytes(&self, message: &[u8]) -> Vec<u8> {
        let mut told = Vec::new();
        let peer = Peer { says: b"recv_ready", told: &mut told };
        (self.send)(&mut SlicedReads::new(peer, Sizes::every(3)), message).unwrap();
        told
    }

    /// The messages that come out of these bytes, and how the stream ended after them.
    fn read(&self, says: &[u8], sizes: Sizes) -> (Vec<Vec<u8>>, Result<()>) {
        let mut told = Vec::new();
        let mut stream = SlicedReads::new(Peer { says, told: &mut told }, sizes);
        let mut messages = Vec::new();
        loop {
            match (self.receive)(&mut stream, LIMIT) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => return (messages, Ok(())),
                Err(error) => return (messages, Err(error)),
            }
        }
    }
}

#[test]
fn every_message_is_read_whole_at_every_read_size_from_1_to_4096() {
    let numbers: Vec<String> = (1..=400).map(|number| number.to_string()).collect();
    let all_bytes: Vec<u8> = (0..=u8::MAX).cycle().take(4096).collect();
    let messages: Vec<Vec<u8>> =
        ["", "hello", "world", &"汉字".repeat(99), "3\nrecv_ready", "", &numbers.join(" ")]
            .map(Vec::from)
            .into_iter()
            .chain([all_bytes])
            .collect();
    for framing in FRAMINGS {
        let stream: Vec<u8> = messages.iter().flat_map(|message| framing.bytes(message)).collect();
        for size in 1..=4096 {
            let (read, end) = framing.read(&stream, Sizes::every(size));
            assert!(end.is_ok(), "{}, read size {size}: {end:?}", framing.name);
            assert!(read == messages, "{}, read size {size}: {read:?}", framing.name);
        }
    }
}

fn some_messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let message = proptest::collection::vec(any::<u8>(), 0..2000);
    proptest::collection::vec(message, 0..6)
}

proptest! {
    #[test]
    fn every_message_is_read_whole_however_the_stream_is_cut(
        messages in some_messages(),
        most in 1_usize..3000,
        seed: u64,
    ) {
        for framing in FRAMINGS {
            let stream: Vec<u8> = messages.iter().flat_map(|m| framing.bytes(m)).collect();
            let (read, end) = framing.read(&stream, Sizes::random(most, seed));
            prop_assert!(end.is_ok(), "{}: {end:?}", framing.name);
            prop_assert_eq!(&read, &messages, "{}", framing.name);
        }
    }

    #[test]
    fn a_stream_that_ends_inside_a_message_gives_the_whole_ones_before_it_and_an_error(
        messages in some_messages(),
        last in proptest::collection::vec(any::<u8>(), 0..2000),
        part in 0.0..1.0,
        seed: u64,
    ) {
        for framing in FRAMINGS {
            let mut stream: Vec<u8> = messages.iter().flat_map(|m| framing.bytes(m)).collect();
            let last = framing.bytes(&last);
            let missing = ((last.len() - 1) as f64 * part) as usize + 1;
            stream.extend_from_slice(&last[..last.len() - missing]);
            let (read, end) = framing.read(&stream, Sizes::random(1000, seed));
            prop_assert_eq!(&read, &messages, "{}", framing.name);
            prop_assert_eq!(end.is_err(), missing < last.len(), "{}: {:?}", framing.name, end);
        }
    }

    #[test]
    fn lesson_03_and_wire_write_the_same_bytes(message: Vec<u8>) {
        let mut frame = Vec::new();
        wire::write_frame(&mut frame, &message).unwrap();
        let [to_server, to_client, _, _, json_to_server, json_to_client, _] =
            FRAMINGS.map(|framing| framing.bytes(&message));
        prop_assert_eq!(&to_server, &frame);
        prop_assert_eq!(&to_client, &frame);

        let total_size = message.len() as u64;
        let header =
            Header { filename: "a.txt".to_owned(), total_size, hash: wire::md5_hex(&message) };
        let mut with_header = Vec::new();
        wire::write_message(&mut with_header, &header, &message).unwrap();
        prop_assert_eq!(&json_to_server, &with_header);
        prop_assert_eq!(&json_to_client, &with_header);

        let mut arriving = json_to_client.as_slice();
        let read: Header = wire::read_header(&mut arriving, LIMIT).unwrap().unwrap();
        prop_assert_eq!(&read, &header);
        prop_assert_eq!(wire::read_body(&mut arriving, read.total_size, LIMIT).unwrap(), message);
        prop_assert!(arriving.is_empty());
    }

    #[test]
    fn lesson_03_and_wire_read_the_same_messages_out_of_any_bytes(
        length in prop_oneof![any::<i32>(), -3..30_i32],
        rest in proptest::collection::vec(any::<u8>(), 0..30),
        keep in 0_usize..40,
    ) {
        let bytes = [&length.to_le_bytes()[..], &rest].concat();
        let bytes = &bytes[..keep.min(bytes.len())];
        let expected = wire::read_frame(&mut { bytes }, 20).ok();
        prop_assert_eq!(server::receive_message(&mut { bytes }, 20).ok(), expected.clone());
        prop_assert_eq!(client::receive_message(&mut { bytes }, 20).ok(), expected);
    }
}
