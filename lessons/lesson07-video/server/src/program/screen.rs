//! One film after the other in the same view, with a line of figures for each second, and one for
//! each film.

use std::io::IsTerminal;
use std::thread;

use console::{Dialect, Log};
use crossbeam_channel::bounded;
use endpoint::Connection;
use indicatif::{ProgressBar, ProgressStyle};
use lesson07_server::picture::Limits;
use lesson07_server::{Error, converse, film, tutorial};

use super::figures::{Figures, Totals, each_second};
use super::view::{View, ViewKind};

/// What is the same for every film.
pub(crate) struct Screen<'a> {
    pub(crate) figures: &'a Figures,
    pub(crate) kind: ViewKind,
    pub(crate) dialect: Dialect,
    pub(crate) limits: Limits,
}

impl Screen<'_> {
    /// Receives and shows one film.
    pub(crate) fn play(
        &self,
        view: &mut View,
        connection: &mut Connection,
        log: &Log,
    ) -> Result<(), Error> {
        let figures = self.figures;
        // A line for each frame would say too much, so the log is not told of them.
        let mut progress = connection.progress();
        figures.begin();
        let outcome = thread::scope(|scope| {
            // Dropped when the film is over, which ends the thread.
            let (_over, is_over) = bounded(0);
            let line = FiguresLine::new(self.kind, log);
            let thread = thread::Builder::new().name("figures".to_owned());
            thread
                .spawn_scoped(scope, move || each_second(figures, &is_over, |it| line.say(it)))
                .map_err(|source| Error::Thread { what: "a thread for figures", source })?;
            film(&mut |picture| view.show(picture), figures, |take| match self.dialect {
                Dialect::Ours => converse(connection, &self.limits, take, &mut progress),
                Dialect::Tutorial => {
                    tutorial::converse(connection, &self.limits, take, &mut progress)
                }
            })
        });
        let totals = figures.end();
        if totals.received > 0 {
            log.note(totals.as_film());
        }
        outcome
    }
}

/// Where a second's figures are written.
enum FiguresLine<'a> {
    /// At a terminal: one line that changes.
    Changing(ProgressBar),
    /// Into a file or a pipe, where nothing else is shown: a line for each second.
    Logged(&'a Log),
    Nowhere,
}

impl FiguresLine<'_> {
    fn new(kind: ViewKind, log: &Log) -> FiguresLine<'_> {
        // The line is drawn on standard error, and both may be one terminal.
        if std::io::stdout().is_terminal() {
            let bar = ProgressBar::no_length();
            // The template is this one, and right.
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                bar.set_style(style);
            }
            return FiguresLine::Changing(bar);
        }
        match kind {
            ViewKind::None => FiguresLine::Logged(log),
            ViewKind::Window | ViewKind::Browser => FiguresLine::Nowhere,
        }
    }

    fn say(&self, second: &Totals) {
        match self {
            FiguresLine::Changing(bar) => bar.set_message(second.as_rates()),
            FiguresLine::Logged(log) => log.note(second.as_rates()),
            FiguresLine::Nowhere => {}
        }
    }
}

impl Drop for FiguresLine<'_> {
    fn drop(&mut self) {
        if let FiguresLine::Changing(bar) = self {
            bar.finish_and_clear();
        }
    }
}
