//! What is run for a request, and what is refused; nothing is run here.
#![cfg(unix)]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests may fail as tests do"
)]

use command::{DEFAULT_ALLOWED, Error, Runner};
use proptest::prelude::*;

fn split(line: &str) -> Result<(String, Vec<String>), Error> {
    Runner::default().parse(line.as_bytes())
}

/// What a shell would be given to run.
fn script(request: &str) -> Result<String, Error> {
    let (program, arguments) = Runner::shell().parse(request.as_bytes())?;
    assert_eq!((program.as_str(), arguments.len(), arguments[0].as_str()), ("sh", 2, "-c"));
    Ok(arguments[1].clone())
}

#[track_caller]
fn assert_arguments(line: &str, expected: &[&str]) {
    match split(line) {
        Ok((_, arguments)) => assert_eq!(arguments, expected, "for {line:?}"),
        Err(error) => panic!("{line:?} is refused: {error}"),
    }
}

#[track_caller]
fn assert_refused(line: &str, expected: &str) {
    match split(line) {
        Ok(words) => panic!("{line:?} is taken, as {words:?}"),
        Err(error) => assert_eq!(error.to_string(), expected, "for {line:?}"),
    }
}

#[track_caller]
fn assert_no_shell_for(line: &str, character: char) {
    assert_refused(
        line,
        &format!(
            "no shell here: `{character}` is not understood \
             (put it in single quotes to mean itself, \
             or start the server with --shell to allow that)"
        ),
    );
}

