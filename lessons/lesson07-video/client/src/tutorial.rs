//! The client's half of what the tutorial's programs say: a number and a comma, `ok`, so many bytes
//! of JPEG, `ok`; and only then the next picture is taken, in the same thread.
//!
//! ```text
//! client                          server
//! 2454,␠               ──▶
//!                      ◀──        ok
//! 2,454 bytes of JPEG  ──▶
//!                      ◀──        ok
//! ```
//!
//! This is simple, and nothing is ever dropped. Each frame waits for two round trips, so a link of 20
//! ms each way carries 12 frames a second, however fast it is.
//!
//! The tutorial's client compares what one `recv` returns with `ok`; if it is something else, the
//! client leaves out the image, says nothing, and is out of step from then on. Here that is an
//! error.

use std::io::{Read, Write};
use std::time::Instant;

use trace::Observer;
use video::Jpeg;

use crate::pace::Delivery;
use crate::{Error, SendState};

/// The server's only answer.
const OK: &[u8] = b"ok";

/// Sends frames over one connection until `next` has none, until enough have arrived, or on a
/// request to stop.
///
/// # Errors
/// Those of `next`, and when the connection breaks, the server is silent, or says something else.
pub fn send_frames(
    stream: &mut (impl Read + Write),
    observer: &mut impl Observer,
    mut next: impl FnMut() -> Result<Option<Jpeg>, Error>,
    state: &mut SendState<'_>,
) -> Result<(), Error> {
    while state.sent.arrived < state.limit && !state.stop.is_requested() {
        let Some(Jpeg { bytes: jpeg, .. }) = next()? else { break };
        state.sent.in_flight = 1;
        let sent = Instant::now();
        let length = format!("{}, ", jpeg.len());
        stream.write_all(length.as_bytes())?;
        observer.sent(length.as_bytes());
        // The server takes what one recv returns for the number. Without this wait, the beginning of
        // the image would be in it.
        receive_ok(stream, observer)?;
        stream.write_all(&jpeg)?;
        observer.sent(&jpeg);
        receive_ok(stream, observer)?;
        let size = jpeg.len() as u64;
        state.arrived(Delivery { size, round_trip: sent.elapsed() }, 0);
    }
    Ok(())
}

/// Receives `ok`, in however many pieces, and nothing else.
fn receive_ok(stream: &mut impl Read, observer: &mut impl Observer) -> Result<(), Error> {
    let mut words = Vec::new();
    while words.len() < OK.len() {
        // A larger buffer than `ok` needs shows what else has come.
        let mut piece = [0; 64];
        match stream.read(&mut piece)? {
            0 => return Err(Error::Ended),
            got => words.extend_from_slice(piece.get(..got).unwrap_or_default()),
        }
        if !words.starts_with(OK) && !OK.starts_with(&words) {
            break;
        }
    }
    match words == OK {
        true => {
            observer.received(OK);
            Ok(())
        }
        false => Err(Error::NotOk { words }),
    }
}
