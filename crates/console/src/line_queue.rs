//! Lines on their way to standard output and standard error: who says one goes on at once, and a thread
//! writes it. So a terminal that is held with Ctrl-S, or a pipe that nobody reads, holds up no client.
//!
//! ```text
//!   urgent ─────▶ ┌────────────┐
//!   kept ───┐     │ the writer │ ─▶ standard output, standard error
//!   detail ─┴───▶ └────────────┘
//!       └ no room: left out, and counted: `… 1,234 lines were not shown`
//! ```
//!
//! Under load a line costs the one who says it a lock and a copy, and no system call: the writer is woken for
//! the first line only, and then looks again by itself for what has gathered.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt::{Display, Write as _};
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many bytes of lines may wait for the writer.
const QUEUE_LIMIT: usize = 4 << 20;

/// For how many bytes more there is room if they are of lines that are not left out.
const KEPT_RESERVE: usize = 64 << 10;

/// How many bytes are written at a time, in whole lines: an urgent line waits for no more than these.
const CHUNK_SIZE: usize = 16 << 10;

/// How long the writer lets lines gather once it has written all there were.
const GATHER_TIME: Duration = Duration::from_millis(2);

/// How long the writer waits before it tries again an output that takes nothing and does not block.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

/// The stack of the writer's thread, in bytes.
const STACK_SIZE: usize = 128 << 10;

/// The longest line whose memory is kept for its thread's next line, in bytes.
const MAX_KEPT_LINE: usize = 4 << 10;

/// Where a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Standard,
    Error,
}

/// What becomes of a line while others wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// It waits for those before it, and is left out if there are too many.
    Detail,
    /// It waits for those before it.
    Kept,
    /// It goes before those that wait.
    Urgent,
}

/// Lines that a thread writes, in their order. A clone is the same queue.
#[derive(Debug, Clone)]
pub(crate) struct LineQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Wakes the writer.
    filled: Condvar,
    /// Wakes who waits for the end.
    written: Condvar,
    /// The outputs that nobody reads any more: standard output, and standard error.
    closed: [AtomicBool; 2],
}

#[derive(Debug, Default)]
struct State {
    urgent: VecDeque<Chunk>,
    waiting: VecDeque<Chunk>,
    /// The memory of a chunk that has been written, for the next one.
    spare: Vec<u8>,
    /// The bytes that are not written yet, those that are being written included.
    unwritten: usize,
    /// The lines among them that are being written.
    lines_in_hand: usize,
    /// Lines left out since this was last said.
    left_out: usize,
    /// There was no room. Until half of it is free again all details are left out, so that what is shown
    /// has few gaps.
    is_full: bool,
    /// The writer waits to be woken.
    is_writer_asleep: bool,
    /// How many chunks have been written.
    chunks_written: u64,
}

/// Whole lines for the same output.
#[derive(Debug)]
struct Chunk {
    output: Output,
    bytes: Vec<u8>,
}

thread_local! {
    /// What a thread's lines are formatted in.
    static LINE: Cell<String> = const { Cell::new(String::new()) };
}

