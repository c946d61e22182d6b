//! What lessons 02, 03 and 05 have in common: a client sends a command, and the server answers with
//! what it prints. How both travel is a matter of the setting.

use std::fmt::Write;
use std::time::Duration;

use super::ends::gives_up;
use crate::client::{AcceptedClient, Client};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::remote::{
    announce_length, ask, command_bytes, expect_answer, expect_command, is_framed, receive_answer,
    send_answer, send_command,
};
use crate::server::Server;
use crate::setting::{Header, Service, Setting};
use crate::stream::ProbeStream;

/// There are requests and answers.
pub(super) fn answers(setting: &Setting) -> bool {
    setting.service == Service::Command
}

/// Nothing is answered; what comes is printed.
pub(super) fn prints(setting: &Setting) -> bool {
    setting.service == Service::Messages
}

const NEXT_CLIENT: &str = "A client's end must end nothing but its own conversation. Catch what \
                           goes wrong there (in Python ConnectionResetError, BrokenPipeError and \
                           what decoding raises), close that connection, and go on with accept.";

const STUCK: &str = "The server is still busy with a client that has gone. An empty recv is the \
                     end of the stream: leave the loop there, close the connection, accept the \
                     next.";

/// What a server, whose client waits, has probably done with a command's output.
const PIPES: &str = "The server probably waits for the command, and the command for the server: a \
                     pipe holds 64 KiB, and who reads one pipe to its end leaves the other full. \
                     Read both at once; in Python that is communicate().";

/// The next client connects and is served.
pub(super) fn still_serves(server: &Server) -> Outcome {
    let asked = server.next_client(|stream| ask(stream, server.setting(), "echo next", "next\n"));
    asked.hint(FailureKind::Timeout, STUCK).explain(|failure| {
        let ended = matches!(failure.kind, FailureKind::Closed | FailureKind::Refused);
        ended.then(|| NEXT_CLIENT.to_owned())
    })
}

pub(super) fn is_answered(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(&mut stream, server.setting(), "echo hi", "hi\n")
        .hint(
            FailureKind::Timeout,
            "The server takes the command and says nothing. Does it wait for more than the command \
             has, a new line for example?",
        )
        .hint(
            FailureKind::Mismatch,
            "The answer is what the command prints on standard output, then on standard error, \
             with its new line.",
        )
}

pub(super) fn is_answered_again(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(&mut stream, server.setting(), "echo one", "one\n")?;
    ask(&mut stream, server.setting(), "echo two", "two\n")
        .and_then(|()| ask(&mut stream, server.setting(), "echo three", "three\n"))
        .hint(
            FailureKind::Closed,
            "The server closes after the first answer. Receive in a loop, until recv is empty.",
        )
        .hint(
            FailureKind::Timeout,
            "The server answers once and then reads no more: recv needs a loop.",
        )
}

/// The output of `seq 1 last`.
fn numbers(last: usize) -> String {
    (1..=last).fold(String::new(), |mut out, number| {
        _ = writeln!(out, "{number}");
        out
    })
}

pub(super) fn long_answer(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let setting = server.setting();
    ask(&mut stream, setting, "seq 1 1000", &numbers(1000))
        .hint(FailureKind::Timeout, "The answer is cut: send all of it, whatever its length.")?;
    ask(&mut stream, setting, "echo hi", "hi\n")
        .hint_any("What is left of a long answer is taken for the answer to the next command.")
}

pub(super) fn much_output(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(&mut stream, server.setting(), "seq 1 20000", &numbers(20_000))
        .hint(FailureKind::Timeout, PIPES)
        .hint_any("The answer is not what the command prints: send all of it, with sendall.")
}

