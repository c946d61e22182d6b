//! The READMEs' pictures show what this machine does, and each README shows them.

use std::fs;
use std::path::Path;

use compare::pictures;

#[test]
fn the_pictures_are_what_a_run_draws_and_the_readmes_show_them() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pictures = pictures::draw().unwrap();
    assert_eq!(pictures.len(), 4, "two languages, each for light and for dark");
    for picture in &pictures {
        let stands = fs::read_to_string(here.join("pictures").join(&picture.file));
        let same = stands.unwrap_or_default() == picture.svg;
        assert!(same, "{} is stale: scripts/pictures draws it anew", picture.file);
        let readme = if picture.file.contains("-zh-") { "README.zh-CN.md" } else { "README.md" };
        let text = fs::read_to_string(here.join("../..").join(readme)).unwrap();
        let name = format!("crates/compare/pictures/{}", picture.file);
        assert!(text.contains(&name), "{readme} does not show {name}");
    }
    let files = fs::read_dir(here.join("pictures")).unwrap().count();
    assert_eq!(files, pictures.len(), "a picture that nobody draws");
}
