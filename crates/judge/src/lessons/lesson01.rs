//! Lesson 01, basic TCP: a message comes back in upper case.
//!
//! Nothing on the wire says where a message ends. So two that meet may be answered in one piece or
//! in two: what is asked for is always the sum of the bytes, never where they are cut.

use std::time::Duration;

use super::ends::gives_up;
use crate::client::Client;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::port::Transport;
use crate::probe::{Lesson, Probe, client, server};
use crate::server::Server;
use crate::setting::{Header, Service, Setting};
use crate::stream::ProbeStream;

/// The probes of lesson 01.
pub(super) fn lesson() -> Lesson {
    Lesson {
        number: 1,
        subject: "a message comes back in upper case",
        services: &[Service::Upper, Service::Reply, Service::Greet],
        headers: &[Header::None],
        transport: Transport::Tcp,
        probes: [server_probes(), client_probes()]
            .concat()
            .into_iter()
            .map(|probe| probe.default_condition(streams))
            .collect(),
    }
}

fn server_probes() -> Vec<Probe> {
    vec![
        server("1.1", "A message is answered.", answers),
        server("1.2", "One connection carries message after message.", answers_again),
        server("1.3", "Letters of other alphabets come back unchanged.", |s| {
            echoes(s, "grüße, 你好 abc".as_bytes())
        })
        .when(upper),
        server("1.4", "Bytes that are no text come back unchanged.", |s| {
            echoes(s, b"\x00\x01\xff\xfe\x80a\xc3(")
        })
        .when(upper),
        server("1.5", "A message that arrives byte by byte comes back whole.", byte_by_byte)
            .when(upper),
        server("1.6", "Two messages that arrive together both come back.", glued).when(upper),
        server("1.7", "A character that arrives in two pieces comes back whole.", cut_character)
            .when(upper),
        server("1.8", "100,000 bytes come back, every one.", large).when(upper),
        server("1.9", "A client that reads slowly gets everything.", slow_reader).when(upper),
        server("1.10", "A client may be silent for a while before it speaks.", idle),
        server("1.11", "After a half-close the answer comes, then the end.", half_close),
        server("1.12", "A client that leaves without a word does no harm.", leaves_at_once),
        server("1.13", "After a client has left, the next one is served.", leaves),
        server("1.14", "After a client's reset, the next one is served.", resets),
        server("1.15", "A client that leaves before its answer does no harm.", leaves_early),
        server("1.16", "A second client is served, at the latest after the first.", second),
        server("1.17", "Five clients that call at once are all served.", five),
        server("1.18", "A hundred clients, one after the other, are all served.", hundred),
        server("1.19", "A browser that calls by mistake does no harm.", browser),
        server("1.20", "Who connects is greeted, and then the connection ends.", greets)
            .when(greeting),
        server("1.21", "The next who connects is greeted too.", greets_again).when(greeting),
    ]
}

fn client_probes() -> Vec<Probe> {
    vec![
        client("1.22", "A line that is typed is sent, and its answer is shown.", |c| {
            exchange_lines(c, &[("hello", "HELLO")])
        }),
        client("1.23", "Each line is sent after the answer to the one before.", |c| {
            exchange_lines(c, &[("one", "ONE"), ("two", "TWO"), ("three", "THREE")])
        }),
        client("1.24", "Text in other alphabets goes out as UTF-8, and is shown.", |c| {
            exchange_lines(c, &[("grüße, 你好", "GRüßE, 你好")])
        }),
        client("1.25", "A blank line does not stop the client.", blank_line),
        client("1.26", "A line of 5,000 letters is sent whole.", long_line),
        client("1.27", "An answer that takes 300 ms is waited for.", slow_answer),
        client("1.28", "An answer that is no text does not end the client.", no_text),
        client("1.29", "When the input ends, the client hangs up and ends.", input_ends),
        client("1.30", "When the server hangs up, the client notices.", |c| {
            hangs_up(c, ProbeStream::close)
        }),
        client("1.31", "When the server resets, the client notices.", |c| {
            hangs_up(c, ProbeStream::reset)
        }),
        client("1.32", "Where nobody listens, the client says so and ends.", nobody_listens),
        client("1.33", "A greeting is shown, also when it comes in two pieces.", hears_greeting)
            .when(greeting),
    ]
}

/// The server answers with the request itself, so that every byte can be followed.
fn upper(setting: &Setting) -> bool {
    setting.service == Service::Upper
}

