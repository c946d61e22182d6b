//! A JSON header may say what 4 bytes cannot: here a size of 156 digits.
//!
//! `cargo run -p lesson03-server --example json_header`
//!
//! Claim: the header of this file is 223 bytes long, and that length packs to `df 00 00 00`. The 4
//! bytes count the header only; the file's own size travels inside it, as long as it likes.

use anyhow::{Context, ensure};
use byteorder::{ByteOrder, LittleEndian};
use console::show;
use serde_json::value::RawValue;

language::catalogue!();

#[derive(serde::Serialize)]
struct Header {
    filename: &'static str,
    // Most languages' numbers end long before 156 digits, so it is kept as the text that it is.
    total_size: Box<RawValue>,
    hash: &'static str,
}

fn main() -> anyhow::Result<()> {
    let digits = "1".repeat(156);
    let header = Header {
        filename: "a.txt",
        total_size: RawValue::from_string(digits.clone()).context("digits are JSON")?,
        hash: "asdf123123x123213x",
    };
    let json = wire::to_python_string(&header).context("cannot write the header as JSON")?;
    println!("{json}");
    show!("header: {} bytes", json.len());
    ensure!(json.len() == 223, "the header should be 223 bytes long");

    let mut length = [0; 4];
    LittleEndian::write_i32(&mut length, i32::try_from(json.len())?);
    show!("packed: {length:02x?}, unpacked: {}", LittleEndian::read_i32(&length));
    ensure!(length == [0xdf, 0, 0, 0], "223 should pack to df 00 00 00");

    // Where such a number ends up in a reader that has only 64 bits:
    let lost = serde_json::from_str::<u64>(&digits).is_err();
    match lost {
        true => show!("as a 64-bit number it does not fit"),
        false => show!("as a 64-bit number it fits"),
    }
    ensure!(lost, "156 digits should not fit in 64 bits");
    Ok(())
}
