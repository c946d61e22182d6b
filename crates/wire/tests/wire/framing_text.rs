//! Framings as text: what a person would write, and what is said when it names none.

use proptest::prelude::*;
use wire::{Framing, FramingPair, UnknownReason};

use crate::framings::any_framing;

#[test]
fn a_framing_is_shown_in_one_way_however_it_was_written() {
    let native = |little: &'static str, big: &'static str| {
        if cfg!(target_endian = "little") { little } else { big }
    };
    for (text, shown) in [
        ("none", "none"),
        ("line", "line"),
        ("end", "end"),
        ("<i", "<i"),
        ("<l", "<i"),
        (">L", ">I"),
        ("!I", ">I"),
        ("!q+self", ">q+self"),
        ("=L", native("<I", ">I")),
        ("i", native("<i", ">i")),
        ("h", native("<h", ">h")),
        ("Q", native("<Q", ">Q")),
        ("B", "B"),
        ("<b", "b"),
        ("!B+self", "B+self"),
        ("digits:10", "digits:10"),
        ("digits:>10", "digits:>10"),
        ("digits:04", "digits:04"),
        ("digits:00255", "digits:0255"),
        ("digits:\\n", "digits:\\n"),
        ("digits:\n", "digits:\\n"),
        ("digits:\\x0d\\x0A", "digits:\\r\\n"),
        ("digits::", "digits::"),
        ("digits: ", "digits:\\x20"),
        ("digits:>", "digits:\\x3e"),
        ("digits:>a", "digits:\\x3ea"),
        ("digits:\\\\\\0\\t", "digits:\\\\\\0\\t"),
        ("digits:,", "digits:\\x2c"),
        ("digits:、", "digits:\\xe3\\x80\\x81"),
        ("until:0D0a", "until:0d0a"),
        ("json:!H:size", "json:>H:size"),
        ("json:<i+self:a:b", "json:<i+self:a:b"),
    ] {
        let framing: Framing = text.parse().unwrap();
        assert_eq!(framing.to_string(), shown, "{text}");
        assert_eq!(shown.parse(), Ok(framing), "{text}");
    }
}

#[test]
fn what_names_no_framing_is_told_what_may_be_written() {
    for (text, reason) in [
        ("", UnknownReason::Word),
        ("lines", UnknownReason::Word),
        ("LINE", UnknownReason::Word),
        ("<", UnknownReason::Word),
        ("<n", UnknownReason::Word),
        ("<f", UnknownReason::Word),
        ("<ii", UnknownReason::Word),
        ("I<", UnknownReason::Word),
        ("@i", UnknownReason::Word),
        ("+self", UnknownReason::Word),
        ("line+self", UnknownReason::Word),
        ("l", UnknownReason::NativeLong),
        ("L", UnknownReason::NativeLong),
        ("l+self", UnknownReason::NativeLong),
        ("json:L:size", UnknownReason::NativeLong),
        ("digits", UnknownReason::WidthOrMark),
        ("digits:", UnknownReason::WidthOrMark),
        ("digits:4x", UnknownReason::WidthOrMark),
        ("digits:\\x34", UnknownReason::WidthOrMark),
        ("digits:0", UnknownReason::Width),
        ("digits:00", UnknownReason::Width),
        ("digits:>0", UnknownReason::Width),
        ("digits:256", UnknownReason::Width),
        ("digits:99999999999999999999", UnknownReason::Width),
        ("digits:\\", UnknownReason::Escape),
        ("digits:\\q", UnknownReason::Escape),
        ("digits:\\x0", UnknownReason::Escape),
        ("digits:\\x0g", UnknownReason::Escape),
        ("until", UnknownReason::Hex),
        ("until:0", UnknownReason::Hex),
        ("until:0x0a", UnknownReason::Hex),
        ("until:\\n", UnknownReason::Hex),
        ("until:+a", UnknownReason::Hex),
        ("until:", UnknownReason::MarkLength { most: 64 }),
        ("json", UnknownReason::Json),
        ("json:", UnknownReason::Json),
        ("json:>H", UnknownReason::Json),
        ("json:>H:", UnknownReason::Json),
        ("json:size", UnknownReason::Json),
        ("json:line:size", UnknownReason::Json),
    ] {
        let error = text.parse::<Framing>().unwrap_err();
        assert_eq!((error.text.as_str(), error.reason), (text, reason), "{error}");
    }
    let words = |text: &str| text.parse::<Framing>().unwrap_err().to_string();
    assert_eq!(
        words("lines"),
        "no framing \"lines\": write none, line, end, a length as Python's struct names it (<i, >H, \
         !Q, B; with +self if it counts itself), digits:10, digits:04, digits:\\n, until:HEX or \
         json:>H:FIELD",
    );
    assert_eq!(
        words("L"),
        "no framing \"L\": l and L alone have 8 bytes on Linux and 4 on Windows: write <l or >l for \
         4 bytes, q for 8",
    );
    assert!(!words("\x1b[2J").contains('\x1b'));
    let longest = format!("until:{}", "0a".repeat(64));
    assert!(longest.parse::<Framing>().is_ok());
    assert!(words(&format!("{longest}0a")).ends_with("an end mark has 1 to 64 bytes"));
}

#[test]
fn requests_and_answers_may_be_framed_differently() {
    for (text, shown) in [
        (">I", ">I"),
        ("!I,>I", ">I"),
        ("line,>I", "line,>I"),
        ("digits:\\n,end", "digits:\\n,end"),
        ("digits:,", "digits:\\x2c"),
        ("digits:,,line", "digits:\\x2c,line"),
        ("json:>H:a,line", "json:>H:a,line"),
    ] {
        let pair: FramingPair = text.parse().unwrap();
        assert_eq!(pair.to_string(), shown, "{text}");
        assert_eq!(shown.parse(), Ok(pair), "{text}");
    }
    for (text, wrong) in [("lines", "lines"), ("line,lines", "lines"), ("l,line", "l"), (",", "")] {
        assert_eq!(text.parse::<FramingPair>().unwrap_err().text, wrong, "{text}");
    }
}

proptest! {
    #[test]
    fn any_framing_is_read_back_from_its_text(framing in any_framing()) {
        let text = framing.to_string();
        prop_assert_eq!(text.parse::<Framing>(), Ok(framing), "{}", text);
    }

    #[test]
    fn no_text_is_too_strange(text in "((digits|until|json):)?[<>!=@]?\\PC{0,12}") {
        if let Ok(framing) = text.parse::<Framing>() {
            prop_assert_eq!(framing.to_string().parse(), Ok(framing));
        }
    }
}
