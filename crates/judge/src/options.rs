//! The judge's options, and what they ask for. The README says how to use them.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::ArgPredicate;
use clap::error::ErrorKind;
use clap::{Command, CommandFactory, FromArgMatches, Parser, ValueEnum};
use language::{Language, command_line, text};
use rust_i18n::t;
use wire::{Encoding, FramingPair};

use crate::CATALOGUE;
use crate::error::Error;
use crate::folder::Files;
use crate::lessons::{any, lessons};
use crate::port::{Transport, may_listen};
use crate::probe::{Lesson, Probe, Side};
use crate::report::{Finding, LessonReport};
use crate::run::{Target, chosen, run};
use crate::said_by_wire::said;
use crate::setting::{Dialect, Header, Promise, Service, Setting};
use crate::show;

/// The longest that a person may let the judge wait for what is expected.
const MAX_PATIENCE: Duration = Duration::from_secs(3600);
/// The most clients that the judge plays at once.
const MAX_CLIENTS: usize = 500;
/// The longest silence that is tried, in patiences: a probe has five.
const MAX_SILENCE: u32 = 2;

/// What `--help` says first.
const ABOUT: &str = text!(
    "Tries a server or a client, in any language, with the deliveries that break programs.

    cargo run -p judge -- lesson03 --server 'python3 my_server.py {port}'
    cargo run -p judge -- lesson03 --client 'python3 my_client.py {host} {port}'
    cargo run -p judge -- lesson03 --connect 8003
    cargo run -p judge -- lesson06 --server 'python3 my_proxy.py {port} {host} {upstream}'
    cargo run -p judge -- any --framing '>I' --send ping --expect pong --server 'python3 mine.py {port}'
    cargo run -p judge -- any --framing line --service echo --connect 7000
    cargo run -p judge -- list

A command is split into words as a shell would, and no shell runs. The exit status is 0 if every
requirement holds, 1 if some do not, 2 if the options are wrong, and 3 if the program could not be tried."
);

