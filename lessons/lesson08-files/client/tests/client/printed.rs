//! What a person reads: names in a folder, files that were moved, and refusals.

use std::io;
use std::time::Duration;

use lesson08_client::{Error, Moved, list};
use lesson08_shared::protocol::{Entry, Status};

use crate::failure::Failure;
use crate::{Peer, no, show};

fn file(name: &str, size: u64, modified: Option<i64>) -> Entry {
    Entry { name: name.to_owned(), folder: false, size, modified }
}

#[test]
fn a_name_has_its_size_and_time_before_it_and_a_folder_its_slash() {
    let line = show::entry(&file("a b.txt", 1_048_576, Some(1_763_730_600)), false);
    assert_eq!(line, "     1048576  2025-11-21T13:10:00Z  a b.txt");
    let line = show::entry(&file("a b.txt", 1_048_576, None), true);
    assert_eq!(line, "     1.0 MiB  -                     a b.txt");
    let folder = Entry { folder: true, ..file("汉字", 64, None) };
    assert_eq!(show::entry(&folder, false), "           -  -                     汉字/");
}

#[test]
fn no_time_that_a_server_can_send_ends_the_program() {
    for seconds in [i64::MIN, -1, 253_402_300_800, i64::MAX] {
        let line = show::entry(&file("a", 1, Some(seconds)), true);
        assert_eq!(line, "         1 B  -                     a");
    }
    assert!(show::entry(&file("a", u64::MAX, Some(253_402_300_799)), true).contains("9999-12-31"));
}

#[test]
fn nothing_in_a_name_begins_a_line_or_turns_one_round() {
    let line = show::entry(&file("a\n\u{202e}txt.exe\r\u{7}\u{9b}", 1, None), false);
    assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
}

#[test]
fn a_file_that_was_moved_says_how_much_of_it_and_why() {
    let (md5, took) = ("764efa88".to_owned(), Duration::from_secs(2));
    let words = |had, from, size| {
        show::moved("got", "a b", &Moved { size, md5: md5.clone(), had, from }, 4096, took)
    };
    assert_eq!(words(0, Some(0), 4096), "got \"a b\": 4096 bytes in 2.0s, 2.0 KiB/s, MD5 764efa88");
    assert_eq!(
        words(1024, Some(1024), 5120),
        "got \"a b\": 5120 bytes in 2.0s, 2.0 KiB/s, from byte 1024 (1.0 KiB) on, MD5 764efa88"
    );
    assert!(words(7, Some(0), 9).contains("afresh: the 7 bytes that were there"));
    assert!(words(9, None, 9).contains("is there already"));
}

#[test]
fn every_refusal_has_its_name_the_words_of_the_server_and_advice() {
    for (status, words) in [
        (Status::NoSuchFile, "no-such-file: it is like this; `list`"),
        (Status::NotAFile, "not-a-file: it is like this; `list`"),
        (Status::Exists, "exists: it is like this; --force"),
        (Status::TooLarge, "too-large: it is like this; the server"),
        (Status::ReadOnly, "read-only: it is like this; the server"),
        (Status::NotAllowed, "not-allowed: it is like this; write a name"),
        (Status::DiskFull, "disk-full: it is like this; nothing of it was kept"),
        (Status::ChecksumMismatch, "checksum-mismatch: it is like this; try again"),
        (Status::Changed, "changed: it is like this; try again"),
        (Status::Busy, "busy: it is like this; try again later"),
        (Status::Failed, "failed: it is like this"),
    ] {
        let error = list(&mut Peer::saying(&[no(status)]), "", 1000, &mut ()).unwrap_err();
        assert!(matches!(&error, Error::Refused(no) if no.status == status), "{error:?}");
        let failure = Failure::from(error);
        assert_eq!(failure.is_passing(false), status == Status::Busy, "{status}");
        let failure = failure.to_string();
        assert!(failure.starts_with(&format!("the server says {words}")), "{failure}");
    }
}

#[test]
fn what_may_go_better_next_time_is_a_connection_that_ends_or_breaks_and_nothing_that_makes_no_sense()
 {
    let broken = io::Error::from(io::ErrorKind::ConnectionReset);
    let no_json = wire::Error::BodyTooLarge { length: 2, limit: 1 };
    for (error, is_passing) in [
        (Error::Ended, true),
        (Error::from(wire::Error::Io(broken)), true),
        (Error::from(no_json), false),
        (Error::Contradiction("the list is no list"), false),
        (Error::Changed, false),
        (Error::Differs, false),
    ] {
        let failure = Failure::from(error);
        assert_eq!(failure.is_passing(false), is_passing, "{failure:?}");
    }
}
