//! Orphans of which nothing shows who has started them: alone in a test process, since they are taken for
//! those of the process that ends last.
#![cfg(target_os = "linux")]

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
