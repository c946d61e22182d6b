//! One side as the picture shows it, wherever it was played.

use trace::Event;

use crate::comparison::{ByteOwner, Code, Comparison, ReadError, Side, Transport};

/// What is drawn of one side.
pub(crate) struct Drawn<'a> {
    pub(crate) code: &'a Code,
    pub(crate) transport: Transport,
    /// Whether each message is a request that waits for its answer.
    pub(crate) asks: bool,
    /// Everything that happened, in order.
    pub(crate) events: &'a [Event],
    /// The owner of each byte that the reader reads.
    pub(crate) owners: Vec<ByteOwner>,
    /// The owner of each byte that the client sends.
    pub(crate) sent_owners: Vec<ByteOwner>,
    pub(crate) got: &'a [Vec<u8>],
    pub(crate) error: Option<&'a ReadError>,
    pub(crate) right: bool,
}

impl<'a> Drawn<'a> {
    /// One side of a scenario.
    pub(super) fn of(side: &'a Side, comparison: &Comparison) -> Drawn<'a> {
        let read = if comparison.asks { &comparison.expected } else { &comparison.sent };
        Drawn {
            code: &side.code,
            transport: side.transport,
            asks: comparison.asks,
            events: &side.events,
            owners: side.owners(read),
            sent_owners: side.owners(&comparison.sent),
            got: &side.got,
            error: side.error.as_ref(),
            right: side.right,
        }
    }
}