impl LineQueue {
    /// Starts the thread that writes to standard output and standard error.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub(crate) fn start(name: &str) -> io::Result<LineQueue> {
        LineQueue::to(name, Box::new(io::stdout()), Box::new(io::stderr()))
    }

    fn to(
        name: &str,
        mut standard: Box<dyn Write + Send>,
        mut error: Box<dyn Write + Send>,
    ) -> io::Result<LineQueue> {
        let queue = LineQueue(Arc::new(Shared {
            state: Mutex::default(),
            filled: Condvar::new(),
            written: Condvar::new(),
            closed: Default::default(),
        }));
        let shared = queue.0.clone();
        let writer = move || {
            loop {
                let chunk = shared.next();
                let outcome = match chunk.output {
                    Output::Standard => write_all(&mut standard, &chunk.bytes),
                    Output::Error => write_all(&mut error, &chunk.bytes),
                };
                shared.done(chunk, &outcome);
            }
        };
        thread::Builder::new().name(name.to_owned()).stack_size(STACK_SIZE).spawn(writer)?;
        Ok(queue)
    }

    /// Hands a line to the writer.
    pub(crate) fn push(&self, output: Output, priority: Priority, line: impl Display) {
        if self.0.is_closed(output) {
            return;
        }
        // What is shown may say a line itself: then that one begins with an empty string.
        let mut text = LINE.take();
        text.clear();
        // A String takes whatever is written to it.
        _ = writeln!(text, "{line}");
        self.0.push(output, priority, text.as_bytes());
        if text.capacity() <= MAX_KEPT_LINE {
            LINE.set(text);
        }
    }

    /// Waits until all lines are written, until the outputs have taken nothing for so long as
    /// `stall_timeout`, or until `time_left` says that no time is left. Returns how many lines are given up.
    pub(crate) fn finish(
        &self,
        stall_timeout: Duration,
        time_left: impl Fn() -> Option<Duration>,
    ) -> usize {
        let mut state = self.0.state();
        let (mut seen, mut since) = (state.chunks_written, Instant::now());
        while state.unwritten > 0 || state.left_out > 0 {
            if state.chunks_written != seen {
                (seen, since) = (state.chunks_written, Instant::now());
            }
            let left = stall_timeout.saturating_sub(since.elapsed());
            let left = time_left().map_or(left, |time_left| time_left.min(left));
            if left.is_zero() {
                return state.lines();
            }
            let waited = self.0.written.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        0
    }
}

impl Shared {
    fn push(&self, output: Output, priority: Priority, line: &[u8]) {
        let mut state = self.state();
        match priority {
            Priority::Detail if !state.has_room(line.len()) => state.left_out += lines_in(line),
            Priority::Kept | Priority::Urgent
                if state.unwritten + line.len() > QUEUE_LIMIT + KEPT_RESERVE =>
            {
                state.left_out += lines_in(line);
            }
            Priority::Urgent => {
                state.unwritten += line.len();
                state.urgent.push_back(Chunk { output, bytes: line.to_vec() });
            }
            Priority::Detail | Priority::Kept => {
                state.say_left_out();
                state.append(output, line);
            }
        }
        // While the writer works, it looks for more by itself.
        if std::mem::take(&mut state.is_writer_asleep) {
            drop(state);
            self.filled.notify_one();
        }
    }

    /// For the writer: waits until there is something to write.
    fn next(&self) -> Chunk {
        let mut has_gathered = false;
        let mut state = self.state();
        loop {
            let State { urgent, waiting, .. } = &mut *state;
            if let Some(chunk) = urgent.pop_front().or_else(|| waiting.pop_front()) {
                state.lines_in_hand = lines_in(&chunk.bytes);
                return chunk;
            }
            if state.left_out > 0 {
                state.say_left_out();
            } else if has_gathered {
                state.is_writer_asleep = true;
                state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                drop(state);
                thread::sleep(GATHER_TIME);
                has_gathered = true;
                state = self.state();
            }
        }
    }

    /// For the writer: what has become of a chunk.
    fn done(&self, chunk: Chunk, outcome: &io::Result<()>) {
        let Chunk { output, mut bytes } = chunk;
        let mut state = self.state();
        match outcome {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.close(output),
            // A full disk may have room again.
            Err(_) => state.left_out += state.lines_in_hand,
            Ok(()) => {}
        }
        state.unwritten -= bytes.len();
        state.lines_in_hand = 0;
        state.chunks_written += 1;
        bytes.clear();
        state.spare = bytes;
        drop(state);
        self.written.notify_all();
    }

    fn close(&self, output: Output) {
        self.closed[output as usize].store(true, Ordering::Relaxed);
    }

    fn is_closed(&self, output: Output) -> bool {
        self.closed[output as usize].load(Ordering::Relaxed)
    }

