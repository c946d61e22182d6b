//! Plays one side over UDP: each message is a datagram, and some may be lost.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use fault::Sizes;
use fault::datagram::Link;
use language::text;
use trace::{Action, Lane, Observer};

use super::plan::Plan;
use super::played::{PlayedSide, Run, messages_in};
use super::settings::{ReaderTime, Which};
use crate::comparison::{CLIENT, Code, SERVER};
use crate::loopback::is_timeout;
use crate::sequencer::{Pace, Sequencer};
use crate::words;

/// How long a reader waits for a datagram that is lost. Over the loopback one is there at once.
const WAIT: Duration = Duration::from_millis(200);
/// Room for any datagram, in bytes.
const ROOM: usize = 65_535;
/// What Windows says when a datagram is longer than there is room for: WSAEMSGSIZE. The room is full then.
const WINDOWS_MESSAGE_TOO_LONG: i32 = 10_040;

/// The broken side asks for the sizes that were set: what a datagram has beyond them is lost. The fixed
/// side has room for any.
pub(super) fn play(plan: &Plan, which: Which, pace: &Pace) -> io::Result<PlayedSide> {
    let settings = plan.settings();
    let sizes = match which {
        Which::Broken => Sizes::listed(settings.reads.clone()),
        Which::Fixed => Sizes::every(ROOM),
    };
    let code = match which {
        Which::Broken => Code::broken(text!("UDP: the rest is lost")),
        Which::Fixed => Code::fixed(text!("UDP: room for any datagram")),
    };
    let sequencer = Sequencer::new(&words::code(&code), HashMap::new(), pace.clone());
    let recorder = &sequencer.recorder;
    let client = Lane::from(CLIENT);
    let mut reader = Reader::new(&sequencer, sizes)?;
    let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    sender.connect(reader.socket.local_addr()?)?;
    let loss = format!("loss={}%", settings.loss).parse().map_err(io::Error::other)?;
    let mut link = Link::new(&[loss], settings.seed);
    for bytes in plan.messages() {
        recorder.record(&client, Action::Send { asked: bytes.len(), bytes: bytes.clone() }, None);
        let now = Instant::now();
        for what in link.push(now, bytes, ()) {
            recorder.record(&client, Action::Fault { what, bytes: bytes.clone() }, None);
        }
        while let Some((datagram, ())) = link.pop(now) {
            sender.send(&datagram)?;
            reader.waiting += 1;
        }
        if settings.reader == ReaderTime::Early {
            reader.read_all()?;
        }
    }
    reader.read_all()?;
    if reader.taken < plan.messages().len() {
        // The reader knows nothing of what was lost: it waits for it.
        reader.read()?;
    }
    let events = recorder.events();
    let got = messages_in(&events);
    let run =
        |(message, bytes): (usize, &Vec<u8>)| Run { message, bytes: bytes.len(), is_header: false };
    Ok(PlayedSide {
        which,
        code,
        datagrams: true,
        reader: SERVER.to_owned(),
        stream: plan.messages().iter().enumerate().map(run).collect(),
        expected: plan.messages().to_vec(),
        right: got == plan.messages(),
        got,
        error: None,
        events,
    })
}

struct Reader<'a> {
    sequencer: &'a Sequencer,
    lane: Lane,
    socket: UdpSocket,
    sizes: Sizes,
    /// How many datagrams wait in the kernel.
    waiting: usize,
    /// How many were received.
    taken: usize,
}

impl<'a> Reader<'a> {
    fn new(sequencer: &'a Sequencer, sizes: Sizes) -> io::Result<Reader<'a>> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(WAIT))?;
        Ok(Reader { sequencer, lane: Lane::from(SERVER), socket, sizes, waiting: 0, taken: 0 })
    }

    fn read_all(&mut self) -> io::Result<()> {
        while self.waiting > 0 {
            self.waiting -= 1;
            self.read()?;
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        let asked = self.sizes.next_size();
        let mut buffer = vec![0; asked];
        let count = match self.socket.recv(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.raw_os_error() == Some(WINDOWS_MESSAGE_TOO_LONG) => asked,
            Err(error) if is_timeout(&error) => {
                // Each system has its own words for it, and the picture should be the same.
                let action = Action::Failed { call: "recv", error: "nothing comes".to_owned() };
                self.sequencer.recorder.record(&self.lane, action, None);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        buffer.truncate(count);
        self.taken += 1;
        let action = Action::Recv { asked, bytes: buffer.clone() };
        self.sequencer.recorder.record(&self.lane, action, None);
        self.sequencer.recorder.messages(SERVER).received(&buffer);
        Ok(())
    }
}
