//! The report for a person at a terminal.

use std::borrow::Cow;
use std::fmt::Write;
use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Style};
use language::{Language, text};
use rust_i18n::t;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr;

use crate::discover::says_nothing;
use crate::order::{in_order, topic};
use crate::probe::{Lesson, Probe, Side};
use crate::report::{Failed, Finding, LessonReport, Stopped, Verdict};
use crate::setting::{Dialect, Header, Service, Setting};

/// How wide a page is where there is no terminal, in columns.
pub const WIDTH: usize = 80;
/// The narrowest page, in columns: on a narrower terminal no text would be left beside the labels.
const MIN_WIDTH: usize = 32;
/// How wide the column before an explanation is.
const LABEL: usize = 12;
/// How wide the column of the verdicts is.
const VERDICT: usize = 10;
/// The narrowest and the widest column of ids, in columns. A longer id pushes aside what follows it.
const IDS: (usize, usize) = (6, 30);

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

const OTHER_DIALECT: &str = text!(
    " A program that was written after the tutorial's text speaks other bytes: add --dialect \
     tutorial."
);

/// What the texts of one run are written on: so many columns, which are aligned.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    width: usize,
    /// How wide the column of the ids is.
    ids: usize,
}

/// How wide the terminal of standard output is, in columns, or [`WIDTH`] if that is no terminal.
pub fn terminal_width() -> usize {
    if io::stdout().is_terminal() { textwrap::termwidth() } else { WIDTH }
}

