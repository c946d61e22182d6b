//! A file goes, all of it, unless one of the two sides says no.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use lesson08_client::{Error, Moved, Transfer, put};
use lesson08_shared::protocol::{
    Content, Digest, Done, HEADER_LIMIT, Message, Offset, Prefix, Put, Ready, Reply, Request,
    Status,
};
use partial::Source;
use tempfile::TempDir;
use wire::md5_hex;

use crate::{Peer, digest, file, have, header, no, ok};

const CONTENT: &[u8] = b"twelve bytes";

/// A file with this content, and the folder that goes when it is dropped.
fn local(content: &[u8]) -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a b");
    std::fs::write(&path, content).unwrap();
    (place, path)
}

fn open(path: &Path) -> Source {
    Source::new(File::open(path).unwrap()).unwrap()
}

fn ask(
    peer: &mut Peer,
    source: &mut Source,
    resume: bool,
    is_readable: fn(&Peer) -> bool,
) -> Result<Moved, Error> {
    let transfer = Transfer { name: "docs/a b", resume, force: true, max_size: 1 << 20 };
    put(peer, source, &transfer, is_readable, &mut (), &mut |_, _| {})
}

/// What came of putting this on a server that says that.
fn give(content: &[u8], says: &[Vec<u8>], resume: bool) -> (Result<Moved, Error>, Peer) {
    let (_place, path) = local(content);
    let mut peer = Peer::saying(says);
    let outcome = ask(&mut peer, &mut open(&path), resume, |_| false);
    (outcome, peer)
}

/// What a server that heard all this has been told behind the request.
#[derive(Debug, PartialEq)]
struct Heard {
    from: u64,
    bytes: Vec<u8>,
    digest: Result<String, Status>,
}

fn heard(peer: &Peer) -> Heard {
    let mut left = &*peer.heard;
    wire::read_header::<Message<Request>>(&mut left, HEADER_LIMIT).unwrap().unwrap();
    let announced = wire::read_header::<Message<Offset>>(&mut left, HEADER_LIMIT);
    let Message { fields: Offset { from }, size } = announced.unwrap().unwrap();
    let bytes = wire::read_body(&mut left, size, 1 << 20).unwrap();
    let word = wire::read_header::<Message<Reply<Digest>>>(&mut left, HEADER_LIMIT);
    let word = word.unwrap().unwrap().fields.into_result();
    assert!(left.is_empty(), "and {left:?}");
    Heard { from, bytes, digest: word.map(|digest| digest.md5).map_err(|no| no.status) }
}

fn go() -> Vec<u8> {
    ok(Ready::default())
}

fn resume(have: Prefix) -> Vec<u8> {
    ok(Ready { have: Some(have) })
}

#[test]
fn a_file_is_announced_and_its_bytes_go_and_its_md5_behind_them() {
    for size in [0, 1, 65536, 65537, 262_144, 262_145, 600_000] {
        let content: Vec<u8> = (0..size).map(|place| (place % 251) as u8).collect();
        let (outcome, peer) = give(&content, &[go(), ok(Done {})], false);
        let md5 = md5_hex(&content);
        let expected = Moved { size, md5: md5.clone(), had: 0, from: Some(0) };
        assert_eq!(outcome.unwrap(), expected);
        assert!(heard(&peer) == Heard { from: 0, bytes: content, digest: Ok(md5) }, "{size} bytes");
        let Request::Put(Put { name, file_size, modified, force, resume }) = peer.asked() else {
            panic!("{:?}", peer.asked())
        };
        assert_eq!((&*name, file_size, force, resume), ("docs/a b", size, true, false));
        assert!(modified.unwrap() > 1_700_000_000);
    }
}

#[test]
fn what_the_server_has_is_not_sent_again_if_the_file_begins_with_it() {
    for had in 1..=12 {
        let says = [resume(have(&CONTENT[..had])), ok(Done {})];
        let (outcome, peer) = give(CONTENT, &says, true);
        let moved = outcome.unwrap();
        assert_eq!((moved.had, moved.from), (had as u64, Some(had as u64)));
        let expected = Heard {
            from: had as u64,
            bytes: CONTENT[had..].to_vec(),
            digest: Ok(md5_hex(CONTENT)),
        };
        assert_eq!(heard(&peer), expected);
    }
}

#[test]
fn what_the_server_has_counts_for_nothing_if_the_file_does_not_begin_with_it() {
    for have in [have(b"twelfth"), have(b"twelve bytes, and more"), have(b"\xff")] {
        let length = have.length;
        let (outcome, peer) = give(CONTENT, &[resume(have), ok(Done {})], true);
        let moved = outcome.unwrap();
        assert_eq!((moved.had, moved.from), (length, Some(0)));
        let expected = Heard { from: 0, bytes: CONTENT.to_vec(), digest: Ok(md5_hex(CONTENT)) };
        assert_eq!(heard(&peer), expected);
    }
}

#[test]
fn a_length_that_no_file_has_is_no_reason_to_read_so_far() {
    let have = Prefix { length: u64::MAX, md5: md5_hex(CONTENT) };
    let (outcome, _) = give(CONTENT, &[resume(have), ok(Done {})], true);
    let moved = outcome.unwrap();
    assert_eq!((moved.had, moved.from), (u64::MAX, Some(0)));
}

