//! Lesson 07's headers: one that was read is sent as the same, and however cut it is read as the same.

use std::fmt::Debug;

use lesson07_shared::protocol::{Acknowledgement, FrameHeader, HEADER_LIMIT};
use wire::Header;

use crate::choices::Choices;
use crate::pieces::Script;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let sizes = choices.clone();
    (0..4).for_each(|_| _ = choices.byte());
    check::<FrameHeader>(choices.0, &sizes);
    check::<Acknowledgement>(choices.0, &sizes);
}

fn check<H: Header + Debug + PartialEq>(json: &[u8], sizes: &Choices<'_>) {
    let mut stream = Vec::new();
    wire::frame::encode(json, &mut stream).unwrap();
    let whole = wire::read_header::<H>(&mut stream.as_slice(), HEADER_LIMIT);
    let mut cut = Script::new(&stream, &mut sizes.clone());
    let cut = wire::read_header::<H>(&mut cut, HEADER_LIMIT);
    assert_eq!(
        cut.map_err(|e| e.to_string()),
        whole
            .as_ref()
            .map_or_else(|e| Err(e.to_string()), |_| { Ok(wire::parse_header::<H>(json).ok()) })
    );
    if let Ok(Some(header)) = whole {
        let sent = wire::encode_header(&header).unwrap();
        let again = wire::read_header::<H>(&mut sent.as_slice(), HEADER_LIMIT);
        assert_eq!(again.unwrap(), Some(header));
    }
}
