//! Lesson 09, reliable UDP: a file in numbered datagrams arrives whole, whatever the network does to them.
//!
//! On loopback hardly any is lost. So the judge is the network as well as the other end: it loses, doubles
//! and reorders what it sends, and leaves unanswered what it receives. A server's folder is seen where its
//! command has `{dir}` in it; a client sends the file that the judge lays into its folder:
//!
//! ```text
//! judge lesson09 --server 'python3 my_server.py {port} {dir}'
//! judge lesson09 --client 'python3 my_client.py {host} {port} {dir}/judge.bin'
//! ```

mod client;
mod packet;
mod receiver;
mod sender;
mod server;

use language::text;

use crate::port::Transport;
use crate::probe::Lesson;
use crate::setting::{Header, Service};

/// The probes of lesson 09.
pub(super) fn lesson() -> Lesson {
    Lesson {
        number: 9,
        subject: text!("a file in datagrams, over a network that loses some"),
        services: &[Service::Files],
        headers: &[Header::None],
        transport: Transport::Udp,
        probes: [server::probes(), client::probes()].concat(),
    }
}