/// There are requests and answers.
fn streams(setting: &Setting) -> bool {
    setting.service != Service::Greet
}

/// The server speaks and the client is silent.
fn greeting(setting: &Setting) -> bool {
    setting.service == Service::Greet
}

const NEXT_CLIENT: &str = "A client's end must end nothing but its own conversation. Catch the \
                           errors of recv and send (in Python ConnectionResetError and \
                           BrokenPipeError), close that connection, and go on with accept.";

const STUCK: &str = "The server is still busy with a client that has gone. An empty recv is the \
                     end of the stream: leave the loop there, close the connection, accept the \
                     next.";

/// What the server answers to this request.
fn answer(setting: &Setting, request: &[u8]) -> Vec<u8> {
    match setting.service {
        Service::Upper => request.to_ascii_uppercase(),
        _ => setting.text.replace("{}", &String::from_utf8_lossy(request)).into_bytes(),
    }
}

/// One request and its answer.
fn exchange(stream: &mut ProbeStream, setting: &Setting, request: &[u8]) -> Outcome {
    stream.send(request);
    stream.expect(&answer(setting, request))
}

/// The next client connects and is served.
fn still_serves(server: &Server) -> Outcome {
    let asked = server.next_client(|stream| exchange(stream, server.setting(), b"next"));
    asked.hint(FailureKind::Timeout, STUCK).explain(|failure| {
        let ended = matches!(failure.kind, FailureKind::Closed | FailureKind::Refused);
        ended.then(|| NEXT_CLIENT.to_owned())
    })
}

fn answers(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    exchange(&mut stream, server.setting(), b"hello")
        .explain(|failure| {
            let began = failure.actual.contains("then nothing more");
            began.then(|| "The answer begins, and does not go on in time.".to_owned())
        })
        .hint(
            FailureKind::Timeout,
            "The server takes the connection and says nothing. Does it wait for more bytes than \
             one message has, or for a new line? This protocol has none.",
        )
        .hint(FailureKind::Closed, "The server hangs up instead of answering.")
        .explain(|failure| is_off(failure, "HELLO"))
}

/// What a wrong first answer tells.
fn is_off(failure: &Failure, answer: &str) -> Option<String> {
    let actual = &failure.actual;
    let hint = if actual.contains(&format!("b'{answer}'")) {
        "This is how Python shows bytes. Send the bytes themselves, without str() or repr()."
    } else if actual.contains("\"hello") {
        "This is the request as it was sent: the letters are to come back in upper case."
    } else if actual.contains(&format!("{answer}\\n")) {
        "The answer has a new line too many: only what was sent comes back."
    } else if actual.contains(answer) {
        "The answer is there, and something more: a greeting, a prompt, or a word of its own. Only what \
         was sent comes back, in upper case."
    } else {
        return None;
    };
    Some(hint.to_owned())
}

fn answers_again(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    exchange(&mut stream, server.setting(), b"one")?;
    ["two", "three"]
        .iter()
        .try_for_each(|request| exchange(&mut stream, server.setting(), request.as_bytes()))
        .hint(
            FailureKind::Closed,
            "The server closes after the first answer. Receive in a loop, until recv is empty.",
        )
        .hint(
            FailureKind::Timeout,
            "The server answers once and then reads no more: recv needs a loop.",
        )
}

fn echoes(server: &Server, message: &[u8]) -> Outcome {
    let mut stream = server.connect()?;
    exchange(&mut stream, server.setting(), message)
        .hint(
            FailureKind::Mismatch,
            "Upper-case the bytes, and only the letters a to z: text methods also change or refuse \
             what is no such letter.",
        )
        .hint(
            FailureKind::Closed,
            "The server decodes what it has received, and what came is no text in its encoding. \
             Bytes need no decoding to be sent back.",
        )
}

pub(super) fn byte_by_byte(server: &Server) -> Outcome {
    let message = b"hello, world";
    let mut stream = server.connect()?;
    stream.send_byte_by_byte(message);
    stream.expect(&answer(server.setting(), message)).hint(
        FailureKind::Timeout,
        "The server has answered some of the bytes and lost the others.",
    )
}

pub(super) fn glued(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"helloworld");
    stream.expect(b"HELLOWORLD").hint(
        FailureKind::Timeout,
        "The server answers the first of two messages that arrive together, and loses the second.",
    )
}