pub(super) fn much_error(server: &Server) -> Outcome {
    // Each name that is not there costs a line of errors, and 2000 of them more than a pipe holds.
    let names: String = (0..2000).fold(String::new(), |mut out, number| {
        _ = write!(out, " no-such-file-of-the-judge-{number}");
        out
    });
    let mut stream = server.connect()?;
    send_command(&mut stream, server.setting(), format!("ls{names}").as_bytes())?;
    let answer = receive_answer(&mut stream, server.setting()).hint(FailureKind::Timeout, PIPES)?;
    if answer.len() <= 65536 {
        let wanted = "an answer of more than 64 KiB: what `ls` prints on standard error";
        let failure = Failure::new(FailureKind::Mismatch, wanted, crate::show::bytes(&answer));
        return Err(failure)
            .hint_any("What a command prints on standard error belongs to the answer.");
    }
    ask(&mut stream, server.setting(), "echo hi", "hi\n")
}

pub(super) fn slow_reader(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    send_command(&mut stream, server.setting(), b"seq 1 100000")?;
    stream.pause(Duration::from_millis(300));
    expect_answer(&mut stream, server.setting(), numbers(100_000).as_bytes()).hint_any(
        "While the client does not read, the server's send has to wait. Without sendall, or with a \
         socket that does not block, the rest of the answer is lost.",
    )
}

pub(super) fn other_alphabets(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(&mut stream, server.setting(), "echo grüße, 你好", "grüße, 你好\n").hint_any(
        "A command is UTF-8, and so is what it prints here. Its length counts bytes, not \
         characters.",
    )
}

pub(super) fn idle(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.pause(Duration::from_millis(300));
    ask(&mut stream, server.setting(), "echo hi", "hi\n")
        .hint(FailureKind::Closed, "The server gives a client less than 300 ms to say something.")
}

/// A command that cannot be run is answered, and the next one gets its own answer.
pub(super) fn unknown_command(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    send_command(&mut stream, server.setting(), b"no-such-command-of-the-judge")?;
    let said = "The command cannot be run, and its client has to be told why, in an answer.";
    match server.setting().header {
        Header::None => {
            stream.receive_some("an answer").hint_any(said)?;
            // Without a length, it may come in several pieces.
            stream.rest();
        }
        _ => receive_answer(&mut stream, server.setting()).map(drop).hint_any(said)?,
    }
    ask(&mut stream, server.setting(), "echo hi", "hi\n").hint_any(said)
}

/// Whatever becomes of the client that sends this, the next one is served.
pub(super) fn no_text(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    send_command(&mut stream, server.setting(), b"echo \xff\xfe\x80")?;
    // Any answer will do, and so will an end.
    _ = stream.expect_silence();
    stream.close();
    still_serves(server)
        .hint_any("What a client sends may be anything, also no text: catch the error of decoding.")
}

pub(super) fn half_close(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(&mut stream, server.setting(), "echo hi", "hi\n")?;
    stream.half_close();
    stream
        .expect_end()
        .hint(
            FailureKind::Excess,
            "The server takes an empty recv for an empty command, and answers it, again and again \
             until the client has gone. An empty recv is the end of the stream: leave the loop \
             there.",
        )
        .hint(
            FailureKind::Timeout,
            "The server does not notice the end of the stream, or does not close its side: after \
             an empty recv, close the connection.",
        )
        .hint_any(
            "At the end of the stream the server ends with an error, instead of closing in order: \
             an empty recv is no request.",
        )
}

pub(super) fn leaves_at_once(server: &Server) -> Outcome {
    server.connect()?.close();
    still_serves(server)
}

pub(super) fn leaves(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(&mut stream, server.setting(), "echo hi", "hi\n")?;
    stream.close();
    still_serves(server)
}

pub(super) fn resets(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(&mut stream, server.setting(), "echo hi", "hi\n")?;
    stream.reset();
    still_serves(server)
}

/// The client asks for much, and leaves while the answer is on its way.
pub(super) fn leaves_early(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    send_command(&mut stream, server.setting(), b"seq 1 200000")?;
    stream.receive(1, "the answer's first byte")?;
    stream.reset();
    still_serves(server)
}

pub(super) fn second(server: &Server) -> Outcome {
    let mut first = server.connect()?;
    ask(&mut first, server.setting(), "echo first", "first\n")?;
    let mut second = server.connect()?;
    if server.setting().header != Header::Announce {
        second.send(&command_bytes(server.setting(), b"echo second"));
    }
    ask(&mut first, server.setting(), "echo again", "again\n")
        .hint_any("A second client that calls must not disturb the first.")?;
    first.close();
    match server.setting().header {
        Header::Announce => ask(&mut second, server.setting(), "echo second", "second\n"),
        _ => expect_answer(&mut second, server.setting(), b"second\n"),
    }
    .hint(FailureKind::Timeout, STUCK)
    .hint_any(NEXT_CLIENT)
}

