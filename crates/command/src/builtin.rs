//! The small programs of Unix that the lessons' texts ask for, answered without a process: for Windows, which
//! has none of them. What they print is what the programs print.

use std::fs;
use std::io;
use std::iter::successors;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::answers::Reserved;
use crate::captured::{Captured, Stream};
use crate::output::{Cut, Output};

/// The programs that are answered here.
const PROGRAMS: &[&str] = &["date", "dir", "echo", "ls", "pwd", "seq", "true"];

/// How much is printed at a time, in bytes.
const CHUNK: usize = 8192;

/// Whether requests for this program are answered here: on Windows, for the programs that it lacks.
pub(crate) fn has(program: &str) -> bool {
    cfg!(windows) && PROGRAMS.contains(&program)
}

/// Answers as the program would, within the limits that a program has.
pub(crate) fn run(
    (program, arguments): (&str, &[String]),
    time_limit: Duration,
    captured: Captured,
    stop: &AtomicBool,
) -> (Output, Reserved) {
    let (pending, started) = (String::new(), Instant::now());
    let mut out = Printer { captured, pending, status: 0, started, time_limit, stop, cut: None };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match program {
        "echo" => echo(&arguments, &mut out),
        "seq" => seq(&arguments, &mut out),
        "ls" | "dir" => list(program, &arguments, &mut out),
        "pwd" => pwd(&mut out),
        "date" => date(&arguments, &mut out),
        _ => Ok(()),
    };
    if let Err(message) = outcome {
        out.fail(program, &message);
    }
    _ = out.flush();
    let Printer { captured, status, cut, .. } = out;
    let Captured { stdout, stderr, reserved, .. } = captured;
    let status = cut.is_none().then_some(status);
    (Output { stdout, stderr, status, cut }, reserved)
}

/// What a program prints, up to the limits, and the status with which it ends.
struct Printer<'a> {
    captured: Captured,
    /// What standard output has still to get.
    pending: String,
    status: i32,
    started: Instant,
    time_limit: Duration,
    stop: &'a AtomicBool,
    cut: Option<Cut>,
}

impl Printer<'_> {
    /// Prints an error. What the program has still to do, it does.
    fn fail(&mut self, program: &str, message: &str) {
        self.captured.add(Stream::Stderr, format!("{program}: {message}\n").as_bytes());
        self.status = if matches!(program, "ls" | "dir") { 2 } else { 1 };
    }

    /// Prints this text; breaks at a limit.
    fn print(&mut self, text: &str) -> ControlFlow<()> {
        self.pending.push_str(text);
        if self.pending.len() < CHUNK { ControlFlow::Continue(()) } else { self.flush() }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        self.captured.add(Stream::Stdout, self.pending.as_bytes());
        self.pending.clear();
        self.cut = self.cut.or_else(|| self.captured.cut());
        if self.cut.is_none() && self.stop.load(Ordering::Relaxed) {
            self.cut = Some(Cut::Stop);
        }
        if self.cut.is_none() && self.started.elapsed() > self.time_limit {
            self.cut = Some(Cut::Time(self.time_limit));
        }
        if self.cut.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// echo(1): its options stand before the text.
fn echo(arguments: &[&str], out: &mut Printer<'_>) -> Result<(), String> {
    let (end, words) = match arguments {
        ["-n", words @ ..] => ("", words),
        words => ("\n", words),
    };
    _ = out.print(&words.join(" "));
    _ = out.print(end);
    Ok(())
}

/// seq(1) for whole numbers.
fn seq(arguments: &[&str], out: &mut Printer<'_>) -> Result<(), String> {
    let (mut separator, mut equal_width, mut numbers) = ("\n", false, Vec::new());
    let mut words = arguments.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "-w" | "--equal-width" => equal_width = true,
            "-s" | "--separator" => separator = words.next().unwrap_or_default(),
            _ => match (word.strip_prefix("-s"), word.strip_prefix("--separator=")) {
                (Some(text), _) | (_, Some(text)) => separator = text,
                _ => numbers.push(word.parse::<i128>().map_err(|_| {
                    format!("here it knows only whole numbers, -s TEXT and -w, not '{word}'")
                })?),
            },
        }
    }
    let (first, step, last) = match numbers[..] {
        [last] => (1, 1, last),
        [first, last] => (first, 1, last),
        [first, step, last] => (first, step, last),
        [] => return Err("missing operand".to_owned()),
        _ => return Err("extra operand".to_owned()),
    };
    if step == 0 {
        return Err("invalid Zero increment value: '0'".to_owned());
    }
    let length = |number: i128| if equal_width { number.to_string().len() } else { 0 };
    let width = length(first).max(length(last));
    let is_within = |number: &i128| if step > 0 { *number <= last } else { *number >= last };
    let mut between = "";
    // Behind the largest number that there is comes none.
    for number in successors(Some(first), |number| number.checked_add(step)).take_while(is_within) {
        if out.print(&format!("{between}{number:0width$}")).is_break() {
            return Ok(());
        }
        between = separator;
    }
    // Without a number there is no line either.
    if is_within(&first) {
        _ = out.print("\n");
    }
    Ok(())
}

