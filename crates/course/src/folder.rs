//! The learner's folder: their programs, and what was laid out for them. No file of theirs is ever
//! overwritten.

use std::env;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rust_i18n::t;

use crate::call::call;
use crate::manifest::{Manifest, Part, Stage, lock_file};
use crate::progress::{self, FILE, Progress};
use crate::toolchain::{Choice, Toolchain, package};

/// The folder that is made where nobody says another one.
pub const DEFAULT: &str = "my-course";

/// A folder with a course in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
}

/// Why the folder cannot be used so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no course.
    #[error(
        "{}",
        t!(
            "there is no course in %{place}: `%{start}` lays one out",
            place = place.display(),
            start = call("start")
        )
    )]
    NotFound {
        /// Where it was looked for.
        place: PathBuf,
    },
    /// There is one already.
    #[error(
        "{}",
        t!(
            "there is a course in %{place} already: `%{go_on}` goes on with it, `start` with \
             another folder begins anew",
            place = place.display(),
            go_on = call("")
        )
    )]
    Exists {
        /// Where.
        place: PathBuf,
    },
    /// A file or a folder cannot be made, moved or read.
    #[error(
        "{}",
        t!(
            "cannot lay out %{path}: %{why}; is the folder yours, and has the disk room?",
            path = path.display(),
            why = why
        )
    )]
    Path {
        /// Which one.
        path: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// The progress cannot be read or written.
    #[error(transparent)]
    Progress(#[from] progress::Error),
    /// The command of another language is none.
    #[error(
        "{}",
        t!(
            "the command %{command} is none: a quote has no end, or it is empty; write for example \
             'node {program}/main.js'",
            command = format!("{:?}", .0)
        )
    )]
    Command(String),
}

