//! Each text of the course has its Chinese.

#[test]
fn every_text_has_its_chinese() {
    let folder = env!("CARGO_MANIFEST_DIR");
    language::check::assert_translated(folder, language::check::help_in(folder));
}
