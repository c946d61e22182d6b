//! Text in the code page of Windows' console, which its programs write where they write no UTF-8: in China
//! 936, which is GBK.

use std::process::Command;
use std::sync::OnceLock;

use encoding_rs::Encoding;

/// What a program has printed, in UTF-8: as it is, if it is that already, and otherwise read as text in the
/// console's code page.
pub(crate) fn to_utf8(printed: Vec<u8>) -> Vec<u8> {
    static CONSOLE: OnceLock<Option<&Encoding>> = OnceLock::new();
    if str::from_utf8(&printed).is_ok() {
        return printed;
    }
    match CONSOLE.get_or_init(|| codepage::to_encoding(ask_for_code_page()?)) {
        Some(encoding) => {
            encoding.decode_without_bom_handling(&printed).0.into_owned().into_bytes()
        }
        None => printed,
    }
}

/// `chcp` ends its line with the number, in every language.
fn ask_for_code_page() -> Option<u16> {
    let output = Command::new("cmd").args(["/D", "/C", "chcp"]).output().ok()?;
    number_at_end(&output.stdout)
}

fn number_at_end(line: &[u8]) -> Option<u16> {
    let line = line.trim_ascii_end();
    let line = line.strip_suffix(b".").unwrap_or(line);
    let digits = line.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    str::from_utf8(&line[line.len() - digits..]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_found_in_every_language() {
        let chinese = [&[0xbb, 0xee, 0xb6, 0xaf][..], b": 936\r\n"].concat();
        assert_eq!(number_at_end(&chinese), Some(936));
        assert_eq!(number_at_end(b"Active code page: 65001\r\n"), Some(65001));
        assert_eq!(number_at_end(b"Aktive Codepage: 850.\r\n"), Some(850));
        assert_eq!(number_at_end(b"what?\r\n"), None);
    }

    #[test]
    fn what_is_utf_8_stays_as_it_is_and_936_is_gbk() {
        assert_eq!(to_utf8("汉字\r\n".into()), "汉字\r\n".as_bytes());
        let gbk = codepage::to_encoding(936).unwrap();
        assert_eq!(gbk.decode_without_bom_handling(&[0xba, 0xba]).0, "汉");
    }
}
