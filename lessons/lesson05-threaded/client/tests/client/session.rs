//! What is tried again, what is not, and when it is enough.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use console::{Dialect, explain};
use endpoint::Retry;
use lesson05_client::{Backoff, Error, Service, Session};
use socket2::SockRef;

use crate::{BUSY, Peer, frame, reset, silence};

const LIMIT: usize = wire::DEFAULT_LIMIT;
const COMMAND: Service = Service::Command(Dialect::Ours);

/// Nobody has to wait for these.
fn pauses(limit: u32) -> Backoff {
    Backoff::new(Duration::ZERO, Duration::ZERO, limit)
}

fn refused() -> endpoint::Error {
    let address = SocketAddr::from(([127, 0, 0, 1], 8005));
    endpoint::Error::Connect { address, source: ErrorKind::ConnectionRefused.into() }
}

/// A peer that can be asked afterwards what it has heard.
#[derive(Clone)]
struct Shared(Rc<RefCell<Peer>>);

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What came of asking over connections that end one way or another.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// The answer to each request, or what came instead.
    answers: Vec<Result<String, String>>,
    /// What the person was told in between.
    told: Vec<String>,
    /// What was sent over each connection.
    sent: Vec<Vec<Vec<u8>>>,
}

fn converse(
    service: Service,
    retries: u32,
    connections: Vec<Result<Peer, endpoint::Error>>,
    requests: &[&str],
) -> Outcome {
    let mut connections: VecDeque<_> = connections.into();
    let mut made = Vec::new();
    let call = || {
        let peer = connections.pop_front().unwrap_or_else(|| Err(refused()))?;
        let peer = Shared(Rc::new(RefCell::new(peer)));
        made.push(peer.clone());
        Ok((peer, ()))
    };
    let mut told = Vec::new();
    let mut tell = |retry: &Retry<'_, Error>| told.push(retry.to_string());
    let mut session = Session::new(call, service, LIMIT, pauses(retries));
    let answers = requests.iter().map(|request| {
        let answer = session.ask(request.as_bytes(), &mut tell);
        answer
            .map(|answer| String::from_utf8_lossy(&answer).into_owned())
            .map_err(|error| explain(&error))
    });
    let answers = answers.collect();
    drop(session);
    let sent = made.iter().map(|peer| peer.0.borrow().heard.clone()).collect();
    Outcome { answers, told, sent }
}

#[test]
fn a_server_that_is_not_there_yet_is_called_again_until_it_is() {
    let connections = vec![Err(refused()), Err(refused()), Ok(Peer::saying(&[b"HELLO"]))];
    let outcome = converse(Service::Upper, 10, connections, &["hello"]);
    assert_eq!(outcome.answers, [Ok("HELLO".to_owned())]);
    let words = "cannot connect to 127.0.0.1:8005: connection refused; trying again in 0ns";
    assert_eq!(outcome.told, [format!("{words} (1 of 10)"), format!("{words} (2 of 10)")]);
}

#[test]
fn upper_case_is_asked_for_again_whatever_became_of_the_connection() {
    let connections = vec![
        Ok(Peer::default()),
        Ok(Peer::saying(&[b"HEL"])),
        Ok(Peer::default().then(reset())),
        Ok(Peer::default().then(ErrorKind::ConnectionAborted.into())),
        Ok(Peer::saying(&[BUSY])),
        Ok(Peer::saying(&[b"HELLO"])),
    ];
    let outcome = converse(Service::Upper, 5, connections, &["hello"]);
    assert_eq!(outcome.answers, [Ok("HELLO".to_owned())], "{outcome:?}");
    assert_eq!(outcome.sent, vec![vec![b"hello".to_vec()]; 6]);
    let words = [
        "the server ended the connection before the answer was whole",
        "the server ended the connection before the answer was whole",
        "the connection broke: connection reset",
        "the connection broke: connection aborted",
        "the server says \"busy: places for clients: 2, all taken; try again later\"",
    ];
    for (number, (told, words)) in outcome.told.iter().zip(words).enumerate() {
        assert_eq!(*told, format!("{words}; trying again in 0ns ({} of 5)", number + 1));
    }
    assert_eq!(outcome.told.len(), 5);
}

