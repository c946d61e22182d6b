//! The picture for a browser: one file that asks for no other, and runs no script.
//!
//! Time runs down; client, kernel and server are lanes; the bytes stand beside them, each at its
//! place in the stream. All text is escaped by maud, so a message can hold anything.

mod legend;
mod sizes;
mod strip;
mod text;

use language::Language;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use rust_i18n::t;
use trace::Action;

use crate::comparison::{Badge, Comparison, Side, Transport};
use crate::report::RunReport;
use crate::timeline::{CameOut, Kind, Mark, Step, Timeline};
use crate::words;
use strip::Axis;
use text::{MAX_CHARACTERS, excerpt, text};

/// The colours and fonts of all that is drawn, and how the page is laid out.
pub(crate) const STYLE: &str = include_str!("html/page.css");
/// Nothing may be loaded and no script run, whatever a message says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The whole report as one HTML page, with nothing outside of it, in the language that is spoken.
pub fn page(report: &RunReport) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(tag(language::spoken())) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (t!("Broken and fixed framing, side by side")) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header class="top" { (opening(report)) }
                main {
                    @for (number, comparison) in (1..).zip(&report.comparisons) {
                        (section(number, comparison))
                    }
                    @if !report.sweep.is_empty() { (sizes::sweep(report)) }
                }
                footer { (closing(report)) }
            }
        }
    };
    page.into_string()
}

/// The language's tag (BCP 47), by which a browser chooses the forms of characters.
fn tag(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    }
}

fn opening(report: &RunReport) -> Markup {
    html! {
        h1 { (t!("Broken and fixed framing, side by side")) }
        p class="lead" {
            (t!("TCP carries bytes, not messages. Every picture is a run over real sockets on this machine. The broken side takes what one recv returns for a message; the fixed side knows where each message ends."))
        }
        div class="guide" {
            (legend::legend())
            @if report.comparisons.len() > 1 { (index(&report.comparisons)) }
        }
    }
}

fn index(comparisons: &[Comparison]) -> Markup {
    html! {
        nav class="index" aria-labelledby="index" {
            h2 id="index" { (t!("What came out")) }
            table {
                thead {
                    tr { @for title in [t!("Scenario"), t!("Broken"), t!("Fixed")] { th scope="col" { (title) } } }
                }
                tbody {
                    @for (number, comparison) in (1..).zip(comparisons) {
                        tr {
                            th scope="row" {
                                a href={ "#scenario-" (number) } { (t!(comparison.title.as_str())) }
                            }
                            td { (judgement(&comparison.broken)) }
                            td { (judgement(&comparison.fixed)) }
                        }
                    }
                }
            }
        }
    }
}

/// One scenario: its words, then both sides.
fn section(number: usize, comparison: &Comparison) -> Markup {
    let id = format!("scenario-{number}");
    let sides = [("broken", &comparison.broken), ("fixed", &comparison.fixed)];
    let timelines = sides.map(|(_, side)| Timeline::new(side, comparison));
    html! {
        section class="scenario" aria-labelledby=(id) {
            header {
                p class="name" { (comparison.name) }
                h2 id=(id) { (t!(comparison.title.as_str())) }
                p class="why" { (t!(comparison.why.as_str())) }
                p class="again" { (t!("Play it again:")) " " code { (comparison.command) } }
            }
            div class={ "sides" @if timelines.iter().any(strip::is_wide) { " stacked" } } {
                @for ((which, side), timeline) in sides.iter().zip(&timelines) {
                    (figure(which, side, comparison, timeline))
                }
            }
        }
    }
}

fn figure(which: &str, side: &Side, comparison: &Comparison, timeline: &Timeline) -> Markup {
    let axis = Axis::new(timeline, side.transport);
    let badge = side.code.badge.map(words::badge);
    html! {
        figure class={ "side " (which) } {
            figcaption {
                h3 {
                    @if let Some(badge) = badge { span class="badge" { (badge) } " " }
                    (t!(side.code.words.as_str()))
                }
            }
            div class={ (axis.class()) @if comparison.asks { " asks" } } style=(axis.style())
                tabindex=[strip::is_wide(timeline).then_some("0")] {
                div class="row heads" aria-hidden="true" {
                    b { (t!("client")) } b { (t!("kernel")) } b { (t!("server")) }
                    span class="axis" {
                        (if comparison.asks { t!("the answers’ bytes, in order →") } else { t!("the bytes, in order →") })
                    }
                }
                ol {
                    @for step in &timeline.steps { (row(step, comparison.asks, side.transport, &axis)) }
                }
            }
            (verdict(side, comparison, timeline))
        }
    }
}

/// One event: as a sentence for those who listen, as arrow and cells for those who look.
fn row(step: &Step, asks: bool, transport: Transport, axis: &Axis) -> Markup {
    let note = &step.note;
    let (kind, colour, sign) = match note.mark {
        Mark::Neither => ("", "note", ""),
        Mark::Right => ("", "note good", "✓ "),
        Mark::Wrong => (" wrong", "note bad", "✗ "),
    };
    html! {
        li class={ (class(&step.kind)) (kind) } {
            p class="spoken" {
                (step.spoken) @if !note.text.is_empty() { ": " (sign) (note.text) }
            }
            div class="row" aria-hidden="true" {
                div class=(lane(&step.kind, asks)) {
                    span class="words" {
                        span class="what" { (label(&step.kind, transport)) }
                        @if !note.text.is_empty() { span class=(colour) { (sign) (note.text) } }
                    }
                }
                (axis.strip(step))
            }
        }
    }
}

fn class(kind: &Kind) -> &'static str {
    match kind {
        Kind::Ask { .. } => "ask",
        Kind::Kernel { .. } => "kernel",
        Kind::Send { .. } => "bytes",
        Kind::Recv { taken, .. } if !taken.is_empty() => "bytes",
        _ => "bare",
    }
}

