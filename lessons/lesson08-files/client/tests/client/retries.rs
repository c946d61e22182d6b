//! A file that needs several connections, and when it is enough.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use console::explain;
use endpoint::Backoff;
use lesson08_client::{Error, Moved, Transfer, get, list};
use lesson08_shared::protocol::{Request, Status};
use partial::{Folder, Name};

use crate::failure::Failure;
use crate::session::Session;
use crate::{Peer, assert_files, file, folder, no};

const CONTENT: &[u8] = b"twelve bytes";

/// A connection that is told apart from others by what was asked over it.
struct Logged {
    peer: Peer,
    log: Rc<RefCell<Vec<Request>>>,
    is_readable: bool,
}

impl Drop for Logged {
    fn drop(&mut self) {
        if !self.peer.heard.is_empty() {
            self.log.borrow_mut().push(self.peer.asked());
        }
    }
}

fn refused() -> endpoint::Error {
    let address = SocketAddr::from(([127, 0, 0, 1], 8008));
    endpoint::Error::Connect { address, source: ErrorKind::ConnectionRefused.into() }
}

/// So many tries in a row, without pauses.
fn at_once(limit: u32) -> Backoff {
    Backoff::new(Duration::ZERO, Duration::ZERO, limit)
}

/// What came of a get over connections that end one way or another.
struct Outcome {
    moved: Result<Moved, Failure>,
    /// What the person was told in between.
    told: Vec<String>,
    /// What was asked over each connection.
    asked: Vec<Request>,
}

fn converse(limit: u32, place: &Path, peers: Vec<Result<Peer, endpoint::Error>>) -> Outcome {
    let log = Rc::new(RefCell::new(Vec::new()));
    let mut peers: VecDeque<_> = peers.into();
    let call = || {
        let peer = peers.pop_front().unwrap_or_else(|| Err(refused()))?;
        Ok((Logged { peer, log: log.clone(), is_readable: false }, ()))
    };
    let folder = Folder::open(place).unwrap();
    let as_name: Name = "a".parse().unwrap();
    let mut session = Session::new(call, at_once(limit), |logged| logged.is_readable);
    let mut told = Vec::new();
    let moved = session.run(
        |attempt| {
            let transfer =
                Transfer { name: "a", resume: attempt.is_again, force: false, max_size: 1 << 20 };
            let progress = &mut |position, _| *attempt.reached = Some(position);
            let peer = &mut attempt.stream.peer;
            get(peer, &transfer, &folder, &as_name, attempt.observer, progress)
        },
        &mut |retry| told.push(retry.to_string()),
    );
    drop(session);
    let asked = log.borrow().clone();
    Outcome { moved, told, asked }
}

/// The answer to a get from here on, cut after so many bytes of the file.
fn cut(from: usize, until: usize) -> Result<Peer, endpoint::Error> {
    let whole = file(CONTENT, from);
    let digest = crate::digest(CONTENT).len();
    let end = whole.len() - digest - (CONTENT.len() - until);
    Ok(Peer::saying(&[whole[..end].to_vec()]))
}

#[test]
fn a_transfer_that_breaks_goes_on_where_it_stopped_as_often_as_it_gets_farther() {
    let (_, place) = folder();
    let mut peers: Vec<_> = (0..12).map(|byte| cut(byte, byte + 1)).collect();
    peers.push(Ok(Peer::saying(&[file(CONTENT, 12)])));
    let outcome = converse(1, place.path(), peers);
    assert_eq!(outcome.moved.unwrap().from, Some(12));
    assert_files(place.path(), &[("a", CONTENT)]);
    assert_eq!(outcome.asked.len(), 13);
    let had = outcome.asked.iter().map(|request| match request {
        Request::Get { have, .. } => have.as_ref().map_or(0, |have| have.length),
        other => panic!("{other:?}"),
    });
    assert!(had.eq(0..13), "{:?}", outcome.asked);
    assert!(outcome.told.iter().all(|told| told.ends_with("(1 of 1)")), "{:?}", outcome.told);
}

/// A link that is down for longer than --timeout looks like a server that says nothing any more.
#[test]
fn a_link_that_is_down_in_the_middle_is_tried_again_as_a_reset_is() {
    let silent = |peer: Result<Peer, _>| peer.map(|peer| Peer { falls_silent: true, ..peer });
    let (_, place) = folder();
    let mute = Ok(Peer { falls_silent: true, ..Peer::default() });
    let rest = Ok(Peer::saying(&[file(CONTENT, 7)]));
    let peers = vec![silent(cut(0, 5)), mute, silent(cut(5, 7)), rest];
    let outcome = converse(3, place.path(), peers);
    assert_eq!(outcome.moved.unwrap().from, Some(7), "{:?}", outcome.told);
    assert_files(place.path(), &[("a", CONTENT)]);
    assert!(outcome.told[0].contains("nothing came for 10s"), "{:?}", outcome.told);
}

