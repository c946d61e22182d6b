//! Bytes as cells. All rows of a picture share one axis, the place in the stream, so that what was
//! sent, what the kernel holds and what was received stand below each other.

use std::collections::BTreeSet;
use std::ops::Range;

use maud::{Markup, html};
use rust_i18n::t;

use super::text::{colour, excerpt};
use crate::comparison::{ByteOwner, Transport};
use crate::timeline::{Kind, Mark, Step, Timeline};
use crate::visible::{self, letter};

/// The longest stream that is drawn byte by byte, in bytes.
const MAX_BYTEWISE_STREAM: usize = 64;
/// The longest piece between two ends that is drawn byte by byte in a longer stream, in bytes.
const MAX_BYTEWISE_PIECE: usize = 8;
/// The most columns with which that is done.
const MAX_BYTEWISE_COLUMNS: usize = 96;
/// The most columns that half the width of the page has room for.
const MAX_NARROW_COLUMNS: usize = 24;

/// The axis of a picture.
pub(super) struct Axis<'a> {
    timeline: &'a Timeline<'a>,
    transport: Transport,
    /// The places at which a column begins, and the end of the stream.
    places: Vec<usize>,
    /// Characters of more than one byte, which span the cells of theirs.
    characters: Vec<(Range<usize>, String)>,
}

