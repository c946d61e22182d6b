//! Addresses, as a person writes them: one that was read is written, and read as the same.

use endpoint::Address;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(address) = Address::parse(text, 8001) {
        let written = address.to_string();
        assert_eq!(Address::parse(&written, 1).ok(), Some(address), "{text:?} is {written:?}");
    }
}