pub(super) fn five(server: &Server) -> Outcome {
    let connect = |_| server.connect();
    let streams = (0..5).map(connect).collect::<Result<Vec<_>, _>>()?;
    // A server that serves one at a time comes to each of them when the one before has left.
    for (number, mut stream) in streams.into_iter().enumerate() {
        let (command, answer) = (format!("echo {number}"), format!("{number}\n"));
        ask(&mut stream, server.setting(), &command, &answer)
            .hint(FailureKind::Timeout, STUCK)
            .hint_any(NEXT_CLIENT)?;
        stream.close();
    }
    Ok(())
}

/// A browser, which any web page can make call a port of this machine.
pub(super) fn browser(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.wait_until_taken();
    // What a page sends may begin a segment of its own.
    let command = command_bytes(server.setting(), b"echo from-a-page");
    stream.send(&command);
    stream.half_close();
    let came = stream.expect_gone_at_last().hint(FailureKind::Timeout, STUCK)?;
    if came.windows(11).any(|window| window == b"from-a-page") {
        let failure = Failure::new(
            FailureKind::Mismatch,
            "that no command is run",
            crate::show::bytes(&came),
        );
        return Err(failure).hint_any(
            "A web page can post to a port of this machine, and this server runs what it posts. \
             Close a connection that begins like an HTTP request.",
        );
    }
    still_serves(server)
}

/// Types each command, expects it, answers, and expects that the answer is shown.
pub(super) fn exchange_lines(client: &Client, lines: &[(&str, &str)]) -> Outcome {
    let mut accepted = client.start()?;
    for (line, answer) in lines {
        client.types(line);
        expect_command(&mut accepted.stream, client.setting(), line)?;
        send_answer(&mut accepted.stream, client.setting(), format!("{answer}\n").as_bytes())?;
        client.shows(answer)?;
    }
    Ok(())
}

/// Starts the client, and waits for this command.
pub(super) fn asked<'a>(client: &'a Client, command: &str) -> Result<AcceptedClient<'a>, Failure> {
    let mut accepted = client.start()?;
    client.types(command);
    expect_command(&mut accepted.stream, client.setting(), command)?;
    Ok(accepted)
}

pub(super) fn blank_line(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    client.types("");
    client.types("echo hi");
    let hint = "The client has sent an empty line and waits for an answer to it. Leave blank lines \
                out: without a length in front an empty command is no byte at all.";
    match is_framed(client.setting()) {
        // An empty command is a command, and gets its answer.
        true => {
            let first = receive_answer(&mut accepted.stream, client.setting()).hint_any(hint)?;
            if first.is_empty() {
                send_answer(&mut accepted.stream, client.setting(), b"")?;
                expect_command(&mut accepted.stream, client.setting(), "echo hi").hint_any(hint)?;
            }
        }
        false => accepted.stream.expect(b"echo hi").hint_any(hint)?,
    }
    send_answer(&mut accepted.stream, client.setting(), b"hi\n")?;
    client.shows("hi").hint_any(hint)
}

/// 3,000 bytes or so of words, so that no recv of 1024 holds them.
pub(super) fn long_text() -> String {
    let words: Vec<String> = (1..=600).map(|number| format!("w{number}")).collect();
    words.join(" ")
}

pub(super) fn shows_long_answer(client: &Client) -> Outcome {
    let mut accepted = asked(client, "long")?;
    send_answer(&mut accepted.stream, client.setting(), format!("{}\n", long_text()).as_bytes())?;
    client.shows(&long_text()).hint_any(
        "The client does not show the whole answer. One recv returns at most what it is asked for, \
         and at least one byte: call it until all of the answer is there, keep every piece, and \
         show them together.",
    )
}

