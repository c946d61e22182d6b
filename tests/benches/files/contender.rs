//! What moves a file and proves that it is the same, and `md5sum`, which only proves.

use std::fmt;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use e2e::{Server, binary, peer, python, root, socket};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    /// Moves nothing: what it costs to read the file and to take its MD5.
    Md5sum,
    /// Lesson 08: the client has taken the MD5 of what arrived, and compared it.
    Lesson,
    /// The tutorial's programs; then the MD5 of the copy, as they take it.
    Python,
    /// `rsync --daemon`: the receiver compares the MD5 of the whole file. (Left alone, it would take
    /// a faster hash.)
    Rsync,
    /// `nc` into a file, and then `md5sum` of that.
    Netcat,
}

impl Contender {
    pub(crate) const ALL: [Contender; 5] = [
        Contender::Md5sum,
        Contender::Lesson,
        Contender::Python,
        Contender::Rsync,
        Contender::Netcat,
    ];

    /// Whether this machine has it.
    pub(crate) fn is_there(self) -> bool {
        let ask = match self {
            Contender::Lesson | Contender::Python => return true,
            Contender::Md5sum => "md5sum --version",
            Contender::Rsync => "rsync --version",
            Contender::Netcat => "command -v nc",
        };
        let asked = shell(ask).stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    }

    /// Moves `folder/sent/NAME` to `folder/received`, and returns how long that took, from the
    /// start of the client to the end of whatever compares.
    pub(crate) fn run(self, folder: &Path, name: &str, md5: &str) -> Duration {
        let [sent, received] = ["sent", "received"].map(|name| folder.join(name));
        fs::create_dir(&received).unwrap();
        touch_memory(&sent.join(name), &received.join(name));
        let time = match self {
            Contender::Md5sum => timed(Command::new("md5sum").arg(sent.join(name)), Some(md5)),
            Contender::Lesson => lesson(&sent, &received, name, md5),
            Contender::Python => tutorial(&sent, &received, name, md5),
            Contender::Rsync => rsync(&sent, &received, name),
            Contender::Netcat => netcat(&sent, &received, name, md5),
        };
        if self != Contender::Md5sum {
            let arrived = fs::read_dir(&received).unwrap().next().unwrap().unwrap();
            let length = arrived.metadata().unwrap().len();
            assert_eq!(length, fs::metadata(sent.join(name)).unwrap().len(), "bytes that arrived");
        }
        fs::remove_dir_all(received).unwrap();
        time
    }
}

/// Fills and frees the memory that the copy is going to take. A virtual machine gives free memory back
/// to its host, and fetches it again page by page: that can take longer than all the rest, and is of
/// different length each time.
fn touch_memory(file: &Path, copy: &Path) {
    fs::copy(file, copy).unwrap();
    fs::remove_file(copy).unwrap();
}

fn lesson(sent: &Path, received: &Path, name: &str, md5: &str) -> Duration {
    let server = Server::lesson("lesson08-server", &["--quiet", "--root", sent.to_str().unwrap()]);
    let mut client = binary("lesson08-client");
    client.args(["--connect", &server.address.to_string(), "get", name, "--into"]).arg(received);
    let time = timed(&mut client, Some(md5));
    assert_eq!(server.stop().status, Some(0), "after Ctrl-C");
    time
}

fn tutorial(sent: &Path, received: &Path, name: &str, md5: &str) -> Duration {
    let mut server = peer("s004_3_server");
    server.arg("0").arg(sent).current_dir(sent);
    let server = Server::start(server);
    let mut client = peer("s004_3_client");
    client.args([server.address.ip().to_string(), server.address.port().to_string()]);
    // At a terminal its bar would take time of its own.
    client.current_dir(received).stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::piped());
    let begin = Instant::now();
    let mut client = client.spawn().unwrap();
    std::io::Write::write_all(&mut client.stdin.take().unwrap(), format!("{name}\n").as_bytes())
        .unwrap();
    // The Python client ends by an EOFError (B40).
    assert_eq!(client.wait().unwrap().code(), Some(1), "status of the Python client");
    let moved = begin.elapsed();
    let mut check = python(&root().join("tests/benches/files/md5_by_lines.py"));
    moved + timed(check.arg(received.join(format!("cpoy_{name}"))), Some(md5))
}

fn rsync(sent: &Path, received: &Path, name: &str) -> Duration {
    let config = received.with_file_name("rsyncd.conf");
    let text = format!("use chroot = no\n[sent]\npath = {}\n", sent.display());
    fs::write(&config, text).unwrap();
    // With a socket for its input it serves one client, as inetd would start it: rsync(1).
    let address = serve_one(move |socket| {
        let mut command = Command::new("rsync");
        command.arg("--daemon").arg("--config").arg(&config);
        command.stdin(socket.try_clone().unwrap()).stdout(socket).spawn().unwrap()
    });
    let mut client = Command::new("rsync");
    client.arg("--checksum-choice=md5").arg(format!("rsync://{address}/sent/{name}")).arg(received);
    timed(&mut client, None)
}

fn netcat(sent: &Path, received: &Path, name: &str, md5: &str) -> Duration {
    let file = sent.join(name);
    let address = serve_one(move |socket| {
        let mut command = Command::new("cat");
        command.stdin(File::open(&file).unwrap()).stdout(socket).spawn().unwrap()
    });
    let script = "nc \"$0\" \"$1\" < /dev/null > \"$2\" && md5sum \"$2\"";
    let mut client = shell(script);
    client.args([address.ip().to_string(), address.port().to_string()]).arg(received.join(name));
    timed(&mut client, Some(md5))
}

/// Lets a program serve the next client, and returns where that may call.
fn serve_one(start: impl FnOnce(OwnedFd) -> Child + Send + 'static) -> SocketAddr {
    let (listener, address): (TcpListener, _) = socket::listen();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        start(stream.into()).wait().unwrap();
    });
    address
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(script);
    command
}

/// How long a program runs that must succeed, and print this MD5 if there is one.
fn timed(command: &mut Command, md5: Option<&str>) -> Duration {
    let begin = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap();
    let time = begin.elapsed();
    assert!(output.status.success(), "{command:?}: {output:?}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(md5.is_none_or(|md5| said.contains(md5)), "{command:?}: no {md5:?} in {said:?}");
    time
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Contender::Md5sum => "md5sum",
            Contender::Lesson => "lesson08",
            Contender::Python => "Python",
            Contender::Rsync => "rsync",
            Contender::Netcat => "nc and md5sum",
        })
    }
}
