//! A receiver of files over UDP: `cargo run --bin lesson09-server PORT FOLDER`

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

const MAGIC: [u8; 4] = *b"\x04UDP";

/// What a packet may be. A receiver needs most of them.
#[allow(dead_code)]
mod kind {
    pub const OFFER: u8 = 0;
    pub const ACCEPT: u8 = 1;
    pub const DATA: u8 = 2;
    pub const ACK: u8 = 3;
    pub const END: u8 = 4;
    pub const DONE: u8 = 5;
    pub const REFUSED: u8 = 6;
    pub const ABORT: u8 = 7;
}

/// What stands in a datagram behind the magic and the crc32.
struct Packet {
    transfer: u64,
    transmission: u64,
    number: u32,
    kind: u8,
    payload: Vec<u8>,
}

/// The packet in a datagram; nothing if there is none, or a damaged one.
fn decode(datagram: &[u8]) -> Option<Packet> {
    let (crc, covered) = datagram.strip_prefix(&MAGIC)?.split_first_chunk()?;
    if u32::from_le_bytes(*crc) != crc32fast::hash(covered) {
        return None;
    }
    let (transfer, rest) = covered.split_first_chunk()?;
    let (transmission, rest) = rest.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let (kind, payload) = rest.split_first()?;
    Some(Packet {
        transfer: u64::from_le_bytes(*transfer),
        transmission: u64::from_le_bytes(*transmission),
        number: u32::from_le_bytes(*number),
        kind: *kind,
        payload: payload.to_vec(),
    })
}

/// The datagram of a packet.
fn encode(packet: &Packet) -> Vec<u8> {
    let covered = [
        &packet.transfer.to_le_bytes()[..],
        &packet.transmission.to_le_bytes(),
        &packet.number.to_le_bytes(),
        &[packet.kind],
        &packet.payload,
    ]
    .concat();
    [&MAGIC[..], &crc32fast::hash(&covered).to_le_bytes(), &covered].concat()
}

/// The datagram that answers a packet: it names the same transfer and the same transmission.
fn answer(packet: &Packet, kind: u8, number: u32, payload: &[u8]) -> Vec<u8> {
    encode(&Packet { number, kind, payload: payload.to_vec(), ..*packet })
}

/// A file that is on its way here.
struct Transfer {
    path: PathBuf,
    data: Vec<u8>,
    expected: u32,
}

impl Transfer {
    fn new(folder: &Path, offer: &Value) -> Result<Transfer, &'static str> {
        let name = offer["name"].as_str().ok_or("an Offer without a name")?;
        Ok(Transfer { path: folder.join(name), data: Vec::new(), expected: 0 })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the port is missing")?;
    let folder = PathBuf::from(env::args().nth(2).ok_or("the folder is missing")?);
    let server = UdpSocket::bind(format!("127.0.0.1:{port}"))?;
    // Each has a number, which two senders may choose alike: where it comes from belongs to it.
    let mut transfers = HashMap::new();

    let mut buffer = [0; 65507];
    loop {
        let (length, address) = server.recv_from(&mut buffer)?;
        let Some(packet) = decode(&buffer[..length]) else {
            continue; // It is as good as lost.
        };
        let key = (address, packet.transfer);
        let reply = match (packet.kind, transfers.get_mut(&key)) {
            (kind::OFFER, _) => {
                let offer: Value = serde_json::from_slice(&packet.payload).unwrap_or_default();
                transfers.insert(key, Transfer::new(&folder, &offer)?);
                let accept = json!({ "max_idle_timeout_ms": offer["max_idle_timeout_ms"] });
                answer(&packet, kind::ACCEPT, 0, accept.to_string().as_bytes())
            }
            (_, None) => answer(&packet, kind::REFUSED, 0, b"nobody has offered this file"),
            (kind::DATA, Some(transfer)) => {
                // ASK: a Data may come twice. Take it once, and answer it each time.
                // 一个 Data 可能来两次。只收一次，但每次都要回答。
                transfer.data.extend_from_slice(&packet.payload);
                transfer.expected += 1;
                answer(&packet, kind::ACK, transfer.expected, b"")
            }
            (kind::END, Some(transfer)) => {
                fs::write(&transfer.path, &transfer.data)?;
                transfers.remove(&key);
                answer(&packet, kind::DONE, 0, b"")
            }
            (_, Some(_)) => continue, // No sender says this.
        };
        server.send_to(&reply, address)?;
    }
}
