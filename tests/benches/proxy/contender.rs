//! The proxies that are measured, each a process of its own (socat: one more for each connection).

use std::fmt;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

use e2e::benchmark::Usage;
use e2e::{Program, Server, Signal, root};
use rustix::io::{FdFlags, fcntl_setfd};
use socket2::SockRef;

/// How many clients may wait in an accept queue: more than there are.
const BACKLOG: i32 = 4096;

/// What makes socat's buffer as large as the relay's.
const LARGE: [&str; 2] = ["-b", "65536"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    /// No proxy: the limit of this load on this machine.
    Direct,
    /// Lesson 06, `--engine relay`.
    Relay,
    /// Lesson 06, `--engine threads`.
    Threads,
    Haproxy,
    /// socat as it comes, with a buffer of 8 KiB.
    Socat,
    /// socat with a buffer as large as the relay's.
    SocatLarge,
}

/// A contender that runs, and leads to an upstream.
pub(crate) struct Running {
    /// Where clients come in.
    pub(crate) address: SocketAddr,
    process: Process,
}

enum Process {
    Nobody,
    Lesson(Server),
    /// What asks it to end, and with which status it does.
    Other(Program, Signal, i32),
}

impl Contender {
    pub(crate) const ALL: [Contender; 6] = [
        Contender::Direct,
        Contender::Relay,
        Contender::Threads,
        Contender::Haproxy,
        Contender::Socat,
        Contender::SocatLarge,
    ];

    /// Whether this machine has it.
    pub(crate) fn is_there(self) -> bool {
        let ask = match self {
            Contender::Direct | Contender::Relay | Contender::Threads => return true,
            Contender::Haproxy => ["haproxy", "-v"],
            Contender::Socat | Contender::SocatLarge => ["socat", "-V"],
        };
        let [name, version] = ask;
        let asked = Command::new(name).arg(version).stdout(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    }

    pub(crate) fn start(self, upstream: SocketAddr) -> Running {
        match self {
            Contender::Direct => Running { address: upstream, process: Process::Nobody },
            Contender::Relay => lesson("relay", upstream),
            Contender::Threads => lesson("threads", upstream),
            Contender::Haproxy => haproxy(upstream),
            Contender::Socat => socat(&[], upstream),
            Contender::SocatLarge => socat(&LARGE, upstream),
        }
    }
}

fn lesson(engine: &str, upstream: SocketAddr) -> Running {
    let upstream = upstream.to_string();
    let args = ["--upstream", &upstream, "--engine", engine, "--quiet"];
    let server = Server::lesson("lesson06-server", &args);
    Running { address: server.address, process: Process::Lesson(server) }
}

/// HAProxy does not say on which free port it listens, so it is given a socket that does already:
/// clients may come before it runs.
fn haproxy(upstream: SocketAddr) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    SockRef::from(&listener).listen(BACKLOG).unwrap();
    // It outlives the start of another program, and that is this one: ours is closed behind it.
    fcntl_setfd(&listener, FdFlags::empty()).unwrap();
    let mut command = Command::new("haproxy");
    command.args(["-db", "-f"]).arg(root().join("tests/benches/proxy/haproxy.cfg"));
    command.env("LISTENER", listener.as_raw_fd().to_string());
    command.env("UPSTREAM", upstream.to_string());
    let address = listener.local_addr().unwrap();
    // USR1 lets it end its connections, of which none is left.
    let process = Process::Other(Program::start(command), Signal::USR1, 0);
    Running { address, process }
}

/// It makes a process for each client.
fn socat(options: &[&str], upstream: SocketAddr) -> Running {
    let mut command = Command::new("socat");
    // Twice -d: it says where it listens.
    command.args(["-d", "-d"]).args(options).args([
        format!("TCP4-LISTEN:0,bind=127.0.0.1,backlog={BACKLOG},fork,nodelay"),
        format!("TCP4:{upstream},nodelay"),
    ]);
    let program = Program::start(command);
    let line = program.wait_for_error("listening on ");
    let address = line.split_whitespace().last().unwrap().parse().unwrap();
    // 128 and the number of the signal is the status of whoever ends because of it.
    Running { address, process: Process::Other(program, Signal::TERM, 128 + 15) }
}

impl Running {
    /// The most memory that it has had, in MiB; `None` if there is no proxy. What several processes
    /// share is counted for each of them.
    pub(crate) fn memory(&self) -> Option<f64> {
        let id = match &self.process {
            Process::Nobody => return None,
            Process::Lesson(server) => server.id(),
            Process::Other(program, ..) => program.id(),
        };
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let children = children.split_whitespace().map(|child| child.parse().unwrap());
        let peaks = children.chain([id]).map(|id| Usage::of(id).peak);
        Some(peaks.sum::<u64>() as f64 / 1024.0)
    }

    /// Ends it, once its clients have left.
    pub(crate) fn end(self) {
        match self.process {
            Process::Nobody => {}
            Process::Lesson(server) => {
                assert_eq!(server.stop().status, Some(0), "after Ctrl-C");
            }
            Process::Other(program, signal, status) => {
                program.signal(signal);
                assert_eq!(program.finish().status, Some(status), "after {signal:?}");
            }
        }
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Contender::Direct => "direct",
            Contender::Relay => "relay",
            Contender::Threads => "threads",
            Contender::Haproxy => "HAProxy",
            Contender::Socat => "socat",
            Contender::SocatLarge => "socat -b 65536",
        })
    }
}
