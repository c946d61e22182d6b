//! What is refused is refused by its name, changes nothing, and the next request is answered.

use lesson08_shared::protocol::Status;

use super::*;

/// Asks, then asks for a file that is there; gives the refusal.
fn refused(store: &Store, says: &[u8]) -> Refusal {
    let heard = heard(store, &[says, &get("there", None)].concat());
    let mut heard = heard.as_slice();
    let refusal = loop {
        if let (Err(refusal), 0) = reply::<Done>(&mut heard) {
            break refusal;
        }
    };
    let (_, bytes, _) = file(&mut heard).unwrap();
    assert_eq!(bytes, b"old", "and the next request");
    refusal
}

fn root_with_a_file() -> (TempDir, Store) {
    let (place, store) = root();
    heard(&store, &put("there", b"old"));
    (place, store)
}

#[test]
fn hostile_names_are_not_allowed_in_any_request() {
    let (outside, _) = root();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    let root = outside.path().join("root");
    let folder = Folder::open_or_make(&root).unwrap();
    let store = Store { folder, read_only: false, max_size: 1 << 20, max_message: 1 << 16 };
    heard(&store, &put("there", b"old"));
    let before = everything(outside.path());

    let absolute = outside.path().join("secret").into_os_string().into_string().unwrap();
    let long = "x".repeat(300);
    let wide = "汉".repeat(86);
    let deep = "../".repeat(1000);
    for name in [
        "../secret",
        "..",
        ".",
        "./there",
        "a/../../secret",
        "a/..",
        "there/..",
        "/",
        "//",
        "/secret",
        "/etc/passwd",
        "//etc/passwd",
        "../../../../../../../etc/passwd",
        "~/../secret/..",
        ".there.part",
        "a/.b.part/c",
        "a\0b",
        "there\0.txt",
        "a//b",
        "a/",
        "folder/./there",
        &absolute,
        &long,
        &wide,
        &deep,
    ] {
        for says in [get(name, None), list(name), put_asked(name)] {
            let refusal = refused(&store, &says);
            assert_eq!(refusal.status, Status::NotAllowed, "{name:?}: {refusal}");
        }
    }
    assert_eq!(everything(outside.path()), before);
}

/// What this system can hold is a name, whatever it would be to another.
#[cfg(unix)]
#[test]
fn names_that_only_another_system_cannot_hold_are_kept_in_the_root() {
    let (outside, _) = root();
    let root = outside.path().join("root");
    let folder = Folder::open_or_make(&root).unwrap();
    let store = Store { folder, read_only: false, max_size: 1 << 20, max_message: 1 << 16 };
    for name in [
        "Screenshot 19:20:29.png",
        ".gitignore",
        ".github/workflows/ci.yml",
        "...",
        "..\\secret",
        "C:\\x",
        "there:stream",
        "aux.txt",
        "there.",
        "there ",
        "a\nb",
        "\x1b[2J",
    ] {
        heard(&store, &put(name, b"kept"));
        assert_eq!(std::fs::read(root.join(name)).unwrap(), b"kept", "{name:?}");
        let answer = heard(&store, &get(name, None));
        assert_eq!(file(&mut &answer[..]).unwrap().1, b"kept", "{name:?}");
    }
    let beside = outside.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(beside.collect::<Vec<_>>(), ["root"]);
}

#[test]
fn a_put_that_is_refused_leaves_no_folders() {
    let (place, store) = root();
    let damaged = [
        ask_to_put("a/b/damaged", 3, false, false),
        message(Offset { from: 0 }, 3),
        b"hi\n".to_vec(),
        digest(b"something else"),
    ];
    heard(&store, &damaged.concat());
    let no_sum = [ask_to_put("c/no-sum", 3, false, false), message(Offset { from: 2 }, 7)];
    _ = answers(&store, &no_sum.concat());
    heard(&store, &put("kept/file", b"1"));
    assert_eq!(everything(place.path()), [("kept/file".to_owned(), b"1".to_vec())]);
    let left = place.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["kept"]);
}

