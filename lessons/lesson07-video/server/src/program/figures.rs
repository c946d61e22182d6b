//! What can be counted of a film: frames, drops, sizes, and how old a frame is when it is shown.
//!
//! The age is this machine's clock minus the client's, so it means something where the two are one
//! clock, or are kept together (NTP). Where the client's is ahead, there is no age.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use hdrhistogram::{CreationError, Histogram};
use lesson07_server::FilmObserver;
use lesson07_server::picture::Picture;
use serde::Serialize;

/// The greatest age that is counted, in microseconds: ten minutes. An older frame counts as this old.
const MAX_AGE: u64 = 600_000_000;

/// Counts the film that is on, and the one before it until there is one. Shared by the threads.
#[derive(Debug)]
pub(crate) struct Figures(Mutex<Films>);

#[derive(Debug)]
struct Films {
    /// The second that is on, and the film that is on.
    second: Counters,
    film: Counters,
    last_second: Totals,
    on: bool,
    last_sequence: Option<u64>,
    /// The newest frame's width and height in pixels.
    size: (u32, u32),
}

#[derive(Debug)]
struct Counters {
    since: Instant,
    received: u64,
    bytes: u64,
    shown: u64,
    dropped: u64,
    missing: u64,
    /// The ages of the frames that were shown, in microseconds.
    ages: Histogram<u64>,
}

/// What was counted in a second, or in a whole film.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Totals {
    /// How long it took, in seconds.
    pub(crate) seconds: f64,
    /// Frames that came.
    pub(crate) received: u64,
    /// Frames that were shown.
    pub(crate) shown: u64,
    /// Frames that came and had to go for a newer one.
    pub(crate) dropped: u64,
    /// Frames that never came: the client had a newer one. Their numbers are missing.
    pub(crate) missing: u64,
    /// The mean length of a frame, in bytes.
    pub(crate) bytes_each: u64,
    /// How old the frames were when they were shown, if that can be known.
    pub(crate) age: Option<Age>,
}

/// How old frames were, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Age {
    /// Half of them were no older than this.
    pub(crate) median: u64,
    /// 99 % of them were no older than this.
    pub(crate) p99: u64,
    /// The oldest.
    pub(crate) most: u64,
}

/// What the browser's page asks for once a second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Snapshot {
    /// Whether a film is on.
    on: bool,
    /// The newest frame's width in pixels.
    width: u32,
    /// The newest frame's height in pixels.
    height: u32,
    /// The last whole second.
    second: Totals,
    /// All of the film.
    film: Totals,
}

impl Figures {
    /// Nothing counted yet.
    pub(crate) fn new() -> Result<Figures, CreationError> {
        Ok(Figures(Mutex::new(Films {
            second: Counters::new()?,
            film: Counters::new()?,
            last_second: Totals::default(),
            on: false,
            last_sequence: None,
            size: (0, 0),
        })))
    }

    /// A film begins: counts from 0.
    pub(crate) fn begin(&self) {
        let mut films = self.films();
        films.second.reset();
        films.film.reset();
        films.last_second = Totals::default();
        films.last_sequence = None;
        films.on = true;
    }

    /// The film has ended: what was counted of all of it.
    pub(crate) fn end(&self) -> Totals {
        let mut films = self.films();
        films.on = false;
        films.last_second = Totals::default();
        films.film.totals()
    }

    /// The second that ends now; the next one begins.
    pub(crate) fn second(&self) -> Totals {
        let mut films = self.films();
        films.last_second = films.second.totals();
        films.second.reset();
        films.last_second
    }

    /// Everything as it stands, for the page.
    pub(crate) fn as_json(&self) -> String {
        // There is no map in it whose keys would be no text.
        serde_json::to_string(&self.snapshot()).unwrap_or_default()
    }

    fn snapshot(&self) -> Snapshot {
        let films = self.films();
        let (width, height) = films.size;
        let (second, film) = (films.last_second, films.film.totals());
        Snapshot { on: films.on, width, height, second, film }
    }

