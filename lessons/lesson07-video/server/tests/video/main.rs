//! Lesson 07's server without its program: conversations over bytes and over sockets, and a film that
//! is received in one thread and shown in another.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that unwraps fails with the line that did"
)]

mod conversation;
mod fuzz;
mod program;
mod showing;
mod sockets;
mod tutorial;

// Parts of the program, which is no library; not all of each is tried here.
#[path = "../../src/program/figures.rs"]
#[expect(dead_code)]
mod figures;
#[path = "../../src/program/page.rs"]
mod page;

use std::io::{self, Read, Write};

use lesson07_server::picture::{DEFAULT_MAX_PIXELS, Limits, Picture};
use lesson07_server::{Error, converse};
use lesson07_shared::protocol::FrameHeader;
use opencv::core::{CV_8UC3, Scalar};
use video::{Encoder, Mat};

/// What these tests allow.
const LIMITS: Limits = Limits { bytes: 64 * 1024, pixels: DEFAULT_MAX_PIXELS };

/// A JPEG of this size and shade.
fn jpeg(width: i32, height: i32, shade: u8) -> Vec<u8> {
    let colour = Scalar::new(shade.into(), 90.0, 200.0, 0.0);
    let image = Mat::new_rows_cols_with_default(height, width, CV_8UC3, colour).unwrap();
    Encoder::new(95).encode(&image).unwrap().bytes
}

/// The header of a JPEG of this size.
fn header(sequence: u64, width: u32, height: u32, jpeg: &[u8]) -> FrameHeader {
    FrameHeader {
        sequence,
        captured: 1_763_700_000_000_000,
        width,
        height,
        size: jpeg.len() as u64,
    }
}

/// A message as a client sends it.
fn message(header: &FrameHeader, jpeg: &[u8]) -> Vec<u8> {
    let mut bytes = wire::encode_header(header).unwrap();
    bytes.extend_from_slice(jpeg);
    bytes
}

/// Where a JPEG's frame header begins: its marker.
fn frame_header(jpeg: &[u8]) -> usize {
    jpeg.windows(2).position(|marker| marker == b"\xff\xc0").unwrap()
}

/// A client that sends `input` in pieces of at most `piece` bytes, and keeps what it is told.
struct Client<'a> {
    input: &'a [u8],
    piece: usize,
    heard: Vec<u8>,
}

impl Client<'_> {
    fn new(input: &[u8], piece: usize) -> Client<'_> {
        Client { input, piece, heard: Vec::new() }
    }

    /// Runs the server's side of the conversation.
    fn talk(&mut self) -> (Vec<Picture>, Result<(), Error>) {
        let mut taken = Vec::new();
        let outcome = converse(
            self,
            &LIMITS,
            |picture| {
                taken.push(picture);
                Ok(())
            },
            &mut (),
        );
        (taken, outcome)
    }
}

impl Read for Client<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.piece);
        (&mut self.input).take(most as u64).read(buffer)
    }
}

impl Write for Client<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.heard.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
