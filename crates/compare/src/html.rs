//! The picture for a browser: one file that asks for no other, and runs no script.
//!
//! Time runs down; client, kernel and server are lanes; the bytes stand beside them, each at its
//! place in the stream. All text is escaped by maud, so a message can hold anything.

mod story;
mod strip;
mod visible;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use trace::Action;

use crate::report::{Carrier, Comparison, Report, Side};
use crate::sweep::Sweep;
use story::{Kind, Mark, Out, Step, Story, letter};
use strip::{Axis, colour};

const STYLE: &str = include_str!("html/page.css");
const LEGEND: &str = include_str!("html/legend.html");
/// Nothing may be loaded and no script run, whatever a message says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
/// A message of more characters than this is shown by its beginning and its end.
const SHOWN: usize = 40;
/// How many read sizes stand in a row of the sweep's picture.
const SIZES_A_ROW: usize = 128;
/// So many exceptions of the sweep are ringed and named.
const NAMED: usize = 12;

/// The whole report as one HTML page, with nothing outside of it.
pub fn page(report: &Report) -> String {
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
                    @if !report.sweep.is_empty() { (sweep(report)) }
                }
                footer { (closing(report)) }
            }
        }
    };
    page.into_string()
}

fn opening(report: &Report) -> Markup {
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
    let stories = sides.map(|(_, side)| Story::new(side, comparison));
    html! {
        section class="scenario" aria-labelledby=(id) {
            header {
                p class="name" { (comparison.name) }
                h2 id=(id) { (comparison.title) }
                p class="why" { (comparison.why) }
                p class="again" { "Play it again: " code { (comparison.command) } }
            }
            div class={ "sides" @if stories.iter().any(strip::is_wide) { " stacked" } } {
                @for ((which, side), story) in sides.iter().zip(&stories) {
                    (figure(which, side, comparison, story))
                }
            }
        }
    }
}

fn figure(which: &str, side: &Side, comparison: &Comparison, story: &Story) -> Markup {
    let axis = Axis::new(story, side.carrier);
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
                tabindex=[strip::is_wide(story).then_some("0")] {
                div class="row heads" aria-hidden="true" {
                    b { "client" } b { "kernel" } b { "server" }
                    span class="axis" {
                        (if comparison.asks { "the answers’ bytes" } else { "the bytes" }) ", in order →"
                    }
                }
                ol {
                    @for step in &story.steps { (row(step, comparison.asks, side.carrier, &axis)) }
                }
            }
            (verdict(side, comparison, story))
        }
    }
}

/// One event: as a sentence for those who listen, as arrow and cells for those who look.
fn row(step: &Step, asks: bool, carrier: Carrier, axis: &Axis) -> Markup {
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
                        span class="what" { (label(&step.kind, carrier)) }
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

fn label(kind: &Kind, carrier: Carrier) -> String {
    match kind {
        Kind::Ask { .. } => "asks".to_owned(),
        Kind::Send { sent } => format!("send {}", sent.len()),
        Kind::Kernel { .. } if carrier == Carrier::Datagrams => "each apart".to_owned(),
        Kind::Kernel { unread: Some(unread), .. } => format!("holds {unread} B"),
        Kind::Kernel { held, .. } => format!("holds {} B", held.len()),
        Kind::Recv { asked, taken, .. } => format!("recv({asked}) = {}", taken.len()),
        Kind::Failed => "recv fails".to_owned(),
        Kind::HalfClose => "half-close".to_owned(),
        Kind::Skipped(count) => format!("… {count} more rows …"),
    }
}

/// What should have come out, and what did.
fn verdict(side: &Side, comparison: &Comparison, story: &Story) -> Markup {
    let (due, right) = match comparison.asks {
        true => (" answers due, ", "should be"),
        false => (" sent, ", "was sent"),
    };
    html! {
        div class=(if side.right { "verdict right" } else { "verdict wrong" }) {
            p class="judgement" {
                (judgement(side)) " "
                span class="counts" {
                    (comparison.expected.len()) (due) (story.outs.len()) " came out"
                }
            }
            @if let Some(error) = &side.error { p class="error" { (error) } }
            table class=[comparison.asks.then_some("answers")] {
                thead { tr { th scope="col" { (right) } th scope="col" { "came out" } } }
                tbody {
                    @for at in 0..comparison.expected.len().max(story.outs.len()) {
                        (pair(at, comparison, story))
                    }
                }
            }
        }
    }
}

fn pair(at: usize, comparison: &Comparison, story: &Story) -> Markup {
    let (right, out) = (comparison.expected.get(at), story.outs.get(at));
    let same = right.map(Vec::as_slice) == out.map(|out| out.bytes);
    html! {
        tr {
            td {
                @if comparison.asks && let Some(asked) = comparison.sent.get(at) {
                    span class="asked" { (excerpt(asked, SHOWN)) } " "
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
                            Some(out) => (came_out(at, out, story)),
                            None => span class="none" { "nothing" },
                        }
                    }
                }
            }
        }
    }
}