pub(super) fn cut_character(server: &Server) -> Outcome {
    let message = "a你b".as_bytes();
    let mut stream = server.connect()?;
    // The character has 3 bytes, the second to the fourth.
    stream.send_cut(message, server.random(2, 4));
    stream.expect(&answer(server.setting(), message)).hint_any(
        "The server decodes each recv by itself, and one recv held half a character. Keep bytes as \
         bytes, or decode when all of them are there.",
    )
}

pub(super) fn large(server: &Server) -> Outcome {
    let message: Vec<u8> = (0..100_000_u32).map(|at| b"abcdefghij"[at as usize % 10]).collect();
    let mut stream = server.connect()?;
    stream.send_and_expect(&message, &message.to_ascii_uppercase()).hint(
        FailureKind::Timeout,
        "Some bytes are lost. send may take less than all of what it is given: use sendall. And \
         one recv is not all that was sent.",
    )
}

fn slow_reader(server: &Server) -> Outcome {
    let message: Vec<u8> = (0..200_000_u32).map(|at| b"abcdefghij"[at as usize % 10]).collect();
    let mut stream = server.connect()?;
    let came = stream.send_while(&message, |stream| {
        stream.pause(Duration::from_millis(300));
        stream.expect(&message.to_ascii_uppercase())
    });
    came.hint_any(
        "While the client does not read, the server's send has to wait. Without sendall, or with a \
         socket that does not block, the rest of the answer is lost.",
    )
}

fn idle(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.pause(Duration::from_millis(300));
    exchange(&mut stream, server.setting(), b"hello")
        .hint(FailureKind::Closed, "The server gives a client less than 300 ms to say something.")
}

fn half_close(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    exchange(&mut stream, server.setting(), b"hello")?;
    stream.half_close();
    stream
        .expect_end()
        .hint(
            FailureKind::Excess,
            "The server takes an empty recv for a message, and answers it, again and again. An \
             empty recv is the end of the stream: leave the loop there.",
        )
        .hint(
            FailureKind::Timeout,
            "The server does not notice the end of the stream, or does not close its side: after \
             an empty recv, close the connection.",
        )
        .hint_any("The server should close in order; it is reset if it ends with an error.")
}

fn leaves_at_once(server: &Server) -> Outcome {
    server.connect()?.close();
    still_serves(server)
}

fn leaves(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    exchange(&mut stream, server.setting(), b"hello")?;
    stream.close();
    still_serves(server)
}

fn resets(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    exchange(&mut stream, server.setting(), b"hello")?;
    stream.reset();
    still_serves(server)
}

fn leaves_early(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"hello");
    stream.reset();
    still_serves(server)
}

fn second(server: &Server) -> Outcome {
    let mut first = server.connect()?;
    exchange(&mut first, server.setting(), b"first")?;
    let mut second = server.connect()?;
    second.send(b"second");
    exchange(&mut first, server.setting(), b"again")
        .hint_any("A second client that calls must not disturb the first.")?;
    first.close();
    let came = second.expect(&answer(server.setting(), b"second"));
    came.hint(FailureKind::Timeout, STUCK).hint_any(NEXT_CLIENT)
}

fn five(server: &Server) -> Outcome {
    let numbers = ["one", "two", "three", "four", "five"];
    let connect = |_: &&str| server.connect();
    let mut streams = numbers.iter().map(connect).collect::<Result<Vec<_>, _>>()?;
    for (stream, number) in streams.iter_mut().zip(numbers) {
        stream.send(number.as_bytes());
    }
    // A server that serves one at a time comes to each of them when the one before has left.
    for (mut stream, number) in streams.into_iter().zip(numbers) {
        stream
            .expect(&answer(server.setting(), number.as_bytes()))
            .hint(FailureKind::Timeout, STUCK)
            .hint_any(NEXT_CLIENT)?;
        stream.close();
    }
    Ok(())
}

fn hundred(server: &Server) -> Outcome {
    for _ in 0..100 {
        still_serves(server)?;
    }
    Ok(())
}

pub(super) fn browser(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.half_close();
    stream.expect_gone_at_last().hint(FailureKind::Timeout, STUCK)?;
    still_serves(server)
}

fn greets(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.expect(server.setting().text.as_bytes())?;
    stream.expect_end().hint(
        FailureKind::Timeout,
        "The client reads to the end of the connection: close it after the greeting.",
    )
}

