//! The picture on the terminal: two columns, time runs down. On a narrow one they stand below each other.

mod cell;
mod drawn;
mod rows;

use std::fmt::Write;

use anstyle::Style;
use rust_i18n::t;
use trace::text;
use unicode_width::UnicodeWidthStr;

use crate::comparison::{Badge, Comparison, ReadError};
use crate::sweep::Sweep;
use crate::words;
use cell::{BAD, Cell, GOOD, fit, pad, paint};
pub(crate) use drawn::Drawn;
use rows::{Escape, Row, RowKey, rows};

/// The width of the picture when nobody says, in columns.
pub const DEFAULT_WIDTH: usize = 80;
/// The least width at which two sides can be read beside each other, in columns.
const MIN_WIDTH_OF_TWO: usize = 70;
/// The least width that is drawn, in columns: a narrower terminal wraps the lines itself.
const MIN_WIDTH: usize = 40;
/// The width of a row's label, in columns.
const LABEL_WIDTH: usize = 9;
/// The width of a scenario's name where it has one line, in columns.
const NAME_WIDTH: usize = 16;
/// The longest message that is named whole in a verdict, in columns.
const MAX_NAME: usize = 10;
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// Draws comparisons as text.
#[derive(Debug, Clone, Copy)]
pub struct Renderer {
    width: usize,
    ascii: bool,
}

impl Renderer {
    /// Draws `width` columns wide; `ascii` for terminals that have no other characters, or draw lines at
    /// double width.
    pub fn new(width: usize, ascii: bool) -> Renderer {
        Renderer { width: width.max(MIN_WIDTH), ascii }
    }

    /// One comparison, event by event.
    pub fn in_full(self, comparison: &Comparison) -> String {
        let mut out = String::new();
        let name = format!("{}  ", comparison.name);
        self.sentence(&mut out, STRONG, &name, name.width(), &t!(comparison.title.as_str()));
        let sides = [&comparison.broken, &comparison.fixed].map(|it| Drawn::of(it, comparison));
        self.beside_or_below(&mut out, &sides);
        self.sentence(&mut out, FAINT, &t!("why"), LABEL_WIDTH, &t!(comparison.why.as_str()));
        self.finish(out)
    }

    /// The sides of a play that is no scenario's, and the command that plays it again.
    pub(crate) fn play(self, sides: &[Drawn], command: &str) -> String {
        let mut out = String::new();
        self.beside_or_below(&mut out, sides);
        // It is to be copied, so it is not broken into lines.
        _ = writeln!(out, "{}{command}", paint(FAINT, &pad(&t!("again"), LABEL_WIDTH)));
        self.finish(out)
    }

    /// Each comparison in a line, or in two; the parts of a scenario below its name.
    pub fn in_lines(self, comparisons: &[&Comparison]) -> String {
        let mut out = String::new();
        let mut last = "";
        for comparison in comparisons {
            let part = t!(comparison.part.as_str());
            let is_part = !comparison.part.is_empty();
            let is_new = last != comparison.name;
            last = &comparison.name;
            let got = [&comparison.broken, &comparison.fixed]
                .map(|side| self.verdict(&side.got, side.error.as_ref(), side.right));
            if self.has_room_for_two() {
                if is_part && is_new {
                    _ = writeln!(out, "{}", paint(FAINT, &comparison.name));
                }
                let label = if is_part { format!("  {part}") } else { comparison.name.clone() };
                self.line(&mut out, NAME_WIDTH, &label, &got);
            } else {
                let title = format!("{}{part}", pad(&comparison.name, NAME_WIDTH));
                _ = writeln!(out, "{}", paint(FAINT, title.trim_end()));
                for (badge, got) in [Badge::Broken, Badge::Fixed].into_iter().zip(&got) {
                    let label = format!("  {}", words::badge(badge));
                    self.line(&mut out, NAME_WIDTH, &label, std::slice::from_ref(got));
                }
            }
        }
        self.finish(out)
    }

