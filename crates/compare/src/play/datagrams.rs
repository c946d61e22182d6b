//! Plays over UDP: each send is a datagram, and each recv takes one of them.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};

use trace::{Action, Lane, Observer};

use super::stream::{READ_TIMEOUT, side};
use crate::comparison::{CLIENT, Code, SERVER, Side, Transport};
use crate::sequencer::{Pace, Sequencer};
use crate::words;

/// The client sends everything, and then the server receives as many datagrams.
pub(super) fn datagrams(code: Code, messages: &[String], pace: &Pace) -> io::Result<Side> {
    // The order is forced by this very function; the sequencer only asks the stepper.
    let sequencer = Sequencer::new(&words::code(&code), HashMap::new(), pace.clone());
    let recorder = &sequencer.recorder;
    let [client, server] = [CLIENT, SERVER].map(Lane::from);
    let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    receiver.set_read_timeout(Some(READ_TIMEOUT))?;
    sender.connect(receiver.local_addr()?)?;
    let mut held = Vec::new();
    for message in messages {
        let bytes = message.as_bytes().to_vec();
        sequencer.step(&format!("{} send {}", words::lane(CLIENT), bytes.len()));
        sender.send(&bytes)?;
        held.extend_from_slice(&bytes);
        recorder.record(&client, Action::Send { asked: bytes.len(), bytes }, None);
    }
    recorder.record(&server, Action::Look { held, unread: None, segments: None }, None);
    for _ in messages {
        let mut buffer = [0; lesson02_server::LIMIT];
        sequencer.step(&format!("{} recv({})", words::lane(SERVER), buffer.len()));
        let count = receiver.recv(&mut buffer)?;
        let message = buffer.get(..count).unwrap_or_default().to_vec();
        let action = Action::Recv { asked: buffer.len(), bytes: message.clone() };
        recorder.record(&server, action, None);
        recorder.messages(SERVER).received(&message);
    }
    Ok(side(code, Transport::Datagrams, &sequencer, Ok(())))
}
