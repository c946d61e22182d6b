//! Judges the learner's program again each time it is saved.
//!
//! ```text
//!   notify ──────────┐
//!   what is typed ───┼─▶ events ─▶ the loop ─▶ a trial: this program once more, with `check`
//!   Ctrl-C ──────────┘                          its output is passed on; stopped by the next save
//! ```
//!
//! A trial is a process, so that it can be stopped at any moment, with all that it has started: a program that
//! hangs, prints without end or forks is gone before the next one starts.

use std::env;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use language::VARIABLE;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use process::Process;
use rust_i18n::t;
use tempfile::TempDir;

use crate::commands;
use crate::course::Course;
use crate::folder::Folder;
use crate::options::{self, Options};
use crate::page::{FAINT, paint};
use crate::print::print;
use crate::sources::Sources;

/// How long a file has to stay as it is until it is taken to be saved: an editor writes it in several steps.
const SETTLE: Duration = Duration::from_millis(100);
/// How often a running trial is asked for what it has printed.
const TICK: Duration = Duration::from_millis(30);
/// How often files are looked at if nothing tells of a change: some file systems never do.
const LOOK: Duration = Duration::from_millis(700);
/// How long a trial may take to end what it has started, before it is killed.
#[cfg(unix)]
const STOP_TIMEOUT: Duration = Duration::from_millis(300);

/// What the loop waits for.
enum Event {
    /// Something has happened in the program's folder.
    Changed,
    /// A line was typed.
    Typed(String),
    /// Ctrl-C was pressed.
    End,
}

/// What the loop does after a line.
enum Next {
    Nothing,
    Judge,
    End,
}

/// A running `check` of the program.
struct Trial {
    process: Process,
    /// How much of its output has been passed on, in bytes.
    passed_on: usize,
    /// Where the trial and what it starts keep their temporary files: those of one that is stopped go too.
    _scratch: TempDir,
}

/// The loop, and what it knows.
struct Watch {
    folder: Folder,
    patience: Duration,
    width: usize,
    program: PathBuf,
    watched: Option<PathBuf>,
    /// The files as they were when the program was judged last.
    sources: Option<Sources>,
    /// The files as they were at the last look, while somebody saves them.
    being_saved: Option<Sources>,
    trial: Option<Trial>,
    watcher: Option<RecommendedWatcher>,
}

