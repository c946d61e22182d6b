//! What a person sees while files move: a bar for each, and one for all of them. In a pipe, nothing.

use std::fmt::Display;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use trace::text::escape_controls;

/// The bar of one file, and that of all files.
const ONE: &str = "{prefix:20!} {wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}";
const ALL: &str = "{prefix:20} {wide_bar} {pos}/{len} {elapsed}";

/// The bars of one task, on standard error. If that is no terminal, none is drawn.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    screen: MultiProgress,
    /// How many of the files are done, if there are several.
    total: Option<ProgressBar>,
}

/// The bar of one file. It is gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    /// How far the file was, when the bar was last told.
    position: Option<u64>,
    passed: u64,
}

impl Bars {
    /// Bars for so many files.
    pub(crate) fn new(files: usize) -> Bars {
        let screen = MultiProgress::new();
        let total = (files > 1).then(|| {
            let bar = ProgressBar::new(files as u64).with_style(style(ALL));
            screen.add(bar.with_prefix("files"))
        });
        Bars { screen, total }
    }

    /// A bar for the next file.
    pub(crate) fn next(&self, name: &str) -> Bar {
        let style = style(ONE);
        let bar = ProgressBar::no_length().with_style(style).with_prefix(escape_controls(name));
        let bar = match &self.total {
            Some(total) => self.screen.insert_before(total, bar),
            None => self.screen.add(bar),
        };
        Bar { bar, position: None, passed: 0 }
    }

    /// A file is done, or has failed.
    pub(crate) fn count(&self) {
        if let Some(total) = &self.total {
            total.inc(1);
        }
    }

    /// Says a line on standard output, which may be the same terminal.
    pub(crate) fn say(&self, line: impl Display) {
        self.screen.suspend(|| console::say(line));
    }

    /// Says a line on standard error.
    pub(crate) fn warn(&self, line: impl Display) {
        self.screen.suspend(|| console::warn(line));
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Some(total) = &self.total {
            total.finish_and_clear();
        }
    }
}

impl Bar {
    /// So many bytes of the file are there.
    pub(crate) fn set(&mut self, position: u64, size: u64) {
        self.bar.set_position(position);
        match self.position.replace(position) {
            // Behind a break it may begin before the place that it had come to.
            Some(before) => self.passed += position.saturating_sub(before),
            None => {
                self.bar.set_length(size);
                // What was there before did not come in no time at all.
                self.bar.reset_eta();
            }
        }
    }

    /// How many bytes have passed, those that were lost at a break included.
    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A template that is wrong would give indicatif's own bar; a test says that none is.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_right() {
        for template in [ONE, ALL] {
            ProgressStyle::with_template(template).unwrap();
        }
    }

    #[test]
    fn what_was_there_before_has_not_passed_and_what_is_sent_again_has() {
        let mut bar = Bars::new(1).next("a");
        for position in [100, 150, 120, 200] {
            bar.set(position, 200);
        }
        assert_eq!(bar.passed(), 50 + 80);
    }
}
