//! The picture on the terminal: two columns, time runs down.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use trace::{Action, text};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::comparison::{ByteOwner, Comparison, HEADER_BYTES, Side, Transport};
use crate::sweep::Sweep;

/// The width of the picture when nobody says, in columns.
pub const DEFAULT_WIDTH: usize = 80;
/// The least width at which two sides can be read beside each other, in columns.
const MIN_WIDTH: usize = 64;
/// The width of a row's label, in columns.
const LABEL_WIDTH: usize = 9;
/// The width of a scenario's name where it has one line, in columns.
const NAME_WIDTH: usize = 16;
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// Draws comparisons as text.
#[derive(Debug, Clone, Copy)]
pub struct Renderer {
    width: usize,
    ascii: bool,
}

impl Renderer {
    /// Draws `width` columns wide; `ascii` for terminals in which lines are double width.
    pub fn new(width: usize, ascii: bool) -> Renderer {
        Renderer { width: width.max(MIN_WIDTH), ascii }
    }

    /// One comparison, event by event.
    pub fn in_full(self, comparison: &Comparison) -> String {
        let mut out = String::new();
        _ = writeln!(out, "{}  {}", paint(STRONG, &comparison.name), comparison.title);
        let (left, right) =
            (rows(&comparison.broken, comparison), rows(&comparison.fixed, comparison));
        let code = [&comparison.broken.code, &comparison.fixed.code];
        self.line(&mut out, LABEL_WIDTH, "", &Cell::head(code[0], BAD), &Cell::head(code[1], GOOD));
        let mut keys: Vec<RowKey> = left.iter().chain(&right).map(|row| row.key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let of = |rows: &[Row]| -> Vec<String> {
                rows.iter().filter(|row| row.key == key).map(|row| row.cell.clone()).collect()
            };
            let (left, right) = (of(&left), of(&right));
            for at in 0..left.len().max(right.len()) {
                let cell = |cells: &[String]| Cell::plain(cells.get(at).map_or("", String::as_str));
                self.line(&mut out, LABEL_WIDTH, &key.label(), &cell(&left), &cell(&right));
            }
        }
        let got = [verdict(&comparison.broken), verdict(&comparison.fixed)];
        self.line(&mut out, LABEL_WIDTH, "got", &got[0], &got[1]);
        _ = writeln!(out, "{}{}", paint(FAINT, &pad("why", LABEL_WIDTH)), comparison.why);
        self.finish(out)
    }

    /// One comparison, in a line.
    pub fn in_a_line(self, comparison: &Comparison, name: bool) -> String {
        let mut out = String::new();
        let got = [verdict(&comparison.broken), verdict(&comparison.fixed)];
        let name = if name { &comparison.name } else { "" };
        self.line(&mut out, NAME_WIDTH, name, &got[0], &got[1]);
        self.finish(out)
    }

    /// The sweep over all read sizes.
    pub fn sweep(self, sweeps: &[Sweep]) -> String {
        let mut out = String::new();
        let where_from = match sweeps.iter().all(|sweep| sweep.over_sockets == sweep.sizes) {
            true => "over real sockets",
            false => "over real sockets at first, then from memory, to save time",
        };
        let sizes = sweeps.first().map_or(0, |sweep| sweep.sizes);
        _ = writeln!(
            out,
            "{}  every read size from 1 to {sizes}, {where_from}",
            paint(STRONG, "sweep")
        );
        for sweep in sweeps {
            _ = writeln!(
                out,
                "{}",
                paint(FAINT, &format!("{}{}", pad("", LABEL_WIDTH), sweep.messages))
            );
            let (sizes, wrong_at) = (sweep.sizes, &sweep.fixed_wrong_at);
            let wrong = sizes - sweep.broken_right_at.len();
            let right = sizes - wrong_at.len();
            let broken = Cell::judged(format!("at {wrong} of {sizes}"), false);
            let fixed = Cell::judged(format!("at {right} of {sizes}"), wrong_at.is_empty());
            self.line(&mut out, LABEL_WIDTH, "", &broken, &fixed);
            if let [first, rest @ ..] = sweep.broken_right_at.as_slice() {
                let more = if rest.is_empty() {
                    String::new()
                } else {
                    format!(" and {} more", rest.len())
                };
                _ = writeln!(
                    out,
                    "{}right only at {first}{more}: as long as a message, by luck",
                    pad("", LABEL_WIDTH)
                );
            }
        }
        self.finish(out)
    }

    /// A label of this width, and two columns that share the rest.
    fn line(self, out: &mut String, label_width: usize, label: &str, left: &Cell, right: &Cell) {
        let inner = self.width - label_width - 2;
        let left_width = inner / 2;
        let label = paint(FAINT, &pad(label, label_width));
        let left = pad(&left.draw(left_width), left_width);
        let right = right.draw(inner - left_width);
        let bar = paint(FAINT, "│");
        _ = match right.as_str() {
            "" => writeln!(out, "{label}{left}{bar}"),
            right => writeln!(out, "{label}{left}{bar} {right}"),
        };
    }

