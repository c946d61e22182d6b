//! A sender made by hand, which says what no client of ours would say.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use e2e::{Server, socket};
use lesson09_shared::offer::{Accept, End, IdleTimeout, Offer};
use lesson09_shared::packet::{Kind, MAX_PAYLOAD, Packet};

/// A sender made by hand: one transfer, over a socket of its own.
pub(crate) struct Hand {
    pub(crate) socket: UdpSocket,
    pub(crate) transfer: u64,
}

impl Hand {
    pub(crate) fn new(server: SocketAddr, transfer: u64) -> Hand {
        let (socket, _) = socket::bind_datagrams();
        socket.connect(server).unwrap();
        Hand { socket, transfer }
    }

    pub(crate) fn say(&self, kind: Kind, number: u32, payload: &[u8]) {
        let packet = Packet { transfer: self.transfer, transmission: 7, number, kind, payload };
        self.socket.send(&packet.encode()).unwrap();
    }

    #[track_caller]
    pub(crate) fn hear(&self) -> Answer {
        let (datagram, _) = socket::receive_datagram(&self.socket);
        let packet = Packet::decode(&datagram).unwrap();
        assert_eq!((packet.transfer, packet.transmission), (self.transfer, 7));
        if packet.kind == Kind::Accept {
            let accept: Accept = serde_json::from_slice(packet.payload).unwrap();
            return (packet.kind, packet.number, format!("{:?}", accept.idle_timeout.get()));
        }
        (packet.kind, packet.number, String::from_utf8_lossy(packet.payload).into_owned())
    }

    #[track_caller]
    pub(crate) fn ask(&self, kind: Kind, number: u32, payload: &[u8]) -> Answer {
        self.say(kind, number, payload);
        self.hear()
    }

    #[track_caller]
    pub(crate) fn offer(&self, name: &str, size: u64) -> Answer {
        let idle_timeout = IdleTimeout::new(Duration::from_secs(60));
        let offer = Offer { name: name.to_owned(), size, idle_timeout };
        self.ask(Kind::Offer, 0, &serde_json::to_vec(&offer).unwrap())
    }

    #[track_caller]
    pub(crate) fn end(&self, packets: u32, md5: &str) -> Answer {
        let end = serde_json::to_vec(&End { md5: md5.to_owned() }).unwrap();
        self.ask(Kind::End, packets, &end)
    }

    /// Sends the whole of `bytes`, as a sender that nothing is lost of, and returns the last word.
    #[track_caller]
    pub(crate) fn send_all(&self, name: &str, bytes: &[u8]) -> Answer {
        let accept = self.offer(name, bytes.len() as u64);
        if accept.0 != Kind::Accept {
            return accept;
        }
        for (number, payload) in (0..).zip(bytes.chunks(MAX_PAYLOAD)) {
            assert_eq!(self.ask(Kind::Data, number, payload), ack(number + 1));
        }
        self.end(bytes.len().div_ceil(MAX_PAYLOAD) as u32, &wire::md5_hex(bytes))
    }
}

/// What a server has answered.
pub(crate) type Answer = (Kind, u32, String);

/// The server agrees to go on for so long although nothing new comes.
pub(crate) fn accepted_for(timeout: &str) -> Answer {
    (Kind::Accept, 0, timeout.to_owned())
}

pub(crate) fn accepted() -> Answer {
    accepted_for("60s")
}

/// All Data below this number have come, and none behind it.
pub(crate) fn ack(expected: u32) -> Answer {
    (Kind::Ack, expected, String::new())
}

pub(crate) fn done() -> Answer {
    (Kind::Done, 0, String::new())
}

pub(crate) fn refused(words: &str) -> Answer {
    (Kind::Refused, 0, words.to_owned())
}

/// The server still takes a file; then it ends, and has printed nothing that a terminal obeys.
#[track_caller]
pub(crate) fn assert_unharmed(server: Server) {
    assert_eq!(Hand::new(server.address, u64::MAX).send_all("unharmed", b"hello"), done());
    let server = server.stop();
    assert_eq!(server.status, Some(0));
    let control = server.stdout.chars().find(|&c| c != '\n' && c.is_control());
    assert_eq!(control, None, "printed as it came");
}
