//! What a learner has done: a small file in their folder, which is written whole or not at all.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rust_i18n::t;
use serde::{Deserialize, Serialize};

use crate::manifest::{Manifest, Stage};
use crate::toolchain::Choice;

/// The name of the file.
pub const FILE: &str = "course-progress.toml";
/// The file that is locked while progress is changed: the one that holds it is another one each time.
const LOCK: &str = ".course-progress.lock";
/// The number of the form that the file has.
const VERSION: u32 = 1;
/// What stands at the head of the file.
const HEAD: &str = "# Where you are in the course. The program `course` reads and writes this.\n\n";

/// What a learner has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    version: u32,
    /// What they write in.
    pub language: Choice,
    /// How a program is started in another language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What became of each stage that they have been at. A stage that this course does not know stays in the
    /// file.
    #[serde(default)]
    stages: BTreeMap<String, AtStage>,
}

/// What became of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtStage {
    /// How it stands.
    pub state: State,
    /// How many hints were shown.
    #[serde(default)]
    pub hints: usize,
}

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is still to be done.
    #[default]
    Open,
    /// The judge has found that all holds.
    Passed,
    /// The learner has gone on without it.
    Skipped,
}

/// Why there is no progress to be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read or written.
    #[error(
        "{}",
        t!(
            "cannot read or write %{file}: %{why}; is the folder yours, and has the disk room?",
            file = file.display(),
            why = why
        )
    )]
    File {
        /// Which one.
        file: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// What the file holds is no progress.
    #[error(
        "{}",
        t!(
            "cannot understand %{file}: %{why}; mend that line, or move the file away and `start` \
             again, which leaves your programs as they are",
            file = file.display(),
            why = why
        )
    )]
    Broken {
        /// Which one.
        file: PathBuf,
        /// What is wrong, and in which line.
        why: String,
    },
    /// A newer course has written it.
    #[error(
        "{}",
        t!(
            "%{file} was written by a newer course (form %{version}): use that one",
            file = file.display(),
            version = version
        )
    )]
    Newer {
        /// Which one.
        file: PathBuf,
        /// The number of its form.
        version: u32,
    },
}

impl Progress {
    /// That of somebody who begins.
    pub fn new(language: Choice, command: Option<String>) -> Progress {
        Progress { version: VERSION, language, command, stages: BTreeMap::new() }
    }

    /// What the folder's file holds.
    ///
    /// # Errors
    /// [`Error`].
    pub fn load(folder: &Path) -> Result<Progress, Error> {
        /// What every form of the file has.
        #[derive(Deserialize)]
        struct Form {
            version: u32,
        }
        let file = folder.join(FILE);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(why) if why.kind() == io::ErrorKind::InvalidData => {
                return Err(Error::Broken { file, why: why.to_string() });
            }
            Err(why) => return Err(Error::File { file, why }),
        };
        match toml::from_str(&text) {
            Ok(Form { version }) if version > VERSION => Err(Error::Newer { file, version }),
            Ok(_) => toml::from_str(&text).map_err(|error| broken(file, &text, &error)),
            Err(error) => Err(broken(file, &text, &error)),
        }
    }

    /// Writes the folder's file: whoever reads it meanwhile reads the old one, or the new one.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn save(&self, folder: &Path) -> Result<(), Error> {
        let file = folder.join(FILE);
        let write = || {
            let text = toml::to_string(self).map_err(io::Error::other)?;
            let mut new = tempfile::Builder::new().prefix(".course-").tempfile_in(folder)?;
            new.write_all(HEAD.as_bytes())?;
            new.write_all(text.as_bytes())?;
            new.as_file().sync_all()?;
            new.persist(&file)?;
            Ok(())
        };
        write().map_err(|why| Error::File { file: file.clone(), why })
    }

    /// Changes what the folder's file holds, while nobody else does: `watch` in one terminal and `hint` in
    /// another lose nothing of each other.
    ///
    /// # Errors
    /// [`Error`].
    pub fn update<T>(folder: &Path, change: impl FnOnce(&mut Progress) -> T) -> Result<T, Error> {
        let lock = folder.join(LOCK);
        let locked = File::create(&lock).and_then(|file| file.lock().map(|()| file));
        let _locked = locked.map_err(|why| Error::File { file: lock, why })?;
        let mut progress = Progress::load(folder)?;
        let done = change(&mut progress);
        progress.save(folder)?;
        Ok(done)
    }

    /// What became of a stage.
    pub fn at(&self, stage: &Stage) -> AtStage {
        self.stages.get(&stage.id).copied().unwrap_or_default()
    }

    /// What became of a stage, to be changed.
    pub fn at_mut(&mut self, stage: &Stage) -> &mut AtStage {
        self.stages.entry(stage.id.clone()).or_default()
    }

    /// The stage that is to be done now: the first that is neither passed nor skipped. Nothing at the end.
    pub fn current<'a>(&self, manifest: &'a Manifest) -> Option<&'a Stage> {
        manifest.stages.iter().find(|stage| self.at(stage).state == State::Open)
    }

    /// How many of the stages stand so.
    pub fn count(&self, manifest: &Manifest, state: State) -> usize {
        manifest.stages.iter().filter(|stage| self.at(stage).state == state).count()
    }
}

/// One line about what is wrong: where, and what.
fn broken(file: PathBuf, text: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    let why = format!("{line}: {}", error.message().replace('\n', " "));
    Error::Broken { file, why }
}