impl Page {
    /// A page of so many columns, for requirements with these ids.
    pub fn new<'a>(width: usize, ids: impl IntoIterator<Item = &'a str>) -> Page {
        let longest = ids.into_iter().map(|id| id.width() + 2).max().unwrap_or(0);
        Page { width: width.max(MIN_WIDTH), ids: longest.clamp(IDS.0, IDS.1) }
    }

    /// The line of one finding.
    pub fn line(&self, finding: &Finding) -> String {
        let (style, word) = match finding.verdict {
            Verdict::Held => (GOOD, t!("ok")),
            Verdict::Failed => (BAD, t!("FAILED")),
            Verdict::NotTried => (FAINT, t!("not tried")),
        };
        self.line_with(style, &word, finding)
    }

    /// What stands below the lines: the failure that is to be mended first in full, or with `all` every
    /// one in the order of mending; and the sum.
    pub fn summary(&self, report: &LessonReport, all: bool) -> String {
        let mut out = String::new();
        let failed = report.failed();
        let explained = if all { failed.len() } else { 1 };
        for finding in failed.iter().take(explained) {
            _ = writeln!(out, "\n{}", self.in_full(finding));
        }
        if let Some(speaks) = &report.speaks {
            _ = writeln!(out, "{}", self.labelled(&t!("speaks"), speaks));
        }
        _ = writeln!(out, "{}", self.sum(report));
        if let [second, ..] = failed.get(explained..).unwrap_or_default() {
            let ids: Vec<&str> = failed.iter().skip(explained).map(|finding| finding.id).collect();
            let text = t!(
                "also failed, in the order of mending: %{ids}; --only %{second} explains that \
                 one, --all all of them",
                ids = ids.join(" "),
                second = second.id
            );
            _ = writeln!(out, "{}", self.under("", 0, &text));
        }
        if let Some(stopped) = report.stopped {
            let not_tried = report.count(Verdict::NotTried);
            let why = match stopped {
                Stopped::Basis => t!(
                    "not tried: %{count}, because all else builds on the first one. Mend that, \
                     and try again.",
                    count = not_tried
                ),
                Stopped::Gone => t!(
                    "not tried: %{count}, because the server is gone. Start it again, or let the \
                     judge start it for each probe: --server 'COMMAND {port}'.",
                    count = not_tried
                ),
            };
            let also = if may_speak_the_tutorials(report) { t!(OTHER_DIALECT) } else { "".into() };
            _ = writeln!(out, "{}", self.under("", 0, &format!("{why}{also}")));
        }
        out
    }

    /// What the program speaks instead of what it should, if that was found out.
    pub fn spoken_instead(&self, report: &LessonReport) -> Option<String> {
        let speaks = report.speaks.as_ref().filter(|speaks| !says_nothing(speaks))?;
        Some(self.labelled(&t!("speaks"), speaks))
    }

    fn sum(&self, report: &LessonReport) -> String {
        let (held, all) = (report.count(Verdict::Held), report.probes.len());
        let style = if held == all { GOOD } else { BAD };
        let verdict = match (held, all) {
            (1, 1) => t!("the requirement holds"),
            _ if held == all => t!("all %{all} requirements hold", all = all),
            _ => t!("%{held} of %{all} requirements hold", held = held, all = all),
        };
        paint(style, &headline(report.lesson, report.side, &verdict))
    }

    /// A label, an id, and behind the column of the ids what a program has to do.
    fn requirement(&self, style: Style, label: &str, id: &str, requirement: &str) -> String {
        let room = self.ids - 2;
        let indent = label.width() + self.ids;
        self.under(&paint(style, &format!("{label}{id:<room$}  ")), indent, requirement)
    }

    /// The line of one finding with a word, and a colour, in the place of the verdict.
    pub fn line_with(&self, style: Style, word: &str, finding: &Finding) -> String {
        self.requirement(style, &padded(word, VERDICT), finding.id, &t!(finding.requirement))
    }

    /// One failure: what was done, what should have come, what came, and why.
    pub fn in_full(&self, finding: &Finding) -> String {
        let id = format!("{}  ", paint(BAD, finding.id));
        let mut out = vec![self.under(&id, finding.id.width() + 2, &t!(finding.requirement))];
        let several = finding.steps.iter().any(|step| step.connection.is_some_and(|it| it > 1));
        for step in &finding.steps {
            let who = match step.connection {
                Some(number) if several => format!("{number}: "),
                _ => String::new(),
            };
            let action = format!("{who}{}", step.action);
            if step.shown.is_empty() || 4 + action.width() + step.shown.width() > self.width {
                out.push(paint(FAINT, &self.under("  ", 4, &action)));
                out.extend((!step.shown.is_empty()).then(|| self.under("      ", 6, &step.shown)));
            } else {
                out.push(format!("{}  {}", paint(FAINT, &format!("  {action}")), step.shown));
            }
        }
        let Some(failed) = &finding.failed else { return out.join("\n") };
        out.push(self.labelled(&t!("expected"), &failed.expected));
        out.push(self.labelled(&t!("came"), &failed.actual));
        out.extend(introduction(failed).map(|words| self.labelled("", &words)));
        let word_label = " ".repeat(LABEL + 2);
        out.extend(failed.last_words.iter().map(|it| self.under(&word_label, LABEL + 2, it)));
        out.push(self.labelled(&t!("why"), &failed.hint));
        out.join("\n")
    }

    /// A text that is explained, behind its label.
    fn labelled(&self, label: &str, text: &str) -> String {
        let label = format!("  {}", padded(label, LABEL - 2));
        self.under(&paint(STRONG, &label), LABEL, text)
    }

    /// The text behind a label, broken between words, each further line `indent` columns from the left. A
    /// word that is longer than a line is broken where the line ends.
    fn under(&self, label: &str, indent: usize, text: &str) -> String {
        let indent = " ".repeat(indent);
        let options = Options::new(self.width)
            .initial_indent(label)
            .subsequent_indent(&indent)
            .word_separator(separator())
            .word_splitter(WordSplitter::NoHyphenation);
        textwrap::fill(text, options)
    }
}

/// Where a line may be broken: at blanks, and in Chinese, which has none, between its characters too.
fn separator() -> WordSeparator {
    match language::spoken() {
        Language::English => WordSeparator::AsciiSpace,
        Language::Chinese => language::WORD_SEPARATOR,
    }
}

