//! The program around lesson 07's client: its options, the line that says how it goes, and nothing
//! that teaches.

mod program {
    mod failure;
    pub(crate) mod report;
    pub(crate) mod sending;
    mod session;
}

use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;

use clap::Parser;
use console::{ClientArgs, Usage, say};
use endpoint::Stop;
use indicatif::{ProgressBar, ProgressStyle};
use lesson07_client::{SendState, Sent, StageCounters};
use program::report::SendReport;
use program::sending::Sending;
use video::{FrameRate, Opened, Pictures, Size, Source};

language::catalogue!();

/// Video: captures, encodes and sends, and the newest frame wins.
///
/// Terminal 1: cargo run -p lesson07-server
/// Terminal 2: cargo run -p lesson07-client
///
/// With the first camera, or a film:
/// Terminal 2: cargo run -p lesson07-client -- --source camera:0
/// Terminal 2: cargo run -p lesson07-client -- --source film.mp4 --loop
///
/// Ends with its film, after --frames, or on Ctrl-C, and then says what it has sent.
#[derive(Debug, Parser)]
#[command(name = "lesson07-client", version, verbatim_doc_comment)]
struct Args {
    /// What to send: `pattern`, which moves and needs no camera, `camera:N`, or a film's file.
    #[arg(long, value_name = "SOURCE", default_value = "pattern")]
    source: Source,
    /// How good the pictures are, from 1 to 100. The tutorial's have 40.
    #[arg(long, value_name = "1..100", default_value = "40")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,
    /// How large they are, in pixels: the pattern's and a camera's 1280x720, a film's its own.
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<Size>,
    /// How many a second, or `max` for as many as can be encoded: 30, or a film's own.
    #[arg(long, value_name = "N|max")]
    fps: Option<RequestedRate>,
    /// Leave when so many have arrived at the server.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,
    /// Begin a film again where it ends.
    #[arg(long = "loop")]
    repeat: bool,
    /// How many times in a row to call again when the connection breaks, after pauses that grow from
    /// 0.1 to 5 seconds. Each frame that arrives begins the count anew. A server that was never there
    /// is not waited for.
    #[arg(long, value_name = "N", default_value = "10")]
    retries: u32,
    #[command(flatten)]
    client: ClientArgs,
}

/// How fast to film.
#[derive(Debug, Clone, Copy)]
enum RequestedRate {
    PerSecond(f64),
    Max,
}

fn main() -> ExitCode {
    console::run(8007, CATALOGUE, |args: Args| {
        if args.repeat && !matches!(args.source, Source::File(_)) {
            return Err(Usage("only a film has an end; no --loop without one".to_owned()).into());
        }
        video::silence_opencv();
        let stop = Stop::on_ctrl_c()?;
        let (pictures, rate) = open(&args)?;
        let (mut report, stages) = (SendReport::new(), Arc::new(StageCounters::default()));
        let bar = ProgressBar::new_spinner()
            .with_style(ProgressStyle::with_template("{spinner} {wide_msg}")?);
        let mut state = SendState {
            limit: args.frames.unwrap_or(u64::MAX),
            stop: &stop,
            sent: Sent::default(),
            tell: &mut |sent, delivery| {
                report.record(sent, delivery);
                bar.set_message(report.line(&stages));
            },
        };
        let Args { client, quality, retries, .. } = &args;
        let (quality, retries) = (*quality, *retries);
        let sending = Sending { client, quality, retries, rate, stages: &stages, bar: &bar };
        let outcome = sending.send(pictures, &mut state);
        let sent = state.sent;
        bar.finish_and_clear();
        if outcome.is_ok() || sent.arrived > 0 {
            say(report.summary(sent, &stages));
        }
        Ok(outcome?)
    })
}

fn open(args: &Args) -> Result<(Pictures, FrameRate), video::Error> {
    let rate = match args.fps {
        Some(RequestedRate::PerSecond(rate)) => Some(rate),
        Some(RequestedRate::Max) | None => None,
    };
    let Opened { pictures, rate } = args.source.open(args.size, rate, args.repeat)?;
    let rate = match (rate, args.fps) {
        // A camera keeps its own time whatever is wanted.
        (FrameRate::PerSecond(_), Some(RequestedRate::Max)) => FrameRate::Max,
        (rate, _) => rate,
    };
    Ok((pictures, rate))
}

impl FromStr for RequestedRate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<RequestedRate, &'static str> {
        match text.parse() {
            _ if text == "max" => Ok(RequestedRate::Max),
            Ok(rate) if (0.1..=1000.0).contains(&rate) => Ok(RequestedRate::PerSecond(rate)),
            _ => Err("write a number from 0.1 to 1000, or `max`"),
        }
    }
}

/// For clap: a width and a height such as `1280x720`.
fn size(text: &str) -> Result<Size, &'static str> {
    let side = |text: &str| text.parse().ok().filter(|side| (64..=8192).contains(side));
    match text.split_once('x').map(|(width, height)| (side(width), side(height))) {
        Some((Some(width), Some(height))) => Ok(Size { width, height }),
        _ => Err("write for example 1280x720; each side from 64 to 8192"),
    }
}
