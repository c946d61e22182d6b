//! How a fault is asked for, such as `latency=20ms`, and what the file of a fault says of it.
//!
//! ```text
//!   text ── parse ──▶ Spec ── start, with a seed ──▶ what applies the fault, in one link
//! ```

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What the file of a fault says of it: how it is asked for, and how it is started.
pub trait FaultKind: Sized + Send + Sync + 'static {
    /// What applies the fault in one link: `dyn stream::Fault` or `dyn datagram::Fault`.
    type Running: ?Sized;
    /// What is written in front of the value, such as `latency=`. A fault that takes no value has a
    /// name without the `=`.
    const PREFIX: &'static str;
    /// An example of each form in which the fault may be asked for, such as `latency=20ms`.
    const FORMS: &'static [&'static str];
    /// The forms that the help of a command line shows.
    const HELP: &'static [&'static str] = Self::FORMS;

    /// Reads what follows [`FaultKind::PREFIX`].
    ///
    /// # Errors
    /// [`SpecError`] for what is no value of this fault.
    fn parse(value: &str) -> Result<Self, SpecError>;

    /// The value, in a form that [`FaultKind::parse`] reads as the same.
    fn value(&self) -> String;

    /// Starts the fault for one link. All its random choices follow from `seed`.
    fn start(&self, seed: u64) -> Box<Self::Running>;
}

/// The faults that work on the same thing, in the order in which help and errors list them.
pub trait Family: 'static {
    /// The table, with one line for each fault.
    const TABLE: &'static [TableEntry<Self>];
    /// What an error says after its list of forms.
    const AFTER_FORMS: &'static str = "";
}

/// A line of a family's table.
pub struct TableEntry<Running: ?Sized> {
    prefix: &'static str,
    forms: &'static [&'static str],
    help: &'static [&'static str],
    parse: fn(&str) -> Result<Spec<Running>, SpecError>,
}

impl<Running: ?Sized> TableEntry<Running> {
    /// The line for the faults of this kind.
    pub const fn of<Kind: FaultKind<Running = Running>>() -> TableEntry<Running> {
        TableEntry {
            prefix: Kind::PREFIX,
            forms: Kind::FORMS,
            help: Kind::HELP,
            parse: |value| Kind::parse(value).map(Spec::new),
        }
    }
}

/// One fault as a person asks for it, such as `rate=1MiB`. What it displays can be parsed again, to
/// an equal one.
pub struct Spec<Running: ?Sized> {
    text: String,
    start: Arc<dyn Fn(u64) -> Box<Running> + Send + Sync>,
}

impl<Running: ?Sized> Spec<Running> {
    /// Asks for this fault.
    pub fn new<Kind: FaultKind<Running = Running>>(kind: Kind) -> Spec<Running> {
        let text = format!("{}{}", Kind::PREFIX, kind.value());
        Spec { text, start: Arc::new(move |seed| kind.start(seed)) }
    }

    /// Starts the fault for one link. All its random choices follow from `seed`.
    pub fn start(&self, seed: u64) -> Box<Running> {
        (self.start)(seed)
    }
}

impl<Running: Family + ?Sized> Spec<Running> {
    /// An example of each form in which a fault of this family may be asked for.
    pub fn forms() -> Vec<&'static str> {
        Running::TABLE.iter().flat_map(|entry| entry.forms).copied().collect()
    }

    /// The forms that the help of a command line shows.
    pub fn help_forms() -> Vec<&'static str> {
        Running::TABLE.iter().flat_map(|entry| entry.help).copied().collect()
    }
}

impl<Running: Family + ?Sized> FromStr for Spec<Running> {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Spec<Running>, SpecError> {
        let (prefix, value) = text.split_at(text.find('=').map_or(text.len(), |at| at + 1));
        match Running::TABLE.iter().find(|entry| entry.prefix == prefix) {
            Some(entry) => (entry.parse)(value),
            None => {
                let forms = either(&Spec::<Running>::forms());
                Err(SpecError::new(text, "fault", forms + Running::AFTER_FORMS))
            }
        }
    }
}

impl<Running: ?Sized> fmt::Display for Spec<Running> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<Running: ?Sized> fmt::Debug for Spec<Running> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spec({})", self.text)
    }
}

impl<Running: ?Sized> Clone for Spec<Running> {
    fn clone(&self) -> Spec<Running> {
        Spec { text: self.text.clone(), start: self.start.clone() }
    }
}

/// Equal are those that are written alike.
impl<Running: ?Sized> PartialEq for Spec<Running> {
    fn eq(&self, other: &Spec<Running>) -> bool {
        self.text == other.text
    }
}

/// What a person wrote is no [`Spec`]. The message says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {expected}: write {instead}")]
pub struct SpecError {
    text: String,
    expected: &'static str,
    instead: String,
}

impl SpecError {
    /// For `text`, which is no `expected` (such as `rate`); `instead` says what to write.
    pub fn new(text: &str, expected: &'static str, instead: impl Into<String>) -> SpecError {
        SpecError { text: text.to_owned(), expected, instead: instead.into() }
    }
}

/// The forms as a choice: `a, b or c`.
pub fn either(forms: &[&str]) -> String {
    match forms {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        forms => forms.concat(),
    }
}
