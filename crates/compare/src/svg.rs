//! One comparison as a picture that stands alone: for a text, which cannot hold a page. It is drawn from the
//! same rows and in the same colours as the page.
//!
//! Every letter of the bytes has its own place, so no font has to be measured, and the same events give the
//! same file on every machine.

use std::ops::Range;

use maud::{Markup, PreEscaped, html};
use rust_i18n::t;

use crate::comparison::{Badge, Comparison, Side};
use crate::html::STYLE;
use crate::timeline::{CameOut, Kind, Mark, Step, Timeline};
use crate::visible::{self, letter};
use crate::words;

/// For what ground a picture is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark signs on light.
    Light,
    /// Light signs on dark.
    Dark,
}

// All lengths are in pixels of the picture's own.
const MARGIN: usize = 1;
const GAP: usize = 16;
const HEADER: usize = 42;
const HEADS: usize = 30;
const ROW: usize = 50;
const VERDICT: usize = 46;
/// Where the lanes stand in a panel, and where its bytes begin.
const CLIENT: usize = 38;
const KERNEL: usize = 112;
const SERVER: usize = 222;
const STRIP: usize = 244;
const BYTE: usize = 19;
/// A letter of the fixed-width font, 13 pixels high.
const LETTER: usize = 8;

/// The picture as an SVG file, in the language that is spoken. The messages go one way, and are short: each
/// byte is a cell.
pub fn picture(comparison: &Comparison, theme: Theme) -> String {
    let sides = [&comparison.broken, &comparison.fixed];
    let timelines = sides.map(|side| Timeline::new(side, comparison));
    let rows = timelines.iter().map(|timeline| steps(timeline).count()).max().unwrap_or(0);
    let mut left = MARGIN;
    let panels = sides.iter().zip(&timelines).map(|(side, timeline)| {
        let width = STRIP + timeline.stream.len() * BYTE + GAP;
        let panel = Panel { side, timeline, comparison, theme, left, width, rows };
        left += width + GAP;
        panel
    });
    let panels: Vec<Panel> = panels.collect();
    let width = left - GAP + MARGIN;
    let height = panels.first().map_or(0, Panel::height) + 2 * MARGIN;
    let title = t!(comparison.title.as_str());
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {width} {height}"))
            width=(width) height=(height) role="img" text-anchor="middle" font-family=(theme.value("sans")) {
            title { (comparison.name) ": " (title) }
            style { ".m{font-family:" (PreEscaped(theme.value("mono"))) "}" }
            @for panel in &panels { (panel.draw()) }
        }
    };
    svg.into_string() + "\n"
}

/// The rows that are drawn: those in which bytes are.
fn steps<'a>(timeline: &'a Timeline) -> impl Iterator<Item = &'a Step> {
    timeline.steps.iter().filter(|step| match &step.kind {
        Kind::Send { .. } | Kind::Kernel { .. } => true,
        Kind::Recv { taken, .. } => !taken.is_empty(),
        _ => false,
    })
}

impl Theme {
    /// Both of them.
    pub const ALL: [Theme; 2] = [Theme::Light, Theme::Dark];

    /// Its name: `light`, `dark`.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// What the page's style sheet says of a colour or a font. What it says of none for the dark is as in
    /// the light.
    fn value(self, name: &str) -> &'static str {
        let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").unwrap_or((STYLE, ""));
        let name = format!("--{name}: ");
        let find = |style: &'static str| style.split_once(&name)?.1.split(';').next();
        let own = if self == Theme::Dark { find(dark) } else { None };
        own.or_else(|| find(light)).unwrap_or_default()
    }
}

/// One side, and its place.
struct Panel<'a> {
    side: &'a Side,
    timeline: &'a Timeline<'a>,
    comparison: &'a Comparison,
    theme: Theme,
    left: usize,
    width: usize,
    rows: usize,
}