#[cfg(unix)]
#[test]
fn that_the_root_was_removed_is_said() {
    let (place, store) = root();
    std::fs::remove_dir_all(place.path()).unwrap();
    for says in [get("there", None), list(""), put_asked("there"), put_asked("a/there")] {
        let heard = heard(&store, &says);
        let refusal = reply::<Done>(&mut &heard[..]).0.unwrap_err();
        assert_eq!(refusal.status, Status::Failed, "{refusal}");
        assert_eq!(refusal.message, "the folder of the files was removed");
    }
}

fn put_asked(name: &str) -> Vec<u8> {
    ask_to_put(name, 3, true, true)
}

#[cfg(unix)]
#[test]
fn no_link_out_of_the_root_is_followed() {
    let (outside, _) = root();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    let (place, store) = root_with_a_file();
    std::os::unix::fs::symlink(outside.path(), place.path().join("way")).unwrap();
    std::os::unix::fs::symlink("../../..", place.path().join("up")).unwrap();
    for says in [
        get("way/secret", None),
        put_asked("way/secret"),
        put_asked("way/new"),
        list("way"),
        get("up/etc/passwd", None),
        list("up"),
    ] {
        assert_eq!(refused(&store, &says).status, Status::NotAllowed);
    }
    assert_eq!(everything(outside.path()), [("secret".to_owned(), b"secret".to_vec())]);
}

#[cfg(unix)]
#[test]
fn a_put_to_the_name_of_a_link_replaces_the_link_and_nothing_at_its_other_end() {
    let (outside, _) = root();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    let (place, store) = root_with_a_file();
    for (link, target) in [("to a file", "secret"), ("to nothing", "new")] {
        std::os::unix::fs::symlink(outside.path().join(target), place.path().join(link)).unwrap();
        assert_eq!(refused(&store, &ask_to_put(link, 4, false, false)).status, Status::Exists);
        let body = message(Offset { from: 0 }, 4);
        let ask = ask_to_put(link, 4, true, false);
        heard(&store, &[&ask, &body, b"mine".as_slice(), &digest(b"mine")].concat());
        assert_eq!(std::fs::read(place.path().join(link)).unwrap(), b"mine");
    }
    assert_eq!(everything(outside.path()), [("secret".to_owned(), b"secret".to_vec())]);
}

#[test]
fn what_cannot_be_done_is_refused_by_its_name() {
    let (place, mut store) = root_with_a_file();
    heard(&store, &put("folder/x", b"x"));
    for (says, status) in [
        (get("missing", None), Status::NoSuchFile),
        (get("folder", None), Status::NotAFile),
        (get("there/x", None), Status::NotAFile),
        (list("missing"), Status::NoSuchFile),
        (list("there"), Status::NotAFile),
        (ask_to_put("there", 3, false, false), Status::Exists),
        (ask_to_put("folder", 3, true, false), Status::NotAFile),
        (ask_to_put("new", (1 << 20) + 1, false, false), Status::TooLarge),
        (ask_to_put("new", usize::MAX, false, false), Status::TooLarge),
    ] {
        let refusal = refused(&store, &says);
        assert_eq!(refusal.status, status, "{refusal}");
    }
    store.read_only = true;
    assert_eq!(refused(&store, &put_asked("new")).status, Status::ReadOnly);
    store.max_message = 10;
    assert_eq!(refused(&store, &list("")).status, Status::TooLarge);
    assert_eq!(everything(place.path()).len(), 2, "nothing was left behind");
}

#[test]
fn a_second_put_of_a_name_is_told_that_it_is_busy() {
    let (place, store) = root_with_a_file();
    let name = "new".parse().unwrap();
    let mut first = store.folder.receive(&name, false).unwrap();
    first.write_all(b"first").unwrap();
    assert_eq!(refused(&store, &put_asked("new")).status, Status::Busy);
    first.publish(false, None).unwrap();
    assert_eq!(std::fs::read(place.path().join("new")).unwrap(), b"first");
}