    /// Nothing panics while it holds the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&mut self, length: usize) -> bool {
        let limit = if self.is_full { QUEUE_LIMIT / 2 } else { QUEUE_LIMIT };
        self.is_full = self.unwritten + length > limit;
        !self.is_full
    }

    fn append(&mut self, output: Output, line: &[u8]) {
        self.unwritten += line.len();
        match self.waiting.back_mut() {
            Some(chunk)
                if chunk.output == output && chunk.bytes.len() + line.len() <= CHUNK_SIZE =>
            {
                chunk.bytes.extend_from_slice(line);
            }
            _ => {
                let mut bytes = std::mem::take(&mut self.spare);
                bytes.extend_from_slice(line);
                self.waiting.push_back(Chunk { output, bytes });
            }
        }
    }

    /// Says how many lines are missing in this place, if any are.
    fn say_left_out(&mut self) {
        let note = match std::mem::take(&mut self.left_out) {
            0 => return,
            1 => "… 1 line was not shown\n".to_owned(),
            count => format!("… {} lines were not shown\n", with_commas(count)),
        };
        self.append(Output::Standard, note.as_bytes());
    }

    /// The lines that are not written yet, or were left out.
    fn lines(&self) -> usize {
        let chunks = self.urgent.iter().chain(&self.waiting);
        let waiting: usize = chunks.map(|chunk| lines_in(&chunk.bytes)).sum();
        waiting + self.lines_in_hand + self.left_out
    }
}

fn lines_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}

/// Writes and flushes, also where the output does not block: standard output may be shared with a program
/// that has set O_NONBLOCK.
fn write_all(output: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    loop {
        let outcome = match bytes {
            [] => output.flush().map(|()| 0),
            bytes => output.write(bytes),
        };
        match outcome {
            Ok(0) if bytes.is_empty() => return Ok(()),
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY_PAUSE),
            Err(error) => return Err(error),
        }
    }
}

