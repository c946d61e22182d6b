//! A name holds the old file, the new one whole, or nothing; and what is under way has one writer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use partial::{Error, Folder, Name};
use tempfile::TempDir;

fn root() -> (TempDir, Folder) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    (place, folder)
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn put(folder: &Folder, to: &str, bytes: &[u8]) {
    let mut partial = folder.receive(&name(to), false).unwrap();
    partial.write_all(bytes).unwrap();
    partial.publish(true, None).unwrap();
}

fn get(folder: &Folder, from: &str) -> Vec<u8> {
    let mut source = folder.read(&name(from)).unwrap();
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, source.length());
    bytes
}

/// All names below `folder`, with their contents.
fn everything(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn nothing_has_the_name_before_the_file_is_published() {
    let (place, folder) = root();
    let mut partial = folder.receive(&name("a b.txt"), false).unwrap();
    partial.write_all(b"half").unwrap();
    assert!(matches!(folder.read(&name("a b.txt")), Err(Error::NotFound)));
    // Windows lets nobody else open it.
    #[cfg(unix)]
    assert_eq!(everything(place.path()), [(".a b.txt.part".to_owned(), b"half".to_vec())]);
    partial.write_all(b" and half").unwrap();
    partial.publish(false, None).unwrap();
    assert_eq!(everything(place.path()), [("a b.txt".to_owned(), b"half and half".to_vec())]);
}

#[test]
fn a_partial_that_was_dropped_is_resumed_and_its_md5_goes_on() {
    let (_place, folder) = root();
    let mut partial = folder.receive(&name("x"), false).unwrap();
    partial.write_all(b"hello ").unwrap();
    drop(partial);

    let mut partial = folder.receive(&name("x"), true).unwrap();
    assert_eq!(partial.length(), 6);
    assert_eq!(partial.prefix(5, &|| true).unwrap(), None, "no beginning of a shorter file");
    let known = Some((6, wire::md5_hex(b"hello ")));
    assert_eq!(partial.prefix(6, &|| true).unwrap(), known);
    let mut md5 = partial.start_at(6).unwrap();
    partial.write_all(b"world").unwrap();
    md5.update(b"world");
    assert_eq!(md5.clone().finish(), wire::md5_hex(b"hello world"));
    let again = partial.start_at(11).unwrap();
    assert_eq!(again.finish(), md5.finish(), "also when nobody has asked before");
    partial.publish(false, None).unwrap();
    assert_eq!(get(&folder, "x"), b"hello world");
}

#[test]
fn a_partial_that_starts_at_0_loses_the_bytes_that_were_there() {
    let (_place, folder) = root();
    for resume in [true, false] {
        let mut partial = folder.receive(&name("x"), false).unwrap();
        partial.write_all(b"something else and long").unwrap();
        drop(partial);
        let mut partial = folder.receive(&name("x"), resume).unwrap();
        partial.start_at(0).unwrap();
        partial.write_all(b"new").unwrap();
        partial.publish(true, None).unwrap();
        assert_eq!(get(&folder, "x"), b"new", "resume: {resume}");
    }
}

#[test]
fn a_partial_starts_at_0_or_at_its_end_and_nowhere_else() {
    let (_place, folder) = root();
    let mut partial = folder.receive(&name("x"), false).unwrap();
    partial.write_all(b"hello").unwrap();
    for wrong in [1, 4, 6, u64::MAX] {
        assert_eq!(partial.start_at(wrong).unwrap_err().kind(), ErrorKind::InvalidInput, "{wrong}");
    }
}

#[test]
fn a_partial_that_is_discarded_or_empty_leaves_no_file() {
    let (place, folder) = root();
    let mut partial = folder.receive(&name("x"), false).unwrap();
    partial.write_all(b"hello").unwrap();
    partial.discard();
    drop(folder.receive(&name("x"), false).unwrap());
    assert_eq!(everything(place.path()), []);
}

#[test]
fn a_name_that_is_taken_is_replaced_only_on_request() {
    let (place, folder) = root();
    put(&folder, "x", b"old");
    let mut partial = folder.receive(&name("x"), false).unwrap();
    partial.write_all(b"new").unwrap();
    assert!(matches!(partial.publish(false, None), Err(Error::Exists)));
    assert_eq!(everything(place.path()), [("x".to_owned(), b"old".to_vec())]);
    put(&folder, "x", b"new");
    assert_eq!(get(&folder, "x"), b"new");
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine renames nothing to the name of an open file; a Windows of its own runs this"
)]
fn an_open_reader_keeps_the_file_that_is_replaced() {
    let (_place, folder) = root();
    put(&folder, "x", b"old");
    let mut file = folder.read(&name("x")).unwrap();
    put(&folder, "x", b"new and longer");
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"old");
}

