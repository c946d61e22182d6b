//! One connection of a probe. What is said on it is recorded, and no wait is without end.

use std::cell::OnceCell;
use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use language::text;
use rust_i18n::t;
use socket2::SockRef;
use trace::KernelView;
use wire::{Decoder, Framing};

use crate::failure::{Failure, FailureKind, Outcome};
use crate::line_ends::{self, Likeness};
use crate::record::Record;
use crate::said_by_wire::said;
use crate::show;

/// The most bytes that are received while an end is waited for.
const MAX_RECEIVED: usize = 8 << 20;
/// The longest message that a probe waits for, in bytes: more would be a wrong length.
pub(crate) const MAX_MESSAGE: usize = 16 << 20;
/// How much is taken of what was not expected.
const FLOOD: usize = 4096;
/// How long to listen for what should not come.
const QUIET: Duration = Duration::from_millis(100);
/// Who takes nothing for so long has no room, and is not only slow because the machine is busy.
const FULL: Duration = Duration::from_millis(500);
/// How long to listen on after something wrong has come, so that the report shows all of it, also
/// where the machine is busy.
const GRACE: Duration = Duration::from_millis(300);
/// The pause between two pieces where the kernel does not show whether the first one was taken.
const BLIND_PAUSE: Duration = Duration::from_millis(20);
/// How long to wait at most until the program under test takes a piece.
const TAKE_TIMEOUT: Duration = Duration::from_secs(1);

const SLOW: &str = text!("The program is slower than the judge waits.");

/// One connection, to a server under test or from a client under test.
#[derive(Debug)]
pub struct ProbeStream {
    /// The connection, once it is made; or why it is not.
    stream: OnceCell<Result<TcpStream, Failure>>,
    /// Who is still to make it, if so.
    call: Option<Box<dyn Call>>,
    record: Record,
    number: usize,
    /// What has arrived, and was not yet expected.
    arrived: Vec<u8>,
    /// When the last of it came.
    arrived_at: Instant,
    end: Option<End>,
    /// Whether the server's greeting was taken, if there is one.
    pub(crate) is_greeted: bool,
    taker: Taker,
}

/// How the peer ended its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Orderly,
    Reset,
}

/// What is known of whether the peer takes what is sent.
#[derive(Debug)]
enum Taker {
    Unknown,
    /// The kernel does not say, or the peer takes nothing: then a pause has to do.
    Blind,
}

/// Somebody who is still to make a connection.
pub(crate) trait Call: fmt::Debug {
    /// Waits until the connection is made.
    ///
    /// # Errors
    /// When it is not.
    fn wait(&self) -> Result<TcpStream, Failure>;
}

impl ProbeStream {
    /// A stream on a connection that is made already; `how` it was made goes into the record.
    pub(crate) fn new(
        stream: TcpStream,
        record: &Record,
        how: &str,
    ) -> std::io::Result<ProbeStream> {
        prepare(&stream, record)?;
        let probe = ProbeStream::not_yet(record, None);
        _ = probe.stream.set(Ok(stream));
        probe.note(how, String::new());
        Ok(probe)
    }

    /// A stream on a connection that somebody makes later: the first thing that is said on it, or expected,
    /// waits for that.
    pub(crate) fn to_come(record: &Record, call: impl Call + 'static) -> ProbeStream {
        let probe = ProbeStream::not_yet(record, Some(Box::new(call)));
        // Noted now: when the call comes differs from run to run.
        probe.note(text!("accept"), String::new());
        probe
    }

    fn not_yet(record: &Record, call: Option<Box<dyn Call>>) -> ProbeStream {
        ProbeStream {
            stream: OnceCell::new(),
            call,
            is_greeted: false,
            record: record.clone(),
            number: record.next_connection(),
            arrived: Vec::new(),
            arrived_at: Instant::now(),
            end: None,
            taker: Taker::Unknown,
        }
    }

    /// The connection, which is waited for if it is still to come; `None` if it does not.
    fn tcp(&self) -> Option<&TcpStream> {
        let made = self.stream.get_or_init(|| {
            let missing =
                |why: String| Failure::new(FailureKind::Mismatch, text!("a connection"), why);
            let call = self.call.as_ref().ok_or_else(|| missing("none".to_owned()))?;
            let stream = call.wait()?;
            prepare(&stream, &self.record).map_err(|error| missing(error.to_string()))?;
            self.record.restart();
            Ok(stream)
        });
        made.as_ref().ok()
    }

