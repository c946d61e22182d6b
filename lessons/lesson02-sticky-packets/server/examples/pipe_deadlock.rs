//! How a server and the command that it runs wait for each other.
//!
//! `cargo run -p lesson02-server --example pipe_deadlock`
//!
//! Claim: who reads a command's standard output to its end first is stuck when the command writes
//! more to standard error than a pipe holds. The tutorial's servers do that.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use console::{claim, here, why};

language::catalogue!();

/// More than a pipe holds anywhere: that is 16 pages of memory, 64 KiB on most machines.
const STDERR: usize = 2 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    claim!(
        "a command that writes much to standard error blocks for ever if its\n\
         standard output is read to the end first"
    );
    if cfg!(not(unix)) {
        here!("not visible on this system: the command is one for a Unix shell");
        return Ok(());
    }

    let mut child = Command::new("sh")
        .args(["-c", &format!("head -c {STDERR} /dev/zero >&2; echo done")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start sh")?;
    let shown = show(&mut child);
    let _ = child.kill(); // has ended already, if all went well
    child.wait()?;
    shown?;

    why!(
        "a pipe holds 64 KiB on most machines. The command waits for somebody to\n\
         empty standard error, and who should do it waits for the end of standard\n\
         output, which comes when the command ends. Read both at once:\n\
         communicate() in Python, output() in Rust, crates/command here"
    );
    Ok(())
}

fn show(child: &mut Child) -> anyhow::Result<()> {
    let mut stdout = child.stdout.take().context("no pipe for standard output")?;
    let mut stderr = child.stderr.take().context("no pipe for standard error")?;

    // The tutorial's order: standard output to its end. In a thread, so that we can stop waiting.
    let (sender, end_of_stdout) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let _ = sender.send(stdout.read_to_string(&mut text).map(|_| text));
    });
    let wait = Duration::from_millis(300);
    let stuck = end_of_stdout.recv_timeout(wait).is_err();
    let running = child.try_wait()?.is_none();
    here!("after {wait:?}: reader waiting: {stuck}, command running: {running}");
    ensure!(stuck && running, "reader and command should both be waiting");

    // One read takes what the pipe holds; the others let the command go on.
    let held = stderr.read(&mut vec![0; STDERR])?;
    here!("held by the pipe of standard error: {held} bytes");
    let drained = u64::try_from(held)? + io::copy(&mut stderr, &mut io::sink())?;
    let text = end_of_stdout.recv_timeout(PATIENCE).context("still no end")??;
    let status = child.wait()?;
    here!("drained: {drained} bytes; then standard output: {text:?}; {status}");
    ensure!(text == "done\n" && status.success(), "the command should finish");
    ensure!(drained == u64::try_from(STDERR)?, "all of standard error should have come");
    Ok(())
}
