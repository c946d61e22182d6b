//! # Lesson 08: files, what both ends share
//!
//! Client and server have to agree on every byte of the messages ([`protocol`]), and they move the
//! bytes of a file in the same way ([`transfer`]). Neither knows anything of folders or sockets.

pub mod protocol;
pub mod transfer;
