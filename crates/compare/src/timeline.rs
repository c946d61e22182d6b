//! One side of a comparison as the rows of a picture: each call, which bytes of the stream it moved,
//! and what to make of that. It holds no markup, so it can be tested by itself.
//!
//! The stream is the one that carries what is compared: to the server, or to a client that asks.

use std::ops::Range;

use rust_i18n::t;
use trace::{Action, Event};

use crate::comparison::{ByteOwner, CLIENT, Comparison, HEADER_BYTES, SERVER, Side, Transport};
use crate::visible::letter;
use crate::words;

/// The most rows of a picture; one of more is cut in the middle.
const MAX_STEPS: usize = 60;
/// How many of these stand after the cut.
const STEPS_AT_END: usize = 10;

/// Everything that is drawn of one side.
#[derive(Debug)]
pub(crate) struct Timeline<'a> {
    /// All bytes of the stream, headers included.
    pub(crate) stream: Vec<u8>,
    /// The message to which each of them belongs.
    pub(crate) owners: Vec<ByteOwner>,
    /// Where one message ends and the next begins, in ascending order.
    pub(crate) edges: Vec<usize>,
    /// What happened, in order.
    pub(crate) steps: Vec<Step>,
    /// What came out.
    pub(crate) came_out: Vec<CameOut<'a>>,
    comparison: &'a Comparison,
    side: &'a Side,
}

/// A row.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    /// What happened, in words.
    pub(crate) spoken: String,
    pub(crate) note: Note,
}

/// What happened. Ranges are places in the stream, in bytes.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A client asks, in the other direction.
    Ask {
        request: Vec<u8>,
        bytes: usize,
    },
    Send {
        sent: Range<usize>,
    },
    /// What the kernel holds for the reader; `unread` is its own count, where it can be asked.
    Kernel {
        held: Range<usize>,
        unread: Option<u32>,
    },
    /// `left` is what the kernel still holds afterwards.
    Recv {
        asked: usize,
        taken: Range<usize>,
        left: Range<usize>,
    },
    /// A recv that failed.
    Failed,
    HalfClose,
    /// So many rows are not shown.
    Skipped(usize),
}

/// What to make of a row.
#[derive(Debug, Default)]
pub(crate) struct Note {
    pub(crate) mark: Mark,
    pub(crate) text: String,
}

/// Whether a row is how it should be.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    #[default]
    Neither,
    Right,
    Wrong,
}

/// A message that came out.
#[derive(Debug)]
pub(crate) struct CameOut<'a> {
    pub(crate) bytes: &'a [u8],
    /// The places in the stream that its bytes come from, if they do.
    pub(crate) from: Vec<usize>,
}

