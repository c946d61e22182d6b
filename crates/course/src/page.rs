//! What a learner reads: a stage, what came of a trial, and the hints.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use judge::text::Page;
use judge::{Finding, Verdict};
use language::{Language, text, wrap};
use rust_i18n::t;
use unicode_width::UnicodeWidthStr;

use crate::call::{call, in_watch};
use crate::manifest::{Manifest, Spoken, Stage};
use crate::progress::{Progress, State};
use crate::trial::Tried;

/// How wide the column of the labels is.
const LABEL: usize = 8;
/// How many lines of a compiler are shown: the first error is the one to mend.
const COMPILER_LINES: usize = 40;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A stage that is to be done: what it asks, what to read, where to write, and what to type next.
pub fn stage(manifest: &Manifest, stage: &Stage, file: &Path, width: usize) -> String {
    let mut out = format!("{}\n", paint(STRONG, &title(manifest, stage)));
    for paragraph in paragraphs(&stage.text) {
        _ = writeln!(out, "\n{}", paragraph.lines(width));
    }
    out.push('\n');
    out += &labelled(text!("read"), stage.read.text(), width);
    out += &labelled(text!("write"), &shown(file).display().to_string(), width);
    out += &match in_watch() {
        true => {
            labelled(text!("next"), &t!("save the file; or type: hint, solution, status"), width)
        }
        false => {
            labelled(
                text!("next"),
                &t!("`%{watch}` judges it each time you save it", watch = call("watch")),
                width,
            ) + &labelled("", &t!("`%{hint}` gives a hint", hint = call("hint")), width)
        }
    };
    out
}

/// What stands above a trial, or a text about a stage.
pub fn title(manifest: &Manifest, stage: &Stage) -> String {
    t!(
        "stage %{place} of %{all}: %{title} (%{id})",
        place = manifest.place(stage),
        all = manifest.stages.len(),
        title = stage.title.text(),
        id = stage.id
    )
    .into_owned()
}

/// The line of one finding. What fails as it should is no failure here, and what should fail and holds is one.
pub fn finding(page: &Page, stage: &Stage, finding: &Finding) -> String {
    let should_fail = stage.must_fail.iter().any(|id| id == finding.id);
    match finding.verdict {
        Verdict::Failed if should_fail => page.line_with(GOOD, &t!("broken"), finding),
        Verdict::Held if should_fail => page.line_with(BAD, &t!("HOLDS"), finding),
        _ => page.line(finding),
    }
}

/// What came of a trial that the program has not passed: the first fault in full, the names of the rest, and
/// what to do next.
pub fn failed(page: &Page, stage: &Stage, tried: &Tried, hints: usize, width: usize) -> String {
    let wrong = tried.wrong();
    let mut out = String::new();
    if let Some(first) = wrong.first() {
        _ = match first.verdict {
            Verdict::Held => {
                let said = t!(
                    "%{id} holds, and in this stage it is to fail: break the program as the text says.",
                    id = first.id
                );
                writeln!(out, "\n{}", wrap(&said, width).join("\n"))
            }
            _ => writeln!(out, "\n{}", page.in_full(first)),
        };
    }
    out.extend(page.spoken_instead(&tried.report).map(|line| line + "\n"));
    if wrong.len() > 1 {
        let ids: Vec<&str> = wrong.iter().skip(1).map(|finding| finding.id).collect();
        let said = t!("not right either: %{ids}", ids = ids.join(" "));
        _ = writeln!(out, "{}", wrap(&said, width).join("\n"));
    }
    if tried.not_tried() > 0 {
        let said =
            t!("not tried: %{count}, because all else builds on that", count = tried.not_tried());
        _ = writeln!(out, "{}", wrap(&said, width).join("\n"));
    }
    out.push('\n');
    out + &next_hint(stage, hints, width)
}

/// What was broken on purpose, in full; nothing if that was nothing.
pub fn broken(page: &Page, tried: &Tried) -> String {
    tried.broken().first().map(|it| format!("\n{}\n", page.in_full(it))).unwrap_or_default()
}

