//! A file without a name gets one in one step, and only one that is free; and a folder's quota.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use partial::{Error, Folder, Name, NameError, Quota, QuotaError, Tally, Usage};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_that_appeared_meanwhile_is_not_replaced() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    let mut file = folder.receive_unnamed().unwrap();
    file.write_all(b"what was sent").unwrap();
    // Nobody has looked whether the name is free, as if all of that had happened before.
    fs::write(place.path().join("a"), "what somebody else put there").unwrap();
    let error = file.publish(&name("a")).unwrap_err();
    assert!(matches!(error, Error::Exists), "{error}");
    assert_eq!(fs::read(place.path().join("a")).unwrap(), b"what somebody else put there");
    assert_eq!(names(place.path()), ["a"]);
}

#[test]
#[cfg(target_os = "linux")]
fn no_name_but_its_own_ever_leads_to_a_file_so_that_a_kill_leaves_no_copy() {
    use rustix::fs::inotify;
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    // All that happens to names in the folder: inotify(7).
    let watch = inotify::init(inotify::CreateFlags::NONBLOCK).unwrap();
    let names =
        inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVE | inotify::WatchFlags::DELETE;
    inotify::add_watch(&watch, place.path(), names).unwrap();
    let mut file = folder.receive_unnamed().unwrap();
    file.write_all(b"hello").unwrap();
    file.publish(&name("a")).unwrap();
    assert_eq!(fs::read(place.path().join("a")).unwrap(), b"hello");
    drop(folder.receive_unnamed().unwrap());
    let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
    let mut events = inotify::Reader::new(&watch, &mut buffer);
    let mut seen = Vec::new();
    while let Ok(event) = events.next() {
        let name = event.file_name().map(|name| name.to_str().unwrap().to_owned());
        seen.push((event.events(), name.unwrap()));
    }
    assert_eq!(seen, [(inotify::ReadFlags::CREATE, "a".to_owned())]);
}

#[test]
fn a_file_without_a_name_is_published_in_its_own_folder_only() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    fs::create_dir(place.path().join("within")).unwrap();
    let file = folder.receive_unnamed().unwrap();
    let error = file.publish(&name("within/a")).unwrap_err();
    assert!(matches!(error, Error::Name(NameError::Folder)), "{error}");
    assert_eq!(names(place.path()), ["within"]);
}

#[test]
fn a_folder_holds_no_more_than_its_quota_and_what_is_removed_makes_room() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    fs::write(place.path().join("old"), [0; 60]).unwrap();
    fs::create_dir(place.path().join("within")).unwrap();
    let now = Instant::now();
    let quota = Quota { max_files: 4, max_total: 100 };
    let mut tally = Tally::new(now, &folder, quota).unwrap();
    let (nothing, one) = (Usage::default(), Usage { files: 1, bytes: 10 });
    assert!(tally.check(now, &folder, one, 30).is_ok());
    let error = tally.check(now, &folder, one, 31).unwrap_err();
    assert!(matches!(error, QuotaError::Bytes { left: 30, .. }), "{error}");
    tally.add(5);
    let error = tally.check(now, &folder, one, 0).unwrap_err();
    assert!(matches!(error, QuotaError::Files(4)), "{error}");
    assert!(tally.check(now, &folder, nothing, 35).is_ok());
    fs::remove_file(place.path().join("old")).unwrap();
    let soon = now + Duration::from_millis(500);
    assert!(tally.check(soon, &folder, nothing, 100).is_err(), "it was counted just now");
    assert!(tally.check(now + Duration::from_secs(1), &folder, nothing, 100).is_ok());
}
