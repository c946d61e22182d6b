//! The report for a person at a terminal of 80 columns.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::probe::{Lesson, Probe, Side};
use crate::record::Step;
use crate::report::{Failed, Finding, LessonReport, Stopped, Verdict};
use crate::setting::{Dialect, Header, Service, Setting};

/// How wide the text is, in columns.
const WIDTH: usize = 80;
/// How wide the column before an explanation is.
const LABEL: usize = 12;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

const OTHER_DIALECT: &str = " A program that was written after the tutorial's text speaks other \
                             bytes: add --dialect tutorial.";

/// The line of one finding.
pub fn line(finding: &Finding) -> String {
    let (style, word) = match finding.verdict {
        Verdict::Held => (GOOD, "ok"),
        Verdict::Failed => (BAD, "FAILED"),
        Verdict::NotTried => (FAINT, "not tried"),
    };
    let label = format!("{word:<9} {:<4}  ", finding.id);
    under(&paint(style, &label), label.width(), finding.requirement)
}

/// What stands below the lines: the first failure in full, and the sum.
pub fn summary(report: &LessonReport) -> String {
    let mut out = String::new();
    let first = report.probes.iter().find(|finding| finding.failed.is_some());
    if let Some(finding) = first {
        _ = writeln!(out, "\n{}", in_full(finding));
    }
    let count = |verdict| report.probes.iter().filter(|it| it.verdict == verdict).count();
    let (held, all) = (count(Verdict::Held), report.probes.len());
    let side = report.side.name();
    let style = if held == all { GOOD } else { BAD };
    let verdict = match (held, all) {
        (1, 1) => "the requirement holds".to_owned(),
        _ if held == all => format!("all {all} requirements hold"),
        _ => format!("{held} of {all} requirements hold"),
    };
    let verdict = format!("lesson {:02}, {side}: {verdict}", report.lesson);
    _ = writeln!(out, "{}", paint(style, &verdict));
    if let [_, second, rest @ ..] = report.failed().as_slice() {
        let ids = [&[*second], rest].concat().join(" ");
        let text = format!("also failed: {ids}; --only {second} explains it");
        _ = writeln!(out, "{}", under("", 0, &text));
    }
    let not_tried = count(Verdict::NotTried);
    if let Some(stopped) = report.stopped {
        let why = match stopped {
            Stopped::Basis => "all else builds on the first one. Mend that, and try again",
            Stopped::Gone => {
                "the server is gone. Start it again, or let the judge start it for each probe: \
                 --server 'COMMAND {port}'"
            }
        };
        let also = if may_speak_the_tutorials(report) { OTHER_DIALECT } else { "" };
        let text = format!("not tried: {not_tried}, because {why}.{also}");
        _ = writeln!(out, "{}", under("", 0, &text));
    }
    out
}

/// Whether the program may have failed for no other reason than that it speaks the tutorial's
/// bytes, where those are others.
fn may_speak_the_tutorials(report: &LessonReport) -> bool {
    let Setting { service, header, dialect, .. } = report.setting;
    let has_dialects = matches!(service, Service::Command | Service::Video | Service::Files);
    let is_untold = dialect == Dialect::Ours && header != Header::None && has_dialects;
    is_untold && report.stopped == Some(Stopped::Basis)
}

/// All the probes of these lessons, by lesson and side.
pub fn list(lessons: &[Lesson]) -> String {
    let mut out = String::new();
    for lesson in lessons {
        for side in [Side::Server, Side::Client] {
            let probes: Vec<&Probe> =
                lesson.probes.iter().filter(|probe| probe.side() == side).collect();
            if probes.is_empty() {
                continue;
            }
            let title = format!("lesson {:02}, {}: {}", lesson.number, side.name(), lesson.subject);
            _ = writeln!(out, "{}", paint(STRONG, &title));
            for probe in probes {
                let label = format!("  {:<4}  ", probe.id);
                _ = writeln!(out, "{}", under(&label, label.width(), probe.requirement));
            }
        }
    }
    out
}

/// One failure: what was done, what should have come, what came, and why.
fn in_full(finding: &Finding) -> String {
    let label = format!("{}  ", finding.id);
    let mut out = under(&paint(BAD, &label), label.width(), finding.requirement) + "\n";
    let several = finding.steps.iter().any(|step| step.connection.is_some_and(|it| it > 1));
    for step in &finding.steps {
        _ = writeln!(out, "{}", step_line(step, several));
    }
    let Some(failed) = &finding.failed else { return out };
    _ = writeln!(out, "{}", labelled("expected", &failed.expected));
    _ = writeln!(out, "{}", labelled("came", &failed.actual));
    if let Some(ended) = ending(failed) {
        _ = writeln!(out, "{}", labelled("", &ended));
    }
    for word in &failed.last_words {
        _ = writeln!(out, "{}", labelled("", &format!("  {word}")));
    }
    _ = write!(out, "{}", labelled("why", &failed.hint));
    out
}

fn ending(failed: &Failed) -> Option<String> {
    let how = failed.ended.as_ref()?;
    let words = if failed.last_words.is_empty() { "it said nothing" } else { "its last words:" };
    Some(format!("the program ended with {how} during this probe; {words}"))
}

fn step_line(step: &Step, several: bool) -> String {
    let who = match step.connection {
        Some(number) if several => format!("{number}: "),
        _ => String::new(),
    };
    let label = format!("  {who}{}", step.action);
    if step.shown.is_empty() {
        return paint(FAINT, &label);
    }
    let indent = label.width() + 2;
    match indent + step.shown.width() <= WIDTH {
        true => format!("{}  {}", paint(FAINT, &label), step.shown),
        false => format!("{}\n{}", paint(FAINT, &label), under("      ", 6, &step.shown)),
    }
}

fn labelled(label: &str, text: &str) -> String {
    let label = format!("  {label:<width$}", width = LABEL - 2);
    under(&paint(STRONG, &label), LABEL, text)
}

/// The text behind a label that is `indent` columns wide, broken between words, each further line
/// below the first. A word that is longer than a line is broken where the line ends.
fn under(label: &str, indent: usize, text: &str) -> String {
    let mut out = label.to_owned();
    let mut column = indent;
    for (index, word) in text.split(' ').enumerate() {
        let fits = column + 1 + word.width() <= WIDTH;
        if index > 0 {
            out.push_str(if fits { " " } else { "\n" });
            column = if fits { column + 1 } else { continue_line(&mut out, indent) };
        }
        for letter in word.chars() {
            let width = letter.width().unwrap_or(0);
            if column + width > WIDTH {
                out.push('\n');
                column = continue_line(&mut out, indent);
            }
            out.push(letter);
            column += width;
        }
    }
    out
}

/// Begins a further line, and returns the column where it stands.
fn continue_line(out: &mut String, indent: usize) -> usize {
    out.push_str(&" ".repeat(indent));
    indent
}

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let long = format!("{} {}", "a few words of text ".repeat(9), "好".repeat(99));
        let text = under("label", 5, &long);
        assert!(text.lines().all(|line| line.width() <= WIDTH), "{text}");
        let without = |text: &str| text.replace(['\n', ' '], "");
        assert_eq!(without(&text), without(&format!("label{long}")));
    }
}
