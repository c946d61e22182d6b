//! Lesson 07, video: frames that are acknowledged, one after the other.
//!
//! With `--framing` a film goes one way: a length, a JPEG, the next length, and no acknowledgement.
//!
//! The judge makes its own JPEGs, and looks at those of a client no deeper than their size. What a server
//! shows of them it cannot see.

mod announced;
mod client;
mod one_way;
mod server;
mod speech;

use language::text;

use crate::port::Transport;
use crate::probe::Lesson;
use crate::setting::{Header, Service};

/// The probes of lesson 07.
pub(super) fn lesson() -> Lesson {
    Lesson {
        number: 7,
        subject: text!("video, a frame after the other, each acknowledged"),
        services: &[Service::Video],
        headers: &[Header::Json],
        transport: Transport::Tcp,
        probes: [server::probes(), client::probes()].concat(),
    }
}
