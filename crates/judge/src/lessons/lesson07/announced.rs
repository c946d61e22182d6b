//! How one-way frames are announced: as `--framing` says.

use wire::Framing;

use crate::carrier::Carrier;
use crate::probes::nonsense::{Lie, told};
use crate::setting::Setting;

/// Whether frames go one way only, announced as `--framing` says.
pub(super) fn is_one_way(setting: &Setting) -> bool {
    carrier(setting).is_some()
}

/// Whether each frame has an answer.
pub(super) fn has_answers(setting: &Setting) -> bool {
    !is_one_way(setting)
}

/// How one-way frames travel.
pub(super) fn carrier(setting: &Setting) -> Option<Carrier> {
    let framing = &setting.framing.as_ref()?.request;
    let says_length = !matches!(framing, Framing::None | Framing::End);
    says_length.then(|| Carrier::Framed(framing.clone()))
}

/// A length that nobody means, as far as this protocol can say one.
pub(super) fn long_length(setting: &Setting) -> Option<Vec<u8>> {
    told(&carrier(setting)?, Lie::Long)
}

/// A length below 0, as far as this protocol can say one.
pub(super) fn negative_length(setting: &Setting) -> Option<Vec<u8>> {
    told(&carrier(setting)?, Lie::Negative)
}