    fn finish(self, picture: String) -> String {
        if !self.ascii {
            return picture;
        }
        picture.replace('│', "|").replace('·', ".").replace('…', "~")
    }
}

/// What stands in one column of one line: text, and a word at its end.
struct Cell {
    text: String,
    /// How the first word is painted.
    first: Style,
    end: (&'static str, Style),
}

impl Cell {
    fn plain(text: &str) -> Cell {
        Cell::head(text, Style::new())
    }

    /// A heading whose first word is painted.
    fn head(text: &str, style: Style) -> Cell {
        Cell { text: text.to_owned(), first: style, end: ("", Style::new()) }
    }

    /// A result, and whether it is right.
    fn judged(text: String, right: bool) -> Cell {
        let end = if right { ("RIGHT", GOOD) } else { ("WRONG", BAD) };
        Cell { text, first: Style::new(), end }
    }

    /// The text, cut to fit, and the word at the right edge, if there is one.
    fn draw(&self, width: usize) -> String {
        let (end, style) = self.end;
        // A blank stands after each column, and between a text and the word at its end.
        match end {
            "" => {
                let text = fit(self.text.trim_end(), width - 1);
                let word = text.split(' ').next().unwrap_or_default();
                let rest = text.get(word.len()..).unwrap_or_default();
                format!("{}{rest}", paint(self.first, word))
            }
            word => {
                let room = width - word.width() - 1;
                format!("{}{}", pad(&fit(&self.text, room - 1), room), paint(style, word))
            }
        }
    }
}

/// The place of a row: the exchange that it belongs to, and where it stands in that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RowKey {
    exchange: usize,
    asks: bool,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Sent,
    Answered,
    Held,
    Read,
    AnsweredLate,
    Left,
}

impl RowKey {
    fn label(self) -> String {
        match (self.place, self.asks) {
            (Place::Sent, true) => format!("ask {}", self.exchange),
            (Place::Sent, false) => "client".to_owned(),
            (Place::Answered | Place::AnsweredLate, _) | (Place::Read, false) => {
                "server".to_owned()
            }
            (Place::Held, _) => "kernel".to_owned(),
            (Place::Read, true) => "client".to_owned(),
            (Place::Left, _) => "LEFT".to_owned(),
        }
    }
}

struct Row {
    key: RowKey,
    cell: String,
}

/// Turns one side's events into rows.
fn rows(side: &Side, comparison: &Comparison) -> Vec<Row> {
    let asks = comparison.asks;
    let mut builder = RowBuilder {
        rows: Vec::new(),
        key: RowKey { exchange: 0, asks, place: Place::Sent },
        read: 0,
        owners: side.owners(if asks { &comparison.expected } else { &comparison.sent }),
        sent_owners: side.owners(&comparison.sent),
        answered: 0,
        sent: 0,
        held: Vec::new(),
        unread: None,
        transport: side.transport,
        datagrams: comparison.sent.iter().map(|sent| text::escape(sent)).collect(),
        has_read: false,
    };
    let reader = if asks { "client" } else { "server" };
    for event in &side.events {
        let is_reader = &*event.lane == reader;
        match &event.action {
            Action::Send { bytes, .. } if &*event.lane == "client" => builder.client_sends(bytes),
            Action::Send { bytes, .. } => builder.server_sends(bytes),
            Action::Look { held, unread, .. } if is_reader => {
                (builder.held, builder.unread) = (held.clone(), *unread);
            }
            Action::Recv { asked, bytes } if is_reader => builder.reads(*asked, bytes),
            Action::Failed { .. } if is_reader => builder.reads_nothing(),
            _ => {}
        }
    }
    builder.leaves();
    builder.rows
}

/// Builds the rows of one side, and knows where in the stream the reader is.
struct RowBuilder {
    rows: Vec<Row>,
    key: RowKey,
    owners: Vec<ByteOwner>,
    sent_owners: Vec<ByteOwner>,
    sent: usize,
    answered: usize,
    read: usize,
    held: Vec<u8>,
    unread: Option<u32>,
    transport: Transport,
    datagrams: Vec<String>,
    has_read: bool,
}

impl RowBuilder {
    fn push(&mut self, place: Place, cell: String) {
        self.rows.push(Row { key: RowKey { place, ..self.key }, cell });
    }

    fn client_sends(&mut self, bytes: &[u8]) {
        if self.key.asks {
            self.leaves();
            self.key.exchange += 1;
            self.has_read = false;
        }
        let shown = show(bytes, self.sent_owners.get(self.sent..).unwrap_or_default());
        self.sent += bytes.len();
        self.push(Place::Sent, format!("send {:<3} {shown}", bytes.len()));
    }

