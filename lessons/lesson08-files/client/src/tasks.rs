//! What a person asks for: each file in turn, with its bar, its retries, and the line at its end.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use console::{ClientArgs, Dialect, Usage, explain, say, warn};
use endpoint::{Connection, Progress};
use lesson08_client::{
    self as lesson, Error, LocalFile, Retries, Session, Target, Wanted, show, tutorial,
};
use partial::{Folder, Name};
use trace::text::harmless;

use crate::bars::Bars;
use crate::{How, Task};

/// The pause before the first of several tries.
const PAUSE: Duration = Duration::from_millis(250);

/// Makes a connection, with who is told of what passes over it.
type Call = Box<dyn FnMut() -> Result<(Connection, Progress), endpoint::Error>>;

/// A client that comes back after a break.
pub(crate) struct Client {
    session: Session<Call, Connection, Progress>,
    dialect: Dialect,
    limit: usize,
}

impl Client {
    pub(crate) fn new(args: ClientArgs, retries: u32) -> Client {
        let (dialect, limit) = (args.dialect, args.max_message);
        let call = move || {
            let connection = args.connect()?;
            connection.set_nodelay();
            let observer = connection.progress();
            Ok((connection, observer))
        };
        let retries = Retries { limit: retries, pause: PAUSE };
        let session = Session::new(Box::new(call) as Call, retries, Connection::is_readable);
        Client { session, dialect, limit }
    }

    /// Finds out at once whether there is a server.
    pub(crate) fn connect(&mut self) -> Result<(), Error> {
        self.session.connect(&mut |trouble| warn(trouble))
    }

    /// Does one task.
    pub(crate) fn run(&mut self, task: &Task, how: &How) -> anyhow::Result<()> {
        self.check(task, how)?;
        match task {
            Task::List { folder } => self.list(folder.as_deref().unwrap_or_default()),
            Task::Get { names } => {
                let into = Path::new(how.into.as_deref().unwrap_or("."));
                let folder = Folder::open_or_make(into).with_context(|| {
                    format!(
                        "cannot keep files in {}; choose another folder with --into",
                        into.display()
                    )
                })?;
                let can_resume = self.dialect == Dialect::Ours;
                let name = |name: &String| harmless(name);
                each(names, "get", can_resume, name, |name, bars| {
                    self.get(name, &folder, how, bars)
                })
            }
            Task::Put { files } => {
                let name = |file: &PathBuf| harmless(&file.display().to_string());
                each(files, "put", true, name, |file, bars| self.put(file, how, bars))
            }
        }
    }

    /// Refuses what the tutorial's servers do not know.
    fn check(&self, task: &Task, how: &How) -> Result<(), Usage> {
        let what = match task {
            _ if self.dialect == Dialect::Ours => return Ok(()),
            Task::List { .. } => "the names in a folder",
            Task::Put { .. } => "files that are put there",
            Task::Get { .. } if how.resume => "where to go on, so there is no --resume",
            Task::Get { .. } => return Ok(()),
        };
        Err(Usage(format!("a tutorial server knows nothing of {what}; it only sends whole files")))
    }

    fn list(&mut self, folder: &str) -> anyhow::Result<()> {
        let limit = self.limit;
        let entries = self.session.run(
            |attempt| lesson::list(attempt.stream, folder, limit, attempt.observer),
            &mut |trouble| warn(trouble),
        );
        let entries = entries.with_context(|| match folder {
            "" => "cannot list the server's files".to_owned(),
            folder => format!("cannot list \"{}\"", harmless(folder)),
        })?;
        let human = io::stdout().is_terminal();
        for entry in &entries {
            say(show::entry(entry, human));
        }
        Ok(())
    }

    fn get(
        &mut self,
        name: &str,
        folder: &Folder,
        how: &How,
        bars: &Bars,
    ) -> Result<String, Error> {
        let last = name.rsplit('/').next().unwrap_or(name);
        let no_name = |why| Error::NoName { name: last.to_owned(), why };
        let as_name: Name = last.parse().map_err(no_name)?;
        let get = match self.dialect {
            Dialect::Ours => lesson::get,
            Dialect::Tutorial => tutorial::get,
        };
        let mut bar = bars.next(name);
        let begun = Instant::now();
        let moved = self.session.run(
            |attempt| {
                let resume = how.resume || attempt.is_again;
                let wanted = Wanted { name, as_name: &as_name, resume, force: how.force };
                get(attempt.stream, &wanted, folder, attempt.observer, &mut |position, size| {
                    bar.set(position, size);
                    *attempt.reached = position;
                })
            },
            &mut |trouble| bars.warn(trouble),
        )?;
        Ok(show::moved("got", name, &moved, bar.passed(), begun.elapsed()))
    }

    fn put(&mut self, path: &Path, how: &How, bars: &Bars) -> Result<String, Error> {
        let mut file = LocalFile::open(path)?;
        let name = match &how.into {
            Some(folder) => format!("{}/{}", folder.trim_end_matches('/'), file.name),
            None => file.name.clone(),
        };
        let mut bar = bars.next(&name);
        let begun = Instant::now();
        let moved = self.session.run(
            |attempt| {
                let resume = how.resume || attempt.is_again;
                let target = Target { name: &name, resume, force: how.force };
                // What is on its way may be lost. What the server has is where we begin.
                let mut reached = Some(attempt.reached);
                lesson::put(
                    attempt.stream,
                    &mut file,
                    &target,
                    attempt.has_word,
                    attempt.observer,
                    &mut |position, size| {
                        bar.set(position, size);
                        if let Some(reached) = reached.take() {
                            *reached = position;
                        }
                    },
                )
            },
            &mut |trouble| bars.warn(trouble),
        )?;
        Ok(show::moved("put", &name, &moved, bar.passed(), begun.elapsed()))
    }
}

/// Does `one` for each of several files. The failure of one does not keep the next from its turn.
fn each<T>(
    files: &[T],
    verb: &str,
    can_resume: bool,
    name: impl Fn(&T) -> String,
    mut one: impl FnMut(&T, &Bars) -> Result<String, Error>,
) -> anyhow::Result<()> {
    let bars = Bars::new(files.len());
    let mut failed = 0;
    for file in files {
        match one(file, &bars) {
            Ok(line) => bars.say(line),
            Err(error) => {
                let is_the_end = error.is_the_end();
                let advice = match can_resume && error.is_interruption() {
                    true => " to the end (--resume goes on)",
                    false => "",
                };
                let what = format!("cannot {verb} \"{}\"{advice}", name(file));
                let error = anyhow::Error::new(error).context(what);
                if files.len() == 1 || is_the_end {
                    return Err(error);
                }
                bars.warn(explain(error.as_ref()));
                failed += 1;
            }
        }
        bars.count();
    }
    if failed > 0 {
        bail!("{failed} of {} files failed", files.len());
    }
    Ok(())
}
