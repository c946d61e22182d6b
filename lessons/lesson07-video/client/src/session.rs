//! A film that outlives its connections. Nobody wants to start a camera again for each hiccup of a
//! network: it films on, and when there is a connection again, what is sent is the newest frame.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use crate::{Course, Error};

/// The first pause before it is tried again; each one after it is twice as long.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(5);

/// How long to sleep before looking whether the film is to end.
const NAP: Duration = Duration::from_millis(50);

/// What went wrong, and when it is tried again: a line for the person.
#[derive(Debug)]
pub struct Trouble<'a> {
    /// What went wrong.
    pub error: &'a Error,
    /// The pause before the next try.
    pub pause: Duration,
    /// The number of that try, counted from the last frame that arrived; the first one is 0.
    pub again: u32,
    /// How many there may be after the first.
    pub limit: u32,
}

/// Makes a connection with `call` and talks over it with `talk`; and again, after a pause, when it
/// was lost. `tell` hears of each try that failed.
///
/// # Errors
/// [`Error::GaveUp`] after so many `retries` in a row in which no frame arrived, or what trying
/// again would not help: also when there is no server, and never was. After a request to stop there
/// are none.
pub fn stay_connected<C>(
    mut call: impl FnMut() -> Result<C, Error>,
    mut talk: impl FnMut(C, &mut Course<'_>) -> Result<(), Error>,
    retries: u32,
    course: &mut Course<'_>,
    tell: &mut dyn FnMut(&Trouble<'_>),
) -> Result<(), Error> {
    let (mut tries, mut was_connected) = (0, false);
    loop {
        let before = course.report.arrived;
        let outcome = call().and_then(|connection| {
            was_connected = true;
            talk(connection, course)
        });
        course.report.disconnected();
        let Err(error) = outcome else { return Ok(()) };
        if course.stop.is_requested() {
            return Ok(());
        }
        if course.report.arrived > before {
            tries = 0;
        }
        // Where there never was a connection, nothing broke that could be mended by waiting.
        if !was_connected || !error.is_passing() || retries == 0 {
            return Err(error);
        }
        if tries == retries {
            return Err(Error::GaveUp { tries, last: Box::new(error) });
        }
        let pause = FIRST.saturating_mul(2_u32.saturating_pow(tries)).min(LONGEST);
        tries += 1;
        tell(&Trouble { error: &error, pause, again: tries, limit: retries });
        let end = Instant::now() + pause;
        while Instant::now() < end && !course.stop.is_requested() {
            thread::sleep(NAP.min(end.saturating_duration_since(Instant::now())));
        }
    }
}

impl fmt::Display for Trouble<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trouble { error, pause, again, limit } = self;
        write!(f, "{error}; calling again in {pause:?} ({again} of {limit})")
    }
}
