//! Writes the test pattern into a film, to send with `--source FILE`.
//!
//! ```text
//! cargo run -p lesson07-client --example film -- film.avi            ten seconds, 1280x720
//! cargo run -p lesson07-client --example film -- film.avi 320 240    the same, small
//! ```

use std::path::Path;
use std::process::ExitCode;

use video::{DEFAULT_RATE, DEFAULT_SIZE, Error, Pattern, Size, write_film};

/// Ten seconds, at 30 frames a second.
const FRAMES: usize = 300;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (file, size) = match words.as_slice() {
        [file] => (file, Some(DEFAULT_SIZE)),
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
            eprintln!("film: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: film FILE [WIDTH HEIGHT], for example: film film.avi 640 360");
    ExitCode::from(2)
}

fn write(file: &str, size: Size) -> Result<(), Error> {
    write_film(Path::new(file), size, DEFAULT_RATE, Pattern::new(size)?.take(FRAMES))
}
