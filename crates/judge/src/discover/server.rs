//! Asks a server in one framing after another, a connection at a time: it may serve only one.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use wire::{Framing, FramingPair};

use crate::carrier::READY;
use crate::discover::expectation::{Expectation, ExpectedExchange, Pace};
use crate::discover::recognise::{AnswerKind, Question, first_messages, only_message};
use crate::discover::speaks::Speaks;
use crate::mojibake::as_gbk;
use crate::probe::Side;

/// How requests are framed, in the order in which that is tried. Of two that a server could take for
/// one another the shorter comes first: one with `>H` takes the zeros of a `>I` for an empty message.
const FRAMINGS: [&str; 28] = [
    "none",
    "<i",
    ">I",
    "line",
    r"digits:\n",
    "B",
    ">H",
    "<H",
    "json:<i:total_size",
    ">Q",
    "<Q",
    "digits:010",
    "digits:04",
    "digits:08",
    ">I+self",
    "<i+self",
    ">H+self",
    "<H+self",
    "until:00",
    "until:0d0a",
    "digits::",
    "digits:064",
    "json:>H:content-length",
    "json:>H:size",
    "until:0d0a0d0a",
    "digits:016",
    "until:03",
    "end",
];

/// Words of both cases, as many that their number has two digits; and fewer.
const WORDS: [&str; 2] = ["Hi, who are you", "Who"];

/// How long nothing may come behind an answer until that is all of it.
const QUIET: Duration = Duration::from_millis(60);
/// How long a server may take to hang up after its client has.
const END_TIMEOUT: Duration = Duration::from_millis(500);
/// How often a server may stay with a client that has left.
const MOST_STUCK: usize = 3;
/// The most that is read of an answer, in bytes.
const MOST_READ: usize = 64 * 1024;

/// How a server is reached.
pub(crate) trait ServedConnection {
    /// A new connection; `None` if nobody listens any more.
    fn connect(&mut self) -> Option<TcpStream>;

    /// Starts the server afresh, if it can be.
    fn restart(&mut self);
}

/// What came for one request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Response {
    /// While more could have been asked.
    answer: Vec<u8>,
    /// After the end of the request's direction.
    after_end: Vec<u8>,
    /// Whether the server has hung up before that.
    hung_up: bool,
}

/// A framing and a kind of text in which a server is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Attempt {
    framing: Framing,
    /// Whether what is asked is JSON.
    is_json: bool,
}

/// What an attempt has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Finding {
    Answer(Framing, AnswerKind),
    Announces { is_ended: bool },
}

/// Finds out what a server speaks; `None` if it is what was expected.
pub(crate) fn of_server(
    reach: &mut impl ServedConnection,
    expected: &Expectation,
    pace: Pace,
) -> Option<String> {
    let mut discovery = Discovery {
        reach,
        expected,
        pace,
        stuck: 0,
        lag: Duration::ZERO,
        replies: Vec::new(),
        first_words: None,
        before_answer: None,
    };
    let found = discovery.find();
    found.sentence(expected, Side::Server)
}

struct Discovery<'a, R> {
    reach: &'a mut R,
    expected: &'a Expectation,
    pace: Pace,
    /// How often the server has stayed with a client that had left.
    stuck: usize,
    /// The longest that the server has taken to hang up: on a busy machine it is slow to answer, too.
    lag: Duration,
    /// The framings in which the expected answer came, which could be one to anything, and what was sent.
    replies: Vec<(FramingPair, Vec<u8>)>,
    /// The first answer that was not recognised, and how the request was framed.
    first_words: Option<(Framing, Vec<u8>)>,
    /// What stood before an answer that is known, and is no framing.
    before_answer: Option<Vec<u8>>,
}

