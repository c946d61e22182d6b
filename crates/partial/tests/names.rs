//! What a peer may call a file, and what it may not.

use std::io::Write;
use std::path::{Component, Path};

use partial::{Folder, MAX_LENGTH, Name, NameError};
use proptest::prelude::*;

#[test]
fn what_is_no_name_is_refused_with_the_reason() {
    use NameError::{Character, Device, Dot, Empty, End, TooLong};
    let (long, deep) = ("x".repeat(250), "x/".repeat(MAX_LENGTH));
    for (text, why) in [
        ("", Empty),
        ("/", Empty),
        ("/etc/passwd", Empty),
        ("//server/share", Empty),
        ("a/", Empty),
        ("a//b", Empty),
        (".", Dot),
        ("..", Dot),
        ("../x", Dot),
        ("a/../../x", Dot),
        ("a/..", Dot),
        ("./a", Dot),
        ("...", Dot),
        (".hidden", Dot),
        ("a/.b.part", Dot),
        ("a\0b", Character('\0')),
        ("a\nb", Character('\n')),
        ("a\x1b[2Jb", Character('\x1b')),
        ("a\x7f", Character('\x7f')),
        ("a\u{9b}2J", Character('\u{9b}')),
        ("..\\x", Character('\\')),
        ("C:", Character(':')),
        ("C:/x", Character(':')),
        ("a.txt:stream", Character(':')),
        ("a.", End),
        ("a ", End),
        ("a /b", End),
        ("CON", Device),
        ("con.tar.gz", Device),
        ("notes/aux.txt", Device),
        ("Nul .txt", Device),
        ("COM1", Device),
        ("lpt¹.x", Device),
        (long.as_str(), TooLong),
        (deep.as_str(), TooLong),
    ] {
        assert_eq!(text.parse::<Name>(), Err(why), "{text:?}");
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
        "*.jpg",
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
    assert_eq!(name.join("../d"), Err(NameError::Dot));
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
