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

/// A lesson.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Its number, from 1.
    pub number: u16,
    /// What it is called.
    pub title: Title,
    /// Its folder, beside the manifest.
    pub folder: String,
    /// Its server's package and its client's; their programs have the same names.
    pub packages: Vec<String>,
    /// The port that they take when nobody says otherwise.
    pub port: u16,
    /// Whether it has programs yet.
    pub built: bool,
    /// Whether what both ends must agree on is a third package.
    #[serde(default)]
    pub shared: bool,
    /// Whether its ends need OpenCV, which not every machine has.
    #[serde(default)]
    pub opencv: bool,
    /// What is broken in it on purpose.
    #[serde(default)]
    pub broken: Vec<Fault>,
    /// What earlier lessons have broken, and it has not.
    #[serde(default)]
    pub fixes: Vec<Fixed>,
    /// What the judge must say of it.
    #[serde(default)]
    pub judge: Judge,
}

/// What the judge must say of a lesson's programs, with the options that they have by default.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judge {
    /// The requirements that do not hold. All others do.
    pub must_fail: MustFail,
}

/// The ids of a lesson's requirements that do not hold, in the order in which they are tried.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MustFail {
    /// Those of its server.
    pub server: Vec<String>,
    /// Those of its client.
    pub client: Vec<String>,
}

/// A lesson's title in both languages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

/// A fault that a lesson has on purpose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Its name, which is that of an experiment too.
    pub fault: String,
    /// The options without which the lesson does not have it; empty if it always has.
    #[serde(default)]
    pub only: String,
}

/// A fault of an earlier lesson.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// The number of that lesson.
    pub lesson: u16,
    /// The fault's name there.
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

impl Lesson {
    /// Its third package, with what both ends must agree on.
    pub fn shared_package(&self) -> Option<String> {
        self.shared.then(|| format!("lesson{:02}-shared", self.number))
    }
}

impl Manifest {
    /// The lessons that have programs.
    pub fn built(&self) -> impl Iterator<Item = &Lesson> {
        self.lesson.iter().filter(|lesson| lesson.built)
    }
}
