//! From a request's bytes to the words that are run, or to the reason why not.
//!
//! Nothing here touches a process: each decision is a function of the request and the list.

use crate::Error;

/// The program and the arguments that a request asks for.
pub(crate) fn words(request: &[u8], allowed: &[String]) -> Result<(String, Vec<String>), Error> {
    let line = text(request, &['\t'])?;
    if let Some(character) = shell_syntax(line) {
        return Err(Error::ShellSyntax { character });
    }
    let mut words = shlex::split(line).ok_or(Error::Unbalanced)?.into_iter();
    let program = words.next().ok_or(Error::Empty)?;
    if !allowed.contains(&program) {
        return Err(Error::NotAllowed { program, allowed: allowed.to_vec() });
    }
    let arguments: Vec<String> = words.collect();
    if let Some(rule) = RULES.iter().find(|rule| rule.program == program) {
        rule.check(&arguments)?;
    }
    Ok((program, arguments))
}

/// The text that a shell may be given: lines, with nothing in them that a terminal acts upon.
pub(crate) fn script(request: &[u8]) -> Result<&str, Error> {
    text(request, &['\t', '\n'])
}

/// The request without the white space at its ends, if no control characters but these are in it.
fn text<'a>(request: &'a [u8], controls: &[char]) -> Result<&'a str, Error> {
    // A length is looked for before UTF-8: the length of a long request is no text.
    if let &[low, high, 0, 0, ..] = request {
        return Err(Error::LengthPrefix { length: u32::from_le_bytes([low, high, 0, 0]) });
    }
    let whole = str::from_utf8(request).map_err(|e| Error::NotUtf8 { at: e.valid_up_to() })?;
    let start = whole.len() - whole.trim_start().len();
    let text = whole.trim();
    if text.is_empty() {
        return Err(Error::Empty);
    }
    match text.char_indices().find(|&(_, c)| c.is_control() && !controls.contains(&c)) {
        Some((index, character)) => Err(Error::ControlCharacter { character, at: start + index }),
        None => Ok(text),
    }
}

/// The first character that a POSIX shell would act upon (POSIX.1-2024, XCU 2.2 Quoting).
///
/// The quotes themselves are left to shlex. Should the two ever read a line differently, nothing
/// is run that the list does not allow: this only spares the peer an answer that makes no sense.
fn shell_syntax(line: &str) -> Option<char> {
    let mut quote = None;
    let mut word_begins = true;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let first = std::mem::replace(&mut word_begins, false);
        match (quote, character) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => _ = characters.next(),
            (_, '$' | '`') => return Some(character),
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, ' ' | '\t') => word_begins = true,
            // The rest of the line is a comment.
            (None, '#') if first => return None,
            (None, '~') if first => return Some(character),
            (None, ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?' | '[') => {
                return Some(character);
            }
            (None, _) => {}
        }
    }
    None
}

/// What a program may be asked. It lists what passes, not what is refused: options can be joined
/// (`-us`) and shortened (`--se`) in more ways than one thinks of.
struct Rule {
    program: &'static str,
    /// Arguments that pass as they are.
    exact: &'static [&'static str],
    /// Beginnings of arguments that pass.
    prefixes: &'static [&'static str],
    /// Options that take the next argument as their value, whatever it is.
    with_value: &'static [&'static str],
    accepted: &'static str,
    reason: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        program: "date",
        exact: &["-u", "--utc", "--universal", "-R", "--rfc-email", "--help", "--version"],
        prefixes: &["+", "-I", "--iso-8601", "--rfc-3339=", "--date="],
        with_value: &["-d", "--date"],
        accepted: "+FORMAT, -u, -R, -I, --rfc-3339=FORMAT and -d DATE",
        reason: "another argument could set the clock or read a file",
    },
    Rule {
        program: "ps",
        exact: &["-A", "-e", "-f", "-l", "-ef", "-el", "a", "u", "x", "ax", "aux", "--help"],
        prefixes: &[],
        with_value: &["-p"],
        accepted: "-A, -e, -f, -l, -ef, -el, -p PID, ax and aux",
        reason: "another argument could show the environment of processes",
    },
];

impl Rule {
    fn check(&self, arguments: &[String]) -> Result<(), Error> {
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            if self.with_value.contains(&argument.as_str()) {
                arguments.next();
            } else if !self.accepts(argument) {
                return Err(Error::Argument {
                    program: self.program.to_owned(),
                    argument: argument.clone(),
                    accepted: self.accepted,
                    reason: self.reason,
                });
            }
        }
        Ok(())
    }

    fn accepts(&self, argument: &str) -> bool {
        self.exact.contains(&argument)
            || self.prefixes.iter().any(|prefix| argument.starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DEFAULT_ALLOWED;
    use proptest::prelude::*;

    fn default_list() -> Vec<String> {
        DEFAULT_ALLOWED.iter().map(|&name| name.to_owned()).collect()
    }

    fn split(line: &str) -> Result<(String, Vec<String>), Error> {
        words(line.as_bytes(), &default_list())
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
        assert_arguments(r#"seq -s ' ' "1" 4\ 0"#, &["-s", " ", "1", "4 0"]);
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
        let error = words("\u{202e}rm".as_bytes(), &["ls".to_owned(), "dir".to_owned()]);
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
        assert_eq!(script(b"\r\n echo a\necho b \n").unwrap(), "echo a\necho b");
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
        assert_eq!(script(b"if true\nthen\techo hi; fi").unwrap(), "if true\nthen\techo hi; fi");
        for line in ["echo a\0b", "echo a\r\necho b", "echo \u{1b}c"] {
            let error = script(line.as_bytes()).expect_err(line);
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
            assert_eq!(words(request, &default_list()).unwrap_err().to_string(), expected);
            assert_eq!(script(request).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_and_their_place_is_told() {
        // "echo 中文" as GBK.
        let error = words(b"echo \xd6\xd0\xce\xc4", &default_list()).unwrap_err();
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
            if let Ok((program, _)) = words(&request, &default_list()) {
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
}
