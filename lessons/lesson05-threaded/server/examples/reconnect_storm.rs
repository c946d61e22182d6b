//! What a client does that tries again without a pause.
//!
//! `cargo run -p lesson05-server --example reconnect_storm`
//!
//! Claim: at least 200 attempts in 200 ms at a port where nobody listens; with pauses that
//! double, from 100 ms on, at most 3. The tutorial's clients that reconnect have no pause.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use console::{claim, here, why};
use socket2::{Domain, Socket, Type};

language::catalogue!();

/// How long each client tries.
const WINDOW: Duration = Duration::from_millis(200);
/// The pause after the first refusal; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// How many attempts within the window are a storm.
const STORM: usize = 200;
/// When a call that should succeed is given up.
const DEADLINE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "in {WINDOW:?} a client without a pause tries at least {STORM} times;\n\
         with pauses that double, from {FIRST_PAUSE:?} on, at most 3 times"
    );
    if cfg!(windows) {
        here!(
            "not visible on this system: Windows itself tries a refused port again,\n\
             for two seconds, before it tells the program"
        );
        return Ok(());
    }

    // Bound, so that nobody else can have the port, but without listen: who connects is refused.
    let closed = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    closed.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    let address = closed.local_addr()?.as_socket().context("no address")?;

    // A busy machine may take the processor away for a while, so there is more than one window.
    let mut without = 0;
    for _ in 0..4 {
        without = without.max(attempts(address, Duration::ZERO)?);
        if without >= STORM {
            break;
        }
    }
    here!("without a pause: {without} attempts");
    ensure!(without >= STORM, "there should be a storm");
    let with = attempts(address, FIRST_PAUSE)?;
    here!("with pauses:     {with} attempts");
    ensure!((1..=3).contains(&with), "there should be few attempts");

    why!(
        "a refusal comes back at once, so a loop without a pause is as fast as\n\
         the processor: it takes a core for itself, and the server is met by a\n\
         storm when it comes back. Ten tries are over before it can be back.\n\
         Pauses that double are soon long enough for a restart, and a random part\n\
         in them keeps a thousand clients from calling at the same moment"
    );
    Ok(())
}

/// How often a client tries within the window, if after each refusal it waits `pause`, and then
/// twice as long each time.
fn attempts(address: SocketAddr, mut pause: Duration) -> anyhow::Result<usize> {
    let begun = Instant::now();
    let mut attempts = 0;
    while begun.elapsed() < WINDOW {
        match TcpStream::connect_timeout(&address, DEADLINE) {
            Ok(_) => bail!("connected to {address}, where nobody listens"),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => attempts += 1,
            Err(error) => return Err(error).context("the connection was not refused"),
        }
        thread::sleep(pause);
        pause *= 2;
    }
    Ok(attempts)
}