impl<R: ServedConnection> Discovery<'_, R> {
    fn find(&mut self) -> Speaks {
        let mut attempts: VecDeque<Attempt> = attempts(self.expected).into();
        match self.greeting() {
            _ if self.expected.is_greeted => {}
            None => return Speaks::Nothing,
            Some(greeting) if !greeting.is_empty() => return Speaks::Greeting(greeting),
            Some(_) => {}
        }
        for wait in [self.pace.brief, self.pace.long] {
            let mut silent = VecDeque::new();
            while let Some(attempt) = attempts.pop_front() {
                if self.is_over() {
                    return self.unknown();
                }
                let question = self.question(&attempt, 0);
                let wait = wait.max((self.lag * 4).min(wait * 2));
                let Some(response) = self.ask(&attempt.framing, &question, wait) else {
                    return self.unknown();
                };
                if let Some(found) = self.follow(&attempt, &question, &response) {
                    return found;
                }
                match response.answer.is_empty() {
                    false => suggest(&response.answer, &attempt, &mut attempts),
                    true if !response.hung_up => silent.push_back(attempt),
                    true => {}
                }
            }
            if !self.replies.is_empty() {
                return self.unambiguous().unwrap_or_else(|| self.unknown());
            }
            attempts = silent;
        }
        self.unknown()
    }

    /// What comes of a response, if that is sure.
    fn follow(
        &mut self,
        attempt: &Attempt,
        question: &Question,
        response: &Response,
    ) -> Option<Speaks> {
        match finding(attempt, question, response) {
            // It shows how the request was read only if nothing else is answered so.
            Some(Finding::Answer(answer, AnswerKind::Expected))
                if attempt.framing != Framing::None =>
            {
                let request = attempt.framing.clone();
                let sent = encode(&request, &question.text);
                self.replies.push((FramingPair { request, answer }, sent));
                return None;
            }
            Some(finding) => return self.confirm(attempt, question, finding),
            None => {}
        }
        if response.answer.is_empty() {
            return None;
        }
        if self.first_words.is_none() {
            self.first_words = Some((attempt.framing.clone(), response.answer.clone()));
        }
        let before = question.before_answer(&response.answer).map(<[u8]>::to_vec);
        self.before_answer = self.before_answer.take().or(before);
        let framings = self.expected.framings.as_ref()?;
        let text = as_gbk(&only_message(&framings.answer, &response.answer)?)?;
        (attempt.framing == framings.request).then_some(Speaks::Gbk(text))
    }

    /// The framing in which each request that was answered has a message, if there is only one.
    fn unambiguous(&self) -> Option<Speaks> {
        let sent: Vec<Vec<u8>> = self.replies.iter().map(|(_, sent)| sent.clone()).collect();
        let has_message =
            |pair: &FramingPair, sent: &Vec<u8>| !first_messages(&pair.request, sent).is_empty();
        let explains_all =
            |(pair, _): &&(FramingPair, Vec<u8>)| sent.iter().all(|sent| has_message(pair, sent));
        let mut framings = self.replies.iter().filter(explains_all);
        match (framings.next(), framings.next()) {
            (Some((framings, _)), None) => {
                let framings = framings.clone();
                Some(Speaks::Framed { framings, kind: AnswerKind::Expected })
            }
            _ => None,
        }
    }

    /// Asks something else in the same framing, and then in those that could have led to the same.
    fn confirm(&mut self, attempt: &Attempt, first: &Question, finding: Finding) -> Option<Speaks> {
        let again = self.question(attempt, 1);
        let response = self.ask(&attempt.framing, &again, self.pace.long)?;
        let answer = match (self::finding(attempt, &again, &response)?, &finding) {
            (Finding::Announces { is_ended }, Finding::Announces { .. }) => {
                return Some(Speaks::Announces { is_tutorial: !is_ended });
            }
            (Finding::Answer(answer, kind), Finding::Answer(_, before)) if kind == *before => {
                answer
            }
            _ => return None,
        };
        let Finding::Answer(before, kind) = finding else { return None };
        for framing in could_be(attempt, first, &before, kind) {
            let other = Attempt { framing, is_json: attempt.is_json };
            let response = self.ask(&other.framing, first, self.pace.long)?;
            if let Some(Finding::Answer(answer, kind)) = self::finding(&other, first, &response) {
                let request = other.framing;
                return Some(Speaks::Framed { framings: FramingPair { request, answer }, kind });
            }
        }
        // Digits that do not fill their field show with what it is padded, and the request's need not.
        let request = match (&attempt.framing, &before, &answer) {
            (Framing::Digits(_), Framing::Digits(_), Framing::Digits(_))
                if width(&attempt.framing) == width(&answer) =>
            {
                answer.clone()
            }
            _ => attempt.framing.clone(),
        };
        Some(Speaks::Framed { framings: FramingPair { request, answer }, kind })
    }

    /// What is asked in this framing, the first time or again.
    fn question(&self, attempt: &Attempt, number: usize) -> Question {
        let words = WORDS.get(number).copied().unwrap_or_default();
        match &self.expected.exchange {
            _ if attempt.is_json => Question::of_json(words),
            Some(ExpectedExchange::Script { request, answer }) => {
                Question::of_text(request).expecting(answer)
            }
            Some(ExpectedExchange::Reply(text)) => {
                let question = Question::of_words(words);
                let answer = text.replace("{}", &String::from_utf8_lossy(&question.text));
                question.expecting(answer.as_bytes())
            }
            None => Question::of_words(words),
        }
    }

    /// What the server says before it is asked anything.
    fn greeting(&mut self) -> Option<Vec<u8>> {
        let mut stream = self.connect()?;
        let (greeting, _) = receive(&mut stream, self.pace.brief, self.pace.end);
        self.leave(stream);
        Some(greeting)
    }

    fn ask(&mut self, framing: &Framing, question: &Question, wait: Duration) -> Option<Response> {
        let mut stream = self.connect()?;
        if self.expected.is_greeted {
            receive(&mut stream, self.pace.brief, self.pace.end);
        }
        // A server that takes nothing answers nothing.
        _ = stream.set_write_timeout(Some(wait));
        _ = stream.write_all(&encode(framing, &question.text));
        let (answer, hung_up) = receive(&mut stream, wait, self.pace.end);
        let mut after_end = Vec::new();
        if *framing == Framing::End {
            _ = stream.shutdown(Shutdown::Write);
            after_end = receive(&mut stream, wait, self.pace.end).0;
        }
        self.leave(stream);
        Some(Response { answer, after_end, hung_up })
    }

    /// Hangs up, and sees to it that the server comes to its next client.
    fn leave(&mut self, mut stream: TcpStream) {
        _ = stream.shutdown(Shutdown::Write);
        let begun = Instant::now();
        while begun.elapsed() < END_TIMEOUT {
            if receive(&mut stream, END_TIMEOUT, self.pace.end).1 {
                self.lag = self.lag.max(begun.elapsed());
                return;
            }
        }
        self.stuck += 1;
        self.reach.restart();
    }

    fn connect(&mut self) -> Option<TcpStream> {
        let stream = self.reach.connect()?;
        _ = stream.set_nodelay(true);
        Some(stream)
    }

    fn is_over(&self) -> bool {
        self.pace.is_over() || self.stuck > MOST_STUCK
    }

    fn unknown(&mut self) -> Speaks {
        match self.before_answer.take() {
            Some(bytes) => Speaks::AnswersBehind(bytes),
            None => Speaks::Unknown(self.first_words.take()),
        }
    }
}

