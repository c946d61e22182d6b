//! A figure, and where its files lie.

use language::Language;

use crate::canvas::Canvas;
use crate::text::Text;

/// A figure of a lesson.
pub struct Figure {
    /// The lesson's folder below `lessons`, as `lesson01-basic-tcp`.
    pub lesson: &'static str,
    /// The name of its files: `NAME.en.svg`, `NAME.zh.svg`.
    pub name: &'static str,
    /// What it shows.
    pub title: Text,
    /// The description of what is drawn.
    pub canvas: Canvas,
}

impl Figure {
    /// Where the figure in this language lies, below the folder of the project.
    pub fn path(&self, language: Language) -> String {
        format!("lessons/{}/pictures/{}.{language}.svg", self.lesson, self.name)
    }

    /// The file's content.
    pub fn svg(&self, language: Language) -> String {
        self.canvas.svg(self.title, language)
    }
}