    fn server_sends(&mut self, bytes: &[u8]) {
        let shown = show(bytes, self.owners.get(self.answered..).unwrap_or_default());
        self.answered += bytes.len();
        let place = if self.has_read { Place::AnsweredLate } else { Place::Answered };
        self.push(place, format!("send {:<3} {shown}", bytes.len()));
    }

    /// What an exchange has left in the kernel is worth a row.
    fn leaves(&mut self) {
        if self.key.asks && self.has_read {
            let cell = self.held_cell();
            self.push(Place::Left, cell);
        }
    }

    fn reads(&mut self, asked: usize, bytes: &[u8]) {
        self.before_first_read();
        let owners = self.owners.get(self.read..).unwrap_or_default();
        let cell = match length_of(bytes, owners) {
            _ if bytes.is_empty() => format!("recv({asked}) = 0  end"),
            Some(length) => format!("recv({asked}) = {}  length {length}", bytes.len()),
            None => format!("recv({asked}) = {}  {}", bytes.len(), show(bytes, owners)),
        };
        self.read += bytes.len();
        self.push(Place::Read, cell);
    }

    fn reads_nothing(&mut self) {
        self.before_first_read();
        self.push(Place::Read, "recv … nothing comes".to_owned());
    }

    /// What a reader finds is worth a row, once an exchange.
    fn before_first_read(&mut self) {
        if !self.has_read {
            let cell = self.held_cell();
            self.push(Place::Held, cell);
        }
        self.has_read = true;
    }

    fn held_cell(&self) -> String {
        let owners = self.owners.get(self.read..).unwrap_or_default();
        match (self.transport, self.unread) {
            (Transport::Datagrams, _) => self.datagrams.join(" + "),
            (_, Some(unread)) => {
                format!("{:<7} {}", format!("{unread} B"), dotted(&self.held, owners))
            }
            (_, None) if self.held.is_empty() => "0 B".to_owned(),
            (_, None) => "not visible on this system".to_owned(),
        }
    }
}

/// The number in a length that was received alone and whole.
fn length_of(bytes: &[u8], owners: &[ByteOwner]) -> Option<i32> {
    let header = owners.iter().take(bytes.len()).all(|owner| owner.is_header);
    let bytes: [u8; HEADER_BYTES] = bytes.try_into().ok()?;
    (header && !owners.is_empty()).then(|| i32::from_le_bytes(bytes))
}

/// Text as text, and the bytes of a length as hexadecimal pairs.
fn show(bytes: &[u8], owners: &[ByteOwner]) -> String {
    let headers = owners.iter().take(bytes.len()).take_while(|owner| owner.is_header).count();
    let (header, message) = bytes.split_at(headers.min(bytes.len()));
    match header {
        [] => text::escape(message),
        header if message.is_empty() => text::hex(header),
        header => format!("{} {}", text::hex(header), text::escape(message)),
    }
}

/// Bytes of messages as text, and a dot for each byte of a length.
fn dotted(bytes: &[u8], owners: &[ByteOwner]) -> String {
    let is_header = |at| owners.get(at).is_some_and(|owner: &ByteOwner| owner.is_header);
    let headers: Vec<bool> = (0..bytes.len()).map(is_header).collect();
    let mut rest = bytes;
    let runs = headers.chunk_by(|left, right| left == right).map(|run| {
        let (bytes, after) = rest.split_at(run.len());
        rest = after;
        if run.contains(&true) { "·".repeat(run.len()) } else { text::escape(bytes) }
    });
    runs.collect()
}

fn verdict(side: &Side) -> Cell {
    let messages: Vec<String> = side.got.iter().map(|message| name_of(message)).collect();
    let text = match (&side.error, messages.is_empty()) {
        (Some(error), _) => error.clone(),
        (None, true) => "nothing".to_owned(),
        (None, false) => format!("{}: {}", messages.len(), messages.join(", ")),
    };
    Cell::judged(text, side.right)
}

/// A message as a person would write it: decoded by itself, shortened, without its line end.
fn name_of(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    match text.trim() {
        "" => "(empty)".to_owned(),
        text => fit(&text::escape(text.as_bytes()), 10),
    }
}

/// The text if it fits in `width` columns, else its beginning and its end.
fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let tail = width / 3;
    let head = take(text.chars(), width.saturating_sub(tail + 1));
    let end: String = take(text.chars().rev(), tail).chars().rev().collect();
    format!("{head}…{end}")
}

/// As many characters as fit in `width` columns.
fn take(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

fn pad(text: &str, width: usize) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    format!("{text}{}", " ".repeat(width.saturating_sub(plain.width())))
}

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