    /// Sends bytes with one call.
    pub fn send(&mut self, bytes: &[u8]) {
        self.note(text!("send"), show::bytes(bytes));
        self.write(bytes);
    }

    /// Sends pieces, each after the peer has taken the one before: so each is a `recv` of its own.
    pub fn send_in_pieces(&mut self, pieces: &[&[u8]]) {
        self.note(text!("send, each once the one before was taken"), show::pieces(pieces));
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 {
                self.wait_until_taken();
            }
            self.write(piece);
        }
    }

    /// Sends bytes one by one.
    pub fn send_byte_by_byte(&mut self, bytes: &[u8]) {
        let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
        self.send_in_pieces(&pieces);
    }

    /// Sends bytes in two pieces, the first of which has `first` bytes.
    pub fn send_cut(&mut self, bytes: &[u8], first: usize) {
        let (first, rest) = bytes.split_at_checked(first).unwrap_or((bytes, &[]));
        self.send_in_pieces(&[first, rest]);
    }

    /// Sends bytes while it receives as many as `wanted`: for more than the buffers hold.
    ///
    /// # Errors
    /// As [`ProbeStream::expect`].
    pub fn send_and_expect(&mut self, bytes: &[u8], wanted: &[u8]) -> Outcome {
        self.send_while(bytes, |stream| stream.expect(wanted))
    }

    /// Sends bytes, and does something else in the meantime.
    pub fn send_while<T>(&mut self, bytes: &[u8], act: impl FnOnce(&mut ProbeStream) -> T) -> T {
        self.note(text!("send"), show::bytes(bytes));
        let sender = self.tcp().and_then(|stream| stream.try_clone().ok());
        let deadline = self.record.deadline_after(bytes.len());
        thread::scope(|scope| {
            // If the peer does not take it, what it then does not answer tells so.
            scope.spawn(move || sender.map(|sender| write_until(&sender, bytes, deadline)));
            act(self)
        })
    }

    /// Sends bytes here while they come out at `other`, behind a proxy: for more than the buffers
    /// hold.
    ///
    /// # Errors
    /// When others come out, or fewer.
    pub fn send_through(&mut self, bytes: &[u8], other: &mut ProbeStream) -> Outcome {
        self.send_while(bytes, |_| other.expect_much(bytes))
    }

    /// As [`ProbeStream::expect`], for many bytes: what is wrong with them is looked for at the end.
    ///
    /// # Errors
    /// When others come, or fewer.
    pub fn expect_much(&mut self, wanted: &[u8]) -> Outcome {
        self.expect_quietly(wanted, &show::bytes(wanted))?;
        self.note(text!("receive"), show::bytes(wanted));
        Ok(())
    }

    /// The same where their number is not always the same, so that it may not be in the record.
    ///
    /// # Errors
    /// When others come, or fewer.
    pub fn expect_quietly(&mut self, wanted: &[u8], what: &str) -> Outcome {
        let came = self.record.clone().quietly(|| self.receive(wanted.len(), what));
        // How many have come is not the same twice.
        let came = came.map_err(|failure| match failure.kind {
            FailureKind::Closed => {
                let actual = text!("less, then the connection was closed").to_owned();
                Failure { actual, ..failure }
            }
            _ => Failure { actual: text!("less, and nothing more").to_owned(), ..failure },
        })?;
        let Some(at) = came.iter().zip(wanted).position(|(a, b)| a != b) else { return Ok(()) };
        let rest = |bytes: &[u8]| show::bytes(bytes.get(at..).unwrap_or_default());
        let (wanted, actual) = (rest(wanted), rest(&came));
        Err(Failure::new(
            FailureKind::Mismatch,
            t!("from byte %{at} on %{wanted}", at = at, wanted = wanted).into_owned(),
            actual,
        ))
    }

    /// Sends as much of these bytes as the peer, and the buffers in between, take at all. Returns
    /// how many that was.
    pub fn send_until_full(&mut self, bytes: &[u8]) -> usize {
        self.note(text!("send, until no more is taken"), show::start(bytes));
        let Some(stream) = self.tcp() else { return 0 };
        let mut sent = 0;
        loop {
            let deadline = self.record.last_deadline().min(Instant::now() + FULL);
            match write_until(stream, bytes.get(sent..).unwrap_or_default(), deadline) {
                0 => return sent,
                taken => sent += taken,
            }
        }
    }

    /// Waits for a reset, before which nothing more comes.
    ///
    /// # Errors
    /// When something comes, or an orderly end, or none.
    pub fn expect_reset(&mut self) -> Outcome {
        self.expect_gone_as(text!("a reset of the connection, and nothing before it"))?;
        if self.end == Some(End::Orderly) {
            return Err(Failure::new(
                FailureKind::Mismatch,
                text!("a reset of the connection"),
                text!("an orderly end"),
            ));
        }
        self.note(text!("receive"), text!("a reset").to_owned());
        Ok(())
    }

    /// Waits until exactly these bytes have come.
    ///
    /// # Errors
    /// When others come, or fewer.
    pub fn expect(&mut self, wanted: &[u8]) -> Outcome {
        self.expect_like(wanted, line_ends::exact)
    }

    /// The same for a text, whose lines may end as Windows ends them.
    ///
    /// # Errors
    /// When another comes, or less.
    pub(crate) fn expect_text(&mut self, wanted: &[u8]) -> Outcome {
        self.expect_like(wanted, line_ends::either)
    }

    fn expect_like(&mut self, wanted: &[u8], compare: fn(&[u8], &[u8]) -> Likeness) -> Outcome {
        self.fill(|arrived| compare(arrived, wanted) != Likeness::Begins);
        match compare(&self.arrived, wanted) {
            Likeness::Differs => {
                self.listen_on(GRACE);
                Err(self.fail(FailureKind::Mismatch, show::bytes(wanted)))
            }
            Likeness::Begins => Err(self.fail_short(show::bytes(wanted))),
            Likeness::Whole(count) => {
                let came = self.take(count);
                self.note(text!("receive"), show::bytes(&came));
                Ok(())
            }
        }
    }

    /// Waits until `count` bytes have come, whatever they are. `what` they should be is for the
    /// report.
    ///
    /// # Errors
    /// When fewer come.
    pub fn receive(&mut self, count: usize, what: &str) -> Result<Vec<u8>, Failure> {
        self.fill(|arrived| arrived.len() >= count);
        if self.arrived.len() < count {
            return Err(self.fail_short(what.to_owned()));
        }
        let bytes = self.take(count);
        self.note(text!("receive"), show::bytes(&bytes));
        Ok(bytes)
    }

    /// Waits for a line of at most `most` bytes, its new line included, and takes it. What comes
    /// may also be longer, and no line.
    ///
    /// # Errors
    /// When neither a line nor so many bytes come.
    pub fn receive_line(&mut self, most: usize, what: &str) -> Result<Vec<u8>, Failure> {
        let end = |arrived: &[u8]| arrived.iter().position(|&byte| byte == b'\n');
        self.fill(|arrived| end(arrived).is_some() || arrived.len() >= most);
        let count = end(&self.arrived).map_or(most, |at| at + 1);
        self.receive(count, what)
    }

    /// Waits for one message of this framing, and takes it: its JSON header, if it has one, and its
    /// bytes. `what` it should be is for the report.
    ///
    /// # Errors
    /// When its end does not come, or what should say where that is cannot be believed. What has
    /// come is then still in [`ProbeStream::arrived`].
    pub(crate) fn receive_framed(
        &mut self,
        framing: &Framing,
        what: &str,
    ) -> Result<(Vec<u8>, Vec<u8>), Failure> {
        let mut decoder = Decoder::new(framing, MAX_MESSAGE);
        let (mut decoded, mut found) = (0, None);
        self.fill(|arrived| {
            let mut rest = arrived.get(decoded..).unwrap_or_default();
            found = decoder.decode(&mut rest).map(|it| it.map(<[u8]>::to_vec)).transpose();
            decoded = arrived.len() - rest.len();
            found.is_some()
        });
        if found.is_none() && self.end == Some(End::Orderly) && *framing == Framing::End {
            found = decoder.finish().map(|it| it.map(<[u8]>::to_vec)).transpose();
        }
        match found {
            Some(Ok(message)) => {
                let bytes = self.take(decoded);
                self.note(text!("receive"), show::bytes(&bytes));
                Ok((decoder.header().to_vec(), message))
            }
            Some(Err(error)) => {
                self.listen_on(GRACE);
                let mut failure = self.fail(FailureKind::Mismatch, what.to_owned());
                failure.actual = t!(
                    "%{actual}; read as %{framing}: %{error}",
                    actual = failure.actual,
                    framing = framing,
                    error = said(&error)
                )
                .into_owned();
                Err(failure)
            }
            None => Err(self.fail_short(what.to_owned())),
        }
    }

    /// Waits until something comes, and takes what one `recv` gives.
    ///
    /// # Errors
    /// When nothing comes.
    pub fn receive_some(&mut self, what: &str) -> Result<Vec<u8>, Failure> {
        self.fill(|arrived| !arrived.is_empty());
        if self.arrived.is_empty() {
            return Err(self.fail_short(what.to_owned()));
        }
        let bytes = self.take(self.arrived.len());
        self.note(text!("receive"), show::bytes(&bytes));
        Ok(bytes)
    }

    /// Waits until something comes, after so many bytes were sent: longer than usual if they are many.
    /// Whether it does, the next expectation finds out.
    pub(crate) fn await_answer_to(&mut self, bytes: usize) {
        let deadline = self.record.deadline_after(bytes);
        while self.end.is_none() && self.arrived.is_empty() && self.read_until(deadline) {}
    }

    /// What has arrived and was not expected yet.
    pub(crate) fn arrived(&self) -> &[u8] {
        &self.arrived
    }

    /// What else comes within a short while, for the report of a failure.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        self.listen_on(GRACE);
        self.take(self.arrived.len())
    }

    /// Waits for an orderly end of the peer's direction, before which nothing more comes.
    ///
    /// # Errors
    /// When something comes, or a reset, or no end.
    pub fn expect_end(&mut self) -> Outcome {
        self.expect_gone_as(text!("the end of the connection, and nothing before it"))?;
        if self.end == Some(End::Reset) {
            let actual = text!("a reset");
            return Err(Failure::new(
                FailureKind::Mismatch,
                text!("an orderly end of the connection"),
                actual,
            ));
        }
        self.note(text!("receive"), text!("the end").to_owned());
        Ok(())
    }

    /// Waits until the peer has ended the connection, in order or with a reset.
    ///
    /// # Errors
    /// When something comes before that, or no end.
    pub fn expect_gone(&mut self) -> Outcome {
        self.expect_gone_as(text!("that the connection is closed"))?;
        self.note(text!("receive"), text!("the end").to_owned());
        Ok(())
    }

    /// Waits until the peer has ended the connection, whatever it says before that.
    ///
    /// # Errors
    /// When no end comes.
    pub fn expect_gone_at_last(&mut self) -> Result<Vec<u8>, Failure> {
        let deadline = self.record.deadline();
        while self.end.is_none() && self.arrived.len() <= MAX_RECEIVED && self.read_until(deadline)
        {
        }
        if self.arrived.len() > MAX_RECEIVED {
            self.arrived.truncate(FLOOD);
            return Err(
                self.fail(FailureKind::Excess, text!("that the connection is closed").to_owned())
            );
        }
        if self.end.is_none() {
            return Err(self.fail_short(text!("that the connection is closed").to_owned()));
        }
        let bytes = self.take(self.arrived.len());
        self.note(text!("receive"), text!("the end").to_owned());
        Ok(bytes)
    }

    /// Listens for a short while, and expects that nothing comes. An end is no failure.
    ///
    /// # Errors
    /// When something comes.
    pub fn expect_silence(&mut self) -> Outcome {
        self.expect_silence_for(QUIET)
    }

    /// The same for so long: where it matters that something comes, also from a program that is slow.
    ///
    /// # Errors
    /// When something comes.
    pub fn expect_silence_for(&mut self, quiet: Duration) -> Outcome {
        self.listen_on(quiet);
        match self.arrived.is_empty() {
            true => Ok(()),
            false => Err(self.fail(FailureKind::Excess, text!("nothing more").to_owned())),
        }
    }

    /// Listens for a short while, and expects that nothing comes, and no end either.
    ///
    /// # Errors
    /// When something comes, or the connection ends.
    pub fn expect_open(&mut self) -> Outcome {
        let expected = text!("that the connection stays open, and nothing comes");
        self.listen_on(QUIET);
        if !self.arrived.is_empty() {
            self.listen_on(GRACE);
            return Err(self.fail(FailureKind::Excess, expected.to_owned()));
        }
        match self.has_ended() {
            true => Err(self.fail_short(expected.to_owned())),
            false => Ok(()),
        }
    }

    /// Whether the peer's end was seen, in order or by a reset.
    pub(crate) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Waits until so many bytes have come, or nothing more comes, and leaves them where they are.
    pub(crate) fn peek(&mut self, count: usize) -> &[u8] {
        self.await_answer_to(0);
        while self.end.is_none() && self.arrived.len() < count {
            if !self.read_until(Instant::now() + GRACE) {
                break;
            }
        }
        &self.arrived
    }

    /// Says nothing for a while, because slowness is the point.
    pub fn pause(&mut self, pause: Duration) {
        self.note(text!("wait"), humantime::format_duration(pause).to_string());
        thread::sleep(pause);
    }

    /// Ends the judge's own direction; the peer may still answer.
    pub fn half_close(&mut self) {
        self.note(text!("half-close"), String::new());
        // If the connection is gone already, the next expectation finds out.
        _ = self.tcp().map(|stream| stream.shutdown(Shutdown::Write));
    }

    /// Closes the connection. If the judge has left something unread, the peer gets a reset.
    pub fn close(self) {
        self.note(text!("close"), String::new());
    }

    /// Closes with a reset.
    pub fn reset(self) {
        self.note(text!("reset"), String::new());
        // Zero seconds of lingering: close(2) throws away what is on its way, and says so.
        _ = self.tcp().map(|stream| SockRef::from(stream).set_linger(Some(Duration::ZERO)));
    }

    /// Waits until the peer has read what was sent, as far as the kernel shows it.
    pub fn wait_until_taken(&mut self) {
        let addresses =
            self.tcp().and_then(|it| Some((it.local_addr().ok()?, it.peer_addr().ok()?)));
        let view = match (&self.taker, addresses) {
            (Taker::Unknown, Some((local, peer))) => KernelView::of(local, peer),
            _ => None,
        };
        let Some(mut view) = view else { return thread::sleep(BLIND_PAUSE) };
        let given_up = self.record.deadline().min(Instant::now() + TAKE_TIMEOUT);
        loop {
            // Where the peer's socket is not to be seen, it is gone, or on another machine.
            let kernel = view.snapshot();
            let Some((kernel, unread)) = kernel.and_then(|it| Some((it, it.unread_by_peer?)))
            else {
                return thread::sleep(BLIND_PAUSE);
            };
            thread::sleep(Duration::from_millis(1));
            // What is not acknowledged may not have arrived, and what has not arrived is not read.
            if kernel.unacknowledged == 0 && unread == 0 {
                return;
            }
            if Instant::now() >= given_up {
                self.taker = Taker::Blind;
                return;
            }
        }
    }

    /// Does something whose steps are not recorded, because they are not the same twice.
    pub(crate) fn quietly<T>(&mut self, act: impl FnOnce(&mut ProbeStream) -> T) -> T {
        let record = self.record.clone();
        record.quietly(|| act(self))
    }

    /// Records a step.
    pub(crate) fn note(&self, action: &str, shown: String) {
        self.record.add(Some(self.number), action, shown);
    }

    fn write(&mut self, bytes: &[u8]) {
        let deadline = self.record.deadline_after(bytes.len());
        // A peer that has closed or takes nothing fails the next expectation, with a better reason.
        _ = self.tcp().map(|stream| write_until(stream, bytes, deadline));
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.arrived.split_off(count.min(self.arrived.len()));
        std::mem::replace(&mut self.arrived, rest)
    }

    fn expect_gone_as(&mut self, expected: &str) -> Outcome {
        self.fill(|arrived| !arrived.is_empty());
        if !self.arrived.is_empty() {
            self.listen_on(GRACE);
            return Err(self.fail(FailureKind::Excess, expected.to_owned()));
        }
        if self.end.is_none() {
            return Err(self.fail_short(expected.to_owned()));
        }
        Ok(())
    }

    /// Reads until enough has arrived, the stream ends, or nothing has come for one patience. Who is
    /// slow and goes on has as long as the probe.
    fn fill(&mut self, mut enough: impl FnMut(&[u8]) -> bool) {
        while self.end.is_none() && !enough(&self.arrived) {
            if !self.read_until(self.record.deadline()) {
                return;
            }
        }
    }

    /// Reads what else comes, until nothing has come for so long: for one patience at most, or who says
    /// one byte now and then would be listened to for ever.
    fn listen_on(&mut self, quiet: Duration) {
        let end = Instant::now() + self.record.patience().max(quiet);
        let end = end.min(self.record.last_deadline());
        while self.end.is_none()
            && self.arrived.len() <= FLOOD
            && self.read_until(end.min(Instant::now() + quiet))
        {}
    }

    /// Reads once. False when the time was up before.
    fn read_until(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let Some(mut stream) = self.tcp() else { return false };
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return false;
        }
        let mut buffer = [0; 65536];
        match stream.read(&mut buffer) {
            Ok(0) => self.end = Some(End::Orderly),
            Ok(got) => {
                self.arrived.extend_from_slice(buffer.get(..got).unwrap_or_default());
                self.arrived_at = Instant::now();
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return false,
                ErrorKind::Interrupted => {}
                _ => self.end = Some(End::Reset),
            },
        }
        true
    }

    fn fail(&self, kind: FailureKind, expected: String) -> Failure {
        let actual = match self.arrived.get(..FLOOD) {
            // As much as this, and nobody has asked for it.
            Some(start) if kind == FailureKind::Excess => {
                t!("%{start} and more, without an end", start = show::start(start)).into_owned()
            }
            _ => show::bytes(&self.arrived),
        };
        Failure::new(kind, expected, actual)
    }

    /// Less came than expected: because the connection has ended, or because time was up.
    fn fail_short(&self, expected: String) -> Failure {
        if let Some(Err(failure)) = self.stream.get() {
            return failure.clone();
        }
        let patience = humantime::format_duration(self.record.patience());
        // Something still came, when the time of the whole probe was up.
        let is_slow = self.end.is_none()
            && !self.arrived.is_empty()
            && self.arrived_at.elapsed() < self.record.patience()
            && Instant::now() >= self.record.last_deadline();
        let (kind, then) = match self.end {
            Some(_) => (FailureKind::Closed, t!("the connection was closed")),
            None if is_slow => (FailureKind::Timeout, t!("the time of the probe was up")),
            None => (FailureKind::Timeout, t!("nothing more in %{patience}", patience = patience)),
        };
        let actual = match (self.arrived.as_slice(), kind) {
            ([], FailureKind::Timeout) => {
                t!("nothing in %{patience}", patience = patience).into_owned()
            }
            ([], _) => then.into_owned(),
            (arrived, _) => {
                t!("%{came}, then %{then}", came = show::bytes(arrived), then = then).into_owned()
            }
        };
        let more = self.record.more_patience(text!("If it may be as slow as that"));
        let hint = is_slow.then(|| t!(SLOW).into_owned() + &more);
        let is_begun = !self.arrived.is_empty() && self.end.is_none() && !is_slow;
        Failure { hint, is_begun, ..Failure::new(kind, expected, actual) }
    }
}

