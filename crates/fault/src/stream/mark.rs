//! A place in a stream, at which a fault fires.

use std::fmt;
use std::time::Instant;

use super::What;

/// After so many bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    after: u64,
    left: u64,
    /// Whether [`Mark::deliver_before`] has returned true.
    fired: bool,
}

impl Mark {
    pub(crate) fn new(after: u64) -> Mark {
        Mark { after, left: after, fired: false }
    }

    /// Delivers what lies before the mark, and throws the rest away. Returns true once, when the
    /// mark is reached: then the fault fires, and delivers what the stream ends with.
    pub(crate) fn deliver_before(
        &mut self,
        due: Instant,
        what: What<'_>,
        deliver: &mut dyn FnMut(Instant, What<'_>),
    ) -> bool {
        if self.fired {
            return false;
        }
        let [before, _] = self.cut(what);
        if let Some(before) = before {
            deliver(due, before);
        }
        self.fired = self.is_reached();
        self.fired
    }

    /// Cuts what passes at the mark: what lies before it, and what lies behind it.
    pub(crate) fn cut<'a>(&mut self, what: What<'a>) -> [Option<What<'a>>; 2] {
        let Some(bytes) = what.bytes() else {
            return if self.is_reached() { [None, Some(what)] } else { [Some(what), None] };
        };
        let before = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        self.left -= before as u64;
        let (before, behind) = bytes.split_at(before);
        [before, behind].map(|bytes| (!bytes.is_empty()).then(|| what.with(bytes)))
    }

    /// Whether all that lies before it has passed.
    pub(crate) fn is_reached(&self) -> bool {
        self.left == 0
    }
}

/// `after 100 bytes`.
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.after == 1 { "" } else { "s" };
        write!(f, "after {} byte{s}", self.after)
    }
}
