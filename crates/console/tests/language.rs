//! What this crate says, and the errors of the crates that know no language, in Chinese.

#[test]
fn every_text_has_its_chinese() {
    language::check::assert_translated(env!("CARGO_MANIFEST_DIR"), []);
}
