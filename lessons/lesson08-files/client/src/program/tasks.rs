//! What a person asks for: each file in turn, with its bar, its retries, and the line at its end.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use console::{ClientArgs, Dialect, Usage, explain, say, warn};
use endpoint::{Backoff, Connection, Progress};
use lesson08_client::{self as lesson, Error, Transfer, tutorial};
use lesson08_shared::protocol::Entry;
use partial::{Folder, Name, Source};
use rust_i18n::t;
use trace::text::escape_controls;

use super::bars::Bars;
use super::failure::Failure;
use super::options::{Task, TransferOptions};
use super::session::Session;
use super::show;
use super::uploads::{Upload, uploads};

/// The pause before the first of several tries.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause, but for the part that is random.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// Makes a connection, with the observer of what passes over it.
type Connect = Box<dyn FnMut() -> Result<(Connection, Progress), endpoint::Error>>;

/// A client that comes back after a break.
pub(crate) struct Client {
    session: Session<Connect, Connection, Progress>,
    dialect: Dialect,
    limit: usize,
}

impl Client {
    pub(crate) fn new(args: ClientArgs, retries: u32) -> Client {
        let (dialect, limit) = (args.dialect, args.max_message);
        let connect = move || {
            let connection = args.connect()?;
            connection.set_nodelay();
            let observer = connection.progress();
            Ok((connection, observer))
        };
        let backoff =
            Backoff::new(FIRST_PAUSE, MAX_PAUSE, retries).with_jitter(fastrand::Rng::new());
        let session = Session::new(Box::new(connect) as Connect, backoff, Connection::is_readable);
        Client { session, dialect, limit }
    }

    /// Finds out at once whether there is a server.
    pub(crate) fn connect(&mut self) -> Result<(), Failure> {
        self.session.connect(&mut |retry| warn(retry))
    }

    /// Does one task.
    pub(crate) fn run(&mut self, task: &Task, options: &TransferOptions) -> anyhow::Result<()> {
        self.check(task, options)?;
        match task {
            Task::List { folder } => self.list(folder.as_deref().unwrap_or_default()),
            Task::Get { names, as_name } => {
                let into = Path::new(options.into.as_deref().unwrap_or("."));
                let folder = Folder::open_or_make(into).map_err(|error| {
                    let into = into.display();
                    anyhow!(
                        "cannot keep files in {into}: {error}; choose another folder with --into"
                    )
                })?;
                let can_resume = self.dialect == Dialect::Ours;
                let name = |name: &String| escape_controls(name);
                each(names, "get", can_resume, name, |name, bars| {
                    self.get(name, as_name.as_deref(), &folder, options, bars)
                })
            }
            Task::Put { files, as_name } => {
                let uploads = uploads(files, as_name.as_deref())?;
                if uploads.is_empty() {
                    bail!("there is no file to put: every folder that was named is empty");
                }
                let name = |file: &Upload| escape_controls(&file.path.display().to_string());
                each(&uploads, "put", true, name, |file, bars| self.put(file, options, bars))
            }
        }
    }

    /// The names in a folder of the server's, folders with a `/` at their end; none where nobody says so.
    pub(crate) fn names(&mut self, folder: &str) -> Vec<String> {
        if self.dialect == Dialect::Tutorial {
            return Vec::new();
        }
        let limit = self.limit;
        let entries =
            self.session.ask(|stream, observer| lesson::list(stream, folder, limit, observer));
        let slash = |entry: &Entry| if entry.folder { "/" } else { "" };
        let entries = entries.unwrap_or_default().into_iter();
        // A name with control characters is typed, not completed.
        let entries = entries.filter(|entry| !entry.name.contains(char::is_control));
        entries.map(|entry| format!("{}{}", entry.name, slash(&entry))).collect()
    }

    /// Refuses what does not go together, and what the tutorial's servers do not know.
    fn check(&self, task: &Task, options: &TransferOptions) -> Result<(), Usage> {
        let named = match task {
            Task::Get { names, as_name: Some(_) } => names.len(),
            Task::Put { files, as_name: Some(_) } => files.len(),
            _ => 1,
        };
        if named > 1 {
            return Err(Usage(format!("--as is the name of one, and {named} are given")));
        }
        if let Task::Get { as_name: Some(name), .. } = task {
            let is_name = name.parse::<Name>();
            is_name
                .map_err(|error| Usage(format!("--as {name:?} is no name for a file: {error}")))?;
        }
        let what = match task {
            _ if self.dialect == Dialect::Ours => return Ok(()),
            Task::List { .. } => "the names in a folder",
            Task::Put { .. } => "files that are put there",
            Task::Get { .. } if options.resume => "where to go on, so there is no --resume",
            Task::Get { .. } => return Ok(()),
        };
        Err(Usage(format!("a tutorial server knows nothing of {what}; it only sends whole files")))
    }