#[test]
fn a_file_whose_md5_is_not_the_one_announced_is_not_kept() {
    let (place, store) = root_with_a_file();
    let before = everything(place.path());
    let body = message(Offset { from: 0 }, 3);
    for (name, md5) in [
        ("new", &*wire::md5_hex(b"old")),
        ("there", &wire::md5_hex(b"old")),
        ("new", ""),
        ("new", "\u{1b}[2J"),
        ("new", &"f".repeat(5000)),
    ] {
        let ask = ask_to_put(name, 3, true, false);
        let announced = message(Reply::ok(Digest { md5: md5.to_owned() }), 0);
        let refusal = refused(&store, &[&ask, &body, b"new".as_slice(), &announced].concat());
        assert_eq!(refusal.status, Status::ChecksumMismatch);
        assert!(!refusal.message.contains('\u{1b}'), "{refusal}");
        assert_eq!(everything(place.path()), before);
    }
}

#[test]
fn a_file_that_changed_while_it_was_sent_is_not_kept() {
    let (place, store) = root_with_a_file();
    let changed = Refusal { status: Status::Changed, message: "it was changed".to_owned() };
    let says = [
        ask_to_put("new", 3, false, false),
        message(Offset { from: 0 }, 3),
        b"new".to_vec(),
        message(Reply::<Digest>::refused(changed), 0),
    ];
    assert_eq!(refused(&store, &says.concat()).status, Status::Changed);
    assert_eq!(everything(place.path()), [("there".to_owned(), b"old".to_vec())]);
}

#[test]
fn a_name_that_is_taken_while_the_file_is_sent_is_not_replaced() {
    let (place, store) = root_with_a_file();
    let heard = &mut Vec::new();
    let mut stream = Interfering {
        says: &put("new", b"mine"),
        heard,
        act: Some(|| std::fs::write(place.path().join("new"), "theirs").unwrap()),
    };
    converse(&mut stream, &store, &mut Ignore).unwrap();
    let mut heard = heard.as_slice();
    reply::<Ready>(&mut heard).0.unwrap();
    assert_eq!(reply::<Done>(&mut heard).0.unwrap_err().status, Status::Exists);
    let both = [("new".to_owned(), b"theirs".to_vec()), ("there".to_owned(), b"old".to_vec())];
    assert_eq!(everything(place.path()), both);
}

#[test]
fn a_size_that_is_a_lie_ends_the_conversation_and_nothing_is_kept() {
    let (place, store) = root_with_a_file();
    let before = everything(place.path());
    let ask = ask_to_put("new", 3, false, true);
    for (from, size) in [(0, 2), (0, 4), (0, u64::MAX), (1, 2), (3, 0), (u64::MAX, 4), (4, 0)] {
        let says =
            [&ask, &message(Offset { from }, size), b"new".as_slice(), &digest(b"new")].concat();
        let (heard, outcome) = answers(&store, &says);
        assert!(matches!(outcome, Err(Error::RefusedMidway(_))), "{from}, {size}: {outcome:?}");
        let mut heard = heard.as_slice();
        reply::<Ready>(&mut heard).0.unwrap();
        assert_eq!(reply::<Done>(&mut heard).0.unwrap_err().status, Status::Failed);
        assert_eq!(everything(place.path()), before);
    }
    // More bytes come than were announced.
    let says =
        [&ask, &message(Offset { from: 0 }, 3), b"newer".as_slice(), &digest(b"newer")].concat();
    answers(&store, &says).1.unwrap_err();
    assert_eq!(everything(place.path()), before);
}

#[test]
fn a_refusal_that_nobody_knows_is_still_a_refusal() {
    let mut heard = &message(serde_json::json!({"status": "on-holiday"}), 0)[..];
    assert_eq!(reply::<Done>(&mut heard).0.unwrap_err().status, Status::Failed);
}

/// A client during whose words something else happens: once, after the first answer.
struct Interfering<'a, F> {
    says: &'a [u8],
    heard: &'a mut Vec<u8>,
    act: Option<F>,
}

impl<F: FnOnce()> Read for Interfering<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.heard.is_empty()
            && let Some(act) = self.act.take()
        {
            act();
        }
        self.says.read(buffer)
    }
}

impl<F> Write for Interfering<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.heard.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
