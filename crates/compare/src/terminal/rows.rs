//! One side's events as rows: who acts, and what there is to see of it.

use rust_i18n::t;
use trace::{Action, text};

use crate::comparison::{ByteOwner, Comparison, HEADER_BYTES, Side, Transport};

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
pub(super) fn rows(side: &Side, comparison: &Comparison, escape: Escape) -> Vec<Row> {
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
        datagrams: comparison.sent.iter().map(|sent| escape(sent)).collect(),
        has_read: false,
        escape,
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
    escape: Escape,
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
        let shown = self.show(bytes, self.sent_owners.get(self.sent..).unwrap_or_default());
        self.sent += bytes.len();
        self.push(Place::Sent, format!("send {:<3} {shown}", bytes.len()));
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
        let cell = match length_of(bytes, owners) {
            _ if bytes.is_empty() => format!("recv({asked}) = 0  {}", t!("end")),
            Some(length) => {
                let length = t!("length %{length}", length = length);
                format!("recv({asked}) = {}  {length}", bytes.len())
            }
            None => format!("recv({asked}) = {}  {}", bytes.len(), self.show(bytes, owners)),
        };
        self.read += bytes.len();
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
            (Transport::Datagrams, _) => self.datagrams.join(" + "),
            (_, Some(unread)) => {
                format!("{:<7} {}", format!("{unread} B"), self.dotted(&self.held, owners))
            }
            (_, None) if self.held.is_empty() => "0 B".to_owned(),
            (_, None) => t!("not visible on this system").into_owned(),
        }
    }

    /// Text as text, and the bytes of a length as hexadecimal pairs.
    fn show(&self, bytes: &[u8], owners: &[ByteOwner]) -> String {
        let headers = owners.iter().take(bytes.len()).take_while(|owner| owner.is_header).count();
        let (header, message) = bytes.split_at(headers.min(bytes.len()));
        match header {
            [] => (self.escape)(message),
            header if message.is_empty() => text::hex(header),
            header => format!("{} {}", text::hex(header), (self.escape)(message)),
        }
    }

    /// Bytes of messages as text, and a dot for each byte of a length.
    fn dotted(&self, bytes: &[u8], owners: &[ByteOwner]) -> String {
        let is_header = |at| owners.get(at).is_some_and(|owner: &ByteOwner| owner.is_header);
        let headers: Vec<bool> = (0..bytes.len()).map(is_header).collect();
        let mut rest = bytes;
        let runs = headers.chunk_by(|left, right| left == right).map(|run| {
            let (bytes, after) = rest.split_at(run.len());
            rest = after;
            if run.contains(&true) { "·".repeat(run.len()) } else { (self.escape)(bytes) }
        });
        runs.collect()
    }
}

/// The number in a length that was received alone and whole.
fn length_of(bytes: &[u8], owners: &[ByteOwner]) -> Option<i32> {
    let header = owners.iter().take(bytes.len()).all(|owner| owner.is_header);
    let bytes: [u8; HEADER_BYTES] = bytes.try_into().ok()?;
    (header && !owners.is_empty()).then(|| i32::from_le_bytes(bytes))
}
