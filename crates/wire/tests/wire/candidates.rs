//! What a peer speaks, found out from its first bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use wire::Framing;

use crate::framings::{any_framing, any_length};

fn best(bytes: &[u8]) -> Vec<String> {
    let all = Framing::candidates(bytes);
    assert!(all.ends_with(&[Framing::None, Framing::End]), "{all:?}");
    all.iter().map(Framing::to_string).collect()
}

#[test]
fn nothing_fits_no_bytes() {
    assert_eq!(Framing::candidates(b""), []);
}

/// The bytes that healthy Python programs answer `echo hello` and `seq 3` with.
#[test]
fn what_programs_answer_is_recognised() {
    let jpeg =
        [b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01".as_slice(), &[0x10; 74], b"\xff\xd9"]
            .concat();
    let film = [&(jpeg.len() as u32).to_le_bytes()[..], &jpeg].concat();
    let long = "a line of an answer that is long\n".repeat(100);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("<i", b"\x06\0\0\0hello\n".to_vec()),
        ("<i", b"\x06\0\0\0hello\n\x06\0\0\x001\n2\n3\n".to_vec()),
        ("<i", [&(long.len() as u32).to_le_bytes()[..], long.as_bytes()].concat()),
        ("<i", b"\x14\0\0\0\xc4\xbf\xc2\xbc \xb2\xbb\xb4\xe6\xd4\xda: hello\n\n".to_vec()),
        ("<i", film.clone()),
        ("<i", film.repeat(3)),
        ("<i", film[..60].to_vec()),
        (">I", b"\0\0\0\x06hello\n".to_vec()),
        (">I", [&(long.len() as u32).to_be_bytes()[..], long.as_bytes()].concat()),
        (">I", [&(long.len() as u32).to_be_bytes()[..], &long.as_bytes()[..1020]].concat()),
        (">I+self", b"\0\0\0\x0ahello\n".to_vec()),
        (">I+self", b"\0\0\0\x0ahello\n\0\0\0\x0a1\n2\n3\n".to_vec()),
        ("<Q", b"\x06\0\0\0\0\0\0\0hello\n".to_vec()),
        (">Q", b"\0\0\0\0\0\0\0\x06hello\n".to_vec()),
        (">H", b"\0\x06hello\n".to_vec()),
        ("<H", b"\x06\0hello\n".to_vec()),
        ("B", b"\x06hello\n".to_vec()),
        ("B", b"\x06hello\n\x061\n2\n3\n".to_vec()),
        ("digits:10", b"6         hello\n".to_vec()),
        ("digits:10", b"6         1\n2\n3\n6         hello\n".to_vec()),
        ("digits:10", b"3300      a line of an answer that is".to_vec()),
        ("digits:64", format!("{:<64}hello\n", 6).into_bytes()),
        ("digits:>10", b"         6hello\n".to_vec()),
        ("digits:04", b"0006hello\n".to_vec()),
        ("digits:04", b"00061\n2\n3\n".to_vec()),
        ("digits:08", b"00000006hello\n".to_vec()),
        ("digits:\\n", b"6\nhello\n6\n1\n2\n3\n".to_vec()),
        ("digits:\\n", b"6\nhello\n".to_vec()),
        ("digits::", b"6:hello\n".to_vec()),
        ("line", b"hello\n".to_vec()),
        ("line", b"hello\r\n".to_vec()),
        ("line", b"1\n2\n3\n".to_vec()),
        ("line", b"10\n20\n30\n".to_vec()),
        ("line", b"{\"ok\": true, \"echo\": {\"a\": 1}}\n".to_vec()),
        ("line", "目录 不存在\n".as_bytes().to_vec()),
        ("line", long.clone().into_bytes()),
        ("until:00", b"hello\0".to_vec()),
        ("until:0d0a0d0a", b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n".to_vec()),
        (
            "json:<i:total_size",
            b"\x31\0\0\0{\"filename\": \"a.txt\", \"total_size\": 6, \"hash\": 1}hello\n".to_vec(),
        ),
        ("json:>H:file_size", b"\0\x10{\"file_size\": 6}hello\n".to_vec()),
        ("json:>H:file_size", b"\0\x11{\"file_size\": 60}hello\n".to_vec()),
        ("<i", b"\x02\0\0\0{}".to_vec()),
        ("<i", b"\x09\0\0\0{\"id\": 7}".to_vec()),
        ("none", b"HELLO".to_vec()),
        ("none", b"HELLO, a text of some length without a new line behind it".to_vec()),
        ("none", b"12".to_vec()),
        ("none", b"2 files found".to_vec()),
        // Two lengths, or four letters before the length: no framing of these.
        ("none", b"\x06\0\0\0\x06\0\0\0hello\n".to_vec()),
        ("none", b"MSG1\x06\0\0\0hello\n".to_vec()),
    ];
    let mut wrong = String::new();
    for (expected, bytes) in cases {
        let found = best(&bytes);
        if found[0] != expected {
            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
            wrong += &format!("{start:?}: {found:?} instead of {expected}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn all_that_fits_is_there_and_chance_comes_last() {
    assert_eq!(best(b"\0\0\0\x05hello"), [">I", ">H", "B", "none", "end"]);
    assert_eq!(best(b"\x05\0\0\0hello"), ["<i", "none", "end"]);
    assert_eq!(best(b"\0\0\0\0"), ["<i", ">I", "<H", ">H", "B", "none", "end"]);
}

proptest! {
    #[test]
    fn a_framing_with_a_length_is_among_the_candidates_for_what_it_sends(
        field in any_length(),
        messages in vec(vec(any::<u8>(), 1..100), 1..5),
    ) {
        let framing = Framing::Length(field);
        let mut stream = Vec::new();
        for message in &messages {
            framing.encode(message, &mut stream).unwrap();
        }
        // Signed and unsigned look alike.
        let shown = |framing: &Framing| framing.to_string().to_ascii_lowercase();
        let all: Vec<String> = Framing::candidates(&stream).iter().map(shown).collect();
        prop_assert!(all.contains(&shown(&framing)), "{:?}", all);
    }

    #[test]
    fn any_bytes_have_candidates_and_those_of_a_stream_decode_it(
        sent_with in any_framing(),
        messages in vec(vec(any::<u8>(), 0..300), 0..5),
        noise in vec(prop_oneof![Just(0), 48..52_u8, any::<u8>()], 0..60),
    ) {
        let mut stream = Vec::new();
        for message in messages {
            let _ = sent_with.encode(&message, &mut stream);
        }
        stream.extend(noise);
        for candidate in Framing::candidates(&stream) {
            let mut decoder = wire::Decoder::new(&candidate, wire::DEFAULT_LIMIT);
            let mut input = stream.as_slice();
            while decoder.decode(&mut input).unwrap().is_some() {}
        }
    }
}

#[test]
fn a_megabyte_of_anything_is_looked_at_in_no_time() {
    for byte in [0, 1, b'0', b' ', b'{', b'\n', b'\r', b'a', 0xff] {
        Framing::candidates(&vec![byte; 1 << 20]);
    }
    let digits = "1".repeat(64 * 1024);
    assert!(Framing::candidates(digits.as_bytes()).len() < 100);
}
