//! What a packet capture shows, a line or two for each packet.
//!
//! The file is a classic pcap: a header of 24 bytes, then each packet behind a header of 16. The packets are those
//! of one TCP connection over IPv4, as a Linux machine's loopback interface has them, behind 14 bytes of Ethernet.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A segment of the connection.
struct Segment {
    /// Since the first one, in microseconds.
    at: u64,
    ports: (u16, u16),
    seq: u32,
    ack: u32,
    flags: u8,
    payload: Vec<u8>,
}

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// All packets of the capture in this file. The client is who has sent the first one.
pub(crate) fn listing(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let segments = segments(&bytes).unwrap_or_else(|| panic!("{} is cut off", file.display()));
    let first = segments.first().unwrap_or_else(|| panic!("{} is empty", file.display()));
    let client = first.ports.0;
    let start = |is_client| {
        let its = |it: &&Segment| (it.ports.0 == client) == is_client;
        segments.iter().find(its).map_or(0, |it| it.seq)
    };
    let starts = [start(false), start(true)];
    let mut lines = String::new();
    for (number, it) in (1..).zip(&segments) {
        let is_client = it.ports.0 == client;
        let way = if is_client { "client > server" } else { "server > client" };
        let from = it.seq.wrapping_sub(starts[usize::from(is_client)]);
        let length = it.payload.len();
        let to = if length > 0 { format!(":{}", from as usize + length) } else { String::new() };
        // A SYN names where its side begins to count; only then is an ACK without one counted from there.
        let ack = it.ack.wrapping_sub(starts[usize::from(!is_client)]);
        let ack = if it.flags & ACK > 0 { format!("ack {ack}") } else { String::new() };
        let line = format!(
            "{number:>2}  {:>6}.{:03} ms  {way}  {:<4}  seq {:<5}  {ack:<6}  length {length}",
            it.at / 1000,
            it.at % 1000,
            flags(it.flags),
            format!("{from}{to}"),
        );
        lines += &format!("{}\n", line.trim_end());
        if length > 0 {
            let hex =
                it.payload.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
            let text: String = it
                .payload
                .iter()
                .map(
                    |&byte| {
                        if byte.is_ascii_graphic() || byte == b' ' { byte as char } else { '.' }
                    },
                )
                .collect();
            _ = writeln!(lines, "{:18}{hex}  |{text}|", "");
        }
    }
    lines
}

/// As tcpdump writes them.
fn flags(flags: u8) -> String {
    let letters = [(SYN, 'S'), (FIN, 'F'), (RST, 'R'), (PSH, 'P'), (ACK, '.')];
    let set: String = letters.iter().filter(|(bit, _)| flags & bit > 0).map(|(_, it)| it).collect();
    format!("[{set}]")
}

fn segments(bytes: &[u8]) -> Option<Vec<Segment>> {
    let number =
        |bytes: &[u8], at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    assert_eq!(number(bytes, 0)?, 0xa1b2_c3d4, "a classic pcap, in microseconds");
    assert_eq!(number(bytes, 20)?, 1, "Ethernet, as Linux shows loopback");
    let (mut rest, mut segments, mut begin) = (bytes.get(24..)?, Vec::new(), None);
    while !rest.is_empty() {
        let at = u64::from(number(rest, 0)?) * 1_000_000 + u64::from(number(rest, 4)?);
        let length = number(rest, 8)? as usize;
        let packet = rest.get(16..16 + length)?;
        let since = at - *begin.get_or_insert(at);
        segments.push(segment(since, packet.get(14..)?)?);
        rest = rest.get(16 + length..)?;
    }
    Some(segments)
}

/// An IPv4 packet with a TCP segment in it (RFC 791, RFC 9293).
fn segment(at: u64, ip: &[u8]) -> Option<Segment> {
    let half =
        |bytes: &[u8], at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let word =
        |bytes: &[u8], at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let header = usize::from(ip.first()? & 0x0f) * 4;
    let tcp = ip.get(header..usize::from(half(ip, 2)?))?;
    let offset = usize::from(tcp.get(12)? >> 4) * 4;
    Some(Segment {
        at,
        ports: (half(tcp, 0)?, half(tcp, 2)?),
        seq: word(tcp, 4)?,
        ack: word(tcp, 8)?,
        flags: *tcp.get(13)?,
        payload: tcp.get(offset..)?.to_owned(),
    })
}
