//! Lesson 05, threaded server: many clients at once, of which some are silent, slow, or gone; and a
//! client that comes back.
//!
//! What is asked and answered is that of lesson 01, or of lesson 03 with `--service command`.

use std::thread;
use std::time::Duration;

use super::commands::{self, asked};
use super::{lesson01, lesson03};
use crate::client::{AcceptedClient, Client, OpenListener};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::port::Transport;
use crate::probe::{Lesson, Probe, client, server};
use crate::remote::{
    command_bytes, expect_answer, expect_command, is_framed, receive_answer, send_answer,
};
use crate::server::Server;
use crate::setting::{Header, Service, Setting};
use crate::stream::ProbeStream;

/// The probes of lesson 05.
pub(super) fn lesson() -> Lesson {
    let servers = [many_clients(), ends_of_clients(), bytes_of_clients()].concat();
    let clients = [work_of_a_client(), cuts_of_answers(), calls_again()].concat();
    let usually = |probe: Probe| probe.default_condition(has_questions);
    Lesson {
        number: 5,
        subject: "many clients at once",
        services: &[Service::Upper, Service::Reply, Service::Command],
        headers: &[Header::Struct],
        transport: Transport::Tcp,
        probes: [servers, clients.into_iter().map(usually).collect()].concat(),
    }
}

fn many_clients() -> Vec<Probe> {
    vec![
        server("5.1", "A question is answered.", is_answered),
        server("5.2", "One connection carries question after question.", is_answered_again),
        server("5.3", "While one client is silent, the next one is served.", silent),
        server("5.4", "While one client is slow to ask, the next one is served.", slow)
            .when(can_be_cut),
        server("5.5", "While one client does not read, the next one is served.", reads_nothing),
        server("5.6", "Five clients that talk in turn get their own answers.", five),
        server("5.7", "A hundred clients that call at once are all served.", hundred_at_once),
        server("5.8", "A hundred clients, one after the other, are all served.", |s| {
            (0..100).try_for_each(|_| still_serves(s))
        }),
    ]
}

fn ends_of_clients() -> Vec<Probe> {
    vec![
        server("5.9", "A client's reset does not touch the others.", |s| {
            others_go_on(s, ProbeStream::reset)
        }),
        server("5.10", "A client's end does not touch the others.", |s| {
            others_go_on(s, ProbeStream::close)
        }),
        server("5.11", "Twenty resets before an answer was read do no harm.", twenty_resets),
        server("5.12", "A client that leaves without a word does no harm.", |s| {
            s.connect()?.close();
            still_serves(s)
        }),
        server("5.13", "After a half-close the connection ends in order.", half_close),
        server("5.14", "A question that is no text does not touch the others.", no_text),
        server("5.15", "A browser that calls by mistake does no harm.", lesson01::browser)
            .when(is_echo),
        server("5.16", "A web page cannot have a command run.", commands::browser).when(is_command),
    ]
}

fn bytes_of_clients() -> Vec<Probe> {
    vec![
        server("5.17", "A message that arrives byte by byte comes back whole.", |s| {
            lesson01::byte_by_byte(s)
        })
        .when(is_upper),
        server("5.18", "Two messages that arrive together both come back.", lesson01::glued)
            .when(is_upper),
        server("5.19", "A character that arrives in two pieces comes back whole.", |s| {
            lesson01::cut_character(s)
        })
        .when(is_upper),
        server("5.20", "100,000 bytes come back, every one.", lesson01::large).when(is_upper),
        server("5.21", "A command that prints 100 KB is answered.", commands::much_output)
            .when(is_command),
        server("5.22", "A length may be cut after its second byte.", |s| {
            lesson03::length_cut(s, 2)
        })
        .when(has_lengths),
        server("5.23", "A command may arrive in two pieces.", lesson03::command_cut)
            .when(has_lengths),
        server("5.24", "Two commands that arrive together are run as two.", lesson03::glued)
            .when(has_lengths),
        server("5.25", "A negative length ends the connection, and nothing else.", |s| {
            lesson03::negative_length(s)
        })
        .when(has_lengths),
        server("5.26", "A length of 2 GiB is refused at once.", lesson03::claims_much)
            .when(has_lengths),
    ]
}

