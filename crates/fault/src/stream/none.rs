//! `none`: no fault, the template for all others.

use std::time::Instant;

use super::{Fault, What};

/// Delivers everything as it came.
#[derive(Debug, Clone, Copy, Default)]
pub struct None;

impl Fault for None {
    fn pass(
        &mut self,
        due: Instant,
        what: What<'_>,
        deliver: &mut dyn FnMut(Instant, What<'_>),
    ) -> Option<String> {
        deliver(due, what);
        Option::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_delivered_as_it_came() {
        let now = Instant::now();
        for what in
            [What::Bytes(b"he"), What::Bytes(b""), What::More(b"llo"), What::End, What::Reset]
        {
            let mut delivered = 0;
            let words = None.pass(now, what, &mut |due, passed| {
                assert_eq!((due, passed), (now, what));
                delivered += 1;
            });
            assert_eq!((words, delivered), (Option::None, 1));
        }
    }
}
