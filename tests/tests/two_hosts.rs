//! The lessons between two machines: two network namespaces with a cable (a veth pair) between them. That needs
//! root on Linux; without it each test says that it was not run.
//!
//! A namespace lives as long as a process in it. Its keeper reads from a pipe which this test holds open, and when
//! that is closed it ends whoever else is there. So all is gone with the test, however it ends, and the machine's
//! own network is never touched: even the cable is made inside.
#![cfg(target_os = "linux")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails with the line that unwraps")]

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use e2e::{Finished, Program, Server, binary, has_opencv};

/// What both ends of the cable are called.
const CABLE: &str = "cable0";

/// Says that it is there, waits for the end of its input, and then ends all in its namespace but itself.
const KEEPER: &str = r#"
    echo ready
    cat
    own=$(readlink /proc/$$/ns/net)
    for process in /proc/[0-9]*; do
        id=${process#/proc/}
        if [ "$id" != $$ ] && [ "$(readlink "$process/ns/net")" = "$own" ]; then
            kill -9 "$id"
        fi
    done 2>/dev/null
"#;

/// A machine: the process that keeps its namespace alive.
struct Host(Child);

/// Two machines and the cable between them.
struct Hosts {
    client: Host,
    server: Host,
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        _ = self.0.wait();
    }
}

impl Host {
    /// A machine without a network; or why there is none.
    fn new() -> Result<Host, String> {
        let mut command = Command::new("unshare");
        command.args(["--net", "sh", "-c", KEEPER]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut host = Host(command.spawn().map_err(|error| format!("unshare: {error}"))?);
        let mut ready = [0; 6];
        let stdout = host.0.stdout.as_mut().unwrap();
        match std::io::Read::read_exact(stdout, &mut ready) {
            Ok(()) => Ok(host),
            Err(_) => Err("unshare --net is not allowed here: it needs root".to_owned()),
        }
    }

    /// This command, on this machine.
    fn on(&self, command: &Command) -> Command {
        let mut there = Command::new("nsenter");
        there.arg(format!("--net=/proc/{}/ns/net", self.0.id()));
        there.arg("--").arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => there.env(name, value),
                None => there.env_remove(name),
            };
        }
        there
    }

    /// Runs a line of the shell on this machine.
    fn try_shell(&self, line: &str) -> Result<(), String> {
        let mut command = Command::new("sh");
        command.args(["-ec", line]);
        let done = self.on(&command).output().map_err(|error| format!("nsenter: {error}"))?;
        match done.status.success() {
            true => Ok(()),
            false => Err(format!("{line}: {}", String::from_utf8_lossy(&done.stderr).trim())),
        }
    }

    #[track_caller]
    fn shell(&self, line: &str) {
        self.try_shell(line).unwrap_or_else(|error| panic!("{error}"));
    }
}

impl Hosts {
    /// Both machines with an address of each family; `None`, and a line that says why, where there can be none.
    fn new() -> Option<Hosts> {
        match Hosts::build() {
            Ok(hosts) => Some(hosts),
            Err(why) => {
                eprintln!("not run: two hosts: {why}");
                None
            }
        }
    }

    fn build() -> Result<Hosts, String> {
        let hosts = Hosts { client: Host::new()?, server: Host::new()? };
        for host in [&hosts.client, &hosts.server] {
            // Nobody else is there who could have the same address, so nobody waits to find that out.
            host.try_shell(
                "echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad; ip link set lo up",
            )?;
        }
        let peer = hosts.server.0.id();
        hosts
            .client
            .try_shell(&format!("ip link add {CABLE} type veth peer name {CABLE} netns {peer}"))?;
        for (host, number) in [(&hosts.client, 1), (&hosts.server, 2)] {
            host.try_shell(&format!(
                "echo 1 >/proc/sys/net/ipv6/conf/{CABLE}/keep_addr_on_down; \
                 ip address add 10.9.8.{number}/24 dev {CABLE}; \
                 ip address add fd00::{number}/64 dev {CABLE} nodad; \
                 ip address add fe80::{number}/64 dev {CABLE} nodad; ip link set {CABLE} up"
            ))?;
        }
        Ok(hosts)
    }

