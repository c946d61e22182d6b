//! What becomes of a character that two reads share.
//!
//! `cargo run -p lesson02-server --example cut_character`
//!
//! Claim: decoding each read by itself breaks it; a decoder that keeps the first half until the rest
//! comes does not. Several of the tutorial's programs decode read by read, and in Python that ends
//! them with a UnicodeDecodeError.

use anyhow::ensure;
use console::{claim, here, why};
use wire::{Encoding, TextDecoder};

language::catalogue!();

const TEXT: &str = "你好，世界";

fn main() -> anyhow::Result<()> {
    claim!(
        "decoding read by read breaks each character that a read cuts; an\n\
         incremental decoder breaks none"
    );

    for name in ["utf-8", "gbk"] {
        let encoding: Encoding = name.parse()?;
        let bytes = encoding.encode(TEXT);
        let (mut broken, mut broken_incrementally) = (0, 0);
        for at in 0..=bytes.len() {
            let (first, second) = bytes.split_at(at);
            broken += usize::from(read_by_read(encoding, first, second) != TEXT);
            broken_incrementally += usize::from(incrementally(encoding, first, second) != TEXT);
        }
        // One place before each character and one at the end are safe to cut at; the others are not.
        let inside = bytes.len() - TEXT.chars().count();
        here!("{TEXT} in {name}: {}", hex(&bytes));
        here!("cuts: {}, of these inside a character: {inside}", bytes.len() + 1);
        here!("broken read by read: {broken}, incrementally: {broken_incrementally}");
        let (first, second) = bytes.split_at(1);
        here!("cut after byte 1: {}", read_by_read(encoding, first, second));
        ensure!(inside > 0 && broken == inside, "each cut inside a character should break it");
        ensure!(broken_incrementally == 0, "an incremental decoder should break nothing");
    }

    why!(
        "a read ends where the bytes ended that were there, and a character has\n\
         up to 4 bytes in UTF-8 and 2 in GBK. Decode whole messages, or keep the\n\
         beginning of a character until the rest comes: wire::TextDecoder, and in\n\
         Python codecs.getincrementaldecoder"
    );
    Ok(())
}

fn read_by_read(encoding: Encoding, first: &[u8], second: &[u8]) -> String {
    encoding.decode(first) + &encoding.decode(second)
}

fn incrementally(encoding: Encoding, first: &[u8], second: &[u8]) -> String {
    let mut decoder = TextDecoder::new(encoding);
    decoder.push(first) + &decoder.push(second) + &decoder.finish()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