/// What came out, in the colours of the messages that it was made from.
fn came_out(at: usize, out: &Out, story: &Story) -> Markup {
    let message = |at: &usize| story.owners.get(*at).map(|owner| owner.message);
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

/// Bytes as text, with the letter and in the colour of a message, if they are a message's.
fn text(bytes: &[u8], message: Option<usize>) -> Markup {
    html! {
        span class={ "text " (message.map_or("", colour)) } {
            @if let Some(message) = message { b class="letter" { (letter(message)) } }
            @if bytes.is_empty() { i { "empty" } } @else { bdi { (excerpt(bytes, SHOWN)) } }
            @if bytes.len() > SHOWN { small { (bytes.len()) " B" } }
        }
    }
}

/// A text, or its beginning and its end: these give way where there is no room.
fn excerpt(bytes: &[u8], most: usize) -> Markup {
    let (head, tail) = visible::excerpt(bytes, most);
    html! {
        @if tail.is_empty() { (head) }
        @else { span class="long" { span { (head) "…" } span { (tail) } } }
    }
}

fn judgement(side: &Side) -> Markup {
    html! {
        @if side.right { strong class="good" { "✓ RIGHT" } }
        @else { strong class="bad" { "✗ WRONG" } }
        @if side.right && side.code.starts_with("BROKEN") { " " span { "by luck" } }
    }
}

fn sweep(report: &Report) -> Markup {
    let over_sockets = report.sweep.iter().all(|sweep| sweep.over_sockets == sweep.sizes);
    html! {
        section class="scenario" aria-labelledby="sweep" {
            header {
                p class="name" { "sweep" }
                h2 id="sweep" { "every read size" }
                p class="why" {
                    "The same messages, read in pieces of 1 byte, of 2, and so on. Each cell is one "
                    "of these sizes, " (SIZES_A_ROW) " in a row. "
                    @if over_sockets { "All of it over real sockets." }
                    @else { "Over real sockets at first, then from memory, to save time." }
                }
                p class="again" {
                    "Play it again: " code { "cargo run -p compare -- --seed " (report.seed) }
                }
            }
            @for sweep in &report.sweep {
                h3 class="what-was-sent" { (sweep.messages) }
                div class="sides" { (sizes(sweep, false)) (sizes(sweep, true)) }
            }
        }
    }
}

/// One side of a sweep. All sizes are alike but for a few: the broken side is right at some, by
/// luck, and the fixed side should be wrong at none.
fn sizes(sweep: &Sweep, fixed: bool) -> Markup {
    let (side, badge, code, exceptions) = match fixed {
        false => ("broken", "BROKEN", "lesson02: no length", &sweep.broken_right_at),
        true => ("fixed", "FIXED", "lesson03: 4-byte length", &sweep.fixed_wrong_at),
    };
    let right = if fixed { sweep.sizes - exceptions.len() } else { exceptions.len() };
    html! {
        figure class={ "side sizes " (side) } {
            figcaption {
                h4 { span class="badge" { (badge) } " " (code) }
                p class="judgement" {
                    @if right == sweep.sizes { strong class="good" { "✓ RIGHT" } }
                    @else { strong class="bad" { "✗ WRONG" } }
                    " " span class="counts" {
                        @if fixed { "right at " (right) } @else { "wrong at " (sweep.sizes - right) }
                        " of " (sweep.sizes) " sizes"
                    }
                }
            }
            (cells(sweep.sizes, if fixed { ["good", "bad"] } else { ["bad", "good"] }, exceptions))
            p class="exceptions" {
                (if fixed { "Wrong at " } else { "Right, by luck, at " }) (listed(exceptions)) "."
            }
        }
    }
}

/// A cell for each size, of one colour, and the exceptions of another.
fn cells(sizes: usize, [usual, unusual]: [&str; 2], exceptions: &[usize]) -> Markup {
    let rows = sizes.div_ceil(SIZES_A_ROW);
    let place = |size: &usize| {
        let before = size.saturating_sub(1);
        (before % SIZES_A_ROW, before / SIZES_A_ROW)
    };
    let upright = (1..SIZES_A_ROW).map(|x| format!("M{x} 0V{rows}"));
    let lines: String = upright.chain((1..rows).map(|y| format!("M0 {y}H{SIZES_A_ROW}"))).collect();
    html! {
        svg aria-hidden="true" viewBox=(format!("0 0 {SIZES_A_ROW} {rows}")) {
            rect class=(usual) width=(SIZES_A_ROW) height=(rows) {}
            @for (x, y) in exceptions.iter().map(place) {
                rect class=(unusual) x=(x) y=(y) width="1" height="1" {}
            }
            path d=(lines) {}
            @for (x, y) in exceptions.iter().take(NAMED).map(place) {
                circle cx={ (x) ".5" } cy={ (y) ".5" } r="1.6" {}
            }
        }
    }
}

fn listed(sizes: &[usize]) -> String {
    let named: Vec<String> = sizes.iter().take(NAMED).map(usize::to_string).collect();
    match sizes.len() - named.len() {
        _ if named.is_empty() => "none".to_owned(),
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Where the numbers come from.
fn closing(report: &Report) -> Markup {
    let comparisons = report.comparisons.iter();
    let sides = comparisons.flat_map(|comparison| [&comparison.broken, &comparison.fixed]);
    let counted = sides
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
