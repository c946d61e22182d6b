//! The stages before the network, with a source and an encoder that need no OpenCV.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crossbeam_channel::bounded;
use endpoint::Stop;
use lesson07_client::{Film, StageCounters, film};
use video::FrameRate;

use crate::{Numbers, TIMEOUT, encoded, unplugged};

/// The number of each frame that comes out, and the byte that its JPEG is made of.
fn all(film: &Film) -> Vec<(u64, u8)> {
    film.frames.channel().iter().map(|frame| (frame.header.sequence, frame.jpeg[0])).collect()
}

#[test]
fn a_film_without_a_clock_comes_out_whole_and_in_order() {
    let (stages, stop) = (Arc::default(), Stop::new());
    let rate = FrameRate::Max;
    let film = film(Numbers::up_to(200), encoded, rate, &stages, &stop).unwrap();
    let frames = all(&film);
    film.finish().unwrap();
    let dropped = stages.not_sent.load(Relaxed);
    assert!(frames.is_sorted());
    assert_eq!(frames.last(), Some(&(200, 200)));
    assert_eq!(frames.len() as u64 + dropped, 200, "{stages:?}");
    assert_eq!(stages.not_encoded.load(Relaxed), 0, "captured in vain");
}

#[test]
fn while_the_encoder_is_busy_the_newest_picture_wins_and_the_others_are_counted() {
    let (stages, stop) = (Arc::<StageCounters>::default(), Stop::new());
    let (at_work, is_at_work) = bounded(1);
    let (go_on, may_go_on) = bounded(1);
    let mut first = true;
    let encode = move |number: &u8| {
        if std::mem::take(&mut first) {
            at_work.send(()).unwrap();
            may_go_on.recv_timeout(TIMEOUT).unwrap();
        }
        encoded(number)
    };
    let film = film(Numbers::up_to(50), encode, FrameRate::OfSource, &stages, &stop).unwrap();
    is_at_work.recv_timeout(TIMEOUT).unwrap();
    while stages.captured.load(Relaxed) < 50 {
        std::thread::yield_now();
    }
    go_on.send(()).unwrap();
    let frames = all(&film);
    film.finish().unwrap();
    assert_eq!(frames.last(), Some(&(50, 50)));
    let dropped = stages.dropped();
    assert!(dropped >= 47, "the first one, the last one and perhaps one before it: {stages:?}");
    assert_eq!(frames.len() as u64 + dropped, 50, "{frames:?}");
}

#[test]
fn while_nobody_takes_a_frame_the_newest_one_waits() {
    let (stages, stop) = (Arc::<StageCounters>::default(), Stop::new());
    let film = film(Numbers::up_to(50), encoded, FrameRate::OfSource, &stages, &stop).unwrap();
    let Film { frames, .. } = &film;
    // The stages have ended when the film has, and only one frame is left of it.
    while Arc::strong_count(&stages) > 1 {
        std::thread::yield_now();
    }
    assert_eq!(
        frames.channel().iter().map(|frame| frame.header.sequence).collect::<Vec<_>>(),
        [50]
    );
    assert_eq!(stages.dropped(), 49);
    film.finish().unwrap();
}

#[test]
fn what_ends_the_source_before_its_time_is_told_after_the_frames_before_it() {
    let (stages, stop) = (Arc::default(), Stop::new());
    let source = Numbers { fails: true, ..Numbers::up_to(5) };
    let film = film(source, encoded, FrameRate::Max, &stages, &stop).unwrap();
    assert_eq!(all(&film).last(), Some(&(5, 5)));
    let error = film.finish().unwrap_err();
    assert_eq!(error.to_string(), unplugged(9).to_string());
}

#[test]
fn what_ends_the_encoder_ends_the_film() {
    let (stages, stop) = (Arc::default(), Stop::new());
    let encode = |number: &u8| match number {
        3 => Err(unplugged(3)),
        number => encoded(number),
    };
    let film = film(Numbers::up_to(255), encode, FrameRate::Max, &stages, &stop).unwrap();
    assert!(all(&film).last() <= Some(&(2, 2)));
    let error = film.finish().unwrap_err();
    assert_eq!(error.to_string(), unplugged(3).to_string());
}

#[test]
fn a_request_to_stop_is_the_end_of_the_film_and_no_error() {
    let (stages, stop) = (Arc::<StageCounters>::default(), Stop::new());
    // The next picture would be due in days.
    let film =
        film(Numbers::up_to(2), encoded, FrameRate::PerSecond(1e-6), &stages, &stop).unwrap();
    assert_eq!(film.frames.channel().recv_timeout(TIMEOUT).unwrap().header.sequence, 1);
    stop.request();
    assert_eq!(all(&film), []);
    film.finish().unwrap();
    assert_eq!(stages.captured.load(Relaxed), 1);
}

#[test]
fn a_film_that_nobody_wants_any_more_ends_also_when_the_next_picture_is_due_in_days() {
    for per_second in [1000.0, 1e-6] {
        let (stages, stop) = (Arc::default(), Stop::new());
        let rate = FrameRate::PerSecond(per_second);
        film(Numbers::up_to(255), encoded, rate, &stages, &stop).unwrap().finish().unwrap();
    }
}
