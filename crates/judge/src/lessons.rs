//! What can be judged, a table for each lesson.

mod any;
mod lesson01;
mod lesson02;
mod lesson03;
mod lesson04;
mod lesson05;
mod lesson06;
mod lesson07;
mod lesson08;
mod lesson09;

use crate::port::Transport;
use crate::probe::Lesson;

/// All that has probes: the lessons in their order, then any protocol over TCP.
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
        lesson09::lesson(),
        any::lesson(Transport::Tcp),
    ]
}

/// Any protocol over this transport.
pub(crate) fn any(transport: Transport) -> Lesson {
    any::lesson(transport)
}