/// Judges the program now and at each save, until `quit` is typed or Ctrl-C pressed.
///
/// # Errors
/// When no trial can be started.
pub fn watch(folder: Folder, patience: Duration, width: usize) -> anyhow::Result<()> {
    // This file may be replaced while it runs, by a new build.
    let program = env::current_exe().context("cannot find this program's own file")?;
    let (sender, events) = mpsc::channel();
    let ended = sender.clone();
    ctrlc::set_handler(move || _ = ended.send(Event::End)).context("cannot watch for Ctrl-C")?;
    read_lines(sender.clone());
    // Without a watcher, as when the system has no more of them, the files are looked at all the same.
    let watcher = notify::recommended_watcher(move |_| _ = sender.send(Event::Changed)).ok();
    let mut watch = Watch {
        folder,
        patience,
        width,
        program,
        watched: None,
        sources: None,
        being_saved: None,
        trial: None,
        watcher,
    };
    print(&format!("{}\n\n", t!("watching: save your file, and it is judged; Ctrl-C ends this")));
    let mut next_look = Instant::now();
    loop {
        let pause = match watch.trial {
            Some(_) => TICK,
            None => next_look.saturating_duration_since(Instant::now()),
        };
        match events.recv_timeout(pause) {
            Ok(Event::Changed) => next_look = next_look.min(Instant::now() + SETTLE),
            Ok(Event::Typed(line)) => match watch.typed(&line)? {
                Next::Nothing => {}
                Next::Judge => watch.judge()?,
                Next::End => return Ok(()),
            },
            Ok(Event::End) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        watch.pass_on();
        if next_look <= Instant::now() {
            let is_saving = watch.look()?;
            next_look = Instant::now() + if is_saving { SETTLE } else { LOOK };
        }
    }
}

impl Watch {
    /// Judges the program if it was saved since it was judged last. Says whether somebody is saving it just now:
    /// an editor empties a file and fills it, or there is none for a moment. Two looks that see the same see a
    /// whole file.
    fn look(&mut self) -> anyhow::Result<bool> {
        let course = match Course::in_folder(self.folder.clone()) {
            Ok(course) => course,
            // What the learner is told once, and can mend, ends nothing.
            Err(error) => {
                if self.sources.take().is_some() {
                    print(&format!("course: {error}\n"));
                }
                return Ok(false);
            }
        };
        let Some(stage) = course.current() else { return Ok(false) };
        let folder = course.folder.program(&stage.program);
        let is_next_program = self.watch_folder(&folder);
        let sources = Sources::of(&folder, &course.toolchain);
        // A new program lies there as it was laid out: it is judged when it is saved.
        if is_next_program && course.is_untouched(stage) {
            self.sources = Some(sources);
            return Ok(false);
        }
        if self.sources.as_ref() == Some(&sources) {
            self.being_saved = None;
            return Ok(false);
        }
        if self.being_saved.as_ref() != Some(&sources) || !course.file(stage).is_file() {
            self.being_saved = Some(sources);
            return Ok(true);
        }
        self.sources = self.being_saved.take();
        self.judge()?;
        Ok(false)
    }

    /// Has changes in this folder told, instead of those in another one. Says whether there was another one.
    fn watch_folder(&mut self, folder: &Path) -> bool {
        if self.watched.as_deref() == Some(folder) {
            return false;
        }
        let before = self.watched.replace(folder.to_owned());
        if let Some(watcher) = &mut self.watcher {
            if let Some(before) = &before {
                _ = watcher.unwatch(before);
            }
            // Where the system does not tell of changes, the files are looked at all the same.
            _ = watcher.watch(folder, RecursiveMode::Recursive);
        }
        before.is_some()
    }

    /// Stops the trial that runs, and starts another one.
    fn judge(&mut self) -> anyhow::Result<()> {
        if let Some(trial) = self.trial.take() {
            trial.stop();
            print(&format!("{}\n\n", paint(FAINT, &t!("saved again: judged anew"))));
        }
        self.trial = Some(Trial::start(self)?);
        Ok(())
    }

    /// Prints what the trial has printed. One that has ended is put away.
    fn pass_on(&mut self) {
        let Some(trial) = &mut self.trial else { return };
        let has_ended = trial.has_ended();
        trial.pass_on();
        if has_ended {
            self.trial = None;
            print(&format!("{}\n", paint(FAINT, &"─".repeat(self.width.min(40)))));
        }
    }

    /// Does what was typed.
    fn typed(&mut self, line: &str) -> anyhow::Result<Next> {
        if matches!(line.trim(), "quit" | "exit" | "q") {
            return Ok(Next::End);
        }
        let options = match Options::of_line(line) {
            Ok(options) => options,
            Err(_) => {
                print(&format!(
                    "{}\n",
                    t!(
                        "type hint, solution, status, skip, reset STAGE or quit, or nothing to judge again"
                    )
                ));
                return Ok(Next::Nothing);
            }
        };
        let mut course = match Course::in_folder(self.folder.clone()) {
            Ok(course) => course,
            // What the learner is told, and can mend, ends nothing.
            Err(error) => {
                print(&format!("course: {error}\n"));
                return Ok(Next::Nothing);
            }
        };
        let width = self.width;
        use options::Command as C;
        let said = match options.command {
            None | Some(C::Check) => return Ok(Next::Judge),
            Some(C::Hint) => commands::hint(&course, width),
            Some(C::Solution) => commands::solution(&course),
            Some(C::Skip) => commands::skip(&mut course, width),
            Some(C::Reset { stage }) => commands::reset(&mut course, &stage, width),
            Some(C::Status) => Ok(commands::status(&course)),
            Some(C::Start { .. } | C::Watch) => Ok(commands::here(&course, width)),
        };
        match said {
            Ok(said) => print(&format!("\n{said}\n")),
            Err(error) => print(&format!("course: {error:#}\n")),
        }
        Ok(Next::Nothing)
    }
}

impl Trial {
    fn start(watch: &Watch) -> anyhow::Result<Trial> {
        let scratch = tempfile::tempdir().context("cannot make a folder for temporary files")?;
        let mut command = Command::new(&watch.program);
        command.arg("check").arg("--dir").arg(watch.folder.root());
        command.arg("--watched").arg(watch.width.to_string());
        command.arg("--patience").arg(format!("{}ms", watch.patience.as_millis()));
        command.env(VARIABLE, language::spoken().name());
        for name in ["TMPDIR", "TMP", "TEMP"] {
            command.env(name, scratch.path());
        }
        // It prints into a pipe, and what comes out of that on a terminal.
        if anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never {
            command.env("CLICOLOR_FORCE", "1");
        }
        let process = Process::start(command).context("cannot start a trial")?;
        Ok(Trial { process, passed_on: 0, _scratch: scratch })
    }

    /// Whether it has ended, and all that it has printed is there.
    fn has_ended(&self) -> bool {
        let now = Instant::now();
        self.process.wait(now).is_ok() && self.process.output().is_ended()
    }

    /// Prints what it has printed since the last time, and at its end its errors.
    fn pass_on(&mut self) {
        let output = self.process.output();
        let new = output.stdout.bytes.get(self.passed_on..).unwrap_or_default();
        // Up to a line's end, so that no character is cut.
        let end = new.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        print(&String::from_utf8_lossy(new.get(..end).unwrap_or_default()));
        self.passed_on += end;
        if output.is_ended() {
            print(&output.stderr.text());
        }
    }

    /// Ends it, with all that it has started.
    fn stop(self) {
        // Asked to end, it ends what it has started itself, also where the system does not show what that is.
        #[cfg(unix)]
        if self.process.signal(process::Signal::TERM).is_ok() {
            _ = self.process.wait(Instant::now() + STOP_TIMEOUT);
        }
    }
}

/// Sends each line that is typed.
fn read_lines(sender: Sender<Event>) {
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(Event::Typed(line)).is_err() {
                return;
            }
        }
    });
}
