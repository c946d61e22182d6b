//! The program around the server: its options, the browser that it opens, and its end.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches, Parser};
use language::{Language, command_line};
use rust_i18n::t;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::guard::Lab;
use crate::server::serve;

/// The options. Their help is spoken in the reader's language, so it stands in [`command`].
#[derive(Debug, Parser)]
#[command(name = "lab", version)]
struct Args {
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8017", value_parser = loopback)]
    listen: SocketAddr,
    #[arg(long)]
    no_open: bool,
    #[arg(long, value_name = "LANG")]
    lang: Option<Language>,
}

fn command() -> clap::Command {
    let about = t!(
        "Foretell what recv returns, run it on your own sockets, and see: a page on this machine.\n\n    cargo run -p lab                      opens the page in your browser\n    cargo run -p lab -- --no-open         only says where it is\n\nCtrl-C ends it."
    );
    let help = |text: Cow<'static, str>| move |arg: clap::Arg| arg.help(text.into_owned());
    Args::command()
        .about(about.into_owned())
        .mut_arg(
            "listen",
            help(t!(
                "Where the page is served: a loopback address, as others have no business here"
            )),
        )
        .mut_arg("no_open", help(t!("Do not open a browser")))
        .mut_arg(
            "lang",
            help(t!("The language of the page at first, and of what is printed: en or zh")),
        )
}

/// How long plays may go on after Ctrl-C.
const LAST_PLAYS: Duration = Duration::from_secs(2);

/// `host:port`, or a port alone.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let text =
        if text.parse::<u16>().is_ok() { format!("127.0.0.1:{text}") } else { text.to_owned() };
    let text = text.replacen("localhost:", "127.0.0.1:", 1);
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(address),
        Ok(_) => {
            Err(t!("the lab serves this machine only: write 127.0.0.1 and a port").into_owned())
        }
        Err(_) => Err(t!("no address: write 127.0.0.1:8017, or a port alone").into_owned()),
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let asked = Language::in_arguments(std::env::args_os());
    language::speak(Language::of_reader(asked));
    let matches = command_line::translated(command()).try_get_matches();
    let args = matches.and_then(|matches| Args::from_arg_matches(&matches));
    let args = args.unwrap_or_else(|error| command_line::exit(&error));
    // Given behind `--`, say, it is not found above.
    language::speak(Language::of_reader(args.lang));
    let done = Runtime::new().context("cannot start the runtime").and_then(|runtime| {
        let done = runtime.block_on(run(&args));
        runtime.shutdown_timeout(LAST_PLAYS);
        done
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> anyhow::Result<()> {
    let listener = TcpListener::bind(args.listen).await.with_context(|| {
        let address = args.listen;
        t!("cannot listen on %{address}: is a lab open already? Else choose a free port: --listen 0", address = address)
            .into_owned()
    })?;
    let address = listener.local_addr().context("the system does not say where it listens")?;
    let lab = Lab::new(address, language::spoken()).context("cannot make a secret")?;
    let page = format!("http://{address}/");
    _ = writeln!(io::stdout(), "listening on {address}")
        .and_then(|()| {
            writeln!(
                io::stdout(),
                "{}",
                t!("open %{page} in a browser; Ctrl-C ends the lab", page = page)
            )
        })
        .and_then(|()| io::stdout().flush());
    if !args.no_open && io::stdout().is_terminal() && opener::open(&page).is_err() {
        _ = writeln!(
            io::stderr(),
            "{}",
            t!("no browser could be opened: open the address yourself")
        );
    }
    tokio::select! {
        () = serve(listener, lab) => Ok(()),
        stopped = tokio::signal::ctrl_c() => stopped.context("cannot wait for Ctrl-C"),
    }
}
