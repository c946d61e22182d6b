//! A file comes, whole or not at all.

use std::io::Write;

use lesson08_client::{Error, Moved, Transfer, get};
use lesson08_shared::protocol::{Content, Reply, Request, Status};
use partial::{Folder, Name};
use proptest::prelude::*;

use crate::{Peer, assert_files, digest, file, files, folder, have, header, no};

const CONTENT: &[u8] = b"twelve bytes";

fn ask(peer: &mut Peer, folder: &Folder, resume: bool, force: bool) -> Result<Moved, Error> {
    let as_name: Name = "a b".parse().unwrap();
    let transfer = Transfer { name: "docs/a b", resume, force, max_size: u64::MAX };
    get(peer, &transfer, folder, &as_name, &mut (), &mut |_, _| {})
}

/// What came of asking a server that says this, in a folder where so much has come before.
fn with_part(
    part: &[u8],
    says: &[Vec<u8>],
    resume: bool,
) -> (Result<Moved, Error>, Peer, Folder, tempfile::TempDir) {
    let (folder, place) = folder();
    if !part.is_empty() {
        std::fs::write(place.path().join(".a b.part"), part).unwrap();
    }
    let mut peer = Peer::saying(says);
    let outcome = ask(&mut peer, &folder, resume, false);
    (outcome, peer, folder, place)
}

fn body(file_size: u64, from: u64, size: u64) -> Vec<u8> {
    header(Reply::ok(Content { file_size, modified: None, from }), size)
}

#[test]
fn a_file_that_comes_whole_has_its_name_its_time_and_its_md5() {
    let (outcome, peer, _folder, place) = with_part(b"", &[file(CONTENT, 0)], false);
    let expected = Moved { size: 12, md5: wire::md5_hex(CONTENT), had: 0, from: Some(0) };
    assert_eq!(outcome.unwrap(), expected);
    assert_files(place.path(), &[("a b", CONTENT)]);
    assert_eq!(peer.asked(), Request::Get { name: "docs/a b".to_owned(), have: None });
    let modified = place.path().join("a b").metadata().unwrap().modified().unwrap();
    let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(since.as_secs(), 1_763_700_000);
}

#[test]
fn files_of_no_bytes_of_one_and_around_a_piece_are_the_same_here() {
    for size in [0, 1, 1024, 65535, 65536, 65537, 262_143, 262_144, 262_145, 600_000] {
        let content: Vec<u8> = (0..size).map(|place| (place % 251) as u8).collect();
        let (outcome, _, _folder, place) = with_part(b"", &[file(&content, 0)], false);
        assert_eq!(outcome.unwrap().size, size);
        assert!(files(place.path())["a b"] == content, "{size} bytes");
    }
}

#[test]
fn a_person_is_told_how_much_is_here_from_the_first_byte_to_the_last() {
    let (folder, _place) = folder();
    let as_name: Name = "a".parse().unwrap();
    let transfer = Transfer { name: "a", resume: false, force: false, max_size: 1 << 20 };
    let content = vec![7; 200_000];
    let mut told = Vec::new();
    let mut progress = |position, size| told.push((position, size));
    let mut peer = Peer::saying(&[file(&content, 0)]);
    get(&mut peer, &transfer, &folder, &as_name, &mut (), &mut progress).unwrap();
    assert_eq!((told[0], told[told.len() - 1]), ((0, 200_000), (200_000, 200_000)));
    assert!(told.is_sorted(), "{told:?}");
}

#[test]
fn wherever_the_stream_is_cut_there_is_no_file_and_a_resume_brings_the_rest() {
    let whole = file(CONTENT, 0);
    let headers = whole.len() - CONTENT.len() - digest(CONTENT).len();
    for length in 0..whole.len() {
        let (outcome, _, folder, place) = with_part(b"", &[whole[..length].to_vec()], false);
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::Ended), "{length}: {error:?}");
        let came = &CONTENT[..length.saturating_sub(headers).min(12)];
        match came {
            [] => assert_files(place.path(), &[]),
            came => assert_files(place.path(), &[(".a b.part", came)]),
        }
        let mut peer = Peer::saying(&[file(CONTENT, came.len())]);
        let moved = ask(&mut peer, &folder, true, false).unwrap();
        let had = came.len() as u64;
        assert_eq!((moved.had, moved.from), (had, Some(had)), "cut after {length}");
        let expected = (!came.is_empty()).then(|| have(came));
        assert_eq!(peer.asked(), Request::Get { name: "docs/a b".to_owned(), have: expected });
        assert_files(place.path(), &[("a b", CONTENT)]);
    }
}