/// All that is tried, the likeliest first.
fn attempts(expected: &Expectation) -> Vec<Attempt> {
    let known: Vec<Framing> = FRAMINGS.iter().filter_map(|text| text.parse().ok()).collect();
    let (first, rest) = known.split_at(1);
    let mut framings = first.to_vec();
    for framing in expected.request().into_iter().chain(rest) {
        if !framings.contains(framing) {
            framings.push(framing.clone());
        }
    }
    let mut attempts: Vec<Attempt> =
        framings.into_iter().map(|framing| Attempt { framing, is_json: false }).collect();
    let at =
        attempts.iter().position(|attempt| attempt.framing == Framing::Line).map_or(0, |at| at + 1);
    attempts.insert(at, Attempt { framing: Framing::Line, is_json: true });
    attempts
}

/// Puts the framing that an answer would fit first, if requests were not yet framed so.
fn suggest(answer: &[u8], asked: &Attempt, attempts: &mut VecDeque<Attempt>) {
    let fits = Framing::candidates(answer).into_iter().next();
    let fits = fits.filter(|framing| !matches!(framing, Framing::None | Framing::End));
    let fits = fits.filter(|framing| *framing != asked.framing);
    let Some(at) = attempts.iter().position(|attempt| Some(&attempt.framing) == fits.as_ref())
    else {
        return;
    };
    if let Some(attempt) = attempts.remove(at) {
        attempts.push_front(attempt);
    }
}

