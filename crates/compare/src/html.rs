//! The picture for a browser: one file that asks for no other, and runs no script.
//!
//! Time runs down; client, kernel and server are lanes; the bytes stand beside them, each at its
//! place in the stream. All text is escaped by maud, so a message can hold anything.

mod sizes;
mod strip;
mod text;
mod timeline;
mod visible;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use trace::Action;

use crate::comparison::{Comparison, Side, Transport};
use crate::report::RunReport;
use strip::Axis;
use text::{MAX_CHARACTERS, excerpt, text};
use timeline::{CameOut, Kind, Mark, Step, Timeline};

const STYLE: &str = include_str!("html/page.css");
const LEGEND: &str = include_str!("html/legend.html");
/// Nothing may be loaded and no script run, whatever a message says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
/// The whole report as one HTML page, with nothing outside of it.
pub fn page(report: &RunReport) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Broken and fixed framing, side by side" }
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

fn opening(report: &RunReport) -> Markup {
    html! {
        h1 { "Broken and fixed framing, side by side" }
        p class="lead" {
            "TCP carries bytes, not messages. Every picture is a run over real sockets on this "
            "machine. The broken side takes what one " code { "recv" } " returns for a message; "
            "the fixed side knows where each message ends."
        }
        div class="guide" {
            (PreEscaped(LEGEND))
            @if report.comparisons.len() > 1 { (index(&report.comparisons)) }
        }
    }
}

fn index(comparisons: &[Comparison]) -> Markup {
    html! {
        nav class="index" aria-labelledby="index" {
            h2 id="index" { "What came out" }
            table {
                thead {
                    tr { @for title in ["Scenario", "Broken", "Fixed"] { th scope="col" { (title) } } }
                }
                tbody {
                    @for (number, comparison) in (1..).zip(comparisons) {
                        tr {
                            th scope="row" {
                                a href={ "#scenario-" (number) } { (comparison.title) }
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
                h2 id=(id) { (comparison.title) }
                p class="why" { (comparison.why) }
                p class="again" { "Play it again: " code { (comparison.command) } }
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
    let (badge, code) = match side.code.split_once(' ') {
        Some((badge @ ("BROKEN" | "FIXED"), code)) => (badge, code),
        _ => ("", side.code.as_str()),
    };
    html! {
        figure class={ "side " (which) } {
            figcaption {
                h3 { @if !badge.is_empty() { span class="badge" { (badge) } " " } (code) }
            }
            div class={ (axis.class()) @if comparison.asks { " asks" } } style=(axis.style())
                tabindex=[strip::is_wide(timeline).then_some("0")] {
                div class="row heads" aria-hidden="true" {
                    b { "client" } b { "kernel" } b { "server" }
                    span class="axis" {
                        (if comparison.asks { "the answers’ bytes" } else { "the bytes" }) ", in order →"
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
        Kind::Ask { .. } => "asks".to_owned(),
        Kind::Send { sent } => format!("send {}", sent.len()),
        Kind::Kernel { .. } if transport == Transport::Datagrams => "each apart".to_owned(),
        Kind::Kernel { unread: Some(unread), .. } => format!("holds {unread} B"),
        Kind::Kernel { held, .. } => format!("holds {} B", held.len()),
        Kind::Recv { asked, taken, .. } => format!("recv({asked}) = {}", taken.len()),
        Kind::Failed => "recv fails".to_owned(),
        Kind::HalfClose => "half-close".to_owned(),
        Kind::Skipped(count) => format!("… {count} more rows …"),
    }
}

/// What should have come out, and what did.
fn verdict(side: &Side, comparison: &Comparison, timeline: &Timeline) -> Markup {
    let (due, right) = match comparison.asks {
        true => (" answers due, ", "should be"),
        false => (" sent, ", "was sent"),
    };
    html! {
        div class=(if side.right { "verdict right" } else { "verdict wrong" }) {
            p class="judgement" {
                (judgement(side)) " "
                span class="counts" {
                    (comparison.expected.len()) (due) (timeline.came_out.len()) " came out"
                }
            }
            @if let Some(error) = &side.error { p class="error" { (error) } }
            table class=[comparison.asks.then_some("answers")] {
                thead { tr { th scope="col" { (right) } th scope="col" { "came out" } } }
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
                    None => span class="none" { "nothing more" },
                }
            }
            td {
                div class="outcome" {
                    @if same { b class="good" { "✓" } } @else { b class="bad" { "✗" } }
                    span class="runs" {
                        @match out {
                            Some(out) => (came_out(at, out, timeline)),
                            None => span class="none" { "nothing" },
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
        @if side.right { strong class="good" { "✓ RIGHT" } }
        @else { strong class="bad" { "✗ WRONG" } }
        @if side.right && side.code.starts_with("BROKEN") { " " span { "by luck" } }
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
            "The order of the calls was forced, so the same command gives the same pictures. "
            @if counted {
                "How many bytes the kernel holds is its own word: the length of its receive queue, "
                "asked before the calls, which needs no root. "
            } @else {
                "The kernel’s own count is not visible on this system: what it holds is what was "
                "sent and not yet received. "
            }
            "Of datagrams there is no count."
        }
        p {
            "As data: the same command with " code { "--json" } " in place of " code { "--html" }
        }
    }
}
