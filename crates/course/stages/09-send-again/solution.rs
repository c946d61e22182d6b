//! A sender of a file over UDP: `cargo run --bin lesson09-client HOST PORT FILE`

use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use md5::{Digest, Md5};
use serde_json::json;

const MAGIC: [u8; 4] = *b"\x04UDP";
/// How many bytes of the file a Data holds.
const PIECE: usize = 1200;
/// How often a packet is sent.
const TRIES: usize = 10;
/// How long each time an answer is waited for.
const TIMEOUT: Duration = Duration::from_millis(500);

/// What a packet may be. A sender needs most of them.
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

/// One transfer, as its sender sees it.
struct Sender {
    client: UdpSocket,
    transfer: u64,
    transmission: u64,
}

impl Sender {
    /// Waits for an answer of this kind and number, or a Refused. All else is as good as lost.
    fn hear(&self, wanted: (u8, u32)) -> io::Result<Packet> {
        let mut buffer = [0; 65507];
        loop {
            let length = self.client.recv(&mut buffer)?;
            let Some(packet) = decode(&buffer[..length]) else { continue };
            let is_answer = packet.kind == kind::REFUSED || (packet.kind, packet.number) == wanted;
            if is_answer && packet.transfer == self.transfer {
                return Ok(packet);
            }
        }
    }

    /// Sends a packet until it is answered by this kind and number.
    fn ask(
        &mut self,
        kind: u8,
        number: u32,
        payload: &[u8],
        wanted: (u8, u32),
    ) -> Result<(), String> {
        for _ in 0..TRIES {
            let (transfer, transmission) = (self.transfer, self.transmission);
            let packet = Packet { transfer, transmission, number, kind, payload: payload.to_vec() };
            self.transmission += 1;
            let sent = self.client.send(&encode(&packet));
            match sent.and_then(|_| self.hear(wanted)) {
                Ok(answer) if answer.kind == kind::REFUSED => {
                    return Err(format!("refused: {}", String::from_utf8_lossy(&answer.payload)));
                }
                Ok(_) => return Ok(()),
                Err(error) => eprintln!("no answer: {error}"),
            }
        }
        Err("nobody answers".to_owned())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let host = env::args().nth(1).ok_or("the host is missing")?;
    let port = env::args().nth(2).ok_or("the port is missing")?;
    let path = PathBuf::from(env::args().nth(3).ok_or("the file is missing")?);
    let name = path.file_name().and_then(|it| it.to_str()).ok_or("the file has no name")?;
    let data = fs::read(&path)?;
    let client = UdpSocket::bind("127.0.0.1:0")?;
    // From now on the kernel drops what comes from anybody else.
    client.connect(format!("{host}:{port}"))?;
    client.set_read_timeout(Some(TIMEOUT))?;
    // Another number for each transfer: the time is good enough.
    let transfer = SystemTime::UNIX_EPOCH.elapsed()?.as_nanos() as u64;
    let mut sender = Sender { client, transfer, transmission: 0 };

    let offer = json!({ "name": name, "size": data.len(), "max_idle_timeout_ms": 5000 });
    sender.ask(kind::OFFER, 0, offer.to_string().as_bytes(), (kind::ACCEPT, 0))?;
    let mut count = 0;
    for piece in data.chunks(PIECE) {
        sender.ask(kind::DATA, count, piece, (kind::ACK, count + 1))?;
        count += 1;
    }
    let md5: String = Md5::digest(&data).iter().map(|byte| format!("{byte:02x}")).collect();
    let end = json!({ "md5": md5 });
    sender.ask(kind::END, count, end.to_string().as_bytes(), (kind::DONE, 0))?;
    println!("sent and verified");
    Ok(())
}
