//! Decodes the same streams with this crate's decoder and with tokio-util's
//! `LengthDelimitedCodec`, for lengths in either byte order, and says how many times as fast ours is.
//!
//! ```text
//! cargo bench -p wire
//! ```
//!
//! A stream of frames is delivered in pieces, as reads deliver it. Each side does with a piece
//! what its user would: ours is handed it, tokio-util's has it appended to its `BytesMut`; then
//! both decode until they ask for more. Both keep their memory from one stream to the next, and
//! every frame is looked at alike.
//!
//! First divan measures each side by itself. But on a machine that others use too, times taken
//! one after the other cannot be divided. So for the ratios both sides decode the same stream in
//! turns, and the ratio is the median over all these rounds, between its quartiles.
#![expect(clippy::unwrap_used, reason = "an error would make the benchmark worthless")]

use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use tokio_util::bytes::BytesMut;
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};
use wire::Framing;

/// Bytes in a stream: many frames of each size, and still in the processor's cache.
const STREAM: usize = 1024 * 1024;
const TIME_PER_RATIO: Duration = Duration::from_millis(1200);

const SIZES: [(usize, usize); 9] = [
    (64, 7),
    (64, 1448),
    (64, 65_536),
    (1024, 7),
    (1024, 1448),
    (1024, 65_536),
    (65_536, 7),
    (65_536, 1448),
    (65_536, 65_536),
];

fn main() -> ExitCode {
    divan::main();
    // Given any other argument, such as a filter, somebody wants divan alone.
    if std::env::args().skip(1).eq(["--bench"]) { print_ratios() } else { ExitCode::SUCCESS }
}

fn cases() -> impl Iterator<Item = Case> {
    ["<i", ">I"]
        .into_iter()
        .flat_map(|order| SIZES.into_iter().map(move |(frame, piece)| Case { order, frame, piece }))
}

#[divan::bench(args = cases(), max_time = 0.3)]
fn wire(bencher: Bencher<'_, '_>, case: Case) {
    measure(bencher, case, Wire::new(case));
}

#[divan::bench(args = cases(), max_time = 0.3)]
fn tokio_util(bencher: Bencher<'_, '_>, case: Case) {
    measure(bencher, case, TokioUtil::new(case));
}

fn measure(bencher: Bencher<'_, '_>, case: Case, mut side: impl Side) {
    let stream = case.stream();
    let bencher = bencher.counter(BytesCount::of_slice(&stream));
    bencher.bench_local(|| side.decode(&stream, case.piece));
}

/// Fails if one of the ratios is below what this crate promises.
fn print_ratios() -> ExitCode {
    println!("length    frames   in pieces of     ratio    quartiles   promised");
    let mut kept = true;
    for case in cases() {
        let [low, median, high] = case.ratios();
        let promised = match (case.frame, case.is_lent()) {
            (64, true) => 2.0,
            (_, true) => 1.0,
            // A frame that is always cut is copied once by both, and what is left is noise.
            (_, false) => 0.9,
        };
        kept &= median > promised;
        println!(
            "{:>6} {:>7} B {:>10} B {median:>9.2}    {low:.2}-{high:.2}   above {promised}",
            case.order, case.frame, case.piece,
        );
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Clone, Copy)]
struct Case {
    /// The length as text: little-endian or big-endian.
    order: &'static str,
    frame: usize,
    piece: usize,
}

impl Case {
    fn framing(self) -> Framing {
        self.order.parse().unwrap()
    }

    fn stream(self) -> Vec<u8> {
        let mut stream = Vec::new();
        while stream.len() < STREAM {
            self.framing().encode(&vec![b'x'; self.frame], &mut stream).unwrap();
        }
        stream
    }

    /// Whether a frame can lie whole in a piece, so that it is lent and not copied.
    fn is_lent(self) -> bool {
        self.frame + wire::LENGTH_BYTES <= self.piece
    }

    /// How many times as long tokio-util takes: lower quartile, median, upper quartile.
    fn ratios(self) -> [f64; 3] {
        let stream = self.stream();
        let frames = stream.len() / (wire::LENGTH_BYTES + self.frame);
        let (mut wire, mut tokio_util) = (Wire::new(self), TokioUtil::new(self));
        let mut ours = || time(|| assert_eq!(wire.decode(&stream, self.piece), frames));
        let mut theirs = || time(|| assert_eq!(tokio_util.decode(&stream, self.piece), frames));
        // Both get their memory before it counts.
        ours();
        theirs();

        let mut ratios = Vec::new();
        let begin = Instant::now();
        while begin.elapsed() < TIME_PER_RATIO {
            // Who goes first in one round goes second in the next.
            let (first, second) = (ours(), theirs());
            ratios.push(second / first);
            let (first, second) = (theirs(), ours());
            ratios.push(first / second);
        }
        ratios.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| ratios[ratios.len() * quarter / 4])
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} B in {} B", self.order, self.frame, self.piece)
    }
}

fn time(run: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    run();
    begin.elapsed().as_secs_f64()
}

trait Side {
    /// Decodes a stream that comes in pieces of `piece` bytes, and counts its frames.
    fn decode(&mut self, stream: &[u8], piece: usize) -> usize;
}

struct Wire(wire::Decoder);

impl Wire {
    fn new(case: Case) -> Self {
        Self(wire::Decoder::new(&case.framing(), wire::DEFAULT_LIMIT))
    }
}

impl Side for Wire {
    fn decode(&mut self, stream: &[u8], piece: usize) -> usize {
        let mut frames = 0;
        for mut piece in stream.chunks(piece) {
            while let Some(frame) = self.0.decode(&mut piece).unwrap() {
                look_at(frame);
                frames += 1;
            }
        }
        frames
    }
}

struct TokioUtil {
    codec: LengthDelimitedCodec,
    buffer: BytesMut,
}

impl TokioUtil {
    fn new(case: Case) -> Self {
        let mut builder = LengthDelimitedCodec::builder();
        let codec = if case.order == "<i" { builder.little_endian() } else { builder.big_endian() }
            .length_field_length(wire::LENGTH_BYTES)
            .max_frame_length(wire::DEFAULT_LIMIT)
            .new_codec();
        Self { codec, buffer: BytesMut::new() }
    }
}

impl Side for TokioUtil {
    fn decode(&mut self, stream: &[u8], piece: usize) -> usize {
        let mut frames = 0;
        for piece in stream.chunks(piece) {
            self.buffer.extend_from_slice(piece);
            while let Some(frame) = self.codec.decode(&mut self.buffer).unwrap() {
                look_at(&frame);
                frames += 1;
            }
        }
        frames
    }
}

/// Reads the frame's first and last byte, and keeps the compiler from seeing that this is all.
fn look_at(frame: &[u8]) {
    black_box((frame.first().copied(), frame.last().copied()));
    black_box(frame);
}
