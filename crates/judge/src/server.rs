//! A server under test: one that runs already, or one that is started afresh for each probe.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use language::text;
use rust_i18n::t;
use socket2::Socket;

use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::folder::{self, Folder};
use crate::port::{self, Transport};
use crate::program::{Aftermath, Program};
use crate::record::Record;
use crate::setting::Setting;
use crate::stream::ProbeStream;
use crate::upstream::Upstream;
use crate::{Error, show};

/// How often a starting server, or one that refuses, is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// How long a server may take until it listens. A first run may have to compile.
const START_TIMEOUT: Duration = Duration::from_secs(30);

const FULL: &str = text!(
    "The accept queue is full: while the server is busy with one client, the others have to wait \
     there. Give listen() room for more of them, such as listen(16), and come back to accept \
     after each client."
);

const FAR: &str = text!(
    "Nobody answers at that address. Is it the right one, does a firewall let calls through, and \
     does the server listen at 0.0.0.0? One that listens at 127.0.0.1 is heard on its own machine \
     only."
);

const LEFT: &str = text!(
    "The server has ended in order, with status 0 and without an error: its accept stands outside \
     the loop, or something leaves that loop. Put accept into a loop that no end of a client \
     leaves: accept, converse, close, accept the next."
);

/// The server under test, during one probe.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    setting: Setting,
    record: Record,
    program: Option<RefCell<Program>>,
    random: RefCell<fastrand::Rng>,
    /// What the judge plays for a proxy; for any other server nobody is there.
    pub(crate) upstream: Upstream,
    folder: Option<Folder>,
    /// Keeps other judges away from the port.
    _held: Option<Socket>,
}

impl Server {
    /// A server that runs already.
    pub(crate) fn running(
        address: SocketAddr,
        setting: &Setting,
        record: Record,
        random: fastrand::Rng,
    ) -> Server {
        let random = RefCell::new(random);
        let upstream = Upstream::at(setting.upstream);
        // If it cannot be opened, the probes that need it say so.
        let (setting, folder) = (setting.clone(), open(setting, &record).ok().flatten());
        let program = None;
        Server { address, setting, record, program, random, upstream, folder, _held: None }
    }

    /// Starts a server on a free port, and waits until it listens.
    ///
    /// # Errors
    /// When it cannot be started, or does not listen.
    pub(crate) fn start(
        words: &[String],
        transport: Transport,
        setting: &Setting,
        record: Record,
        random: fastrand::Rng,
    ) -> Result<Server, Error> {
        let (port, held) = port::reserve(transport).map_err(Error::Port)?;
        let expected = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        record.uses_port(port);
        let upstream = Upstream::of_command(words, setting.upstream).map_err(Error::Port)?;
        let folder = open(setting, &record).map_err(Error::Folder)?;
        let words = upstream.fill_in(&fill_in(words, expected));
        let words = folder::fill_in(words, folder.as_ref());
        let start = |why| Error::Start { command: words.join(" "), why };
        let mut program = Program::start(&words).map_err(start)?;
        let given_up = Instant::now() + START_TIMEOUT;
        let address = loop {
            if let Some(address) = port::place(transport, port) {
                break address;
            }
            if let Some(ending) = program.ended(Instant::now()) {
                return Err(Error::Ended { ending });
            }
            if Instant::now() > given_up {
                return Err(Error::NeverListens { patience: START_TIMEOUT });
            }
            thread::sleep(POLL_INTERVAL);
        };
        record.restart();
        let program = Some(RefCell::new(program));
        let (setting, random) = (setting.clone(), random.into());
        let _held = Some(held);
        Ok(Server { address, setting, record, program, random, upstream, folder, _held })
    }

    /// What the server is to speak.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What happened in this probe so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The folder of its files, if the judge sees it.
    pub fn folder(&self) -> Option<&Folder> {
        self.folder.as_ref()
    }

    /// A number from `from` to just below `to`, which the seed chooses.
    pub fn random(&self, from: usize, to: usize) -> usize {
        self.random.borrow_mut().usize(from..to.max(from + 1))
    }

