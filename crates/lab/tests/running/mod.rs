//! A lab that runs, and the requests that one sends it.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use process::Process;

/// A lab on a free port.
pub(crate) struct Lab {
    pub(crate) program: Process,
    /// Where it listens: host and port.
    pub(crate) address: String,
    pub(crate) token: String,
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(options).env("SOCKET_LANG", "en");
    command
}

/// Runs a lab that cannot start; gives its exit status and what it said.
pub(crate) fn fails(options: &[&str]) -> (Option<i32>, String) {
    let finished = process::run(command(options), "", soon()).unwrap();
    (finished.status, finished.stderr)
}

impl Lab {
    pub(crate) fn start(options: &[&str]) -> Lab {
        let program =
            Process::start(command(&[&["--listen", "0", "--no-open"], options].concat())).unwrap();
        let address = program
            .wait_for(soon(), |output| {
                let first = output.stdout.lines().next()?;
                first.strip_prefix("listening on ").map(ToOwned::to_owned)
            })
            .unwrap();
        let mut lab = Lab { program, address, token: String::new() };
        let page = lab.page("");
        let (_, rest) = page.split_once("name=\"lab-token\" content=\"").unwrap();
        lab.token = rest.split('"').next().unwrap().to_owned();
        lab
    }

    /// Sends these bytes; gives the answer's status and its body.
    pub(crate) fn ask(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// Has this played, as the page does it.
    pub(crate) fn play(&self, wanted: &str) -> (u16, String) {
        self.ask(&post(&self.address, &format!("x-lab-token: {}\r\n", self.token), wanted))
    }

    pub(crate) fn page(&self, query: &str) -> String {
        let request = format!("GET /{query} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        let (status, page) = self.ask(&request);
        assert_eq!(status, 200, "{page}");
        page
    }
}

/// A POST with these headers, a line each.
pub(crate) fn post(host: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /play HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}
