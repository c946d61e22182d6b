//! What can be counted of a film: frames, drops, sizes, and how old a frame is when it is shown.
//!
//! The age is this machine's clock minus the client's, so it means something where the two are one
//! clock, or are kept together (NTP). Where the client's is ahead, there is no age.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use hdrhistogram::{CreationError, Histogram};
use serde::Serialize;

use crate::picture::{self, Picture};

/// The oldest frame that is told from an even older one: ten minutes, in microseconds.
const OLDEST: u64 = 600_000_000;

/// Counts the film that is on, and the one before it until there is one. Shared by the threads.
#[derive(Debug)]
pub struct Figures(Mutex<Counters>);

#[derive(Debug)]
struct Counters {
    second: Count,
    film: Count,
    last_second: Sum,
    on: bool,
    last_sequence: Option<u64>,
    size: (u32, u32),
}

#[derive(Debug)]
struct Count {
    since: Instant,
    received: u64,
    bytes: u64,
    shown: u64,
    dropped: u64,
    missing: u64,
    /// In microseconds.
    ages: Histogram<u64>,
}

/// What was counted in a second, or in a whole film.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Sum {
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Frames that came.
    pub received: u64,
    /// Frames that were shown.
    pub shown: u64,
    /// Frames that came and had to go for a newer one.
    pub dropped: u64,
    /// Frames that never came: the client had a newer one. Their numbers are missing.
    pub missing: u64,
    /// The mean length of a frame, in bytes.
    pub bytes_each: u64,
    /// How old the frames were when they were shown, if that can be known.
    pub age: Option<Age>,
}

/// How old frames were, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Age {
    /// Half of them were no older than this.
    pub median: u64,
    /// 99 % of them were no older than this.
    pub p99: u64,
    /// The oldest.
    pub most: u64,
}

/// What the browser's page is told once a second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Snapshot {
    /// Whether a film is on.
    pub on: bool,
    /// The newest frame's width in pixels.
    pub width: u32,
    /// And its height.
    pub height: u32,
    /// The last whole second.
    pub second: Sum,
    /// All of the film.
    pub film: Sum,
}

impl Figures {
    /// Nothing counted yet.
    ///
    /// # Errors
    /// When the histograms cannot be made.
    pub fn new() -> Result<Figures, CreationError> {
        Ok(Figures(Mutex::new(Counters {
            second: Count::new()?,
            film: Count::new()?,
            last_second: Sum::default(),
            on: false,
            last_sequence: None,
            size: (0, 0),
        })))
    }

    /// A film begins: counts from 0.
    pub fn begin(&self) {
        let mut counters = self.counters();
        counters.second.reset();
        counters.film.reset();
        counters.last_second = Sum::default();
        counters.last_sequence = None;
        counters.on = true;
    }

    /// The film has ended: what was counted of all of it.
    pub fn end(&self) -> Sum {
        let mut counters = self.counters();
        counters.on = false;
        counters.last_second = Sum::default();
        counters.film.sum()
    }

    /// A frame has come.
    pub fn received(&self, picture: &Picture) {
        let mut counters = self.counters();
        let before = counters.last_sequence.replace(picture.sequence);
        // A film may begin with any number: the client may have called before.
        let gap = before.map_or(0, |last| picture.sequence.saturating_sub(last.saturating_add(1)));
        counters.size = picture.size;
        for count in counters.both() {
            count.received += 1;
            count.bytes = count.bytes.saturating_add(picture.jpeg.len() as u64);
            count.missing = count.missing.saturating_add(gap);
        }
    }

    /// A frame had to go for a newer one.
    pub fn dropped(&self) {
        self.counters().both().for_each(|count| count.dropped += 1);
    }

    /// A frame has just been shown.
    pub fn shown(&self, picture: &Picture) {
        let now = picture::now();
        let age = picture.captured.and_then(|captured| now.checked_sub(captured));
        for count in self.counters().both() {
            count.shown += 1;
            if let Some(age) = age {
                count.ages.saturating_record(age);
            }
        }
    }

    /// The second that ends now; the next one begins.
    pub fn second(&self) -> Sum {
        let mut counters = self.counters();
        counters.last_second = counters.second.sum();
        counters.second.reset();
        counters.last_second
    }

