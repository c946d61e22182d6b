//! What a peer may call a file.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// The most bytes that a whole name may have, with its folders.
pub const MAX_LENGTH: usize = 1024;

/// The most bytes that a file system takes for the name of one file or folder (NAME_MAX).
const NAME_MAX: usize = 255;

/// What stands before the name of a file while it is incomplete, and after it.
const PREFIX: &str = ".";
const SUFFIX: &str = ".part";

/// The most bytes that one component of a name may have, so that its `.part` can have a name too.
const MAX_COMPONENT: usize = NAME_MAX - PREFIX.len() - SUFFIX.len();

/// The name of a file or a folder, relative to a [`Folder`](crate::Folder): UTF-8, with `/` between
/// folders.
///
/// What means something else to Windows is refused everywhere: devices, drives, the second content of
/// a file. (`?` and `*` are letters here; Windows refuses to make such a file.) No part begins with a
/// dot, so nobody can name an incomplete file.
///
/// ```
/// use partial::Name;
///
/// assert!("notes/你好 a.txt".parse::<Name>().is_ok());
/// for wrong in ["", "/etc/passwd", "../x", "a//b", ".x", "C:x", "aux.txt", "a\0b", "a\\b", "x "] {
///     assert!(wrong.parse::<Name>().is_err(), "{wrong:?}");
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No character, or none between two `/`, before the first or after the last.
    #[error("a name, or a part of it, is empty: an absolute name is none")]
    Empty,
    /// `.` and `..`, and files that Unix hides.
    #[error("no part of a name may begin with a dot")]
    Dot,
    /// A control character, a backslash or a colon.
    #[error("the character {0:?} may not be in a name")]
    Character(char),
    /// Windows drops a dot or a space at the end, so that two names become one.
    #[error("no part of a name may end with a dot or a space")]
    End,
    /// `CON`, `aux.txt` and the like are devices to Windows, in any folder.
    #[error("Windows keeps that name for a device")]
    Device,
    /// A name in a folder, where only one without is taken.
    #[error("a name without a folder is wanted")]
    Folder,
    /// Longer than a file system or this library takes.
    #[error("a name may have {MAX_LENGTH} bytes, and each part of it {MAX_COMPONENT}")]
    TooLong,
}

impl Name {
    /// A name without a folder.
    ///
    /// # Errors
    /// [`NameError::Folder`] for one with a folder; those of any name.
    pub fn plain(text: &str) -> Result<Name, NameError> {
        let name: Name = text.parse()?;
        if name.folders().is_some() { Err(NameError::Folder) } else { Ok(name) }
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its folders.
    pub fn last(&self) -> &str {
        self.split().1
    }

    /// The folders that lead to it, if there are any.
    pub fn folders(&self) -> Option<&str> {
        self.split().0
    }

    /// The name of a file in this folder.
    ///
    /// # Errors
    /// When `last` is no name, or the whole gets too long.
    pub fn join(&self, last: &str) -> Result<Name, NameError> {
        format!("{}/{last}", self.0).parse()
    }

    /// What the file is called while it is incomplete, without its folders.
    pub(crate) fn part(&self) -> String {
        format!("{PREFIX}{}{SUFFIX}", self.last())
    }

    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.0)
    }

    fn split(&self) -> (Option<&str>, &str) {
        match self.0.rsplit_once('/') {
            Some((folders, last)) => (Some(folders), last),
            None => (None, &self.0),
        }
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Name, NameError> {
        if text.len() > MAX_LENGTH {
            return Err(NameError::TooLong);
        }
        // Behind a colon, Windows keeps a second content of a file; before it, a drive.
        let wrong = |c: &char| c.is_control() || matches!(c, '\\' | ':');
        if let Some(character) = text.chars().find(wrong) {
            return Err(NameError::Character(character));
        }
        text.split('/').try_for_each(check_component)?;
        Ok(Name(text.to_owned()))
    }
}

fn check_component(component: &str) -> Result<(), NameError> {
    if component.is_empty() {
        Err(NameError::Empty)
    } else if component.starts_with('.') {
        Err(NameError::Dot)
    } else if component.ends_with(['.', ' ']) {
        Err(NameError::End)
    } else if is_device(component) {
        Err(NameError::Device)
    } else if component.len() > MAX_COMPONENT {
        Err(NameError::TooLong)
    } else {
        Ok(())
    }
}

/// Whether Windows takes the name for a device, whatever follows the first dot ("Naming Files, Paths,
/// and Namespaces" in Microsoft's documentation of Win32).
fn is_device(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or(component).trim_end().to_ascii_uppercase();
    let number = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let mut digits = number.unwrap_or_default().chars();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
