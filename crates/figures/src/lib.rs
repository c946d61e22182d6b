//! The figures of the lessons' texts: each is a small description in [`lessons`], drawn as an SVG file for
//! either language. `scripts/pictures` writes them beside the lessons, and a test fails when one is stale.
//!
//! A figure has its own ground and its own colours for light and for dark, so it can be read wherever it is
//! shown: in a text on the web, in the book, or alone.

pub mod canvas;
pub mod figure;
pub mod lessons;
pub mod sequence;
pub mod text;
