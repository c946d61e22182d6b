//! Numbers of bytes as a person writes them, such as `1000` or `64KiB`.

use bytesize::ByteSize;

use crate::SpecError;

/// A number of bytes, with a unit or without.
pub(crate) fn parse(text: &str) -> Result<u64, SpecError> {
    any(text).ok_or_else(|| SpecError::new(text, "number of bytes", "one such as 1000 or 64KiB"))
}

/// The same; `None` for what is no number of bytes.
pub(crate) fn any(text: &str) -> Option<u64> {
    // A u64 would also take +1.
    let digit = text.starts_with(|first: char| first.is_ascii_digit());
    text.parse().ok().filter(|_| digit).map(|ByteSize(size)| size)
}

/// What [`parse`] takes, to the last byte, where [`ByteSize`] would round.
pub(crate) fn display(size: u64) -> String {
    let units = [(bytesize::GIB, "GiB"), (bytesize::MIB, "MiB"), (bytesize::KIB, "KiB")];
    match units.into_iter().find(|(unit, _)| size > 0 && size.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{}{name}", size / unit),
        None => size.to_string(),
    }
}
