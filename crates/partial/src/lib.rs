//! Files that appear under their name only when they are whole, in a folder that confines names.
//!
//! ```text
//!   Name ── is it one? ──▶ Folder ── receive ──▶ Partial   .a b.txt.part, locked
//!                          │                     │ write_all, write_all, …
//!                          │ read, list          ▼
//!                          ▼                     publish   fsync, rename to `a b.txt`, fsync
//!                        Source
//! ```
//!
//! * [`Name`]: what a peer may call a file. It is refused before any folder is looked at.
//! * [`Folder`]: a folder as a capability (cap-std): `..` and symbolic links that would lead out of
//!   it are refused by the kernel (openat2(2), `RESOLVE_BENEATH`) or by a walk, part for part.
//! * [`Partial`]: an incomplete file. Whatever ends the program, the name holds the old file, the new
//!   one whole, or nothing; what has come so far stays in `.NAME.part`, and a later one may go on
//!   with it.
//!
//! What becomes of a `.part`: [`Partial::publish`] renames it, and removes it if that fails;
//! [`Partial::discard`] removes it, and so does the next [`Folder::receive`] that does not resume.
//! Dropped, it stays for a later resume, unless it is empty. A writer that never comes back leaves
//! one behind for each name; nothing here removes it by its age.
//!
//! [`Unnamed`] is a file that nobody is to go on with: until it is whole it has no name at all. [`Quota`]
//! limits what a folder holds in all.
//!
//! [`Source`] is the other direction: a file to be sent, of which the receiver may have the beginning.
//!
//! ```
//! use std::io::Write;
//!
//! use partial::{Folder, Name};
//!
//! let place = tempfile::tempdir()?;
//! let folder = Folder::open(place.path())?;
//! let name: Name = "notes/a b.txt".parse()?;
//! let mut partial = folder.receive(&name, false)?;
//! partial.write_all(b"hi\n")?;
//! assert!(folder.read(&name).is_err(), "it is not there before it is whole");
//! partial.publish(false, None)?;
//! assert_eq!(folder.read(&name)?.length(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod folder;
mod made;
mod name;
mod part;
mod quota;
mod source;
mod system;
mod time;
mod unnamed;

pub use error::Error;
pub use folder::{Folder, Listed, MAX_LISTED};
pub use name::{MAX_LENGTH, Name, NameError};
pub use part::Partial;
pub use quota::{Quota, QuotaError, Tally, Usage};
pub use source::Source;
pub use system::largest_file;
pub use unnamed::Unnamed;
