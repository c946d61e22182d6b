//! What is in a folder, and what a server may say instead.

use lesson08_client::{Error, list};
use lesson08_shared::protocol::{Done, Entry, Reply, Request, Status};

use crate::{Peer, header, no, ok};

const LIMIT: usize = 1000;

fn listing(json: &str) -> Vec<u8> {
    [header(Reply::ok(Done {}), json.len() as u64), json.as_bytes().to_vec()].concat()
}

fn ask(says: &[Vec<u8>]) -> Result<Vec<Entry>, Error> {
    list(&mut Peer::saying(says), "docs", LIMIT, &mut ())
}

#[test]
fn the_names_in_a_folder_are_asked_for_and_come() {
    let json = r#"[{"name":"a b.txt","size":3,"modified":7},{"name":"汉","folder":true,"size":0}]"#;
    let mut peer = Peer::saying(&[listing(json)]);
    let entries = list(&mut peer, "docs", LIMIT, &mut ()).unwrap();
    let found: Vec<_> = entries.iter().map(|e| (&*e.name, e.folder, e.size, e.modified)).collect();
    assert_eq!(found, [("a b.txt", false, 3, Some(7)), ("汉", true, 0, None)]);
    assert_eq!(peer.asked(), Request::List { name: "docs".to_owned() });
}

#[test]
fn an_answer_that_is_cut_anywhere_is_no_answer() {
    let whole = listing(r#"[{"name":"a","size":3}]"#);
    for length in 0..whole.len() {
        let error = ask(&[whole[..length].to_vec()]).unwrap_err();
        assert!(matches!(error, Error::Ended), "cut after {length}: {error:?}");
    }
    assert_eq!(ask(&[whole]).unwrap().len(), 1);
}

#[test]
fn what_a_server_says_cannot_move_the_cursor() {
    let json = "{\"status\":\"failed\",\"message\":\"a\\u001b[2J\\nb\",\"size\":0}";
    let mut says = Vec::new();
    wire::encode(json.as_bytes(), &mut says).unwrap();
    let words = ask(&[says]).unwrap_err().to_string();
    assert!(!words.contains(char::is_control), "{words:?}");
}

#[test]
fn a_list_that_is_too_long_or_is_none_is_an_error_before_it_takes_memory() {
    let endless = header(Reply::ok(Done {}), u64::MAX);
    let error = ask(&[endless]).unwrap_err();
    assert!(matches!(error, Error::Exchange(wire::Error::BodyTooLarge { .. })), "{error:?}");
    for json in ["", "{}", "[1]", "[{\"name\":3,\"size\":1}]"] {
        let error = ask(&[listing(json)]).unwrap_err();
        assert!(matches!(error, Error::Contradiction(_)), "{json}: {error:?}");
    }
}

#[test]
fn a_peer_that_is_no_server_of_this_lesson_is_told_apart_with_a_hint() {
    let mut lesson03 = Vec::new();
    wire::encode(b"not allowed: {\"do\":\"list\"", &mut lesson03).unwrap();
    let mut tutorial = Vec::new();
    wire::encode(b"{}", &mut tutorial).unwrap();
    let huge = i32::MAX.to_le_bytes().to_vec();
    for says in [lesson03, tutorial, b"no command, only text\n".to_vec(), vec![0xff; 8]] {
        let error = ask(&[says]).unwrap_err();
        let words = console::explain(&error);
        assert!(words.contains("--dialect tutorial"), "{words}");
        assert!(!error.keeps_connection(), "{error:?}");
    }
    let error = ask(&[huge]).unwrap_err();
    assert!(matches!(error, Error::Exchange(wire::Error::TooLarge { .. })), "{error:?}");
}

#[test]
fn after_a_no_the_connection_is_in_order_but_not_after_one_that_sends_bytes() {
    let mut peer = Peer::saying(&[no(Status::NoSuchFile), listing("[]")]);
    assert!(list(&mut peer, "docs", LIMIT, &mut ()).unwrap_err().keeps_connection());
    assert_eq!(list(&mut peer, "docs", LIMIT, &mut ()).unwrap(), []);
    let refused =
        lesson08_shared::protocol::Refusal { status: Status::Failed, message: "no".to_owned() };
    let error = ask(&[header(Reply::<Done>::refused(refused), 3), b"abc".to_vec()]).unwrap_err();
    assert!(!error.keeps_connection(), "{error:?}");
}

#[test]
fn a_server_that_ends_the_stream_between_two_requests_has_ended() {
    let error = ask(&[]).unwrap_err();
    assert!(matches!(error, Error::Ended), "{error:?}");
    // An ok without what belongs to it is a no.
    let error = ask(&[ok(Done {})]).unwrap_err();
    assert!(matches!(error, Error::Contradiction(_)), "{error:?}");
}