    fn list(&mut self, folder: &str) -> anyhow::Result<()> {
        let limit = self.limit;
        let entries = self.session.run(
            |attempt| lesson::list(attempt.stream, folder, limit, attempt.observer),
            &mut |retry| warn(retry),
        );
        let entries = entries.with_context(|| match folder {
            "" => "cannot list the server's files".to_owned(),
            folder => format!("cannot list \"{}\"", escape_controls(folder)),
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
        as_name: Option<&str>,
        folder: &Folder,
        options: &TransferOptions,
        bars: &Bars,
    ) -> anyhow::Result<String> {
        let last = as_name.or_else(|| name.rsplit('/').next()).unwrap_or(name);
        let no_name = |error| {
            let last = escape_controls(last);
            anyhow!("\"{last}\" is no name for a file here: {error}; --as NAME gives it another")
        };
        let as_name: Name = last.parse().map_err(no_name)?;
        let get = match self.dialect {
            Dialect::Ours => lesson::get,
            Dialect::Tutorial => tutorial::get,
        };
        let mut bar = bars.next(name);
        let begun = Instant::now();
        let moved = self.session.run(
            |attempt| {
                let resume = options.resume || attempt.is_again;
                let (force, max_size) = (options.force, options.max_size());
                let transfer = Transfer { name, resume, force, max_size };
                let progress = &mut |position, size| {
                    bar.set(position, size);
                    *attempt.reached = Some(position);
                };
                get(attempt.stream, &transfer, folder, &as_name, attempt.observer, progress)
            },
            &mut |retry| bars.warn(retry),
        )?;
        Ok(show::moved("got", name, &moved, bar.passed(), begun.elapsed()))
    }

    fn put(
        &mut self,
        Upload { path, name }: &Upload,
        options: &TransferOptions,
        bars: &Bars,
    ) -> anyhow::Result<String> {
        let mut source = open(path)?;
        let name = name.as_ref().ok_or_else(|| anyhow!("its name is not UTF-8; --as names it"))?;
        let name = match &options.into {
            Some(folder) => format!("{}/{name}", folder.trim_end_matches('/')),
            None => name.clone(),
        };
        let mut bar = bars.next(&name);
        let begun = Instant::now();
        let moved = self.session.run(
            |attempt| {
                let resume = options.resume || attempt.is_again;
                let (force, max_size) = (options.force, options.max_size());
                let transfer = Transfer { name: &name, resume, force, max_size };
                // What is on its way may be lost. What the server has is where we begin.
                let mut reached = Some(attempt.reached);
                let progress = &mut |position, size| {
                    bar.set(position, size);
                    if let Some(reached) = reached.take() {
                        *reached = Some(position);
                    }
                };
                let (stream, is_readable) = (attempt.stream, attempt.is_readable);
                lesson::put(stream, &mut source, &transfer, is_readable, attempt.observer, progress)
            },
            &mut |retry| bars.warn(retry),
        )?;
        Ok(show::moved("put", &name, &moved, bar.passed(), begun.elapsed()))
    }
}

/// Opens a file of this machine.
fn open(path: &Path) -> anyhow::Result<Source> {
    let failed = |error| Failure::from(Error::Read(error));
    // Checked before it is opened: to open a named pipe waits until somebody writes into it.
    if !path.metadata().map_err(failed)?.is_file() {
        bail!("it is not a file, and not a folder either");
    }
    Ok(Source::new(File::open(path).map_err(failed)?)?)
}

/// What was not done to a file, or not to its end.
fn not_done(verb: &str, name: &str, is_midway: bool) -> Cow<'static, str> {
    match (verb, is_midway) {
        ("get", false) => t!("cannot get \"%{name}\"", name = name),
        ("get", true) => t!("cannot get \"%{name}\" to the end (--resume goes on)", name = name),
        (_, false) => t!("cannot put \"%{name}\"", name = name),
        (_, true) => t!("cannot put \"%{name}\" to the end (--resume goes on)", name = name),
    }
}

/// Does `one` for each of several files. The failure of one does not keep the next from its turn.
fn each<T>(
    files: &[T],
    verb: &str,
    can_resume: bool,
    name: impl Fn(&T) -> String,
    mut one: impl FnMut(&T, &Bars) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let bars = Bars::new(files.len());
    let mut failed = 0;
    for file in files {
        match one(file, &bars) {
            Ok(line) => bars.say(line),
            Err(error) => {
                let failure = error.downcast_ref::<Failure>();
                let is_the_end = failure.is_some_and(Failure::is_the_end);
                let is_midway = can_resume && failure.is_some_and(Failure::is_interruption);
                let error = error.context(not_done(verb, &name(file), is_midway));
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
