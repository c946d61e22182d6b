//! What a person reads: a line for each name in a folder, and one for each file that was moved.

use std::time::{Duration, SystemTime};

use bytesize::ByteSize;
use humantime::format_rfc3339_seconds;
use lesson08_client::Moved;
use lesson08_shared::protocol::Entry;
use trace::text::escape_controls;

/// A line for a name in a folder: `1048576  2025-11-21T13:10:00Z  a b.txt`. The size is in bytes, or for
/// a person (`1.0 MiB`) if `human`; the time of the last change in UTC; a folder ends with `/`.
pub(crate) fn entry(entry: &Entry, human: bool) -> String {
    let size = match (entry.folder, human) {
        (true, _) => "-".to_owned(),
        (false, true) => ByteSize::b(entry.size).to_string(),
        (false, false) => entry.size.to_string(),
    };
    let time = entry.modified.and_then(time).unwrap_or_else(|| "-".to_owned());
    let slash = if entry.folder { "/" } else { "" };
    format!("{size:>12}  {time:<20}  {}{slash}", escape_controls(&entry.name))
}

/// What became of a file: `got "a b.txt": 3 bytes in 2.1ms, 1.4 KiB/s, MD5 764efa88…`. In that time so
/// many bytes have `passed`.
pub(crate) fn moved(verb: &str, name: &str, moved: &Moved, passed: u64, took: Duration) -> String {
    let (name, Moved { size, md5, had, from }) = (escape_controls(name), moved);
    let note = match (from, had) {
        (None, _) => return format!("\"{name}\" is there already, and the same: MD5 {md5}"),
        (Some(0), 0) => String::new(),
        (Some(0), had) => {
            format!(", afresh: the {had} bytes that were there are not how it begins")
        }
        (Some(from), _) => format!(", from byte {from} ({}) on", ByteSize::b(*from)),
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
