//! What happened during one probe, step by step, and how much time it has left.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde::Serialize;

/// How many steps a report shows of one probe; the rest are counted.
const SHOWN: usize = 24;

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
    given_up: Instant,
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
        Record(Rc::new(Inner {
            steps: RefCell::default(),
            connections: RefCell::new(0),
            ports: RefCell::default(),
            folder: RefCell::default(),
            quiet: Cell::new(false),
            patience,
            given_up: Instant::now() + limit,
        }))
    }

    /// The end of a wait that begins now.
    pub fn deadline(&self) -> Instant {
        self.0.given_up.min(Instant::now() + self.0.patience)
    }

    /// The end of all waits of this probe.
    pub fn last_deadline(&self) -> Instant {
        self.0.given_up
    }

    /// How long a wait may take, for the report.
    pub fn patience(&self) -> Duration {
        self.0.patience
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
        let step = Step { connection, action: action.into(), shown: shown.into() };
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
        ports.iter().fold(text, |text, port| text.replace(&port.to_string(), "PORT"))
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
            action: format!("… {left_out} more such steps …"),
            shown: String::new(),
        };
        [start, &[gap], end].concat()
    }
}
