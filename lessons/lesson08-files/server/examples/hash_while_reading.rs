//! A file is hashed as it goes by, a piece at a time.
//!
//! `cargo run -p lesson08-server --example hash_while_reading`
//!
//! Claim: `for line in file`, with which the tutorial hashes, takes a binary file without a new
//! line as one line, so that all of it is in memory. Pieces of any size give the same MD5.

use std::io::{BufRead, BufReader, Cursor, Read};

use anyhow::ensure;
use console::{claim, here, why};
use wire::Md5;

language::catalogue!();

/// The size of the file, in bytes.
const SIZE: usize = 32 * 1024 * 1024;

fn main() -> anyhow::Result<()> {
    // A picture or an archive may have no 0x0a for a long while; this has none at all.
    let content: Vec<u8> = (0..SIZE).map(|i| (i % 251) as u8).map(|b| b.max(11)).collect();

    let (mut by_lines, mut longest, mut line) = (Md5::new(), 0, Vec::new());
    let mut file = BufReader::new(Cursor::new(&content));
    while file.read_until(b'\n', &mut line)? > 0 {
        by_lines.update(&line);
        longest = longest.max(line.len());
        line.clear();
    }
    claim!(
        "to hash a binary file by lines can take all of it into memory at once; in\n\
         pieces of any size it gives the same MD5"
    );
    here!("{SIZE} bytes without a new line");
    here!("by lines: the longest has {longest} bytes, and so much memory it took");
    ensure!(longest == SIZE, "the file should be one line");

    let expected = by_lines.finish();
    for size in [1000, 1024, 64 * 1024, 1024 * 1024] {
        let (mut md5, mut piece) = (Md5::new(), vec![0; size]);
        let mut file = Cursor::new(&content);
        loop {
            let got = file.read(&mut piece)?;
            if got == 0 {
                break;
            }
            md5.update(&piece[..got]);
        }
        let md5 = md5.finish();
        here!("in pieces of {size:>7} bytes: {md5}");
        ensure!(md5 == expected, "the MD5 should not depend on the pieces: {expected}");
    }
    why!(
        "MD5 keeps 16 bytes and one block of 64 (RFC 1321, 3), however long the file\n\
         is; so the bytes can be hashed on their way to the socket, and the file is\n\
         read once"
    );
    Ok(())
}