/// It may speak another protocol, and wait for us: another try would be as long in vain.
#[test]
fn a_peer_that_never_says_anything_is_not_asked_again() {
    let (_, place) = folder();
    let mute = || Ok(Peer { falls_silent: true, ..Peer::default() });
    let outcome = converse(3, place.path(), vec![mute(), mute()]);
    assert!(matches!(outcome.moved, Err(Failure::Task(Error::Exchange(_)))), "{:?}", outcome.told);
    assert!(outcome.told.is_empty() && outcome.asked.len() == 1, "{:?}", outcome.told);
}

#[test]
fn tries_that_get_no_farther_come_to_an_end() {
    let (_, place) = folder();
    let mut peers = vec![cut(0, 5)];
    // From the beginning again, and never farther than before.
    peers.extend((0..100).map(|_| cut(0, 5)));
    let outcome = converse(3, place.path(), peers);
    let error = outcome.moved.unwrap_err();
    assert_eq!(outcome.asked.len(), 4, "one try, and three more");
    assert!(error.to_string().starts_with("gave up after --retries 3: the server"), "{error}");
    assert_files(place.path(), &[(".a.part", b"twelv")]);
}

#[test]
fn a_server_that_comes_back_is_found_and_one_that_does_not_is_given_up() {
    let (_, place) = folder();
    let peers =
        vec![cut(0, 5), Err(refused()), Err(refused()), Ok(Peer::saying(&[file(CONTENT, 5)]))];
    let outcome = converse(3, place.path(), peers);
    assert_eq!(outcome.moved.unwrap().from, Some(5), "{:?}", outcome.told);
    assert_eq!(outcome.told.len(), 3);
    assert!(outcome.told[1].starts_with("cannot connect to 127.0.0.1:8008"), "{:?}", outcome.told);
    let (_, place) = folder();
    let outcome = converse(2, place.path(), vec![cut(0, 5)]);
    let error = outcome.moved.unwrap_err();
    assert!(matches!(error, Failure::GaveUp { tries: 2, .. }) && error.is_the_end(), "{error:?}");
}

#[test]
fn a_client_that_never_reached_its_server_does_not_wait_for_it() {
    let (_, place) = folder();
    let outcome = converse(3, place.path(), vec![]);
    let error = outcome.moved.unwrap_err();
    assert!(matches!(error, Failure::Connect(_)) && outcome.told.is_empty(), "{error:?}");
}

#[test]
fn without_retries_the_first_break_is_the_end_of_it() {
    let (_, place) = folder();
    let outcome = converse(0, place.path(), vec![cut(0, 5), Ok(Peer::saying(&[file(CONTENT, 5)]))]);
    assert!(matches!(outcome.moved, Err(Failure::Task(Error::Ended))) && outcome.told.is_empty());
}

#[test]
fn a_server_without_room_is_asked_again_over_another_connection() {
    let (_, place) = folder();
    let peers = vec![Ok(Peer::saying(&[no(Status::Busy)])), Ok(Peer::saying(&[file(CONTENT, 0)]))];
    let outcome = converse(3, place.path(), peers);
    assert_eq!(outcome.moved.unwrap().from, Some(0));
    assert!(outcome.told[0].contains("busy: it is like this"), "{:?}", outcome.told);
    assert_eq!(outcome.asked.len(), 2);
}

#[test]
fn an_error_that_another_try_would_meet_again_is_not_tried_again() {
    let says = [
        no(Status::NoSuchFile),
        b"\xff\xff\xff\xff".to_vec(),
        [&file(CONTENT, 0)[..120], b"not the bytes, and not the digest, but long enough"].concat(),
    ];
    for says in says {
        let (_, place) = folder();
        let peers = (0..9).map(|_| Ok(Peer::saying(std::slice::from_ref(&says)))).collect();
        let outcome = converse(3, place.path(), peers);
        let error = outcome.moved.unwrap_err();
        assert!(outcome.told.is_empty() && outcome.asked.len() == 1, "{}", explain(&error));
    }
}

#[test]
fn a_connection_is_used_again_unless_the_server_has_sent_what_nobody_asked_for() {
    for (is_readable, connections) in [(false, 1), (true, 3)] {
        let mut made = 0;
        let call = || {
            made += 1;
            let peer = Peer::saying(&vec![no(Status::NoSuchFile); 3]);
            Ok((Logged { peer, log: Rc::default(), is_readable }, ()))
        };
        let mut session = Session::new(call, at_once(0), |logged: &Logged| logged.is_readable);
        for _ in 0..3 {
            let outcome = session.run(
                |attempt| list(&mut attempt.stream.peer, "", 100, attempt.observer),
                &mut |_| {},
            );
            assert!(matches!(outcome, Err(Failure::Task(Error::Refused(_)))), "{outcome:?}");
        }
        drop(session);
        assert_eq!(made, connections);
    }
}
