//! One exchange, with every kind of server and however its bytes are cut.

use std::io::{self, Read, Write};

use console::Dialect;
use endpoint::is_expired;
use lesson05_client::{Error, Service, ask};
use trace::Observer;

use crate::{BUSY, Peer, frame, reset, silence};

const LIMIT: usize = wire::DEFAULT_LIMIT;
const COMMAND: Service = Service::Command(Dialect::Ours);
const TUTORIAL: Service = Service::Command(Dialect::Tutorial);

fn asked(peer: &mut Peer, service: Service, request: &str) -> Result<String, Error> {
    let answer = ask(peer, service, request.as_bytes(), LIMIT, &mut ())?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[track_caller]
fn assert_busy(outcome: Result<String, Error>, what: &str) {
    let is_busy = matches!(&outcome, Err(Error::Busy { words }) if words == BUSY);
    assert!(is_busy, "{what}: {outcome:?}");
}

#[test]
fn an_upper_case_answer_is_whole_however_it_is_cut_and_the_next_one_too() {
    let stream = "HELLO 你好BYE".as_bytes();
    for size in 1..=stream.len() {
        let pieces: Vec<&[u8]> = stream.chunks(size).collect();
        let mut peer = Peer::saying(&pieces);
        assert_eq!(asked(&mut peer, Service::Upper, "hello 你好").unwrap(), "HELLO 你好", "{size}");
        assert_eq!(asked(&mut peer, Service::Upper, "bye").unwrap(), "BYE", "{size}");
    }
}

#[test]
fn an_upper_case_answer_that_stops_short_is_none() {
    for end in 0..5 {
        let mut peer = Peer::saying(&[&b"HELLO"[..end]]);
        let outcome = asked(&mut peer, Service::Upper, "hello");
        assert!(matches!(outcome, Err(Error::Ended)), "after {end} bytes: {outcome:?}");

        let mut peer = Peer::saying(&[&b"HELLO"[..end]]).then(reset());
        let outcome = asked(&mut peer, Service::Upper, "hello");
        let broken = matches!(outcome, Err(Error::Broken(_)) | Err(Error::Ended));
        assert!(broken, "a reset after {end} bytes: {outcome:?}");
    }
}

#[test]
fn silence_is_an_error_that_says_so() {
    for service in [Service::Upper, Service::Reply, COMMAND] {
        let outcome = asked(&mut Peer::default().then(silence()), service, "hello");
        let error = outcome.unwrap_err();
        assert!(is_expired(&error) && !error.is_passing(), "{service:?}: {error:?}");
    }
}

#[test]
fn a_server_without_room_is_understood_at_every_cut_and_for_every_length_of_request() {
    for length in 1..=BUSY.len() + 10 {
        let request = "b".repeat(length);
        for cut in 0..BUSY.len() {
            let (first, rest) = BUSY.split_at(cut);
            let what = format!("{length} bytes asked, cut at {cut}");
            // An empty piece would be the end of the stream.
            let pieces = if cut == 0 { vec![rest] } else { vec![first, rest] };
            assert_busy(asked(&mut Peer::saying(&pieces), Service::Upper, &request), &what);
            let mut peer = Peer::saying(&pieces).then(reset());
            assert_busy(asked(&mut peer, Service::Upper, &request), &what);
        }
    }
}

#[test]
fn a_server_that_talks_without_end_is_not_heard_out() {
    let mut peer = Peer::saying(&[&[BUSY, &[b'x'; 1_000_000]].concat()]);
    let Err(Error::Busy { words }) = asked(&mut peer, Service::Upper, "hello") else {
        panic!("not refused")
    };
    assert_eq!(words.len(), lesson05_client::RECV_SIZE);
}

#[test]
fn another_answer_than_upper_case_is_named_at_once() {
    for answer in ["sok", "HELL0", "Hello", "h", "\u{1b}[2J"] {
        // To read on would be to hear an error that is no part of the answer.
        let mut peer = Peer::saying(&[answer.as_bytes()]).then(reset());
        let error = asked(&mut peer, Service::Upper, "hello").unwrap_err();
        assert!(matches!(error, Error::NotUpper { .. }) && !error.is_passing(), "{error:?}");
        let words = error.to_string();
        assert!(words.contains("--service") && !words.contains('\u{1b}'), "{words}");
    }
}

#[test]
fn the_word_busy_in_a_request_is_a_word_like_any_other() {
    let mut peer = Peer::saying(&[b"BUSY: X"]);
    assert_eq!(asked(&mut peer, Service::Upper, "busy: x").unwrap(), "BUSY: X");
}

/// A server between whose answers and us there is room for 64 KiB.
#[derive(Default)]
struct Narrow {
    unread: Vec<u8>,
}

impl Write for Narrow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unread.extend(bytes.to_ascii_uppercase());
        match self.unread.len() > 64 * 1024 {
            true => Err(io::Error::other("each side waits for the other to read")),
            false => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Narrow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = (&*self.unread).read(buffer)?;
        self.unread.drain(..got);
        Ok(got)
    }
}

#[test]
fn a_request_longer_than_all_buffers_is_sent_while_its_answer_is_read() {
    for length in [64 * 1024, 64 * 1024 + 1, 1_000_000] {
        let request = vec![b'x'; length];
        let answer = ask(&mut Narrow::default(), Service::Upper, &request, LIMIT, &mut ());
        assert_eq!(answer.unwrap(), vec![b'X'; length], "{length} bytes");
    }
}

