//! The language that programs speak to their reader: English or Chinese.
//!
//! English text stands in the code and is the key. Each crate that speaks keeps its Chinese beside
//! itself, in `locales/zh.toml`, and has one line in its `lib.rs` that loads it:
//!
//! ```text
//! language::catalogue!();
//!
//! t!("%{count} bytes arrived", count = 5)      5 bytes arrived      到了 5 字节
//! const WHY: &str = text!("Nobody listens.");  …  t!(WHY)           没有人在监听。
//! ```
//!
//! Text that has its values in it already, as an error has, is found again by its format string: see [`say`]
//! and [`find`], which know what was added to them of the `CATALOGUE` that the line above makes.
//!
//! A program chooses once, before it prints anything: [`Language::of_reader`], then [`speak`]. Names,
//! options, log lines, ids and JSON keys are the same in every language.
//!
//! [`wrap`] breaks a sentence into lines in either language: Chinese has no spaces to break at.
//!
//! With the feature `clap`, [`command_line`] has a program's help and errors in the reader's language.
//!
//! With the feature `check` there is `check::assert_translated`, for one test in each such crate: a text
//! without its Chinese fails there, and so does a Chinese without its text.

mod catalogue;
#[cfg(feature = "check")]
pub mod check;
#[cfg(feature = "clap")]
pub mod command_line;
mod template;
mod wrap;

pub use catalogue::{Catalogue, find, find_in, say};
pub use wrap::{WORD_SEPARATOR, wrap};

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::str::FromStr;

/// Loads this crate's catalogue, `locales/zh.toml`, for its `t!`, and as `CATALOGUE`: a line for its `lib.rs`, or
/// its `main.rs` if it has no other. The crate needs `rust-i18n` too, whose names the macros use.
#[macro_export]
macro_rules! catalogue {
    () => {
        rust_i18n::i18n!("locales", fallback = "en");
        #[allow(dead_code, reason = "most crates need no more than `t!`")]
        /// This crate's texts, for what is put together elsewhere.
        pub(crate) static CATALOGUE: $crate::Catalogue = $crate::Catalogue::new(_rust_i18n_backend);
        // Cargo sees by this that the catalogue has changed.
        const _: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/zh.toml"));
    };
}

/// Marks a text that stands in a table or a constant, and is translated where it is printed, by `t!`.
#[macro_export]
macro_rules! text {
    ($text:literal) => {
        $text
    };
}

// What this crate says itself: the words of clap.
catalogue!();

/// The environment variable that names the reader's language, if no option does.
pub const VARIABLE: &str = "SOCKET_LANG";

/// A language that programs can speak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// `en`: the language of the texts in the code.
    #[default]
    English,
    /// `zh`: Chinese in simplified characters.
    Chinese,
}

/// A word that names no language of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no language {0:?}: try en or zh")]
pub struct UnknownLanguage(String);

impl Language {
    /// All of them.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// The language of who sits there: what `--lang` says, else what the environment's `SOCKET_LANG`
    /// says, else the system's own, else English.
    pub fn of_reader(option: Option<Language>) -> Language {
        let variable = || env::var(VARIABLE).ok()?.parse().ok();
        let system = || sys_locale::get_locale()?.parse().ok();
        option.or_else(variable).or_else(system).unwrap_or_default()
    }

    /// What `--lang` says among a program's arguments, before they are parsed: the help and the errors
    /// about arguments are spoken in it too. Nothing behind `--` is an option.
    pub fn in_arguments(arguments: impl IntoIterator<Item = OsString>) -> Option<Language> {
        let mut arguments = arguments.into_iter().take_while(|it| it != "--");
        loop {
            let argument = arguments.next()?;
            let name = match argument.to_str() {
                Some("--lang") => arguments.next()?,
                Some(text) => match text.strip_prefix("--lang=") {
                    Some(name) => name.into(),
                    None => continue,
                },
                None => continue,
            };
            return name.to_str()?.parse().ok();
        }
    }

    /// Its name as an option takes it: `en`, `zh`.
    pub fn name(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Takes the language alone or a whole locale: `zh`, `zh-CN`, `zh_CN.UTF-8`.
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let language = text.split(['-', '_', '.', '@']).next().unwrap_or_default();
        let is_named = |it: &Language| it.name().eq_ignore_ascii_case(language);
        Self::ALL.into_iter().find(is_named).ok_or_else(|| UnknownLanguage(text.to_owned()))
    }
}

/// All texts of this process are in this language from now on.
pub fn speak(language: Language) {
    rust_i18n::set_locale(language.name());
}

/// The language that this process speaks: English until [`speak`] is called.
pub fn spoken() -> Language {
    rust_i18n::locale().parse().unwrap_or_default()
}
