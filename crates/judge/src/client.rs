//! A client under test: started afresh for each probe, typed its lines, and listened to.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use language::text;
use rust_i18n::t;
use socket2::Socket;

use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::folder::{self, Folder};
use crate::port::{self, Transport};
use crate::program::{Aftermath, Ending, Program};
use crate::record::Record;
use crate::server::{self, KEPT_BACK, fill_in};
use crate::setting::Setting;
use crate::stream::{Call, ProbeStream};
use crate::{Error, mojibake, show};

/// How long a port that was free a moment ago may be held by somebody.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(1);
/// How often it is looked whether somebody calls.
const POLL_INTERVAL: Duration = Duration::from_millis(2);
/// How long a client may take until it calls. A first run may have to compile.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The shortest time between two calls that is a pause: a pause is longer, and a busy machine
/// makes it no shorter.
const MIN_PAUSE: Duration = Duration::from_millis(25);

const CONNECTS: &str = text!("that the client connects");
const NO_HOST: &str = text!(
    "The command has no {host}: does the client call 127.0.0.1, at the port that it is given?"
);
const NO_CALL: &str = text!(
    "The client runs, and calls nobody at the host and the port that its command line gave it. \
     Does it use those, or others of its own? Does it wait for something else first?"
);

const REPR: &str = text!("This is how Python shows bytes: decode() them before they are printed.");

/// The client under test, during one probe.
#[derive(Debug)]
pub struct Client {
    words: Vec<String>,
    setting: Setting,
    record: Record,
    random: RefCell<fastrand::Rng>,
    /// The program, once it was started: also for its last words, after the probe.
    program: Rc<RefCell<Option<Program>>>,
    /// Keeps other judges away from the port that the client is to call, also while nobody listens there.
    held: RefCell<Option<Socket>>,
    folder: Option<Folder>,
}

/// A client that has called the judge.
#[derive(Debug)]
pub struct AcceptedClient<'a> {
    /// The connection that it has made.
    pub stream: ProbeStream,
    listener: TcpListener,
    client: &'a Client,
}

impl Client {
    pub(crate) fn new(
        words: &[String],
        setting: &Setting,
        record: Record,
        random: fastrand::Rng,
    ) -> Client {
        let (random, program, held) = (random.into(), Rc::default(), RefCell::default());
        // If it cannot be opened, the probes that need it say so.
        let folder = server::open(setting, &record).ok().flatten();
        Client {
            words: words.to_vec(),
            setting: setting.clone(),
            record,
            random,
            program,
            held,
            folder,
        }
    }

    /// What the client is to speak.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// What happened in this probe so far.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// A number from `from` to just below `to`, which the seed chooses.
    pub fn random(&self, from: usize, to: usize) -> usize {
        self.random.borrow_mut().usize(from..to.max(from + 1))
    }

    /// The folder of its files.
    ///
    /// # Errors
    /// When the judge does not see it.
    pub fn folder(&self) -> Result<&Folder, Failure> {
        let none = || {
            Failure::new(
                FailureKind::NotStarted,
                text!("a folder for the client's files"),
                text!("none"),
            )
        };
        self.folder.as_ref().ok_or_else(none)
    }