/// What a person may ask of the judge on its command line.
#[derive(Debug, Parser)]
#[command(name = "judge", version, long_about = ABOUT)]
#[command(
    about = "Tries a server or a client, in any language, with the deliveries that break programs"
)]
pub struct Args {
    /// The lesson whose protocol is spoken: lesson01, lesson02, …; `any`, for one that the options
    /// describe; or `list`, to name every probe.
    #[arg(required = false, required_unless_present = "list")]
    #[arg(default_value_if("list", ArgPredicate::IsPresent, "list"))]
    lesson: String,
    /// Behind `list`: name the probes of this lesson only.
    #[arg(value_name = "LESSON")]
    listed: Option<String>,
    /// The same as `list`: name every probe, or those of one lesson.
    #[arg(long)]
    list: bool,
    /// Try the server that runs there: `host:port`, or a port of this machine.
    #[arg(long, value_name = "ADDR", group = "target")]
    connect: Option<String>,
    /// Start this server afresh for each probe; `{port}` stands for where it is to listen, and
    /// `{upstream}` for the port where the judge plays a proxy's upstream.
    #[arg(long, value_name = "COMMAND", group = "target")]
    server: Option<String>,
    /// Try this client; `{host}` and `{port}` stand for whom it is to call.
    #[arg(long, value_name = "COMMAND", group = "target")]
    client: Option<String>,
    /// The folder of the program's files, in which the judge lays some and removes them: lessons 08 and 09. In
    /// a command, `{dir}` stands for it, or without this option for one that is made for each probe.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Run this probe, or those of this topic: `cuts/length-alone`, `cuts`; may be given several
    /// times.
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// What the server does for its clients [default: that of the lesson].
    #[arg(long, value_enum)]
    service: Option<Service>,
    /// What `--service reply` answers, or `greet` says.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Where the proxy under test finds its upstream, which the judge plays: lesson 06.
    #[arg(long, value_name = "ADDR")]
    upstream: Option<String>,
    /// How a message says its length [default: that of the lesson].
    #[arg(long, value_enum)]
    header: Option<Header>,
    /// Where messages end, of requests and answers or of each: none, <i, >I, !H, B, >I+self, digits:10,
    /// digits:04, digits:\n, line, until:0D0A, json:>H:size, end.
    #[arg(long, value_name = "REQUEST[,ANSWER]")]
    framing: Option<FramingPair>,
    /// A message that `any` server is sent, or any client sends; with --expect, in pairs.
    #[arg(long, value_name = "TEXT", requires = "expect")]
    send: Vec<String>,
    /// What is answered to the --send before it.
    #[arg(long, value_name = "TEXT", requires = "send")]
    expect: Vec<String>,
    /// After the last pair the first may follow again, on the same connection.
    #[arg(long, requires = "send")]
    repeatable: bool,
    /// What the server says first, to each who connects.
    #[arg(long, value_name = "TEXT")]
    greeting: Option<String>,
    /// What a server of lesson 05 does beyond its protocol, and the judge is to try: `clients=100`, so many
    /// at once, and the next one is told; `silence=3s`, who says nothing for so long is sent away; `ctrl-c`,
    /// it ends in order. May be given several times.
    #[arg(long, value_name = "PROMISE", value_parser = promise)]
    promise: Vec<Promise>,
    /// What `any` protocol travels over.
    #[arg(long, value_enum, default_value = "tcp")]
    transport: Transport,
    /// The encoding of text on the wire: utf-8, gbk, …
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    /// Speak this project's bytes, or the tutorial's where those differ.
    #[arg(long, value_enum, default_value = "ours")]
    dialect: Dialect,
    /// How long to wait for what is expected.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = patience)]
    patience: Duration,
    /// Chooses the places at which messages are cut.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
    /// Speak this language: en or zh [default: that of SOCKET_LANG, else of the system].
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Language>,
    /// Explain every failure in full, and not only the first one in the order of mending.
    #[arg(long)]
    all: bool,
    /// Print the report as one JSON object: there, every failure is in full.
    #[arg(long)]
    json: bool,
}

/// What a run is about: whom it tries, and with what.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The lesson whose protocol is spoken.
    pub lesson: Lesson,
    /// Whom to try.
    pub target: Target,
    /// What the program is to speak.
    pub setting: Setting,
    /// The probes to run.
    pub probes: Vec<Probe>,
}

/// Why options are no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The options do not go together, or say what cannot be.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// A name has no address.
    #[error(
        "{}",
        t!(
            "cannot find the address of %{address}: %{why}",
            address = format!("{address:?}"),
            why = why
        )
    )]
    Lookup {
        /// The name.
        address: String,
        /// Why not.
        why: io::Error,
    },
    /// A name stands for nothing.
    #[error("{}", t!("%{address} has no address", address = format!("{address:?}")))]
    NoAddress {
        /// The name.
        address: String,
    },
}

impl Plan {
    /// Runs the probes, and shows `watch` each finding as soon as it is there.
    ///
    /// # Errors
    /// Those of [`run`].
    pub fn run(&self, watch: impl FnMut(&Finding)) -> Result<LessonReport, Error> {
        let probes: Vec<&Probe> = self.probes.iter().collect();
        run(&self.lesson, &probes, &self.target, &self.setting, watch)
    }
}

impl Args {
    /// What stands on the command line. Ends the judge if that is wrong, or asks for help.
    pub fn of_command_line() -> Args {
        CATALOGUE.add();
        let matches = command_line::translated(Args::command()).try_get_matches();
        let args = matches.and_then(|it| Args::from_arg_matches(&it));
        args.unwrap_or_else(|error| command_line::exit(&error))
    }

    /// What the judge says that is marked nowhere as a text: its options and its requirements.
    pub fn texts() -> Vec<String> {
        let probes = lessons().into_iter().chain([any(Transport::Udp)]).flat_map(|it| it.probes);
        let requirements = probes.map(|probe| probe.requirement.to_owned());
        requirements.chain(texts_of(&Args::command())).collect()
    }

