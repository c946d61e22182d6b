//! The folder of a program that keeps files: the judge lays files there, and looks for some.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use rust_i18n::t;
use tempfile::TempDir;

use crate::failure::{Failure, FailureKind, Outcome};

/// What stands for the folder in the command of a program.
const PLACEHOLDER: &str = "{dir}";
/// When every file of the judge's was changed last: in November 2025.
const MODIFIED: Duration = Duration::from_secs(1_763_700_000);

/// A file beside the folder, which no name may lead to. Its own name begins as the folder's does: a server that
/// compares paths as text takes it for one inside.
pub(crate) const SECRET: &str = "files-secret";

/// Where the files are that the program under test keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Files {
    /// The judge does not see them.
    #[default]
    Elsewhere,
    /// In an empty folder that is made for each probe: the command has `{dir}` in it.
    Fresh,
    /// Here.
    At(PathBuf),
}

/// The folder of one probe. What the judge has made or laid there is removed with it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    laid: Arc<Laid>,
    /// It holds the folder, so that `..` leads to no place that is somebody's.
    made: Option<TempDir>,
}

/// What has to be removed at the end.
#[derive(Debug)]
struct Laid {
    /// The folder in which the files are; it stays.
    folder: PathBuf,
    files: Mutex<Vec<PathBuf>>,
    /// The folder that was made, if so.
    made: Option<PathBuf>,
}

/// What is laid out now, for Ctrl-C, after which nothing is dropped.
static OPEN: Mutex<Vec<Arc<Laid>>> = Mutex::new(Vec::new());

impl Files {
    /// Where the files of a program are that this command starts; `given` is the folder of which the
    /// judge was told.
    pub fn of(words: &[String], given: Option<PathBuf>) -> Files {
        match given {
            Some(path) => Files::At(path),
            None if words.iter().any(|word| word.contains(PLACEHOLDER)) => Files::Fresh,
            None => Files::Elsewhere,
        }
    }
}

impl Folder {
    /// The folder of a probe; `None` if the judge does not see the program's files.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn open(files: &Files) -> io::Result<Option<Folder>> {
        let (path, made) = match files {
            Files::Elsewhere => return Ok(None),
            Files::At(path) => (path.clone(), None),
            Files::Fresh => {
                let made = tempfile::tempdir()?;
                let path = made.path().join("files");
                fs::create_dir(&path)?;
                fs::write(made.path().join(SECRET), b"nobody is to read this\n")?;
                (path, Some(made))
            }
        };
        let laid = Arc::new(Laid {
            folder: path.clone(),
            files: Mutex::default(),
            made: made.as_ref().map(|made| made.path().to_owned()),
        });
        lock(&OPEN).push(laid.clone());
        Ok(Some(Folder { path, laid, made }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file outside of it, if the judge has made it: no name may lead there.
    pub(crate) fn secret(&self) -> Option<PathBuf> {
        Some(self.made.as_ref()?.path().join(SECRET))
    }

    /// Puts a file there, and the folders that lead to it.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn lay(&self, name: &str, bytes: &[u8]) -> Outcome {
        let path = self.path.join(name);
        let folders = path.parent().map_or(Ok(()), fs::create_dir_all);
        lock(&self.laid.files).push(path.clone());
        let write = || {
            folders?;
            let mut file = File::create(&path)?;
            file.write_all(bytes)?;
            // Its time goes over the wire, and should be the same in every run.
            file.set_modified(SystemTime::UNIX_EPOCH + MODIFIED)
        };
        write().map_err(|error| trouble(name, &error))
    }

    /// What the file holds that has exactly this name. The judge has brought it there, so it is removed at
    /// the end.
    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.path.join(name);
        lock(&self.laid.files).push(path.clone());
        fs::read(path).ok()
    }

    /// Puts a symbolic link there, which leads out.
    ///
    /// # Errors
    /// When that is not possible.
    #[cfg(unix)]
    pub fn lay_link(&self, name: &str, target: &str) -> Outcome {
        let path = self.path.join(name);
        lock(&self.laid.files).push(path.clone());
        std::os::unix::fs::symlink(target, &path).map_err(|error| trouble(name, &error))
    }

