//! What makes lesson 05's client a program to sit before, and teaches nothing about sockets.

pub(crate) mod datagrams;
pub(crate) mod requests;