#[test]
fn what_has_come_before_and_is_not_how_the_file_begins_is_thrown_away() {
    let (outcome, peer, _folder, place) = with_part(b"twelfth", &[file(CONTENT, 0)], true);
    let moved = outcome.unwrap();
    assert_eq!((moved.had, moved.from), (7, Some(0)));
    let expected = Some(have(b"twelfth"));
    assert_eq!(peer.asked(), Request::Get { name: "docs/a b".to_owned(), have: expected });
    assert_files(place.path(), &[("a b", CONTENT)]);
}

#[test]
fn without_resume_nothing_that_has_come_before_counts() {
    let (outcome, peer, _folder, place) = with_part(b"twelve", &[file(CONTENT, 0)], false);
    let moved = outcome.unwrap();
    assert_eq!((moved.had, moved.from), (0, Some(0)));
    assert_eq!(peer.asked(), Request::Get { name: "docs/a b".to_owned(), have: None });
    assert_files(place.path(), &[("a b", CONTENT)]);
}

#[test]
fn a_refusal_leaves_nothing_behind_but_what_was_there() {
    let (outcome, _, _folder, place) = with_part(b"", &[no(Status::NoSuchFile)], true);
    assert!(matches!(outcome, Err(Error::Refused(_))));
    assert_files(place.path(), &[]);
    let (outcome, _, _folder, place) = with_part(b"twelve", &[no(Status::NoSuchFile)], true);
    assert!(matches!(outcome, Err(Error::Refused(_))));
    assert_files(place.path(), &[(".a b.part", b"twelve")]);
}

#[test]
fn bytes_that_do_not_have_the_md5_that_was_announced_are_not_kept() {
    for part in [&b""[..], b"twelve"] {
        let mut says = file(CONTENT, part.len());
        let middle = says.len() - digest(CONTENT).len() - 3;
        says[middle] ^= 1;
        let (outcome, _, _folder, place) = with_part(part, &[says], true);
        let error = outcome.unwrap_err();
        assert!(
            matches!(error, Error::WrongDigest { .. }) && error.keeps_connection(),
            "{error:?}"
        );
        assert_files(place.path(), &[]);
    }
}

#[test]
fn a_file_that_changed_on_its_way_is_not_kept_and_the_connection_can_be_used() {
    let says = [body(12, 0, 12), b"twelve\0\0\0\0\0\0".to_vec(), no(Status::Changed)];
    let (outcome, _, _folder, place) = with_part(b"", &says, false);
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Changed) && error.keeps_connection(), "{error:?}");
    assert_files(place.path(), &[]);
}

#[test]
fn sizes_that_do_not_add_up_are_refused_before_anything_is_written() {
    for says in [
        body(12, 0, 11),
        body(12, 0, 13),
        body(12, 3, 9),
        body(12, 13, 0),
        body(12, 6, 12),
        body(0, 6, u64::MAX),
        body(5, 6, 0),
    ] {
        let says = [says, CONTENT.to_vec(), digest(CONTENT)];
        let (outcome, _, _folder, place) = with_part(b"twelve", &says, true);
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::Contradiction(_)) && !error.keeps_connection(), "{error:?}");
        assert_files(place.path(), &[(".a b.part", b"twelve")]);
    }
}

#[test]
fn a_server_that_promises_more_than_it_sends_gives_no_file() {
    let says = [body(u64::MAX, 0, u64::MAX), CONTENT.to_vec()];
    let (outcome, _, _folder, place) = with_part(b"", &says, false);
    assert!(matches!(outcome, Err(Error::Ended)));
    assert_files(place.path(), &[(".a b.part", CONTENT)]);
}