/// A number with a comma before each group of three digits.
pub(crate) fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver, Sender};

    use super::*;

    const STALL_TIMEOUT: Duration = Duration::from_secs(1);

    /// An output of which a test takes what was written, one write at a time; until it does, a write waits.
    struct Pipe(Sender<(Vec<u8>, Sender<()>)>);

    struct Reader(Receiver<(Vec<u8>, Sender<()>)>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (taken, is_taken) = mpsc::channel();
            let broken = |_| ErrorKind::BrokenPipe;
            self.0.send((bytes.to_vec(), taken)).map_err(broken)?;
            is_taken.recv().map_err(|_| ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Reader {
        /// Waits until something is being written, and holds it.
        fn hold(&self) -> (String, Sender<()>) {
            let (bytes, taken) = self.0.recv_timeout(Duration::from_secs(30)).unwrap();
            (String::from_utf8(bytes).unwrap(), taken)
        }

        fn read(&self) -> String {
            let (text, taken) = self.hold();
            taken.send(()).unwrap();
            text
        }

        fn read_until(&self, end: &str) -> String {
            let mut text = String::new();
            while !text.ends_with(end) {
                text += &self.read();
            }
            text
        }
    }

    fn pipe() -> (Pipe, Reader) {
        let (write, read) = mpsc::channel();
        (Pipe(write), Reader(read))
    }

    fn queue() -> (LineQueue, Reader) {
        let (write, read) = pipe();
        (LineQueue::to("log", Box::new(write), Box::new(io::sink())).unwrap(), read)
    }

    fn detail(queue: &LineQueue, line: impl Display) {
        queue.push(Output::Standard, Priority::Detail, line);
    }

    #[test]
    fn a_line_is_written_at_once_and_what_gathers_meanwhile_in_one_write() {
        let (queue, reader) = queue();
        detail(&queue, "first");
        let (first, taken) = reader.hold();
        assert_eq!(first, "first\n");
        for number in 0..100 {
            detail(&queue, number);
        }
        taken.send(()).unwrap();
        let gathered: String = (0..100).map(|number| format!("{number}\n")).collect();
        assert_eq!(reader.read(), gathered);
    }

    #[test]
    fn the_lines_of_each_of_many_threads_stay_in_their_order() {
        const THREADS: usize = 8;
        const LINES: usize = 2000;
        let (queue, reader) = queue();
        thread::scope(|scope| {
            for client in 0..THREADS {
                let queue = &queue;
                scope.spawn(move || {
                    (0..LINES).for_each(|line| detail(queue, format_args!("{client} {line}")));
                });
            }
            let mut next = [0; THREADS];
            while next != [LINES; THREADS] {
                for line in reader.read().lines() {
                    let (client, line) = line.split_once(' ').unwrap();
                    let next = &mut next[client.parse::<usize>().unwrap()];
                    assert_eq!(line, next.to_string());
                    *next += 1;
                }
            }
        });
    }

    #[test]
    fn what_nobody_reads_holds_up_nobody_and_is_counted_and_that_is_said_once_somebody_reads() {
        let (queue, reader) = queue();
        let line = "x".repeat(99);
        let lines = QUEUE_LIMIT / 100 + 12_345;
        (0..lines).for_each(|_| detail(&queue, &line));
        let shown = reader.read_until(" lines were not shown\n");
        let (whole, note) = shown.trim_end().rsplit_once('\n').unwrap();
        let whole = whole.lines().inspect(|shown| assert_eq!(*shown, line)).count();
        assert_eq!(note, format!("… {} lines were not shown", with_commas(lines - whole)));
        assert!(whole.abs_diff(QUEUE_LIMIT / 100) < CHUNK_SIZE, "{whole} were shown");
        detail(&queue, "and on it goes");
        assert_eq!(reader.read(), "and on it goes\n");
    }

    #[test]
    fn an_urgent_line_waits_for_one_chunk_at_most_and_a_kept_one_is_not_left_out() {
        let (queue, reader) = queue();
        let line = "x".repeat(99);
        (0..QUEUE_LIMIT / 50).for_each(|_| detail(&queue, &line));
        queue.push(Output::Standard, Priority::Kept, "totals");
        queue.push(Output::Standard, Priority::Urgent, "urgent");
        assert!(reader.read().starts_with('x'));
        assert_eq!(reader.read(), "urgent\n");
        let rest = reader.read_until("totals\n");
        assert!(rest.contains(" lines were not shown\ntotals\n"));
    }

    #[test]
    fn an_output_that_nobody_reads_any_more_ends_its_lines_and_not_those_of_the_other() {
        let ((write, read), (other, reader)) = (pipe(), pipe());
        let queue = LineQueue::to("log", Box::new(write), Box::new(other)).unwrap();
        drop(read);
        detail(&queue, "to nobody");
        assert_eq!(queue.finish(STALL_TIMEOUT, || None), 0);
        detail(&queue, "to nobody");
        queue.push(Output::Error, Priority::Detail, "to somebody");
        assert_eq!(reader.read(), "to somebody\n");
        assert_eq!(queue.finish(STALL_TIMEOUT, || None), 0);
    }

    #[test]
    fn the_end_waits_for_all_lines_if_somebody_reads_and_not_for_ever_if_nobody_does() {
        let (queue, reader) = queue();
        let lines = 5000;
        (0..lines).for_each(|number| detail(&queue, number));
        let last = format!("{}\n", lines - 1);
        let shown = thread::spawn(move || (reader.read_until(&last), reader));
        assert_eq!(queue.finish(STALL_TIMEOUT, || None), 0);
        let (shown, _reader) = shown.join().unwrap();
        assert_eq!(shown.lines().count(), lines);
        detail(&queue, "one");
        detail(&queue, "two");
        assert_eq!(queue.finish(STALL_TIMEOUT, || None), 2);
    }

    #[test]
    fn an_output_that_does_not_block_gets_every_byte() {
        /// Takes a few bytes, and then none, in turns.
        struct Slow(Pipe, bool);

        impl Write for Slow {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 = !self.1;
                match self.1 {
                    true => Err(ErrorKind::WouldBlock.into()),
                    false => self.0.write(&bytes[..bytes.len().min(7)]),
                }
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let (write, reader) = pipe();
        let queue =
            LineQueue::to("log", Box::new(Slow(write, false)), Box::new(io::sink())).unwrap();
        detail(&queue, "more than seven bytes");
        assert_eq!(reader.read_until("\n"), "more than seven bytes\n");
    }

    #[test]
    fn groups_of_three_digits_have_commas() {
        let numbers = [0, 12, 123, 1234, 123_456, 1_234_567];
        let shown = numbers.map(with_commas);
        assert_eq!(shown, ["0", "12", "123", "1,234", "123,456", "1,234,567"]);
    }
}
