//! Where a learner is: their folder, their progress, and the stage that is to be done now.

use std::fs;
use std::path::{Path, PathBuf};

use crate::folder::{self, Folder, toolchain};
use crate::manifest::{Manifest, Part, Stage};
use crate::progress::{Progress, State};
use crate::toolchain::Toolchain;

/// A learner's course, as it stands now.
#[derive(Debug)]
pub struct Course {
    /// The road.
    pub manifest: Manifest,
    /// Where their files are.
    pub folder: Folder,
    /// What they have done.
    pub progress: Progress,
    /// What they write in.
    pub toolchain: Toolchain,
}

/// Why there is no course.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] folder::Error),
    /// The course's own manifest is none.
    #[error(transparent)]
    Manifest(#[from] toml::de::Error),
}

impl Course {
    /// The course in the folder that is named, or found.
    ///
    /// # Errors
    /// [`Error`].
    pub fn open(named: Option<&Path>) -> Result<Course, Error> {
        Course::in_folder(Folder::find(named)?)
    }

    /// The course in this folder.
    ///
    /// # Errors
    /// [`Error`].
    pub fn in_folder(folder: Folder) -> Result<Course, Error> {
        let progress = folder.progress()?;
        let toolchain = toolchain(&progress)?;
        Ok(Course { manifest: Manifest::ours()?, folder, progress, toolchain })
    }

    /// The stage that is to be done now; nothing at the end of the road.
    pub fn current(&self) -> Option<&Stage> {
        self.progress.current(&self.manifest)
    }

    /// The file in which a stage's program is written.
    pub fn file(&self, stage: &Stage) -> PathBuf {
        self.folder.file(&stage.program, &self.toolchain)
    }

    /// Whether a stage's program is still its starter, as it was laid out.
    pub fn is_untouched(&self, stage: &Stage) -> bool {
        let starter = stage.file(Part::Starter, self.toolchain.source());
        fs::read_to_string(self.file(stage)).is_ok_and(|own| Some(own.as_str()) == starter)
    }

    /// The probes that a stage demands of the learner's program: what was skipped is left out.
    pub fn demands<'a>(&'a self, stage: &'a Stage) -> Vec<&'a str> {
        self.manifest.demands(stage, |earlier| self.progress.at(earlier).state == State::Passed)
    }

    /// Notes that a stage stands so now, and lays out what the next one needs.
    ///
    /// # Errors
    /// Those of the folder.
    pub fn goes_on(&mut self, stage: &str, state: State) -> Result<(), Error> {
        if let Some(stage) = self.manifest.stage(stage) {
            self.progress = self.folder.update(|progress| {
                progress.at_mut(stage).state = state;
                progress.clone()
            })?;
        }
        if let Some(next) = self.current() {
            self.folder.lay_out(&self.manifest, next, &self.toolchain)?;
        }
        Ok(())
    }
}
