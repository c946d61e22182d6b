//! Text in an encoding that was not expected: how it is known, and what to say of it.
//!
//! ```text
//! 目录        c4 bf c2 bc         GBK, as a Chinese Windows console writes it
//! 浣犲ソ      e4 bd a0 e5 a5 bd   你好 in UTF-8, decoded as GBK
//! ```

use language::text;
use rust_i18n::t;
use wire::Encoding;

use crate::show;

/// How much of a text is quoted, in characters.
const QUOTED: usize = 16;

/// What Python says when it decodes as GBK what is none.
const CODEC: &str = "'gbk' codec can't decode";

/// What to say of bytes that should be this text in UTF-8, or any such text if it is not known, and are
/// GBK.
pub(crate) fn in_gbk(known: Option<&[u8]>, came: &[u8]) -> Option<String> {
    let is_known = known.is_some_and(|known| encoded(known).as_deref() == Some(came));
    let text = match is_known {
        true => gbk()?.decode(came),
        false => as_gbk(came)?,
    };
    let start: String = text.trim_end().chars().take(QUOTED).collect();
    Some(t!(
        "These bytes are text in GBK (%{text}), and should be UTF-8. If GBK is meant: --encoding \
         gbk.", text = show::line(&start)).into_owned())
}

/// What to say of a client that was sent this text in UTF-8, and has printed something else.
pub(crate) fn shown(text: &str, printed: &str) -> Option<String> {
    let mistaken = gbk()?.decode(text.as_bytes());
    // Where two bytes make no character, decoders differ in what they make of them.
    let is_part = |part: &&str| part.chars().count() >= 2 && !text.contains(part);
    let mut parts = mistaken.split(|letter: char| letter.is_ascii() || letter == '\u{fffd}');
    if let Some(part) = parts.find(|part| is_part(part) && printed.contains(part)) {
        return Some(t!(
            "%{text} is what UTF-8 looks like when it is decoded as GBK: decode answers as UTF-8 \
             (in Python that is decode() without a name). If GBK is meant: --encoding gbk.",
            text = show::line(part)
        ).into_owned());
    }
    printed.contains(CODEC).then(|| {
        text!(
            "The answer is UTF-8, and the client decodes it as GBK: decode it as UTF-8. If GBK is \
             meant: --encoding gbk."
        )
        .to_owned()
    })
}

fn gbk() -> Option<Encoding> {
    "gbk".parse().ok()
}

/// The same text in GBK, if that is written with other bytes.
fn encoded(text: &[u8]) -> Option<Vec<u8>> {
    let bytes = gbk()?.encode(std::str::from_utf8(text).ok()?);
    (bytes != text).then_some(bytes)
}

/// The text, if these bytes are Chinese in GBK, and certainly nothing else.
///
/// They are if they are no UTF-8; if each character beyond ASCII is one of the 3755 most frequent
/// (level 1 of GB/T 2312, rows B0 to D7) or Chinese punctuation; and if one of them lies where
/// Korean has no syllables (rows above C8).
pub(crate) fn as_gbk(bytes: &[u8]) -> Option<String> {
    let gbk: Encoding = "gbk".parse().ok()?;
    if std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let (mut rest, mut hanzi, mut is_no_korean) = (bytes, 0, false);
    loop {
        rest = match rest {
            [] => break,
            [b' '..=b'~' | b'\n' | b'\r' | b'\t', rest @ ..] => rest,
            // Punctuation, and its forms of full width.
            [0xa1 | 0xa3, 0xa1..=0xfe, rest @ ..] => rest,
            [row @ 0xb0..=0xd7, 0xa1..=0xfe, rest @ ..] => {
                hanzi += 1;
                is_no_korean |= *row > 0xc8;
                rest
            }
            _ => return None,
        };
    }
    (hanzi >= 2 && is_no_korean).then(|| gbk.decode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_in_gbk_is_known_from_other_encodings_and_from_no_text() {
        let encoded = |name: &str, text| name.parse::<Encoding>().unwrap().encode(text);
        for text in ["目录 不存在: echo hi\n", "'abc' 不是内部或外部命令,也不是可运行的程序"]
        {
            assert_eq!(as_gbk(&encoded("gbk", text)), Some(text.to_owned()));
            assert_eq!(as_gbk(text.as_bytes()), None);
            assert_eq!(as_gbk(&encoded("big5", text)), None, "{text}");
        }
        for (encoding, text) in [
            ("euc-kr", "파일을 찾을 수 없습니다"),
            ("shift_jis", "ファイルが見つかりません"),
            ("euc-jp", "ファイルが見つかりません"),
            ("windows-1252", "Die Größe der Übergabe"),
            ("windows-1251", "Файл не найден"),
        ] {
            assert_eq!(as_gbk(&encoded(encoding, text)), None, "{encoding}");
        }
        assert_eq!(as_gbk(b"\xff\xfe\x80"), None);
        assert_eq!(as_gbk(b"no such folder"), None);
    }

    #[test]
    fn a_text_that_is_known_is_told_in_gbk_whatever_its_characters_are() {
        let text = "grüße, 你好";
        let bytes = gbk().unwrap().encode(text);
        assert!(in_gbk(Some(text.as_bytes()), &bytes).is_some());
        assert_eq!(in_gbk(None, &bytes), None);
        assert_eq!(in_gbk(Some(b"hello"), b"hello"), None);
        assert_eq!(in_gbk(Some(text.as_bytes()), text.as_bytes()), None);
    }

    #[test]
    fn utf_8_that_was_decoded_as_gbk_is_told_and_other_nonsense_is_not() {
        let told = shown("echo 你好", "> echo 浣犲ソ\n").unwrap();
        assert!(told.starts_with("\"浣犲ソ\" is what UTF-8 looks like"), "{told}");
        assert!(shown("a你b", "UnicodeDecodeError: 'gbk' codec can't decode byte 0xa0").is_some());
        assert_eq!(shown("你好", "你好"), None);
        assert_eq!(shown("你好", "\u{fffd}\u{fffd}"), None);
        assert_eq!(shown("hello", "浣犲ソ"), None);
    }
}
