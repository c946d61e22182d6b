//! The tutorial's bytes, and what its client leaves undone.

use lesson08_client::tutorial::get;
use lesson08_client::{Error, Moved, Transfer};
use partial::{Folder, Name};
use proptest::prelude::*;
use wire::md5_hex;

use crate::{Peer, assert_files, folder};

const CONTENT: &[u8] = b"0123456789";

fn ask(peer: &mut Peer, folder: &Folder, name: &str, force: bool) -> Result<Moved, Error> {
    let as_name: Name = "a".parse().unwrap();
    let transfer = Transfer { name, resume: true, force, max_size: 1 << 20 };
    get(peer, &transfer, folder, &as_name, &mut (), &mut |_, _| {})
}

/// An answer as the tutorial's server writes it.
fn answer(json: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    wire::encode(json.as_bytes(), &mut bytes).unwrap();
    [bytes, content.to_vec()].concat()
}

fn file(content: &[u8]) -> Vec<u8> {
    let (length, md5) = (content.len(), md5_hex(content));
    answer(&format!(r#"{{"lenth": {length}, "md5": "{md5}", "size(MB)": 0.0}}"#), content)
}

#[test]
fn a_name_goes_as_it_is_and_a_file_comes_and_several_over_one_connection() {
    let answers = [file(CONTENT), answer("{}", b""), file(b"")];
    assert_eq!(answers[0][..4], [73, 0, 0, 0], "as long as the tutorial's own");
    let (folder, place) = folder();
    let mut peer = Peer::saying(&answers);
    let expected = Moved { size: 10, md5: md5_hex(CONTENT), had: 0, from: Some(0) };
    assert_eq!(ask(&mut peer, &folder, "汉 a.txt", false).unwrap(), expected);
    assert_files(place.path(), &[("a", CONTENT)]);
    let error = ask(&mut peer, &folder, "none", true).unwrap_err();
    assert!(matches!(error, Error::NotThere) && error.keeps_connection(), "{error:?}");
    // An empty file is a file.
    assert_eq!(ask(&mut peer, &folder, "empty", true).unwrap().size, 0);
    assert_files(place.path(), &[("a", b"")]);
    assert_eq!(peer.heard, "汉 a.txtnoneempty".as_bytes());
}

#[test]
fn a_wrong_md5_a_cut_and_a_file_that_is_here_leave_what_is_here() {
    let (folder, place) = folder();
    std::fs::write(place.path().join("a"), b"old").unwrap();
    let mut wrong = file(CONTENT);
    *wrong.last_mut().unwrap() ^= 1;
    let error = ask(&mut Peer::saying(&[wrong]), &folder, "a", true).unwrap_err();
    assert!(matches!(error, Error::WrongDigest { .. }), "{error:?}");
    assert_files(place.path(), &[("a", b"old")]);
    let whole = file(CONTENT);
    for length in 0..whole.len() {
        let mut peer = Peer::saying(&[whole[..length].to_vec()]);
        let error = ask(&mut peer, &folder, "a", true).unwrap_err();
        assert!(matches!(error, Error::Ended), "cut after {length}: {error:?}");
        assert_eq!(std::fs::read(place.path().join("a")).unwrap(), b"old");
    }
    let mut peer = Peer::saying(&[whole]);
    assert!(matches!(ask(&mut peer, &folder, "a", false), Err(Error::Exists(_))));
    assert!(peer.heard.is_empty(), "nothing was asked");
}

#[test]
fn a_header_that_lies_or_is_none_gives_no_file() {
    for says in [
        answer(r#"{"lenth": -1, "md5": ""}"#, b""),
        answer(r#"{"lenth": 1.5, "md5": ""}"#, b""),
        answer(r#"{"lenth": 10}"#, CONTENT),
        answer(r#"{"length": 10, "md5": ""}"#, CONTENT),
        answer("no json", b""),
        answer("", b""),
        answer(r#"{"lenth": 18446744073709551615, "md5": ""}"#, CONTENT),
        i32::MAX.to_le_bytes().to_vec(),
        i32::MIN.to_le_bytes().to_vec(),
        b"hello".to_vec(),
    ] {
        let (folder, place) = folder();
        let text = String::from_utf8_lossy(&says).into_owned();
        let error = ask(&mut Peer::saying(&[says]), &folder, "a", false).unwrap_err();
        assert!(!error.keeps_connection(), "{text}: {error:?}");
        assert!(!place.path().join("a").exists(), "{text}");
    }
}

#[test]
fn a_name_that_the_server_would_cut_is_not_sent() {
    let (folder, _place) = folder();
    let mut peer = Peer::saying(&[file(CONTENT), file(CONTENT)]);
    let error = ask(&mut peer, &folder, &"x".repeat(1025), false).unwrap_err();
    assert!(error.to_string().contains("at most 1024"), "{error}");
    assert!(peer.heard.is_empty());
    ask(&mut peer, &folder, &"x".repeat(1024), false).unwrap();
}

proptest! {
    #[test]
    fn nothing_that_a_server_says_gives_a_file_without_its_md5(
        says in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let (folder, place) = folder();
        prop_assert!(ask(&mut Peer::saying(&[says]), &folder, "a", false).is_err());
        prop_assert!(!place.path().join("a").exists());
    }
}