fn work_of_a_client() -> Vec<Probe> {
    vec![
        client("5.27", "A line that is typed is sent, and its answer is shown.", |c| {
            exchange_words(c, &["hello"])
        }),
        client("5.28", "Each line is sent after the answer to the one before.", |c| {
            exchange_words(c, &["one", "two", "three"])
        }),
        client("5.29", "Text in other alphabets goes out as UTF-8, and is shown.", |c| {
            exchange_words(c, &["grüße,你好"])
        }),
        client("5.30", "A blank line does not stop the client.", blank_line),
        client("5.31", "An answer that takes 300 ms is waited for.", slow_answer),
        client("5.32", "When the input ends, the client hangs up and ends.", input_ends),
        client("5.33", "An answer of 3,000 letters is shown whole.", long_answer),
        client("5.34", "After an answer of length 0 the client asks on.", lesson03::empty_answer)
            .when(is_command),
    ]
}

fn cuts_of_answers() -> Vec<Probe> {
    vec![
        client("5.35", "An answer in two pieces is shown whole.", answer_cut),
        client("5.36", "An answer may arrive byte by byte.", answer_byte_by_byte),
        client("5.37", "A character in two pieces is shown whole.", character_cut),
        client("5.38", "A length may be cut.", |c| lesson03::answer_cut(c, c.random(1, 4)))
            .when(is_command),
        client("5.39", "When the server ends inside an answer, the client notices.", |c| {
            lesson03::hangs_up_after(c, 0)
        })
        .when(is_command),
        client("5.40", "A negative length is refused.", |c| {
            lesson03::says_nonsense(c, &(-1_i32).to_le_bytes())
        })
        .when(is_command),
        client("5.41", "A length of 2 GiB is refused at once.", |c| {
            lesson03::says_nonsense(c, &i32::MAX.to_le_bytes())
        })
        .when(is_command),
    ]
}

fn calls_again() -> Vec<Probe> {
    vec![
        client("5.42", "After the server's end, the client calls again.", |c| {
            comes_back(c, ProbeStream::close)
        }),
        client("5.43", "After the server's reset, the client calls again.", |c| {
            comes_back(c, ProbeStream::reset)
        }),
        client("5.44", "A server that is away for a moment is called again.", away),
        client("5.45", "A question whose answer was lost is asked again.", asks_again)
            .when(is_upper),
        client("5.46", "A command whose answer was lost is not sent again.", not_twice)
            .when(is_command),
        client("5.47", "Between its tries the client pauses.", pauses),
    ]
}

fn is_upper(setting: &Setting) -> bool {
    setting.service == Service::Upper
}

fn is_command(setting: &Setting) -> bool {
    setting.service == Service::Command
}

/// What is sent is text, and nothing is run.
fn is_echo(setting: &Setting) -> bool {
    !is_command(setting)
}

/// Commands have a length in front, as their answers do.
fn has_lengths(setting: &Setting) -> bool {
    is_command(setting) && is_framed(setting)
}

/// A question may arrive in pieces.
fn can_be_cut(setting: &Setting) -> bool {
    is_upper(setting) || has_lengths(setting)
}

/// A client can know where an answer ends.
fn has_questions(setting: &Setting) -> bool {
    setting.service != Service::Reply
}

const ONE_AT_A_TIME: &str = "The server serves one client at a time, and the others wait until \
                             that one has left. Give each client a thread (in Python \
                             socketserver.ThreadingTCPServer), or wait for all of them at once \
                             (selectors).";

const MIXED: &str = "One client's answer goes to another. What belongs to one client may not be in \
                     a variable that all of the threads share.";

const NEXT_CLIENT: &str = "A client's end must end nothing but its own conversation. Catch the \
                           errors of recv and send where they belong to one client (in Python \
                           ConnectionResetError and BrokenPipeError), and close that connection.";

const EMPTY_RECV: &str = "An empty recv is the end of the stream: leave the loop there, and close \
                          the connection. Who goes on has a thread that never ends, for each \
                          client that has left.";

/// What a person types to have this word back.
fn line(setting: &Setting, word: &str) -> String {
    match setting.service {
        Service::Command => format!("echo {word}"),
        _ => word.to_owned(),
    }
}