#[test]
fn the_second_writer_of_a_name_is_told_that_it_is_busy() {
    let (_place, folder) = root();
    let mut first = folder.receive(&name("a/x"), false).unwrap();
    first.write_all(b"first").unwrap();
    for resume in [false, true] {
        assert!(matches!(folder.receive(&name("a/x"), resume), Err(Error::Busy)));
    }
    folder.receive(&name("a/y"), false).unwrap();
    first.publish(false, None).unwrap();
    folder.receive(&name("a/x"), false).unwrap();
    assert_eq!(get(&folder, "a/x"), b"first");
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Wine renames nothing to the name of an open file; a Windows of its own runs this"
)]
fn many_writers_of_one_name_never_make_a_mixture() {
    const WRITERS: u8 = 4;
    const LENGTH: usize = 8192;
    // In memory, if that can be had, so that they meet as often as possible.
    let place = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let folder = Folder::open(place.path()).unwrap();
    let (folder, over) = (&folder, AtomicBool::new(false));
    let written: usize = thread::scope(|scope| {
        let writer = |byte: u8| {
            let mut written = 0;
            for round in 0..2000 {
                let mut partial = match folder.receive(&name("x"), round % 2 == 0) {
                    Ok(partial) => partial,
                    Err(Error::Busy) => continue,
                    Err(error) => panic!("writer {byte}: {error}"),
                };
                partial.start_at(0).unwrap();
                for _ in 0..LENGTH / 1024 {
                    partial.write_all(&[byte; 1024]).unwrap();
                }
                match round % 5 {
                    0 => partial.discard(),
                    1 => drop(partial),
                    _ => {
                        partial.publish(true, None).unwrap();
                        written += 1;
                    }
                }
            }
            written
        };
        let writers: Vec<_> = (0..WRITERS).map(|byte| scope.spawn(move || writer(byte))).collect();
        let over = &over;
        scope.spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let Ok(mut file) = folder.read(&name("x")) else { continue };
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).unwrap();
                let first = bytes.first().copied().unwrap_or(u8::MAX);
                assert!(bytes == [first; LENGTH], "{} bytes that begin with {first}", bytes.len());
            }
        });
        let written: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        // First of all, so that the reader ends even if a writer has failed.
        over.store(true, Ordering::Relaxed);
        written.into_iter().map(Result::unwrap).sum()
    });
    assert!(written > 0, "nobody ever wrote a file");
    assert!(place.path().join("x").is_file());
}

#[test]
fn the_time_of_the_last_change_is_kept_where_it_can_be() {
    let (_place, folder) = root();
    for (given, kept) in
        [(1_763_700_000, true), (0, true), (-1, true), (i64::MAX, false), (i64::MIN, false)]
    {
        let partial = folder.receive(&name("x"), false).unwrap();
        partial.publish(true, Some(given)).unwrap();
        let modified = folder.read(&name("x")).unwrap().modified();
        assert!(!kept || modified == Some(given), "{given}: {modified:?}");
    }
}

#[test]
fn seconds_are_rounded_down_before_1970_too() {
    let (place, folder) = root();
    put(&folder, "x", b"");
    let half = Duration::from_millis(500);
    let second = Duration::from_secs(1);
    for (time, seconds) in
        [(UNIX_EPOCH + second + half, 1), (UNIX_EPOCH - second, -1), (UNIX_EPOCH - half, -1)]
    {
        let file = fs::File::options().write(true).open(place.path().join("x")).unwrap();
        file.set_modified(time).unwrap();
        assert_eq!(folder.read(&name("x")).unwrap().modified(), Some(seconds), "{time:?}");
    }
}

#[test]
fn a_source_knows_whether_its_file_has_changed_since_it_was_opened() {
    type Change = fn(&mut fs::File);
    let changes: [(Change, bool); 4] = [
        (|_| (), true),
        (|file| file.write_all(b"more").unwrap(), false),
        (|file| file.set_len(1).unwrap(), false),
        (|file| file.set_modified(UNIX_EPOCH).unwrap(), false),
    ];
    for (number, (change, is_unchanged)) in changes.into_iter().enumerate() {
        let (place, folder) = root();
        put(&folder, "x", b"hello");
        let source = folder.read(&name("x")).unwrap();
        change(&mut fs::File::options().append(true).open(place.path().join("x")).unwrap());
        assert_eq!(source.is_unchanged(), is_unchanged, "change {number}");
        assert_eq!(source.length(), 5);
    }
}

