//! The probes, a file for each lesson.

mod commands;
mod ends;
mod lesson01;
mod lesson02;
mod lesson03;
mod lesson04;
mod lesson05;
mod lesson06;
mod lesson07;
mod lesson08;

use crate::probe::Lesson;

/// All lessons that have probes, in order.
pub fn lessons() -> Vec<Lesson> {
    vec![
        lesson01::lesson(),
        lesson02::lesson(),
        lesson03::lesson(),
        lesson04::lesson(),
        lesson05::lesson(),
        lesson06::lesson(),
        lesson07::lesson(),
        lesson08::lesson(),
    ]
}
