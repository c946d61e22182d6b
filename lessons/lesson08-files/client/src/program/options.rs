//! The commands and options that the command line and the prompt have in common.

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Args, Subcommand};

/// How long a file may be that is received, in bytes, unless `--max-size` says otherwise: 16 GiB.
const DEFAULT_MAX_SIZE: u64 = 16 << 30;

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// The names in a folder of the server's: size in bytes, time of the last change in UTC, name
    #[command(visible_alias = "ls")]
    List {
        /// The folder; without it, the server's root
        folder: Option<String>,
    },
    /// Get files into the working folder, or into --into DIR
    Get {
        /// Their names on the server, with `/` between folders
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// What it is to be called here, for one file
        #[arg(long = "as", value_name = "NAME")]
        as_name: Option<String>,
    },
    /// Put files and folders on the server, there into the folder --into DIR
    Put {
        /// The files, and folders with all that is in them. A shell makes *.jpg into names; on Windows,
        /// PowerShell does with (ls *.jpg)
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// What it is to be called there, for one file or one folder
        #[arg(long = "as", value_name = "NAME")]
        as_name: Option<String>,
    },
}

/// What holds for each file.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TransferOptions {
    /// Go on where an earlier transfer stopped, if both sides have the same bytes so far; for very
    /// large files, which they read for that, raise --timeout. A file that is there already, and is
    /// the same, is left as it is.
    #[arg(long, global = true)]
    pub(crate) resume: bool,
    /// Replace a file of that name.
    #[arg(long, global = true)]
    pub(crate) force: bool,
    /// The folder to get into here, or to put into on the server; made if missing.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) into: Option<String>,
    /// How long a file may be that is got [default: 16GiB].
    #[arg(long, global = true, value_name = "SIZE", value_parser = size)]
    pub(crate) max_size: Option<u64>,
}

impl TransferOptions {
    /// Adds the options that hold for every line.
    pub(crate) fn or(self, always: &TransferOptions) -> TransferOptions {
        TransferOptions {
            resume: self.resume || always.resume,
            force: self.force || always.force,
            into: self.into.or_else(|| always.into.clone()),
            max_size: self.max_size.or(always.max_size),
        }
    }

    /// How long a file may be that is received, in bytes.
    pub(crate) fn max_size(&self) -> u64 {
        self.max_size.unwrap_or(DEFAULT_MAX_SIZE)
    }
}

/// A size in bytes: `1024`, `64KiB`, `16GiB`.
fn size(text: &str) -> Result<u64, String> {
    let size: ByteSize = text.parse().map_err(|_| "write for example 1024, 64KiB or 16GiB")?;
    Ok(size.as_u64())
}