#[test]
fn what_would_get_too_long_an_answer_is_not_sent() {
    let mut peer = Peer::default();
    let outcome = ask(&mut peer, Service::Upper, b"hello", 4, &mut ());
    assert!(matches!(outcome, Err(Error::Exchange(wire::Error::TooLarge { .. }))), "{outcome:?}");
    assert!(peer.heard.is_empty(), "{peer:?}");
}

#[test]
fn one_recv_is_taken_for_one_reply_so_the_rest_of_a_long_one_is_the_next() {
    let mut peer = Peer::saying(&[&[b'x'; 1500], b"sok"]);
    assert_eq!(asked(&mut peer, Service::Reply, "a").unwrap(), "x".repeat(1024));
    assert_eq!(asked(&mut peer, Service::Reply, "b").unwrap(), "x".repeat(476));
}

#[test]
fn a_reply_or_an_output_above_the_limit_is_an_error() {
    let outcome = ask(&mut Peer::saying(&[b"hello"]), Service::Reply, b"a", 4, &mut ());
    assert!(matches!(outcome, Err(Error::Exchange(_))), "{outcome:?}");
    let outcome = ask(&mut Peer::saying(&[&frame(b"hello")]), COMMAND, b"a", 4, &mut ());
    assert!(matches!(outcome, Err(Error::Exchange(_))), "{outcome:?}");
}

#[test]
fn an_output_is_whole_however_it_is_cut_and_the_next_one_too() {
    let stream = [frame(b"1\n2\n"), frame(b""), frame(b"hi\n")].concat();
    for size in 1..=stream.len() {
        let pieces: Vec<&[u8]> = stream.chunks(size).collect();
        let mut peer = Peer::saying(&pieces);
        let outputs = [(); 3].map(|()| asked(&mut peer, COMMAND, "seq").unwrap());
        assert_eq!(outputs, ["1\n2\n", "", "hi\n"], "{size}");
    }
}

#[test]
fn an_output_that_stops_short_is_none() {
    let output = frame(b"hello");
    for end in 0..output.len() {
        let outcome = asked(&mut Peer::saying(&[&output[..end]]), COMMAND, "echo hello");
        assert!(matches!(outcome, Err(Error::Ended)), "after {end} bytes: {outcome:?}");
    }
}

#[test]
fn a_server_without_room_for_replies_or_commands_is_understood() {
    for (service, word) in
        [(Service::Reply, BUSY.to_vec()), (COMMAND, frame(BUSY)), (TUTORIAL, frame(BUSY))]
    {
        let what = format!("{service:?}");
        assert_busy(asked(&mut Peer::saying(&[&word]), service, "a"), &what);
        assert_busy(asked(&mut Peer::saying(&[&word]).then(reset()), service, "a"), &what);
    }
}

#[test]
fn a_command_may_print_the_words_of_a_server_without_room() {
    let words = String::from_utf8_lossy(BUSY);
    for (service, word) in [(Service::Reply, BUSY.to_vec()), (COMMAND, frame(BUSY))] {
        let mut peer = Peer::saying(&[&word]).then(silence());
        assert_eq!(asked(&mut peer, service, "a").unwrap(), words, "{service:?}");
    }
    // What only begins like them is not even waited for: the end of this stream is not seen.
    for text in ["busy: x\n", "busy: ", "not busy: x; try again later\n"] {
        let mut peer = Peer::saying(&[&frame(text.as_bytes())]);
        assert_eq!(asked(&mut peer, COMMAND, "a").unwrap(), text);
    }
}

#[test]
fn a_command_has_its_length_in_front_and_a_tutorial_command_has_not() {
    for (service, sent) in [(COMMAND, frame(b"echo hi")), (TUTORIAL, b"echo hi".to_vec())] {
        let mut peer = Peer::saying(&[&frame(b"hi\n")]);
        assert_eq!(asked(&mut peer, service, "echo hi").unwrap(), "hi\n");
        assert_eq!(peer.heard, [sent], "{service:?}");
    }
}

#[test]
fn a_tutorial_command_that_no_recv_would_take_whole_is_not_sent() {
    let longest = "x".repeat(1024);
    let mut peer = Peer::saying(&[&frame(b"")]);
    assert_eq!(asked(&mut peer, TUTORIAL, &longest).unwrap(), "");

    let mut peer = Peer::saying(&[&frame(b"")]);
    let outcome = asked(&mut peer, TUTORIAL, &format!("{longest}x"));
    assert!(matches!(outcome, Err(Error::TooLong { length: 1025, limit: 1024 })), "{outcome:?}");
    assert!(peer.heard.is_empty(), "{peer:?}");
}

/// Writes down what it hears, in order.
#[derive(Default)]
struct Diary(Vec<String>);

impl Observer for Diary {
    fn received(&mut self, message: &[u8]) {
        self.0.push(format!("received {} bytes", message.len()));
    }

    fn sent(&mut self, message: &[u8]) {
        self.0.push(format!("sent {} bytes", message.len()));
    }
}

#[test]
fn the_observer_hears_of_each_whole_message_once() {
    let long = vec![b'x'; 100_000];
    let (shout, output) = (long.to_ascii_uppercase(), frame(&long));
    for (service, says) in [(Service::Upper, &shout), (COMMAND, &output)] {
        let mut diary = Diary::default();
        ask(&mut Peer::saying(&[says]), service, &long, LIMIT, &mut diary).unwrap();
        assert_eq!(diary.0, ["sent 100000 bytes", "received 100000 bytes"], "{service:?}");
    }
    let mut diary = Diary::default();
    ask(&mut Peer::saying(&[BUSY]), Service::Upper, b"hello", LIMIT, &mut diary).unwrap_err();
    assert_eq!(diary.0, ["sent 5 bytes"], "a refusal is no answer");
}