/// pwd(1).
fn pwd(out: &mut Printer<'_>) -> Result<(), String> {
    let folder = std::env::current_dir().map_err(|error| error.to_string())?;
    _ = out.print(&format!("{}\n", folder.display()));
    Ok(())
}

/// ls(1) as it is when it prints into a pipe: a name in each line.
fn list(program: &str, arguments: &[&str], out: &mut Printer<'_>) -> Result<(), String> {
    let (mut hidden, mut paths) = (Hidden::LeftOut, Vec::new());
    for &word in arguments {
        match word.strip_prefix('-') {
            Some(letters) if !letters.is_empty() => {
                for letter in letters.chars() {
                    match letter {
                        '1' => {}
                        'a' => hidden = Hidden::Shown,
                        'A' => hidden = Hidden::ButItselfAndItsParent,
                        _ => {
                            return Err(format!("here it knows only -1, -a and -A, not '{word}'"));
                        }
                    }
                }
            }
            _ => paths.push(word),
        }
    }
    if paths.is_empty() {
        paths.push(".");
    }
    paths.sort_unstable();
    let has_titles = paths.len() > 1;
    let (mut folders, mut is_first) = (Vec::new(), true);
    for path in paths {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => folders.push(path),
            Ok(_) => {
                is_first = false;
                _ = out.print(&format!("{path}\n"));
            }
            Err(error) => {
                out.fail(program, &format!("cannot access '{path}': {}", in_words(&error)));
            }
        }
    }
    for path in folders {
        let names = match names(Path::new(path), hidden) {
            Ok(names) => names,
            Err(error) => {
                let why = in_words(&error);
                out.fail(program, &format!("cannot open directory '{path}': {why}"));
                continue;
            }
        };
        if has_titles {
            let before = if is_first { "" } else { "\n" };
            _ = out.print(&format!("{before}{path}:\n"));
        }
        is_first = false;
        for name in names {
            if out.print(&format!("{name}\n")).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What becomes of names that begin with a dot.
#[derive(Clone, Copy, PartialEq)]
enum Hidden {
    LeftOut,
    ButItselfAndItsParent,
    Shown,
}

fn names(folder: &Path, hidden: Hidden) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    match hidden {
        Hidden::LeftOut => names.retain(|name| !name.starts_with('.')),
        Hidden::ButItselfAndItsParent => {}
        Hidden::Shown => names.extend([".", ".."].map(str::to_owned)),
    }
    names.sort_unstable();
    Ok(names)
}

/// An error of the file system in the words that Unix has for it.
fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "No such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "Permission denied".to_owned(),
        io::ErrorKind::NotADirectory => "Not a directory".to_owned(),
        _ => error.to_string(),
    }
}

