//! The program around lesson 07's server: its options, and nothing that teaches sockets.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use anyhow::Context;
use clap::Parser;
use console::{Dialect, Log, ServerArgs};
use crossbeam_channel::bounded;
use endpoint::{Address, Connection, Listener};
use indicatif::{ProgressBar, ProgressStyle};
use lesson07_server::figures::{Figures, Sum, each_second};
use lesson07_server::picture::{Limits, MOST_PIXELS};
use lesson07_server::view::{Kind, Site, View, window};
use lesson07_server::{Error, converse, film, serve, tutorial};

/// Where the page for a browser is, unless --http says otherwise.
const HTTP_PORT: u16 = 8087;

/// Video: the client films, and this server shows, always the newest frame.
///
/// Terminal 1: cargo run -p lesson07-server
/// Terminal 2: cargo run -p lesson07-client
///
/// In a browser: cargo run -p lesson07-server -- --view browser
/// With the tutorial's camera: cargo run -p lesson07-server -- --dialect tutorial
#[derive(Debug, Parser)]
#[command(name = "lesson07-server", version, verbatim_doc_comment)]
// A camera that is silent for so long has died, and another one may want the screen.
#[command(mut_arg("idle_timeout", |idle| idle.default_value("10s")))]
struct Args {
    /// Where to show the frames [default: window where there is a display, else browser].
    #[arg(long, value_enum)]
    view: Option<Kind>,
    /// Where the page for a browser is to be; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8087", value_parser = http_address)]
    http: Address,
    /// How many pixels a frame may have; decoded, each takes 3 bytes.
    #[arg(long, value_name = "N", default_value_t = MOST_PIXELS)]
    max_pixels: u64,
    /// The window itself, with frames of at most so many bytes on standard input.
    #[arg(long, hide = true, value_name = "BYTES")]
    window_child: Option<usize>,
    #[command(flatten)]
    server: ServerArgs,
}

fn main() -> ExitCode {
    console::run(8007, |args: Args| {
        if let Some(bytes) = args.window_child {
            return window::child::run(bytes);
        }
        let policy = args.server.policy()?;
        let server_log = args.server.log(&policy);
        let figures = Arc::new(Figures::new().context("cannot count")?);
        let site = Site {
            address: args.server.check(&args.http)?,
            host: args.http.to_string(),
            figures: figures.clone(),
        };
        let limits = Limits { bytes: policy.limits.max_message, pixels: args.max_pixels };
        let kind = args.view.unwrap_or_else(Kind::fitting);
        let stop = policy.stop.clone();
        let listener = Listener::bind(args.server.address()?, policy)?;
        let mut view = kind.open(site, limits, &stop)?;
        let screen = Screen { figures: &figures, kind, dialect: args.server.dialect, limits };
        serve(&listener, &server_log, |connection, log| screen.play(view.as_mut(), connection, log))
            .context("cannot accept clients")
    })
}

fn http_address(text: &str) -> Result<Address, endpoint::Error> {
    Address::parse(text, HTTP_PORT)
}

/// What is the same for every film.
struct Screen<'a> {
    figures: &'a Figures,
    kind: Kind,
    dialect: Dialect,
    limits: Limits,
}

impl Screen<'_> {
    /// One film, with its figures said once a second.
    fn play(
        &self,
        view: &mut dyn View,
        connection: &mut Connection,
        log: &Log,
    ) -> Result<(), Error> {
        let figures = self.figures;
        // A line for each frame would say too much.
        let mut progress = connection.progress();
        figures.begin();
        let outcome = thread::scope(|scope| {
            // Dropped when the film is over, which ends the thread.
            let (_over, is_over) = bounded(0);
            let line = Line::new(self.kind, log);
            let thread = thread::Builder::new().name("figures".to_owned());
            thread
                .spawn_scoped(scope, move || each_second(figures, &is_over, |sum| line.say(sum)))
                .map_err(|source| Error::Setup { what: "a thread for figures", source })?;
            film(view, figures, |take| match self.dialect {
                Dialect::Ours => converse(connection, &self.limits, take, &mut progress),
                Dialect::Tutorial => {
                    tutorial::converse(connection, &self.limits, take, &mut progress)
                }
            })
        });
        let sum = figures.end();
        if sum.received > 0 {
            log.note(sum.as_film());
        }
        outcome
    }
}

/// Where a second's figures are said.
enum Line<'a> {
    /// At a terminal: one line that changes.
    Terminal(ProgressBar),
    /// Into a file or a pipe, where nothing else is shown.
    Lines(&'a Log),
    Nowhere,
}

impl Line<'_> {
    fn new(kind: Kind, log: &Log) -> Line<'_> {
        // The line is drawn on standard error, and both may be one terminal.
        if std::io::stdout().is_terminal() {
            let bar = ProgressBar::no_length();
            // The template is this one, and right.
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                bar.set_style(style);
            }
            return Line::Terminal(bar);
        }
        match kind {
            Kind::None => Line::Lines(log),
            Kind::Window | Kind::Browser => Line::Nowhere,
        }
    }

    fn say(&self, sum: &Sum) {
        match self {
            Line::Terminal(bar) => bar.set_message(sum.as_rates()),
            Line::Lines(log) => log.note(sum.as_rates()),
            Line::Nowhere => {}
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if let Line::Terminal(bar) = self {
            bar.finish_and_clear();
        }
    }
}
