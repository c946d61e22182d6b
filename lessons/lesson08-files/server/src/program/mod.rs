//! The program around the server: what a person reads in its log.

pub(crate) mod log;