    /// Connects to the server.
    ///
    /// # Errors
    /// When it no longer listens, or its queue is full.
    pub fn connect(&self) -> Result<ProbeStream, Failure> {
        let deadline = self.record.deadline();
        let wanted = text!("a connection");
        loop {
            let left = deadline.saturating_duration_since(Instant::now()).max(POLL_INTERVAL);
            let error = match TcpStream::connect_timeout(&self.address, left)
                .and_then(|stream| ProbeStream::new(stream, &self.record, text!("connect")))
            {
                Ok(stream) => return Ok(stream),
                Err(error) => error,
            };
            match error.kind() {
                // A proxy may listen anew for each client. Whether a listener that closes refuses
                // this client, or resets it in the accept queue, is a race.
                ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted => {
                    if Instant::now() > deadline || self.has_ended() {
                        let refused =
                            Failure::new(FailureKind::Refused, wanted, text!("connection refused"));
                        return Err(refused)
                            .explain(|_| self.has_left())
                            .explain(|_| self.is_never_reached());
                    }
                    thread::sleep(POLL_INTERVAL);
                }
                _ => {
                    let silence = Failure::new(FailureKind::Timeout, wanted, error.to_string());
                    return Err(silence).explain(|_| self.is_never_reached()).hint_any(FULL);
                }
            }
        }
    }

