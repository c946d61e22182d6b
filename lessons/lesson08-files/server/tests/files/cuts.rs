//! Streams that are cut, in pieces, or no conversation at all.

use proptest::prelude::*;

use super::*;

#[test]
fn a_put_that_stops_at_any_byte_leaves_nothing_under_the_name_and_can_be_resumed() {
    let bytes = b"hello world";
    let says = put("x", bytes);
    for cut in 1..says.len() {
        let (place, store) = root();
        let (_, outcome) = answers(&store, &says[..cut]);
        let left = everything(place.path());
        assert!(left.iter().all(|(name, _)| name == ".x.part"), "cut at {cut}: {left:?}");
        assert!(left.iter().all(|(_, part)| bytes.starts_with(part)), "cut at {cut}: {left:?}");
        let asked = ask_to_put("x", bytes.len(), false, false).len();
        assert!(outcome.is_err() || cut == asked, "cut at {cut}: {outcome:?}");

        let there = left.first().map_or(0, |(_, part)| part.len());
        let rest = &bytes[there..];
        let body = message(Offset { from: there as u64 }, rest.len() as u64);
        let ask = ask_to_put("x", bytes.len(), false, true);
        heard(&store, &[&ask, &body, rest, &digest(bytes)].concat());
        assert_eq!(everything(place.path()), [("x".to_owned(), bytes.to_vec())], "cut at {cut}");
    }
}

#[test]
fn a_put_that_stops_leaves_the_old_file() {
    let (place, store) = root();
    heard(&store, &put("x", b"old"));
    let ask = ask_to_put("x", 11, true, false);
    let body = message(Offset { from: 0 }, 11);
    answers(&store, &[&ask, &body, b"hello ".as_slice()].concat()).1.unwrap_err();
    assert_eq!(std::fs::read(place.path().join("x")).unwrap(), b"old");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_answers_do_not_depend_on_the_sizes_of_the_reads(at_most in 1..300_usize) {
        let bytes: Vec<u8> = (0..1000).map(|i| (i % 256) as u8).collect();
        let says = [put("x", &bytes), list(""), get("x", None), get("y", None)].concat();
        let (_place, store) = root();
        let (_other, same) = root();
        let mut stream = Script { says: &says, at_most, heard: Vec::new() };
        converse(&mut stream, &store, &mut Ignore).unwrap();
        prop_assert!(stream.heard == heard(&same, &says), "reads of {} bytes", at_most);
    }

    #[test]
    fn no_garbage_is_answered_with_a_panic_or_a_file(
        garbage in proptest::collection::vec(any::<u8>(), 0..300)
    ) {
        let (place, store) = root();
        _ = answers(&store, &garbage);
        prop_assert_eq!(everything(place.path()), []);
    }

    #[test]
    fn no_header_is_answered_with_a_panic_or_a_file(
        word in "list|get|put|x",
        name in r#""name":"x"|"name":null|"have":\{\}"#,
        size in "-?[0-9]{1,20}",
    ) {
        let (place, store) = root();
        let json = format!(r#"{{"do":"{word}",{name},"file_size":{size},"size":0}}"#);
        _ = answers(&store, &framed(&json, "garbage"));
        prop_assert_eq!(everything(place.path()), []);
    }

    #[test]
    fn a_put_with_damaged_bytes_is_never_kept(at in 0..400_usize, flip in 1..=255_u8) {
        let bytes = b"hello world";
        let mut says = put("x", bytes);
        let at = at % says.len();
        says[at] ^= flip;
        let (place, store) = root();
        _ = answers(&store, &says);
        for (name, content) in everything(place.path()) {
            let whole = !name.ends_with(".part");
            prop_assert!(!whole || content == bytes, "byte {} became {}: {:?}", at, says[at], name);
        }
    }
}
