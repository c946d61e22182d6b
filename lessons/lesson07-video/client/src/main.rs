//! The program around lesson 07's client: its options, the line that says how it goes, and nothing
//! that teaches.

use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Parser;
use console::{ClientArgs, Dialect, Usage, say, warn};
use endpoint::{Connection, Stop};
use indicatif::{ProgressBar, ProgressStyle};
use lesson07_client::jpeg::Encoder;
use lesson07_client::report::{Report, Stages};
use lesson07_client::rhythm::{Rhythm, Ticks};
use lesson07_client::session::{Trouble, stay_connected};
use lesson07_client::source::{Name, Opened, Source};
use lesson07_client::{Course, Error, film, send_frames, tutorial};
use opencv::core::{LogLevel, Size, set_log_level};

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
    source: Name,
    /// How good the pictures are, from 1 to 100. The tutorial's have 40.
    #[arg(long, value_name = "1..100", default_value = "40")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,
    /// How large they are, in pixels: the pattern's and a camera's 1280x720, a film's its own.
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<Size>,
    /// How many a second, or `max` for as many as can be encoded: 30, or a film's own.
    #[arg(long, value_name = "N|max")]
    fps: Option<Speed>,
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
enum Speed {
    PerSecond(f64),
    Max,
}

fn main() -> ExitCode {
    console::run(8007, |args: Args| {
        if args.repeat && !matches!(args.source, Name::File(_)) {
            return Err(Usage("only a film has an end; no --loop without one".to_owned()).into());
        }
        // OpenCV says in several lines what this program says in one.
        _ = set_log_level(LogLevel::LOG_LEVEL_SILENT);
        let stop = Stop::on_ctrl_c()?;
        let (source, rhythm) = open(&args)?;
        let mut report = Report::default();
        let stages = Arc::new(Stages::default());
        let bar = ProgressBar::new_spinner()
            .with_style(ProgressStyle::with_template("{spinner} {wide_msg}")?);
        let mut course = Course {
            most: args.frames.unwrap_or(u64::MAX),
            stop: &stop,
            report: &mut report,
            tell: &mut |report| bar.set_message(report.line(&stages)),
        };
        let trouble = &mut |trouble: &Trouble<'_>| bar.suspend(|| warn(trouble));
        let outcome = match args.client.dialect {
            Dialect::Ours => ours(&args, source, rhythm, &stages, &mut course, trouble),
            Dialect::Tutorial => lock_step(&args, source, rhythm, &mut course, trouble),
        };
        bar.finish_and_clear();
        if outcome.is_ok() || report.arrived > 0 {
            say(report.summary(&stages));
        }
        Ok(outcome?)
    })
}

fn open(args: &Args) -> Result<(impl Source<Picture = opencv::core::Mat> + use<>, Rhythm), Error> {
    let rate = match args.fps {
        Some(Speed::PerSecond(rate)) => Some(rate),
        Some(Speed::Max) | None => None,
    };
    let Opened { pictures, rate } = args.source.open(args.size, rate, args.repeat)?;
    let rhythm = match (rate, args.fps) {
        (None, _) => Rhythm::AsTheyCome,
        (Some(_), Some(Speed::Max)) => Rhythm::AsFastAsPossible,
        (Some(rate), _) => Rhythm::PerSecond(rate),
    };
    Ok((pictures, rhythm))
}

/// This project's protocol: threads, and the newest frame wins.
fn ours(
    args: &Args,
    source: impl Source<Picture = opencv::core::Mat> + 'static,
    rhythm: Rhythm,
    stages: &Arc<Stages>,
    course: &mut Course<'_>,
    trouble: &mut dyn FnMut(&Trouble<'_>),
) -> Result<(), Error> {
    let mut encoder = Encoder::new(args.quality);
    let encode = move |picture: &_| encoder.encode(picture);
    let film = film(source, encode, rhythm, stages, course.stop)?;
    let talk = |mut connection: Connection, course: &mut Course<'_>| {
        let _watched = end_when_abandoned(course.stop, &connection);
        let hearing = connection.another();
        let observer = hearing.progress();
        let sending = &mut connection.progress();
        let outcome =
            send_frames((hearing, observer), (&mut connection, sending), &film.frames, course);
        // Whoever still waits for a word of the server will have the end of the stream instead.
        _ = connection.half_close();
        outcome
    };
    let sent = stay_connected(|| connect(args), talk, args.retries, course, trouble);
    // Why a film ended before its time is more than that its frames ended.
    film.finish().and(sent)
}

/// The tutorial's protocol: one thread, one frame at a time.
fn lock_step(
    args: &Args,
    mut source: impl Source<Picture = opencv::core::Mat>,
    rhythm: Rhythm,
    course: &mut Course<'_>,
    trouble: &mut dyn FnMut(&Trouble<'_>),
) -> Result<(), Error> {
    let (mut encoder, mut ticks) = (Encoder::new(args.quality), Ticks::new(rhythm));
    let stop = course.stop;
    let mut next = || {
        if !ticks.wait(|| stop.is_requested()) {
            return Ok(None);
        }
        source.next()?.map(|picture| encoder.encode(&picture)).transpose()
    };
    let talk = |mut connection: Connection, course: &mut Course<'_>| {
        let _watched = end_when_abandoned(course.stop, &connection);
        let mut observer = connection.progress();
        tutorial::send_frames(&mut connection, &mut observer, &mut next, course)
    };
    stay_connected(|| connect(args), talk, args.retries, course, trouble)
}

fn connect(args: &Args) -> Result<Connection, Error> {
    let connection = args.client.connect()?;
    // The end of a frame fills no segment; it is to leave all the same.
    connection.set_nodelay();
    Ok(connection)
}

/// Ends the connection when nobody waits any longer after Ctrl-C: a `send` that is blocked, because
/// the server does not read, looks at no flag. Only as long as what this returns is kept.
fn end_when_abandoned(stop: &Stop, connection: &Connection) -> Arc<()> {
    let (stop, connection, here) = (stop.clone(), connection.another(), Arc::new(()));
    let watched = Arc::downgrade(&here);
    let watch = move || {
        while watched.strong_count() > 0 {
            if stop.is_abandoned() {
                _ = connection.half_close();
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
    };
    // Without the thread, --timeout is what ends the wait.
    _ = thread::Builder::new().name("watch".to_owned()).spawn(watch);
    here
}

impl FromStr for Speed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Speed, &'static str> {
        match text.parse() {
            _ if text == "max" => Ok(Speed::Max),
            Ok(rate) if (0.1..=1000.0).contains(&rate) => Ok(Speed::PerSecond(rate)),
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
