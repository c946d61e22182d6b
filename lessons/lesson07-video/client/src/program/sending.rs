//! A film over as many connections as it takes, in either dialect.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use console::{ClientArgs, Dialect, warn};
use endpoint::{Backoff, Connection, Retry, Stop};
use fastrand::Rng;
use indicatif::ProgressBar;
use lesson07_client::frame_rate::{FrameRate, FrameTimer};
use lesson07_client::session::stay_connected;
use lesson07_client::{Error, SendState, StageCounters, film, send_frames, tutorial};
use video::{Encoder, Mat, Pictures};

/// The pause before the first new call. Each one after it is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// How often it is looked whether somebody still waits after Ctrl-C.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// How to send: what a person has chosen.
pub(crate) struct Sending<'a> {
    pub(crate) client: &'a ClientArgs,
    pub(crate) quality: u8,
    pub(crate) retries: u32,
    pub(crate) rate: FrameRate,
}

impl Sending<'_> {
    /// Sends the pictures. What goes wrong and is tried again is written above the bar.
    pub(crate) fn send(
        &self,
        pictures: Pictures,
        stages: &Arc<StageCounters>,
        state: &mut SendState<'_>,
        bar: &ProgressBar,
    ) -> Result<(), Error> {
        let backoff = Backoff::new(FIRST_PAUSE, MAX_PAUSE, self.retries).with_jitter(Rng::new());
        let tell = &mut |retry: &Retry<'_, Error>| bar.suspend(|| warn(retry));
        let pictures = pictures.map(|picture| picture.map_err(Error::from));
        let mut encoder = Encoder::new(self.quality);
        let encode = move |picture: &Mat| Ok(encoder.encode(picture)?);
        match self.client.dialect {
            Dialect::Ours => {
                // Threads, and the newest frame wins.
                let film = film(pictures, encode, self.rate, stages, state.stop)?;
                let talk = |mut connection: Connection, state: &mut SendState<'_>| {
                    let _watched = end_when_abandoned(state.stop, &connection);
                    let hearing = connection.clone_handle();
                    let observer = hearing.progress();
                    let sending = &mut connection.progress();
                    let outcome = send_frames(
                        (hearing, observer),
                        (&mut connection, sending),
                        &film.frames,
                        state,
                    );
                    // The thread that still waits for an acknowledgement will have the end of the stream.
                    _ = connection.half_close();
                    outcome
                };
                let sent = stay_connected(|| self.connect(), talk, backoff, state, tell);
                // Why a film ended before its time is more than that its frames ended.
                film.finish().and(sent)
            }
            Dialect::Tutorial => {
                let (mut pictures, mut encode, mut timer) =
                    (pictures, encode, FrameTimer::new(self.rate));
                let stop = state.stop;
                let mut next = || {
                    if !timer.wait(|| stop.is_requested()) {
                        return Ok(None);
                    }
                    pictures.next().transpose()?.map(|picture| encode(&picture)).transpose()
                };
                let talk = |mut connection: Connection, state: &mut SendState<'_>| {
                    let _watched = end_when_abandoned(state.stop, &connection);
                    let mut observer = connection.progress();
                    tutorial::send_frames(&mut connection, &mut observer, &mut next, state)
                };
                stay_connected(|| self.connect(), talk, backoff, state, tell)
            }
        }
    }

    fn connect(&self) -> Result<Connection, Error> {
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