    /// The lessons whose probes are to be named, if nothing is to be tried.
    ///
    /// # Errors
    /// [`PlanError::Usage`] if there is no such lesson.
    pub fn listed(&self) -> Option<Result<Vec<Lesson>, PlanError>> {
        let name = match (self.lesson.as_str(), &self.listed) {
            ("list", name) => name.as_deref(),
            (name, None) if self.list => Some(name),
            _ => return None,
        };
        let one = |name| Ok(vec![find(name, self.transport)?]);
        Some(name.map_or_else(|| Ok(lessons()), one))
    }

    /// Whether every failure is to be explained in full.
    pub fn explains_all(&self) -> bool {
        self.all
    }

    /// Whether the report is to be printed as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// What these options ask for.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn plan(&self) -> Result<Plan, PlanError> {
        if let Some(word) = &self.listed {
            return wrong_usage(&t!(
                "what is %{word}? A second word only follows `list`",
                word = format!("{word:?}")
            ));
        }
        let lesson = find(&self.lesson, self.transport)?;
        let target = target(self, lesson.transport)?;
        let setting = setting(self, &lesson)?;
        let setting = Setting { files: files(self, &lesson, &target)?, ..setting };
        let setting = Setting { upstream: upstream(self, &setting, &target)?, ..setting };
        if setting.service == Service::Messages && matches!(target, Target::Running(_)) {
            return wrong_usage(text!(
                "what a server prints can only be seen if the judge starts it: --server"
            ));
        }
        check_framing(&setting)?;
        check_promises(&lesson, &target, &setting)?;
        let (name, side) = (lesson.name(), target.side().spoken());
        let probes: Vec<Probe> =
            chosen(&lesson, target.side(), &setting, &self.only).into_iter().copied().collect();
        let is_absent = |only: &&String| !probes.iter().any(|probe| probe.is_named(only));
        if let Some(id) = self.only.iter().find(is_absent) {
            return wrong_usage(&t!(
                "%{name} has no probe %{id} for a %{side} that speaks so; `list` names them all",
                name = name,
                id = id,
                side = side
            ));
        }
        if probes.is_empty() && setting.service == Service::Relay {
            return wrong_usage(text!(
                "lesson 06 has no client of its own: whoever calls a proxy speaks what the \
                 upstream speaks. Try it with that lesson, and the proxy with --server"
            ));
        }
        if probes.is_empty() {
            return wrong_usage(&t!(
                "%{name} has no probes for a %{side}",
                name = name,
                side = side
            ));
        }
        Ok(Plan { lesson, target, setting, probes })
    }
}

fn find(name: &str, transport: Transport) -> Result<Lesson, PlanError> {
    let is_any = name == "any";
    if transport == Transport::Udp && !is_any {
        return wrong_usage(text!("--transport is for `any`: a lesson has its own"));
    }
    if is_any {
        return Ok(any(transport));
    }
    let number = name.strip_prefix("lesson").unwrap_or(name).parse();
    let lessons = lessons();
    if let Some(lesson) = lessons.iter().find(|lesson| number == Ok(lesson.number)) {
        return Ok(lesson.clone());
    }
    let names: Vec<String> = lessons.iter().map(Lesson::name).collect();
    wrong_usage(&t!(
        "no probes for %{name}: there are %{names}, and list",
        name = format!("{name:?}"),
        names = names.join(", ")
    ))
}