/// The other framings in which a server would have given the same answer: one that takes any bytes as
/// they come has sent the length back, one with a shorter length has taken the zeros of a longer one
/// for empty messages.
fn could_be(
    attempt: &Attempt,
    asked: &Question,
    answer: &Framing,
    kind: AnswerKind,
) -> Vec<Framing> {
    let sent = encode(&attempt.framing, &asked.text);
    let came: Vec<Vec<u8>> = asked.answer_in(kind, answer).into_iter().collect();
    let is_explained = |framing: &Framing| {
        let pairs = [[framing, framing], [framing, answer]];
        came.iter().any(|came| pairs.iter().any(|pair| asked.explains(kind, *pair, [&sent, came])))
    };
    let known = FRAMINGS.iter().filter_map(|text| text.parse().ok());
    known.filter(|framing| *framing != attempt.framing).filter(is_explained).collect()
}

fn finding(attempt: &Attempt, question: &Question, response: &Response) -> Option<Finding> {
    let came = &response.answer;
    if attempt.framing == Framing::End {
        // Whoever reads up to the end says nothing before it.
        if !came.is_empty() {
            return None;
        }
        let (framing, kind) = question.recognise(&attempt.framing, &response.after_end)?;
        return Some(Finding::Answer(framing, kind));
    }
    if let Some((framing, kind)) = question.recognise(&attempt.framing, came) {
        return Some(Finding::Answer(framing, kind));
    }
    let is_announced = attempt.framing.to_string() == r"digits:\n" && came.starts_with(READY);
    let digits = || question.printed().is_some_and(|it| it.len().to_string().as_bytes() == came);
    match attempt.framing {
        _ if is_announced => Some(Finding::Announces { is_ended: true }),
        Framing::None if digits() => Some(Finding::Announces { is_ended: false }),
        _ => None,
    }
}

/// How many characters wide the digits of a length are, if that does not change.
fn width(framing: &Framing) -> Option<usize> {
    let mut bytes = Vec::new();
    framing.encode(b"", &mut bytes).ok()?;
    Some(bytes.len())
}

