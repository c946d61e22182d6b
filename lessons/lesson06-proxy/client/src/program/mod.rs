//! What makes lesson 06's client a program for a person: it measures one way after the other, and
//! prints a table.

pub(crate) mod probe;
pub(crate) mod table;