impl<'a> Timeline<'a> {
    /// Turns the events of one side into rows.
    pub(crate) fn new(side: &'a Side, comparison: &'a Comparison) -> Timeline<'a> {
        let reader = if comparison.asks { CLIENT } else { SERVER };
        let owners = side.owners(&comparison.expected);
        let pairs = owners.iter().zip(owners.iter().skip(1)).zip(1..);
        let edges = pairs.filter(|((left, right), _)| left.message != right.message);
        let mut timeline = Timeline {
            stream: Vec::new(),
            edges: edges.map(|(_, at)| at).collect(),
            owners,
            steps: Vec::new(),
            came_out: Vec::new(),
            comparison,
            side,
        };
        let mut reading = ReadPosition::default();
        for event in &side.events {
            if &*event.lane == reader {
                timeline.reader_does(event, &mut reading);
            } else {
                timeline.writer_does(event, &mut reading);
            }
        }
        timeline.end(&mut reading);
        timeline
    }

    /// Where a recv that came out wrong was cut: at each edge inside it, and at its end if that is
    /// inside a message.
    pub(crate) fn cuts(&self, taken: &Range<usize>) -> Vec<usize> {
        let inside = self.edges.iter().copied().filter(|at| taken.start < *at && *at < taken.end);
        let at_edge = taken.end >= self.stream.len() || self.edges.contains(&taken.end);
        inside.chain((!at_edge).then_some(taken.end)).collect()
    }

    fn writer_does(&mut self, event: &Event, reading: &mut ReadPosition) {
        match &event.action {
            Action::Send { bytes, .. } => {
                let start = self.stream.len();
                self.stream.extend_from_slice(bytes);
                reading.has_unshown_sends = true;
                self.push(Kind::Send { sent: start..self.stream.len() }, event);
            }
            Action::HalfClose => self.push(Kind::HalfClose, event),
            // The server's way to read a request is not what is compared.
            _ => {}
        }
    }

    fn reader_does(&mut self, event: &Event, reading: &mut ReadPosition) {
        match &event.action {
            Action::Send { bytes, .. } => {
                let request = self.comparison.sent.get(reading.asked).cloned().unwrap_or_default();
                reading.asked += 1;
                reading.has_unshown_sends = true;
                self.push(Kind::Ask { request, bytes: bytes.len() }, event);
            }
            Action::Look { held, unread, .. } => reading.look = Some((held.len(), *unread)),
            Action::Recv { asked, bytes } => {
                self.show_kernel(reading, "");
                let start = reading.at;
                reading.at = (start + bytes.len()).min(self.stream.len());
                let (taken, left) = (start..reading.at, reading.at..self.stream.len());
                let progress = self.progress(&taken);
                self.push(Kind::Recv { asked: *asked, taken, left }, event);
                self.note(Mark::Neither, progress);
            }
            Action::Failed { .. } => {
                self.show_kernel(reading, "");
                self.push(Kind::Failed, event);
            }
            Action::Message { bytes } => self.message(bytes, reading),
            // A play's datagrams are recorded as sends and recvs, and nothing is lost in it on purpose.
            Action::HalfClose
            | Action::SendTo { .. }
            | Action::RecvFrom { .. }
            | Action::Fault { .. } => {}
        }
    }

    /// Judges the message that the last row has brought.
    fn message(&mut self, bytes: &[u8], reading: &mut ReadPosition) {
        let number = self.came_out.len();
        let payload = |at: &usize| self.owners.get(*at).is_some_and(|owner| !owner.is_header);
        let from: Vec<usize> = (reading.begun..reading.at).filter(payload).collect();
        reading.begun = reading.at;
        let right = self.comparison.expected.get(number).is_some_and(|message| message == bytes);
        match right {
            true if bytes.is_empty() => {
                self.note(Mark::Right, t!("message %{number}, empty", number = number + 1).into());
            }
            true => self.note(Mark::Right, t!("message %{number}", number = number + 1).into()),
            false => self.note(Mark::Wrong, self.what_is_wrong(&from)),
        }
        if let Some(bytes) = self.side.got.get(number) {
            let same = from.iter().filter_map(|&at| self.stream.get(at)).eq(bytes.iter());
            self.came_out.push(CameOut { bytes, from: if same { from } else { Vec::new() } });
        }
    }

    fn what_is_wrong(&self, from: &[usize]) -> String {
        let owner = |at: Option<&usize>| at.and_then(|&at| self.owners.get(at));
        let (Some(first), Some(last)) = (owner(from.first()), owner(from.last())) else {
            return t!("no byte has come").into_owned();
        };
        let whole = self.comparison.expected.get(first.message).map_or(0, Vec::len);
        match last.message - first.message {
            0 if from.len() < whole => t!("a piece of %{message}", message = letter(first.message)),
            0 => t!("%{message}, out of turn", message = letter(first.message)),
            1 => t!("crosses an edge"),
            edges => t!("crosses %{edges} edges", edges = edges),
        }
        .into_owned()
    }

    /// How far a recv has come, in the message that it ends in.
    fn progress(&self, taken: &Range<usize>) -> String {
        if taken.is_empty() {
            return t!("the end").into_owned();
        }
        let Some(last) = self.owners.get(taken.end - 1) else { return String::new() };
        let start = self.start_of_message(taken.end - 1);
        let count = taken.end - start;
        match self.stream.get(start..start + HEADER_BYTES) {
            Some(&[a, b, c, d]) if last.is_header && count == HEADER_BYTES => {
                let length = i32::from_le_bytes([a, b, c, d]);
                t!("length %{length}", length = length)
            }
            _ if last.is_header => {
                t!("%{count} of %{whole} B of a length", count = count, whole = HEADER_BYTES)
            }
            _ => {
                let framed = self.side.transport == Transport::FramedStream;
                let count = if framed { count.saturating_sub(HEADER_BYTES) } else { count };
                let whole = self.comparison.expected.get(last.message).map_or(0, Vec::len);
                t!("%{count} of %{whole} B", count = count, whole = whole)
            }
        }
        .into_owned()
    }

    fn start_of_message(&self, at: usize) -> usize {
        let before = self.edges.partition_point(|edge| *edge <= at);
        before.checked_sub(1).and_then(|edge| self.edges.get(edge)).copied().unwrap_or(0)
    }

    /// What the kernel holds is worth a row when something was sent since it was last shown.
    fn show_kernel(&mut self, reading: &mut ReadPosition, note: &str) {
        let held = reading.at..self.stream.len();
        if !reading.has_unshown_sends || held.is_empty() {
            return;
        }
        reading.has_unshown_sends = false;
        let unread = reading.look.filter(|(bytes, _)| *bytes == held.len()).and_then(|look| look.1);
        let spoken = match self.side.transport {
            Transport::Datagrams => t!("the kernel holds the datagrams, each apart"),
            _ => t!("the kernel holds %{count} B", count = held.len()),
        };
        let spoken = spoken.into_owned();
        let note = Note { mark: Mark::Neither, text: note.to_owned() };
        self.steps.push(Step { kind: Kind::Kernel { held, unread }, spoken, note });
    }

    fn end(&mut self, reading: &mut ReadPosition) {
        self.show_kernel(reading, &t!("nobody reads this"));
        // What was never sent has no place in the stream.
        let sent = self.stream.len();
        self.edges.retain(|edge| *edge < sent);
        if let Some(error) = &self.side.error {
            self.note(Mark::Wrong, words::read_error(error, language::spoken()));
        }
        if self.steps.len() > MAX_STEPS {
            let cut = MAX_STEPS - STEPS_AT_END..self.steps.len() - STEPS_AT_END;
            let spoken = t!("calls not shown: %{count}", count = cut.len()).into_owned();
            let kind = Kind::Skipped(cut.len());
            self.steps.splice(cut, [Step { kind, spoken, note: Note::default() }]);
        }
    }

    fn push(&mut self, kind: Kind, event: &Event) {
        let who = words::lane(&event.lane);
        let spoken = format!("{who}: {}", words::action(&event.action));
        self.steps.push(Step { kind, spoken, note: Note::default() });
    }

    fn note(&mut self, mark: Mark, text: String) {
        if let Some(step) = self.steps.last_mut() {
            step.note = Note { mark, text };
        }
    }
}

/// How far the reader has come.
#[derive(Debug, Default)]
struct ReadPosition {
    /// How many bytes of the stream were taken.
    at: usize,
    /// How many were taken when the last message came out.
    begun: usize,
    /// How many requests were sent.
    asked: usize,
    /// Whether something was sent since the kernel's row was drawn.
    has_unshown_sends: bool,
    /// What was seen when the kernel was last looked at.
    look: Option<(usize, Option<u32>)>,
}