pub(super) fn left_over(client: &Client) -> Outcome {
    let mut accepted = asked(client, "long")?;
    send_answer(&mut accepted.stream, client.setting(), format!("{}\n", long_text()).as_bytes())?;
    client.shows("w1 w2 w3").hint_any("The client does not show the answer.")?;
    client.types("short");
    expect_command(&mut accepted.stream, client.setting(), "short")
        .hint(FailureKind::Timeout, "After a long answer the client sends nothing more.")?;
    send_answer(&mut accepted.stream, client.setting(), b"own answer\n")?;
    client.shows("own answer").hint_any(
        "What was left of the long answer was taken for the answer to the next command, and its \
         own answer is not shown.",
    )
}

/// The answer in two pieces, the first of which has `first` bytes.
pub(super) fn shows_pieces(client: &Client, answer: &str, first: usize) -> Outcome {
    let mut accepted = asked(client, "pieces")?;
    if client.setting().header == Header::Announce {
        announce_length(&mut accepted.stream, client.setting(), answer.len())?;
    }
    accepted.stream.send_cut(&framed_answer(client.setting(), answer), first);
    client.shows(answer.trim_end())
}

fn framed_answer(setting: &Setting, answer: &str) -> Vec<u8> {
    crate::remote::framed(setting, answer.as_bytes())
}

pub(super) fn body_in_two(client: &Client) -> Outcome {
    let answer = "first half, second half\n";
    let whole = framed_answer(client.setting(), answer).len();
    let first = whole - answer.len() + client.random(1, answer.len() - 1);
    shows_pieces(client, answer, first).hint_any(
        "The client takes one recv for the whole answer, and it got the first piece. Call recv \
         until all of the answer is there.",
    )
}

pub(super) fn character_in_two(client: &Client) -> Outcome {
    let answer = "你好\n";
    let whole = framed_answer(client.setting(), answer).len();
    let first = whole - answer.len() + client.random(1, 3);
    shows_pieces(client, answer, first).hint_any(
        "The client decodes each recv by itself, and one held half a character. Decode when all of \
         the answer is there.",
    )
}

pub(super) fn slow_answer(client: &Client) -> Outcome {
    let mut accepted = asked(client, "slow")?;
    accepted.stream.pause(Duration::from_millis(300));
    send_answer(&mut accepted.stream, client.setting(), b"at last\n")?;
    client.shows("at last")
}

pub(super) fn answer_is_no_text(client: &Client) -> Outcome {
    let mut accepted = asked(client, "no text")?;
    send_answer(&mut accepted.stream, client.setting(), b"\xff\xfe\x80\n")?;
    client.types("again");
    expect_command(&mut accepted.stream, client.setting(), "again").hint(
        FailureKind::Closed,
        "The client decodes what came, and it is no text. What a command prints may be anything: \
         decode with a replacement (in Python errors=\"replace\").",
    )
}

pub(super) fn input_ends(client: &Client) -> Outcome {
    let mut accepted = asked(client, "echo hi")?;
    send_answer(&mut accepted.stream, client.setting(), b"hi\n")?;
    client.shows("hi")?;
    client.ends_input();
    accepted.stream.expect_gone().hint_any("At the end of its input the client should hang up.")?;
    // A client may half-close, and wait for the server's end.
    accepted.stream.close();
    client.ends().map(drop).hint_any("There is no more input and no connection: end the program.")
}

/// After `act`, which ends the connection, the client finds out, and can be ended.
pub(super) fn notices(
    client: &Client,
    hint: &str,
    act: impl FnOnce(ProbeStream, &Setting),
) -> Outcome {
    let accepted = asked(client, "echo hi")?;
    act(accepted.stream, client.setting());
    // A client may say so and prompt again, so its input ends too.
    client.ends_input();
    client.ends().map(drop).hint_any(hint)
}

pub(super) const ENDLESS: &str = "The client waits, or turns in a loop, for bytes that cannot come \
                                  any more. An empty recv is the end of the stream: stop there, \
                                  and say so.";

pub(super) fn nobody_listens(client: &Client) -> Outcome {
    client.start_in_vain()?;
    client.ends_input();
    gives_up(client)
}
