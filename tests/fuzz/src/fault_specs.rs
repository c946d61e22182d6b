//! Faults as somebody writes them: one that was read is written, and read as the same.

use std::fmt::Display;
use std::str::FromStr;

use fault::{datagram, stream};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    check::<stream::Spec>(text);
    check::<stream::Directed>(text);
    check::<datagram::Spec>(text);
    check::<datagram::Directed>(text);
}

fn check<T: FromStr + Display>(text: &str) {
    if let Ok(spec) = text.parse::<T>() {
        let written = spec.to_string();
        let again = written.parse::<T>().ok().map(|spec| spec.to_string());
        assert_eq!(again.as_deref(), Some(written.as_str()), "{text:?} is {written:?}");
    }
}