fn greets_again(server: &Server) -> Outcome {
    greets(server)?;
    greets(server).hint_any(NEXT_CLIENT)
}

/// Types each line, expects it, answers, and expects that the answer is shown.
fn exchange_lines(client: &Client, lines: &[(&str, &str)]) -> Outcome {
    let mut accepted = client.start()?;
    for (line, upper) in lines {
        client.types(line);
        receive_line(&mut accepted.stream, line)?;
        accepted.stream.send(upper.as_bytes());
        client.shows(upper)?;
    }
    Ok(())
}

/// Expects a typed line, as it is.
fn receive_line(stream: &mut ProbeStream, line: &str) -> Outcome {
    stream.expect(line.as_bytes()).hint(FailureKind::Timeout, NO_LINE).hint(
        FailureKind::Mismatch,
        "The line is sent as it was typed, in UTF-8, without a new line.",
    )?;
    stream.expect_silence().hint_any(
        "More is sent than the line: a new line, or the next message before this one was answered.",
    )
}

const NO_LINE: &str = "The client sends nothing. Does it read its lines from standard input?";

const LINE_IS_CUT: &str = "The client sends the start of the line and waits for an answer to it: it has \
                           room for less than a line. Read on until the new line, and send all of it.";

fn blank_line(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    client.types("");
    client.types("hello");
    accepted.stream.expect(b"hello").hint(
        FailureKind::Timeout,
        "The client has sent an empty line, which is no byte at all, and waits for an answer to \
         it. Leave blank lines out.",
    )?;
    accepted.stream.send(b"HELLO");
    client.shows("HELLO").hint_any("Leave blank lines out: to no byte there is no answer.")
}

fn long_line(client: &Client) -> Outcome {
    let line = "abcdefghij".repeat(500);
    let mut accepted = client.start()?;
    client.types(&line);
    let came = accepted.stream.expect(line.as_bytes()).explain(|failure| {
        let began = failure.kind == FailureKind::Timeout && failure.actual.contains("then nothing");
        began.then(|| LINE_IS_CUT.to_owned())
    });
    came.hint(FailureKind::Timeout, NO_LINE)
}

pub(super) fn slow_answer(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    client.types("hello");
    receive_line(&mut accepted.stream, "hello")?;
    accepted.stream.pause(Duration::from_millis(300));
    accepted.stream.send(b"HELLO");
    client.shows("HELLO")
}

fn no_text(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    client.types("hello");
    receive_line(&mut accepted.stream, "hello")?;
    accepted.stream.send(b"\xff\xfe\x80");
    client.types("again");
    receive_line(&mut accepted.stream, "again").hint(
        FailureKind::Closed,
        "The client decodes what came, and it is no text. What a peer sends may be anything: \
         decode with a replacement (in Python errors=\"replace\").",
    )
}

fn input_ends(client: &Client) -> Outcome {
    let mut accepted = client.start()?;
    client.types("hello");
    receive_line(&mut accepted.stream, "hello")?;
    accepted.stream.send(b"HELLO");
    client.shows("HELLO")?;
    client.ends_input();
    accepted.stream.expect_gone().hint_any("At the end of its input the client should hang up.")?;
    // A client may half-close, and wait for the server's end.
    accepted.stream.close();
    client.ends().map(drop).hint_any("There is no more input and no connection: end the program.")
}

/// The server closes or resets instead of answering: the client finds out, and can be ended.
fn hangs_up(client: &Client, close: fn(ProbeStream)) -> Outcome {
    let mut accepted = client.start()?;
    client.types("hello");
    receive_line(&mut accepted.stream, "hello")?;
    close(accepted.stream);
    // A client may say so and prompt again, so its input ends too.
    client.ends_input();
    client.ends().map(drop).hint_any(
        "The client waits, or turns in a loop, for an answer that cannot come any more. An empty \
         recv is the end of the stream: stop there.",
    )
}

fn nobody_listens(client: &Client) -> Outcome {
    client.start_in_vain()?;
    client.ends_input();
    gives_up(client)
}

fn hears_greeting(client: &Client) -> Outcome {
    let text = client.setting().text.clone();
    let mut accepted = client.start()?;
    let middle = text.len() / 2;
    accepted.stream.send_cut(text.as_bytes(), middle);
    accepted.stream.close();
    client.shows(&text).hint_any(
        "The client reads once, and shows what one recv gave. Receive until the end of the stream.",
    )
}
