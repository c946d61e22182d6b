//! A film over as many connections as it takes, in either dialect.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use console::{ClientArgs, Dialect, warn};
use endpoint::{Backoff, Connection, Retry, Stop};
use fastrand::Rng;
use indicatif::ProgressBar;
use lesson07_client::{Error, SendState, StageCounters, film, send_frames, tutorial};
use video::{Encoder, FrameRate, FrameTimer, Jpeg, Mat, Pictures};

use super::failure::Failure;
use super::session::stay_connected;

/// The pause before the first new call. Each one after it is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// How often a thread looks whether a person still waits for the program after Ctrl-C.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// How a person wants a film to be sent, and where to say how it goes.
pub(crate) struct Sending<'a> {
    pub(crate) client: &'a ClientArgs,
    pub(crate) quality: u8,
    pub(crate) retries: u32,
    pub(crate) rate: FrameRate,
    pub(crate) stages: &'a Arc<StageCounters>,
    pub(crate) bar: &'a ProgressBar,
}

impl Sending<'_> {
    /// Sends the pictures.
    pub(crate) fn send(
        &self,
        pictures: Pictures,
        state: &mut SendState<'_>,
    ) -> Result<(), Failure> {
        let pictures = pictures.map(|picture| picture.map_err(Error::from));
        let mut encoder = Encoder::new(self.quality);
        let encode = move |picture: &Mat| Ok(encoder.encode(picture)?);
        match self.client.dialect {
            Dialect::Ours => self.newest_first(pictures, encode, state),
            Dialect::Tutorial => self.lock_step(pictures, encode, state),
        }
    }

    /// This project's protocol: threads, and the newest frame wins.
    fn newest_first(
        &self,
        pictures: impl Iterator<Item = Result<Mat, Error>> + Send + 'static,
        encode: impl FnMut(&Mat) -> Result<Jpeg, Error> + Send + 'static,
        state: &mut SendState<'_>,
    ) -> Result<(), Failure> {
        let film = film(pictures, encode, self.rate, self.stages, state.stop)?;
        let sent = self.stay_connected(state, |mut connection, state| {
            let hearing = connection.clone_handle();
            let observer = hearing.progress();
            let sending = &mut connection.progress();
            let sending = (&mut connection, sending);
            let outcome = send_frames((hearing, observer), sending, &film.frames, state);
            // A thread that still waits for an acknowledgement will have the end of the stream.
            _ = connection.half_close();
            outcome
        });
        // Why a film ended before its time is more than that its frames ended.
        film.finish()?;
        sent
    }

    /// The tutorial's protocol: one thread, one frame at a time.
    fn lock_step(
        &self,
        mut pictures: impl Iterator<Item = Result<Mat, Error>>,
        mut encode: impl FnMut(&Mat) -> Result<Jpeg, Error>,
        state: &mut SendState<'_>,
    ) -> Result<(), Failure> {
        let (mut timer, stop) = (FrameTimer::new(self.rate), state.stop);
        let mut next = || {
            if !timer.wait(|| stop.is_requested()) {
                return Ok(None);
            }
            pictures.next().transpose()?.map(|picture| encode(&picture)).transpose()
        };
        self.stay_connected(state, |mut connection, state| {
            let mut observer = connection.progress();
            tutorial::send_frames(&mut connection, &mut observer, &mut next, state)
        })
    }

    /// Runs `talk` over one connection after the other. What goes wrong and is tried again is written
    /// above the bar.
    fn stay_connected(
        &self,
        state: &mut SendState<'_>,
        mut talk: impl FnMut(Connection, &mut SendState<'_>) -> Result<(), Error>,
    ) -> Result<(), Failure> {
        let backoff = Backoff::new(FIRST_PAUSE, MAX_PAUSE, self.retries).with_jitter(Rng::new());
        let tell = &mut |retry: &Retry<'_, Failure>| self.bar.suspend(|| warn(retry));
        let talk = |connection: Connection, state: &mut SendState<'_>| {
            let _watched = end_when_abandoned(state.stop, &connection);
            talk(connection, state).map_err(Failure::from)
        };
        stay_connected(|| self.connect(), talk, backoff, state, tell)
    }

    fn connect(&self) -> Result<Connection, Failure> {
        let connection = self.client.connect()?;
        // The end of a frame fills no segment; it is to leave all the same.
        connection.set_nodelay();
        Ok(connection)
    }
}

/// Ends the connection when nobody waits any longer after Ctrl-C: a `send` that is blocked, because
/// the server does not read, looks at no flag. Only as long as what this returns is kept.
fn end_when_abandoned(stop: &Stop, connection: &Connection) -> Arc<()> {
    let (stop, connection, here) = (stop.clone(), connection.clone_handle(), Arc::new(()));
    let watched = Arc::downgrade(&here);
    let watch = move || {
        while watched.strong_count() > 0 {
            if stop.is_abandoned() {
                _ = connection.half_close();
                return;
            }
            thread::sleep(POLL_INTERVAL);
        }
    };
    // Without the thread, --timeout is what ends the wait.
    _ = thread::Builder::new().name("watch".to_owned()).spawn(watch);
    here
}