    /// Starts the client, and waits for its call; for one patience only, since there are clients that call
    /// as soon as they have a line. Then the stream waits for it, as soon as something is said there.
    ///
    /// # Errors
    /// When it cannot be started, or ends before.
    pub fn start(&self) -> Result<AcceptedClient<'_>, Failure> {
        let trouble = |error| {
            Failure::new(FailureKind::Mismatch, text!("a listening socket"), format!("{error}"))
        };
        let port = self.take_port(Transport::Tcp).map_err(trouble)?;
        let listener = listen((Ipv4Addr::LOCALHOST, port).into()).map_err(trouble)?;
        self.launch(listener.local_addr().map_err(trouble)?)?;
        let given_up = Instant::now() + START_TIMEOUT;
        let at_once = given_up.min(Instant::now() + self.record.patience());
        let stream = match self.accept(&listener, at_once) {
            Err(failure) if failure.kind == FailureKind::Timeout => {
                let (listener, program) =
                    (listener.try_clone().map_err(trouble)?, self.program.clone());
                let has_host = self.words.iter().any(|word| word.contains("{host}"));
                let hint = if has_host { NO_CALL } else { NO_HOST };
                let call = LateCall { listener, program, given_up, hint };
                let mut stream = ProbeStream::to_come(&self.record, call);
                self.setting.speech().greet(&mut stream)?;
                stream
            }
            accepted => {
                self.record.restart();
                accepted?
            }
        };
        Ok(AcceptedClient { stream, listener, client: self })
    }

    /// Starts the client with an address at which it should find nobody, or something other than a
    /// TCP server.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn launch(&self, address: SocketAddr) -> Outcome {
        self.record.uses_port(address.port());
        let words = folder::fill_in(fill_in(&self.words, address), self.folder.as_ref());
        let program = Program::start(&words).map_err(|source| {
            let why = Error::Start { command: words.join(" "), why: source }.to_string();
            Failure::new(FailureKind::NotStarted, text!("that the client starts"), why)
        })?;
        *self.program.borrow_mut() = Some(program);
        self.record.add(None, text!("start the client"), "");
        Ok(())
    }

    /// Starts the client with the port of nobody.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_in_vain(&self) -> Outcome {
        self.start_in_vain_over(Transport::Tcp)
    }

    /// The same, for a client that connects or for one that sends datagrams.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_in_vain_over(&self, transport: Transport) -> Outcome {
        let port = self.take_port(transport);
        let port = port.map_err(|e| {
            Failure::new(FailureKind::Mismatch, text!("a free port"), e.to_string())
        })?;
        self.record.add(None, text!("take a port on which nobody listens"), "");
        self.launch(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// Types a line.
    pub fn types(&self, line: &str) {
        self.record.add(None, text!("type"), show::line(&self.record.without_ports(line)));
        self.with(|program| program.type_line(line));
    }

    /// Ends the client's standard input, as Ctrl-D does.
    pub fn ends_input(&self) {
        self.record.add(None, text!("end the input"), "");
        self.with(Program::end_input);
    }

    /// Waits until `text` stands in what the client has printed since the text sought before.
    ///
    /// # Errors
    /// When it does not.
    pub fn shows(&self, text: &str) -> Outcome {
        let deadline = self.record.deadline();
        let shown = show::bytes(text.as_bytes());
        if self.with(|program| program.printed(text, deadline)).unwrap_or(false) {
            self.record.add(None, text!("the client shows"), shown);
            return Ok(());
        }
        let printed = self.with(|program| program.printed_since()).unwrap_or_default();
        let printed = self.record.without_ports(&printed);
        let kind = self.with(|program| program.failure_kind()).unwrap_or(FailureKind::Closed);
        let wanted = t!("that the client shows %{shown}", shown = shown).into_owned();
        Err(Failure::new(
            kind,
            wanted,
            t!("it shows %{printed}", printed = show::end(&printed)).into_owned(),
        ))
        .explain(|_| mojibake::shown(text, &printed))
        .hint(FailureKind::Timeout, KEPT_BACK)
        .explain(|_| printed.contains("\\x").then(|| REPR.to_owned()))
    }

    /// Waits until the client has ended by itself.
    ///
    /// # Errors
    /// When it does not.
    pub fn ends(&self) -> Result<Ending, Failure> {
        let deadline = self.record.deadline();
        let ending = self.with(|program| program.ended(deadline)).flatten();
        let patience = humantime::format_duration(self.record.patience());
        let ending = ending.ok_or_else(|| {
            let actual = t!("it still runs after %{patience}", patience = patience).into_owned();
            Failure::new(FailureKind::Timeout, text!("that the client ends"), actual)
        })?;
        self.record.add(None, text!("the client ends"), "");
        Ok(ending)
    }

    /// Waits until the client has ended by itself, for as long as the probe may take: a client that
    /// tries again has several waits of its own.
    ///
    /// # Errors
    /// When it does not.
    pub fn ends_at_last(&self) -> Result<Ending, Failure> {
        let ending = self.with(|program| program.ended(self.record.last_deadline())).flatten();
        let ending = ending.ok_or_else(|| {
            let wanted = text!("that the client ends, after a few tries");
            Failure::new(
                FailureKind::Timeout,
                wanted,
                text!("it still runs when the probe is over"),
            )
        })?;
        self.record.add(None, text!("the client ends"), "");
        Ok(ending)
    }

    /// Whether the client has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.with(|program| program.ended(Instant::now())).flatten().is_some()
    }

    /// What the client has come to, after this failure.
    pub(crate) fn aftermath(&self, failure: &Failure) -> Aftermath {
        self.with(|program| program.aftermath(failure.kind)).unwrap_or_default()
    }

    /// A port for the client to call, until the probe is over.
    fn take_port(&self, transport: Transport) -> std::io::Result<u16> {
        let (port, held) = port::reserve(transport)?;
        *self.held.borrow_mut() = Some(held);
        Ok(port)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Program) -> T) -> Option<T> {
        self.program.borrow_mut().as_mut().map(act)
    }

    fn accept(&self, listener: &TcpListener, deadline: Instant) -> Result<ProbeStream, Failure> {
        let stream = wait_for_call(listener, &self.program, deadline)?;
        let trouble =
            |error: io::Error| Failure::new(FailureKind::Mismatch, CONNECTS, error.to_string());
        let mut stream =
            ProbeStream::new(stream, &self.record, text!("accept")).map_err(trouble)?;
        self.setting.speech().greet(&mut stream)?;
        Ok(stream)
    }
}

/// A client that has not called yet.
#[derive(Debug)]
struct LateCall {
    listener: TcpListener,
    program: Rc<RefCell<Option<Program>>>,
    given_up: Instant,
    hint: &'static str,
}

