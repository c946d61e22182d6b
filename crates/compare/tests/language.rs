//! Each text has its Chinese, and each Chinese its text.

#[test]
fn every_text_has_its_chinese() {
    language::check::assert_translated(env!("CARGO_MANIFEST_DIR"), []);
}
