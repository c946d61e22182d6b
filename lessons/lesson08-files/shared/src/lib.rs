//! # Lesson 08: files, what both ends share
//!
//! The messages, of which both have to know every byte, and how the bytes of a file are moved.

pub mod protocol;
pub mod transfer;
