//! Which language is spoken, and that a catalogue with a fault is found.
#![expect(clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::panic;
use std::path::Path;
use std::{env, fs};

use language::{Language, speak, spoken, text};
use rust_i18n::t;

language::catalogue!();

#[test]
fn a_language_is_known_by_its_name_and_by_a_whole_locale() {
    for text in ["zh", "ZH", "zh-CN", "zh_CN.UTF-8", "zh-Hans-CN"] {
        assert_eq!(text.parse(), Ok(Language::Chinese), "{text}");
    }
    for text in ["en", "en_US.UTF-8", "en-GB"] {
        assert_eq!(text.parse(), Ok(Language::English), "{text}");
    }
    for text in ["", "C", "de_DE", "zhuang", "英"] {
        assert!(text.parse::<Language>().is_err(), "{text}");
    }
}

#[test]
fn the_option_is_found_before_arguments_are_parsed() {
    let found = |line: &str| Language::in_arguments(line.split(' ').map(Into::into));
    assert_eq!(found("compare --lang zh --help"), Some(Language::Chinese));
    assert_eq!(found("compare --help --lang=en"), Some(Language::English));
    assert_eq!(found("compare --lang"), None);
    assert_eq!(found("compare --lang klingon"), None);
    assert_eq!(found("judge any -- --lang zh"), None);
    assert_eq!(Language::of_reader(Some(Language::Chinese)), Language::Chinese);
}

/// One test for all that is spoken, since there is one language for a whole process.
#[test]
fn texts_are_english_until_another_language_is_spoken() {
    const TABLE: [&str; 1] = [text!("Nobody listens.")];
    let said = || [t!("%{count} bytes arrived", count = 5), t!(TABLE[0]), t!("not. in: it")];
    assert_eq!(spoken(), Language::English);
    assert_eq!(said(), ["5 bytes arrived", "Nobody listens.", "not. in: it"]);
    speak(Language::Chinese);
    assert_eq!(spoken(), Language::Chinese);
    assert_eq!(said(), ["到了 5 字节", "没有人在监听。", "not. in: it"]);
    // An error that has its values in it, and what stands behind it.
    CATALOGUE.add();
    const ERROR: &str = text!("the digest is {}");
    const ADVICE: &str = text!("try again");
    for (english, chinese) in [
        (ERROR.replace("{}", "0af"), "摘要是 0af"),
        (ERROR.replace("{}", &format!("0af; {ADVICE}")), "摘要是 0af；再试一次"),
        (ERROR.replace("{}", &format!("a; b; {ADVICE}")), "摘要是 a; b；再试一次"),
        (ERROR.replace("{}", "a; b"), "摘要是 a; b"),
    ] {
        assert_eq!(language::find(&english).as_deref(), Some(chinese), "{english}");
    }
}

/// What is said of a crate with this code and this catalogue; nothing if all is well.
fn faults(name: &str, code: &str, catalogue: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(folder.join("src/deep")).unwrap();
    fs::create_dir_all(folder.join("locales")).unwrap();
    fs::write(folder.join("src/deep/lib.rs"), code).unwrap();
    fs::write(folder.join("locales/zh.toml"), catalogue).unwrap();
    let folder = folder.to_str().unwrap();
    let checked = panic::catch_unwind(|| language::check::assert_translated(folder, []));
    checked.err().map_or_else(String::new, |it| *it.downcast::<String>().unwrap())
}

const CODE: &str = r#"
    const WHY: &str = text!("It is \
        cut.");
    fn say() { html! { p { (t!("%{n} bytes", n = 3)) } } print("no text") }
"#;

#[test]
fn a_catalogue_that_holds_each_text_and_no_other_is_whole() {
    let punctuation = r#"fn say() { t!("%{a}, %{b}") }"#;
    assert_eq!(faults("punctuation", punctuation, "'%{a}, %{b}' = '%{a}，%{b}'"), "");
    assert_eq!(faults("whole", CODE, "'It is cut.' = '断开了。'\n'%{n} bytes' = '%{n} 字节'"), "");
}

#[test]
fn each_kind_of_fault_in_a_catalogue_is_named() {
    for (name, catalogue, fault) in [
        ("missing", "'%{n} bytes' = '%{n} 字节'", "no Chinese for:\n\"It is cut.\" = \"\""),
        (
            "left",
            "'It is cut.' = '断了。'\n'%{n} bytes' = '%{n} 字节'\n'x' = '某'",
            "no text for: \"x\"",
        ),
        (
            "other",
            "'It is cut.' = '断了。'\n'%{n} bytes' = '%{m} 字节'",
            "other placeholders: \"%{n}",
        ),
        ("none", "'It is cut.' = 'cut'\n'%{n} bytes' = '%{n} 字节'", "no Chinese in: \"It is"),
        ("half", "'It is cut.' = '断了,对'\n'%{n} bytes' = '%{n} 字节'", "half-width punctuation"),
    ] {
        let said = faults(name, CODE, catalogue);
        assert!(said.contains(fault), "{name}: {said}");
    }
}

#[test]
fn every_text_of_claps_has_its_chinese() {
    // What this test speaks itself stands in the same catalogue.
    let own = ["%{count} bytes arrived", "Nobody listens.", "the digest is {}", "try again"];
    language::check::assert_translated(env!("CARGO_MANIFEST_DIR"), own.map(String::from));
}
