//! The tutorial's dialect, byte for byte.

use lesson08_server::tutorial::converse;

use super::*;

/// A client each of whose reads gives one name, as when it waits for each answer.
struct Names<'a>(&'a [&'a [u8]], Vec<u8>);

impl Read for Names<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((&(mut name), others)) = self.0.split_first() else { return Ok(0) };
        self.0 = others;
        name.read(buffer)
    }
}

impl Write for Names<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn answers(store: &Store, names: &[&[u8]]) -> Vec<u8> {
    let mut stream = Names(names, Vec::new());
    converse(&mut stream, store, &mut Ignore).unwrap();
    stream.1
}

#[test]
fn a_file_has_the_header_that_the_tutorial_prints() {
    let (_place, store) = root();
    heard(&store, &put("a.txt", b"0123456789"));
    let expected = b"\x49\0\0\0{\"lenth\": 10, \"md5\": \"781e5e245d69b566979b86e28d23f2c7\", \
                     \"size(MB)\": 0.0}0123456789";
    assert_eq!(answers(&store, &[b"a.txt"]), expected);
}

#[test]
fn any_number_of_files_come_over_one_connection_and_what_is_none_is_empty_braces() {
    let (_place, store) = root();
    heard(&store, &[put("空的", b""), put("folder/a", b"x")].concat());
    let empty = b"\x48\0\0\0{\"lenth\": 0, \"md5\": \"d41d8cd98f00b204e9800998ecf8427e\", \
                  \"size(MB)\": 0.0}";
    let one = b"\x48\0\0\0{\"lenth\": 1, \"md5\": \"9dd4e461268c8034f5c8564e155c67a6\", \
                \"size(MB)\": 0.0}x";
    let none = b"\x02\0\0\0{}";
    for name in ["missing", "folder", "../x", "/etc/passwd", ".", "a\0b"] {
        assert_eq!(answers(&store, &[name.as_bytes()]), none, "{name:?}");
    }
    assert_eq!(answers(&store, &[b"\xff\xfe"]), none);
    let names = ["空的".as_bytes(), b"missing", b"folder/a", "空的".as_bytes()];
    assert_eq!(answers(&store, &names), [&empty[..], none, one, empty].concat());
}

#[test]
fn two_names_that_meet_are_taken_for_one() {
    let (_place, store) = root();
    heard(&store, &[put("a", b"x"), put("b", b"y")].concat());
    assert_eq!(answers(&store, &[b"ab"]), b"\x02\0\0\0{}");
}
