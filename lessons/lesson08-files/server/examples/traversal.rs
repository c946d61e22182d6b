//! A name can lead out of the folder that it is looked up in.
//!
//! `cargo run -p lesson08-server --example traversal`
//!
//! Claim: std::fs follows `..`, absolute names and symbolic links to wherever they lead; cap-std,
//! which is given the folder and not its path, refuses all three.

use std::fs;

use anyhow::{Context, ensure};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use console::{claim, here, why};
use language::text;

language::catalogue!();

fn main() -> anyhow::Result<()> {
    let place = tempfile::tempdir().context("cannot make a folder to try it in")?;
    let (secret, root) = (place.path().join("secret"), place.path().join("root"));
    fs::write(&secret, "secret")?;
    fs::create_dir(&root)?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(&secret, root.join("link"))?;
    fs::write(root.join("file"), "file")?;
    let confined = Dir::open_ambient_dir(&root, ambient_authority())?;

    let absolute = secret.to_string_lossy().into_owned();
    let mut names = vec![("..", "../secret"), (text!("an absolute name"), absolute.as_str())];
    if cfg!(unix) {
        names.push((text!("a symbolic link"), "link"));
    }
    claim!(
        "std::fs follows `..`, absolute names and symbolic links to wherever they\n\
         lead; cap-std, which is given the folder itself, refuses all three"
    );
    for (what, name) in names {
        // `join` with an absolute name forgets the folder.
        let followed = fs::read_to_string(root.join(name));
        let refused = confined.read_to_string(name);
        let refusal = refused.as_ref().map_or_else(ToString::to_string, |_| "read".to_owned());
        here!("{what}");
        println!("          std::fs: {followed:?}");
        println!("          cap-std: {refusal}");
        ensure!(followed.is_ok_and(|text| text == "secret"), "std::fs should have followed {what}");
        ensure!(refused.is_err(), "cap-std should have refused {what}");
    }
    ensure!(confined.read_to_string("file")? == "file", "what is in the folder should be read");
    why!(
        "the system resolves a name part for part, and each part may lead anywhere.\n\
         On Linux openat2(2) with RESOLVE_BENEATH makes it stop. To look at the text\n\
         of the name is not enough, because a link is not in the text"
    );
    Ok(())
}
