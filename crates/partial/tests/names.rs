//! What a peer may call a file, and what it may not.

use std::io::Write;
use std::path::{Component, Path};

use partial::{Folder, MAX_LENGTH, Name, NameError};
use proptest::prelude::*;

#[test]
fn what_is_no_name_on_any_system_is_refused_with_the_reason() {
    use NameError::{Dots, Empty, Incomplete, Nul, TooLong};
    let (long, deep) = ("x".repeat(250), "x/".repeat(MAX_LENGTH));
    for (text, why) in [
        ("", Empty),
        ("/", Empty),
        ("/etc/passwd", Empty),
        ("//server/share", Empty),
        ("a/", Empty),
        ("a//b", Empty),
        (".", Dots),
        ("..", Dots),
        ("../x", Dots),
        ("a/../../x", Dots),
        ("a/..", Dots),
        ("./a", Dots),
        (".b.part", Incomplete),
        ("a/.b.part", Incomplete),
        (".a.part/b", Incomplete),
        ("a\0b", Nul),
        (long.as_str(), TooLong),
        (deep.as_str(), TooLong),
    ] {
        assert_eq!(text.parse::<Name>(), Err(why), "{text:?}");
        assert_eq!(Name::plain(text), Err(why), "{text:?}");
    }
}

/// Where Windows receives a file these are no names, and no plain ones anywhere.
#[test]
fn what_windows_cannot_hold_is_refused_where_that_matters_with_the_reason() {
    use NameError::{Character, Control, Device, End, Hidden};
    for (text, why) in [
        ("Screenshot 19:20:29.png", Character(':')),
        ("C:x", Character(':')),
        ("a.txt:stream", Character(':')),
        ("..\\x", Character('\\')),
        ("what?", Character('?')),
        ("*.jpg", Character('*')),
        ("a\nb", Control('\n')),
        ("a\x1b[2Jb", Control('\x1b')),
        ("a\u{9b}2J", Control('\u{9b}')),
        ("a.", End),
        ("a ", End),
        ("...", End),
        ("CON", Device),
        ("con.tar.gz", Device),
        ("Nul .txt", Device),
        ("COM1", Device),
        ("lpt¹.x", Device),
        (".gitignore", Hidden),
    ] {
        assert_eq!(Name::plain(text), Err(why), "{text:?}");
        let parsed = text.parse::<Name>();
        match cfg!(windows) && why != Hidden {
            true => assert_eq!(parsed, Err(why), "{text:?}"),
            false => assert_eq!(parsed.unwrap().as_str(), text),
        }
    }
}

#[test]
fn what_people_call_their_files_is_a_name() {
    let long = "x".repeat(249);
    for text in [
        "a",
        "a b.txt",
        " a",
        "你好/世界.txt",
        "a..b",
        "x.part",
        "console.log",
        "COM",
        "COM10",
        "a/b/c/d",
        "~",
        "-rf",
        "%2e%2e",
        ".github/workflows/ci.yml",
        &long,
    ] {
        let name: Name = text.parse().unwrap();
        assert_eq!(name.as_str(), text);
    }
}

#[test]
fn a_name_knows_its_folders() {
    let name: Name = "a/b/c.txt".parse().unwrap();
    assert_eq!((name.folders(), name.last()), (Some("a/b"), "c.txt"));
    let name: Name = "c.txt".parse().unwrap();
    assert_eq!((name.folders(), name.last()), (None, "c.txt"));
    assert_eq!(name.join("d").unwrap().as_str(), "c.txt/d");
    assert_eq!(name.join("../d"), Err(NameError::Dots));
}

proptest! {
    #[test]
    fn a_name_consists_of_plain_parts_whatever_was_given(
        text in "([a-zA-Z.:/\\\\ \0\u{1b}·你]|\\.\\.|/|CON){0,20}"
    ) {
        if let Ok(name) = text.parse::<Name>() {
            let path = Path::new(name.as_str());
            let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
            prop_assert!(plain, "{path:?}");
        }
    }

    #[test]
    fn a_file_of_any_name_appears_in_the_folder_or_nowhere(text in "[a-c./\\\\ ]{1,12}") {
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("root");
        let folder = Folder::open_or_make(&root).unwrap();
        if let Ok(name) = text.parse::<Name>() {
            let mut partial = folder.receive(&name, false).unwrap();
            partial.write_all(b"x").unwrap();
            partial.publish(false, None).unwrap();
            prop_assert_eq!(std::fs::read(root.join(name.as_str())).unwrap(), b"x");
        }
        let beside = outside.path().read_dir().unwrap();
        let beside: Vec<_> = beside.map(|entry| entry.unwrap().file_name()).collect();
        prop_assert_eq!(beside, ["root"]);
    }
}
