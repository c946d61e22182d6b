//! The judge's program: its options, and what it prints. The README says how to use them.

use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use judge::{
    Dialect, Files, Header, Lesson, Service, Setting, Side, Target, Transport, chosen, lessons,
    may_listen, run, text,
};

/// The longest patience.
const LONGEST: Duration = Duration::from_secs(3600);

/// Tries a server or a client, in any language, with the deliveries that break programs.
///
///     cargo run -p judge -- lesson03 --server 'python3 my_server.py {port}'
///     cargo run -p judge -- lesson03 --client 'python3 my_client.py {host} {port}'
///     cargo run -p judge -- lesson03 --connect 8003
///     cargo run -p judge -- lesson06 --server 'python3 my_proxy.py {port} {host} {upstream}'
///     cargo run -p judge -- list
///
/// A command is split into words as a shell would, and no shell runs. The status is 0 only if every
/// requirement holds.
#[derive(Debug, Parser)]
#[command(name = "judge", version, verbatim_doc_comment)]
struct Args {
    /// The lesson whose protocol is spoken: lesson01, lesson02, …; or `list`, to name every probe.
    lesson: String,
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
    /// The folder of the program's files, in which the judge lays some and removes them: lesson 08. In
    /// a command, `{dir}` stands for it, or without this option for one that is made for each probe.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Run this probe; may be given several times.
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
    /// Speak this project's bytes, or the tutorial's where those differ.
    #[arg(long, value_enum, default_value = "ours")]
    dialect: Dialect,
    /// How long to wait for what is expected.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = patience)]
    patience: Duration,
    /// Chooses the places at which messages are cut.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match judge(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            _ = writeln!(io::stderr(), "judge: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all that was tried holds.
fn judge(args: &Args) -> anyhow::Result<bool> {
    let lessons = lessons();
    if args.lesson == "list" {
        print(&text::list(&lessons));
        return Ok(true);
    }
    let lesson = find(&lessons, &args.lesson);
    let target = target(args, lesson.transport)?;
    let setting = Setting { files: files(args, lesson, &target), ..setting(args, lesson) };
    let setting = Setting { upstream: upstream(args, &setting, &target)?, ..setting };
    if setting.service == Service::Messages && matches!(target, Target::Running(_)) {
        wrong_usage("what a server prints can only be seen if the judge starts it: --server");
    }
    let probes = chosen(lesson, target.side(), &setting, &args.only);
    if let Some(id) = args.only.iter().find(|id| !probes.iter().any(|probe| probe.id == **id)) {
        wrong_usage(&format!(
            "lesson {:02} has no probe {id} for a {} that speaks so; `list` names them all",
            lesson.number,
            target.side().name()
        ));
    }
    if probes.is_empty() && setting.service == Service::Relay {
        wrong_usage(
            "lesson 06 has no client of its own: whoever calls a proxy speaks what the upstream speaks. \
             Try it with that lesson, and the proxy with --server",
        );
    }
    if probes.is_empty() {
        let side = target.side().name();
        wrong_usage(&format!("lesson {:02} has no probes for a {side}", lesson.number));
    }
    judge::end_on_ctrl_c().context("cannot watch for Ctrl-C")?;
    let report = run(lesson, &probes, &target, &setting, |finding| {
        if !args.json {
            print(&format!("{}\n", text::line(finding)));
        }
    })?;
    match args.json {
        true => {
            print(&(serde_json::to_string_pretty(&report).context("cannot write JSON")? + "\n"))
        }
        false => print(&text::summary(&report)),
    }
    Ok(report.all_hold())
}

fn find<'a>(lessons: &'a [Lesson], name: &str) -> &'a Lesson {
    let number = name.strip_prefix("lesson").unwrap_or(name).parse();
    lessons.iter().find(|lesson| number == Ok(lesson.number)).unwrap_or_else(|| {
        let names: Vec<String> =
            lessons.iter().map(|lesson| format!("lesson{:02}", lesson.number)).collect();
        wrong_usage(&format!("no probes for {name:?}: there are {}, and list", names.join(", ")))
    })
}

