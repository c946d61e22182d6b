//! The manifest, `lessons/lessons.toml`.

use serde::Deserialize;

use crate::root;

/// All lessons, in order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The lessons.
    pub lesson: Vec<Lesson>,
}

/// A lesson. The manifest itself says what each field means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the manifest explains its fields")]
pub struct Lesson {
    pub number: u16,
    pub title: Title,
    pub folder: String,
    pub packages: Vec<String>,
    pub port: u16,
    pub built: bool,
    #[serde(default)]
    pub broken: Vec<Fault>,
    #[serde(default)]
    pub fixes: Vec<Fixed>,
}

/// A lesson's title in both languages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the manifest explains its fields")]
pub struct Title {
    pub en: String,
    pub zh: String,
}

/// A fault that a lesson has on purpose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the manifest explains its fields")]
pub struct Fault {
    pub fault: String,
    #[serde(default)]
    pub only: String,
}

/// A fault of another lesson, which this one does away with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the manifest explains its fields")]
pub struct Fixed {
    pub lesson: u16,
    pub fault: String,
}

/// Reads the manifest.
///
/// # Panics
/// When it is not there, or is not what it should be.
pub fn read() -> Manifest {
    let path = root().join("lessons/lessons.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Manifest {
    /// The lessons that have programs.
    pub fn built(&self) -> impl Iterator<Item = &Lesson> {
        self.lesson.iter().filter(|lesson| lesson.built)
    }
}
