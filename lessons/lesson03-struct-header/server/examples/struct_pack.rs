//! What Python's `struct.pack('i', n)` holds, and where it overflows.
//!
//! `cargo run -p lesson03-server --example struct_pack`
//!
//! Claim: `'i'` makes 4 bytes of any number, and says so when it cannot.

use anyhow::ensure;
use byteorder::{ByteOrder, LittleEndian, NativeEndian};
use console::show;

language::catalogue!();

fn main() -> anyhow::Result<()> {
    let too_big = 1_222_222_222_223_i64;
    match i32::try_from(too_big) {
        Ok(_) => anyhow::bail!("{too_big} fitted into 4 bytes, which it cannot"),
        Err(_) => show!("{too_big}: an i32 holds {} to {}", i32::MIN, i32::MAX),
    }

    let mut packed = [0; 4];
    LittleEndian::write_i32(&mut packed, 1222);
    show!("1222: {} bytes, {packed:02x?}", packed.len());
    ensure!(packed == [0xc6, 0x04, 0, 0], "1222 should pack to c6 04 00 00");

    let unpacked = LittleEndian::read_i32(&packed);
    show!("back: {unpacked}");
    ensure!(unpacked == 1222, "what was packed should come back");

    // 'i' alone is the machine's own order. Two machines that differ read each other's lengths
    // backwards, so a protocol names its order: '<i' for little-endian, '!i' for the network's.
    let native = NativeEndian::read_i32(&packed);
    let swapped = i32::from_be_bytes(packed);
    show!("the same 4 bytes here: {native}; on a big-endian machine: {swapped}");
    ensure!(swapped != 1222, "the byte order should matter");
    Ok(())
}
