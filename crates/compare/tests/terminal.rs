//! What stands on a terminal: at every width, in both languages, in ASCII; and how the program ends.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the line that did")]

use std::collections::{BTreeMap, BTreeSet};
#[cfg(target_os = "linux")]
use std::fs::File;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use unicode_width::UnicodeWidthStr;

/// A narrow terminal, the usual one, and a wide one, in columns.
const WIDTHS: [usize; 3] = [60, 80, 120];
const LANGUAGES: [&str; 2] = ["en", "zh"];
/// All that the program can print at a terminal in one go.
const FORMS: [&[&str]; 5] = [&[], &["--all"], &["--list"], &["--help"], &["--scenario", "sweep"]];

/// The program as somebody types it at a terminal of this width, with nobody at the keyboard.
fn compare(language: &str, width: usize, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_compare"));
    command.args(args).env("SOCKET_LANG", language).env("COLUMNS", width.to_string());
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

fn output(language: &str, width: usize, args: &[&str]) -> Output {
    compare(language, width, args).output().unwrap()
}

/// What the program prints. What it has printed once it prints again, as another test shows.
fn stdout(language: &str, width: usize, args: &[&str]) -> String {
    static KNOWN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let key = format!("{language} {width} {args:?}");
    if let Some(known) = KNOWN.lock().unwrap().get(&key) {
        return known.clone();
    }
    let text = printed(language, width, args);
    KNOWN.lock().unwrap().insert(key, text.clone());
    text
}

fn printed(language: &str, width: usize, args: &[&str]) -> String {
    let output = output(language, width, args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn stderr(language: &str, args: &[&str]) -> String {
    String::from_utf8(output(language, 80, args).stderr).unwrap()
}

#[test]
fn no_line_is_wider_than_the_terminal_and_a_wide_one_is_used() {
    for language in LANGUAGES {
        for args in FORMS {
            let mut widest = 0;
            for width in WIDTHS {
                for line in stdout(language, width, args).lines() {
                    let columns = line.width();
                    assert!(columns <= width, "{args:?}: {columns} columns of {width}:\n{line}");
                    widest = widest.max(columns);
                }
            }
            assert!(widest > 80 || args.contains(&"--list"), "{args:?} never uses more: {widest}");
        }
    }
}

/// The columns at which the line between the two sides stands, in all rows that have it.
fn bars(text: &str) -> Vec<usize> {
    let before = |line: &str| line.rfind('│').map(|at| line[..at].width());
    text.lines().filter_map(before).collect()
}

#[test]
fn the_line_between_the_sides_is_straight_in_both_languages() {
    let columns = |text: &str| BTreeSet::from_iter(bars(text)).into_iter().collect::<Vec<_>>();
    let mut seen = Vec::new();
    for language in LANGUAGES {
        let text = |width, args| stdout(language, width, args);
        assert!(bars(&text(80, &["--all"])).len() > 80, "not all is drawn");
        // In full there is one line; where a scenario has one row its label is wider.
        seen.push([80, 120].map(|width| columns(&text(width, &["--all"]))));
        seen.push([80, 120].map(|width| columns(&text(width, &[]))));
    }
    assert_eq!(seen[..2], [[[43], [63]].map(Vec::from), [[43, 47], [63, 67]].map(Vec::from)]);
    assert_eq!(seen[..2], seen[2..], "Chinese moves the line");
}

#[test]
fn on_a_narrow_terminal_the_sides_stand_below_each_other() {
    for language in LANGUAGES {
        for args in FORMS {
            let text = stdout(language, 60, args);
            assert!(bars(&text).is_empty(), "{text}");
        }
    }
    let text = stdout("en", 60, &["--scenario", "hello-world"]);
    let at = |words: &str| text.find(words).unwrap();
    assert!(at("BROKEN") < at("helloworld") && at("helloworld") < at("FIXED"), "{text}");
    assert!(text.contains("got      2: hello, world"), "{text}");
}

#[test]
fn the_three_ways_to_read_abc_say_in_what_they_differ() {
    for width in [60, 80] {
        let text = stdout("en", width, &[]);
        for part in ["5, then 4", "3: by luck", "1024: at once"] {
            assert!(text.contains(part), "no {part:?}:\n{text}");
        }
        assert!(stdout("zh", width, &[]).contains("3：碰巧对"));
    }
}

#[test]
fn with_ascii_every_byte_is_ascii_in_all_forms_whatever_the_language() {
    let own: &[&str] = &["--send", "汉│·…字", "--send", "\u{1f600}", "--read", "4"];
    let forms: [&[&str]; 6] = [&["--all"], &[], &["--list"], &["--help"], &["--step"], own];
    let data: [&[&str]; 2] = [&["--json"], &["--html", "-"]];
    for language in LANGUAGES {
        for args in forms.iter().chain(&data) {
            let text = stdout(language, 80, &[args, &["--ascii"][..]].concat());
            let strange = text.lines().find(|line| !line.is_ascii());
            assert_eq!(strange, None, "{args:?}");
            assert!(!text.is_empty(), "{args:?}");
        }
    }
    let json = stdout("en", 80, &["--json", "--scenario", "cut-character"]);
    let ascii = stdout("en", 80, &["--json", "--scenario", "cut-character", "--ascii"]);
    let sent = |json: &str| {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        json["comparisons"][0]["sent"].clone()
    };
    assert_eq!(sent(&json), sent(&ascii));
}

/// Plays at the bench.
const PLAYS: [&[&str]; 4] = [
    &["--send", "hello", "--send", "汉字", "--framing", "none,<i", "--deliver", "bytes"],
    &["--send", "hello", "--send", "world", "--framing", ">H,line", "--early", "--read", "3"],
    &["--send", "hello", "--send", "world", "--udp", "--loss", "50", "--read", "3"],
    &["--send-hex", "68 69", "--framing", "json:>H:size", "--only", "broken"],
];

#[test]
fn a_play_at_the_bench_is_drawn_as_a_scenario_is() {
    // What can be typed is not broken into lines.
    let picture = |language, width, args| {
        let text = stdout(language, width, args);
        let (picture, command) = text.trim_end().rsplit_once('\n').unwrap();
        assert!(command.contains("cargo run -p compare -- --send"), "{text}");
        picture.to_owned()
    };
    for language in LANGUAGES {
        for args in PLAYS {
            for width in WIDTHS {
                let text = picture(language, width, args);
                for line in text.lines() {
                    assert!(line.width() <= width, "{width}:\n{text}");
                }
                let bars = BTreeSet::from_iter(bars(&text)).len();
                let is_beside = width >= 70 && !args.contains(&"--only");
                assert_eq!(bars, usize::from(is_beside), "{width}:\n{text}");
            }
            let ascii = stdout(language, 80, &[args, &["--ascii"][..]].concat());
            assert!(ascii.is_ascii() || args.contains(&"汉字"), "{ascii}");
        }
    }
    for args in PLAYS {
        let text = picture("zh", 80, args);
        assert_eq!(text.lines().find_map(english), None, "{text}");
    }
    let early = picture("en", 80, PLAYS[1]);
    let rows = "client   send 7   00 05 hello              │ send 6   hello 0a
kernel   7 B     ··hello                   │ 6 B     hello·
server   recv(2) = 2  00 05                │ recv(3) = 3  hel";
    assert!(early.contains(rows), "{early}");
    let lost = picture("en", 80, PLAYS[2]);
    assert!(lost.contains("client   lost"), "{lost}");
}

/// Words of English that stand beside each other, where no code, command or bytes are.
fn english(line: &str) -> Option<String> {
    let mut run: Vec<&str> = Vec::new();
    // What the program sends and what can be typed is the same in all languages.
    let line = line.split("cargo run").next().unwrap_or_default();
    for word in line.split([' ', '，', '。', '：', '“', '”', '│', ',']) {
        let is_word = word.len() > 1
            && word
                .trim_end_matches(['.', ';', ':', '?', '!'])
                .chars()
                .all(|it| it.is_ascii_alphabetic());
        if is_word {
            run.push(word)
        } else if run.len() >= 3 {
            break;
        } else {
            run.clear()
        }
    }
    (run.len() >= 3).then(|| run.join(" "))
}

#[test]
fn in_chinese_there_is_no_english_sentence() {
    assert_eq!(english("原因 What one recv leaves").as_deref(), Some("What one recv leaves"));
    for args in FORMS.iter().copied().chain([&["--step", "--scenario", "udp"][..]]) {
        let text = stdout("zh", 80, args);
        assert_eq!(text.lines().find_map(english), None, "{args:?}:\n{text}");
    }
    let page = stdout("zh", 80, &["--html", "-"]);
    let body = page.split_once("</style>").unwrap().1;
    let texts = body.split('<').filter_map(|tag| tag.split('>').nth(1));
    assert_eq!(texts.filter_map(english).next(), None);
    assert!(page.contains("<html lang=\"zh-CN\">"));
    for args in WRONG {
        let said = stderr("zh", args);
        assert_eq!(said.lines().find_map(english), None, "{said}");
    }
}

/// Command lines that are wrong.
const WRONG: [&[&str]; 17] = [
    &["--scenario", "ucp"],
    &["--read", "3"],
    &["--send", "a", "--read", "0"],
    &["--all", "--scenario", "udp"],
    &["--sed", "3"],
    &["--seed", "x"],
    &["--lang", "klingon"],
    &["--send", "a", "--send-hex", "61"],
    &["--send-hex", "6", "--deliver", "alone"],
    &["--send", "a", "--framing", "lines"],
    &["--send", "a\nb", "--framing", "line"],
    &["--send", "a", "--deliver", "slowly"],
    &["--send", "a", "--only", "left"],
    &["--send", "a", "--loss", "3"],
    &["--send", "a", "--udp", "--framing", "line"],
    &["--send", "a", "--early", "--step"],
    &["--early"],
];

#[test]
fn a_wrong_command_line_is_told_in_one_line_with_advice_and_status_2() {
    for language in LANGUAGES {
        for args in WRONG {
            let output = output(language, 80, args);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
            assert_eq!(said.lines().count(), 2, "{said}");
            assert!(said.contains(" --") && said.contains("compare --help"), "{said}");
        }
    }
    assert!(stderr("en", &["--scenario", "ucp"]).contains("did you mean udp?"));
}

#[test]
fn the_option_is_stronger_than_the_environment_and_data_is_the_same_in_every_language() {
    assert!(stdout("en", 80, &["--list", "--lang", "zh"]).contains("一个汉字分两次读"));
    assert!(stdout("zh", 80, &["--list", "--lang=en"]).contains("a character in two reads"));
    assert!(stdout("en", 80, &["--help", "--lang", "zh"]).contains("例如："));
    let words = |language| {
        let json = stdout(language, 80, &["--json", "--scenario", "cut-header"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let side = &json["comparisons"][0];
        [&side["title"], &side["broken"]["code"], &side["broken"]["error"]].map(ToString::to_string)
    };
    assert_eq!(words("en"), words("zh"));
    assert_eq!(words("zh")[2], "\"a length, and only 2 B of it?\"");
}

#[test]
fn the_page_goes_to_standard_output_when_its_file_is_a_hyphen() {
    let page = stdout("en", 80, &["--html", "-", "--scenario", "hello-world"]);
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"), "{page}");
}

/// The commands that a page names, each of which plays its own section.
#[test]
fn play_it_again_names_a_command_that_plays_this_section_and_no_other() {
    let page = stdout("en", 80, &["--html", "-"]);
    let sections: Vec<&str> = page.split("<section class=\"scenario\"").skip(1).collect();
    assert_eq!(sections.len(), 12, "eleven plays and the sweep");
    let mut commands = Vec::new();
    for section in sections {
        let command = section.split("<p class=\"again\">").nth(1).unwrap();
        let command = command.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
        let args: Vec<&str> = command.split_once(" -- ").unwrap().1.split(' ').collect();
        let again = stdout("en", 80, &[&args[..], &["--html", "-"]].concat());
        assert_eq!(again.matches("<section class=\"scenario\"").count(), 1, "{command}");
        // The pictures are the same; titles may be of one's own messages.
        let figures = |page: &str| page.split("<figure").skip(1).map(figure).collect::<Vec<_>>();
        assert_eq!(figures(&again), figures(section), "{command}");
        commands.push(command.to_owned());
    }
    commands.sort();
    commands.dedup();
    assert_eq!(commands.len(), 12, "{commands:#?}");
}

fn figure(text: &str) -> String {
    text.split("</figure>").next().unwrap_or_default().to_owned()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_in_one_line() {
    for args in [&["--list"][..], &["--scenario", "udp"], &["--json", "--scenario", "udp"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let child = compare("en", 80, args).stdout(full).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("compare: cannot write to standard output: No space"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}