    fn films(&self) -> MutexGuard<'_, Films> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FilmObserver for Figures {
    fn received(&self, picture: &Picture) {
        let mut films = self.films();
        let before = films.last_sequence.replace(picture.sequence);
        // A film may begin with any number: the client may have been connected before.
        let gap = before.map_or(0, |last| picture.sequence.saturating_sub(last.saturating_add(1)));
        films.size = (picture.jpeg.width, picture.jpeg.height);
        for counters in films.both() {
            counters.received += 1;
            counters.bytes = counters.bytes.saturating_add(picture.jpeg.bytes.len() as u64);
            counters.missing = counters.missing.saturating_add(gap);
        }
    }

    fn dropped(&self) {
        self.films().both().for_each(|counters| counters.dropped += 1);
    }

    fn shown(&self, picture: &Picture) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        let captured = picture.captured.map(u128::from);
        // Where the client's clock is ahead, there is no age.
        let age = captured.and_then(|captured| now.checked_sub(captured));
        for counters in self.films().both() {
            counters.shown += 1;
            if let Some(age) = age {
                counters.ages.saturating_record(u64::try_from(age).unwrap_or(MAX_AGE));
            }
        }
    }
}

impl Films {
    fn both(&mut self) -> impl Iterator<Item = &mut Counters> {
        [&mut self.second, &mut self.film].into_iter()
    }
}

impl Counters {
    fn new() -> Result<Counters, CreationError> {
        let ages = Histogram::new_with_bounds(1, MAX_AGE, 2)?;
        let since = Instant::now();
        Ok(Counters { since, received: 0, bytes: 0, shown: 0, dropped: 0, missing: 0, ages })
    }

    fn reset(&mut self) {
        self.since = Instant::now();
        self.ages.reset();
        (self.received, self.bytes, self.shown, self.dropped, self.missing) = (0, 0, 0, 0, 0);
    }

    fn totals(&self) -> Totals {
        let in_ms = |microseconds: u64| (microseconds + 500) / 1000;
        let age = (!self.ages.is_empty()).then(|| Age {
            median: in_ms(self.ages.value_at_quantile(0.5)),
            p99: in_ms(self.ages.value_at_quantile(0.99)),
            most: in_ms(self.ages.max()),
        });
        Totals {
            seconds: self.since.elapsed().as_secs_f64(),
            received: self.received,
            shown: self.shown,
            dropped: self.dropped,
            missing: self.missing,
            bytes_each: self.bytes.checked_div(self.received).unwrap_or(0),
            age,
        }
    }
}

impl Totals {
    /// A second, as the server's line has it.
    pub(crate) fn as_rates(&self) -> String {
        let rate = |count: u64| count as f64 / self.seconds.max(f64::MIN_POSITIVE);
        let age = match self.age {
            Some(Age { median, most, .. }) => format!("{median} ms (most {most} ms)"),
            None => "unknown".to_owned(),
        };
        format!(
            "{:.1} frames/s, shown {:.1}, dropped {}, missing {}, age {age}, {} KiB",
            rate(self.received),
            rate(self.shown),
            self.dropped,
            self.missing,
            self.kibibytes_each(),
        )
    }

    /// A whole film, as the server's last line about it has it.
    pub(crate) fn as_film(&self) -> String {
        let age = match self.age {
            Some(Age { median, p99, most }) => {
                format!("{median} ms (99% {p99} ms, most {most} ms)")
            }
            None => "unknown".to_owned(),
        };
        format!(
            "film: {} frame{} in {:.1} s, shown {}, dropped {}, missing {}, {} KiB each, age {age}",
            self.received,
            if self.received == 1 { "" } else { "s" },
            self.seconds,
            self.shown,
            self.dropped,
            self.missing,
            self.kibibytes_each(),
        )
    }

    fn kibibytes_each(&self) -> u64 {
        self.bytes_each.div_ceil(1024)
    }
}

/// Gives the totals of each second to `say`, until the other end of the channel `over` is dropped:
/// then the film is over.
pub(crate) fn each_second(figures: &Figures, over: &Receiver<()>, mut say: impl FnMut(&Totals)) {
    const SECOND: Duration = Duration::from_secs(1);
    let mut next = Instant::now() + SECOND;
    while over.recv_deadline(next) == Err(RecvTimeoutError::Timeout) {
        say(&figures.second());
        next += SECOND;
    }
}