/// date(1): now, here or in UTC, in a format of strftime(3).
fn date(arguments: &[&str], out: &mut Printer<'_>) -> Result<(), String> {
    let (mut is_utc, mut format) = (false, "%a %b %e %H:%M:%S %Z %Y");
    for &word in arguments {
        match (word, word.strip_prefix('+')) {
            ("-u" | "--utc" | "--universal", _) => is_utc = true,
            ("-R" | "--rfc-email", _) => format = "%a, %d %b %Y %H:%M:%S %z",
            ("-I" | "--iso-8601", _) => format = "%Y-%m-%d",
            (_, Some(text)) => format = text,
            _ => return Err(format!("here it knows only +FORMAT, -u, -R and -I, not '{word}'")),
        }
    }
    let mut now = jiff::Zoned::now();
    if is_utc {
        now = now.with_time_zone(jiff::tz::TimeZone::UTC);
    }
    let shown = jiff::fmt::strtime::format(format, &now);
    let shown = shown.map_err(|error| format!("invalid format '{format}': {error}"))?;
    _ = out.print(&format!("{shown}\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::AnswerMemory;

    fn captured(limit: usize) -> Captured {
        Captured::new(limit, AnswerMemory::new(usize::MAX).begin())
    }

    fn run_within(command: &[&str], limit: usize) -> Output {
        let arguments: Vec<String> = command[1..].iter().map(|&word| word.to_owned()).collect();
        let stop = AtomicBool::new(false);
        run((command[0], &arguments), Duration::from_secs(60), captured(limit), &stop).0
    }

    #[test]
    fn the_largest_number_is_the_last_and_no_overflow() {
        let (before, last) = ((i128::MAX - 1).to_string(), i128::MAX.to_string());
        let output = run_within(&["seq", &before, &last], usize::MAX);
        assert_eq!(output.stdout, format!("{before}\n{last}\n").as_bytes());
    }

    /// What is printed here is what the program itself prints.
    #[cfg(unix)]
    #[test]
    fn the_bytes_are_those_of_the_programs_of_unix() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "a.txt", ".hidden", "汉字"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let folder = folder.path().to_str().unwrap();
        let file = format!("{folder}/b");
        for command in [
            &["echo"][..],
            &["echo", "hi"],
            &["echo", "a;", "rm x", "  "],
            &["echo", "-n", "汉字"],
            &["true", "whatever"],
            &["pwd"],
            &["seq", "3"],
            &["seq", "-s", " ", "1", "400"],
            &["seq", "-s汉", "100", "600"],
            &["seq", "--separator=, ", "3"],
            &["seq", "10", "-3", "-5"],
            &["seq", "-w", "8", "11"],
            &["seq", "3", "1"],
            &["seq", "1", "20000"],
            &["ls", folder],
            &["ls", "-a", folder],
            &["ls", "-A1", folder],
            &["ls", folder, &file],
            &["ls", &file],
            &["date", "-u", "+%Y-%m-%d"],
            &["date", "-I"],
        ] {
            let theirs = std::process::Command::new(command[0])
                .args(&command[1..])
                .env("LC_ALL", "C")
                .output()
                .unwrap();
            let ours = run_within(command, usize::MAX);
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(text(&ours.stdout), text(&theirs.stdout), "{command:?}");
            assert_eq!(text(&ours.stderr), text(&theirs.stderr), "{command:?}");
            assert_eq!(ours.status, theirs.status.code(), "{command:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error_and_the_others_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there");
        fs::write(&there, "").unwrap();
        let there = there.to_str().unwrap();
        let output = run_within(&["ls", "no-such-file", there], usize::MAX);
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{there}\n"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(errors, "ls: cannot access 'no-such-file': No such file or directory\n");
        assert_eq!(output.status, Some(2));
    }

    #[test]
    fn what_they_do_not_know_is_said() {
        for (command, words) in [
            (&["seq", "1.5"][..], "'1.5'"),
            (&["seq"], "missing operand"),
            (&["seq", "1", "0", "2"], "Zero increment"),
            (&["ls", "-l"], "'-l'"),
            (&["date", "--set=1"], "'--set=1'"),
        ] {
            let output = run_within(command, usize::MAX);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(errors.contains(words) && errors.lines().count() == 1, "{command:?}: {errors}");
            assert_ne!(output.status, Some(0), "{command:?}");
        }
    }

    #[test]
    fn numbers_without_an_end_are_cut_at_the_limit_in_size_or_in_time_or_when_the_server_stops() {
        let endless = ["seq", "99999999999999999999"];
        let output = run_within(&endless, 10_000);
        assert_eq!((output.stdout.len(), output.cut), (10_000, Some(Cut::Size(10_000))));
        let arguments = [endless[1].to_owned()];
        let cut = |limit, stop| {
            let stop = AtomicBool::new(stop);
            run(("seq", &arguments), limit, captured(usize::MAX), &stop).0.cut
        };
        assert_eq!(cut(Duration::ZERO, false), Some(Cut::Time(Duration::ZERO)));
        assert_eq!(cut(Duration::MAX, true), Some(Cut::Stop));
    }
}
