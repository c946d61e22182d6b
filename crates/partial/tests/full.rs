//! A file that may not grow any further. A program of its own: the limit holds for the whole
//! process.

#![cfg(unix)]

use std::io::{ErrorKind, Write};

use partial::{Error, Folder};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[test]
fn the_largest_size_of_a_file_is_an_error_and_not_the_end_of_the_process() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    let name = "x".parse().unwrap();

    let before = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(1000), maximum: before.maximum }).unwrap();
    let mut partial = folder.receive(&name, false).unwrap();
    partial.write_all(&[1; 1000]).unwrap();
    let error = partial.write_all(&[2]).unwrap_err();
    setrlimit(Resource::Fsize, before).unwrap();

    assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    assert!(matches!(Error::from(error), Error::Full(_)));
    assert_eq!(partial.length(), 1000);
}