#[test]
fn a_list_is_sorted_and_shows_what_can_be_asked_for() {
    let (place, folder) = root();
    put(&folder, "b", b"12");
    put(&folder, "a/c", b"123");
    let mut partial = folder.receive(&name("d"), false).unwrap();
    partial.write_all(b"1").unwrap();
    fs::write(place.path().join(".hidden"), "").unwrap();
    // Windows can hold no such name.
    let new_line = if cfg!(windows) { "new line" } else { "new\nline" };
    fs::write(place.path().join(new_line), "").unwrap();
    let listed = folder.list(None).unwrap();
    let shown: Vec<_> = listed.iter().map(|l| (l.name.as_str(), l.is_folder, l.length)).collect();
    let hidden = [(".hidden", false, 0), ("a", true, 0), ("b", false, 2), (new_line, false, 0)];
    assert_eq!(shown, hidden, "all but what is incomplete");
    let listed = folder.list(Some(&name("a"))).unwrap();
    assert_eq!(listed.first().map(|l| (l.name.as_str(), l.length)), Some(("c", 3)));
    assert!(matches!(folder.list(Some(&name("b"))), Err(Error::NotAFile)));
    assert!(matches!(folder.list(Some(&name("z"))), Err(Error::NotFound)));
}

#[test]
fn a_folder_is_no_file_and_a_file_is_no_folder() {
    let (_place, folder) = root();
    put(&folder, "a/b", b"x");
    assert!(matches!(folder.read(&name("a")), Err(Error::NotAFile)));
    assert!(matches!(folder.receive(&name("a"), false), Err(Error::NotAFile)));
    assert!(matches!(folder.read(&name("a/b/c")), Err(Error::NotAFile)));
    let receiving = folder.receive(&name("a/b/c"), false);
    assert!(matches!(receiving, Err(Error::NotAFile)), "{receiving:?}");
}

/// What only Unix has.
#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn no_link_leads_out_of_the_folder() {
        let (outside, _) = root();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        let (place, folder) = root();
        symlink(outside.path(), place.path().join("way")).unwrap();
        symlink(outside.path().join("secret"), place.path().join("file")).unwrap();
        symlink("../..", place.path().join("up")).unwrap();

        for text in ["way/secret", "file", "up/etc/passwd"] {
            let read = folder.read(&name(text));
            assert!(matches!(read, Err(Error::Outside)), "{text}: {read:?}");
        }
        for text in ["way/new", "up/tmp/new", "way/sub/new"] {
            let receiving = folder.receive(&name(text), false);
            assert!(matches!(receiving, Err(Error::Outside)), "{text}: {receiving:?}");
        }
        assert!(matches!(folder.list(Some(&name("way"))), Err(Error::Outside)));
        assert_eq!(folder.list(None).unwrap(), []);

        // Whoever replaces a link replaces the link, and not what it leads to.
        put(&folder, "file", b"new");
        assert_eq!(get(&folder, "file"), b"new");
        assert_eq!(everything(outside.path()), [("secret".to_owned(), b"secret".to_vec())]);
    }

    #[test]
    fn a_link_that_stays_in_the_folder_is_followed() {
        let (place, folder) = root();
        put(&folder, "a/b", b"x");
        put(&folder, "c/d", b"y");
        symlink("../c/d", place.path().join("a/link")).unwrap();
        assert_eq!(get(&folder, "a/link"), b"y");
        assert_eq!(folder.list(Some(&name("a"))).unwrap().len(), 2);
        symlink("loop", place.path().join("loop")).unwrap();
        assert!(matches!(folder.read(&name("loop")), Err(Error::NotAFile)));
    }

    #[test]
    fn a_link_or_a_folder_in_the_place_of_a_partial_is_left_alone() {
        let (outside, _) = root();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        let (place, folder) = root();
        let part = place.path().join(".x.part");
        put(&folder, "mine", b"mine");

        for target in [outside.path().join("secret"), "mine".into(), "nowhere".into()] {
            symlink(target, &part).unwrap();
            for resume in [false, true] {
                let receiving = folder.receive(&name("x"), resume);
                assert!(matches!(receiving, Err(Error::NotAFile)), "{receiving:?}");
            }
            fs::remove_file(&part).unwrap();
        }
        fs::create_dir(&part).unwrap();
        assert!(matches!(folder.receive(&name("x"), false), Err(Error::NotAFile)));
        fs::remove_dir(&part).unwrap();

        // A second name of a file that somebody wants to keep.
        for resume in [false, true] {
            fs::hard_link(place.path().join("mine"), &part).unwrap();
            let mut partial = folder.receive(&name("x"), resume).unwrap();
            assert_eq!(partial.length(), 0);
            partial.write_all(b"yours").unwrap();
            partial.discard();
        }
        assert_eq!(everything(place.path()), [("mine".to_owned(), b"mine".to_vec())]);
        assert_eq!(fs::read(outside.path().join("secret")).unwrap(), b"secret");
    }

    #[test]
    fn a_writer_whose_partial_was_removed_neither_publishes_nor_removes_that_of_another() {
        let (place, folder) = root();
        let part = place.path().join(".x.part");
        let begin = |bytes: &[u8]| {
            let mut partial = folder.receive(&name("x"), false).unwrap();
            partial.write_all(bytes).unwrap();
            partial
        };
        let remove = || fs::remove_file(&part).unwrap();
        let first = begin(b"first");
        remove();
        let second = begin(b"second");
        let outcome = first.publish(true, None);
        assert!(matches!(outcome, Err(Error::Lost)), "{outcome:?}");
        remove();
        let third = begin(b"third");
        second.discard();
        third.publish(false, None).unwrap();
        assert_eq!(everything(place.path()), [("x".to_owned(), b"third".to_vec())]);

        let exchanged = begin(b"fourth");
        remove();
        symlink("elsewhere", &part).unwrap();
        let outcome = exchanged.publish(true, None);
        assert!(matches!(outcome, Err(Error::Lost)), "{outcome:?}");
        assert_eq!(get(&folder, "x"), b"third");
    }

    #[test]
    fn a_named_pipe_is_no_file_and_nobody_waits_for_its_other_end() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let (place, folder) = root();
        for pipe in ["pipe", ".x.part"] {
            let path = place.path().join(pipe);
            mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        }
        assert!(matches!(folder.read(&name("pipe")), Err(Error::NotAFile)));
        assert!(matches!(folder.receive(&name("x"), false), Err(Error::NotAFile)));
        assert_eq!(folder.list(None).unwrap(), []);
    }
}