/// What the server does: what is asked for, what a script says, or the lesson's own.
fn service(args: &Args, lesson: &Lesson) -> Result<Service, PlanError> {
    let first = lesson.services.first().copied().unwrap_or(Service::Upper);
    let service = args.service.unwrap_or(first);
    if !lesson.services.contains(&service) {
        return wrong_usage(&t!(
            "%{lesson} has no such service, but %{names}",
            lesson = lesson.name(),
            names = names(lesson.services)
        ));
    }
    if args.send.len() != args.expect.len() {
        return wrong_usage(&t!(
            "--send stands %{sent} times and --expect %{expected}: they go in pairs, a \
                 message and its answer",
            sent = args.send.len(),
            expected = args.expect.len()
        ));
    }
    if service == Service::Script && args.send.is_empty() {
        return wrong_usage(text!(
            "what is asked, and what is answered? --send ping --expect pong, in pairs; or \
             --service echo, upper, reply or command"
        ));
    }
    if service != Service::Script && !args.send.is_empty() {
        return wrong_usage(text!(
            "--send and --expect are for `any`, and in the place of --service"
        ));
    }
    if lesson.is_any() && args.framing.is_none() && lesson.transport == Transport::Tcp {
        return wrong_usage(text!(
            "where does a message end? --framing '<i' for a length of 4 bytes, '>I' for one in \
             network order, line, digits:10, …; none if nothing says so"
        ));
    }
    let has_words =
        matches!(service, Service::Upper | Service::Reply | Service::Command) || lesson.is_any();
    // Lesson 07's frames may be announced by any length.
    let may_frame = lesson.transport == Transport::Tcp && (has_words || service == Service::Video);
    if args.framing.is_some() && (!may_frame || args.header.is_some()) {
        return wrong_usage(text!(
            "--framing is for request and answer over TCP, and in the place of --header"
        ));
    }
    if args.greeting.is_some() && !lesson.is_any() {
        return wrong_usage(text!("--greeting is for `any`"));
    }
    Ok(service)
}

/// What is to be sent can be sent so.
fn check_framing(setting: &Setting) -> Result<(), PlanError> {
    let Some(pair) = &setting.framing else { return Ok(()) };
    if setting.service == Service::Video {
        return Ok(());
    }
    let exchange = setting.speech().exchange(0, "hello");
    let script =
        setting.script.iter().map(|(request, answer)| setting.speech().of(request, answer));
    for exchange in script.chain([exchange]) {
        let greeting = setting.greeting.as_deref().unwrap_or("hello").as_bytes();
        let sent = [
            (&pair.request, exchange.request.as_slice()),
            (&pair.answer, exchange.answer.as_slice()),
            (&pair.answer, greeting),
        ];
        for (framing, message) in sent {
            if let Err(error) = framing.encode(message, &mut Vec::new()) {
                let text = show::bytes(message);
                return wrong_usage(&t!(
                    "%{text} cannot travel as %{framing}: %{error}",
                    text = text,
                    framing = framing,
                    error = said(&error)
                ));
            }
        }
    }
    Ok(())
}

/// What is promised can be tried.
fn check_promises(lesson: &Lesson, target: &Target, setting: &Setting) -> Result<(), PlanError> {
    if setting.promises.is_empty() {
        return Ok(());
    }
    if lesson.number != 5 || target.side() != Side::Server || setting.service == Service::Reply {
        return wrong_usage(text!(
            "--promise is for a server of lesson 05, and not for --service reply"
        ));
    }
    let is_running = matches!(target, Target::Running(_));
    if setting.promises.contains(&Promise::CtrlC) && (is_running || cfg!(not(unix))) {
        return wrong_usage(text!(
            "Ctrl-C can only be pressed where the judge starts the server, with --server, and not \
             on Windows"
        ));
    }
    let most = setting.patience.saturating_mul(MAX_SILENCE);
    let is_long = |it: &Promise| matches!(it, Promise::Silence(time) if *time > most);
    if setting.promises.iter().any(is_long) {
        return wrong_usage(text!(
            "so long a silence needs more patience: at least half of it, such as --patience 10s"
        ));
    }
    Ok(())
}