impl<'a> Axis<'a> {
    pub(super) fn new(timeline: &'a Timeline<'a>, transport: Transport) -> Axis<'a> {
        let places = places(timeline);
        let small = timeline.stream.len() <= MAX_BYTEWISE_STREAM && !timeline.stream.is_ascii();
        let characters = if small { characters(timeline) } else { Vec::new() };
        Axis { timeline, transport, places, characters }
    }

    /// The columns and their number, for the style sheet.
    pub(super) fn style(&self) -> String {
        format!("--columns:{};--count:{}", self.columns(), self.places.len().saturating_sub(1))
    }

    fn columns(&self) -> String {
        let sizes: Vec<usize> = self.widths().map(|(_, size)| size).collect();
        let run = |sizes: &[usize]| match sizes {
            [1, ..] => format!("repeat({},var(--byte))", sizes.len()),
            sizes => sizes.iter().map(|size| format!("minmax(var(--bar),{size}fr)")).collect(),
        };
        let runs = sizes.chunk_by(|left, right| (*left == 1) == (*right == 1));
        runs.map(run).collect::<Vec<_>>().join(" ")
    }

    /// What kind of picture this is, for the style sheet.
    pub(super) fn class(&self) -> String {
        let classes = [
            (true, "picture"),
            (is_wide(self.timeline), " wide"),
            (self.timeline.stream.len() > MAX_BYTEWISE_STREAM, " elided"),
            (self.transport == Transport::Datagrams, " apart"),
        ];
        classes.iter().filter(|(so, _)| *so).map(|(_, class)| *class).collect()
    }

    /// The bytes of one row.
    pub(super) fn strip(&self, step: &Step) -> Markup {
        html! {
            div class="strip" {
                @for &edge in &self.timeline.edges {
                    i class="edge" style=(self.line(edge)) {}
                }
                @match &step.kind {
                    Kind::Send { sent } => (self.runs(sent)),
                    Kind::Kernel { held, .. } => {
                        @for segment in self.segments(held) { i class="tray" style=(self.place(&segment)) {} }
                        (self.runs(held))
                    }
                    Kind::Recv { taken, left, .. } => (self.recv(taken, left, step.note.mark)),
                    Kind::Ask { request, bytes } => span class="request" {
                        b { (excerpt(request, 40)) } " " small { (bytes) " B" }
                    },
                    Kind::Failed | Kind::HalfClose | Kind::Skipped(_) => {}
                }
            }
        }
    }

    fn recv(&self, taken: &Range<usize>, left: &Range<usize>, mark: Mark) -> Markup {
        let wrong = mark == Mark::Wrong;
        html! {
            (self.runs(taken))
            @if !taken.is_empty() {
                i class=(if wrong { "bracket wrong" } else { "bracket" }) style=(self.place(taken)) {}
            }
            @if wrong {
                @for cut in self.timeline.cuts(taken) { b class="cut" style=(self.line(cut)) { "✗" } }
            }
            @if !left.is_empty() {
                @for segment in self.segments(left) {
                    span class="left" style=(self.place(&segment)) {
                        b { (segment.len()) } span { (t!("B")) } span class="roomy" { (t!("left")) }
                    }
                }
            }
        }
    }

    /// A stream waits as one; datagrams wait apart.
    fn segments(&self, held: &Range<usize>) -> Vec<Range<usize>> {
        match self.transport {
            Transport::Datagrams => self.by_message(held),
            _ => vec![held.clone()],
        }
    }

    /// The bytes of a range, a block for each message that it touches.
    fn runs(&self, range: &Range<usize>) -> Markup {
        html! { @for run in self.by_message(range) { (self.run(&run)) } }
    }

    fn by_message(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let edges = self.timeline.edges.iter().copied();
        let inside = edges.filter(|at| range.start < *at && *at < range.end);
        let mut start = range.start;
        let runs = inside.chain([range.end]).map(|end| std::mem::replace(&mut start, end)..end);
        runs.filter(|run| !run.is_empty()).collect()
    }

    fn run(&self, run: &Range<usize>) -> Markup {
        let message = self.owner(run.start).map_or(0, |owner| owner.message);
        html! {
            span class={ "run " (colour(message)) } style=(self.place(run)) {
                b class="letter" { (letter(message)) }
                @if !self.characters.is_empty() { (self.spanning(run)) }
                @for (piece, header) in self.pieces(run) {
                    @if piece.len() == 1 { (self.cell(piece.start, header)) }
                    @else { (self.bar(&piece, header)) }
                }
            }
        }
    }

    /// What a run is drawn as: its header and its text, each byte by byte, or as a bar if some of
    /// its columns hold more than one byte.
    fn pieces(&self, run: &Range<usize>) -> Vec<(Range<usize>, bool)> {
        let inside = |(start, size)| usize::max(start, run.start)..run.end.min(start + size);
        let columns: Vec<Range<usize>> =
            self.widths().map(inside).filter(|column| !column.is_empty()).collect();
        let header =
            |column: &Range<usize>| self.owner(column.start).is_some_and(|owner| owner.is_header);
        let mut pieces = Vec::new();
        for part in columns.chunk_by(|left, right| header(left) == header(right)) {
            let ([first, ..], [.., last]) = (part, part) else { continue };
            if part.iter().all(|column| column.len() == 1) {
                pieces.extend(part.iter().map(|column| (column.clone(), header(first))));
            } else {
                pieces.push((first.start..last.end, header(first)));
            }
        }
        pieces
    }

    fn cell(&self, at: usize, header: bool) -> Markup {
        let byte = self.timeline.stream.get(at).copied().unwrap_or_default();
        let (text, hex) = match visible::byte(byte).filter(|_| !header) {
            Some(text) if self.characters.is_empty() => (text, false),
            _ => (format!("{byte:02x}"), true),
        };
        let class = match (header, hex) {
            (true, _) => "byte header",
            (false, true) => "byte hex",
            (false, false) => "byte",
        };
        html! { span class=(class) { (text) } }
    }

    fn bar(&self, piece: &Range<usize>, header: bool) -> Markup {
        let bytes = self.timeline.stream.get(piece.clone()).unwrap_or_default();
        let class = if header { "byte bar header" } else { "byte bar" };
        html! {
            span class=(class) style=(format!("grid-column:span {}", self.count(piece))) {
                b { (piece.len()) " B" } small { (excerpt(bytes, 24)) }
            }
        }
    }

    /// The characters above their bytes; of a cut one, how much of it is here.
    fn spanning(&self, run: &Range<usize>) -> Markup {
        let here = |(range, text): &(Range<usize>, String)| {
            let part = range.start.max(run.start)..range.end.min(run.end);
            let column = part.start.saturating_sub(run.start) + 1;
            (!part.is_empty()).then(|| (column, part.len(), range.len(), text.clone()))
        };
        html! {
            @for (column, part, whole, text) in self.characters.iter().filter_map(here) {
                @let place = format!("grid-column:{column}/span {part}");
                @let escaped = text.starts_with('\\') && text.len() > 2;
                span class={
                    "character" @if part < whole { " torn" } @if escaped { " escaped" }
                } style=(place) {
                    @if part < whole { (visible::fraction(part, whole)) }
                    (text)
                }
            }
        }
    }

    /// Each column's place and how many bytes it stands for.
    fn widths(&self) -> impl Iterator<Item = (usize, usize)> {
        let ends = self.places.iter().skip(1);
        self.places.iter().zip(ends).map(|(&start, &end)| (start, end - start))
    }

    /// The number of the grid line at a place, from 1.
    fn number(&self, at: usize) -> usize {
        1 + self
            .places
            .partition_point(|place| *place < at)
            .min(self.places.len().saturating_sub(1))
    }

    fn count(&self, range: &Range<usize>) -> usize {
        (self.number(range.end) - self.number(range.start)).max(1)
    }

    fn place(&self, range: &Range<usize>) -> String {
        format!("grid-column:{}/span {}", self.number(range.start), self.count(range))
    }

    /// For a sign on the line at which a column begins.
    fn line(&self, at: usize) -> String {
        format!("grid-column:{}", self.number(at))
    }

    fn owner(&self, at: usize) -> Option<ByteOwner> {
        self.timeline.owners.get(at).copied()
    }
}

