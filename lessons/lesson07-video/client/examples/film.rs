//! Writes the test pattern into a film, to send with `--source FILE`.
//!
//! ```text
//! cargo run -p lesson07-client --example film -- film.avi            ten seconds, 1280x720
//! cargo run -p lesson07-client --example film -- film.avi 320 240    the same, small
//! ```
//!
//! Each frame of the film is a JPEG of its own (MJPG in an AVI), which OpenCV can write and read
//! without any other library.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use lesson07_client::source::{Pattern, Source, USUAL_RATE, USUAL_SIZE};
use opencv::core::Size;
use opencv::prelude::{VideoWriterTrait, VideoWriterTraitConst};
use opencv::videoio::VideoWriter;

/// Ten seconds.
const FRAMES: u32 = 300;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (file, size) = match words.as_slice() {
        [file] => (file, Some(USUAL_SIZE)),
        [file, width, height] => {
            let size = width.parse().ok().zip(height.parse().ok());
            (file, size.map(|(width, height)| Size { width, height }))
        }
        _ => return usage(),
    };
    let Some(size) = size else { return usage() };
    match write(file, size) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("film: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: film FILE [WIDTH HEIGHT], for example: film film.avi 640 360");
    ExitCode::from(2)
}

fn write(file: &str, size: Size) -> Result<()> {
    let format = VideoWriter::fourcc('M', 'J', 'P', 'G')?;
    let mut writer = VideoWriter::new(file, format, USUAL_RATE, size, true)?;
    ensure!(
        writer.is_opened()?,
        "cannot write {file}: its folder must be there, its name end in .avi, and no side be 0"
    );
    let mut pattern = Pattern::new(size)?;
    for _ in 0..FRAMES {
        let picture = pattern.next()?.context("the pattern has ended")?;
        writer.write(&picture)?;
    }
    // Only now is the film's index written.
    Ok(writer.release()?)
}
