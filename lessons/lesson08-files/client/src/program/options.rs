//! The commands and options that the command line and the prompt have in common.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// The names in a folder of the server's: size in bytes, time of the last change in UTC, name
    List {
        /// The folder; without it, the server's root
        folder: Option<String>,
    },
    /// Get files into the working folder, or into --into DIR
    Get {
        /// Their names on the server, with `/` between folders
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Put files on the server, there into the folder --into DIR
    Put {
        /// The files. A shell makes *.jpg into names; on Windows, PowerShell does with (ls *.jpg)
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
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
}

impl TransferOptions {
    /// Adds the options that hold for every line.
    pub(crate) fn or(self, always: &TransferOptions) -> TransferOptions {
        TransferOptions {
            resume: self.resume || always.resume,
            force: self.force || always.force,
            into: self.into.or_else(|| always.into.clone()),
        }
    }
}