#[test]
fn a_file_that_is_here_is_replaced_by_force_and_only_when_the_new_one_is_whole() {
    let (folder, place) = folder();
    std::fs::write(place.path().join("a b"), b"old").unwrap();
    let mut peer = Peer::saying(&[file(CONTENT, 0)]);
    let error = ask(&mut peer, &folder, false, false).unwrap_err();
    assert!(
        matches!(&error, Error::Exists(name) if name == "a b") && error.keeps_connection(),
        "{error}"
    );
    assert!(peer.heard.is_empty(), "nothing was asked");
    let broken = file(CONTENT, 0);
    ask(&mut Peer::saying(&[broken[..100].to_vec()]), &folder, false, true).unwrap_err();
    assert_eq!(files(place.path())["a b"], b"old");
    ask(&mut peer, &folder, false, true).unwrap();
    assert_files(place.path(), &[("a b", CONTENT)]);
}

#[test]
fn with_resume_a_file_that_is_here_and_the_same_is_left_as_it_is() {
    let (folder, place) = folder();
    std::fs::write(place.path().join("a b"), CONTENT).unwrap();
    let mut peer = Peer::saying(&[file(CONTENT, CONTENT.len())]);
    let moved = ask(&mut peer, &folder, true, false).unwrap();
    assert_eq!((moved.from, moved.size), (None, 12));
    let expected = Some(have(CONTENT));
    assert_eq!(peer.asked(), Request::Get { name: "docs/a b".to_owned(), have: expected });
    // The server's file goes on; it begins otherwise; it is of the same length, and not the same.
    let lie = [body(12, 12, 0), digest(b"another one!")].concat();
    for says in [file(b"twelve bytes and more", 12), file(b"other", 0), lie, file(b"", 0)] {
        let error = ask(&mut Peer::saying(&[says]), &folder, true, false).unwrap_err();
        assert!(matches!(error, Error::Differs) && !error.keeps_connection(), "{error:?}");
        assert_files(place.path(), &[("a b", CONTENT)]);
    }
}

#[test]
fn a_file_that_somebody_else_is_getting_at_this_moment_is_left_to_them() {
    let (folder, place) = folder();
    let name: Name = "a b".parse().unwrap();
    let mut theirs = folder.receive(&name, false).unwrap();
    theirs.write_all(b"theirs").unwrap();
    let error = ask(&mut Peer::saying(&[file(CONTENT, 0)]), &folder, true, false).unwrap_err();
    assert!(error.to_string().contains("at this moment"), "{error}");
    theirs.publish(false, None).unwrap();
    assert_files(place.path(), &[("a b", b"theirs")]);
}

#[test]
fn a_folder_of_that_name_is_not_replaced_even_by_force() {
    let (folder, place) = folder();
    std::fs::create_dir(place.path().join("a b")).unwrap();
    for (resume, force) in [(false, false), (true, false), (false, true)] {
        let error = ask(&mut Peer::saying(&[file(CONTENT, 0)]), &folder, resume, force);
        assert!(error.is_err() && place.path().join("a b").is_dir(), "{error:?}");
    }
}

proptest! {
    #[test]
    fn nothing_that_a_server_says_gives_a_file_without_its_md5(
        says in prop::collection::vec(any::<u8>(), 0..300),
        part in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let (outcome, ..) = with_part(&part, &[says], true);
        prop_assert!(outcome.is_err());
    }

    #[test]
    fn a_byte_that_is_changed_anywhere_gives_an_error_or_the_same_bytes(
        place in 0_usize..200,
        bits in 1_u8..,
        had in 0_usize..=12,
    ) {
        let mut says = file(CONTENT, had);
        let place = place % says.len();
        says[place] ^= bits;
        let (outcome, _, _folder, there) = with_part(&CONTENT[..had], &[says], true);
        match (outcome, files(there.path()).get("a b")) {
            (Ok(_), Some(content)) => prop_assert_eq!(content, CONTENT),
            (Err(_), None) => {}
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn a_file_that_is_longer_than_is_taken_is_refused_before_a_byte_is_kept() {
    let (folder, place) = folder();
    let transfer = Transfer { name: "a", resume: false, force: false, max_size: 11 };
    let as_name = "a".parse().unwrap();
    let mut peer = Peer::saying(&[file(b"twelve bytes", 0)]);
    let error = get(&mut peer, &transfer, &folder, &as_name, &mut (), &mut |_, _| ()).unwrap_err();
    assert!(matches!(error, Error::TooLarge(12, 11)) && !error.keeps_connection(), "{error:?}");
    assert_files(place.path(), &[]);
}
