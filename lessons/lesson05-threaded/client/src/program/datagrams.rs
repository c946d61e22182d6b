//! `--udp`: asks as lesson 04's client does, with pauses that grow.

use std::io::{self, ErrorKind};
use std::time::Duration;

use anyhow::{Context, bail};
use console::{ClientArgs, Printer, warn};
use lesson05_client::Backoff;
use trace::Observer;
use wire::Encoding;

/// Asks each of the requests until it is answered, or `retries` more tries were in vain.
pub(crate) fn ask(
    requests: impl Iterator<Item = io::Result<String>>,
    client: &ClientArgs,
    retries: u32,
    encoding: Encoding,
) -> anyhow::Result<()> {
    let mut socket = client.datagrams()?;
    let server = socket.peer_addr().context("cannot tell who is asked")?;
    // The first try has a wait too.
    let tries = retries.saturating_add(1);
    let longest = client.timeout.min(Duration::from_secs(5));
    let waits = Backoff::new(Duration::from_millis(250), longest, tries);
    for request in requests {
        let mut screen = Screen { printer: Printer::of_datagrams(encoding), tries: 0, retries };
        let request = request?;
        match socket.ask(request.as_bytes(), waits.clone(), &mut screen) {
            Ok(Some(_)) => {}
            Ok(None) => bail!(
                "no answer from {server} in {tries} tries: the datagrams were lost, or nobody \
                 answers there; start `cargo run -p lesson05-server -- --udp`, or ask more often \
                 with --retries"
            ),
            Err(source) if source.kind() == ErrorKind::ConnectionRefused => {
                bail!(
                    "nobody is at {server}, says its system ({source}); start a server with \
                     `cargo run -p lesson05-server -- --udp`"
                )
            }
            Err(error) => return Err(error).with_context(|| format!("cannot ask {server}")),
        }
    }
    Ok(())
}

/// What the person sees of datagrams: the answer, and each try after the first.
struct Screen {
    printer: Printer,
    tries: u32,
    retries: u32,
}

impl Observer for Screen {
    fn received(&mut self, answer: &[u8]) {
        self.printer.received(answer);
    }

    fn sent(&mut self, _: &[u8]) {
        if self.tries > 0 {
            warn(format_args!("no answer; asked again ({} of {})", self.tries, self.retries));
        }
        self.tries += 1;
    }
}
