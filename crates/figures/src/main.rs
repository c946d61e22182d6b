//! Writes the figures beside the lessons. `scripts/pictures` starts it.

use std::fs;
use std::path::Path;

use anyhow::Context;
use language::Language;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for figure in figures::lessons::all() {
        for language in Language::ALL {
            let path = figure.path(language);
            let file = root.join(&path);
            let folder = file.parent().unwrap_or(&root);
            let written =
                fs::create_dir_all(folder).and_then(|()| fs::write(&file, figure.svg(language)));
            written.with_context(|| format!("cannot write {path}"))?;
            println!("{path}");
        }
    }
    Ok(())
}
