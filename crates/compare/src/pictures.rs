//! The pictures that the READMEs show.

use language::Language;

use crate::svg::{self, Theme};
use crate::{PlayError, play, scenario};

/// The scenario that they show.
const SHOWN: &str = "hello-world";

/// A picture for a README.
#[derive(Debug)]
pub struct Picture {
    /// The name of its file, in the folder `pictures` of this crate.
    pub file: String,
    /// What the file holds.
    pub svg: String,
}

/// Plays the scenario, and draws it in each language for each ground. The process speaks the last of these
/// languages afterwards.
///
/// # Errors
/// When this machine has no loopback to play on.
pub fn draw() -> Result<Vec<Picture>, PlayError> {
    let mut pictures = Vec::new();
    for scenario in scenario::all().iter().filter(|scenario| scenario.name == SHOWN) {
        let comparison = play(scenario, None)?;
        for language in Language::ALL {
            language::speak(language);
            pictures.extend(Theme::ALL.map(|theme| Picture {
                file: format!("{SHOWN}-{language}-{}.svg", theme.name()),
                svg: svg::picture(&comparison, theme),
            }));
        }
    }
    Ok(pictures)
}
