//! Lesson 08: a file of 1 GiB got and verified, beside `md5sum` and others that move files; and the
//! most memory that either side needs, however long the file is.
//!
//! ```text
//! cargo bench -p e2e --bench files
//! cargo bench -p e2e --bench files -- --mebibytes 64 --sparse 600 --rounds 1
//! ```
//!
//! The files lie in memory (tmpfs) where there is room, so that no disk is measured. All are
//! measured in turn, in several rounds, and for each the fastest counts: whatever disturbs a round,
//! other work or a virtual machine that fetches its memory from the host, only ever adds to it.
//! Both ends of a transfer run on this machine: on one with two cores that is busy otherwise, the
//! ratio to `md5sum` says more about its other work than about them.
#![expect(
    clippy::unwrap_used,
    reason = "an error would make the benchmark worthless; the harness prints what the server said"
)]

mod contender;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use clap::{Parser, value_parser};
use contender::Contender;
use e2e::benchmark::{Usage, is_asked_for};
use e2e::{Program, Server, binary};
use tempfile::TempDir;

/// The file that is moved.
const NAME: &str = "file.bin";

/// How long the longest transfer may take.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(600);

#[derive(Parser)]
struct Options {
    /// Size of the file whose transfer is timed, in MiB.
    #[arg(long, value_name = "MIB", default_value = "1024",
          value_parser = value_parser!(u64).range(1..))]
    mebibytes: u64,
    /// Length of the sparse file for which memory is measured, in MiB.
    #[arg(long, value_name = "MIB", default_value = "5120",
          value_parser = value_parser!(u64).range(1..))]
    sparse: u64,
    /// How many times each is measured.
    #[arg(long, value_name = "N", default_value = "5",
          value_parser = value_parser!(u64).range(1..))]
    rounds: u64,
    /// What cargo gives to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    if !is_asked_for() {
        return;
    }
    let options = Options::parse();
    let size = options.mebibytes << 20;
    // The file and its copy.
    let folder = folder(2 * size);
    let md5 = make_file(&folder.path().join("sent"), size);
    let contenders: Vec<Contender> =
        Contender::ALL.into_iter().filter(|contender| contender.is_there()).collect();
    for missing in Contender::ALL.iter().filter(|contender| !contenders.contains(contender)) {
        println!("without {missing}: it is not on this machine");
    }
    let mut times: Vec<(Contender, Vec<Duration>)> =
        contenders.into_iter().map(|contender| (contender, Vec::new())).collect();
    for _ in 0..options.rounds {
        for (contender, times) in &mut times {
            times.push(contender.run(folder.path(), NAME, &md5));
        }
    }
    drop(folder);
    let ratios = table(times, &options);
    println!();
    measure_memory(options.sparse << 20);
    println!();
    ratios.iter().for_each(|ratio| println!("ratio: {ratio}"));
}

/// Prints a line for each, and returns what ours is in comparison.
fn table(times: Vec<(Contender, Vec<Duration>)>, options: &Options) -> Vec<String> {
    let Options { mebibytes, rounds, .. } = options;
    println!("{mebibytes} MiB, moved and verified; rounds: {rounds}");
    println!("{:<16}{:>8}{:>18}{:>10}{:>11}", "", "seconds", "median, highest", "MB/s", "/ md5sum");
    let rows: Vec<(Contender, [f64; 3])> = times
        .into_iter()
        .map(|(contender, mut times)| {
            times.sort();
            let middle = times.len() / 2;
            (contender, [0, middle, times.len() - 1].map(|at| times[at].as_secs_f64()))
        })
        .collect();
    let best = |whom| rows.iter().find(|row| row.0 == whom).map(|row| row.1[0]);
    for (contender, [lowest, median, highest]) in &rows {
        let rate = (mebibytes << 20) as f64 / 1e6 / lowest;
        let range = format!("{median:.2}, {highest:.2}");
        let ratio = best(Contender::Md5sum).map(|md5sum| lowest / md5sum);
        let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
        println!("{contender:<16}{lowest:>8.2}{range:>18}{rate:>10.0}{ratio:>11}");
    }
    let ours = best(Contender::Lesson).unwrap();
    let others = rows.iter().filter(|row| row.0 != Contender::Lesson);
    let ratio = |(other, [time, ..]): &(Contender, [f64; 3])| {
        format!("lesson08 / {other}, {mebibytes} MiB got and verified: time {:.2}", ours / time)
    };
    others.map(ratio).collect()
}