#[test]
fn a_reply_is_asked_for_again_too() {
    let connections =
        vec![Ok(Peer::saying(&[BUSY])), Ok(Peer::default()), Ok(Peer::saying(&[b"sok"]))];
    let outcome = converse(Service::Reply, 10, connections, &["a"]);
    assert_eq!(outcome.answers, [Ok("sok".to_owned())], "{outcome:?}");
    assert_eq!(outcome.sent.len(), 3);
}

#[test]
fn an_answer_counts_the_tries_from_the_beginning_again() {
    let connections = vec![
        Err(refused()),
        Err(refused()),
        Ok(Peer::saying(&[b"ONE"])),
        Err(refused()),
        Ok(Peer::saying(&[b"TWO"])),
    ];
    let outcome = converse(Service::Upper, 3, connections, &["one", "two"]);
    assert_eq!(outcome.answers, [Ok("ONE".to_owned()), Ok("TWO".to_owned())], "{outcome:?}");
    let counts: Vec<&str> = outcome.told.iter().map(|told| &told[told.len() - 8..]).collect();
    // The connection that answered `one` has ended when `two` is asked.
    assert_eq!(counts, ["(1 of 3)", "(2 of 3)", "(1 of 3)", "(2 of 3)"]);
}

#[test]
fn a_connection_without_an_answer_does_not_count_as_one() {
    let connections = (0..100).map(|_| Ok(Peer::default())).collect();
    let outcome = converse(Service::Upper, 10, connections, &["hello"]);
    assert_eq!(outcome.sent.len(), 11, "one try, and ten more");
    let error = outcome.answers[0].as_ref().unwrap_err();
    assert!(error.starts_with("gave up after --retries 10: the server ended"), "{error}");
    assert!(error.contains("--service"), "{error}");
}

#[test]
fn who_gives_up_says_what_the_last_try_met() {
    let outcome = converse(Service::Upper, 2, vec![Ok(Peer::saying(&[BUSY]))], &["hello"]);
    assert_eq!(
        outcome.answers,
        [Err("gave up after --retries 2: cannot connect to 127.0.0.1:8005: connection refused"
            .to_owned())]
    );
    assert_eq!(outcome.told.len(), 2);
}

#[test]
fn the_error_of_the_last_connection_can_still_be_told_from_others() {
    let mut session =
        Session::new(|| Err::<(Peer, ()), _>(refused()), Service::Upper, LIMIT, pauses(1));
    let error = session.connect(&mut |_| {}).unwrap_err();
    let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source());
    let found = chain.filter_map(|error| error.downcast_ref::<endpoint::Error>()).count();
    assert_eq!(found, 1, "{error:?}");
}

#[test]
fn without_retries_the_first_failure_is_the_last() {
    let outcome = converse(Service::Upper, 0, vec![Err(refused())], &["hello"]);
    let words = "cannot connect to 127.0.0.1:8005: connection refused".to_owned();
    assert_eq!(outcome, Outcome { answers: vec![Err(words)], told: vec![], sent: vec![] });
}

#[test]
fn a_command_whose_answer_was_lost_is_not_sent_again_and_the_next_one_is() {
    for lost in [
        Peer::default(),
        Peer::saying(&[&frame(b"output")[..7]]),
        Peer::default().then(reset()),
        Peer::saying(&[&[9, 0]]).then(reset()),
    ] {
        let what = format!("{lost:?}");
        let connections = vec![Ok(lost), Ok(Peer::saying(&[&frame(b"two\n")]))];
        let outcome = converse(COMMAND, 10, connections, &["echo one", "echo two"]);
        let error = outcome.answers[0].as_ref().unwrap_err();
        assert!(error.contains("may have been run, so it is not sent again"), "{what}: {error}");
        assert_eq!(outcome.answers[1], Ok("two\n".to_owned()), "{what}");
        assert_eq!(outcome.sent, [[frame(b"echo one")], [frame(b"echo two")]], "{what}");
        assert_eq!(outcome.told.len(), 1, "{what}: {:?}", outcome.told);
        assert!(outcome.told[0].ends_with("connecting again in 0ns (1 of 10)"), "{outcome:?}");
    }
}