impl Call for LateCall {
    fn wait(&self) -> Result<TcpStream, Failure> {
        wait_for_call(&self.listener, &self.program, self.given_up)
            .hint(FailureKind::Timeout, self.hint)
    }
}

/// Waits until a program calls.
fn wait_for_call(
    listener: &TcpListener,
    program: &RefCell<Option<Program>>,
    deadline: Instant,
) -> Result<TcpStream, Failure> {
    let failed = |kind, actual: &str| Err(Failure::new(kind, CONNECTS, actual));
    loop {
        // Looked at before: the call of one that has ended since is still taken.
        let mut program = program.borrow_mut();
        let has_ended = program.as_mut().is_some_and(|it| it.ended(Instant::now()).is_some());
        match listener.accept().and_then(|(it, _)| it.set_nonblocking(false).map(|()| it)) {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => {
                return failed(FailureKind::Mismatch, &error.to_string());
            }
            Err(_) if has_ended => return failed(FailureKind::Closed, text!("it has ended")),
            Err(_) if Instant::now() > deadline => {
                return failed(FailureKind::Timeout, text!("no connection"));
            }
            Err(_) => thread::sleep(POLL_INTERVAL),
        }
    }
}

impl<'a> AcceptedClient<'a> {
    /// The connection, and where the client can call again when that has ended.
    pub fn split(self) -> (ProbeStream, OpenListener<'a>) {
        (self.stream, OpenListener { listener: Ok(self.listener), client: self.client })
    }

    /// Waits until the client calls again, as after a reset.
    ///
    /// # Errors
    /// When it does not.
    pub fn again(&self) -> Result<ProbeStream, Failure> {
        self.client.accept(&self.listener, self.client.record.deadline())
    }
}

/// Where a client calls again: the judge's listening socket, or the address that it had.
#[derive(Debug)]
pub struct OpenListener<'a> {
    listener: Result<TcpListener, SocketAddr>,
    client: &'a Client,
}

impl OpenListener<'_> {
    /// Stops listening: who calls now is refused.
    pub fn close(&mut self) {
        self.client.record.add(None, text!("stop listening"), "");
        if let Ok(address) = self.listener.as_ref().map_or_else(|a| Ok(*a), TcpListener::local_addr)
        {
            self.listener = Err(address);
        }
    }

    /// Listens again at the same place, after a pause.
    ///
    /// # Errors
    /// When the place is taken.
    pub fn open_after(&mut self, pause: Duration) -> Outcome {
        let shown = humantime::format_duration(pause).to_string();
        self.client.record.add(None, text!("wait"), shown);
        thread::sleep(pause);
        if let Err(address) = self.listener {
            let trouble = |error: io::Error| {
                Failure::new(FailureKind::Mismatch, text!("the port of before"), error.to_string())
            };
            self.listener = Ok(listen(address).map_err(trouble)?);
        }
        self.client.record.add(None, text!("listen again"), "");
        Ok(())
    }

    /// Waits until the client calls.
    ///
    /// # Errors
    /// When it does not.
    pub fn call(&self) -> Result<ProbeStream, Failure> {
        match &self.listener {
            Ok(listener) => self.client.accept(listener, self.client.record.deadline()),
            Err(_) => {
                Err(Failure::new(FailureKind::Mismatch, text!("a listening socket"), text!("none")))
            }
        }
    }

    /// Resets each call that comes within this time, and counts those that come at once after the
    /// one before, up to `most` of them.
    pub fn reset_all(&self, most: usize, time: Duration) -> usize {
        let shown = humantime::format_duration(time).to_string();
        self.client.record.add(None, text!("reset each call that comes within"), shown);
        let (mut last, mut at_once) = (Instant::now(), 0);
        let end = last + time;
        while let (Ok(listener), true) = (&self.listener, at_once < most && Instant::now() < end) {
            match listener.accept() {
                Ok((stream, _)) => {
                    at_once += usize::from(last.elapsed() < MIN_PAUSE);
                    let zero = Some(Duration::ZERO);
                    _ = socket2::SockRef::from(&stream).set_linger(zero);
                    drop(stream);
                    last = Instant::now();
                }
                Err(_) => thread::sleep(POLL_INTERVAL),
            }
        }
        at_once
    }
}

/// A listening socket at this address, of which accept(2) does not wait. A program that is started at
/// the same moment holds a copy of the socket that has kept the port until then, for as long as it takes
/// to its execve(2).
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let given_up = Instant::now() + LISTEN_TIMEOUT;
    loop {
        match TcpListener::bind(address) {
            Err(error) if error.kind() == ErrorKind::AddrInUse && Instant::now() < given_up => {
                thread::sleep(POLL_INTERVAL);
            }
            bound => {
                let listener = bound?;
                listener.set_nonblocking(true)?;
                return Ok(listener);
            }
        }
    }
}
