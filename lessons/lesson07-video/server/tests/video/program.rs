//! The program's figures, and its page for a browser.

use std::sync::Arc;

use lesson07_server::FilmObserver;
use lesson07_server::picture::Picture;
use serde_json::Value;
use video::Jpeg;

use crate::figures::{Age, Figures, Totals};
use crate::page::page;

fn picture(sequence: u64, captured: Option<u64>) -> Picture {
    let jpeg = Jpeg { width: 4, height: 2, bytes: vec![0; 2048] };
    Picture { sequence, captured, jpeg: Arc::new(jpeg) }
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
    let now: Value = serde_json::from_str(&figures.as_json()).unwrap();
    assert_eq!(now["second"]["received"], 1, "the last whole second");
    assert_eq!(figures.second().received, 1);
    assert_eq!(figures.end().received, 2);
}

#[test]
fn the_lines_are_the_same_for_all_who_read_them() {
    let age = Some(Age { median: 12, p99: 18, most: 20 });
    let mut sum = Totals {
        seconds: 2.0,
        received: 60,
        shown: 59,
        bytes_each: 82_000,
        age,
        ..Totals::default()
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

#[test]
fn the_page_shows_the_stream_and_names_no_other_server() {
    let page = page();
    assert!(page.contains("src=\"/stream\""), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
}
