//! The judge's Chinese: no English sentence is left in it, and its columns stand where Chinese is two columns
//! wide. `UPDATE_GOLDEN=1` writes the reports anew.

use std::path::{Path, PathBuf};

use e2e::{Program, python, root};
use unicode_width::UnicodeWidthStr;

use crate::golden::{unlike_golden, until_it_holds};
use crate::harness::{SHORT, bad, in_parallel, program, side};

/// What may not stand at the beginning of a line.
const CLOSING: [char; 10] = ['，', '。', '、', '；', '：', '？', '！', '）', '］', '”'];
/// How many English words in a row are a sentence. Options and names of steps have fewer.
const SENTENCE: usize = 3;
/// How far what a program has printed is indented, in columns.
const PRINTED: usize = 14;

/// A bad program, how it is judged, what stands behind its command, and at which requirement it fails.
type Shown = (&'static str, &'static str, &'static str, &'static str);

const BAD: [Shown; 19] = [
    ("l1_closes_early_server", "lesson01", "", "answers/again"),
    ("l1_dies_on_reset_server", "lesson01", "", "ends/reset"),
    ("l1_upper_case_of_text_server", "lesson01", "", "text/other-alphabets"),
    ("l3_big_endian_server", "lesson03", "", "answers/first"),
    ("l3_one_recv_for_the_length_server", "lesson03", "", "cuts/length-after-1-byte"),
    ("l3_unbounded_allocation_server", "lesson03", "", "nonsense/long-length"),
    ("l4_answers_from_elsewhere_server", "lesson04", "", "answers/one-datagram"),
    ("l4_believes_anybody_client", "lesson04", "", "datagrams/from-a-stranger"),
    ("l4_waits_for_ever_client", "lesson04", "", "loss/asks-again"),
    ("l5_shares_a_variable_server", "lesson05", "", "crowds/five-in-turn"),
    ("l6_closes_both_server", "lesson06", " {host} {upstream}", "ends/client-half-closes"),
    ("l6_keeps_everything_server", "lesson06", " {host} {upstream}", "relay/back-pressure"),
    ("l7_no_limit_client", "lesson07", "", "frames/unacknowledged"),
    ("l7_one_way_client", "lesson07", "", "answers/frame"),
    ("l7_one_way_server", "lesson07", "", "answers/frame"),
    ("l8_follows_any_name_server", "lesson08", " {dir}", "names/parent-folder"),
    ("l8_no_md5_check_server", "lesson08", " {dir}", "files/wrong-md5"),
    ("l9_no_crc_check_server", "lesson09", " {dir}", "nonsense/damaged"),
    ("l9_same_transmission_client", "lesson09", " {dir}/judge.bin", "loss/first-data"),
];

const FIELD: [Shown; 4] = [
    ("echo_server", "lesson03", "", "answers/first"),
    ("gbk_client", "lesson03", "", "text/other-alphabets"),
    ("gbk_server", "lesson03", "", "answers/first"),
    ("json_lines_server", "lesson03", "", "answers/first"),
];

#[test]
fn reports_in_chinese_hold_no_english_sentence_and_their_columns_stand() {
    let of_bad = |it: &Shown| (*it, root().join("tests/peers/bad"), bad(it.0), SHORT[1]);
    let of_field = |it: &Shown| {
        let folder = root().join("tests/peers/field");
        let place = if side(it.0) == "--client" { "{host} {port}" } else { "{port}" };
        let started = program(&python(&folder.join(format!("{}.py", it.0))));
        // For programs that the judge asks in many ways, on a busy machine.
        (*it, folder, format!("{started} {place}"), "8s")
    };
    let all: Vec<_> = BAD.iter().map(of_bad).chain(FIELD.iter().map(of_field)).collect();
    let wrong = in_parallel(&all, |((name, lesson, behind, id), folder, command, patience)| {
        let command = format!("{command}{behind}");
        let args = [lesson, side(name), &command, "--only", id, "--patience", patience];
        until_it_holds(|| unlike_chinese(folder, name, &in_chinese(&args)))
    });
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "write them anew with UPDATE_GOLDEN=1 if they should be so\n{wrong}");
}