/// That line, as it travels.
fn question(setting: &Setting, word: &str) -> Vec<u8> {
    let line = line(setting, word).into_bytes();
    if is_command(setting) { command_bytes(setting, &line) } else { line }
}

/// What comes back, as text.
fn answer(setting: &Setting, word: &str) -> String {
    match setting.service {
        Service::Upper => word.to_ascii_uppercase(),
        Service::Command => format!("{word}\n"),
        _ => setting.text.replace("{}", word),
    }
}

fn expect(stream: &mut ProbeStream, setting: &Setting, word: &str) -> Outcome {
    let answer = answer(setting, word);
    match setting.service {
        Service::Command => expect_answer(stream, setting, answer.as_bytes()),
        _ => stream.expect(answer.as_bytes()),
    }
}

/// One question and its answer.
fn exchange(stream: &mut ProbeStream, setting: &Setting, word: &str) -> Outcome {
    stream.send(&question(setting, word));
    expect(stream, setting, word)
}

/// The next client connects and is served.
fn still_serves(server: &Server) -> Outcome {
    let asked = server.next_client(|stream| exchange(stream, server.setting(), "next"));
    asked.hint(FailureKind::Timeout, EMPTY_RECV).hint_any(NEXT_CLIENT)
}

/// Another client is served while somebody keeps the server busy.
fn serves_beside(server: &Server, hint: &str) -> Outcome {
    let mut next = server.connect()?;
    exchange(&mut next, server.setting(), "next")
        .hint(FailureKind::Timeout, hint)
        .hint(FailureKind::Mismatch, MIXED)?;
    next.close();
    Ok(())
}

fn is_answered(server: &Server) -> Outcome {
    match server.setting().service {
        Service::Command => commands::is_answered(server),
        _ => exchange(&mut server.connect()?, server.setting(), "hello").hint(
            FailureKind::Timeout,
            "The server takes the connection and says nothing. Does it wait for more bytes than \
             one message has, or for a new line? This protocol has none.",
        ),
    }
}

fn is_answered_again(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ["one", "two", "three"]
        .iter()
        .try_for_each(|word| exchange(&mut stream, server.setting(), word))
        .hint(
            FailureKind::Closed,
            "The server closes after an answer. Receive in a loop, until recv is empty.",
        )
        .hint(
            FailureKind::Timeout,
            "The server answers once and then reads no more: recv needs a loop.",
        )
}

fn silent(server: &Server) -> Outcome {
    let mut silent = server.connect()?;
    serves_beside(server, ONE_AT_A_TIME)?;
    exchange(&mut silent, server.setting(), "at-last")
}

fn slow(server: &Server) -> Outcome {
    let whole = question(server.setting(), "slowly");
    let (start, rest) = whole.split_at(server.random(1, whole.len()));
    let mut slow = server.connect()?;
    slow.send(start);
    slow.wait_until_taken();
    serves_beside(server, ONE_AT_A_TIME)?;
    slow.send(rest);
    expect(&mut slow, server.setting(), "slowly").hint(FailureKind::Mismatch, MIXED)
}

/// One client asks for more than the buffers hold, and takes none of it.
fn reads_nothing(server: &Server) -> Outcome {
    let mut stuck = server.connect()?;
    match server.setting().service {
        Service::Command => stuck.send(&command_bytes(server.setting(), b"seq 1 1500000")),
        _ => _ = stuck.send_until_full(&vec![b'x'; 96 << 20]),
    }
    serves_beside(
        server,
        "A client that does not read fills the buffers, and send waits. That may hold up its own \
         thread, and nobody else. In one loop for all clients, ask before each send whether there \
         is room.",
    )?;
    stuck.reset();
    still_serves(server)
}

fn five(server: &Server) -> Outcome {
    let mut streams = (0..5).map(|_| server.connect()).collect::<Result<Vec<_>, _>>()?;
    for round in 1..=3 {
        let word = |number: usize| format!("client-{number}-question-{round}");
        for (number, stream) in streams.iter_mut().enumerate() {
            stream.send(&question(server.setting(), &word(number)));
        }
        for (number, stream) in streams.iter_mut().enumerate().rev() {
            // Whose answer comes where is not the same twice.
            server
                .record()
                .quietly(|| expect(stream, server.setting(), &word(number)))
                .map_err(mixed_up)
                .hint(FailureKind::Timeout, ONE_AT_A_TIME)
                .hint(FailureKind::Mismatch, MIXED)?;
        }
        server.record().add(None, "receive each answer", "");
    }
    Ok(())
}

