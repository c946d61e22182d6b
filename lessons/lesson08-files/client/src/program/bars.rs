//! What a person sees while files move: a bar for each, and one for all of them. In a pipe, nothing.

use std::fmt::Display;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use trace::text::escape_controls;

/// The template for the bar of a file.
const FILE_BAR: &str = "{prefix:20!} {wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}";

/// The template for the bar that counts the files.
const TOTAL_BAR: &str = "{prefix:20} {wide_bar} {pos}/{len} {elapsed}";

/// The bars of a task, on standard error. If that is no terminal, none is drawn.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    screen: MultiProgress,
    /// The bar that counts the files, if there are several.
    total: Option<ProgressBar>,
}

/// The bar of a file, which is erased when this is dropped.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    /// The last position that was shown, in bytes.
    position: Option<u64>,
    /// How many bytes have passed.
    passed: u64,
}

impl Bars {
    /// Bars for a number of files.
    pub(crate) fn new(files: usize) -> Bars {
        let screen = MultiProgress::new();
        let total = (files > 1).then(|| {
            let bar = ProgressBar::new(files as u64).with_style(style(TOTAL_BAR));
            screen.add(bar.with_prefix("files"))
        });
        Bars { screen, total }
    }

    /// A bar for the next file.
    pub(crate) fn next(&self, name: &str) -> Bar {
        let style = style(FILE_BAR);
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

    /// Prints a line on standard output, which may be the same terminal.
    pub(crate) fn say(&self, line: impl Display) {
        self.screen.suspend(|| console::say(line));
    }

    /// Prints a line on standard error.
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
    /// Shows that `position` bytes of the `size` bytes of the file are there.
    pub(crate) fn set(&mut self, position: u64, size: u64) {
        self.bar.set_position(position);
        match self.position.replace(position) {
            // After a break, a transfer may begin again before the position that it had reached.
            Some(before) => self.passed += position.saturating_sub(before),
            None => {
                self.bar.set_length(size);
                // The rate is that of the bytes that pass from now on.
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
        for template in [FILE_BAR, TOTAL_BAR] {
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
