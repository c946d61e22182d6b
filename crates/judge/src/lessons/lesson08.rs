//! Lesson 08, files: they come whole and unharmed, or not at all; and no name leads out of the folder.
//!
//! In this project's dialect the judge puts the files itself that it asks for; their names begin with
//! `judge`, and they stay on a server that runs already. In the tutorial's it lays them into the
//! server's folder, and removes them. A client works in its folder:
//!
//! ```text
//! judge lesson08 --server 'python3 my_server.py {port} {dir}'
//! judge lesson08 --client 'sh -c "cd {dir} && exec python3 /home/me/my_client.py {host} {port}"'
//! ```

mod client;
mod server;
mod speech;

use language::text;

use crate::port::Transport;
use crate::probe::Lesson;
use crate::setting::{Header, Service};

/// The probes of lesson 08.
pub(super) fn lesson() -> Lesson {
    Lesson {
        number: 8,
        subject: text!("files, whole and verified, by names that lead nowhere else"),
        services: &[Service::Files],
        headers: &[Header::Json],
        transport: Transport::Tcp,
        probes: [server::probes(), client::probes()].concat(),
    }
}
