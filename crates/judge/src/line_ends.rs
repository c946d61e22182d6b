//! Text whose lines end as Unix ends them, or as Windows does, with a carriage return in front of the new line.

/// How what has arrived compares with what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// So many bytes of it are what is wanted.
    Whole(usize),
    /// It is the beginning of what is wanted.
    Begins,
    Differs,
}

/// Byte by byte.
pub(crate) fn exact(arrived: &[u8], wanted: &[u8]) -> Likeness {
    match arrived.iter().zip(wanted).all(|(a, b)| a == b) {
        false => Likeness::Differs,
        true if arrived.len() < wanted.len() => Likeness::Begins,
        true => Likeness::Whole(wanted.len()),
    }
}

/// A new line that is wanted may have a carriage return in front of it.
pub(crate) fn either(arrived: &[u8], wanted: &[u8]) -> Likeness {
    let mut taken = 0;
    for &byte in wanted {
        if byte == b'\n' && arrived.get(taken) == Some(&b'\r') {
            taken += 1;
        }
        match arrived.get(taken) {
            None => return Likeness::Begins,
            Some(&came) if came != byte => return Likeness::Differs,
            Some(_) => taken += 1,
        }
    }
    Likeness::Whole(taken)
}

/// Whether the two are the same text.
pub(crate) fn is_same_text(came: &[u8], wanted: &[u8]) -> bool {
    either(came, wanted) == Likeness::Whole(came.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_windows_are_the_same_text_and_others_are_not() {
        for came in ["a\nb\n", "a\r\nb\r\n", "a\nb\r\n"] {
            assert!(is_same_text(came.as_bytes(), b"a\nb\n"), "{came:?}");
        }
        for came in ["a\rb\n", "a\n\nb\n", "a\r\r\nb\n", "a\nb", "a\nb\n\r\n", "a\nb\r", "b\n"] {
            assert!(!is_same_text(came.as_bytes(), b"a\nb\n"), "{came:?}");
        }
        assert!(!is_same_text(b"a", b"a\r\n"), "what is wanted is what it is");
    }

    #[test]
    fn what_comes_in_pieces_is_compared_as_far_as_it_has_come() {
        let wanted = b"hi\n";
        for (arrived, exactly, as_text) in [
            (&b""[..], Likeness::Begins, Likeness::Begins),
            (b"hi", Likeness::Begins, Likeness::Begins),
            (b"hi\r", Likeness::Differs, Likeness::Begins),
            (b"hi\r\n", Likeness::Differs, Likeness::Whole(4)),
            (b"hi\nho", Likeness::Whole(3), Likeness::Whole(3)),
            (b"ho", Likeness::Differs, Likeness::Differs),
        ] {
            assert_eq!(exact(arrived, wanted), exactly, "{arrived:?}");
            assert_eq!(either(arrived, wanted), as_text, "{arrived:?}");
        }
    }
}
