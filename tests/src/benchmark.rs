//! What the benchmarks share: whether one is to run, what a server uses, and how many connections a
//! process may have.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a process uses, as proc(5) says under `/proc/PID/status`.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// The memory that it has now, in KiB: `VmRSS`.
    pub resident: u64,
    /// The most memory that it has had, in KiB: `VmHWM`.
    pub peak: u64,
    /// Its threads.
    pub threads: u64,
}

impl Usage {
    /// What the process with this id uses. The kernel's own memory, for its sockets and its threads,
    /// is not in it.
    ///
    /// # Panics
    /// When there is no such process, or no `/proc`.
    #[track_caller]
    pub fn of(id: u32) -> Usage {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim_start_matches(':').trim_end_matches("kB").trim().parse().unwrap()
        };
        Usage { resident: number("VmRSS"), peak: number("VmHWM"), threads: number("Threads") }
    }
}

/// Whether `cargo bench` has started this program, and not `cargo test --benches`, which only wants
/// to see that it starts. Says so if not.
pub fn is_asked_for() -> bool {
    // Cargo gives this option to every benchmark.
    let asked_for = std::env::args().any(|option| option == "--bench");
    if !asked_for {
        println!("nothing measured: that is for `cargo bench`, or scripts/bench");
    }
    asked_for
}

/// Raises the soft limit of open descriptors to the hard limit, also for the programs that this
/// process starts from now on, and returns it.
///
/// # Panics
/// When the system does not allow what it says that it allows.
pub fn raise_descriptor_limit() -> usize {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    maximum.and_then(|maximum| usize::try_from(maximum).ok()).unwrap_or(usize::MAX)
}