impl Panel<'_> {
    fn height(&self) -> usize {
        HEADER + HEADS + self.rows * ROW + VERDICT
    }

    fn colour(&self, name: &str) -> &'static str {
        self.theme.value(name)
    }

    fn draw(&self) -> Markup {
        let (card, rule, ink) = (self.colour("card"), self.colour("rule"), self.colour("ink"));
        let (width, height) = (self.width, self.height());
        let is_broken = self.side.code.badge == Some(Badge::Broken);
        let (bold, soft) = if is_broken { ("bad", "bad-soft") } else { ("good", "good-soft") };
        let (bold, soft) = (self.colour(bold), self.colour(soft));
        html! {
            g transform=(format!("translate({} {MARGIN})", self.left)) fill=(ink) font-size="13" {
                rect width=(width) height=(height) rx="10" fill=(card) stroke=(rule) {}
                rect x="10" width=(width - 20) height="3" fill=(bold) {}
                @if let Some(badge) = self.side.code.badge {
                    rect x="14" y="13" width="66" height="20" rx="4" fill=(soft) {}
                    text x="47" y="28" font-size="12" font-weight="700" fill=(bold) {
                        (words::badge(badge))
                    }
                }
                text x="90" y="28" text-anchor="start" font-size="15" font-weight="600" { (t!(self.side.code.words.as_str())) }
                path d=(format!("M0 {HEADER}H{width}")) stroke=(rule) {}
                (self.lanes())
                @for (at, step) in steps(self.timeline).enumerate() {
                    g transform=(format!("translate(0 {})", HEADER + HEADS + at * ROW)) { (self.row(step)) }
                }
                g transform=(format!("translate(0 {})", height - VERDICT)) { (self.verdict(bold, soft)) }
            }
        }
    }

    fn lanes(&self) -> Markup {
        let lane = self.colour("lane");
        let (top, bottom) = (HEADER + HEADS, self.height() - VERDICT);
        let names = [(CLIENT, t!("client")), (KERNEL, t!("kernel")), (SERVER, t!("server"))];
        html! {
            @for (x, name) in names {
                text x=(x) y=(HEADER + 20) font-size="12" font-weight="600"
                    fill=(self.colour("soft")) { (name) }
                path d=(format!("M{x} {top}V{bottom}")) stroke=(lane) {}
            }
            @for edge in &self.timeline.edges {
                path d=(format!("M{} {top}V{bottom}", place(*edge))) stroke=(lane) stroke-dasharray="3 3" {}
            }
        }
    }

    fn row(&self, step: &Step) -> Markup {
        let note = &step.note;
        let (sign, colour) = match note.mark {
            Mark::Neither => ("", "soft"),
            Mark::Right => ("✓ ", "good"),
            Mark::Wrong => ("✗ ", "bad"),
        };
        let middle = |from: usize, to: usize| usize::midpoint(from, to);
        html! {
            @match &step.kind {
                Kind::Send { sent } => {
                    (self.arrow(CLIENT, KERNEL))
                    (self.code(middle(CLIENT, KERNEL), 19, &format!("send {}", sent.len())))
                    (self.runs(sent))
                }
                Kind::Kernel { held, .. } => {
                    rect x=(place(held.start) - 4) y="1" width=(held.len() * BYTE + 8) height="43" rx="6"
                        fill="none" stroke=(self.colour("ink")) stroke-width="1.5" {}
                    rect x=(KERNEL - 42) y="12" width="84" height="22" rx="5" fill=(self.colour("card"))
                        stroke=(self.colour("ink")) stroke-width="1.5" {}
                    text x=(KERNEL) y="27" font-size="12" font-weight="600" {
                        (t!("holds %{count} B", count = held.len()))
                    }
                    (self.runs(held))
                }
                Kind::Recv { asked, taken, left } => {
                    (self.arrow(KERNEL, SERVER))
                    (self.code(middle(KERNEL, SERVER), 19, &format!("recv({asked}) = {}", taken.len())))
                    text x=(middle(KERNEL, SERVER)) y="40" font-size="12"
                        fill=(self.colour(colour)) { (sign) (note.text) }
                    (self.runs(taken))
                    (self.taken(taken, note.mark == Mark::Wrong))
                    @if !left.is_empty() { (self.left_in_kernel(left)) }
                }
                _ => {}
            }
        }
    }

    fn code(&self, x: usize, y: usize, text: &str) -> Markup {
        html! { text x=(x) y=(y) font-size="12" class="m" { (text) } }
    }

    fn arrow(&self, from: usize, to: usize) -> Markup {
        let ink = self.colour("ink");
        html! {
            path d=(format!("M{from} 25H{}", to - 7)) stroke=(ink) stroke-width="1.5" {}
            path d=(format!("M{} 21l8 4l-8 4z", to - 8)) {}
        }
    }

    /// A block for each message of which bytes are here.
    fn runs(&self, range: &Range<usize>) -> Markup {
        let owner = |at: usize| self.timeline.owners.get(at).map_or(0, |owner| owner.message);
        let places: Vec<usize> = range.clone().collect();
        html! {
            @for run in places.chunk_by(|left, right| owner(*left) == owner(*right)) {
                @if let [start, ..] = run { (self.run(*start, run.len(), owner(*start))) }
            }
        }
    }

    fn run(&self, start: usize, count: usize, message: usize) -> Markup {
        let (x, width) = (place(start) + 1, count * BYTE - 2);
        let (strong, soft) = self.colours(message);
        html! {
            rect x=(x) y="5" width=(width) height="35" rx="3" fill=(soft) stroke=(strong) {}
            path d=(format!("M{x} 18V8a3 3 0 0 1 3-3h{}a3 3 0 0 1 3 3v10z", width - 6)) fill=(strong) {}
            text x=(x + width / 2) y="15" font-size="10" font-weight="700"
                fill=(self.colour("on-strong")) { (letter(message)) }
            @for at in start..start + count { (self.byte(at, strong, at > start)) }
        }
    }

    fn byte(&self, at: usize, strong: &str, is_inside: bool) -> Markup {
        let byte = self.timeline.stream.get(at).copied().unwrap_or_default();
        let is_header = self.timeline.owners.get(at).is_some_and(|owner| owner.is_header);
        let shown = visible::byte(byte).filter(|_| !is_header);
        let size = if shown.is_some() { 13 } else { 10 };
        let x = place(at);
        html! {
            @if is_header {
                rect x=(x + 1) y="18" width=(BYTE - 2) height="22" fill=(strong) fill-opacity=".16" {}
            }
            @if is_inside { path d=(format!("M{x} 18V40")) stroke=(strong) stroke-opacity=".3" {} }
            text x=(x + BYTE / 2) y="33" font-size=(size)
                class="m" {
                (shown.unwrap_or_else(|| format!("{byte:02x}")))
            }
        }
    }

    /// The bracket below what one recv took, and where that is wrong.
    fn taken(&self, taken: &Range<usize>, is_wrong: bool) -> Markup {
        let (start, end) = (place(taken.start) + 1, place(taken.end) - 1);
        let bad = self.colour("bad");
        html! {
            path d=(format!("M{start} 41v2a3 3 0 0 0 3 3H{}a3 3 0 0 0 3-3v-2", end - 3)) fill="none"
                stroke=(if is_wrong { bad } else { self.colour("ink") }) stroke-width="2" {}
            @if is_wrong {
                @for cut in self.timeline.cuts(taken) {
                    circle cx=(place(cut)) cy="45" r="8" fill=(bad) {}
                    path d=(format!("M{} 42l6 6m0-6l-6 6", place(cut) - 3)) stroke=(self.colour("card"))
                        stroke-width="2" {}
                }
            }
        }
    }

    fn left_in_kernel(&self, left: &Range<usize>) -> Markup {
        let (x, width) = (place(left.start) + 2, left.len() * BYTE - 4);
        html! {
            rect x=(x) y="8" width=(width) height="30" rx="4" fill=(self.colour("card"))
                stroke=(self.colour("lane")) stroke-dasharray="4 3" {}
            text x=(x + width / 2) y="28" font-size="12" fill=(self.colour("soft")) {
                (t!("%{count} B left", count = left.len()))
            }
        }
    }

    fn verdict(&self, bold: &str, soft: &str) -> Markup {
        let (width, due, out) =
            (self.width, self.comparison.expected.len(), self.timeline.came_out.len());
        let (sign, word) =
            if self.side.right { ("✓", t!("RIGHT")) } else { ("✗", t!("WRONG")) };
        html! {
            path d=(format!("M.5 0H{}V{}a10 10 0 0 1-10 10H10.5a10 10 0 0 1-10-10z", width - 1, VERDICT - 11))
                fill=(soft) {}
            text x="16" y="29" text-anchor="start" fill=(self.colour("soft")) {
                tspan font-size="16" font-weight="700" fill=(bold) { (sign) " " (word) }
                tspan dx="10" { (t!("%{due} sent, %{out} came out", due = due, out = out)) }
            }
            (self.came_out(bold))
        }
    }

    /// What came out, at the right edge: a frame for each message, in the colours of those that it holds.
    fn came_out(&self, bold: &str) -> Markup {
        let width = |out: &CameOut| out.bytes.len() * LETTER + 12;
        let all: usize = self.timeline.came_out.iter().map(|out| width(out) + 8).sum();
        let mut next = self.width.saturating_sub(all + 8);
        let frames = self.timeline.came_out.iter().map(|out| {
            let x = next;
            next += width(out) + 8;
            (x, width(out), out)
        });
        html! {
            @for (x, width, out) in frames {
                svg x=(x) y="12" width=(width) height="22" {
                    @for (at, (from, byte)) in out.from.iter().zip(out.bytes).enumerate() {
                        (self.letter(6 + at * LETTER, *from, *byte))
                    }
                    rect x="1" y="1" width=(width - 2) height="20" rx="3" fill="none" stroke=(bold)
                        stroke-width="1.5" {}
                }
            }
        }
    }

    /// A byte that came out, in the colour of the message to which it belongs.
    fn letter(&self, x: usize, from: usize, byte: u8) -> Markup {
        let owner = self.timeline.owners.get(from).map_or(0, |owner| owner.message);
        let (_, soft) = self.colours(owner);
        html! {
            rect x=(x) y="3" width=(LETTER) height="16" fill=(soft) {}
            text x=(x + LETTER / 2) y="16" class="m" {
                (visible::byte(byte).unwrap_or_default())
            }
        }
    }

    /// A message's strong colour and its soft one.
    fn colours(&self, message: usize) -> (&'static str, &'static str) {
        let name = format!("m{}", message % 6);
        (self.colour(&name), self.colour(&format!("{name}-soft")))
    }
}

/// Where a byte begins in a panel.
fn place(at: usize) -> usize {
    STRIP + at * BYTE
}