    /// Where there are no such links, there is none to follow.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(unix))]
    pub fn lay_link(&self, _: &str, _: &str) -> Outcome {
        Ok(())
    }

    /// What the file holds that has this name; or else one whose name begins or goes on differently, such
    /// as `cpoy_a.txt`, `a (1).txt` or `downloads/a.txt` for `a.txt`. A file under way is left out.
    pub fn find(&self, name: &str) -> Option<Vec<u8>> {
        let exact = self.path.join(name);
        if exact.exists() {
            return fs::read(exact).ok();
        }
        let name = Path::new(name);
        let stem = name.file_stem()?.to_str()?;
        let is_it = |path: &PathBuf| {
            path.extension() == name.extension()
                && name_of(path).is_some_and(|it| it.contains(stem))
        };
        let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
            entries(&self.path).into_iter().partition(|path| path.is_dir());
        let below = folders.iter().flat_map(|folder| entries(folder));
        fs::read(files.into_iter().chain(below).find(is_it)?).ok()
    }
}

/// What is in this folder, without what is hidden, and without what says by its name that it is under way.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let is_kept = |path: &PathBuf| {
        let under_way = |name: &str| ["part", "tmp", "temp"].iter().any(|word| name.contains(word));
        name_of(path).is_some_and(|name| !name.starts_with('.') && !under_way(name))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(is_kept).collect()
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.laid.remove();
        lock(&OPEN).retain(|other| !Arc::ptr_eq(other, &self.laid));
    }
}

impl Laid {
    fn remove(&self) {
        for path in lock(&self.files).iter() {
            _ = fs::remove_file(path);
            // And the folders that lead to it; those that hold something else stay.
            let above = path.ancestors().skip(1).take_while(|folder| *folder != self.folder);
            above.for_each(|folder| _ = fs::remove_dir(folder));
        }
    }
}

/// Removes what is laid out now, when no probe will come to its end.
pub(crate) fn clear_all() {
    for laid in lock(&OPEN).iter() {
        laid.remove();
        _ = laid.made.as_ref().map(fs::remove_dir_all);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The command with the folder in the place of `{dir}`.
pub(crate) fn fill_in(words: Vec<String>, folder: Option<&Folder>) -> Vec<String> {
    let Some(path) = folder.and_then(|folder| folder.path.to_str()) else { return words };
    words.into_iter().map(|word| word.replace(PLACEHOLDER, path)).collect()
}

fn trouble(name: &str, error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Mismatch,
        t!("to lay %{name} into the folder", name = name).into_owned(),
        error.to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_judge_lays_into_a_folder_of_others_is_removed_and_no_more() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("theirs"), b"1").unwrap();
        let folder = Folder::open(&Files::At(place.path().to_owned())).unwrap().unwrap();
        folder.lay("a/b/ours", b"3").unwrap();
        folder.lay("ours", b"2").unwrap();
        drop(folder);
        let left = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(left.collect::<Vec<_>>(), ["theirs"]);
    }

    #[test]
    fn a_copy_is_found_under_another_name_and_a_file_under_way_is_not() {
        let folder = Folder::open(&Files::Fresh).unwrap().unwrap();
        for name in ["a.bin.part", "a.part.bin", ".a.bin", ".under-way/a.bin", "a.txt", "b.bin"] {
            folder.lay(name, b"no").unwrap();
        }
        assert_eq!(folder.find("a.bin"), None);
        for name in ["cpoy_a.bin", "a (1).bin", "downloads/a.bin", "a.bin"] {
            folder.lay(name, name.as_bytes()).unwrap();
            assert_eq!(folder.find("a.bin"), Some(name.into()), "{name}");
            fs::remove_file(folder.path().join(name)).unwrap();
        }
    }

    #[test]
    fn a_fresh_folder_is_empty_and_stands_in_the_command() {
        let words = vec!["server".to_owned(), "--root={dir}".to_owned()];
        let files = Files::of(&words, None);
        let folder = Folder::open(&files).unwrap();
        let filled = fill_in(words, folder.as_ref());
        let folder = folder.unwrap();
        assert_eq!(filled[1], format!("--root={}", folder.path().display()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(folder.find(""), None);
    }
}