#[test]
fn words_are_split_as_a_shell_would() {
    assert_arguments(r#"echo -s ' ' "1" 4\ 0"#, &["-s", " ", "1", "4 0"]);
    assert_arguments("echo a''b '' c", &["ab", "", "c"]);
    assert_arguments("  echo\ta  # the rest is a comment; nobody runs it\r\n", &["a"]);
}

#[test]
fn an_unquoted_character_that_a_shell_would_act_upon_is_refused() {
    for (line, character) in [
        ("echo a; rm x", ';'),
        ("echo a && rm x", '&'),
        ("echo a & rm x", '&'),
        ("echo a || rm x", '|'),
        ("echo a | tee x", '|'),
        ("echo a > x", '>'),
        ("echo a 2>x", '>'),
        ("ls < x", '<'),
        ("echo $(rm x)", '$'),
        ("echo \"$(rm x)\"", '$'),
        ("echo ${HOME}", '$'),
        ("echo `rm x`", '`'),
        ("echo \"`rm x`\"", '`'),
        ("(rm x)", '('),
        ("ls *.rs", '*'),
        ("echo .?", '?'),
        ("ls [a-z]", '['),
        ("ls ~", '~'),
        ("echo 'a';'b'", ';'),
        (r"echo \\; rm x", ';'),
        (r#"echo "\\"; rm x"#, ';'),
        ("echo a#; rm x", ';'),
    ] {
        assert_no_shell_for(line, character);
    }
}

#[test]
fn a_quoted_or_escaped_operator_is_plain_text() {
    assert_arguments("echo 'a;b' \"c|d\" e\\&f", &["a;b", "c|d", "e&f"]);
    assert_arguments("echo '$(rm x)' '`' \"\\$HOME\" '*'", &["$(rm x)", "`", "$HOME", "*"]);
    assert_arguments("echo 'what?' \\[1] a~ 'it'\\''s'", &["what?", "[1]", "a~", "it's"]);
}

#[test]
fn the_first_word_must_be_on_the_list_exactly() {
    for line in ["rm", "/bin/ls", "./ls", "LS", "lsx", "'ls '", "ls=1 ls", "''", "if", "!"] {
        let error = split(line).expect_err(line);
        assert!(matches!(error, Error::NotAllowed { .. }), "{line:?}: {error}");
    }
    assert_arguments("'l's -l", &["-l"]);
}

#[test]
fn a_refused_program_is_told_the_list_and_shown_harmlessly() {
    let error = Runner::allowing(["ls", "dir"]).parse("\u{202e}rm".as_bytes());
    assert_eq!(
        error.unwrap_err().to_string(),
        r"`\u{202e}rm` is not on the allow-list (ls dir); the server's --allow names others"
    );
}

#[test]
fn a_request_without_a_word_is_empty() {
    for line in ["", " ", "\r\n", "\t \n", "# nothing", "\u{3000}"] {
        assert_refused(line, "the request is empty");
    }
}

#[test]
fn white_space_at_the_ends_is_ignored_for_a_shell_too() {
    assert_eq!(script("\r\n echo a\necho b \n").unwrap(), "echo a\necho b");
}

#[test]
fn an_open_quote_is_refused() {
    for line in ["echo 'a", "echo \"a", "echo it's", "echo a\\"] {
        assert_refused(line, "a quote is never closed, or a backslash is the last character");
    }
}

#[test]
fn control_characters_are_refused_and_their_place_is_told() {
    let told = |at, shown| {
        format!(
            "a command may not hold the control character `{shown}`, \
             which is byte {at} of the request"
        )
    };
    assert_refused(" echo a\nrm x", &told(7, r"\n"));
    assert_refused("echo a\r\nrm x", &told(6, r"\r"));
    assert_refused("echo 字\u{1b}[2J", &told(8, r"\u{1b}"));
    assert_refused("echo '\u{7f}'", &told(6, r"\u{7f}"));
    assert_refused("echo \u{9b}2J", &told(5, r"\u{9b}"));
    assert_refused("echo a\0b", &told(6, r"\0"));
}

#[test]
fn a_shell_may_be_given_lines_but_no_other_control_characters() {
    assert_eq!(script("if true\nthen\techo hi; fi").unwrap(), "if true\nthen\techo hi; fi");
    for line in ["echo a\0b", "echo a\r\necho b", "echo \u{1b}c"] {
        let error = script(line).expect_err(line);
        assert!(matches!(error, Error::ControlCharacter { .. }), "{line:?}: {error}");
    }
}

#[test]
fn a_length_in_front_is_recognised() {
    for (request, length) in [
        (&b"\x02\0\0\0ls"[..], 2),
        (b"\x04\0\0\0", 4),
        (b"\0\0\0\0", 0),
        // 200 is no character in UTF-8, and is still seen to be a length.
        (b"\xc8\0\0\0echo", 200),
        (b"\x2c\x01\0\0echo", 300),
    ] {
        let expected = format!(
            "the request begins with a 4-byte length, {length}: \
             does only the client send lengths, as lesson03 does without --dialect tutorial?"
        );
        assert_eq!(Runner::default().parse(request).unwrap_err().to_string(), expected);
        assert_eq!(Runner::shell().parse(request).unwrap_err().to_string(), expected);
    }
}

#[test]
fn bytes_that_are_not_utf8_are_refused_and_their_place_is_told() {
    // "echo 中文" as GBK.
    let error = Runner::default().parse(b"echo \xd6\xd0\xce\xc4").unwrap_err();
    assert!(matches!(error, Error::NotUtf8 { at: 5 }), "{error:?}");
}

#[test]
fn a_posted_form_is_no_command() {
    let post = "POST / HTTP/1.1\r\nHost: 127.0.0.1:8003\r\nContent-Length: 2\r\n\r\nls";
    let error = split(post).unwrap_err();
    assert!(matches!(error, Error::ControlCharacter { .. }), "{error}");
}

#[test]
fn date_may_show_any_time_in_any_form() {
    for line in [
        "date",
        "date +%s",
        "date -u '+%F %T'",
        "date -Iseconds",
        "date --rfc-3339=ns",
        "date -R -d '1 day ago'",
        "date --date=2020-02-30",
        "date -d '2020-02-30 12:00:00 +0100' '+%-d. %B %10Y %%'",
        "date -d @0",
    ] {
        assert!(split(line).is_ok(), "{line:?}: {:?}", split(line));
    }
}

#[test]
fn date_may_not_set_the_clock_or_read_a_file() {
    for (line, refused) in [
        ("date -s 12:00", "-s"),
        ("date -us 12:00", "-us"),
        ("date --se=12:00", "--se=12:00"),
        ("date 01010000", "01010000"),
        ("date -u 010100002030", "010100002030"),
        ("date +%s 01010000", "01010000"),
        ("date -d now 01010000", "01010000"),
        ("date -- 01010000", "--"),
        ("date -f /etc/passwd", "-f"),
        ("date ''", ""),
        // A time zone is a file's name.
        ("date -d 'TZ=\":/etc/passwd\" now'", r#"-d TZ=\":/etc/passwd\" now"#),
        ("date '--date=TZ=\"x\" now'", r#"--date=TZ=\"x\" now"#),
        ("date '-dTZ=\"x\" now'", r#"-dTZ=\"x\" now"#),
        // A field of a billion spaces.
        ("date +%2000000000s", "+%2000000000s"),
        ("date +%F%-_0100Y", "+%F%-_0100Y"),
        ("date -r /etc/passwd", "-r"),
    ] {
        assert_refused(
            line,
            &format!(
                "`date` takes only +FORMAT, -u, -R, -I, --rfc-3339=FORMAT and -d DATE here, \
                 not `{refused}`: another argument could set the clock or read a file"
            ),
        );
    }
}

#[test]
fn ps_may_show_processes_but_not_their_environment() {
    for line in ["ps", "ps aux", "ps -ef", "ps -p 1"] {
        assert!(split(line).is_ok(), "{line:?}: {:?}", split(line));
    }
    for line in ["ps e", "ps axe", "ps -p 1 e", "ps -auxe", "ps -E", "ps -eo environ"] {
        let error = split(line).expect_err(line);
        assert!(matches!(error, Error::Argument { .. }), "{line:?}: {error}");
    }
}

#[test]
fn each_program_on_the_list_takes_what_people_ask_it() {
    for line in [
        "ls",
        "ls -la /tmp /etc",
        "ls --color=never -1 .",
        "ls --color",
        "dir -l",
        "pwd -P",
        "echo -n -e --R '-%2000000000f' a\\tb",
        "true --anything",
        "seq 10",
        "seq -5 0.5 1e3",
        "seq -s ' ' 1 400",
        "seq -s, -w 1 10",
        "seq --separator=abc 3",
        "seq -f '%05.1f %% of it' 1 3",
        "uname -srm",
        "uname --all",
        "whoami",
        "ps -p 1,2",
        "df -h /",
        "df -t ext4 --total",
        "uptime -p",
    ] {
        assert!(split(line).is_ok(), "{line:?}: {:?}", split(line));
    }
}

#[test]
fn arguments_that_take_the_memory_the_disk_or_the_time_of_a_machine_have_another_form() {
    for line in [
        "seq -f %.2000000000f 1 1",
        "seq -f%2000000000g 1 1",
        "seq --format=%.99999f 1",
        "seq -f '%f %f' 1",
        "seq -f %s 1",
        "seq 1 1e999999999",
        "seq 1 123456789012345678901234567890",
        "seq 1 inf",
        "seq 1 0x7fffffff",
        "seq -wf %.2000000000f 1 1",
        "ls -R /",
        "ls -laR /",
        "ls --recursive /",
        "ls --rec /",
        "ls --dired /",
        "ls -- -R --recursive /; id",
        "dir -R /",
        "df --sync",
        "df --output=source",
        "uptime /etc/passwd",
        "whoami now",
        "uname -z",
        "ps -o environ",
        "ps -peo",
        "pwd /",
    ] {
        assert!(split(line).is_err(), "{line:?} is taken: {:?}", split(line));
    }
    assert_refused(
        "ls -lR /",
        "`ls` takes only files, folders and options that show each of them once, such as -la here, not \
         `-lR`: another option could walk through whole disks",
    );
}

#[test]
fn a_program_that_the_owner_has_named_may_be_given_anything() {
    let runner = Runner::allowing(["du"]);
    assert!(runner.parse(b"du --anything -R /").is_ok());
}

/// Pieces of command lines: words, quotes in all states, and what a shell acts upon.
fn shell_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![" ", " ", "\t", "a", "b", "ls", "echo ", "rm", "true"]),
        8 => prop::sample::select(vec!["'", "\"", "\\", "' '", "\";\"", "'$a'", "\\&", "\\\""]),
        4 => prop::sample::select(vec!["#", "=", "]", "-", ".", "%", "!", "~", "字", ":", "^"]),
        1 => prop::sample::select(vec![";", "&", "|", "<", ">", "(", ")", "$", "`", "*", "?", "[", "\n"]),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_is_run_but_an_allowed_program(line in shell_like()) {
        if let Ok((program, _)) = split(&line) {
            prop_assert!(DEFAULT_ALLOWED.contains(&program.as_str()), "{program:?}");
        }
    }

    #[test]
    fn bytes_of_any_kind_run_nothing_but_an_allowed_program(
        request in prop::collection::vec(any::<u8>(), 0..40)
    ) {
        if let Ok((program, _)) = Runner::default().parse(&request) {
            prop_assert!(DEFAULT_ALLOWED.contains(&program.as_str()), "{program:?}");
        }
    }

    #[test]
    fn whatever_is_quoted_arrives_as_it_is(given in prop::collection::vec("\\PC{0,12}", 0..5)) {
        let quoted = shlex::try_join(given.iter().map(String::as_str)).unwrap();
        let line = format!("echo {quoted}");
        let (_, arguments) = split(&line).map_err(|e| TestCaseError::fail(format!("{e}: {line}")))?;
        prop_assert_eq!(arguments, given);
    }
}

#[cfg(unix)]
proptest! {
    /// The other half of the refusals: what passes is nothing that a shell reads differently.
    #[test]
    fn what_passes_means_the_same_to_a_real_shell(rest in shell_like()) {
        let line = format!("echo {rest}");
        let Ok((program, arguments)) = split(&line) else { return Ok(()) };
        // Should a pattern pass after all, there are files here that it matches.
        let directory = tempfile::tempdir().unwrap();
        for name in ["a", "b", "ab"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let shell = std::process::Command::new("sh")
            .args(["-c", &format!("printf '%s\\0' {line}")])
            .current_dir(&directory)
            .output()
            .unwrap();
        let ours: String =
            std::iter::once(program).chain(arguments).map(|word| word + "\0").collect();
        prop_assert_eq!(String::from_utf8_lossy(&shell.stdout), ours, "for {:?}", line);
    }
}

/// How an error shows what the peer has written.
fn shown(program: &str) -> String {
    let error = Error::NotAllowed { program: program.to_owned(), allowed: Vec::new() }.to_string();
    error.split('`').nth(1).unwrap().to_owned()
}

#[test]
fn text_of_sixty_characters_is_shown_whole() {
    assert_eq!(shown(&"字".repeat(60)), "字".repeat(60));
}

#[test]
fn longer_text_is_cut_and_the_cut_is_seen() {
    assert_eq!(shown(&"x".repeat(61)), format!("{}…", "x".repeat(60)));
}

#[test]
fn an_escape_sequence_for_the_terminal_is_made_harmless() {
    assert_eq!(shown("\u{1b}[2J"), r"\u{1b}[2J");
}

#[test]
fn escaping_does_not_make_the_text_longer_than_its_limit() {
    assert_eq!(shown(&"\u{202e}".repeat(1000)), format!("{}…", r"\u{202e}".repeat(7)));
}
