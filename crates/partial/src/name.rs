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
/// What this system can hold is a name here, and nothing else is: on Unix every character but NUL, on
/// Windows neither a colon nor the name of a device. `.NAME.part` is nobody's name, because a file is
/// called so while it is incomplete. [`Name::plain`] takes what every system can hold.
///
/// ```
/// use partial::Name;
///
/// assert!("notes/你好 a.txt".parse::<Name>().is_ok());
/// assert!(".gitignore".parse::<Name>().is_ok());
/// for wrong in ["", "/etc/passwd", "../x", "a//b", "a\0b", ".x.part"] {
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
    /// `.` and `..`, which lead to folders.
    #[error("`.` and `..` are no part of a name: they lead to another folder")]
    Dots,
    /// A NUL, which ends a name wherever one is handed to the system.
    #[error("no system can hold a NUL in a name")]
    Nul,
    /// `.NAME.part`.
    #[error("{PREFIX}NAME{SUFFIX} is what an incomplete file is called")]
    Incomplete,
    /// A file that Unix hides, where only what every system shows is taken.
    #[error("a name that begins with a dot is hidden on Unix")]
    Hidden,
    /// A control character, where only what every system can hold is taken.
    #[error("the control character {0:?} may not be in a name")]
    Control(char),
    /// A character that means something else to Windows: behind a colon stands a drive's path or a
    /// second content of the file, `?` and `*` stand for any letters.
    #[error("Windows cannot hold {0:?} in a name")]
    Character(char),
    /// Windows drops a dot or a space at the end, so that two names become one.
    #[error("Windows cannot hold a name that ends with a dot or a space")]
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
    /// A name without a folder that every system can hold, and none hides: for a file that goes to
    /// whoever listens.
    ///
    /// # Errors
    /// [`NameError::Folder`] for one with a folder, [`NameError::Hidden`], and what Windows cannot hold.
    pub fn plain(text: &str) -> Result<Name, NameError> {
        let name: Name = text.parse()?;
        check_for_windows(text)?;
        match name.folders() {
            Some(_) => Err(NameError::Folder),
            None if text.starts_with('.') => Err(NameError::Hidden),
            None => Ok(name),
        }
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
        if text.contains('\0') {
            return Err(NameError::Nul);
        }
        text.split('/').try_for_each(check_component)?;
        if cfg!(windows) {
            check_for_windows(text)?;
        }
        Ok(Name(text.to_owned()))
    }
}

/// What holds on every system.
fn check_component(component: &str) -> Result<(), NameError> {
    if component.is_empty() {
        Err(NameError::Empty)
    } else if matches!(component, "." | "..") {
        Err(NameError::Dots)
    } else if component.starts_with(PREFIX) && component.ends_with(SUFFIX) {
        Err(NameError::Incomplete)
    } else if component.len() > MAX_COMPONENT {
        Err(NameError::TooLong)
    } else {
        Ok(())
    }
}

/// What Windows cannot hold ("Naming Files, Paths, and Namespaces" in Microsoft's documentation of
/// Win32); and control characters, of which it holds some.
fn check_for_windows(text: &str) -> Result<(), NameError> {
    if let Some(control) = text.chars().find(|character| character.is_control()) {
        return Err(NameError::Control(control));
    }
    let is_wrong = |character: &char| r#"\:<>"|?*"#.contains(*character);
    if let Some(character) = text.chars().find(is_wrong) {
        return Err(NameError::Character(character));
    }
    text.split('/').try_for_each(|component| {
        if component.ends_with(['.', ' ']) {
            Err(NameError::End)
        } else if is_device(component) {
            Err(NameError::Device)
        } else {
            Ok(())
        }
    })
}

/// Whether Windows takes the name for a device, whatever follows the first dot.
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
