//! Arranges the texts for mdBook, and finishes what it has built. `scripts/book` runs both, with mdBook between
//! them.

use std::path::PathBuf;

use anyhow::Result;
use book::Book;
use clap::Parser;

/// Arranges the project's texts as a book, and finishes the pages that mdBook has built of them
#[derive(Parser)]
enum Command {
    /// Writes the sources of three books, which mdBook builds: en, zh and files
    Arrange {
        /// The project
        root: PathBuf,
        /// Where the sources go
        to: PathBuf,
    },
    /// Puts into each built page what mdBook has no place for, and writes the page that leads to them
    Finish {
        /// The project
        root: PathBuf,
        /// Where mdBook has built en, zh and files
        built: PathBuf,
    },
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Arrange { root, to } => Book::read(&root)?.arrange(&to),
        Command::Finish { root, built } => book::finish(&root, &built),
    }
}
