//! The program around lesson 07's server: its options, and nothing that teaches sockets.

mod program {
    pub(crate) mod figures;
    pub(crate) mod page;
    pub(crate) mod screen;
    pub(crate) mod view;
}

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use console::ServerArgs;
use endpoint::{Address, Listener, Stop};
use lesson07_server::picture::{DEFAULT_MAX_PIXELS, Limits};
use lesson07_server::serve;
use program::figures::Figures;
use program::page::page;
use program::screen::Screen;
use program::view::ViewKind;
use video::Site;

language::catalogue!();

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
    view: Option<ViewKind>,
    /// Where the page for a browser is to be; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8087", value_parser = http_address)]
    http: Address,
    /// How many pixels a frame may have; decoded, each takes 3 bytes.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX_PIXELS)]
    max_pixels: u64,
    /// The window itself, with frames of at most so many bytes on standard input.
    #[arg(long, hide = true, value_name = "BYTES")]
    window_child: Option<usize>,
    #[command(flatten)]
    server: ServerArgs,
}

fn main() -> ExitCode {
    console::run(8007, CATALOGUE, |args: Args| {
        if let Some(max_bytes) = args.window_child {
            // Ctrl-C reaches every process at the terminal. The window's ends with the server.
            let _unheard = Stop::on_ctrl_c()?;
            return Ok(video::run_window(max_bytes)?);
        }
        let policy = args.server.policy()?;
        let server_log = args.server.log(&policy);
        let figures = Arc::new(Figures::new().context("cannot count")?);
        let counted = figures.clone();
        let site = Site {
            address: args.server.address_of(&args.http)?,
            host: args.http.to_string(),
            page: page(),
            figures: Arc::new(move || counted.as_json()),
        };
        let limits = Limits { bytes: policy.limits.max_message, pixels: args.max_pixels };
        let kind = args.view.unwrap_or_else(ViewKind::fitting);
        let stop = policy.stop.clone();
        let listener = Listener::bind(args.server.address()?, policy)?;
        let mut view = kind.open(site, limits.bytes, &stop)?;
        let screen = Screen { figures: &figures, kind, dialect: args.server.dialect, limits };
        serve(&listener, &server_log, |connection, log| screen.play(&mut view, connection, log))
            .context("cannot accept clients")
    })
}

fn http_address(text: &str) -> Result<Address, endpoint::Error> {
    Address::parse(text, HTTP_PORT)
}
