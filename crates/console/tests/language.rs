//! What this crate and the lessons say, and the errors of the crates that know no language, in Chinese.

use std::path::Path;

use language::check::{assert_translated, errors_in, help_in};

#[test]
fn every_text_has_its_chinese() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let silent = ["endpoint", "wire", "fault", "partial", "command", "relay", "video"];
    let errors = silent.iter().flat_map(|name| errors_in(folder.join("..").join(name)));
    let own = help_in(folder).into_iter().chain(errors_in(folder));
    assert_translated(env!("CARGO_MANIFEST_DIR"), errors.chain(own));
}

#[test]
fn every_text_of_a_lesson_has_its_chinese() {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons");
    let lessons = lessons.read_dir().unwrap().map(|lesson| lesson.unwrap().path());
    // Beside the lessons lies what only the book has.
    for lesson in lessons.filter(|lesson| lesson.join("server").is_dir()) {
        for side in ["server", "client"] {
            let folder = lesson.join(side);
            // What both ends share is said by each of them.
            let errors = errors_in(&folder).into_iter().chain(errors_in(lesson.join("shared")));
            let more = errors.chain(help_in(&folder));
            assert_translated(folder.to_str().unwrap(), more);
        }
    }
}