#[test]
fn a_no_before_the_bytes_keeps_them_here_and_the_connection_in_order() {
    for status in [Status::Exists, Status::ReadOnly, Status::TooLarge, Status::NotAllowed] {
        let (outcome, peer) = give(CONTENT, &[no(status)], false);
        let error = outcome.unwrap_err();
        assert!(matches!(&error, Error::Refused(no) if no.status == status), "{error:?}");
        assert!(error.keeps_connection());
        assert!(!peer.heard.ends_with(b"}twelve bytes"), "no byte of the file has gone");
    }
}

#[test]
fn a_no_behind_the_bytes_is_told_and_ends_the_connection() {
    let (outcome, _) = give(CONTENT, &[go(), no(Status::ChecksumMismatch)], false);
    let error = outcome.unwrap_err();
    assert!(matches!(&error, Error::RefusedMidway(no) if no.status == Status::ChecksumMismatch));
    assert!(!error.keeps_connection());
}

#[test]
fn a_server_that_speaks_in_the_middle_is_sent_no_more_and_its_words_are_told() {
    let (_place, path) = local(&vec![7; 1_000_000]);
    let mut peer = Peer::saying(&[go(), no(Status::DiskFull)]);
    let is_readable = |peer: &Peer| peer.heard.len() > 100_000;
    let error = ask(&mut peer, &mut open(&path), false, is_readable).unwrap_err();
    assert!(
        matches!(&error, Error::RefusedMidway(no) if no.status == Status::DiskFull),
        "{error:?}"
    );
    assert!(error.to_string().ends_with("disk-full: it is like this"), "{error}");
    assert!(peer.heard.len() < 300_000, "{} bytes went out", peer.heard.len());
}

#[test]
fn words_that_came_before_the_connection_broke_are_told_too() {
    let (_place, path) = local(&vec![7; 1_000_000]);
    for (says, told) in [(vec![go(), no(Status::DiskFull)], true), (vec![go()], false)] {
        let mut peer = Peer { takes: Some(100_000), ..Peer::saying(&says) };
        let error = ask(&mut peer, &mut open(&path), false, |_| false);
        let error = error.unwrap_err();
        assert_eq!(matches!(error, Error::RefusedMidway(_)), told, "{error:?}");
        assert_eq!(matches!(error, Error::Broken(_)), !told, "{error:?}");
    }
}

#[test]
fn a_connection_that_breaks_anywhere_is_told_apart_from_one_that_ends() {
    let (_, peer) = give(CONTENT, &[go(), ok(Done {})], false);
    let (_place, path) = local(CONTENT);
    for takes in 0..peer.heard.len() {
        let mut peer = Peer { takes: Some(takes), ..Peer::saying(&[go()]) };
        let error = ask(&mut peer, &mut open(&path), false, |_| false);
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Broken(_)), "{takes}: {error:?}");
    }
    let says = [go(), ok(Done {})].concat();
    for length in 0..says.len() {
        let (outcome, _) = give(CONTENT, &[says[..length].to_vec()], false);
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::Ended), "{length}: {error:?}");
    }
}

#[test]
fn a_file_that_changes_on_its_way_is_called_changed_and_never_whole() {
    type Change = fn(&mut File);
    let changes: [(&str, Change); 3] = [
        ("grows", |file| file.write_all(b"!").unwrap()),
        ("shrinks", |file| file.set_len(5).unwrap()),
        ("is written anew", |file| {
            file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        }),
    ];
    for (what, change) in changes {
        let (_place, path) = local(CONTENT);
        let mut file = open(&path);
        change(&mut OpenOptions::new().append(true).open(&path).unwrap());
        let mut peer = Peer::saying(&[go(), no(Status::Changed)]);
        let error = ask(&mut peer, &mut file, false, |_| false).unwrap_err();
        assert!(matches!(error, Error::Changed) && error.keeps_connection(), "{what}: {error:?}");
        let heard = heard(&peer);
        assert_eq!((heard.bytes.len(), heard.digest), (12, Err(Status::Changed)), "{what}");
    }
}

#[test]
fn with_resume_a_file_that_the_server_has_already_is_compared_with_ours() {
    let exists = || no(Status::Exists);
    let (outcome, peer) = give(CONTENT, &[exists(), file(CONTENT, 12)], true);
    let expected = Moved { size: 12, md5: md5_hex(CONTENT), had: 12, from: None };
    assert_eq!(outcome.unwrap(), expected);
    let question = Request::Get { name: "docs/a b".to_owned(), have: Some(have(CONTENT)) };
    assert!(peer.heard.ends_with(&header(question, 0)));
    let same_length = Content { file_size: 12, modified: None, from: 12 };
    let lie = [header(Reply::ok(same_length), 0), digest(b"another one!")].concat();
    for says in [file(b"twelve bytes and more", 12), file(b"other", 0), lie] {
        let (outcome, _) = give(CONTENT, &[exists(), says], true);
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::Differs) && !error.keeps_connection(), "{error:?}");
    }
    let (outcome, _) = give(CONTENT, &[exists(), file(CONTENT, 12)], false);
    assert!(matches!(outcome, Err(Error::Refused(_))), "nobody asked to compare: {outcome:?}");
}
