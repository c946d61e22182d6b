//! Nothing is used up by a hundred commands. A test program of its own, because it counts what the
//! whole process holds.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::fs;
use std::time::Duration;

use command::Runner;

fn held(what: &str) -> usize {
    fs::read_dir(format!("/proc/self/{what}")).unwrap().count()
}

#[test]
fn commands_of_every_kind_leave_no_descriptor_and_no_thread() {
    let listed = Runner::default().output_limit(10_000);
    let shell = Runner::shell().time_limit(Duration::from_millis(20));
    let before = (held("fd"), held("task"));
    for _ in 0..25 {
        listed.answer(b"echo hi");
        listed.answer(b"seq 1 1000000");
        listed.answer(b"rm x");
        // The first of these runs into the time limit, with a child that has left the group and
        // holds the pipes open.
        shell.answer(b"setsid sleep 5 & sleep 60");
        shell.answer(b"no-such-program");
    }
    assert_eq!((held("fd"), held("task")), before, "descriptors and threads");
}