fn setting(args: &Args, lesson: &Lesson) -> Result<Setting, PlanError> {
    let service = service(args, lesson)?;
    let header = args.header.or(lesson.headers.first().copied()).unwrap_or_default();
    if args.header.is_some_and(|header| !lesson.headers.contains(&header)) {
        return wrong_usage(&match lesson.headers {
            [Header::None] => {
                t!("%{lesson} has no headers to choose from", lesson = lesson.name()).into_owned()
            }
            known => t!(
                "%{lesson} has no such header, but %{names}",
                lesson = lesson.name(),
                names = names(known)
            )
            .into_owned(),
        });
    }
    // The lessons' own defaults.
    let text = match (lesson.number, service) {
        (_, Service::Greet) => "|------成功连接服务端!------|",
        (4, _) => "Welcome to hear",
        _ => "sok",
    };
    let text = args.text.clone().unwrap_or_else(|| text.to_owned());
    if text.is_empty() && lesson.transport == Transport::Tcp {
        return wrong_usage(text!(
            "--text is empty, and over TCP nobody can see that nothing was answered"
        ));
    }
    let (dialect, seed, patience) = (args.dialect, args.seed, args.patience);
    Ok(Setting {
        text,
        header,
        framing: args.framing.clone(),
        script: args.send.iter().cloned().zip(args.expect.iter().cloned()).collect(),
        repeatable: args.repeatable,
        greeting: args.greeting.clone(),
        promises: args.promise.clone(),
        encoding: args.encoding,
        dialect,
        seed,
        patience,
        // Where its files are is known when the command is.
        ..Setting::new(service)
    })
}

/// Where the files are that the program keeps: lessons 08 and 09.
fn files(args: &Args, lesson: &Lesson, target: &Target) -> Result<Files, PlanError> {
    let words = match target {
        Target::Running(_) => &[][..],
        Target::Server(words) | Target::Client(words) => words,
    };
    let files = Files::of(words, args.folder.clone());
    // In this project's dialect, the judge puts what it needs on the server.
    let are_seen = target.side() == Side::Client || args.dialect == Dialect::Tutorial;
    if lesson.services.contains(&Service::Files) && are_seen && files == Files::Elsewhere {
        return wrong_usage(text!(
            "the judge has to see the program's files: write {dir} into its command, which stands \
             for a folder that is made for each probe, or name one with --folder"
        ));
    }
    Ok(files)
}

/// The words with which an option names these values.
fn names<T: ValueEnum>(values: &[T]) -> String {
    let names = values.iter().filter_map(ValueEnum::to_possible_value);
    names.map(|value| value.get_name().to_owned()).collect::<Vec<_>>().join(", ")
}

fn target(args: &Args, transport: Transport) -> Result<Target, PlanError> {
    match (&args.connect, &args.server, &args.client) {
        (Some(address), _, _) => Ok(Target::Running(resolve(address, transport)?)),
        (_, Some(command), _) => Ok(Target::Server(words(command, Side::Server)?)),
        (_, _, Some(command)) => Ok(Target::Client(words(command, Side::Client)?)),
        _ => wrong_usage(text!(
            "whom to try? Give --connect ADDR, --server COMMAND or --client COMMAND"
        )),
    }
}

/// Where the judge is to play a proxy's upstream: lesson 06.
fn upstream(
    args: &Args,
    setting: &Setting,
    target: &Target,
) -> Result<Option<SocketAddr>, PlanError> {
    let has_place = match target {
        Target::Server(words) => words.iter().any(|word| word.contains("{upstream}")),
        Target::Running(_) | Target::Client(_) => false,
    };
    let is_tried = setting.service == Service::Relay && target.side() == Side::Server;
    if is_tried && args.upstream.is_none() && !has_place {
        return wrong_usage(text!(
            "where does the proxy lead? Write {upstream} into its command, which stands for the \
             port where the judge plays the upstream, or name that place with --upstream"
        ));
    }
    args.upstream.as_deref().map(|address| first_of(address, &addresses(address)?)).transpose()
}

/// Of the addresses that a name has, the first at which somebody may listen: `localhost` is both
/// 127.0.0.1 and ::1, and a server is mostly at one of them.
fn resolve(address: &str, transport: Transport) -> Result<SocketAddr, PlanError> {
    let found = addresses(address)?;
    let listening = found.iter().find(|&&address| may_listen(transport, address));
    listening.map_or_else(|| first_of(address, &found), |&address| Ok(address))
}

