//! The probes that several lessons have, a file for each topic. Each is written once, over what the
//! program under test is to speak; a lesson's table takes those that it teaches.

pub(crate) mod answers;
pub(crate) mod crowds;
pub(crate) mod cuts;
pub(crate) mod ends;
pub(crate) mod joins;
pub(crate) mod lines;
pub(crate) mod nonsense;
pub(crate) mod printed;
pub(crate) mod reconnect;
pub(crate) mod serving;
pub(crate) mod sizes;
pub(crate) mod text;

use crate::probe::{Probe, Side};
use crate::setting::Setting;

/// The probe with this id, under another condition: where a lesson asks more of its programs than
/// they could know.
pub(crate) fn asked_anyway(
    probes: &[Probe],
    side: Side,
    id: &str,
    condition: fn(&Setting) -> bool,
) -> Option<Probe> {
    let found = probes.iter().find(|probe| probe.id == id && probe.side() == side);
    found.map(|probe| Probe { condition: Some(condition), ..*probe })
}
