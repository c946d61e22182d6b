//! The tutorial's dialect over bytes.

use lesson07_server::tutorial;
use video::JpegError;

use super::*;

/// Talks to a client that sends these bytes, in pieces of at most `piece`.
fn talk(input: &[u8], piece: usize) -> (Vec<Picture>, Vec<u8>, Result<(), Error>) {
    let mut client = Client::new(input, piece);
    let mut taken = Vec::new();
    let outcome = tutorial::converse(
        &mut client,
        &LIMITS,
        |picture| {
            taken.push(picture);
            Ok(())
        },
        &mut (),
    );
    (taken, client.heard, outcome)
}

/// A client in lock step: sends its next part when it has heard a word for the one before, and each
/// in pieces of at most `piece` bytes.
struct LockStep {
    parts: Vec<Vec<u8>>,
    piece: usize,
    at: (usize, usize),
    heard: usize,
}

impl Read for LockStep {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (part, sent) = self.at;
        let Some(bytes) = self.parts.get(part) else { return Ok(0) };
        assert!(self.heard >= part * tutorial::OK.len(), "part {part} is read without a word");
        let got = bytes[sent..].iter().take(self.piece).copied().collect::<Vec<_>>();
        let got = got.as_slice().read(buffer)?;
        self.at = if sent + got == bytes.len() { (part + 1, 0) } else { (part, sent + got) };
        Ok(got)
    }
}

impl Write for LockStep {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert_eq!(bytes, tutorial::OK);
        self.heard += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_frame_gets_its_two_words_however_the_stream_is_cut() {
    let jpeg = jpeg(16, 16, 10);
    for piece in [1, 2, 3, 4, 5, 100, usize::MAX] {
        let frame = || [format!("{}, ", jpeg.len()).into_bytes(), jpeg.clone()];
        let parts: Vec<_> = (0..3).flat_map(|_| frame()).collect();
        let mut client = LockStep { parts, piece, at: (0, 0), heard: 0 };
        let mut taken = Vec::new();
        let outcome = tutorial::converse(
            &mut client,
            &LIMITS,
            |picture| {
                taken.push(picture);
                Ok(())
            },
            &mut (),
        );
        outcome.unwrap();
        assert_eq!(taken.len(), 3, "in pieces of {piece}");
        assert!(
            taken.iter().all(|picture| picture.jpeg.bytes == jpeg && picture.captured.is_none())
        );
        assert_eq!(client.heard, 6 * tutorial::OK.len());
    }
}

#[test]
fn what_is_no_number_or_a_bad_one_gets_no_ok() {
    for input in [&b"abc, "[..], b"0, ", b"-5, ", b", ", b"12", b"\xff\xd8\xff\xe0,", &[b'1'; 100]]
    {
        let (taken, heard, outcome) = talk(input, usize::MAX);
        assert!(matches!(outcome, Err(Error::NotANumber { .. })), "{input:?}: {outcome:?}");
        assert!(taken.is_empty() && heard.is_empty(), "{input:?} got {heard:?}");
    }
}

#[test]
fn a_huge_number_gets_no_ok() {
    let (_, heard, outcome) = talk(b"2147483648, ", usize::MAX);
    assert!(matches!(outcome, Err(Error::TooLong { length: 2_147_483_648, .. })), "{outcome:?}");
    assert_eq!(heard, b"");
}

#[test]
fn what_is_no_jpeg_gets_the_first_ok_only() {
    // In pieces of 4 the number comes alone.
    let (taken, heard, outcome) = talk(b"10, no picture", 4);
    assert!(
        matches!(outcome, Err(Error::Jpeg { sequence: 1, source: JpegError::NotBaseline })),
        "{outcome:?}"
    );
    assert_eq!((taken.len(), heard.as_slice()), (0, &b"ok"[..]));
}

#[test]
fn a_client_that_leaves_in_the_middle_of_a_frame_ends_its_film() {
    let (_, _, outcome) = talk(b"10, \xff\xd8", 4);
    assert!(
        matches!(outcome, Err(Error::Wire(wire::Error::EndInBody { got: 2, expected: 10, .. }))),
        "{outcome:?}"
    );
}

#[test]
fn a_client_that_does_not_wait_is_told_apart_from_one_that_sends_a_bad_number() {
    let (_, _, outcome) = talk(b"10, \xff\xd8\xff\xe0", usize::MAX);
    assert!(matches!(outcome, Err(Error::DidNotWait)), "{outcome:?}");
}

#[test]
fn a_thousand_streams_of_noise_end_with_an_error() {
    for seed in 0..1000 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let letters = b"0123456789,, +_ok\xff\xd8\0";
        let mut pick = || rng.choice(letters).copied().unwrap();
        let input: Vec<u8> = std::iter::repeat_with(&mut pick).take(100).collect();
        let piece = 1 + usize::try_from(seed % 40).unwrap();
        let (taken, _, outcome) = talk(&input, piece);
        assert!(outcome.is_err() && taken.is_empty(), "seed {seed}: {input:?}");
    }
}
