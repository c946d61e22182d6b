//! What makes lesson 09's client a comfortable program, and teaches nothing about datagrams.

pub(crate) mod failure;
pub(crate) mod file;