    /// Connects to the server with one try: for who may not find it closed for a moment.
    ///
    /// # Errors
    /// When that is refused, or takes too long.
    pub fn connect_at_once(&self) -> Result<ProbeStream, Failure> {
        let left =
            self.record.deadline().saturating_duration_since(Instant::now()).max(POLL_INTERVAL);
        let failed = |error: std::io::Error| {
            let kind = match error.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock => FailureKind::Timeout,
                // Whether it is refused, or closed a moment later, is a race.
                _ => FailureKind::Closed,
            };
            Failure::new(kind, text!("a connection at the first try"), error.to_string())
        };
        let stream = TcpStream::connect_timeout(&self.address, left).map_err(failed)?;
        ProbeStream::new(stream, &self.record, text!("connect")).map_err(failed)
    }

    /// Lets `ask` be the next client, after whatever the one before has done. How far it gets with
    /// a server that is about to end depends on a microsecond, so its steps are not recorded, and a
    /// refused connection and a closed one are the same.
    ///
    /// # Errors
    /// Those of `connect` and of `ask`.
    pub fn next_client(&self, ask: impl FnOnce(&mut ProbeStream) -> Outcome) -> Outcome {
        self.record.add(None, text!("the next client calls"), "");
        let asked = self.record.quietly(|| {
            let mut stream = self.connect()?;
            ask(&mut stream)?;
            stream.close();
            Ok(())
        });
        if asked.is_ok() {
            self.record.renew();
        }
        let is_gone = |it: &Failure| matches!(it.kind, FailureKind::Closed | FailureKind::Refused);
        let asked = asked.explain(|failure| is_gone(failure).then(|| self.has_left()).flatten());
        asked.map_err(|failure: Failure| match failure.kind {
            FailureKind::Closed | FailureKind::Refused => Failure {
                // Only a server that is not started again may be gone for good.
                kind: if self.program.is_some() { FailureKind::Closed } else { failure.kind },
                expected: text!("that the next client is served").to_owned(),
                actual: text!("its connection is refused or closed").to_owned(),
                ..failure
            },
            _ => failure,
        })
    }

    /// Waits until the server has printed `text`, for a server that answers nothing.
    ///
    /// # Errors
    /// When it does not.
    pub fn prints(&self, text: &str) -> Outcome {
        let Some(program) = &self.program else { return Ok(()) };
        let mut program = program.borrow_mut();
        if program.printed(text, self.record.deadline()) {
            self.record.add(None, text!("the server prints"), show::bytes(text.as_bytes()));
            return Ok(());
        }
        let wanted =
            t!("that the server prints %{text}", text = show::bytes(text.as_bytes())).into_owned();
        let printed = self.record.without_ports(&program.printed_since());
        Err(Failure::new(
            program.failure_kind(),
            wanted,
            t!("it has printed %{printed}", printed = show::end(&printed)).into_owned(),
        ))
        .hint(FailureKind::Timeout, KEPT_BACK)
    }

    /// Does to the server what Ctrl-C does at a terminal.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn presses_ctrl_c(&self) -> Outcome {
        self.record.add(None, text!("press Ctrl-C"), "");
        let Some(program) = &self.program else { return Ok(()) };
        program.borrow().interrupt().map_err(|error| {
            Failure::new(FailureKind::Closed, text!("that the server runs"), error.to_string())
        })
    }

    /// Waits until the server has ended, with the status 0.
    ///
    /// # Errors
    /// When it runs on, or ends with an error.
    pub fn ends_in_order(&self) -> Outcome {
        let Some(program) = &self.program else { return Ok(()) };
        let wanted = text!("that the server ends with the status 0");
        let ending = program.borrow_mut().ended(self.record.deadline());
        let failed = match ending {
            Some(ending) if ending.is_success => return Ok(()),
            Some(ending) => {
                let actual = t!("it ended with %{how}", how = ending.how).into_owned();
                Failure::new(FailureKind::Mismatch, wanted, actual)
            }
            None => Failure::new(FailureKind::Timeout, wanted, text!("it still runs")),
        };
        Err(failed)
    }

    /// The most address space that the server has ever had, in bytes, where the system shows it:
    /// the judge has started the server, on Linux (`VmPeak` of proc(5)).
    pub fn peak_memory(&self) -> Option<u64> {
        let id = self.program.as_ref()?.borrow().id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmPeak:"))?;
        let kib: u64 = peak.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kib * 1024)
    }

    /// How many files and sockets the server has open, where the system shows it: the judge has
    /// started the server, on Linux (`fd` of proc(5)).
    pub fn open_files(&self) -> Option<usize> {
        let id = self.program.as_ref()?.borrow().id();
        Some(std::fs::read_dir(format!("/proc/{id}/fd")).ok()?.count())
    }

    /// What the server has come to, after this failure.
    pub(crate) fn aftermath(&self, failure: &Failure) -> Aftermath {
        let program = self.program.as_ref();
        program.map_or_else(Aftermath::default, |it| it.borrow_mut().aftermath(failure.kind))
    }

    /// What to say if the server has ended in order after it had served somebody.
    fn has_left(&self) -> Option<String> {
        let program = self.program.as_ref().filter(|_| self.record.has_connected())?;
        program.borrow_mut().has_left().then(|| LEFT.to_owned())
    }

    /// Whether the server that the judge has started still runs after this failure.
    pub(crate) fn runs_on(&self, failure: &Failure) -> bool {
        self.program.is_some() && self.aftermath(failure).ended.is_none()
    }

    /// What to say if a server on another machine was never reached in this probe.
    fn is_never_reached(&self) -> Option<String> {
        let is_here = self.program.is_some() || self.address.ip().is_loopback();
        (!is_here && !self.record.has_connected()).then(|| FAR.to_owned())
    }

    pub(crate) fn has_ended(&self) -> bool {
        let ended = |program: &RefCell<Program>| program.borrow_mut().ended(Instant::now());
        self.program.as_ref().is_some_and(|program| ended(program).is_some())
    }
}

/// What a program does whose output does not come, though it is printed.
pub(crate) const KEPT_BACK: &str = text!(
    "If your program prints it: one whose output is no terminal may keep it back. Flush standard \
     output after each line. A C program can be started with `stdbuf -oL` in front."
);

/// The folder of the program's files, if the judge sees it.
pub(crate) fn open(setting: &Setting, record: &Record) -> io::Result<Option<Folder>> {
    let folder = Folder::open(&setting.files)?;
    if let Some(folder) = &folder {
        record.uses_folder(folder.path());
    }
    Ok(folder)
}

/// The command with the address in the place of `{host}` and `{port}`.
pub(crate) fn fill_in(words: &[String], address: SocketAddr) -> Vec<String> {
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    words.iter().map(|word| word.replace("{host}", &host).replace("{port}", &port)).collect()
}
