//! When the next picture is to be captured.

use std::cell::Cell;
use std::time::{Duration, Instant};

use video::{FrameRate, FrameTimer};

#[test]
fn pictures_are_captured_at_their_rate_and_without_one_at_once() {
    for (rate, pictures, least) in [
        (FrameRate::PerSecond(50.0), 4, Duration::from_millis(60)),
        (FrameRate::OfSource, 1000, Duration::ZERO),
        (FrameRate::Max, 1000, Duration::ZERO),
    ] {
        let begun = Instant::now();
        let mut timer = FrameTimer::new(rate);
        for _ in 0..pictures {
            assert!(timer.wait(|| false));
        }
        let took = begun.elapsed();
        assert!(took >= least, "{pictures} pictures in {took:?}, {rate:?}");
    }
}

#[test]
fn a_film_that_is_late_does_not_catch_up() {
    let mut timer = FrameTimer::new(FrameRate::PerSecond(50.0));
    assert!(timer.wait(|| false));
    std::thread::sleep(Duration::from_millis(100));
    // Five pictures were missed. Two are captured at once, and the next one waits again.
    let begun = Instant::now();
    for _ in 0..3 {
        assert!(timer.wait(|| false));
    }
    assert!(begun.elapsed() >= Duration::from_millis(15), "{:?}", begun.elapsed());
}

#[test]
fn a_film_that_is_over_waits_for_no_picture() {
    let mut timer = FrameTimer::new(FrameRate::PerSecond(1e-6));
    assert!(timer.wait(|| false));
    let looks = Cell::new(0);
    let is_over = || looks.replace(looks.get() + 1) == 3;
    assert!(!timer.wait(is_over));
    assert_eq!(looks.get(), 4);
}