/// Between which lanes the arrow runs, and to which side. The kernel is in the middle: near is
/// between it and the client, far between it and the server.
fn lane(kind: &Kind, asks: bool) -> &'static str {
    match (kind, asks) {
        (Kind::Ask { .. }, _) => "call out across",
        (Kind::Send { .. } | Kind::HalfClose, false) => "call out near",
        (Kind::Send { .. } | Kind::HalfClose, true) => "call back far",
        (Kind::Recv { .. } | Kind::Failed, false) => "call out far",
        (Kind::Recv { .. } | Kind::Failed, true) => "call back near",
        (Kind::Kernel { .. }, _) => "holds",
        (Kind::Skipped(_), _) => "skipped",
    }
}

fn label(kind: &Kind, transport: Transport) -> String {
    match kind {
        Kind::Ask { .. } => t!("asks").into_owned(),
        Kind::Send { sent } => format!("send {}", sent.len()),
        Kind::Kernel { .. } if transport == Transport::Datagrams => t!("each apart").into_owned(),
        Kind::Kernel { unread: Some(unread), .. } => t!("holds %{count} B", count = unread).into(),
        Kind::Kernel { held, .. } => t!("holds %{count} B", count = held.len()).into(),
        Kind::Recv { asked, taken, .. } => format!("recv({asked}) = {}", taken.len()),
        Kind::Failed => t!("recv fails").into_owned(),
        Kind::HalfClose => "half-close".to_owned(),
        Kind::Skipped(count) => t!("… rows left out: %{count} …", count = count).into_owned(),
    }
}

/// What should have come out, and what did.
fn verdict(side: &Side, comparison: &Comparison, timeline: &Timeline) -> Markup {
    let (due, out) = (comparison.expected.len(), timeline.came_out.len());
    let (counts, right) = match comparison.asks {
        true => {
            (t!("answers due: %{due}; came out: %{out}", due = due, out = out), t!("should be"))
        }
        false => (t!("%{due} sent, %{out} came out", due = due, out = out), t!("was sent")),
    };
    html! {
        div class=(if side.right { "verdict right" } else { "verdict wrong" }) {
            p class="judgement" {
                (judgement(side)) " "
                span class="counts" { (counts) }
            }
            @if let Some(error) = &side.error { p class="error" { (words::read_error(error, language::spoken())) } }
            table class=[comparison.asks.then_some("answers")] {
                thead { tr { th scope="col" { (right) } th scope="col" { (t!("came out")) } } }
                tbody {
                    @for at in 0..comparison.expected.len().max(timeline.came_out.len()) {
                        (pair(at, comparison, timeline))
                    }
                }
            }
        }
    }
}

fn pair(at: usize, comparison: &Comparison, timeline: &Timeline) -> Markup {
    let (right, out) = (comparison.expected.get(at), timeline.came_out.get(at));
    let same = right.map(Vec::as_slice) == out.map(|out| out.bytes);
    html! {
        tr {
            td {
                @if comparison.asks && let Some(asked) = comparison.sent.get(at) {
                    span class="asked" { (excerpt(asked, MAX_CHARACTERS)) } " "
                }
                @match right {
                    Some(bytes) => (text(bytes, Some(at))),
                    None => span class="none" { (t!("nothing more")) },
                }
            }
            td {
                div class="outcome" {
                    @if same { b class="good" { "✓" } } @else { b class="bad" { "✗" } }
                    span class="runs" {
                        @match out {
                            Some(out) => (came_out(at, out, timeline)),
                            None => span class="none" { (t!("nothing")) },
                        }
                    }
                }
            }
        }
    }
}

/// What came out, in the colours of the messages that it was made from.
fn came_out(at: usize, out: &CameOut, timeline: &Timeline) -> Markup {
    let message = |at: &usize| timeline.owners.get(*at).map(|owner| owner.message);
    let mut rest = out.bytes;
    let runs = out.from.chunk_by(|left, right| message(left) == message(right)).map(|run| {
        let (piece, after) = rest.split_at(run.len().min(rest.len()));
        rest = after;
        text(piece, run.first().and_then(message))
    });
    html! {
        @if out.bytes.is_empty() { (text(&[], Some(at))) }
        @else if out.from.is_empty() { (text(out.bytes, None)) }
        @else { @for run in runs { (run) } }
    }
}

fn judgement(side: &Side) -> Markup {
    html! {
        @if side.right { strong class="good" { "✓ " (t!("RIGHT")) } }
        @else { strong class="bad" { "✗ " (t!("WRONG")) } }
        @if side.right && side.code.badge == Some(Badge::Broken) { " " span { (t!("by luck")) } }
    }
}

/// Where the numbers come from.
fn closing(report: &RunReport) -> Markup {
    let comparisons = report.comparisons.iter();
    let sides = comparisons.flat_map(|comparison| [&comparison.broken, &comparison.fixed]);
    // Elsewhere it is not the kernel that says so, but peeking.
    let counted = cfg!(target_os = "linux")
        && sides
            .flat_map(|side| &side.events)
            .any(|event| matches!(event.action, Action::Look { unread: Some(_), .. }));
    html! {
        p {
            (t!("The order of the calls was forced, so the same command gives the same pictures.")) " "
            @if counted {
                (t!("How many bytes the kernel holds is its own word: the length of its receive queue, asked before the calls, which needs no root.")) " "
            } @else {
                (t!("The kernel’s own count is not visible on this system: what it holds is what was sent and not yet received.")) " "
            }
            (t!("Of datagrams there is no count."))
        }
        p {
            (t!("As data: the same command with --json in place of --html."))
        }
    }
}
