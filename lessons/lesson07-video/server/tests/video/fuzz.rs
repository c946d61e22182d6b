//! Streams that are wrong in a known way, from seeds: each must end with the error of its kind.

use fastrand::Rng;
use opencv::core::{CV_8UC3, MatTraitConst, MatTraitConstManual, Scalar};
use video::JpegError;

use super::*;

const CASES: u64 = 3000;
const SIZE: (u32, u32) = (32, 24);

/// What is done to a stream of three frames.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Cut,
    SizeField,
    Bytes,
    Announced,
    CutJpeg,
    TooManyPixels,
    TooLong,
    Json,
    Noise,
    Flipped,
}

const ALL: [Wrong; 10] = [
    Wrong::Cut,
    Wrong::SizeField,
    Wrong::Bytes,
    Wrong::Announced,
    Wrong::CutJpeg,
    Wrong::TooManyPixels,
    Wrong::TooLong,
    Wrong::Json,
    Wrong::Noise,
    Wrong::Flipped,
];

#[test]
fn three_thousand_wrong_streams_end_with_an_error_of_their_kind_and_nothing_else() {
    let whole = jpeg(32, 24, 77);
    for seed in 0..CASES {
        let mut rng = Rng::with_seed(seed);
        let wrong = rng.choice(ALL).unwrap();
        let stream = stream(&mut rng, wrong, &whole);
        let piece = rng.usize(1..600);
        let mut client = Client::new(&stream, piece);
        let (taken, outcome) = client.talk();
        assert!(
            is_expected(wrong, &outcome, taken.len()),
            "seed {seed}, {wrong:?}: {outcome:?} after {} frames",
            taken.len()
        );
        for picture in taken {
            decodes_within_its_size(seed, &picture);
        }
    }
}

/// Two good frames at most, and then one that is wrong.
fn stream(rng: &mut Rng, wrong: Wrong, whole: &[u8]) -> Vec<u8> {
    let good = |sequence| message(&header(sequence, SIZE.0, SIZE.1, whole), whole);
    let mut stream: Vec<u8> = (1..=rng.u64(0..3)).flat_map(good).collect();
    let mut frame = header(9, SIZE.0, SIZE.1, whole);
    let mut jpeg = whole.to_vec();
    match wrong {
        Wrong::Cut => {
            stream.extend(good(9));
            stream.truncate(rng.usize(0..stream.len()));
            return stream;
        }
        Wrong::SizeField => {
            let by = rng.u64(1..frame.size);
            frame.size = if rng.bool() { frame.size - by } else { frame.size + by };
        }
        Wrong::Bytes => rng.fill(&mut jpeg),
        Wrong::Announced => match rng.bool() {
            true => frame.width = rng.u32(33..),
            false => frame.height = rng.u32(..24),
        },
        Wrong::CutJpeg => {
            jpeg.truncate(rng.usize(..jpeg.len()));
            frame.size = jpeg.len() as u64;
        }
        Wrong::TooManyPixels => {
            let [high, low] = rng.u16(4097..).to_be_bytes();
            let size = frame_header(&jpeg) + 5;
            jpeg[size..size + 4].copy_from_slice(&[high, low, high, low]);
        }
        Wrong::TooLong => frame.size = rng.u64(LIMITS.bytes as u64 + 1..),
        Wrong::Json => {
            let texts = ["[1,2]", "{}", "{\"size\":-1}", "frame", "{\"size\":3}", "null", ""];
            wire::encode(rng.choice(texts).unwrap().as_bytes(), &mut stream).unwrap();
            return stream;
        }
        Wrong::Noise => {
            stream.extend(std::iter::repeat_with(|| rng.u8(..)).take(200));
            return stream;
        }
        Wrong::Flipped => {
            stream.extend(good(9));
            for _ in 0..rng.u32(1..6) {
                let at = rng.usize(..stream.len());
                stream[at] ^= 1 << rng.u32(..8);
            }
            return stream;
        }
    }
    stream.extend(message(&frame, &jpeg));
    stream
}

fn is_expected(wrong: Wrong, outcome: &Result<(), Error>, frames: usize) -> bool {
    use wire::Error as Wire;
    match (wrong, outcome) {
        // Between two frames a stream may end.
        (Wrong::Cut, Ok(())) => frames <= 2,
        (Wrong::Cut, Err(Error::Wire(Wire::EndInHeader { .. } | Wire::EndInBody { .. }))) => true,
        (Wrong::SizeField, Err(Error::Jpeg { source: JpegError::NotBaseline, .. })) => true,
        (Wrong::SizeField, Err(Error::Wire(Wire::EndInBody { .. }))) => true,
        (
            Wrong::Bytes | Wrong::CutJpeg,
            Err(Error::Jpeg { source: JpegError::NotBaseline, .. }),
        ) => true,
        (Wrong::Announced, Err(Error::WrongSize { .. })) => true,
        (
            Wrong::TooManyPixels,
            Err(Error::Jpeg { source: JpegError::TooManyPixels { .. }, .. }),
        ) => true,
        (Wrong::TooLong, Err(Error::Wire(Wire::BodyTooLarge { .. }))) => true,
        (Wrong::Json, Err(Error::Wire(Wire::NotJson { .. } | Wire::MissingField { .. }))) => true,
        (Wrong::Noise, Err(Error::Wire(_))) => true,
        // What a bit does depends on where it is; a panic would have ended the test.
        (Wrong::Flipped, Ok(()) | Err(_)) => frames <= 3,
        _ => false,
    }
}

/// Whatever has been taken can be decoded, or is found to be broken; and it is never larger than it
/// said. With the memory of another picture it comes to the same.
fn decodes_within_its_size(seed: u64, picture: &Picture) {
    let jpeg = &picture.jpeg;
    let [width, height] = [jpeg.width, jpeg.height].map(|side| i32::try_from(side).unwrap());
    let before = Scalar::new(10.0, 90.0, 200.0, 0.0);
    let mut reused = Mat::new_rows_cols_with_default(height, width, CV_8UC3, before).unwrap();
    let mut image = Mat::default();
    let (fresh, again) = (jpeg.decode(&mut image), jpeg.decode(&mut reused));
    assert_eq!(fresh, again, "seed {seed}");
    match fresh {
        Err(JpegError::Undecodable(_)) => {}
        Err(error) => panic!("seed {seed}: {error:?}"),
        Ok(()) => {
            let pixels = u64::from(jpeg.width) * u64::from(jpeg.height);
            assert_eq!(image.total() as u64, pixels, "seed {seed}: {jpeg:?}");
            let (fresh, again) = (image.data_bytes().unwrap(), reused.data_bytes().unwrap());
            assert_eq!(fresh, again, "seed {seed}: {jpeg:?}");
        }
    }
}