/// Whether a picture has so many columns that it should have the page for itself.
pub(super) fn is_wide(timeline: &Timeline) -> bool {
    places(timeline).len() > MAX_NARROW_COLUMNS + 1
}

/// Where columns begin: at each byte of a short stream; in a long one at the ends of headers,
/// messages and recvs, and at each byte of what is small between these.
fn places(timeline: &Timeline) -> Vec<usize> {
    let end = timeline.stream.len();
    if end <= MAX_BYTEWISE_STREAM {
        return (0..=end).collect();
    }
    let mut places: BTreeSet<usize> = timeline.edges.iter().copied().chain([0, end]).collect();
    let owners = timeline.owners.iter().zip(timeline.owners.iter().skip(1)).zip(1..);
    places.extend(
        owners.filter(|((left, right), _)| left.is_header != right.is_header).map(|(_, at)| at),
    );
    let kinds = timeline.steps.iter().map(|step| &step.kind);
    places.extend(kinds.filter_map(|kind| match kind {
        Kind::Recv { taken, .. } => Some(taken.end),
        _ => None,
    }));
    let coarse: Vec<usize> = places.iter().copied().collect();
    for pair in coarse.windows(2) {
        if let [start, end] = pair
            && end - start <= MAX_BYTEWISE_PIECE
        {
            places.extend(*start..*end);
        }
    }
    if places.len() > MAX_BYTEWISE_COLUMNS { coarse } else { places.into_iter().collect() }
}

/// The characters of all messages, with their places in the stream.
fn characters(timeline: &Timeline) -> Vec<(Range<usize>, String)> {
    let mut characters = Vec::new();
    let mut at = 0;
    for run in timeline.owners.chunk_by(|left, right| left == right) {
        let bytes = timeline.stream.get(at..at + run.len()).unwrap_or_default();
        if run.first().is_some_and(|owner| !owner.is_header) {
            let mut start = at;
            characters.extend(visible::characters(bytes).into_iter().map(|(length, text)| {
                start += length;
                (start - length..start, text)
            }));
        }
        at += run.len();
    }
    characters
}
