//! The probes that several lessons have, a file for each topic. Each is written once, over what the
//! program under test is to speak; a lesson's table takes those that it teaches.

pub(crate) mod answers;
pub(crate) mod client_ends;
pub(crate) mod crowds;
pub(crate) mod cuts;
pub(crate) mod ends;
pub(crate) mod joins;
pub(crate) mod lines;
pub(crate) mod nonsense;
pub(crate) mod printed;
pub(crate) mod promises;
pub(crate) mod reconnect;
pub(crate) mod serving;
pub(crate) mod sizes;
pub(crate) mod text;

use crate::probe::Probe;

/// What can be asked of a server that answers requests, in any framing: the probes' own conditions say
/// of which.
pub(crate) fn of_servers() -> Vec<Probe> {
    [
        answers::of_servers(),
        text::of_servers(),
        cuts::of_servers(),
        joins::of_servers(),
        sizes::of_servers(),
        ends::of_servers(),
        crowds::in_turn(),
        nonsense::of_servers(),
    ]
    .concat()
}

/// What can be asked of a client that sends requests, in any framing.
pub(crate) fn of_clients() -> Vec<Probe> {
    [
        lines::of_clients(),
        answers::of_clients(),
        text::of_clients(),
        sizes::of_clients(),
        cuts::of_clients(),
        ends::of_clients(),
        nonsense::of_clients(),
    ]
    .concat()
}