/// All that a name stands for, or a port of this machine.
fn addresses(address: &str) -> Result<Vec<SocketAddr>, PlanError> {
    if let Ok(port) = address.parse::<u16>() {
        return Ok(vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]);
    }
    match address.to_socket_addrs() {
        Ok(found) => Ok(found.collect()),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => wrong_usage(&t!(
            "%{address} is no address; write host:port, or a port of this machine, up to 65535",
            address = format!("{address:?}")
        )),
        Err(why) => Err(PlanError::Lookup { address: address.to_owned(), why }),
    }
}

fn first_of(address: &str, found: &[SocketAddr]) -> Result<SocketAddr, PlanError> {
    found.first().copied().ok_or_else(|| PlanError::NoAddress { address: address.to_owned() })
}

fn words(command: &str, side: Side) -> Result<Vec<String>, PlanError> {
    let Some(words) = split(command).filter(|words| !words.is_empty()) else {
        return wrong_usage(&t!(
            "the command %{command} is empty, or has a quotation without an end",
            command = format!("{command:?}")
        ));
    };
    if words.iter().any(|word| word.contains("{port}")) {
        return Ok(words);
    }
    let otherwise = match side {
        Side::Server => {
            text!("A server that has a port of its own, start yourself, and name it with --connect")
        }
        Side::Client => text!("A client has to take it from its command line"),
    };
    wrong_usage(&t!(
        "write {port} into the command: it stands for the port, another one for each probe. \
             %{otherwise}",
        otherwise = t!(otherwise)
    ))
}

/// The words of a command, as the system's own shell splits them: a backslash in a path is one on Windows.
/// Nothing if a quote has no end.
pub fn split(command: &str) -> Option<Vec<String>> {
    #[cfg(windows)]
    return (command.matches('"').count() % 2 == 0).then(|| winsplit::split(command));
    #[cfg(not(windows))]
    return shlex::split(command);
}

fn promise(text: &str) -> Result<Promise, String> {
    let count = |text: &str| text.parse().ok().filter(|count| (1..=MAX_CLIENTS).contains(count));
    match text.split_once('=') {
        None if text == "ctrl-c" => Ok(Promise::CtrlC),
        Some(("clients", text)) => count(text).map(Promise::Clients).ok_or_else(|| {
            t!("so many clients the judge plays: 1 to %{most}", most = MAX_CLIENTS).into_owned()
        }),
        Some(("silence", text)) => patience(text).map(Promise::Silence),
        _ => Err(t!("a promise is clients=100, silence=3s or ctrl-c").into_owned()),
    }
}

/// How long an expectation may wait, as an option says it: `500ms`, `2s`.
///
/// # Errors
/// What is wrong with the text, in the language that is spoken.
pub fn patience(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err(t!("a wait of zero would end before it began").into_owned()),
        // A probe has several times as long, and no clock goes on for ever.
        Ok(duration) if duration > MAX_PATIENCE => Err(t!("an hour is the longest").into_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => {
            Err(t!("%{error}; write for example 500ms or 2s", error = error).into_owned())
        }
    }
}

fn wrong_usage<T>(message: &str) -> Result<T, PlanError> {
    let command = command_line::translated(Args::command());
    Err(command.clone().error(ErrorKind::ValueValidation, t!(message)).into())
}

/// All texts of a command line that need their Chinese.
fn texts_of(command: &Command) -> Vec<String> {
    let about = [command.get_about(), command.get_long_about()];
    let mut texts: Vec<String> = about.into_iter().flatten().map(ToString::to_string).collect();
    for arg in command.get_arguments() {
        texts.extend(arg.get_help().map(ToString::to_string));
        for value in arg.get_possible_values() {
            texts.extend(value.get_help().map(ToString::to_string));
        }
    }
    texts
}