    /// The sweep over all read sizes.
    pub fn sweep(self, sweeps: &[Sweep]) -> String {
        let mut out = String::new();
        let sizes = sweeps.first().map_or(0, |sweep| sweep.sizes);
        let name = format!("{}  ", t!("sweep"));
        let title = match sweeps.iter().all(|sweep| sweep.over_sockets == sweep.sizes) {
            true => t!("every read size from 1 to %{sizes}, over real sockets", sizes = sizes),
            false => t!(
                "every read size from 1 to %{sizes}, over real sockets at first, then from memory, to save time",
                sizes = sizes
            ),
        };
        self.sentence(&mut out, STRONG, &name, name.width(), &title);
        for sweep in sweeps {
            let messages = paint(FAINT, &sweep.messages.words());
            _ = writeln!(out, "{}{messages}", pad("", LABEL_WIDTH));
            self.judged_sweep(&mut out, sweep);
            if let [first, rest @ ..] = sweep.broken_right_at.as_slice() {
                let words = match rest.len() {
                    0 => t!("right only at %{first}: as long as a message, by luck", first = first),
                    more => t!(
                        "right only at %{first} and %{more} more: as long as a message, by luck",
                        first = first,
                        more = more
                    ),
                };
                self.sentence(&mut out, FAINT, "", LABEL_WIDTH, &words);
            }
        }
        self.finish(out)
    }

    /// Names, each with what it stands for.
    pub fn list(self, names: &[(&str, &str)]) -> String {
        let mut out = String::new();
        for (name, words) in names {
            self.sentence(&mut out, Style::new(), name, NAME_WIDTH, words);
        }
        self.finish(out)
    }

    /// What can be typed next, each command with what it shows.
    pub fn next_steps(self, steps: &[(&str, &str)]) -> String {
        let mut out = String::new();
        let label = format!("{}  ", t!("next:"));
        let indent = label.width();
        let column = steps.iter().map(|(command, _)| command.width()).max().unwrap_or(0) + 2;
        for (at, (command, words)) in steps.iter().enumerate() {
            let before = if at == 0 { label.as_str() } else { "" };
            if steps.iter().all(|(_, words)| indent + column + words.width() <= self.width) {
                let command = pad(command, column);
                _ = writeln!(out, "{}{command}{words}", paint(FAINT, &pad(before, indent)));
            } else {
                _ = writeln!(out, "{}{command}", paint(FAINT, &pad(before, indent)));
                self.sentence(&mut out, FAINT, "", indent + 2, words);
            }
        }
        self.finish(out)
    }

    fn has_room_for_two(self) -> bool {
        self.width >= MIN_WIDTH_OF_TWO
    }

