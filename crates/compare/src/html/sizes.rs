//! The picture of the sweep: a cell for each read size.

use maud::{Markup, html};
use rust_i18n::t;

use crate::report::RunReport;
use crate::sweep::Sweep;

/// How many read sizes stand in a row.
const SIZES_PER_ROW: usize = 128;
/// How many exceptions are ringed and named.
const MAX_NAMED: usize = 12;

pub(super) fn sweep(report: &RunReport) -> Markup {
    let over_sockets = report.sweep.iter().all(|sweep| sweep.over_sockets == sweep.sizes);
    html! {
        section class="scenario" aria-labelledby="sweep" {
            header {
                p class="name" { "sweep" }
                h2 id="sweep" { (t!("every read size")) }
                p class="why" {
                    (t!("The same messages, read in pieces of 1 byte, of 2, and so on. Each cell is one of these sizes, %{row} in a row.", row = SIZES_PER_ROW)) " "
                    @if over_sockets { (t!("All of it over real sockets.")) }
                    @else { (t!("Over real sockets at first, then from memory, to save time.")) }
                }
                p class="again" {
                    (t!("Play it again:")) " "
                    code { "cargo run -p compare -- --scenario sweep --seed " (report.seed) }
                }
            }
            @for sweep in &report.sweep {
                h3 class="what-was-sent" { (sweep.messages.words()) }
                div class="sides" { (sizes(sweep, false)) (sizes(sweep, true)) }
            }
        }
    }
}

/// One side of a sweep. All sizes are alike but for a few: the broken side is right at some, by
/// luck, and the fixed side should be wrong at none.
fn sizes(sweep: &Sweep, fixed: bool) -> Markup {
    let (side, badge, code, exceptions) = match fixed {
        false => ("broken", t!("BROKEN"), t!("lesson02: no length"), &sweep.broken_right_at),
        true => ("fixed", t!("FIXED"), t!("lesson03: 4-byte length"), &sweep.fixed_wrong_at),
    };
    let right = if fixed { sweep.sizes - exceptions.len() } else { exceptions.len() };
    html! {
        figure class={ "side sizes " (side) } {
            figcaption {
                h4 { span class="badge" { (badge) } " " (code) }
                p class="judgement" {
                    @if right == sweep.sizes { strong class="good" { "✓ " (t!("RIGHT")) } }
                    @else { strong class="bad" { "✗ " (t!("WRONG")) } }
                    " " span class="counts" {
                        @if fixed { (t!("right at %{count} of %{sizes} sizes", count = right, sizes = sweep.sizes)) }
                        @else { (t!("wrong at %{count} of %{sizes} sizes", count = sweep.sizes - right, sizes = sweep.sizes)) }
                    }
                }
            }
            (cells(sweep.sizes, if fixed { ["good", "bad"] } else { ["bad", "good"] }, exceptions))
            p class="exceptions" {
                (if fixed { t!("Wrong at %{these}.", these = listed(exceptions)) } else { t!("Right, by luck, at %{these}.", these = listed(exceptions)) })
            }
        }
    }
}

/// A cell for each size, of one colour, and the exceptions of another.
fn cells(sizes: usize, [usual, unusual]: [&str; 2], exceptions: &[usize]) -> Markup {
    let rows = sizes.div_ceil(SIZES_PER_ROW);
    let place = |size: &usize| {
        let before = size.saturating_sub(1);
        (before % SIZES_PER_ROW, before / SIZES_PER_ROW)
    };
    let upright = (1..SIZES_PER_ROW).map(|x| format!("M{x} 0V{rows}"));
    let lines: String =
        upright.chain((1..rows).map(|y| format!("M0 {y}H{SIZES_PER_ROW}"))).collect();
    html! {
        svg aria-hidden="true" viewBox=(format!("0 0 {SIZES_PER_ROW} {rows}")) {
            rect class=(usual) width=(SIZES_PER_ROW) height=(rows) {}
            @for (x, y) in exceptions.iter().map(place) {
                rect class=(unusual) x=(x) y=(y) width="1" height="1" {}
            }
            path d=(lines) {}
            @for (x, y) in exceptions.iter().take(MAX_NAMED).map(place) {
                circle cx={ (x) ".5" } cy={ (y) ".5" } r="1.6" {}
            }
        }
    }
}

fn listed(sizes: &[usize]) -> String {
    let named: Vec<String> = sizes.iter().take(MAX_NAMED).map(usize::to_string).collect();
    match sizes.len() - named.len() {
        _ if named.is_empty() => t!("none").into_owned(),
        0 => named.join(", "),
        more => t!("%{these} and %{more} more", these = named.join(", "), more = more).into_owned(),
    }
}
