//! One side's events as rows: who acts, and what there is to see of it.

use std::collections::VecDeque;

use rust_i18n::t;
use trace::{Action, text};

use super::drawn::Drawn;
use crate::comparison::{ByteOwner, CLIENT, HEADER_BYTES, SERVER, Transport};

/// How bytes are shown as text.
pub(super) type Escape = fn(&[u8]) -> String;

/// The place of a row: the exchange that it belongs to, and where it stands in that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey {
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
    pub(super) fn label(self) -> String {
        match (self.place, self.asks) {
            (Place::Sent, true) => t!("ask %{number}", number = self.exchange),
            (Place::Sent, false) | (Place::Read, true) => t!("client"),
            (Place::Answered | Place::AnsweredLate, _) | (Place::Read, false) => t!("server"),
            (Place::Held, _) => t!("kernel"),
            (Place::Left, _) => t!("LEFT"),
        }
        .into_owned()
    }
}

/// What one side does at a place.
pub(super) struct Row {
    pub(super) key: RowKey,
    pub(super) cell: String,
}

/// Turns one side's events into rows.
pub(super) fn rows(side: &Drawn, escape: Escape) -> Vec<Row> {
    let asks = side.asks;
    let mut builder = RowBuilder {
        rows: Vec::new(),
        key: RowKey { exchange: 0, asks, place: Place::Sent },
        read: 0,
        owners: side.owners.clone(),
        sent_owners: side.sent_owners.clone(),
        answered: 0,
        sent: 0,
        held: Vec::new(),
        unread: None,
        transport: side.transport,
        datagrams: VecDeque::new(),
        has_read: false,
        escape,
    };
    let reader = if asks { CLIENT } else { SERVER };
    for event in side.events {
        let is_reader = &*event.lane == reader;
        match &event.action {
            Action::Send { bytes, .. } if &*event.lane == CLIENT => builder.client_sends(bytes),
            Action::Fault { .. } => builder.loses(),
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
    /// The datagrams that wait to be read.
    datagrams: VecDeque<String>,
    has_read: bool,
    escape: Escape,
}

impl RowBuilder {
    fn push(&mut self, place: Place, cell: String) {
        self.rows.push(Row { key: RowKey { place, ..self.key }, cell });
    }

    fn client_sends(&mut self, bytes: &[u8]) {
        if self.key.asks || self.has_read {
            self.leaves();
            self.key.exchange += 1;
            self.has_read = false;
        }
        let shown = self.show(bytes, self.sent_owners.get(self.sent..).unwrap_or_default());
        self.sent += bytes.len();
        self.datagrams.push_back((self.escape)(bytes));
        self.push(Place::Sent, format!("send {:<3} {shown}", bytes.len()));
    }

    /// The datagram that was sent last is lost on its way.
    fn loses(&mut self) {
        self.datagrams.pop_back();
        self.push(Place::Sent, t!("lost").into_owned());
    }

    fn server_sends(&mut self, bytes: &[u8]) {
        let shown = self.show(bytes, self.owners.get(self.answered..).unwrap_or_default());
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
        let is_length = self.transport == Transport::FramedStream;
        let cell = match length_of(bytes, owners).filter(|_| is_length) {
            _ if bytes.is_empty() => format!("recv({asked}) = 0  {}", t!("end")),
            Some(length) => {
                let length = t!("length %{length}", length = length);
                format!("recv({asked}) = {}  {length}", bytes.len())
            }
            None => format!("recv({asked}) = {}  {}", bytes.len(), self.show(bytes, owners)),
        };
        self.read += bytes.len();
        self.datagrams.pop_front();
        self.push(Place::Read, cell);
    }

    fn reads_nothing(&mut self) {
        self.before_first_read();
        self.push(Place::Read, format!("recv … {}", t!("nothing comes")));
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
            (Transport::Datagrams, _) => {
                Vec::from_iter(self.datagrams.iter().map(String::as_str)).join(" + ")
            }
            (_, Some(unread)) => {
                format!("{:<7} {}", format!("{unread} B"), self.dotted(&self.held, owners))
            }
            (_, None) if self.held.is_empty() => "0 B".to_owned(),
            (_, None) => t!("not visible on this system").into_owned(),
        }
    }

    /// Text as text, and the bytes of a length as hexadecimal pairs.
    fn show(&self, bytes: &[u8], owners: &[ByteOwner]) -> String {
        let shown = runs(bytes, owners).map(|(bytes, is_header)| {
            if is_header { text::hex(bytes) } else { (self.escape)(bytes) }
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    /// Bytes of messages as text, and a dot for each byte of a length.
    fn dotted(&self, bytes: &[u8], owners: &[ByteOwner]) -> String {
        let shown = runs(bytes, owners).map(|(bytes, is_header)| {
            if is_header { "·".repeat(bytes.len()) } else { (self.escape)(bytes) }
        });
        shown.collect()
    }
}

/// The bytes in runs, each of which belongs to messages, or only says where one ends.
fn runs<'b>(bytes: &'b [u8], owners: &[ByteOwner]) -> impl Iterator<Item = (&'b [u8], bool)> {
    let is_header = |at| owners.get(at).is_some_and(|owner: &ByteOwner| owner.is_header);
    let headers: Vec<bool> = (0..bytes.len()).map(is_header).collect();
    let mut rest = bytes;
    let lengths = headers.chunk_by(|left, right| left == right);
    let lengths: Vec<_> = lengths.map(|run| (run.len(), run.contains(&true))).collect();
    lengths.into_iter().map(move |(length, is_header)| {
        let (run, after) = rest.split_at(length);
        rest = after;
        (run, is_header)
    })
}

/// The number in a length that was received alone and whole.
fn length_of(bytes: &[u8], owners: &[ByteOwner]) -> Option<i32> {
    let header = owners.iter().take(bytes.len()).all(|owner| owner.is_header);
    let bytes: [u8; HEADER_BYTES] = bytes.try_into().ok()?;
    (header && !owners.is_empty()).then(|| i32::from_le_bytes(bytes))
}