/// That a stage is passed.
pub fn passed(manifest: &Manifest, stage: &Stage, progress: &Progress) -> String {
    let said = t!(
        "passed: %{title} (%{count} of %{all})",
        title = stage.title.text(),
        count = progress.count(manifest, State::Passed),
        all = manifest.stages.len()
    );
    format!("\n{}\n", paint(GOOD, &said))
}

/// What a program says that could not be built, and what to do next.
pub fn not_built(said: &str, stage: &Stage, hints: usize, width: usize) -> String {
    let lines: Vec<&str> = said.trim_end().lines().collect();
    let shown = lines.get(..COMPILER_LINES).unwrap_or(&lines);
    let mut out = shown.join("\n") + "\n";
    if let Some(more @ 1..) = lines.len().checked_sub(shown.len()) {
        _ = writeln!(
            out,
            "{}",
            t!("… %{count} more lines; mend the first error first", count = more)
        );
    }
    out.push('\n');
    out + &next_hint(stage, hints, width)
}

/// How to get the next hint, of so many that were shown.
pub fn next_hint(stage: &Stage, shown: usize, width: usize) -> String {
    let said = match stage.hints.len().saturating_sub(shown) {
        0 => t!(
            "change it and save again; `%{solution}` shows a solution",
            solution = call("solution")
        ),
        _ if shown == 0 => {
            t!("change it and save again; `%{hint}` gives a hint", hint = call("hint"))
        }
        left => t!(
            "change it and save again; `%{hint}` gives another hint (%{left} left)",
            hint = call("hint"),
            left = left
        ),
    };
    labelled(text!("next"), &said, width)
}

/// The hints that were shown so far, of a stage.
pub fn hints(stage: &Stage, shown: usize, width: usize) -> String {
    let mut out = String::new();
    for (number, hint) in stage.hints.iter().take(shown).enumerate() {
        let label = t!("hint %{number}", number = number + 1);
        out += &labelled(&label, hint.text(), width);
    }
    out
}

/// The end of the road.
pub fn finished(manifest: &Manifest, progress: &Progress, width: usize) -> String {
    let skipped = progress.count(manifest, State::Skipped);
    let said = t!(
        "You are at the end of the road: %{count} of %{all} stages passed.",
        count = progress.count(manifest, State::Passed),
        all = manifest.stages.len()
    );
    let mut out = wrap(&paint(GOOD, &said), width).join("\n") + "\n";
    if skipped > 0 {
        let said = t!(
            "skipped: %{count}. `%{reset}` goes back to one of them.",
            count = skipped,
            reset = call("reset STAGE")
        );
        _ = writeln!(out, "{}", wrap(&said, width).join("\n"));
    }
    out
}

/// A text behind its label, each line below the one before.
pub(crate) fn labelled(label: &str, text: &str, width: usize) -> String {
    let label = t!(label);
    let room = LABEL.max(label.width() + 1);
    let mut out = String::new();
    for (number, line) in wrap(text, width.saturating_sub(room).max(LABEL)).iter().enumerate() {
        let label = if number == 0 { &*label } else { "" };
        let gap = " ".repeat(room.saturating_sub(label.width()));
        _ = writeln!(out, "{}{gap}{line}", paint(STRONG, label));
    }
    out
}

/// A path as short as it can be shown from here.
pub(crate) fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_owned()
}

/// A paragraph of a text, or lines that stay as they are, as code does.
enum Paragraph<'a> {
    Text(String),
    Code(&'a str),
}

fn paragraphs(text: &Spoken) -> impl Iterator<Item = Paragraph<'_>> {
    // Chinese has no blank where a line is broken.
    let glue = if language::spoken() == Language::Chinese { "" } else { " " };
    text.text().split("\n\n").map(move |paragraph| match paragraph.starts_with("    ") {
        true => Paragraph::Code(paragraph),
        false => Paragraph::Text(paragraph.lines().collect::<Vec<_>>().join(glue)),
    })
}

impl Paragraph<'_> {
    fn lines(&self, width: usize) -> String {
        match self {
            Paragraph::Text(text) => wrap(text, width).join("\n"),
            Paragraph::Code(lines) => paint(FAINT, lines),
        }
    }
}
