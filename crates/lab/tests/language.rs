//! Each text of the lab has its Chinese.

#[test]
fn every_text_has_its_chinese() {
    language::check::assert_translated(env!("CARGO_MANIFEST_DIR"), []);
}
