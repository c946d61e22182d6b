//! Orphans of which nothing shows who has started them: alone in a test process, since they are taken for
//! those of the process that ends last.
#![cfg(target_os = "linux")]

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use process::Process;

#[test]
fn a_daemon_with_an_environment_of_its_own_is_ended_too() {
    let mut command = Command::new("sh");
    command.args(["-c", "env -i setsid sh -c 'echo $$; exec sleep 600' &"]);
    let soon = Instant::now() + Duration::from_secs(30);
    let process = Process::start(command).unwrap();
    process.wait(soon).unwrap();
    let daemon = process.wait_for(soon, |output| output.stdout.lines().next()).unwrap();
    assert!(Path::new("/proc").join(&daemon).exists());
    drop(process);
    assert!(!Path::new("/proc").join(&daemon).exists(), "process {daemon} still runs");
}

/// There getsid(2) answers 0, which is no process: so in a container into which somebody has come from
/// outside, as CI does.
#[test]
fn a_daemon_is_ended_where_the_session_has_begun_outside_of_the_pid_namespace() {
    let in_namespace = |program: &OsStr| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]).arg(program);
        command
    };
    let is_permitted = in_namespace("true".as_ref()).output().is_ok_and(|it| it.status.success());
    if !is_permitted {
        eprintln!("not run: this user may not make a PID namespace with unshare(1)");
        return;
    }
    let mut command = in_namespace(env::current_exe().unwrap().as_os_str());
    command.args(["--exact", "a_daemon_with_an_environment_of_its_own_is_ended_too"]);
    let output = command.output().unwrap();
    let (stdout, stderr) = (&output.stdout, &output.stderr);
    let printed = [stdout.as_slice(), stderr].map(String::from_utf8_lossy).concat();
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}
