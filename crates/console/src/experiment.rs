//! What an experiment says: what is claimed, what this machine did, and why.
//!
//! An experiment is a program of a page under a lesson's `examples`. Its lines are format strings, as for
//! `println!`, and are said in the reader's language out of the catalogue of its package, which
//! `language::catalogue!()` loads:
//!
//! ```text
//! claim!("one send is one recv");              claim:  one send is one recv
//! here!("send({SIZE}) = {sent}");              here:   send(5) = 5
//! here!("recv = {}", buffer.len());                    recv = 5
//! why!("the reader\nis alone");                why:    the reader
//!                                                      is alone
//! ```

use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use language::{Catalogue, Language};
use rust_i18n::t;

use crate::CATALOGUE;

/// Lines stand behind these columns, in which the first of a part says what it is.
const MARGIN: &str = "        ";

/// What a line is, which its first eight columns show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the experiment is about to show.
    Claim,
    /// What this machine did; only the first of these lines says so.
    Here,
    /// Why it is so.
    Why,
    /// A line without these columns.
    Show,
}

/// Prints what was made of this format string. [`claim!`](crate::claim) and the others call it.
///
/// The language is chosen when the first line is said: an experiment has no options.
pub fn print(part: Part, catalogue: Catalogue, format: &str, english: String) {
    static CHOSEN: Once = Once::new();
    static IS_HERE: AtomicBool = AtomicBool::new(false);
    CHOSEN.call_once(|| {
        language::speak(Language::of_reader(None));
        catalogue.add();
        CATALOGUE.add();
    });
    let label = match part {
        Part::Claim => t!("claim:  "),
        Part::Here if IS_HERE.swap(true, Ordering::Relaxed) => MARGIN.into(),
        Part::Here => t!("here:   "),
        Part::Why => t!("why:    "),
        Part::Show => "".into(),
    };
    let margin = if part == Part::Show { "" } else { MARGIN };
    let text = language::say(format, english).replace('\n', &format!("\n{margin}"));
    // If nobody reads on, that is no error.
    _ = writeln!(io::stdout(), "{label}{text}");
}

/// Says a line of this part; the four macros below are what an experiment calls.
#[doc(hidden)]
#[macro_export]
macro_rules! say_part {
    ($part:ident, $format:literal $($values:tt)*) => {
        $crate::experiment::print(
            $crate::experiment::Part::$part, CATALOGUE, $format, format!($format $($values)*),
        )
    };
}

/// Says what an experiment claims.
#[macro_export]
macro_rules! claim {
    ($($line:tt)*) => { $crate::say_part!(Claim, $($line)*) };
}

/// Says what this machine did.
#[macro_export]
macro_rules! here {
    ($($line:tt)*) => { $crate::say_part!(Here, $($line)*) };
}

/// Says why it is so.
#[macro_export]
macro_rules! why {
    ($($line:tt)*) => { $crate::say_part!(Why, $($line)*) };
}

/// Says a line that is none of these.
#[macro_export]
macro_rules! show {
    ($($line:tt)*) => { $crate::say_part!(Show, $($line)*) };
}
