//! A server without room says so, in the place of an answer, and hangs up:
//!
//! ```text
//! busy: places for clients: 1024, all taken; try again later\n
//! ```
//!
//! Where an answer can be any text, these words can be one. Whether they are, the end of the stream
//! tells: a server that answers stays for the next request.

use std::io::Read;

use endpoint::is_expired;

use crate::Error;

/// The longest refusal, in bytes.
const MAX_LENGTH: usize = 1024;

const BEGIN: &[u8] = b"busy: ";
const END: &[u8] = b"; try again later\n";

/// What a server means that answers something else than upper case. `busy: ` is not in upper case,
/// so it is a refusal, and there is more of it to come until the server hangs up.
pub(crate) fn not_upper(stream: &mut impl Read, mut words: Vec<u8>) -> Error {
    if BEGIN.starts_with(&words) || words.starts_with(BEGIN) {
        // The stream, a reset or the time-out ends this; the words so far are what counts.
        let room = MAX_LENGTH.saturating_sub(words.len());
        _ = stream.take(room as u64).read_to_end(&mut words);
        if words.starts_with(BEGIN) {
            return Error::Busy { words };
        }
    }
    Error::NotUpper { answer: words }
}

/// The answer, unless it is a refusal: it has the form of one, and then the stream ends. A command
/// may print the same, but then the server stays, and all that is lost is the time-out that it
/// takes to be sure.
///
/// # Errors
/// [`Error::Busy`] for a refusal.
pub(crate) fn check_answer(stream: &mut impl Read, answer: Vec<u8>) -> Result<Vec<u8>, Error> {
    let has_form = answer.starts_with(BEGIN) && answer.ends_with(END);
    if !has_form || answer.len() > MAX_LENGTH {
        return Ok(answer);
    }
    match stream.read(&mut [0]) {
        Ok(1..) => Ok(answer),
        Err(error) if is_expired(&error) => Ok(answer),
        Ok(0) | Err(_) => Err(Error::Busy { words: answer }),
    }
}
