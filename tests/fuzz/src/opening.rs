//! The first bytes of a connection: what they are taken for does not depend on how they are cut, and where
//! commands are run nothing gets through that is turned away elsewhere.

use endpoint::Opening;

use crate::choices::Choices;
use crate::pieces::pieces;

pub(crate) fn run(bytes: &[u8]) {
    let stream = bytes.get(4..).unwrap_or_default();
    let pieces = pieces(stream, &mut Choices(bytes));

    let whole = said(Opening::default(), &[stream]);
    assert_eq!(said(Opening::default(), &pieces), whole, "it depends on how the stream is cut");
    let of_commands = said(Opening::of_commands(), &pieces);
    assert!(whole.is_none() || of_commands.is_some(), "{whole:?} gets through to commands");
}

/// What the opening is taken for, if that is something foreign.
fn said(mut opening: Opening, pieces: &[&[u8]]) -> Option<String> {
    pieces.iter().find_map(|piece| opening.check(piece).err()).map(|error| error.to_string())
}