#[test]
fn a_command_that_was_surely_not_run_is_sent_again() {
    let connections = vec![
        Err(refused()),
        Ok(Peer::saying(&[&frame(BUSY)])),
        Ok(Peer::saying(&[&frame(b"hi\n")])),
    ];
    let outcome = converse(COMMAND, 10, connections, &["echo hi"]);
    assert_eq!(outcome.answers, [Ok("hi\n".to_owned())], "{outcome:?}");
    assert_eq!(outcome.sent, vec![vec![frame(b"echo hi")]; 2]);
    assert_eq!(outcome.told.len(), 2);
}

#[test]
fn a_server_that_answers_no_command_is_given_up() {
    let connections = (0..100).map(|_| Ok(Peer::default())).collect();
    let outcome = converse(COMMAND, 2, connections, &["a", "b", "c"]);
    let words: Vec<bool> = outcome
        .answers
        .iter()
        .map(|answer| answer.as_ref().unwrap_err().starts_with("gave up"))
        .collect();
    assert_eq!(words, [false, false, true], "{outcome:?}");
}

#[test]
fn silence_and_nonsense_are_not_tried_again() {
    for (service, peer) in [
        (Service::Upper, Peer::default().then(silence())),
        (Service::Upper, Peer::saying(&[b"sok"])),
        (COMMAND, Peer::default().then(silence())),
        (COMMAND, Peer::saying(&[b"sok, and more"])),
    ] {
        let what = format!("{service:?}, {peer:?}");
        let outcome = converse(service, 10, vec![Ok(peer)], &["hello"]);
        assert!(outcome.answers[0].is_err() && outcome.told.is_empty(), "{what}: {outcome:?}");
    }
}

#[test]
fn a_name_without_an_address_is_not_looked_up_again() {
    let source = io::Error::other("no such name");
    let unknown = endpoint::Error::Resolve { host: "nowhere".to_owned(), source };
    let outcome = converse(Service::Upper, 10, vec![Err(unknown)], &["hello"]);
    assert!(outcome.answers[0].is_err() && outcome.told.is_empty(), "{outcome:?}");
}

#[test]
fn the_person_is_told_the_pause_that_is_made() {
    let short = Backoff::new(Duration::from_micros(1), Duration::from_micros(4), 4);
    let mut paused = Vec::new();
    let call = || Err::<(Peer, ()), _>(refused());
    let mut session = Session::new(call, Service::Upper, LIMIT, short.clone());
    session.connect(&mut |retry| paused.push(retry.pause)).unwrap_err();
    assert_eq!(paused, short.collect::<Vec<_>>());
}

#[test]
fn real_connections_that_end_break_and_refuse_are_followed_by_one_that_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut buffer = [0; 100];
        // An orderly end, with everything read.
        let (mut ended, _) = listener.accept().unwrap();
        assert_eq!(ended.read(&mut buffer).unwrap(), 5);
        drop(ended);
        // A reset.
        let (mut broken, _) = listener.accept().unwrap();
        assert_eq!(broken.read(&mut buffer).unwrap(), 5);
        SockRef::from(&broken).set_linger(Some(Duration::ZERO)).unwrap();
        drop(broken);
        // A word, and an orderly end.
        let (mut full, _) = listener.accept().unwrap();
        full.write_all(BUSY).unwrap();
        full.shutdown(std::net::Shutdown::Write).unwrap();
        while full.read(&mut buffer).unwrap() > 0 {}
        // An answer.
        let (mut well, _) = listener.accept().unwrap();
        assert_eq!(well.read(&mut buffer).unwrap(), 5);
        well.write_all(b"HELLO").unwrap();
        // The client is the one to leave.
        assert_eq!(well.read(&mut buffer).unwrap(), 0);
    });
    let call = || match TcpStream::connect(address) {
        Ok(stream) => {
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            Ok((stream, ()))
        }
        Err(source) => Err(endpoint::Error::Connect { address, source }),
    };
    let mut met = Vec::new();
    let mut session = Session::new(call, Service::Upper, LIMIT, pauses(10));
    let answer = session.ask(b"hello", &mut |retry| {
        met.push(match retry.error {
            Error::Ended => "ended",
            Error::Broken(_) => "broken",
            Error::Busy { .. } => "busy",
            _ => "something else",
        });
    });
    assert_eq!(answer.unwrap(), b"HELLO", "{met:?}");
    assert_eq!(met, ["ended", "broken", "busy"]);
    drop(session);
    server.join().unwrap();
}