/// The failure without the answer that has come: it may be anybody's.
fn mixed_up(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Mismatch => Failure {
            expected: "each client's answer to its own question".to_owned(),
            actual: "something else, for one of them".to_owned(),
            ..failure
        },
        _ => failure,
    }
}

fn hundred_at_once(server: &Server) -> Outcome {
    server.record().add(None, "a hundred clients connect", "");
    let connect = |_| {
        // Less than a short accept queue holds is there at once.
        thread::sleep(Duration::from_millis(2));
        server.connect()
    };
    // Which of them does not get in, if any does not, depends on a microsecond.
    let mut streams = server
        .record()
        .quietly(|| (0..100).map(connect).collect::<Result<Vec<_>, _>>())
        .map_err(|failure| Failure { hint: None, ..failure })
        .hint_any(
            "The accept queue is full: the server takes its clients too slowly from it, or the \
             queue is short (listen(5); in Python's socketserver that is request_queue_size).",
        )?;
    let word = |number: usize| format!("client-{number}");
    for (number, stream) in streams.iter_mut().enumerate() {
        stream.send(&question(server.setting(), &word(number)));
    }
    // A pool of threads comes to the last ones when the first have left.
    for (number, mut stream) in streams.into_iter().enumerate() {
        expect(&mut stream, server.setting(), &word(number))
            .hint(FailureKind::Timeout, EMPTY_RECV)
            .hint(
                FailureKind::Mismatch,
                "The server turns clients away. A pool of threads needs a queue for those who come \
                 while all threads are busy.",
            )
            .hint_any(NEXT_CLIENT)?;
        stream.close();
    }
    Ok(())
}

/// Three clients talk, and the one in the middle leaves so.
fn others_go_on(server: &Server, leave: fn(ProbeStream)) -> Outcome {
    let mut streams = [server.connect()?, server.connect()?, server.connect()?];
    for stream in &mut streams {
        exchange(stream, server.setting(), "before").hint(FailureKind::Timeout, ONE_AT_A_TIME)?;
    }
    let [mut first, middle, mut last] = streams;
    leave(middle);
    exchange(&mut first, server.setting(), "after").hint_any(NEXT_CLIENT)?;
    exchange(&mut last, server.setting(), "after").hint_any(NEXT_CLIENT)?;
    still_serves(server)
}

fn twenty_resets(server: &Server) -> Outcome {
    for _ in 0..20 {
        let mut stream = server.connect()?;
        stream.send(&question(server.setting(), "unheard"));
        stream.wait_until_taken();
        stream.reset();
    }
    still_serves(server)
}

fn half_close(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    exchange(&mut stream, server.setting(), "hello")?;
    stream.half_close();
    stream
        .expect_end()
        .hint(
            FailureKind::Excess,
            "The server takes an empty recv for a message, and answers it, again and again until \
             the client has gone. An empty recv is the end of the stream: leave the loop there.",
        )
        .hint(FailureKind::Timeout, EMPTY_RECV)
        .hint_any(
            "At the end of the stream the server ends with an error, instead of closing in order: \
             an empty recv is no request.",
        )?;
    still_serves(server)
}

fn no_text(server: &Server) -> Outcome {
    let mut other = server.connect()?;
    exchange(&mut other, server.setting(), "before")?;
    let mut stream = server.connect()?;
    match server.setting().service {
        Service::Command => stream.send(&command_bytes(server.setting(), b"echo \xff\xfe\x80")),
        _ => stream.send(b"\xff\xfe\x80"),
    }
    // Any answer will do, and so will an end.
    _ = stream.expect_silence();
    stream.close();
    let hint = "What a client sends may be anything, also no text: that is this client's trouble, \
                and nobody else's.";
    exchange(&mut other, server.setting(), "after").hint_any(hint)?;
    still_serves(server).hint_any(hint)
}

/// Expects the line of this word, sends its answer, and expects that it is shown.
fn serve(client: &Client, stream: &mut ProbeStream, word: &str) -> Outcome {
    expect_line(client, stream, word)?;
    send_back(client, stream, word)?;
    client.shows(answer(client.setting(), word).trim_end()).hint(
        FailureKind::Mismatch,
        "The client shows something else than has come. Decode it as UTF-8.",
    )
}

