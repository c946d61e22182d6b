//! The book: the project's own Markdown files, in an order, as mdBook wants them.
//!
//! The texts are written for a folder of files: a link leads to `../../crates/judge/README.md`, or to a source
//! file. A book has no such folders. So [`Book::arrange`] copies every text that a `SUMMARY.md` lists to a flat
//! folder and rewrites its links: to another chapter, to a chapter of the other language, to a copy of a
//! picture, or to a page on which a source file is printed. mdBook builds three books of that (`en`, `zh`, and
//! `files` with the sources), and [`finish`] puts into each page what mdBook has no place for.
//!
//! `scripts/book` runs all of it.

mod anchors;
mod arrange;
mod finish;
mod lab;
mod links;
mod listing;
mod order;
mod place;

pub use anchors::anchors;
pub use arrange::Book;
pub use finish::finish;
pub use lab::{Lab, Play};
pub use links::{Link, links};
pub use order::{Edition, Language, Page, summary_in};
pub use place::resolve;

/// The folder of what only the book has, from the root of the project.
pub const FOLDER: &str = "lessons/book";
