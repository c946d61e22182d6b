//! The ways to send a film, and the links on which it travels.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use e2e::benchmark::Usage;
use e2e::{Program, Server, Signal, cargo, python, root};

use crate::Slow;
use crate::film::Film;

/// How to send a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Lesson 07.
    Ours,
    /// Lesson 07 with `--dialect tutorial`: lock step.
    LockStep,
    /// The same in Python, as the tutorial has it.
    Python,
}

/// What is between the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// Nothing.
    Direct,
    /// 20 ms each way.
    Latency,
    /// 1 MiB a second.
    Slow,
}

/// How fast frames come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As a camera's: the film's own speed.
    Camera,
    /// As fast as they can be encoded.
    Most,
}

/// Makes a film to send: its width and its height in pixels.
pub(crate) fn make_film(file: &Path, size: [u32; 2]) {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "lesson07-client"]);
    command.args(["--example", "film", "--"]).arg(file);
    command.args(size.map(|side| side.to_string()));
    let status = command.status().unwrap();
    assert!(status.success(), "the film cannot be made: {command:?}");
}

impl Way {
    /// The first is divided by the others.
    pub(crate) const ALL: [Way; 3] = [Way::Ours, Way::LockStep, Way::Python];

    /// Whether this machine has it. Says so if not.
    pub(crate) fn is_there(self) -> bool {
        if self != Way::Python {
            return true;
        }
        let mut command = Command::new("python3");
        command.args(["-c", "import cv2"]).stderr(Stdio::null());
        let found = command.status().is_ok_and(|status| status.success());
        if !found {
            println!(
                "\npython3 has no cv2 (python3-opencv), so the tutorial's own way is not measured"
            );
        }
        found
    }

    /// Sends the film over and over, for so long.
    pub(crate) fn run(self, link: Link, file: &Path, time: Duration) -> Film {
        let server = self.server();
        let proxy = link.between(server.address);
        let client = self.client(proxy.as_ref().unwrap_or(&server).address, file, Pace::Most);
        thread::sleep(time);
        self.end(client, server)
    }

    fn server(self) -> Server {
        let options: &[&str] = match self {
            Way::Ours => &["--view", "none"],
            Way::LockStep => &["--view", "none", "--dialect", "tutorial"],
            Way::Python => return Server::start(original(&["server"])),
        };
        Server::lesson("lesson07-server", options)
    }

    fn client(self, server: SocketAddr, file: &Path, pace: Pace) -> Program {
        let file = file.to_str().unwrap();
        let fps: &[&str] = if pace == Pace::Most { &["--fps", "max"] } else { &[] };
        let source = [&["--source", file, "--loop"], fps].concat();
        match self {
            Way::Ours => Program::client("lesson07-client", server, &source),
            Way::LockStep => {
                let options = [&source[..], &["--dialect", "tutorial"]].concat();
                Program::client("lesson07-client", server, &options)
            }
            Way::Python => Program::start(original(&["client", &server.port().to_string(), file])),
        }
    }

    /// Ends the client, and returns what the server says of its film.
    fn end(self, client: Program, server: Server) -> Film {
        client.signal(Signal::INT);
        assert_eq!(client.finish().status, Some(0), "after Ctrl-C");
        let line = server.wait_for_line("film: ");
        let mut film = Film::parse(&line);
        if self == Way::Python {
            // It decodes all that come, and does not say so.
            film.shown = film.received;
        } else {
            assert_eq!(server.stop().status, Some(0), "after Ctrl-C");
        }
        film
    }
}

/// Sends the film through the slow link, for so long.
pub(crate) fn run_slow(file: &Path, pace: Pace, time: Duration) -> Slow {
    /// The time until the programs have what they need: then the memory of the start is measured.
    const WARM_UP: Duration = Duration::from_secs(2);
    let server = Way::Ours.server();
    let proxy = Link::Slow.between(server.address).unwrap();
    let client = Way::Ours.client(proxy.address, file, pace);
    let usage = || [client.id(), proxy.id(), server.id()].map(Usage::of);
    thread::sleep(WARM_UP);
    let start = usage();
    thread::sleep(time.saturating_sub(WARM_UP));
    let end = usage();
    let names = ["lesson07-client", "lesson06-server", "lesson07-server"];
    let memory = names.into_iter().zip(start.into_iter().zip(end).map(|(start, end)| [start, end]));
    let memory = memory.collect();
    Slow { film: Way::Ours.end(client, server), memory }
}

fn original(args: &[&str]) -> Command {
    let mut command = python(&root().join("tests/benches/video/original.py"));
    command.args(args);
    command
}

impl Link {
    /// A proxy that does to the bytes what this link does.
    fn between(self, upstream: SocketAddr) -> Option<Server> {
        let fault = match self {
            Link::Direct => return None,
            Link::Latency => "latency=20ms",
            Link::Slow => "rate=1MiB",
        };
        let upstream = upstream.to_string();
        let options = ["--quiet", "--upstream", &upstream, "--fault", fault];
        Some(Server::lesson("lesson06-server", &options))
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Way::Ours => "lesson 07",
            Way::LockStep => "--dialect tutorial",
            Way::Python => "Python",
        })
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Pace::Camera => "30 frames/s",
            Pace::Most => "--fps max",
        })
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Link::Direct => "loopback",
            Link::Latency => "20 ms each way",
            Link::Slow => "1 MiB/s",
        })
    }
}