#[test]
fn the_list_in_chinese_holds_no_english_sentence_and_its_columns_stand() {
    let list = in_chinese(&["list"]);
    assert_eq!(faults(&list), "");
    assert!(
        list.contains("\n第 03 课，服务端：") && list.contains("\n任意协议，客户端："),
        "{list}"
    );
    // A requirement that does not fit goes on below its beginning.
    let begins: Vec<usize> = list.lines().filter_map(begin_of_chinese).collect();
    let goes_on = |line: &&str| line.starts_with("        ");
    let further: Vec<&str> = list.lines().filter(goes_on).collect();
    assert!(further.iter().all(|line| begins.contains(&(indent(line)))), "{list}");
    assert!(further.len() < begins.len() / 10, "{list}");
}

#[test]
fn the_help_and_the_errors_of_the_command_line_are_chinese() {
    let help = in_chinese(&["--help"]);
    assert!(help.starts_with("用最容易出问题的收发方式") && help.contains("用法：judge"), "{help}");
    for line in help.lines().filter(|line| !line.starts_with("    ")) {
        assert!(begin_of_chinese(line).is_some() || line.trim().len() < 60, "{line}");
    }
    for (args, said) in [
        (&["lesson03"][..], "错误：要试谁？写 --connect ADDR"),
        (&["lesson03", "--bla"], "错误：没有 --bla 这个选项"),
        (&["lesson03", "--connect", "1", "--client", "x"], "一起使用"),
        (&["lesson03", "--connect", "8003", "--dialect", "x"], "[可选：ours, tutorial]"),
        (&["lesson03", "--connect", "8003", "--patience", "0s"], "还没开始就结束了"),
        (&[], "缺少这些必需的参数：\n  <LESSON>"),
    ] {
        let mut command = e2e::binary("judge");
        command.args(args).args(["--lang", "zh"]);
        let judged = Program::start(command).finish();
        assert_eq!((judged.status, &*judged.stdout), (Some(2), ""), "{args:?}");
        assert!(judged.stderr.starts_with("错误：") && judged.stderr.contains(said), "{judged:?}");
    }
}

#[test]
fn data_is_english_whoever_reads() {
    let command = bad("l1_waits_for_a_line_server");
    let json = in_chinese(&["lesson01", "--server", &command, "--only", "answers/first", "--json"]);
    assert!(
        json.contains("A request is answered.") && json.contains("or for a new line?"),
        "{json}"
    );
}

/// What the judge prints, in Chinese.
fn in_chinese(args: &[&str]) -> String {
    let mut command = e2e::binary("judge");
    command.args(args).args(["--lang", "zh"]);
    Program::start(command).finish().stdout.clone()
}

/// How the report in Chinese differs from the one beside the program, or what is wrong with it.
fn unlike_chinese(folder: &Path, name: &str, came: &str) -> String {
    let path: PathBuf = folder.join(format!("{name}.zh.txt"));
    let mut faults = faults(came);
    if !came.starts_with("失败") {
        faults += "it does not fail\n";
    }
    match faults.is_empty() {
        true => unlike_golden(&path, came),
        false => format!("---- {name}\n{faults}{came}"),
    }
}

/// What is wrong with each line of what was printed in Chinese; nothing if all is well.
fn faults(text: &str) -> String {
    let mut faults = String::new();
    for line in text.lines() {
        let mut fault = |what: &str| faults += &format!("{what}: {line}\n");
        if line.width() > 80 {
            fault("too wide");
        }
        if line.trim_start().starts_with(CLOSING) {
            fault("begins with what closes");
        }
        if indent(line) < PRINTED && has_sentence(line) {
            fault("English");
        }
    }
    faults
}

/// Whether a line holds English words in a row, outside of quotes and code.
fn has_sentence(line: &str) -> bool {
    let pieces = line.split(['"', '`', '\'']).step_by(2);
    let is_word = |word: &&str| word.len() > 2 && word.chars().all(|it| it.is_ascii_lowercase());
    pieces.into_iter().any(|piece| {
        let words: Vec<&str> = piece.split(' ').filter(|word| !word.is_empty()).collect();
        words.windows(SENTENCE).any(|words| words.iter().all(is_word))
    })
}

/// How many columns a line is indented.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The column at which the Chinese of a line begins, if there is some behind an id.
fn begin_of_chinese(line: &str) -> Option<usize> {
    let is_chinese = |it: char| matches!(it, '\u{4e00}'..='\u{9fff}');
    line.find(is_chinese).map(|at| line[..at].width())
}
