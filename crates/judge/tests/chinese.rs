//! That the judge speaks Chinese, and knows the Chinese of each text.

use judge::Args;

#[test]
fn each_text_has_its_chinese() {
    language::check::assert_translated(env!("CARGO_MANIFEST_DIR"), Args::texts());
}
