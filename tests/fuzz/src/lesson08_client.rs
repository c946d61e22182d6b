//! Lesson 08's client, answered with anything: a file is under its name only if it is the one that was
//! announced, and of a put nothing is said to have arrived but the file.

use std::fs;

use lesson08_client::{Transfer, get, list, put};
use partial::{Folder, Name};

use crate::choices::Choices;
use crate::lesson08_server::place;
use crate::pieces::Script;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let what = choices.below(3);
    let script = &mut Script::new(choices.0.get(4..).unwrap_or_default(), &mut choices.clone());
    if what == 0 {
        _ = list(script, "", 10_000, &mut ());
        return;
    }
    let place = place();
    let folder = Folder::open(place.path()).unwrap();
    let name: Name = "a.txt".parse().unwrap();
    let transfer = Transfer { name: "a.txt", resume: false, force: false, max_size: 100_000 };
    if what == 1 {
        let got = get(script, &transfer, &folder, &name, &mut (), &mut |_, _| ());
        match (got, fs::read(place.path().join("a.txt"))) {
            (Ok(moved), Ok(file)) => {
                assert_eq!((moved.size, moved.md5), (file.len() as u64, wire::md5_hex(&file)));
            }
            (Ok(_), Err(error)) => panic!("it is said to be here, and {error}"),
            (Err(error), Ok(_)) => panic!("it is here, and {error}"),
            (Err(_), Err(_)) => {}
        }
    } else {
        fs::write(place.path().join("a.txt"), b"hello").unwrap();
        let mut source = folder.read(&name).unwrap();
        if let Ok(moved) = put(script, &mut source, &transfer, |_| false, &mut (), &mut |_, _| ()) {
            assert_eq!((moved.size, moved.md5), (5, wire::md5_hex(b"hello")));
        }
    }
}