/// Makes a connection ready for a probe.
fn prepare(stream: &TcpStream, record: &Record) -> std::io::Result<()> {
    // Each piece is to travel at once, and alone.
    stream.set_nodelay(true)?;
    // Who was reset already has no peer's address. The first thing that is said finds it out.
    for address in [stream.local_addr(), stream.peer_addr()].into_iter().flatten() {
        record.uses_port(address.port());
    }
    Ok(())
}

/// Writes until all was taken, or the deadline comes, or an error. Returns how many bytes were taken.
fn write_until(mut stream: &TcpStream, bytes: &[u8], deadline: Instant) -> usize {
    let mut sent = 0;
    while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_write_timeout(Some(left)).is_err() {
            break;
        }
        match stream.write(rest) {
            Ok(taken) if taken > 0 => sent += taken,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => break,
        }
    }
    sent
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A stream, and the other end of its connection.
    fn pair() -> (ProbeStream, TcpStream) {
        pair_for(Duration::from_secs(30))
    }

    /// The same, for a probe that may take so long.
    fn pair_for(limit: Duration) -> (ProbeStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let stream = ProbeStream::new(stream, &Record::new(limit, limit), "connect").unwrap();
        (stream, listener.accept().unwrap().0)
    }

    /// Only Linux shows whether a piece was taken; elsewhere a pause has to do.
    #[cfg(target_os = "linux")]
    #[test]
    fn each_piece_is_a_recv_of_its_own() {
        let (mut stream, mut peer) = pair();
        let reader = thread::spawn(move || {
            let mut buffer = [0; 100];
            (0..4).map(|_| peer.read(&mut buffer).unwrap()).collect::<Vec<_>>()
        });
        stream.send_in_pieces(&[b"a", b"bcd", b"e"]);
        stream.close();
        assert_eq!(reader.join().unwrap(), [1, 3, 1, 0]);
    }

    #[test]
    fn what_is_wrong_is_found_before_all_has_come() {
        let (mut stream, mut peer) = pair();
        peer.write_all(b"HEllo").unwrap();
        let failure = stream.expect(b"HELLO and much more").unwrap_err();
        assert_eq!((failure.kind, failure.actual.as_str()), (FailureKind::Mismatch, "\"HEllo\""));
    }

    #[test]
    fn an_end_that_comes_too_early_says_what_came_before_it() {
        let (mut stream, mut peer) = pair();
        peer.write_all(b"HE").unwrap();
        drop(peer);
        let failure = stream.expect(b"HELLO").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Closed);
        assert_eq!(failure.actual, "\"HE\", then the connection was closed");
    }

    #[test]
    #[cfg_attr(
        windows,
        ignore = "Wine sends the end of the stream where a reset is due; a Windows of its own runs this"
    )]
    fn a_reset_is_no_orderly_end() {
        let (mut stream, peer) = pair();
        SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
        drop(peer);
        assert_eq!(stream.expect_end().unwrap_err().actual, "a reset");
        assert_eq!(stream.expect_gone(), Ok(()));
    }

    #[test]
    fn a_flood_is_more_than_an_end_and_is_not_waited_out() {
        let (mut stream, mut peer) = pair();
        let writer = thread::spawn(move || while peer.write_all(&[b'?'; 65536]).is_ok() {});
        assert_eq!(stream.expect_end().unwrap_err().kind, FailureKind::Excess);
        assert_eq!(stream.expect_gone_at_last().unwrap_err().kind, FailureKind::Excess);
        drop(stream);
        writer.join().unwrap();
    }

    /// A test that waits longer has met a wait without an end.
    const SOON: Duration = Duration::from_secs(15);

    #[test]
    fn who_says_a_byte_now_and_then_is_not_listened_to_for_ever() {
        let waits: [fn(&mut ProbeStream); 6] = [
            |stream| _ = stream.receive(usize::MAX, "much"),
            |stream| _ = stream.receive_line(usize::MAX, "a line"),
            |stream| _ = stream.expect_gone_at_last(),
            |stream| _ = stream.expect_end(),
            |stream| _ = stream.expect_silence(),
            |stream| _ = stream.rest(),
        ];
        for wait in waits {
            let (mut stream, mut peer) = pair_for(Duration::from_millis(300));
            let drip = thread::spawn(move || {
                while peer.write_all(b"?").is_ok() {
                    thread::sleep(Duration::from_millis(10));
                }
            });
            let begun = Instant::now();
            wait(&mut stream);
            assert!(begun.elapsed() < SOON);
            drop(stream);
            drip.join().unwrap();
        }
    }

    #[test]
    fn who_takes_a_little_now_and_then_is_not_sent_to_for_ever() {
        let sends: [fn(&mut ProbeStream, &[u8]); 3] = [
            |stream, bytes| stream.send(bytes),
            |stream, bytes| stream.send_while(bytes, |_| ()),
            |stream, bytes| _ = stream.send_until_full(bytes),
        ];
        for send in sends {
            let (mut stream, mut peer) = pair_for(Duration::from_millis(500));
            let taker = thread::spawn(move || {
                let mut buffer = [0; 65536];
                while peer.read(&mut buffer).is_ok_and(|got| got > 0) {
                    thread::sleep(Duration::from_millis(20));
                }
            });
            let begun = Instant::now();
            send(&mut stream, &vec![0; 128 << 20]);
            assert!(begun.elapsed() < SOON);
            stream.reset();
            taker.join().unwrap();
        }
    }
}
