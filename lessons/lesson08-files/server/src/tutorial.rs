//! The server's half of the tutorial's download: its bytes, without its faults where they are its
//! own.
//!
//! ```text
//! client          server
//! a.txt    ──▶                     the name, and no sign of where it ends
//!          ◀──    49 00 00 00      4-byte length of the JSON
//!                 {"lenth": 10, "md5": "…", "size(MB)": 0.0}
//!                 0123456789       the file; for one that there is not, `{}` and nothing
//! ```
//!
//! The MD5 stands before the bytes here, so the file is read twice, once to hash and once to send.
//! Repaired: any number of files on a connection, empty files, and no name leads out of the root.
//! This dialect has no `list`, no `put`, and no message that says what is wrong.

use std::io::{BufWriter, Read, Write};
use std::time::Instant;

use lesson08_shared::transfer::send_file;
use partial::{Name, Source};
use serde::Serialize;
use trace::text::quote;
use wire::Md5;

use crate::exchange::{Error, Store, TransferObserver};

/// The most bytes that a name may have.
pub const RECV_SIZE: usize = 1024;

/// What stands before a file, in the tutorial's spelling.
#[derive(Debug, Serialize)]
struct Header {
    lenth: u64,
    md5: String,
    #[serde(rename = "size(MB)")]
    megabytes: f64,
}

/// Sends one client the files that it names, until it leaves.
///
/// # Errors
/// When the connection breaks, or a wait takes too long; when a file changed while it was sent, for
/// which this dialect has no message.
pub fn converse(
    stream: &mut (impl Read + Write),
    store: &Store,
    observer: &mut impl TransferObserver,
) -> Result<(), Error> {
    while let Some(name) = receive_name(stream)? {
        observer.received(&[]);
        let (began, quoted) = (Instant::now(), quote(&name));
        match open(store, &name, &|| observer.should_continue()) {
            Ok((source, md5)) => {
                let length = source.length();
                send(stream, source, md5, observer)?;
                observer
                    .note(&format_args!("get {quoted}: {length} bytes in {:.1?}", began.elapsed()));
            }
            Err(error) => {
                observer.note(&format_args!("get {quoted}: refused: {error}"));
                stream.write_all(&framed("{}")?).map_err(wire::Error::Io)?;
            }
        }
        observer.sent(&[]);
    }
    Ok(())
}

/// Receives a name: whatever one `recv` returns.
fn receive_name(stream: &mut impl Read) -> wire::Result<Option<Vec<u8>>> {
    let mut name = vec![0; RECV_SIZE];
    // BROKEN: the tutorial's clients send no length, so one recv has to be taken for one name,
    // whether half of one came or two.
    let got = stream.read(&mut name)?;
    name.truncate(got);
    Ok((got > 0).then_some(name))
}

/// Opens the file and hashes it: the first of the two times that it is read.
fn open(
    store: &Store,
    name: &[u8],
    should_continue: &dyn Fn() -> bool,
) -> Result<(Source, String), partial::Error> {
    // What is no UTF-8 holds U+FFFD now, and there is no such file.
    let name: Name = String::from_utf8_lossy(name).parse()?;
    let mut source = store.folder.read(&name)?;
    let md5 = source.md5(should_continue)?.finish();
    Ok((source, md5))
}

fn send(
    stream: &mut impl Write,
    mut source: Source,
    md5: String,
    observer: &mut impl TransferObserver,
) -> Result<(), Error> {
    let header =
        Header { lenth: source.length(), md5: md5.clone(), megabytes: megabytes(source.length()) };
    // A small file leaves in one write with its header.
    let mut stream = BufWriter::new(stream);
    let json = wire::to_python_string(&header)?;
    stream.write_all(&framed(&json)?).map_err(wire::Error::Io)?;
    let range = 0..source.length();
    let sent = send_file(&mut stream, &mut source, range, Md5::new(), observer, &mut |_, _| true)?;
    stream.flush().map_err(wire::Error::Io)?;
    match sent {
        Some(actual) if source.is_unchanged() => match actual == md5 {
            true => Ok(()),
            false => Err(wire::Error::WrongDigest { announced: md5, actual }.into()),
        },
        _ => {
            let changed = "the file was changed while it was sent";
            Err(wire::Error::Io(std::io::Error::other(changed)).into())
        }
    }
}

fn framed(json: &str) -> wire::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    wire::encode(json.as_bytes(), &mut bytes)?;
    Ok(bytes)
}

/// Rounded to two decimals, as Python's `round(bytes / 1024 / 1024, 2)` does: the exact binary
/// value to the nearest, and to the even one of two that are equally near.
#[expect(clippy::cast_precision_loss, reason = "Python divides by way of a float as well")]
fn megabytes(bytes: u64) -> f64 {
    format!("{:.2}", bytes as f64 / 1024.0 / 1024.0).parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn megabytes_are_rounded_as_python_rounds_them() {
        for (bytes, rounded) in [
            (0, 0.0),
            (10, 0.0),
            (5243, 0.01),
            (131_072, 0.12), // 0.125 lies in the middle
            (393_216, 0.38), // so does 0.375
            (655_360, 0.62), // 0.625
            (5_242_887, 5.0),
            (1 << 40, 1_048_576.0),
        ] {
            assert_eq!(megabytes(bytes).to_bits(), f64::to_bits(rounded), "{bytes}");
        }
    }
}
