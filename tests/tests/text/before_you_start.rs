//! What the page for beginners shows of programs that cannot go on: said by them, in both languages, with the
//! system's own words as Linux has them.

use std::net::{Ipv4Addr, SocketAddr};

use e2e::{Program, Server, binary};
use socket2::{Domain, Socket, Type};

use crate::{page, read};

/// How the page shows the port of the lesson whose program speaks.
const PORT: &str = ":8001";

#[test]
fn the_page_for_beginners_shows_what_programs_say_that_cannot_go_on() {
    let server = Server::lesson("lesson01-server", &[]);
    let taken = server.address;
    // Bound, so that no other test gets its port, and without a listener: whoever calls is refused.
    let silent = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    silent.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    let free = silent.local_addr().unwrap().as_socket().unwrap();
    for (path, language) in page("before-you-start").iter().zip(["en", "zh"]) {
        let text = flat(&read(path));
        for (name, option, address) in [
            ("lesson01-server", "--listen", taken.to_string()),
            ("lesson01-server", "--listen", format!("0.0.0.0:{}", free.port())),
            ("lesson01-client", "--connect", free.to_string()),
        ] {
            let mut command = binary(name);
            command.env("SOCKET_LANG", language).args([option, &address]);
            let finished = Program::start(command).finish();
            let port = address.rsplit_once(':').map_or("", |(_, port)| port);
            let said = finished.stderr.trim().replace(&format!(":{port}"), PORT);
            assert!(!said.is_empty(), "{name} {option} {address} should end with a line");
            assert!(text.contains(&flat(&said)), "{} does not show:\n{said}", path.display());
        }
    }
}

/// Without the spaces and line ends at which the page folds a line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect()
}
