//! The book: that it lists what there is, that its appendix is true, and, with `FULL_TESTS=1`, that a browser finds
//! nothing amiss in any of its pages.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod appendix;
mod contents;
#[cfg(unix)]
mod pages;
#[cfg(unix)]
mod site;

use std::fs;
use std::path::Path;

/// A file of the project.
#[track_caller]
fn read(place: &str) -> String {
    let path = e2e::root().join(place);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether there is such a file or folder in the project.
fn exists(place: &str) -> bool {
    Path::new(&e2e::root()).join(place).exists()
}
