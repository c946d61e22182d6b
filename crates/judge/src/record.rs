//! What happened during one probe, step by step, and how much time it has left.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rust_i18n::t;
use serde::Serialize;

/// How many steps a report shows of one probe; the rest are counted.
const SHOWN: usize = 24;

/// How many times its limit a probe may take in all that serves one client after the other.
const RENEWALS: u32 = 6;

/// The record of one probe. Its clones are the same record: whoever acts in the probe has one.
#[derive(Debug, Clone)]
pub struct Record(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    steps: RefCell<Vec<Step>>,
    connections: RefCell<usize>,
    ports: RefCell<Vec<u16>>,
    folder: RefCell<Option<String>>,
    quiet: Cell<bool>,
    patience: Duration,
    limit: Duration,
    given_up: Cell<Instant>,
    /// Beyond this nothing is renewed.
    last: Cell<Instant>,
}

/// One thing that the judge did. It holds no times, ports or addresses, so that the same seed gives
/// the same steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// On which of the probe's connections, from 1; `None` if on none of them.
    pub connection: Option<usize>,
    /// What was done, in a few words.
    pub action: String,
    /// With what: bytes as [`crate::show::bytes`] shows them, or a typed line. May be empty.
    pub shown: String,
}

impl Record {
    /// A record that begins now. Each wait ends after `patience`, and all of them together after
    /// `limit`.
    pub fn new(patience: Duration, limit: Duration) -> Record {
        let now = Instant::now();
        Record(Rc::new(Inner {
            steps: RefCell::default(),
            connections: RefCell::new(0),
            ports: RefCell::default(),
            folder: RefCell::default(),
            quiet: Cell::new(false),
            patience,
            limit,
            given_up: Cell::new(now + limit),
            last: Cell::new(now + limit * RENEWALS),
        }))
    }

    /// Begins the time of the probe, of which a program that took long to start has used up nothing.
    pub(crate) fn restart(&self) {
        self.0.last.set(Instant::now() + self.0.limit * RENEWALS);
        self.renew();
    }

    /// Gives the probe its time once more, for the next of many clients, though not for ever.
    pub(crate) fn renew(&self) {
        self.0.given_up.set(self.0.last.get().min(Instant::now() + self.0.limit));
    }

    /// The end of a wait that begins now.
    pub fn deadline(&self) -> Instant {
        self.0.given_up.get().min(Instant::now() + self.0.patience)
    }

    /// The end of a wait for what comes of so many bytes: a slow program has a patience more for each
    /// megabyte.
    pub(crate) fn deadline_after(&self, bytes: usize) -> Instant {
        let more = u32::try_from(bytes / 1_000_000).unwrap_or(u32::MAX);
        let patience = self.0.patience.saturating_mul(more.saturating_add(1));
        self.last_deadline().min(Instant::now() + patience)
    }

    /// The end of all waits of this probe.
    pub fn last_deadline(&self) -> Instant {
        self.0.given_up.get()
    }

    /// How long a wait may take, for the report.
    pub fn patience(&self) -> Duration {
        self.0.patience
    }

    /// What is advised if it is true that a program is right and only slow; nothing if it was given more
    /// time already.
    pub(crate) fn more_patience(&self, condition: &str) -> String {
        const MORE: Duration = Duration::from_secs(10);
        match self.patience() < MORE {
            true => t!(" (%{condition}: --patience 10s.)", condition = t!(condition)).into_owned(),
            false => String::new(),
        }
    }

    /// Adds a step.
    pub fn add(
        &self,
        connection: Option<usize>,
        action: impl Into<String>,
        shown: impl Into<String>,
    ) {
        if self.0.quiet.get() {
            return;
        }
        // What is of this run has been told in the language that is spoken already, and stays as it is.
        let said = |text: String| t!(&text).into_owned();
        let step = Step { connection, action: said(action.into()), shown: said(shown.into()) };
        self.0.steps.borrow_mut().push(step);
    }

    /// Does something whose steps are not recorded.
    pub(crate) fn quietly<T>(&self, act: impl FnOnce() -> T) -> T {
        let before = self.0.quiet.replace(true);
        let done = act();
        self.0.quiet.set(before);
        done
    }

    /// A number for the next connection of this probe.
    pub fn next_connection(&self) -> usize {
        let mut connections = self.0.connections.borrow_mut();
        *connections += 1;
        *connections
    }

    /// A port that was used in this probe, and may stand in what a program prints.
    pub(crate) fn uses_port(&self, port: u16) {
        self.0.ports.borrow_mut().push(port);
    }

    /// The folder of this probe, whose name may stand in what a program prints.
    pub(crate) fn uses_folder(&self, path: &Path) {
        *self.0.folder.borrow_mut() = path.to_str().map(str::to_owned);
    }

    /// The text with `PORT` in the place of each port that was used, and `DIR` in that of the folder:
    /// those differ from run to run.
    pub(crate) fn without_ports(&self, text: &str) -> String {
        let (ports, folder) = (self.0.ports.borrow(), self.0.folder.borrow());
        let text = folder.as_ref().map_or(text.to_owned(), |folder| text.replace(folder, "DIR"));
        ports.iter().fold(text, |text, port| replace_number(&text, &port.to_string(), "PORT"))
    }

    /// Whether there was a connection in this probe.
    pub(crate) fn has_connected(&self) -> bool {
        *self.0.connections.borrow() > 0
    }

    /// The steps so far; of a long list the first and the last.
    pub fn steps(&self) -> Vec<Step> {
        let steps = self.0.steps.borrow();
        let Some(left_out) = steps.len().checked_sub(SHOWN).filter(|&left_out| left_out > 0) else {
            return steps.clone();
        };
        let (start, end) = steps.split_at(SHOWN / 2);
        let end = end.get(left_out..).unwrap_or_default();
        let gap = Step {
            connection: None,
            action: t!("… %{left_out} more such steps …", left_out = left_out).into_owned(),
            shown: String::new(),
        };
        [start, &[gap], end].concat()
    }
}

/// The text with `other` in the place of a number, where that is no part of a longer one.
fn replace_number(text: &str, number: &str, other: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(number) {
        out.push_str(before);
        let is_part = before.ends_with(|letter: char| letter.is_ascii_digit())
            || after.starts_with(|letter: char| letter.is_ascii_digit());
        out.push_str(if is_part { number } else { other });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_probe_is_renewed_though_not_for_ever() {
        let limit = Duration::from_millis(5);
        let begun = Instant::now();
        let record = Record::new(limit, limit);
        let end = record.last_deadline() + limit * RENEWALS;
        while Instant::now() < end {
            record.renew();
        }
        assert!(record.last_deadline() > begun + limit && record.last_deadline() < end);
        record.restart();
        assert!(record.last_deadline() > end);
    }

    #[test]
    fn a_port_is_left_out_and_a_longer_number_with_its_digits_is_not() {
        let record = Record::new(Duration::ZERO, Duration::ZERO);
        record.uses_port(20_000);
        let text = record.without_ports("('127.0.0.1', 20000) 200000 120000 20000");
        assert_eq!(text, "('127.0.0.1', PORT) 200000 120000 PORT");
    }
}
