//! What each program on the default list may be asked: its options and its operands, by their form.
//!
//! The table says what passes, and not what is refused: options can be joined (`-us`) and shortened (`--se`) in
//! more ways than one thinks of. A program that is not in it was put on the list by the server's owner, and
//! may be given any arguments.

use crate::error::Error;

/// Whether an argument has a form.
type Form = fn(&str) -> bool;

/// The arguments of a program.
struct Rule {
    programs: &'static [&'static str],
    /// Options of one letter without a value; they may be joined, as in `-la`.
    letters: &'static str,
    /// Options that pass as they are.
    words: &'static [&'static str],
    /// Options with a value, and its form: `-d VALUE`, `-dVALUE` or `--date=VALUE`.
    with_value: &'static [(&'static str, Form)],
    /// The form of what is no option.
    operand: Form,
    accepted: &'static str,
    reason: &'static str,
}

const NONE: Form = |_| false;
const ANY: Form = |_| true;

/// The most bytes of an argument whose form is free text.
const MAX_TEXT: usize = 200;

const RULES: &[Rule] = &[
    Rule {
        programs: &["ls", "dir"],
        letters: "1aAbcCdfFgGhHiklLmnopqQrsStTuUvxX",
        words: &[
            "--all",
            "--almost-all",
            "--author",
            "--classify",
            "--color",
            "--directory",
            "--file-type",
            "--full-time",
            "--group-directories-first",
            "--human-readable",
            "--inode",
            "--no-group",
            "--numeric-uid-gid",
            "--reverse",
            "--si",
            "--size",
            "--help",
            "--version",
        ],
        with_value: &[
            ("--color", is_word),
            ("--format", is_word),
            ("--indicator-style", is_word),
            ("--quoting-style", is_word),
            ("--sort", is_word),
            ("--time", is_word),
            ("--time-style", is_word),
        ],
        operand: ANY,
        accepted: "files, folders and options that show each of them once, such as -la",
        reason: "another option could walk through whole disks",
    },
    Rule {
        programs: &["pwd"],
        letters: "LP",
        words: &["--logical", "--physical", "--help", "--version"],
        with_value: &[],
        operand: NONE,
        accepted: "-L and -P",
        reason: "it needs nothing else",
    },
    Rule {
        programs: &["date"],
        letters: "uR",
        words: &["--utc", "--universal", "--rfc-email", "-I", "--iso-8601", "--help", "--version"],
        with_value: &[
            ("-I", is_word),
            ("--iso-8601", is_word),
            ("--rfc-3339", is_word),
            ("-d", is_date),
            ("--date", is_date),
        ],
        operand: is_date_format,
        accepted: "+FORMAT, -u, -R, -I, --rfc-3339=FORMAT and -d DATE",
        reason: "another argument could set the clock or read a file",
    },
    // It prints its arguments, and does nothing else with them.
    Rule {
        programs: &["echo", "true"],
        letters: "",
        words: &[],
        with_value: &[],
        operand: ANY,
        accepted: "anything",
        reason: "",
    },
    Rule {
        programs: &["seq"],
        letters: "w",
        words: &["--equal-width", "--help", "--version"],
        with_value: &[
            ("-s", is_text),
            ("--separator", is_text),
            ("-f", is_number_format),
            ("--format", is_number_format),
        ],
        operand: is_number,
        accepted: "numbers of up to 20 digits, -w, -s TEXT and -f FORMAT with up to 3 digits of width",
        reason: "another argument could take all memory",
    },
    Rule {
        programs: &["uname"],
        letters: "asnrvmpio",
        words: &[
            "--all",
            "--kernel-name",
            "--nodename",
            "--kernel-release",
            "--kernel-version",
            "--machine",
            "--processor",
            "--hardware-platform",
            "--operating-system",
            "--help",
            "--version",
        ],
        with_value: &[],
        operand: NONE,
        accepted: "-a, -s, -n, -r, -v, -m, -p, -i and -o",
        reason: "it needs nothing else",
    },
    Rule {
        programs: &["whoami"],
        letters: "",
        words: &["--help", "--version"],
        with_value: &[],
        operand: NONE,
        accepted: "--help and --version",
        reason: "it needs nothing else",
    },
    Rule {
        programs: &["hostname", "ver"],
        letters: "",
        words: &[],
        with_value: &[],
        operand: NONE,
        accepted: "no arguments",
        reason: "another argument could change the name",
    },
    Rule {
        programs: &["ipconfig"],
        letters: "",
        words: &["/all", "/?"],
        with_value: &[],
        operand: NONE,
        accepted: "/all",
        reason: "another argument could take an address away",
    },
    Rule {
        programs: &["tasklist"],
        letters: "",
        words: &["/v", "/svc", "/?"],
        with_value: &[],
        operand: NONE,
        accepted: "/v and /svc",
        reason: "another argument could ask another machine",
    },
    Rule {
        programs: &["ps"],
        letters: "",
        words: &["-A", "-e", "-f", "-l", "-ef", "-el", "--help"],
        with_value: &[("-p", is_list_of_numbers)],
        operand: |word| matches!(word, "a" | "u" | "x" | "ax" | "aux"),
        accepted: "-A, -e, -f, -l, -ef, -el, -p PID, ax and aux",
        reason: "another argument could show the environment of processes",
    },
    Rule {
        programs: &["df"],
        letters: "ahHiklmPT",
        words: &[
            "--all",
            "--human-readable",
            "--si",
            "--inodes",
            "--local",
            "--portability",
            "--print-type",
            "--total",
            "--help",
            "--version",
        ],
        with_value: &[
            ("-t", is_word),
            ("--type", is_word),
            ("-x", is_word),
            ("--exclude-type", is_word),
        ],
        operand: ANY,
        accepted: "files, -a, -h, -H, -i, -k, -l, -m, -P, -T, -t TYPE, -x TYPE and --total",
        reason: "another option could wait until disks are written",
    },
    Rule {
        programs: &["uptime"],
        letters: "ps",
        words: &["--pretty", "--since", "--help", "--version"],
        with_value: &[],
        operand: NONE,
        accepted: "-p and -s",
        reason: "it needs nothing else",
    },
];