    /// A server on the machine of the servers, and the address by which a client reaches it.
    fn serve(&self, name: &str, ip: &str, options: &[&str]) -> (Server, String) {
        let mut command = binary(name);
        let listen = format!("{}:0", in_brackets(ip));
        command.args(["--listen", &listen, "--expose"]).args(options);
        let server = Server::start(self.server.on(&command));
        let address = format!("{}:{}", in_brackets(ip), server.address.port());
        (server, address)
    }

    fn client(&self, name: &str, address: &str, options: &[&str]) -> Program {
        let mut command = binary(name);
        command.args(["--connect", address]).args(options);
        Program::start(self.client.on(&command))
    }

    fn cable(&self, state: &str) {
        self.server.shell(&format!("ip link set {CABLE} {state}"));
    }
}

fn in_brackets(ip: &str) -> String {
    if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() }
}

/// Each family's address of the server; the one of the link alone has a zone, the name of the cable.
const ADDRESSES: [&str; 3] = ["10.9.8.2", "fd00::2", "fe80::2%cable0"];

/// Options of both ends, a question, and what the client shows of the answer.
const DIALOGUES: [(&str, &[&str], &str, &str); 6] = [
    ("lesson01", &[], "hello", "HELLO"),
    ("lesson02", &[], "echo hi", "hi"),
    ("lesson03", &[], "echo hi", "hi"),
    ("lesson03", &["--header", "json"], "echo hi", "hi"),
    ("lesson04", &[], "hello", "HELLO"),
    ("lesson05", &["--service", "upper"], "hello", "HELLO"),
];

#[track_caller]
fn assert_says(client: &Finished, answer: &str) {
    assert_eq!((client.stdout.trim_end(), client.status), (answer, Some(0)), "{}", client.stderr);
}

/// Asks each lesson over `ip`, and moves a file in either way.
fn try_all(hosts: &Hosts, ip: &str, size: usize) {
    for (lesson, options, question, answer) in DIALOGUES {
        let (server, address) = hosts.serve(&format!("{lesson}-server"), ip, options);
        let client = hosts.client(&format!("{lesson}-client"), &address, options);
        assert_says(&client.input(&format!("{question}\n")).finish(), answer);
        assert_eq!(server.stop().status, Some(0));
    }
    let (echo, upstream) = hosts.serve("lesson05-server", ip, &["--model", "event"]);
    let (proxy, address) = hosts.serve("lesson06-server", ip, &["--upstream", &upstream]);
    let client = hosts.client("lesson05-client", &address, &[]);
    assert_says(&client.input("hello\n").finish(), "HELLO");
    drop((proxy, echo));
    if has_opencv() {
        let (_film, address) = hosts.serve("lesson07-server", ip, &["--view", "none"]);
        let options = ["--size", "64x64", "--frames", "5"];
        let done = hosts.client("lesson07-client", &address, &options).finish();
        assert_eq!(done.status, Some(0), "{}", done.stderr);
    }
    move_files(hosts, ip, size);
    send_reliably(hosts, ip, size, &[]);
}

fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|place| (place / 3) as u8).collect()
}