    /// Everything as it stands.
    pub fn snapshot(&self) -> Snapshot {
        let counters = self.counters();
        let (width, height) = counters.size;
        let (second, film) = (counters.last_second, counters.film.sum());
        Snapshot { on: counters.on, width, height, second, film }
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counters {
    fn both(&mut self) -> impl Iterator<Item = &mut Count> {
        [&mut self.second, &mut self.film].into_iter()
    }
}

impl Count {
    fn new() -> Result<Count, CreationError> {
        let ages = Histogram::new_with_bounds(1, OLDEST, 2)?;
        let since = Instant::now();
        Ok(Count { since, received: 0, bytes: 0, shown: 0, dropped: 0, missing: 0, ages })
    }

    fn reset(&mut self) {
        self.since = Instant::now();
        self.ages.reset();
        (self.received, self.bytes, self.shown, self.dropped, self.missing) = (0, 0, 0, 0, 0);
    }

    fn sum(&self) -> Sum {
        let in_ms = |microseconds: u64| (microseconds + 500) / 1000;
        let age = (!self.ages.is_empty()).then(|| Age {
            median: in_ms(self.ages.value_at_quantile(0.5)),
            p99: in_ms(self.ages.value_at_quantile(0.99)),
            most: in_ms(self.ages.max()),
        });
        Sum {
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

impl Sum {
    /// A second, as the server's line has it.
    pub fn as_rates(&self) -> String {
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
    pub fn as_film(&self) -> String {
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

/// Says what each second had, until the film is `over`: until the other end of that channel is
/// dropped.
pub fn each_second(figures: &Figures, over: &Receiver<()>, mut say: impl FnMut(&Sum)) {
    const SECOND: Duration = Duration::from_secs(1);
    let mut next = Instant::now() + SECOND;
    while over.recv_deadline(next) == Err(RecvTimeoutError::Timeout) {
        say(&figures.second());
        next += SECOND;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(sequence: u64, captured: Option<u64>) -> Picture {
        Picture { sequence, captured, size: (4, 2), jpeg: vec![0; 2048] }
    }

    #[test]
    fn a_film_that_begins_late_misses_nothing_and_a_gap_in_its_numbers_is_counted() {
        let figures = Figures::new().unwrap();
        figures.begin();
        for sequence in [100, 101, 105, 105, 3] {
            figures.received(&picture(sequence, None));
        }
        let film = figures.end();
        assert_eq!((film.received, film.missing, film.bytes_each), (5, 3, 2048));
    }

    #[test]
    fn a_number_at_its_limit_and_a_clock_that_is_ahead_do_no_harm() {
        let figures = Figures::new().unwrap();
        figures.begin();
        figures.received(&picture(0, None));
        figures.received(&picture(u64::MAX, None));
        figures.received(&picture(u64::MAX, None));
        figures.shown(&picture(1, Some(u64::MAX)));
        assert_eq!(figures.second().age, None);
        figures.shown(&picture(1, Some(0)));
        let film = figures.end();
        assert_eq!((film.shown, film.missing), (2, u64::MAX - 1));
        // Kept to two digits, so a little more than ten minutes.
        let most = film.age.unwrap().most;
        assert!((600_000..620_000).contains(&most), "{most} ms");
    }

    #[test]
    fn a_second_is_counted_anew_and_the_film_goes_on() {
        let figures = Figures::new().unwrap();
        figures.begin();
        figures.received(&picture(1, None));
        assert_eq!(figures.second().received, 1);
        figures.received(&picture(2, None));
        assert_eq!(figures.snapshot().second.received, 1, "the last whole second");
        assert_eq!(figures.second().received, 1);
        assert_eq!(figures.end().received, 2);
    }

    #[test]
    fn the_lines_are_the_same_for_all_who_read_them() {
        let age = Some(Age { median: 12, p99: 18, most: 20 });
        let mut sum = Sum {
            seconds: 2.0,
            received: 60,
            shown: 59,
            bytes_each: 82_000,
            age,
            ..Sum::default()
        };
        assert_eq!(
            sum.as_rates(),
            "30.0 frames/s, shown 29.5, dropped 0, missing 0, age 12 ms (most 20 ms), 81 KiB"
        );
        assert_eq!(
            sum.as_film(),
            "film: 60 frames in 2.0 s, shown 59, dropped 0, missing 0, 81 KiB each, \
             age 12 ms (99% 18 ms, most 20 ms)"
        );
        sum.age = None;
        assert!(sum.as_rates().ends_with("age unknown, 81 KiB"), "{}", sum.as_rates());
        assert!(sum.as_film().ends_with("age unknown"), "{}", sum.as_film());
    }
}