fn expect_line(client: &Client, stream: &mut ProbeStream, word: &str) -> Outcome {
    let line = line(client.setting(), word);
    match client.setting().service {
        Service::Command => expect_command(stream, client.setting(), &line),
        _ => stream
            .expect(line.as_bytes())
            .hint(
                FailureKind::Timeout,
                "The client sends nothing. Does it read its lines from standard input?",
            )
            .hint(
                FailureKind::Mismatch,
                "The line is sent as it was typed, in UTF-8, without a new line.",
            ),
    }
}

fn send_back(client: &Client, stream: &mut ProbeStream, word: &str) -> Outcome {
    let answer = answer(client.setting(), word);
    match client.setting().service {
        Service::Command => send_answer(stream, client.setting(), answer.as_bytes()),
        _ => {
            stream.send(answer.as_bytes());
            Ok(())
        }
    }
}

/// Starts the client, types the line of this word, and expects it.
fn asked_for<'a>(client: &'a Client, word: &str) -> Result<AcceptedClient<'a>, Failure> {
    let mut accepted = client.start()?;
    client.types(&line(client.setting(), word));
    expect_line(client, &mut accepted.stream, word)?;
    Ok(accepted)
}

fn exchange_words(client: &Client, words: &[&str]) -> Outcome {
    let mut accepted = client.start()?;
    for word in words {
        client.types(&line(client.setting(), word));
        serve(client, &mut accepted.stream, word)?;
    }
    Ok(())
}

fn blank_line(client: &Client) -> Outcome {
    if is_command(client.setting()) {
        return commands::blank_line(client);
    }
    let mut accepted = client.start()?;
    client.types("");
    client.types("hello");
    serve(client, &mut accepted.stream, "hello").hint_any(
        "Leave blank lines out: an empty line is no byte, and to that there is no answer.",
    )
}

fn slow_answer(client: &Client) -> Outcome {
    let mut accepted = asked_for(client, "hello")?;
    accepted.stream.pause(Duration::from_millis(300));
    send_back(client, &mut accepted.stream, "hello")?;
    client.shows(answer(client.setting(), "hello").trim_end())
}

fn input_ends(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    client.types(&line(client.setting(), "hello"));
    serve(client, &mut accepted.stream, "hello")?;
    client.ends_input();
    accepted.stream.expect_gone().hint_any("At the end of its input the client should hang up.")?;
    // A client may half-close, and wait for the server's end.
    accepted.stream.close();
    client.ends().map(drop)
}

const ONE_RECV: &str = "The client takes one recv for the whole answer, and it got the first \
                        piece. This answer is as long as its question: call recv until so many \
                        bytes are there.";

fn long_answer(client: &Client) -> Outcome {
    if is_command(client.setting()) {
        return commands::shows_long_answer(client);
    }
    let word = "abcdefghij".repeat(300);
    let mut accepted = asked_for(client, &word)?;
    send_back(client, &mut accepted.stream, &word)?;
    client.shows(&answer(client.setting(), &word)).hint_any(ONE_RECV)
}

fn answer_cut(client: &Client) -> Outcome {
    if is_command(client.setting()) {
        return commands::body_in_two(client);
    }
    let mut accepted = asked_for(client, "first,second")?;
    accepted.stream.send_cut(b"FIRST,SECOND", client.random(1, 12));
    client.shows("FIRST,SECOND").hint_any(ONE_RECV)
}

fn answer_byte_by_byte(client: &Client) -> Outcome {
    if is_command(client.setting()) {
        return lesson03::answer_byte_by_byte(client);
    }
    let mut accepted = asked_for(client, "hello")?;
    accepted.stream.send_byte_by_byte(b"HELLO");
    client.shows("HELLO").hint_any(ONE_RECV)
}

fn character_cut(client: &Client) -> Outcome {
    if is_command(client.setting()) {
        return commands::character_in_two(client);
    }
    let mut accepted = asked_for(client, "a你b")?;
    // The character has 3 bytes, the second to the fourth.
    accepted.stream.send_cut("A你B".as_bytes(), client.random(2, 4));
    client.shows("A你B").hint_any(
        "The client decodes each recv by itself, and one held half a character. Decode when all of \
         the answer is there.",
    )
}