    fn beside_or_below(self, out: &mut String, sides: &[Drawn]) {
        if self.has_room_for_two() {
            return self.sides(out, sides);
        }
        for (at, side) in sides.iter().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            self.sides(out, std::slice::from_ref(side));
        }
    }

    /// These sides beside each other, with a line for each thing that one of them does.
    fn sides(self, out: &mut String, sides: &[Drawn]) {
        let heads = sides.iter().map(|side| {
            let style = if side.code.badge == Some(Badge::Broken) { BAD } else { GOOD };
            Cell::head(&words::code(side.code), style)
        });
        self.line(out, LABEL_WIDTH, "", &heads.collect::<Vec<_>>());
        let sides_rows: Vec<Vec<Row>> =
            sides.iter().map(|side| rows(side, self.escape())).collect();
        let mut keys: Vec<RowKey> = sides_rows.iter().flatten().map(|row| row.key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let cells = |rows: &Vec<Row>| -> Vec<String> {
                rows.iter().filter(|row| row.key == key).map(|row| row.cell.clone()).collect()
            };
            let columns: Vec<Vec<String>> = sides_rows.iter().map(cells).collect();
            for at in 0..columns.iter().map(Vec::len).max().unwrap_or(0) {
                let cell =
                    |cells: &Vec<String>| Cell::plain(cells.get(at).map_or("", String::as_str));
                let cells: Vec<Cell> = columns.iter().map(cell).collect();
                self.line(out, LABEL_WIDTH, &key.label(), &cells);
            }
        }
        let verdict = |side: &Drawn| self.verdict(side.got, side.error, side.right);
        let got: Vec<Cell> = sides.iter().map(verdict).collect();
        self.line(out, LABEL_WIDTH, &t!("got"), &got);
    }

    fn judged_sweep(self, out: &mut String, sweep: &Sweep) {
        let (sizes, wrong_at) = (sweep.sizes, &sweep.fixed_wrong_at);
        let at = |count: usize| t!("at %{count} of %{sizes}", count = count, sizes = sizes);
        let broken = at(sizes - sweep.broken_right_at.len());
        let fixed = at(sizes - wrong_at.len());
        let cells = [
            Cell::judged(broken.into_owned(), false),
            Cell::judged(fixed.into_owned(), wrong_at.is_empty()),
        ];
        if self.has_room_for_two() {
            return self.line(out, LABEL_WIDTH, "", &cells);
        }
        for (badge, cell) in [Badge::Broken, Badge::Fixed].into_iter().zip(&cells) {
            let label = format!("  {}", words::badge(badge));
            self.line(out, LABEL_WIDTH, &label, std::slice::from_ref(cell));
        }
    }

    /// A label of this width, and one column or two that share the rest.
    fn line(self, out: &mut String, label_width: usize, label: &str, cells: &[Cell]) {
        let label = paint(FAINT, &pad(label, label_width));
        let room = self.width - label_width;
        let line = match cells {
            [left, right] => {
                let inner = room - 2;
                let left = pad(&left.draw(inner / 2), inner / 2);
                let bar = paint(FAINT, "│");
                format!("{label}{left}{bar} {}", right.draw(inner - inner / 2))
            }
            // The column has a blank after it, which the terminal has no room for.
            cells => {
                format!("{label}{}", cells.first().map_or_else(String::new, |it| it.draw(room)))
            }
        };
        _ = writeln!(out, "{}", line.trim_end());
    }

    /// A label of this width, and a sentence beside it in as many lines as it takes.
    fn sentence(self, out: &mut String, style: Style, label: &str, width: usize, text: &str) {
        for (at, line) in language::wrap(text, self.width - width).iter().enumerate() {
            let label = pad(if at == 0 { label } else { "" }, width);
            _ = writeln!(out, "{}{line}", paint(style, &label));
        }
    }

    fn verdict(self, got: &[Vec<u8>], error: Option<&ReadError>, right: bool) -> Cell {
        let messages: Vec<String> = got.iter().map(|message| self.name_of(message)).collect();
        let text = match (error, messages.is_empty()) {
            (Some(error), _) => words::read_error(error, language::spoken()),
            (None, true) => t!("nothing").into_owned(),
            (None, false) => format!("{}: {}", messages.len(), messages.join(", ")),
        };
        Cell::judged(text, right)
    }

    /// A message as a person would write it: decoded by itself, shortened, without its line end.
    fn name_of(self, message: &[u8]) -> String {
        if words::is_no_answer(message) {
            return t!("(nothing)").into_owned();
        }
        let text = String::from_utf8_lossy(message);
        let bytes = if self.ascii { message.trim_ascii() } else { text.trim().as_bytes() };
        match bytes {
            [] => t!("(empty)").into_owned(),
            bytes => fit(&self.escape()(bytes), MAX_NAME),
        }
    }

    fn escape(self) -> Escape {
        if self.ascii { |bytes| to_ascii(&text::escape(bytes)) } else { text::escape }
    }

    fn finish(self, picture: String) -> String {
        if self.ascii { to_ascii(&picture) } else { picture }
    }
}

/// The text in ASCII: lines and dots as what comes nearest, every other character as its bytes.
pub fn to_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '│' => ascii.push('|'),
            '·' => ascii.push('.'),
            '…' => ascii.push('~'),
            character if character.is_ascii() => ascii.push(character),
            character => {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    // A String takes whatever is written to it.
                    _ = write!(ascii, "\\x{byte:02x}");
                }
            }
        }
    }
    ascii
}
