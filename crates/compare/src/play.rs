//! Plays a scenario: the lessons' own code, over real sockets, with the order of events forced.

pub(crate) mod code;
mod datagrams;
pub(crate) mod stream;

use std::io;
use std::sync::Arc;

use rust_i18n::t;

use crate::comparison::Comparison;
use crate::scenario::{Exchange, Scenario};
use crate::sequencer::{Pace, Stepper};

/// A scenario could not be played.
#[derive(Debug, thiserror::Error)]
#[error("{}", t!("cannot play %{scenario} over this machine's loopback", scenario = .scenario))]
pub struct PlayError {
    scenario: &'static str,
    source: io::Error,
}

/// Plays both sides of a scenario, the broken one first. A `stepper` is asked before each call, and without one
/// all of it takes [`MAX_PLAY_TIME`](crate::MAX_PLAY_TIME) at most.
///
/// # Errors
/// When this machine has no loopback to play on, or the play takes too long.
pub fn play(
    scenario: &Scenario,
    stepper: Option<Arc<dyn Stepper>>,
) -> Result<Comparison, PlayError> {
    let failed = |source| PlayError { scenario: scenario.name, source };
    let (mut broken, mut fixed) = code::play(scenario, &Pace::of(stepper)).map_err(failed)?;
    let sent: Vec<Vec<u8>> = scenario.messages.iter().cloned().map(String::into_bytes).collect();
    let asks = matches!(scenario.exchange, Exchange::RequestResponse);
    let expected: Vec<Vec<u8>> = if asks {
        sent.iter().map(|request| code::answer(request)).collect()
    } else {
        sent.clone()
    };
    for side in [&mut broken, &mut fixed] {
        side.right = side.error.is_none() && side.got == expected;
    }
    Ok(Comparison {
        name: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        part: scenario.part.to_owned(),
        why: scenario.why.to_owned(),
        asks,
        sent,
        expected,
        command: scenario.command(),
        broken,
        fixed,
    })
}
