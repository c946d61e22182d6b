//! What a person reads: a line for each name in a folder, and one for each file that was moved.

use std::time::{Duration, SystemTime};

use bytesize::ByteSize;
use humantime::format_rfc3339_seconds;
use trace::text::harmless;

use crate::protocol::Entry;
use crate::{Moved, Start};

/// One name in a folder: `1048576  2025-11-21T13:10:00Z  a b.txt`. The size in bytes, or for a person
/// (`1.0 MiB`) if `human`; the time of the last change in UTC; a folder ends with `/`.
pub fn entry(entry: &Entry, human: bool) -> String {
    let size = match (entry.folder, human) {
        (true, _) => "-".to_owned(),
        (false, true) => ByteSize::b(entry.size).to_string(),
        (false, false) => entry.size.to_string(),
    };
    let time = entry.modified.and_then(time).unwrap_or_else(|| "-".to_owned());
    let slash = if entry.folder { "/" } else { "" };
    format!("{size:>12}  {time:<20}  {}{slash}", harmless(&entry.name))
}

/// What became of a file: `got "a b.txt": 3 bytes in 2.1ms, 1.4 KiB/s, MD5 764efa88…`. In that time so
/// many bytes have `passed`.
pub fn moved(verb: &str, name: &str, moved: &Moved, passed: u64, took: Duration) -> String {
    let (name, Moved { size, md5, start }) = (harmless(name), moved);
    let note = match start {
        Start::Beginning => String::new(),
        Start::At(from) => format!(", from byte {from} ({}) on", ByteSize::b(*from)),
        Start::Afresh(had) => {
            format!(", afresh: the {had} bytes that were there are not how it begins")
        }
        Start::Whole => return format!("\"{name}\" is there already, and the same: MD5 {md5}"),
    };
    let seconds = took.as_secs_f64().max(1e-6);
    let rate = ByteSize::b((passed as f64 / seconds) as u64);
    format!("{verb} \"{name}\": {size} bytes in {took:.1?}, {rate}/s{note}, MD5 {md5}")
}

/// Seconds since 1970 as RFC 3339 has it; `None` for a time before that, or after the year 9999.
fn time(seconds: i64) -> Option<String> {
    const YEAR_10000: u64 = 253_402_300_800;
    let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds < YEAR_10000)?;
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    Some(format_rfc3339_seconds(time).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64, modified: Option<i64>) -> Entry {
        Entry { name: name.to_owned(), folder: false, size, modified }
    }

    #[test]
    fn a_name_has_its_size_and_time_before_it_and_a_folder_its_slash() {
        let line = entry(&file("a b.txt", 1_048_576, Some(1_763_730_600)), false);
        assert_eq!(line, "     1048576  2025-11-21T13:10:00Z  a b.txt");
        let line = entry(&file("a b.txt", 1_048_576, None), true);
        assert_eq!(line, "     1.0 MiB  -                     a b.txt");
        let folder = Entry { folder: true, ..file("汉字", 64, None) };
        assert_eq!(entry(&folder, false), "           -  -                     汉字/");
    }

    #[test]
    fn no_time_that_a_server_can_send_ends_the_program() {
        for seconds in [i64::MIN, -1, 253_402_300_800, i64::MAX] {
            let line = entry(&file("a", 1, Some(seconds)), true);
            assert_eq!(line, "         1 B  -                     a");
        }
        assert!(entry(&file("a", u64::MAX, Some(253_402_300_799)), true).contains("9999-12-31"));
    }

    #[test]
    fn nothing_in_a_name_begins_a_line_or_turns_one_round() {
        let line = entry(&file("a\n\u{202e}txt.exe\r\u{7}\u{9b}", 1, None), false);
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
    }

    #[test]
    fn a_file_that_was_moved_says_how_much_of_it_and_why() {
        let (md5, took) = ("764efa88".to_owned(), Duration::from_secs(2));
        let words = |start, size| {
            let md5 = md5.clone();
            super::moved("got", "a b", &Moved { size, md5, start }, 4096, took)
        };
        assert_eq!(
            words(Start::Beginning, 4096),
            "got \"a b\": 4096 bytes in 2.0s, 2.0 KiB/s, MD5 764efa88"
        );
        assert_eq!(
            words(Start::At(1024), 5120),
            "got \"a b\": 5120 bytes in 2.0s, 2.0 KiB/s, from byte 1024 (1.0 KiB) on, MD5 764efa88"
        );
        assert!(words(Start::Afresh(7), 9).contains("afresh: the 7 bytes that were there"));
        assert!(words(Start::Whole, 9).contains("is there already"));
    }
}