impl Folder {
    /// The folder that is named; otherwise this one or the nearest above it with a course in it, or the one
    /// that `start` makes here.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn find(named: Option<&Path>) -> Result<Folder, Error> {
        let here = || env::current_dir().unwrap_or_default();
        let has_course = |folder: &Path| folder.join(FILE).is_file();
        let found = match named {
            Some(folder) => Some(folder.to_owned()).filter(|folder| has_course(folder)),
            None => {
                let here = here();
                let above = here.ancestors().find(|folder| has_course(folder)).map(Path::to_owned);
                above.or_else(|| Some(here.join(DEFAULT)).filter(|folder| has_course(folder)))
            }
        };
        match found {
            Some(root) => Ok(Folder { root: absolute(&root) }),
            None => Err(Error::NotFound { place: named.map_or_else(here, Path::to_owned) }),
        }
    }

    /// Begins a course in this folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`Error::Exists`], and those of the system.
    pub fn create(root: &Path, progress: &Progress) -> Result<Folder, Error> {
        toolchain(progress)?;
        fs::create_dir_all(root).map_err(|why| Error::Path { path: root.to_owned(), why })?;
        if root.join(FILE).exists() {
            return Err(Error::Exists { place: root.to_owned() });
        }
        progress.save(root)?;
        Ok(Folder { root: absolute(root) })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the learner has done.
    ///
    /// # Errors
    /// Those of [`Progress::load`].
    pub fn progress(&self) -> Result<Progress, Error> {
        Ok(Progress::load(&self.root)?)
    }

    /// Changes what the learner has done.
    ///
    /// # Errors
    /// Those of [`Progress::update`].
    pub fn update<T>(&self, change: impl FnOnce(&mut Progress) -> T) -> Result<T, Error> {
        Ok(Progress::update(&self.root, change)?)
    }

    /// The folder of a program.
    pub fn program(&self, program: &str) -> PathBuf {
        self.root.join(program)
    }

    /// The file in which a program is written. In a language that the course does not know, that is the
    /// starter, which is there to be read.
    pub fn file(&self, program: &str, toolchain: &Toolchain) -> PathBuf {
        let name = match toolchain {
            Toolchain::Python => "main.py",
            Toolchain::Rust => "src/main.rs",
            Toolchain::Other(_) => "starter.py",
        };
        name.split('/').fold(self.program(program), |path, name| path.join(name))
    }

    /// Lays out the starter of a stage, and what it takes to build it, unless the program is there already. Says
    /// whether it was laid out.
    ///
    /// # Errors
    /// [`Error::Path`].
    pub fn lay_out(
        &self,
        manifest: &Manifest,
        stage: &Stage,
        toolchain: &Toolchain,
    ) -> Result<bool, Error> {
        let program = &stage.program;
        if *toolchain == Toolchain::Rust {
            let crates = manifest.crates(program);
            let manifest_file = self.program(program).join("Cargo.toml");
            lay(&manifest_file, &package(program, &crates))?;
            self.lay_out_workspace(crates.keys())?;
        }
        let starter = stage.file(Part::Starter, toolchain.source()).unwrap_or_default();
        lay(&self.file(program, toolchain), starter)
    }

    /// Makes the folder a cargo workspace, with the course's versions of all crates. Cargo takes from the lock
    /// file what no program needs yet, so it is laid out again for the first program that does: it is cargo's
    /// file, and none of the learner's.
    fn lay_out_workspace<'a>(
        &self,
        mut crates: impl Iterator<Item = &'a String>,
    ) -> Result<(), Error> {
        let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"lesson*\"]\n";
        lay(&self.root.join("Cargo.toml"), workspace)?;
        lay(&self.root.join(".gitignore"), "/target\n")?;
        let lock = self.root.join("Cargo.lock");
        let locked = fs::read_to_string(&lock).unwrap_or_default();
        let is_locked = |name: &String| locked.contains(&format!("name = \"{name}\""));
        if !locked.is_empty() && crates.all(is_locked) {
            return Ok(());
        }
        fs::write(&lock, lock_file()).map_err(|why| Error::Path { path: lock, why })
    }

    /// Moves the program's file aside, to a name that is free, and says which; nothing if there is no file.
    ///
    /// # Errors
    /// [`Error::Path`].
    pub fn set_aside(
        &self,
        program: &str,
        toolchain: &Toolchain,
    ) -> Result<Option<PathBuf>, Error> {
        let file = self.file(program, toolchain);
        if !file.exists() {
            return Ok(None);
        }
        let extension = toolchain.source().extension();
        let names =
            (1_u32..).map(|number| file.with_extension(format!("before-{number}.{extension}")));
        for aside in names.take(10_000) {
            // A link that is made does not replace a file, which a rename would.
            match fs::hard_link(&file, &aside) {
                Ok(()) => {
                    fs::remove_file(&file).map_err(|why| Error::Path { path: file, why })?;
                    return Ok(Some(aside));
                }
                Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {}
                // Some file systems have no links.
                Err(_) if aside.exists() => {}
                Err(_) => {
                    let moved = fs::rename(&file, &aside);
                    moved.map_err(|why| Error::Path { path: file, why })?;
                    return Ok(Some(aside));
                }
            }
        }
        Err(Error::Path { path: file, why: io::ErrorKind::AlreadyExists.into() })
    }
}

/// What the learner writes in, and how that is started.
///
/// # Errors
/// [`Error::Command`].
pub fn toolchain(progress: &Progress) -> Result<Toolchain, Error> {
    Ok(match progress.language {
        Choice::Python => Toolchain::Python,
        Choice::Rust => Toolchain::Rust,
        Choice::Other => {
            let command = progress.command.clone().unwrap_or_default();
            let words = judge::split(&command).filter(|words| !words.is_empty());
            Toolchain::Other(words.ok_or(Error::Command(command))?)
        }
    })
}

/// Writes a new file, with the folders that lead to it. One that is there stays as it is. Says whether it was
/// written.
fn lay(path: &Path, text: &str) -> Result<bool, Error> {
    let write = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match File::create_new(path) {
            Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true),
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(why) => Err(why),
        }
    };
    write().map_err(|why| Error::Path { path: path.to_owned(), why })
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
