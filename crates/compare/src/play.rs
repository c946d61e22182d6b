//! Plays a scenario: the lessons' own code, over real sockets, with the order of events forced.

mod code;
mod datagrams;
mod stream;

use std::io;
use std::sync::Arc;

use crate::comparison::Comparison;
use crate::scenario::{Exchange, Scenario};
use crate::sequencer::Stepper;

/// A scenario could not be played.
#[derive(Debug, thiserror::Error)]
#[error("cannot play {scenario}: {source}")]
pub struct PlayError {
    scenario: String,
    source: io::Error,
}

/// Plays both sides of a scenario, the broken one first. A `stepper` is asked before each call.
///
/// # Errors
/// When this machine has no loopback to play on.
pub fn play(
    scenario: &Scenario,
    stepper: Option<Arc<dyn Stepper>>,
) -> Result<Comparison, PlayError> {
    let failed = |source| PlayError { scenario: scenario.name.clone().into_owned(), source };
    let (messages, sides) = match &scenario.exchange {
        Exchange::OneWay { messages, reads } => {
            (messages, code::play_one_way(messages, reads, &stepper))
        }
        Exchange::CutHeader { messages, arrivals } => {
            (messages, code::play_cut_header(messages, arrivals, &stepper))
        }
        Exchange::RequestResponse { requests } => {
            (requests, code::play_request_response(requests, &stepper))
        }
        Exchange::Datagrams { messages } => (messages, code::play_datagrams(messages, &stepper)),
    };
    let (mut broken, mut fixed) = sides.map_err(failed)?;
    let sent: Vec<Vec<u8>> = messages.iter().map(|message| message.as_bytes().to_vec()).collect();
    let asks = matches!(scenario.exchange, Exchange::RequestResponse { .. });
    let expected: Vec<Vec<u8>> = if asks {
        sent.iter().map(|request| code::answer(request)).collect()
    } else {
        sent.clone()
    };
    for side in [&mut broken, &mut fixed] {
        side.right = side.error.is_none() && side.got == expected;
    }
    Ok(Comparison {
        name: scenario.name.clone().into_owned(),
        title: scenario.title.clone().into_owned(),
        why: scenario.why.clone().into_owned(),
        asks,
        sent,
        expected,
        command: scenario.command(),
        broken,
        fixed,
    })
}
