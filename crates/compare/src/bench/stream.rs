//! Plays one side over TCP.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;

use rust_i18n::t;
use wire::Framing;

use super::plan::{Plan, Turn};
use super::played::{PlayedSide, Run, messages_in};
use super::readers::Reader;
use super::settings::Which;
use super::turns::Turns;
use crate::comparison::{Code, SERVER};
use crate::play::stream::{Outcome, Stream, connect, read_error};
use crate::sequencer::{Pace, Sequencer};

/// Sends what was planned, with the reader in a thread of its own.
pub(super) fn play(plan: &Plan, which: Which, pace: &Pace) -> io::Result<PlayedSide> {
    let framed = plan.framed(which);
    let reader = Reader::of(&framed.framing, which, &plan.settings().reads);
    let code = reader.code();
    let (sequencer, client, server) = connect(&code, reader.cuts(), pace)?;
    let turns = Arc::new(Turns::new(sequencer.clone()));
    let (mut client, mut server) =
        (client.with_gate(turns.clone()), server.with_gate(turns.clone()));
    let stream = framed.frames.concat();
    let outcome = thread::scope(|scope| -> io::Result<Outcome> {
        let reading = scope.spawn(|| {
            let outcome = reader.read(&mut server, &mut sequencer.recorder.messages(SERVER));
            turns.reader_has_gone();
            outcome
        });
        let sent = send(&mut client, &stream, &plan.turns(which), &turns);
        // A sender that has failed must not leave the reader waiting.
        let closed = sequencer.half_close();
        turns.stream_has_ended();
        let outcome =
            reading.join().map_err(|_| io::Error::other(t!("the reader ended in a panic")))?;
        sent.and(closed).map(|()| outcome)
    })?;
    sequencer.look()?;
    Ok(side(plan, which, code, &sequencer, outcome))
}

fn send(client: &mut Stream, stream: &[u8], turns: &[Turn], gate: &Turns) -> io::Result<()> {
    for turn in turns {
        client.write_all(stream.get(turn.piece.clone()).unwrap_or_default())?;
        if turn.reader_reads {
            gate.let_reader_read()?;
        }
    }
    Ok(())
}

fn side(
    plan: &Plan,
    which: Which,
    code: Code,
    sequencer: &Sequencer,
    outcome: Outcome,
) -> PlayedSide {
    let framed = plan.framed(which);
    let tail = match &framed.framing {
        Framing::Line => 1,
        Framing::Until(mark) => mark.bytes().len(),
        _ => 0,
    };
    let frames = plan.messages().iter().zip(&framed.frames).enumerate();
    let runs = frames
        .flat_map(|(number, (message, frame))| Run::of_frame(number, message.len(), frame, tail));
    let events = sequencer.recorder.events();
    let got = messages_in(&events);
    let error = outcome.err().map(read_error);
    PlayedSide {
        which,
        code,
        datagrams: false,
        reader: SERVER.to_owned(),
        stream: runs.collect(),
        expected: plan.messages().to_vec(),
        right: error.is_none() && got == plan.messages(),
        got,
        error,
        events,
    }
}