fn in_utf8(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn move_files(hosts: &Hosts, ip: &str, size: usize) {
    let place = tempfile::tempdir().unwrap();
    let [root, ours, back] = ["root", "ours", "back"].map(|name| place.path().join(name));
    fs::create_dir(&back).unwrap();
    fs::write(&ours, bytes(size)).unwrap();
    let (_server, address) = hosts.serve("lesson08-server", ip, &["--root", in_utf8(&root)]);
    for words in [&["put", in_utf8(&ours)][..], &["--into", in_utf8(&back), "get", "ours"]] {
        let done = hosts.client("lesson08-client", &address, words).finish();
        assert_eq!(done.status, Some(0), "{}", done.stderr);
    }
    assert!(fs::read(back.join("ours")).unwrap() == bytes(size), "another file has come back");
}

fn send_reliably(hosts: &Hosts, ip: &str, size: usize, options: &[&str]) {
    let place = tempfile::tempdir().unwrap();
    let [root, ours] = ["root", "ours"].map(|name| place.path().join(name));
    fs::write(&ours, bytes(size)).unwrap();
    let options = [&["--root", in_utf8(&root)], options].concat();
    let (_server, address) = hosts.serve("lesson09-server", ip, &options);
    let done = hosts.client("lesson09-client", &address, &["send", in_utf8(&ours)]).finish();
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    assert!(fs::read(root.join("ours")).unwrap() == bytes(size), "another file has arrived");
}

#[test]
fn every_lesson_speaks_over_ipv4_ipv6_and_an_address_of_the_link_alone() {
    let Some(hosts) = Hosts::new() else { return };
    ADDRESSES.iter().for_each(|ip| try_all(&hosts, ip, 100_000));
}

#[test]
fn a_server_on_all_addresses_answers_a_datagram_from_the_one_it_was_sent_to() {
    let Some(hosts) = Hosts::new() else { return };
    // The system would choose the first address for an answer.
    let second = format!(
        "ip address add 10.9.8.22/24 dev {CABLE}; ip address add fd00::22/64 dev {CABLE} nodad"
    );
    hosts.server.shell(&second);
    for (all, ip) in [("0.0.0.0", "10.9.8.22"), ("::", "fd00::22"), ("0.0.0.0", "10.9.8.2")] {
        let (server, _) = hosts.serve("lesson04-server", all, &[]);
        let address = SocketAddr::new(ip.parse::<IpAddr>().unwrap(), server.address.port());
        // A client takes an answer from nobody but whom it has asked.
        let client = hosts.client("lesson04-client", &address.to_string(), &[]);
        assert_says(&client.input("hello\n").finish(), "HELLO");
    }
}

#[test]
fn narrow_links_cut_packets_and_every_lesson_gets_through() {
    let Some(hosts) = Hosts::new() else { return };
    // 576 bytes is what every host takes whole (RFC 791, 3.1), and 1280 what every IPv6 link does (RFC 8200, 5).
    for (mtu, ip) in [(1280, ADDRESSES[1]), (576, ADDRESSES[0])] {
        for host in [&hosts.client, &hosts.server] {
            host.shell(&format!("ip link set {CABLE} mtu {mtu}"));
        }
        try_all(&hosts, ip, 100_000);
        let long = "x".repeat(1000);
        let (_server, address) = hosts.serve("lesson04-server", ip, &[]);
        let client = hosts.client("lesson04-client", &address, &[]);
        assert_says(&client.input(&format!("{long}\n")).finish(), &long.to_uppercase());
    }
}

#[test]
fn a_link_that_is_down_for_five_seconds_ends_nothing() {
    let Some(hosts) = Hosts::new() else { return };
    let ip = ADDRESSES[0];
    let (_streams, stream) = hosts.serve("lesson05-server", ip, &[]);
    let mut talking = hosts.client("lesson05-client", &stream, &[]);
    talking.type_text("hello\n");
    talking.wait_for_line("HELLO");
    let (_datagrams, datagram) = hosts.serve("lesson04-server", ip, &[]);
    let place = tempfile::tempdir().unwrap();
    let [root, ours] = ["root", "ours"].map(|name| place.path().join(name));
    fs::write(&ours, bytes(100_000)).unwrap();
    let (_reliable, reliable) = hosts.serve("lesson09-server", ip, &["--root", in_utf8(&root)]);

    hosts.cable("down");
    talking.type_text("world\n");
    let patient = ["--timeout", "1s", "--retries", "20"];
    let asking = hosts.client("lesson04-client", &datagram, &patient).input("hello\n");
    let sending = hosts.client("lesson09-client", &reliable, &["send", in_utf8(&ours)]);
    // How long the link is down is what is tried here.
    thread::sleep(Duration::from_secs(5));
    hosts.cable("up");

    talking.wait_for_line("WORLD");
    assert_says(&asking.finish(), "HELLO");
    let sent = sending.finish();
    assert_eq!(sent.status, Some(0), "{}", sent.stderr);
    assert!(fs::read(root.join("ours")).unwrap() == bytes(100_000), "another file has arrived");
}

#[test]
fn a_link_that_is_down_for_longer_than_each_time_out_ends_both_ends_and_then_all_is_as_before() {
    let Some(hosts) = Hosts::new() else { return };
    let ip = ADDRESSES[0];
    let (streams, stream) = hosts.serve("lesson05-server", ip, &["--idle-timeout", "1s"]);
    let mut talking = hosts.client("lesson05-client", &stream, &["--timeout", "1s"]);
    talking.type_text("hello\n");
    talking.wait_for_line("HELLO");
    let (_datagrams, datagram) = hosts.serve("lesson04-server", ip, &[]);
    let place = tempfile::tempdir().unwrap();
    let [root, ours] = ["root", "ours"].map(|name| place.path().join(name));
    fs::write(&ours, bytes(100_000)).unwrap();
    let (_reliable, reliable) = hosts.serve("lesson09-server", ip, &["--root", in_utf8(&root)]);
    let (_files, files) = hosts.serve("lesson08-server", ip, &["--root", in_utf8(&root)]);

    hosts.cable("down");
    talking.type_text("world\n");
    let impatient = ["--timeout", "200ms", "--retries", "2"];
    let sending = ["--idle-timeout", "1s", "send", in_utf8(&ours)];
    let putting = ["--timeout", "1s", "--retries", "0", "put", in_utf8(&ours)];
    let clients = [
        talking,
        hosts.client("lesson04-client", &datagram, &impatient).input("hello\n"),
        hosts.client("lesson09-client", &reliable, &sending),
        hosts.client("lesson08-client", &files, &putting),
    ];
    for client in clients {
        let ended = client.finish();
        assert_ne!(ended.status, Some(0), "{}", ended.stdout);
        let said = ended.stderr.trim_end().lines().last().unwrap_or_default();
        assert!(said.starts_with("lesson0") && said.contains("-client: "), "{}", ended.stderr);
    }
    streams.wait_for_line(" closed: silent");
    hosts.cable("up");

    for (lesson, address) in [("lesson05", &stream), ("lesson04", &datagram)] {
        let client = hosts.client(&format!("{lesson}-client"), address, &[]);
        assert_says(&client.input("hello\n").finish(), "HELLO");
    }
    for (lesson, address, word) in [("lesson09", &reliable, "send"), ("lesson08", &files, "put")] {
        let options = if word == "put" { &["--force"][..] } else { &[] };
        let options = [options, &[word, in_utf8(&ours)]].concat();
        let done = hosts.client(&format!("{lesson}-client"), address, &options).finish();
        assert_eq!(done.status, Some(0), "{lesson}: {}", done.stderr);
    }
}

#[test]
fn a_link_that_loses_and_delays_is_borne() {
    let Some(hosts) = Hosts::new() else { return };
    let ip = ADDRESSES[0];
    let bad = format!("tc qdisc add dev {CABLE} root netem delay 5ms 3ms loss 5%");
    let refused = [&hosts.client, &hosts.server]
        .map(|host| host.try_shell(&bad))
        .into_iter()
        .find_map(Result::err);
    match refused {
        None => try_all(&hosts, ip, 300_000),
        // A kernel without netem: our own proxy stands in the middle of the cable, for datagrams.
        Some(why) => {
            eprintln!("not run: streams over netem: {why}");
            let faults =
                ["--fault", "loss=20%", "--fault", "delay=2ms..8ms", "--fault", "reorder=10%"];
            let (_echo, upstream) = hosts.serve("lesson04-server", ip, &[]);
            let options = [&["--udp", "--upstream", &upstream][..], &faults].concat();
            let (_proxy, address) = hosts.serve("lesson06-server", ip, &options);
            let patient = ["--timeout", "200ms", "--retries", "50"];
            let client = hosts.client("lesson04-client", &address, &patient);
            assert_says(&client.input("hello\n").finish(), "HELLO");
            send_reliably(&hosts, ip, 300_000, &["--fault", "loss=20%"]);
        }
    }
}
