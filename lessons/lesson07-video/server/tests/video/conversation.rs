//! The conversation over bytes, and what a frame must be.

use lesson07_shared::protocol::{Acknowledgement, HEADER_LIMIT};

use super::*;

/// What the server says to these bytes.
fn refused(stream: &[u8]) -> Error {
    let (taken, outcome) = Client::new(stream, usize::MAX).talk();
    assert!(taken.is_empty(), "taken although refused: {taken:?}");
    outcome.unwrap_err()
}

#[test]
fn every_frame_is_taken_and_answered_however_the_stream_is_cut() {
    let frames = [jpeg(16, 16, 10), jpeg(32, 8, 20)];
    let mut stream = message(&header(3, 16, 16, &frames[0]), &frames[0]);
    stream.extend(message(&header(7, 32, 8, &frames[1]), &frames[1]));
    for piece in [1, 2, 3, 7, 1000, usize::MAX] {
        let mut client = Client::new(&stream, piece);
        let (taken, outcome) = client.talk();
        outcome.unwrap();
        let jpegs: Vec<_> = taken.iter().map(|picture| &picture.jpeg.bytes).collect();
        assert_eq!(jpegs, [&frames[0], &frames[1]], "in pieces of {piece}");
        assert_eq!((taken[1].jpeg.width, taken[1].jpeg.height), (32, 8));
        assert_eq!(taken[1].captured, Some(1_763_700_000_000_000));

        let mut heard = client.heard.as_slice();
        for sequence in [3, 7] {
            let word: Acknowledgement =
                wire::read_header(&mut heard, HEADER_LIMIT).unwrap().unwrap();
            assert_eq!(word, Acknowledgement { received: sequence, size: 0 });
        }
        assert!(heard.is_empty(), "more was said: {heard:?}");
    }
}

#[test]
fn a_frame_that_is_refused_is_not_answered() {
    let text = b"no picture";
    let stream = message(&header(1, 16, 16, text), text);
    let mut client = Client::new(&stream, usize::MAX);
    let error = client.talk().1.unwrap_err();
    assert_eq!(error.to_string(), "frame 1 is no whole baseline JPEG");
    assert_eq!(client.heard, b"");
}

#[test]
fn a_frame_above_the_limit_is_refused_before_it_is_read() {
    let mut announced = header(1, 16, 16, b"");
    announced.size = LIMITS.bytes as u64 + 1;
    let error = refused(&message(&announced, b""));
    assert!(
        matches!(error, Error::Wire(wire::Error::BodyTooLarge { length: 65_537, limit: 65_536 })),
        "{error:?}"
    );
}

#[test]
fn a_picture_with_too_many_pixels_is_refused_although_its_bytes_are_few() {
    let mut bomb = jpeg(16, 16, 10);
    let size = frame_header(&bomb) + 5;
    bomb[size..size + 4].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    let error = refused(&message(&header(1, 65_500, 65_500, &bomb), &bomb));
    assert_eq!(
        error.to_string(),
        "frame 1 has 65500 x 65500 pixels, above the limit of 16777216 (--max-pixels)"
    );
}

#[test]
fn a_header_that_announces_another_size_than_the_jpeg_has_is_refused() {
    let jpeg = jpeg(16, 16, 10);
    let error = refused(&message(&header(1, 16, 17, &jpeg), &jpeg));
    assert_eq!(
        error.to_string(),
        "frame 1 is announced with 16 x 17 pixels, and its JPEG has 16 x 16"
    );
}

#[test]
fn a_peer_that_speaks_the_tutorials_dialect_is_told_which_option_it_needs() {
    let error = refused(b"2454, ");
    let words = console::explain(&error);
    assert!(words.contains("--dialect tutorial"), "{words}");
}
