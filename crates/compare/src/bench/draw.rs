//! A play at the bench as text: its sides beside each other, as a scenario's are.

use wire::Framing;

use super::played::{Played, PlayedSide};
use super::settings::{Settings, Which};
use crate::comparison::{ByteOwner, Transport};
use crate::terminal::{Drawn, Renderer};

/// The play, event by event, and the command that plays it again.
pub fn draw(played: &Played, renderer: Renderer) -> String {
    let sides = played.sides.iter().map(|side| drawn(side, &played.settings));
    renderer.play(&sides.collect::<Vec<_>>(), &played.command)
}

fn drawn<'a>(side: &'a PlayedSide, settings: &Settings) -> Drawn<'a> {
    let owners = side.stream.iter().flat_map(|run| {
        let owner = ByteOwner { message: run.message, is_header: run.is_header };
        std::iter::repeat_n(owner, run.bytes)
    });
    let owners: Vec<ByteOwner> = owners.collect();
    Drawn {
        code: &side.code,
        transport: transport(side, settings),
        asks: false,
        events: &side.events,
        sent_owners: owners.clone(),
        owners,
        got: &side.got,
        error: side.error.as_ref(),
        right: side.right,
    }
}

fn transport(side: &PlayedSide, settings: &Settings) -> Transport {
    let framing = match side.which {
        Which::Broken => &settings.broken,
        Which::Fixed => &settings.fixed,
    };
    match framing.parse() {
        _ if side.datagrams => Transport::Datagrams,
        Ok(Framing::FRAME) => Transport::FramedStream,
        _ => Transport::Stream,
    }
}