const COME_BACK: &str = "The client does not come back. A server may be restarted: notice the end \
                         (an empty recv) and the reset (in Python ConnectionResetError), wait a \
                         moment, connect again, and go on.";

/// One exchange, and then the server ends the connection so.
fn left_alone<'a>(client: &'a Client, end: fn(ProbeStream)) -> Result<OpenListener<'a>, Failure> {
    let mut accepted = client.start()?;
    client.types(&line(client.setting(), "first"));
    serve(client, &mut accepted.stream, "first")?;
    let (stream, listener) = accepted.split();
    end(stream);
    Ok(listener)
}

/// The client calls again, and goes on: with the question that was typed while the server was away,
/// or, since it may not send a command twice, with the one after that.
fn goes_on(client: &Client, listener: &OpenListener<'_>) -> Outcome {
    client.types(&line(client.setting(), "third"));
    let mut stream = listener.call().hint_any(COME_BACK)?;
    let first = match has_lengths(client.setting()) {
        true => receive_answer(&mut stream, client.setting()),
        false => stream.receive_some("the next question"),
    };
    let first = first.hint_any(COME_BACK)?;
    let is = |word: &str| first == line(client.setting(), word).as_bytes();
    if is("second") {
        send_back(client, &mut stream, "second")?;
        client.shows(answer(client.setting(), "second").trim_end())?;
        return expect_line(client, &mut stream, "third");
    }
    match is("third") && is_command(client.setting()) {
        true => Ok(()),
        false => {
            let wanted = "the question that was typed last";
            Err(Failure::new(FailureKind::Mismatch, wanted, crate::show::bytes(&first)))
                .hint_any("What was typed while the server was away is lost: ask it again.")
        }
    }
}

fn comes_back(client: &Client, end: fn(ProbeStream)) -> Outcome {
    let listener = left_alone(client, end)?;
    client.types(&line(client.setting(), "second"));
    goes_on(client, &listener)
}

fn away(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    client.types(&line(client.setting(), "first"));
    serve(client, &mut accepted.stream, "first")?;
    let (stream, mut listener) = accepted.split();
    listener.close();
    stream.reset();
    client.types(&line(client.setting(), "second"));
    listener.open_after(Duration::from_millis(250))?;
    goes_on(client, &listener)
}

fn asks_again(client: &Client) -> Outcome {
    let (stream, listener) = asked_for(client, "hello")?.split();
    stream.reset();
    let mut stream = listener.call().hint_any(COME_BACK)?;
    serve(client, &mut stream, "hello")
        .hint_any("The answer was lost, and to ask for upper case twice does no harm: ask again.")
}

fn not_twice(client: &Client) -> Outcome {
    let (stream, listener) = asked(client, "echo once")?.split();
    stream.reset();
    client.types("echo after");
    let mut stream = listener.call().hint_any(COME_BACK)?;
    expect_command(&mut stream, client.setting(), "echo after").map_err(|failure| {
        let twice = failure.actual.contains("echo once");
        let hint = "The command may have been run, and its answer lost: sent again, it is run \
                    twice. Say that its answer was lost, and go on with the next one.";
        Failure { hint: twice.then(|| hint.to_owned()).or(failure.hint), ..failure }
    })
}

/// So many calls without a pause are no accident.
const ENOUGH: usize = 10;
/// A client that does not pause calls as often in this time, also on a busy machine.
const LONG_ENOUGH: Duration = Duration::from_secs(2);

fn pauses(client: &Client) -> Outcome {
    let (mut stream, listener) = client.start()?.split();
    client.types(&line(client.setting(), "hello"));
    stream.receive_some("a question")?;
    stream.reset();
    if listener.reset_all(ENOUGH, LONG_ENOUGH) < ENOUGH {
        return Ok(());
    }
    let actual = format!("{ENOUGH} calls, each at once after the one before");
    Err(Failure::new(FailureKind::Excess, "a pause before each next call", actual)).hint_any(
        "The client calls again at once, as fast as it can. Wait before each try, longer each \
         time: it heats its own machine, and falls upon a server that has just come back.",
    )
}
