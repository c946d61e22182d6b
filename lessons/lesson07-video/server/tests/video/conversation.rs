//! The conversation over bytes, and what a frame must be.

use lesson07_shared::protocol::{Acknowledgement, HEADER_LIMIT};

use super::*;

/// What the server says to these bytes.
fn refused(stream: &[u8]) -> Error {
    let (taken, outcome) = Client::new(stream, usize::MAX).talk();
    assert!(taken.is_empty(), "taken although refused: {taken:?}");
    outcome.unwrap_err()
}

/// What the server says to a frame of 16 x 16 pixels with this JPEG.
fn refused_jpeg(jpeg: &[u8]) -> Error {
    refused(&message(&header(1, 16, 16, jpeg), jpeg))
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
        let jpegs: Vec<_> = taken.iter().map(|picture| &picture.jpeg).collect();
        assert_eq!(jpegs, [&frames[0], &frames[1]], "in pieces of {piece}");
        assert_eq!(taken[1].size, (32, 8));
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
    assert!(matches!(client.talk().1, Err(Error::NotJpeg { sequence: 1 })));
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
    assert!(
        matches!(error, Error::TooManyPixels { width: 65_500, height: 65_500, .. }),
        "{error:?}"
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
fn a_jpeg_that_is_not_whole_or_not_baseline_is_refused() {
    let whole = jpeg(16, 16, 10);
    // OpenCV's number for IMWRITE_JPEG_PROGRESSIVE.
    let progressive = encoded(".jpg", 16, 16, 10, &[2, 1]);
    let png = encoded(".png", 16, 16, 10, &[]);
    let mut trailing = whole.clone();
    trailing.push(0);
    for (name, jpeg) in [
        ("empty", &b""[..]),
        ("cut", &whole[..whole.len() - 1]),
        ("two markers", b"\xff\xd8\xff\xd9"),
        ("with a byte behind its end", &trailing),
        ("progressive", &progressive),
        ("PNG", &png),
    ] {
        let error = refused_jpeg(jpeg);
        assert!(matches!(error, Error::NotJpeg { .. }), "{name}: {error:?}");
    }
}

/// Decoders skip a restart marker that does not belong there, and imagesize skips as many bytes as
/// seem to stand behind it; so what lies in these bytes is seen by one of the two only.
#[test]
fn a_jpeg_with_two_sizes_is_refused() {
    let whole = jpeg(16, 16, 10);
    let at = frame_header(&whole);
    let mut hidden = whole[at..at + 19].to_vec();
    hidden[5..9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    let length = u16::try_from(hidden.len() + 2).unwrap().to_be_bytes();
    let restart = [&[0xff, 0xd0], &length[..], &hidden].concat();
    let jpeg = [&whole[..2], &restart, &whole[2..]].concat();
    assert_eq!(imagesize::blob_size(&jpeg).unwrap().width, 16, "the claim that this test is about");
    let error = refused_jpeg(&jpeg);
    assert!(matches!(error, Error::NotJpeg { .. }), "{error:?}");
}

/// A scan that has not all colours makes the decoder go over the picture again for the next one.
#[test]
fn a_jpeg_with_a_scan_for_each_colour_is_refused() {
    let mut jpeg = jpeg(16, 16, 10);
    let scan = jpeg.windows(2).position(|marker| marker == b"\xff\xda").unwrap();
    jpeg[scan + 4] = 1;
    let error = refused_jpeg(&jpeg);
    assert!(matches!(error, Error::NotJpeg { .. }), "{error:?}");
}

#[test]
fn a_peer_that_speaks_the_tutorials_dialect_is_told_which_option_it_needs() {
    let error = refused(b"2454, ");
    let words = console::explain(&error);
    assert!(words.contains("--dialect tutorial"), "{words}");
}
