//! `to_python_string` beside what CPython 3.11 printed for the same values.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use wire::{Error, to_python_string};

fn check<T: Serialize>(value: T, python: &str) {
    assert_eq!(to_python_string(&value).unwrap(), python);
}

#[test]
fn a_struct_keeps_the_order_of_its_fields() {
    #[derive(Serialize)]
    struct File {
        lenth: u64,
        md5: &'static str,
        #[serde(rename = "size(MB)")]
        size: f64,
    }

    let md5 = "781e5e245d69b566979b86e28d23f2c7";
    check(
        File { lenth: 10, md5, size: 0.0 },
        r#"{"lenth": 10, "md5": "781e5e245d69b566979b86e28d23f2c7", "size(MB)": 0.0}"#,
    );
}

#[test]
fn lists_and_dictionaries_have_a_space_after_each_comma_and_colon_and_none_when_empty() {
    check(json!({}), "{}");
    check(json!([]), "[]");
    check(json!([[], {}, [[]], {"a": {}}]), r#"[[], {}, [[]], {"a": {}}]"#);
    check(json!([true, false, null]), "[true, false, null]");
    check(
        json!({"名": {"列表": [1, "二", null, {"x": []}]}}),
        r#"{"\u540d": {"\u5217\u8868": [1, "\u4e8c", null, {"x": []}]}}"#,
    );
}

#[test]
fn everything_outside_printable_ascii_is_escaped() {
    check("", r#""""#);
    check("a/b c", r#""a/b c""#);
    check("汉字 é 😀 \u{10ffff}", r#""\u6c49\u5b57 \u00e9 \ud83d\ude00 \udbff\udfff""#);
    check(
        "\0\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f}\u{7f}\u{80}\u{2028}\"\\/'",
        r#""\u0000\u0001\b\t\n\u000b\f\r\u001f\u007f\u0080\u2028\"\\/'""#,
    );
}

#[test]
fn integers_are_written_in_full() {
    check(
        (0, -1, i64::MAX, i64::MIN, u64::MAX),
        "[0, -1, 9223372036854775807, -9223372036854775808, 18446744073709551615]",
    );
}

#[test]
fn floats_are_written_as_python_writes_them() {
    for (value, python) in [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (5.0, "5.0"),
        (0.1, "0.1"),
        (100.0, "100.0"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e+16"),
        (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
        // Half-way between two shortest texts: the even digit.
        (811_376_019_104_808.0 + 0.25, "811376019104808.2"),
        (0.0001, "0.0001"),
        (0.000_01, "1e-05"),
        (0.000_012_34, "1.234e-05"),
        (1.25e-7, "1.25e-07"),
        (-2.5e-10, "-2.5e-10"),
        (1e22, "1e+22"),
        (1e100, "1e+100"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
    ] {
        check(value, python);
    }
    check(0.1_f32, "0.10000000149011612");
}

#[test]
fn keys_that_are_numbers_become_text() {
    check(BTreeMap::from([(-2, "b"), (1, "a")]), r#"{"-2": "b", "1": "a"}"#);
}

#[test]
fn a_key_that_is_a_list_is_an_error() {
    let error = to_python_string(&BTreeMap::from([(vec![1], 2)])).unwrap_err();
    assert!(matches!(error, Error::Unserializable(_)), "{error:?}");
}