/// What is said before the words of a program: whether these are its last ones.
fn introduction(failed: &Failed) -> Option<Cow<'static, str>> {
    match (&failed.ended, failed.last_words.is_empty()) {
        (Some(how), true) => Some(t!("the program ended with %{how}; it said nothing", how = how)),
        (Some(how), false) => Some(t!("the program ended with %{how}; its last words:", how = how)),
        (None, false) => Some(t!("the program runs on; its standard error:")),
        (None, true) => None,
    }
}

/// Whether the program may have failed for no other reason than that it speaks the tutorial's
/// bytes, where those are others.
fn may_speak_the_tutorials(report: &LessonReport) -> bool {
    let Setting { service, header, dialect, .. } = report.setting;
    let has_dialects = matches!(service, Service::Command | Service::Video | Service::Files);
    // Where something was found out, that is said instead.
    let is_untold = dialect == Dialect::Ours
        && header != Header::None
        && has_dialects
        && report.speaks.as_ref().is_none_or(|it| says_nothing(it));
    is_untold && report.stopped == Some(Stopped::Basis)
}

/// All the requirements of these lessons, by lesson, side and topic, on a page of so many columns.
pub fn list(lessons: &[Lesson], width: usize) -> String {
    let mut out = String::new();
    for lesson in lessons {
        for side in [Side::Server, Side::Client] {
            let probes: Vec<&Probe> =
                lesson.listed().into_iter().filter(|probe| probe.side() == side).collect();
            if probes.is_empty() {
                continue;
            }
            let title = headline(lesson.number, side, &t!(lesson.subject));
            let gap = if out.is_empty() { "" } else { "\n" };
            _ = writeln!(out, "{gap}{}", paint(STRONG, &title));
            let probes = in_order(lesson.number, &probes, |probe| probe.id);
            for of_topic in probes.chunk_by(|a, b| topic(a.id) == topic(b.id)) {
                let page = Page::new(width, of_topic.iter().map(|probe| probe.id));
                for probe in of_topic {
                    let text =
                        page.requirement(Style::new(), "  ", probe.id, &t!(probe.requirement));
                    _ = writeln!(out, "{text}");
                }
            }
        }
    }
    out
}

/// What is said of one side of a lesson.
fn headline(lesson: u16, side: Side, said: &str) -> Cow<'static, str> {
    let lesson = match lesson {
        0 => t!("any protocol"),
        number => t!("lesson %{number}", number = format!("{number:02}")),
    };
    t!("%{lesson}, %{side}: %{said}", lesson = lesson, side = side.spoken(), said = said)
}

/// The text, and behind it blanks up to this width.
fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_page_and_nothing_is_lost() {
        let long = format!("{} {}", "a few words of text ".repeat(9), "好".repeat(99));
        let label = format!("{}  ", paint(BAD, "id"));
        for width in [MIN_WIDTH, WIDTH, 131] {
            let text = Page::new(width, []).under(&label, 4, &long);
            let text = anstream::adapter::strip_str(&text).to_string();
            assert!(text.lines().all(|line| line.width() <= width), "{width}\n{text}");
            let without = |text: &str| text.replace(['\n', ' '], "");
            assert_eq!(without(&text), without(&format!("id{long}")));
        }
    }

    #[test]
    fn requirements_are_aligned_behind_ids_and_a_long_id_pushes_its_own_aside() {
        let long = "cuts/length-after-1-byte-of-many";
        let page = Page::new(60, ["cuts/body", long]);
        let lines = ["cuts/body", long].map(|id| {
            page.requirement(
                Style::new(),
                "ok  ",
                id,
                "A length may be cut, after any of its bytes.",
            )
        });
        assert_eq!(
            lines.join("\n"),
            "ok  cuts/body                     A length may be cut, after\n\
             \x20                                 any of its bytes.\n\
             ok  cuts/length-after-1-byte-of-many  A length may be cut,\n\
             \x20                                 after any of its bytes."
        );
    }
}
