//! A transfer that outlives its connections: what broke is tried again after a pause, and goes on
//! where it stopped. The pauses grow, for the reasons that lesson 05 gives.

use std::fmt;
use std::thread;
use std::time::Duration;

use crate::Error;

/// No pause is longer than this, but for the part that is random.
const LONGEST: Duration = Duration::from_secs(5);

/// How often to try again, and after what pauses.
#[derive(Debug, Clone, Copy)]
pub struct Retries {
    /// How many tries there may be in a row, after the first one, that get no farther.
    pub limit: u32,
    /// The pause before the first of these; each next one is twice as long, up to 5 seconds.
    pub pause: Duration,
}

/// Does one task after the other, over one connection after the other.
#[derive(Debug)]
pub struct Session<C, S, O> {
    call: C,
    retries: Retries,
    has_word: fn(&S) -> bool,
    connection: Option<(S, O)>,
    /// Whether there ever was a connection. If not, nothing broke that could be mended by waiting.
    was_connected: bool,
    /// How many tries in a row got no farther.
    again: u32,
}

/// One try to do a task.
#[derive(Debug)]
pub struct Attempt<'a, S, O> {
    /// The connection.
    pub stream: &'a mut S,
    /// Told of what passes over it.
    pub observer: &'a mut O,
    /// Whether the stream holds something that nobody has asked for.
    pub has_word: fn(&S) -> bool,
    /// Whether the task was begun already over another connection.
    pub is_again: bool,
    /// How far into the file the task has ever come, in bytes.
    pub reached: &'a mut u64,
}

/// What went wrong, and when it is tried again: a line for the person.
#[derive(Debug)]
pub struct Trouble<'a> {
    /// What went wrong.
    pub error: &'a Error,
    /// The pause before the next try.
    pub pause: Duration,
    /// The number of that try.
    pub again: u32,
    /// How many there may be.
    pub limit: u32,
}

impl<C, S, O> Session<C, S, O>
where
    C: FnMut() -> Result<(S, O), endpoint::Error>,
{
    /// A session whose connections, each with its observer, come from `call`. `has_word` says whether
    /// a connection holds something that nobody has asked for: then the server has hung up, or is
    /// about to.
    pub fn new(call: C, retries: Retries, has_word: fn(&S) -> bool) -> Session<C, S, O> {
        Session { call, retries, has_word, connection: None, was_connected: false, again: 0 }
    }

    /// Makes a connection if there is none. `tell` hears of each try that failed.
    ///
    /// # Errors
    /// As for [`Session::run`].
    pub fn connect(&mut self, tell: &mut dyn FnMut(&Trouble<'_>)) -> Result<(), Error> {
        self.connection = Some(self.take_connection(tell)?);
        Ok(())
    }

    /// Does `task`, and again over a new connection when that might help. `tell` hears of each try
    /// that failed.
    ///
    /// # Errors
    /// [`Error::GaveUp`] when all tries were in vain, or what trying again would not help: also when
    /// there is no server, and never was.
    pub fn run<T>(
        &mut self,
        mut task: impl FnMut(Attempt<'_, S, O>) -> Result<T, Error>,
        tell: &mut dyn FnMut(&Trouble<'_>),
    ) -> Result<T, Error> {
        self.again = 0;
        let (mut is_again, mut farthest) = (false, 0);
        loop {
            let (mut stream, mut observer) = self.take_connection(tell)?;
            let mut reached = farthest;
            let outcome = task(Attempt {
                stream: &mut stream,
                observer: &mut observer,
                has_word: self.has_word,
                is_again,
                reached: &mut reached,
            });
            if outcome.as_ref().err().is_none_or(Error::leaves_order) {
                self.connection = Some((stream, observer));
            }
            let Err(error) = outcome else { return outcome };
            if reached > farthest {
                // A long file may break as often as it likes, as long as each try gets farther.
                (self.again, farthest) = (0, reached);
            }
            self.pause(error, tell)?;
            is_again = true;
        }
    }

    /// The connection that there is, or else a new one.
    fn take_connection(&mut self, tell: &mut dyn FnMut(&Trouble<'_>)) -> Result<(S, O), Error> {
        let is_of_use = |(stream, _): &(S, O)| !(self.has_word)(stream);
        if let Some(connection) = self.connection.take().filter(is_of_use) {
            return Ok(connection);
        }
        loop {
            match (self.call)() {
                Ok(connection) => {
                    self.was_connected = true;
                    return Ok(connection);
                }
                Err(error) if self.was_connected => self.pause(error.into(), tell)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Pauses before the next try. If there is to be none, fails with `error`.
    fn pause(&mut self, error: Error, tell: &mut dyn FnMut(&Trouble<'_>)) -> Result<(), Error> {
        let Retries { limit, pause } = self.retries;
        if !error.is_passing() || limit == 0 {
            return Err(error);
        }
        if self.again == limit {
            return Err(Error::GaveUp { tries: limit, last: Box::new(error) });
        }
        let pause = pause.saturating_mul(2_u32.saturating_pow(self.again)).min(LONGEST);
        // Clients that a server has thrown out together should not all come back together.
        let quarter = u64::try_from(pause.as_millis() / 4).unwrap_or(u64::MAX);
        let pause = pause + Duration::from_millis(fastrand::u64(0..=quarter));
        self.again += 1;
        tell(&Trouble { error: &error, pause, again: self.again, limit });
        thread::sleep(pause);
        Ok(())
    }
}

impl fmt::Display for Trouble<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trouble { error, pause, again, limit } = self;
        write!(f, "{error}; trying again in {pause:?} ({again} of {limit})")
    }
}
