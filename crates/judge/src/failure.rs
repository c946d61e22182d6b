//! Why a requirement does not hold: what was expected, what came, and what is probably the cause.

use serde::Serialize;

/// What a probe finds: nothing, or a failure.
pub type Outcome = Result<(), Failure>;

/// A requirement that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of thing came instead.
    pub kind: FailureKind,
    /// What was expected, in words or bytes.
    pub expected: String,
    /// What came, in words or bytes.
    pub actual: String,
    /// The probable cause and what to do, in sentences.
    pub hint: Option<String>,
    /// Whether a part of what was expected has come, and then nothing more, though there was time.
    pub(crate) is_begun: bool,
}

/// What came instead of what was expected. A socket error is one of these; which one the kernel
/// reports often depends on a microsecond, so an end and a reset are the same here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    /// Nothing, or less than expected, in the time that there was.
    Timeout,
    /// The end of the connection, or of the program, before all had come.
    Closed,
    /// A refusal: nobody listens there any more.
    Refused,
    /// Something else.
    Mismatch,
    /// More than expected.
    Excess,
    /// Not even a start of the program.
    NotStarted,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(
        kind: FailureKind,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Failure {
        let (expected, actual) = (expected.into(), actual.into());
        Failure { kind, expected, actual, hint: None, is_begun: false }
    }
}

/// Gives a failure its hint. The first that fits stays, so the most exact one is written first.
pub trait Hint: Sized {
    /// The hint if this is what came.
    #[must_use]
    fn hint(self, kind: FailureKind, hint: &str) -> Self;

    /// The hint whatever came.
    #[must_use]
    fn hint_any(self, hint: &str) -> Self;

    /// The hint that is found by looking at the failure, if any.
    #[must_use]
    fn explain(self, look: impl FnOnce(&Failure) -> Option<String>) -> Self;
}

impl<T> Hint for Result<T, Failure> {
    fn hint(self, kind: FailureKind, hint: &str) -> Self {
        self.explain(|failure| (failure.kind == kind).then(|| hint.to_owned()))
    }

    fn hint_any(self, hint: &str) -> Self {
        self.explain(|_| Some(hint.to_owned()))
    }

    fn explain(self, look: impl FnOnce(&Failure) -> Option<String>) -> Self {
        self.map_err(|mut failure| {
            if failure.hint.is_none() {
                failure.hint = look(&failure);
            }
            failure
        })
    }
}
