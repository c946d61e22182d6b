//! Draws the READMEs' pictures anew from a run on this machine. `scripts/pictures` starts it.

use std::fs;
use std::path::Path;

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures");
    for picture in compare::pictures::draw()? {
        let file = folder.join(picture.file);
        fs::write(&file, picture.svg)
            .with_context(|| format!("cannot write {}", file.display()))?;
        println!("{}", file.display());
    }
    Ok(())
}
