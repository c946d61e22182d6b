//! MD5: the examples of RFC 1321, whole and in pieces.

use std::io;

use wire::Md5;

const EXAMPLES: [(&str, &str); 4] = [
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    (
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a",
    ),
];

#[test]
fn the_examples_of_the_rfc_give_its_digests() {
    for (text, digest) in EXAMPLES {
        assert_eq!(wire::md5_hex(text.as_bytes()), digest, "{text:?}");
    }
}

#[test]
fn pieces_give_the_digest_of_the_whole() {
    for (text, digest) in EXAMPLES {
        for size in 1..=text.len() {
            let mut md5 = Md5::new();
            text.as_bytes().chunks(size).for_each(|piece| md5.update(piece));
            assert_eq!(md5.finish(), digest, "{text:?} in pieces of {size}");
        }
    }
}

#[test]
fn a_copy_into_it_gives_the_digest_of_what_was_copied() {
    for (text, digest) in EXAMPLES {
        let mut md5 = Md5::new();
        let copied = io::copy(&mut text.as_bytes(), &mut md5).unwrap();
        assert_eq!((copied, md5.finish().as_str()), (text.len() as u64, digest));
    }
}