/// A message as it travels. A JSON header has what those that are known have in theirs.
fn encode(framing: &Framing, message: &[u8]) -> Vec<u8> {
    let hash = wire::md5_hex(message);
    let fields = [
        ("filename", "a.txt"),
        ("hash", hash.as_str()),
        ("byteorder", "little"),
        ("content-type", "text/plain"),
        ("content-encoding", "utf-8"),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect();
    let mut bytes = Vec::new();
    // What cannot be framed so is not asked so: the server gets nothing, and answers nothing.
    _ = framing.encode_with(&fields, message, &mut bytes);
    bytes
}

/// What comes within this time, and what then follows without a pause; and whether that was all
/// before an end.
fn receive(stream: &mut TcpStream, wait: Duration, end: Instant) -> (Vec<u8>, bool) {
    let (mut came, mut buffer) = (Vec::new(), [0; 4096]);
    let mut deadline = end.min(Instant::now() + wait);
    while came.len() < MOST_READ {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            break;
        }
        match stream.read(&mut buffer) {
            Ok(0) => return (came, true),
            Ok(got) => {
                came.extend_from_slice(buffer.get(..got).unwrap_or_default());
                deadline = end.min(Instant::now() + QUIET.max(wait / 4));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                let is_late = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                return (came, !is_late);
            }
        }
    }
    (came, false)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use wire::FrameReader;

    use super::*;

    /// A server on a thread: it ends when the test does.
    struct Local(std::net::SocketAddr);

    impl ServedConnection for Local {
        fn connect(&mut self) -> Option<TcpStream> {
            TcpStream::connect(self.0).ok()
        }

        fn restart(&mut self) {}
    }

    /// Serves one client after the other.
    fn serve(converse: impl Fn(TcpStream) + Send + 'static) -> Local {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || listener.incoming().for_each(|stream| converse(stream.unwrap())));
        Local(address)
    }

    /// A careful server with these framings.
    fn framed(framings: &str, answer: fn(&[u8]) -> Vec<u8>) -> Local {
        let FramingPair { request, answer: answered } = framings.parse().unwrap();
        serve(move |stream| {
            let mut writer = stream.try_clone().unwrap();
            let mut reader = FrameReader::new(stream, &request, 1 << 20);
            while let Ok(Some(message)) = reader.next_frame() {
                if writer.write_all(&encode(&answered, &answer(message))).is_err() {
                    break;
                }
            }
        })
    }

    fn upper(request: &[u8]) -> Vec<u8> {
        request.to_ascii_uppercase()
    }

    fn echo(request: &[u8]) -> Vec<u8> {
        request.to_vec()
    }

    fn run(request: &[u8]) -> Vec<u8> {
        match request.strip_prefix(b"echo ") {
            Some(words) => words.to_vec(),
            None => b"no such command".to_vec(),
        }
    }

    fn reply(_: &[u8]) -> Vec<u8> {
        b"sok".to_vec()
    }

    fn expected(framings: &str, answers: AnswerKind) -> Expectation {
        let framings = Some(framings.parse().unwrap());
        let reply = ExpectedExchange::Reply("sok".to_owned());
        let exchange = (answers == AnswerKind::Expected).then_some(reply);
        Expectation { framings, answers, exchange, is_greeted: false, is_any: true }
    }

    /// What is said of the server, where `<i` and a command are expected.
    fn told(server: &mut Local) -> String {
        let expected = expected("<i", AnswerKind::Command);
        of_server(server, &expected, Pace::of(Duration::from_secs(4))).unwrap_or_default()
    }

    /// All of them at the same time: most of it is waiting.
    fn each<T: Send + Sync + 'static + Copy>(all: &[T], look: fn(T)) {
        let look = |one: &T| {
            let one = *one;
            thread::spawn(move || look(one))
        };
        let threads: Vec<_> = all.iter().map(look).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }

    #[test]
    fn a_server_in_any_framing_of_the_table_is_recognised() {
        let framings = [
            "none",
            ">I",
            ">H",
            "<H",
            "<Q",
            ">Q",
            "B",
            "<i+self",
            ">I+self",
            ">H+self",
            "<H+self",
            "digits:10",
            "digits:04",
            "digits:08",
            r"digits:\n",
            "digits::",
            "line",
            "until:00",
            "until:0d0a0d0a",
            "json:<i:total_size",
            "json:>H:content-length",
            "json:>H:size",
            "<i,>I",
            "line,>I",
            "none,<i",
            "end,end",
            "digits:64",
        ];
        each(&framings, |framings| {
            let pair: FramingPair = framings.parse().unwrap();
            for (answer, service) in
                [(run as fn(&[u8]) -> Vec<u8>, ""), (upper, " --service upper")]
            {
                let told = told(&mut framed(framings, answer));
                assert!(
                    told.contains(&format!("Try `--framing '{pair}'{service}")),
                    "{pair}: {told}"
                );
            }
        });
    }

    #[test]
    fn an_echo_is_recognised_whether_it_has_messages_or_not() {
        for framings in ["none", ">I", "line"] {
            let told = told(&mut framed(framings, echo));
            assert!(told.contains("sends back what it gets"), "{told}");
            assert!(told.ends_with(&format!("'{framings}' --service echo`.")), "{told}");
        }
        let told = told(&mut framed("<i", echo));
        assert!(told.ends_with("Try `--service echo`."), "{told}");
    }

    #[test]
    fn an_answer_that_could_be_one_to_anything_is_claimed_only_if_one_framing_explains_all() {
        each(&["none", "<H", "<i", ">I", "line", "<Q", "B"], |framings| {
            let mut server = framed(framings, reply);
            let expected = expected("digits:04", AnswerKind::Expected);
            let told = of_server(&mut server, &expected, Pace::of(Duration::from_secs(4)));
            let told = told.unwrap_or_default();
            assert!(
                told.ends_with(&format!("Try `--framing '{framings}'`.")),
                "{framings}: {told}"
            );
        });
    }

    #[test]
    fn what_speaks_as_expected_is_no_news() {
        assert_eq!(told(&mut framed("<i", run)), "");
    }

    #[test]
    fn a_server_that_nobody_understands_is_not_claimed_to_speak_anything() {
        let silent = || serve(|mut stream| _ = stream.read_to_end(&mut Vec::new()));
        assert!(told(&mut silent()).starts_with("Not found out: it has answered in none"));
        let hangs_up = || serve(drop);
        assert!(told(&mut hangs_up()).starts_with("Not found out"));
        // Noise, of other lengths for other requests.
        let noise = || {
            serve(|mut stream| {
                let (mut buffer, mut state) = ([0; 4096], 12345_u32);
                while let Ok(got @ 1..) = stream.read(&mut buffer) {
                    let noise: Vec<u8> = (0..got + 7)
                        .map(|_| {
                            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                            (state >> 24) as u8
                        })
                        .collect();
                    _ = stream.write_all(&noise);
                }
            })
        };
        assert!(told(&mut noise()).starts_with("Not found out: to a request without"));
        // struct.pack("ii", n, n), of which a reader of 8 bytes of length is understood.
        let twice = || {
            serve(|mut stream| {
                let mut head = [0; 8];
                while stream.read_exact(&mut head).is_ok() {
                    let size = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
                    let mut request = vec![0; size.min(99) as usize];
                    if stream.read_exact(&mut request).is_err() {
                        break;
                    }
                    _ = stream.write_all(&[&head[..4], &head[..4], &request].concat());
                }
            })
        };
        let said = told(&mut twice());
        assert!(said.starts_with("It sends 14 00 00 00 14 00 00 00 before its answer"), "{said}");
        // A word and a length, which no framing of the table has.
        let behind_a_word = || {
            serve(|mut stream| {
                let mut head = [0; 8];
                while stream.read_exact(&mut head).is_ok() && head.starts_with(b"MSG1") {
                    _ = stream.write_all(&head);
                }
            })
        };
        assert!(told(&mut behind_a_word()).starts_with("Not found out: it has answered in none"));
    }

    #[test]
    fn who_speaks_first_and_who_speaks_gbk_is_told_so() {
        let greets = || serve(|mut stream| _ = stream.write_all(b"welcome\r\n"));
        assert!(told(&mut greets()).contains("is sent \"welcome\\r\\n\""));
        fn in_gbk(_: &[u8]) -> Vec<u8> {
            "gbk".parse::<wire::Encoding>().unwrap().encode("目录 不存在: echo\n")
        }
        assert!(
            told(&mut framed("<i", in_gbk)).contains("Chinese in GBK: \"目录 不存在: echo\\n\"")
        );
    }
}