/// Whether a program may be given these arguments.
pub(crate) fn check(program: &str, arguments: &[String]) -> Result<(), Error> {
    match RULES.iter().find(|rule| rule.programs.contains(&program)) {
        Some(rule) => rule.check(program, arguments),
        None => Ok(()),
    }
}

impl Rule {
    fn check(&self, program: &str, arguments: &[String]) -> Result<(), Error> {
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(argument) = arguments.next() {
            // An option that stands alone too, such as `--color`, takes a value behind `=` only.
            let option = self.with_value.iter().find(|(option, _)| *option == argument);
            let refused = match option.filter(|(option, _)| !self.words.contains(option)) {
                // A value that is missing the program names itself.
                Some((option, form)) => arguments
                    .next()
                    .filter(|value| !form(value))
                    .map(|value| format!("{option} {value}")),
                None => (!self.accepts(argument)).then(|| argument.to_owned()),
            };
            if let Some(argument) = refused {
                return Err(Error::Argument {
                    program: program.to_owned(),
                    argument,
                    accepted: self.accepted,
                    reason: self.reason,
                });
            }
        }
        Ok(())
    }

    fn accepts(&self, argument: &str) -> bool {
        self.words.contains(&argument)
            || (self.operand)(argument) && !self.is_option(argument)
            || self.has_only_letters(argument)
            || self
                .with_value
                .iter()
                .any(|(option, form)| value_of(option, argument).is_some_and(form))
    }

    /// Where numbers are operands, one below zero is no option; and `echo` has no options that need a look.
    fn is_option(&self, argument: &str) -> bool {
        let looks_like_one = argument.len() > 1 && argument.starts_with('-');
        looks_like_one && !is_number(argument) && !self.programs.contains(&"echo")
    }

    fn has_only_letters(&self, argument: &str) -> bool {
        argument.strip_prefix('-').is_some_and(|letters| {
            !letters.is_empty() && letters.chars().all(|letter| self.letters.contains(letter))
        })
    }
}

/// The value in an argument that also holds the option: `-dVALUE`, `--date=VALUE`.
fn value_of<'a>(option: &str, argument: &'a str) -> Option<&'a str> {
    let rest = argument.strip_prefix(option)?;
    match option.starts_with("--") {
        true => rest.strip_prefix('='),
        false => Some(rest),
    }
}

/// A word such as `seconds`, `long-iso` or `ext4`.
fn is_word(text: &str) -> bool {
    text.len() <= 20 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_text(text: &str) -> bool {
    text.len() <= MAX_TEXT
}

fn is_list_of_numbers(text: &str) -> bool {
    text.len() <= MAX_TEXT && text.chars().all(|c| c.is_ascii_digit() || c == ',')
}

/// A moment in words or figures. A time zone may be named in quotes, and then it is a file's name; so there are
/// none here.
fn is_date(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || " +-:.,/@".contains(c);
    text.len() <= MAX_TEXT && text.chars().all(is_plain)
}

/// `+` and a format whose fields have a width of at most two digits.
fn is_date_format(text: &str) -> bool {
    let Some(mut format) = text.strip_prefix('+') else { return false };
    while let Some((_, field)) = format.split_once('%') {
        let field = field.trim_start_matches(['-', '_', '0', '^', '#', '+', ':']);
        format = field.trim_start_matches(|c: char| c.is_ascii_digit());
        if field.len() - format.len() > 2 {
            return false;
        }
        // A second `%` is a percent sign, and begins no field.
        format = format.strip_prefix('%').unwrap_or(format);
    }
    text.len() <= MAX_TEXT
}

/// One field for a number, with a width and a precision of at most three digits each.
fn is_number_format(text: &str) -> bool {
    let text = text.replace("%%", "");
    let Some((_, field)) = text.split_once('%') else { return false };
    let field = field.trim_start_matches(['-', '+', ' ', '#', '0', '\'']);
    let after_width = field.trim_start_matches(|c: char| c.is_ascii_digit());
    let precision = after_width.strip_prefix('.').unwrap_or(after_width);
    let kind = precision.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_short = |from: &str, to: &str| from.len() - to.len() <= 3;
    is_short(field, after_width)
        && is_short(precision, kind)
        && kind.starts_with(['a', 'e', 'f', 'g', 'A', 'E', 'F', 'G'])
        && !kind.contains('%')
        && text.len() <= MAX_TEXT
}

/// A decimal number of up to 20 digits, and an exponent of up to two.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    are_digits(whole)
        && are_digits(fraction)
        && (1..=20).contains(&(whole.len() + fraction.len()))
        && are_digits(exponent)
        && (1..=2).contains(&exponent.len())
}