/// The names of all folders below this one.
fn folders(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap());
    let mut found: Vec<String> = entries
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .flat_map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            let below = folders(&entry.path()).into_iter().map(|below| format!("{name}/{below}"));
            std::iter::once(name.clone()).chain(below.collect::<Vec<_>>())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn the_folders_that_were_made_for_a_file_that_comes_to_nothing_are_removed() {
    let (place, folder) = root();
    fs::create_dir(place.path().join("theirs")).unwrap();
    for to in ["theirs/a/b/file", "new/file", "file"] {
        let mut partial = folder.receive(&name(to), false).unwrap();
        partial.write_all(b"damaged").unwrap();
        partial.discard();
        // Nothing came of this one.
        drop(folder.receive(&name(to), false).unwrap());
    }
    assert_eq!(folders(place.path()), ["theirs"]);
    // And where another file has come to lie meanwhile, they stay.
    let refused = folder.receive(&name("theirs/a/b/file"), false).unwrap();
    put(&folder, "theirs/a/other", b"1");
    refused.discard();
    assert_eq!(folders(place.path()), ["theirs", "theirs/a"]);
    assert_eq!(get(&folder, "theirs/a/other"), b"1");
}

#[test]
fn the_folders_of_a_file_that_broke_off_stay_for_it() {
    let (place, folder) = root();
    let mut partial = folder.receive(&name("a/b/file"), false).unwrap();
    partial.write_all(b"half").unwrap();
    drop(partial);
    assert_eq!(folders(place.path()), ["a", "a/b"]);
    assert_eq!(folder.receive(&name("a/b/file"), true).unwrap().length(), 4);
}

/// One of two writers has its file refused again and again, and removes what it has made for it.
#[test]
fn folders_that_come_and_go_are_no_trouble_for_another_writer() {
    let (_place, folder) = root();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                folder.receive(&name("a/b/refused"), false).unwrap().discard();
            }
        });
        for number in 0..200 {
            let to = format!("a/b/{number}");
            put(&folder, &to, b"1");
            assert_eq!(get(&folder, &to), b"1");
        }
        stop.store(true, Ordering::SeqCst);
    });
}

#[cfg(unix)]
#[test]
fn that_the_whole_folder_was_removed_is_said_and_not_that_a_file_is_missing() {
    let (place, folder) = root();
    fs::remove_dir(place.path()).unwrap();
    let errors = [
        folder.read(&name("a")).unwrap_err(),
        folder.list(None).unwrap_err(),
        folder.receive(&name("a"), false).unwrap_err(),
        folder.receive(&name("a/b"), false).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.to_string(), "the folder of the files was removed");
    }
}

#[test]
fn a_disk_that_takes_no_change_is_named() {
    let error = Error::from(std::io::Error::from(ErrorKind::ReadOnlyFilesystem));
    assert_eq!(error.to_string(), "the disk is read-only");
}