fn setting(args: &Args, lesson: &Lesson) -> Setting {
    let first = lesson.services.first().copied().unwrap_or(Service::Upper);
    let service = args.service.unwrap_or(first);
    let header = args.header.or(lesson.headers.first().copied()).unwrap_or_default();
    if !lesson.services.contains(&service) {
        let known = names(lesson.services);
        wrong_usage(&format!("lesson {:02} has no such service, but {known}", lesson.number));
    }
    if args.header.is_some_and(|header| !lesson.headers.contains(&header)) {
        wrong_usage(&match lesson.headers {
            [Header::None] => format!("lesson {:02} has no headers to choose from", lesson.number),
            known => {
                format!("lesson {:02} has no such header, but {}", lesson.number, names(known))
            }
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
        wrong_usage("--text is empty, and over TCP nobody can see that nothing was answered");
    }
    let (dialect, seed, patience) = (args.dialect, args.seed, args.patience);
    // Where its files are is known when the command is.
    let files = Files::default();
    Setting { service, text, header, dialect, files, seed, upstream: None, patience }
}

/// Where the files are that the program keeps: lesson 08.
fn files(args: &Args, lesson: &Lesson, target: &Target) -> Files {
    let words = match target {
        Target::Running(_) => &[][..],
        Target::Server(words) | Target::Client(words) => words,
    };
    let files = Files::of(words, args.folder.clone());
    // In this project's dialect, the judge puts what it needs on the server.
    let are_seen = target.side() == Side::Client || args.dialect == Dialect::Tutorial;
    if lesson.services.contains(&Service::Files) && are_seen && files == Files::Elsewhere {
        wrong_usage(
            "the judge has to see the program's files: write {dir} into its command, which stands for \
             a folder that is made for each probe, or name one with --folder",
        );
    }
    files
}

/// The words with which an option names these values.
fn names<T: ValueEnum>(values: &[T]) -> String {
    let names = values.iter().filter_map(ValueEnum::to_possible_value);
    names.map(|value| value.get_name().to_owned()).collect::<Vec<_>>().join(", ")
}

fn target(args: &Args, transport: Transport) -> anyhow::Result<Target> {
    match (&args.connect, &args.server, &args.client) {
        (Some(address), _, _) => Ok(Target::Running(resolve(address, transport)?)),
        (_, Some(command), _) => Ok(Target::Server(words(command, Side::Server))),
        (_, _, Some(command)) => Ok(Target::Client(words(command, Side::Client))),
        _ => wrong_usage("whom to try? Give --connect ADDR, --server COMMAND or --client COMMAND"),
    }
}

/// Where the judge is to play a proxy's upstream: lesson 06.
fn upstream(args: &Args, setting: &Setting, target: &Target) -> anyhow::Result<Option<SocketAddr>> {
    let has_place = match target {
        Target::Server(words) => words.iter().any(|word| word.contains("{upstream}")),
        Target::Running(_) | Target::Client(_) => false,
    };
    let is_tried = setting.service == Service::Relay && target.side() == Side::Server;
    if is_tried && args.upstream.is_none() && !has_place {
        wrong_usage(
            "where does the proxy lead? Write {upstream} into its command, which stands for the \
             port where the judge plays the upstream, or name that place with --upstream",
        );
    }
    args.upstream.as_deref().map(|address| first_of(address, &addresses(address)?)).transpose()
}

/// Of the addresses that a name has, the first at which somebody may listen: `localhost` is both
/// 127.0.0.1 and ::1, and a server is mostly at one of them.
fn resolve(address: &str, transport: Transport) -> anyhow::Result<SocketAddr> {
    let found = addresses(address)?;
    let listening = found.iter().find(|&&address| may_listen(transport, address));
    listening.map_or_else(|| first_of(address, &found), |&address| Ok(address))
}

/// All that a name stands for, or a port of this machine.
fn addresses(address: &str) -> anyhow::Result<Vec<SocketAddr>> {
    if let Ok(port) = address.parse::<u16>() {
        return Ok(vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]);
    }
    match address.to_socket_addrs() {
        Ok(found) => Ok(found.collect()),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => wrong_usage(&format!(
            "{address:?} is no address; write host:port, or a port of this machine, up to 65535"
        )),
        Err(error) => Err(error).with_context(|| format!("cannot find the address of {address:?}")),
    }
}

fn first_of(address: &str, found: &[SocketAddr]) -> anyhow::Result<SocketAddr> {
    found.first().copied().with_context(|| format!("{address:?} has no address"))
}

fn words(command: &str, side: Side) -> Vec<String> {
    let words = shlex::split(command).filter(|words| !words.is_empty()).unwrap_or_else(|| {
        wrong_usage(&format!("the command {command:?} is empty, or has a quotation without an end"))
    });
    if !words.iter().any(|word| word.contains("{port}")) {
        let otherwise = match side {
            Side::Server => {
                "A server that has a port of its own, start yourself, and name it with --connect"
            }
            Side::Client => "A client has to take it from its command line",
        };
        wrong_usage(&format!(
            "write {{port}} into the command: it stands for the port, another one for each probe. \
             {otherwise}"
        ));
    }
    words
}

fn patience(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("a wait of zero would end before it began".to_owned()),
        // A probe has several times as long, and no clock goes on for ever.
        Ok(duration) if duration > LONGEST => Err("an hour is the longest".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(format!("{error}; write for example 500ms or 2s")),
    }
}

fn wrong_usage(message: &str) -> ! {
    Args::command().error(ErrorKind::ValueValidation, message).exit()
}

/// Prints at once, in colour if somebody looks. If nobody reads it any more, that is no error.
fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