/// Prints the most memory that either side had for files of several lengths, got and then put.
fn measure_memory(sparse: u64) {
    println!("peak memory (VmHWM) in MiB, for a get and a put   server  client");
    for (what, size) in [("0 B", 0), ("1 B", 1), ("100 MB", 100_000_000), ("sparse", sparse)] {
        let folder = folder(2 * size);
        let [root, local] = ["root", "local"].map(|name| folder.path().join(name));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&local).unwrap();
        File::create(root.join("got")).unwrap().set_len(size).unwrap();
        let server = Server::lesson("lesson08-server", &["--root", root.to_str().unwrap()]);
        let mut command = binary("lesson08-client");
        command.args(["--connect", &server.address.to_string()]).current_dir(&local);
        let mut client = Program::start(command);
        client.type_text("get got\n");
        wait_for_file(&local.join("got"));
        fs::rename(local.join("got"), local.join("put")).unwrap();
        client.type_text("put put\n");
        wait_for_file(&root.join("put"));
        let [at_server, at_client] =
            [server.id(), client.id()].map(|id| Usage::of(id).peak as f64 / 1024.0);
        let what =
            if what == "sparse" { format!("{} MiB, sparse", size >> 20) } else { what.into() };
        println!("  {what:<48}{at_server:>6.1}{at_client:>8.1}");
        let client = client.input("").finish();
        assert_eq!((client.status, client.stderr.as_str()), (Some(0), ""));
    }
}

/// Waits until a file has its name, which it has when it is whole.
fn wait_for_file(path: &Path) {
    let given_up = Instant::now() + TRANSFER_TIMEOUT;
    while !path.exists() {
        assert!(Instant::now() < given_up, "no {} after {TRANSFER_TIMEOUT:?}", path.display());
        thread::sleep(Duration::from_millis(5));
    }
}

/// A folder in memory, if there is room for so many bytes and as many again, else in the folder for
/// temporary files; says which.
fn folder(bytes: u64) -> TempDir {
    let shared = Path::new("/dev/shm");
    let kibibytes = bytes / 1024 * 2 + 1024;
    if free(shared).is_some_and(|free| free > kibibytes)
        && available().is_some_and(|a| a > kibibytes)
    {
        return tempfile::tempdir_in(shared).unwrap();
    }
    println!("no room for {} MiB in /dev/shm: the files are on a disk", bytes >> 20);
    tempfile::tempdir().unwrap()
}

/// How many KiB are free in a file system: df(1) says it in its fourth column.
fn free(path: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(path).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// How many KiB of memory are left for programs: proc(5).
fn available() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Makes the file that is moved, in a new folder, and returns its MD5.
fn make_file(folder: &Path, size: u64) -> String {
    fs::create_dir(folder).unwrap();
    // A prime number of bytes without a pattern, repeated.
    let mut period = vec![0; 1_000_003];
    fastrand::Rng::with_seed(8).fill(&mut period);
    let mut md5 = wire::Md5::new();
    let mut file = BufWriter::new(File::create(folder.join(NAME)).unwrap());
    let mut left = size;
    while left > 0 {
        let piece = &period[..period.len().min(left as usize)];
        file.write_all(piece).unwrap();
        md5.update(piece);
        left -= piece.len() as u64;
    }
    file.flush().unwrap();
    md5.finish()
}
