//! Lesson 01, basic TCP: a message comes back in upper case.
//!
//! Nothing on the wire says where a message ends. So two that meet may be answered in one piece or
//! in two: what is asked for is always the sum of the bytes, never where they are cut.

use std::time::Duration;

use super::ends::gives_up;
use crate::client::Client;
use crate::failure::{Came, Failure, Hint, Outcome};
use crate::port::Transport;
use crate::probe::{Lesson, Probe, client, server};
use crate::server::Server;
use crate::setting::{Header, Service, Setting};
use crate::talk::Talk;

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
            .map(|probe| probe.usually_when(talks))
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
            hangs_up(c, Talk::close)
        }),
        client("1.31", "When the server resets, the client notices.", |c| hangs_up(c, Talk::reset)),
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
fn talks(setting: &Setting) -> bool {
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
fn exchange(talk: &mut Talk, setting: &Setting, request: &[u8]) -> Outcome {
    talk.send(request);
    talk.expect(&answer(setting, request))
}

/// The next client connects and is served.
fn still_serves(server: &Server) -> Outcome {
    let asked = server.next_client(|talk| exchange(talk, server.setting(), b"next"));
    asked.hint(Came::Silence, STUCK).explain(|failure| {
        let ended = matches!(failure.came, Came::Closed | Came::Refused);
        ended.then(|| NEXT_CLIENT.to_owned())
    })
}

fn answers(server: &Server) -> Outcome {
    let mut talk = server.connect()?;
    exchange(&mut talk, server.setting(), b"hello")
        .explain(|failure| {
            let began = failure.instead.contains("then nothing more");
            began.then(|| "The answer begins, and does not go on in time.".to_owned())
        })
        .hint(
            Came::Silence,
            "The server takes the connection and says nothing. Does it wait for more bytes than \
             one message has, or for a new line? This protocol has none.",
        )
        .hint(Came::Closed, "The server hangs up instead of answering.")
        .explain(|failure| is_off(failure, "HELLO"))
}

/// What a wrong first answer tells.
fn is_off(failure: &Failure, answer: &str) -> Option<String> {
    let instead = &failure.instead;
    let hint = if instead.contains(&format!("b'{answer}'")) {
        "This is how Python shows bytes. Send the bytes themselves, without str() or repr()."
    } else if instead.contains("\"hello") {
        "This is the request as it was sent: the letters are to come back in upper case."
    } else if instead.contains(&format!("{answer}\\n")) {
        "The answer has a new line too many: only what was sent comes back."
    } else if instead.contains(answer) {
        "The answer is there, and something more: a greeting, a prompt, or a word of its own. Only what \
         was sent comes back, in upper case."
    } else {
        return None;
    };
    Some(hint.to_owned())
}

fn answers_again(server: &Server) -> Outcome {
    let mut talk = server.connect()?;
    exchange(&mut talk, server.setting(), b"one")?;
    ["two", "three"]
        .iter()
        .try_for_each(|request| exchange(&mut talk, server.setting(), request.as_bytes()))
        .hint(
            Came::Closed,
            "The server closes after the first answer. Receive in a loop, until recv is empty.",
        )
        .hint(Came::Silence, "The server answers once and then reads no more: recv needs a loop.")
}

fn echoes(server: &Server, message: &[u8]) -> Outcome {
    let mut talk = server.connect()?;
    exchange(&mut talk, server.setting(), message)
        .hint(
            Came::Wrong,
            "Upper-case the bytes, and only the letters a to z: text methods also change or refuse \
             what is no such letter.",
        )
        .hint(
            Came::Closed,
            "The server decodes what it has received, and what came is no text in its encoding. \
             Bytes need no decoding to be sent back.",
        )
}

pub(super) fn byte_by_byte(server: &Server) -> Outcome {
    let message = b"hello, world";
    let mut talk = server.connect()?;
    talk.send_byte_by_byte(message);
    talk.expect(&answer(server.setting(), message))
        .hint(Came::Silence, "The server has answered some of the bytes and lost the others.")
}

pub(super) fn glued(server: &Server) -> Outcome {
    let mut talk = server.connect()?;
    talk.send(b"helloworld");
    talk.expect(b"HELLOWORLD").hint(
        Came::Silence,
        "The server answers the first of two messages that arrive together, and loses the second.",
    )
}

pub(super) fn cut_character(server: &Server) -> Outcome {
    let message = "a你b".as_bytes();
    let mut talk = server.connect()?;
    // The character has 3 bytes, the second to the fourth.
    talk.send_cut(message, server.random(2, 4));
    talk.expect(&answer(server.setting(), message)).hint_any(
        "The server decodes each recv by itself, and one recv held half a character. Keep bytes as \
         bytes, or decode when all of them are there.",
    )
}

pub(super) fn large(server: &Server) -> Outcome {
    let message: Vec<u8> = (0..100_000_u32).map(|at| b"abcdefghij"[at as usize % 10]).collect();
    let mut talk = server.connect()?;
    talk.send_and_expect(&message, &message.to_ascii_uppercase()).hint(
        Came::Silence,
        "Some bytes are lost. send may take less than all of what it is given: use sendall. And \
         one recv is not all that was sent.",
    )
}

fn slow_reader(server: &Server) -> Outcome {
    let message: Vec<u8> = (0..200_000_u32).map(|at| b"abcdefghij"[at as usize % 10]).collect();
    let mut talk = server.connect()?;
    let came = talk.send_while(&message, |talk| {
        talk.pause(Duration::from_millis(300));
        talk.expect(&message.to_ascii_uppercase())
    });
    came.hint_any(
        "While the client does not read, the server's send has to wait. Without sendall, or with a \
         socket that does not block, the rest of the answer is lost.",
    )
}

fn idle(server: &Server) -> Outcome {
    let mut talk = server.connect()?;
    talk.pause(Duration::from_millis(300));
    exchange(&mut talk, server.setting(), b"hello")
        .hint(Came::Closed, "The server gives a client less than 300 ms to say something.")
}

fn half_close(server: &Server) -> Outcome {
    let mut talk = server.connect()?;
    exchange(&mut talk, server.setting(), b"hello")?;
    talk.half_close();
    talk.expect_end()
        .hint(
            Came::More,
            "The server takes an empty recv for a message, and answers it, again and again. An \
             empty recv is the end of the stream: leave the loop there.",
        )
        .hint(
            Came::Silence,
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
    let mut talk = server.connect()?;
    exchange(&mut talk, server.setting(), b"hello")?;
    talk.close();
    still_serves(server)
}

fn resets(server: &Server) -> Outcome {
    let mut talk = server.connect()?;
    exchange(&mut talk, server.setting(), b"hello")?;
    talk.reset();
    still_serves(server)
}

fn leaves_early(server: &Server) -> Outcome {
    let mut talk = server.connect()?;
    talk.send(b"hello");
    talk.reset();
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
    came.hint(Came::Silence, STUCK).hint_any(NEXT_CLIENT)
}

fn five(server: &Server) -> Outcome {
    let numbers = ["one", "two", "three", "four", "five"];
    let connect = |_: &&str| server.connect();
    let mut talks = numbers.iter().map(connect).collect::<Result<Vec<_>, _>>()?;
    for (talk, number) in talks.iter_mut().zip(numbers) {
        talk.send(number.as_bytes());
    }
    // A server that serves one at a time comes to each of them when the one before has left.
    for (mut talk, number) in talks.into_iter().zip(numbers) {
        talk.expect(&answer(server.setting(), number.as_bytes()))
            .hint(Came::Silence, STUCK)
            .hint_any(NEXT_CLIENT)?;
        talk.close();
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
    let mut talk = server.connect()?;
    talk.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    talk.half_close();
    talk.expect_gone_at_last().hint(Came::Silence, STUCK)?;
    still_serves(server)
}

fn greets(server: &Server) -> Outcome {
    let mut talk = server.connect()?;
    talk.expect(server.setting().text.as_bytes())?;
    talk.expect_end().hint(
        Came::Silence,
        "The client reads to the end of the connection: close it after the greeting.",
    )
}

fn greets_again(server: &Server) -> Outcome {
    greets(server)?;
    greets(server).hint_any(NEXT_CLIENT)
}

/// Types each line, expects it, answers, and expects that the answer is shown.
fn exchange_lines(client: &Client, lines: &[(&str, &str)]) -> Outcome {
    let mut call = client.start()?;
    for (line, upper) in lines {
        client.types(line);
        receive_line(&mut call.talk, line)?;
        call.talk.send(upper.as_bytes());
        client.shows(upper)?;
    }
    Ok(())
}

/// Expects a typed line, as it is.
fn receive_line(talk: &mut Talk, line: &str) -> Outcome {
    talk.expect(line.as_bytes())
        .hint(Came::Silence, NO_LINE)
        .hint(Came::Wrong, "The line is sent as it was typed, in UTF-8, without a new line.")?;
    talk.expect_silence().hint_any(
        "More is sent than the line: a new line, or the next message before this one was answered.",
    )
}

const NO_LINE: &str = "The client sends nothing. Does it read its lines from standard input?";

const LINE_IS_CUT: &str = "The client sends the start of the line and waits for an answer to it: it has \
                           room for less than a line. Read on until the new line, and send all of it.";

fn blank_line(client: &Client) -> Outcome {
    let mut call = client.start()?;
    client.types("");
    client.types("hello");
    call.talk.expect(b"hello").hint(
        Came::Silence,
        "The client has sent an empty line, which is no byte at all, and waits for an answer to \
         it. Leave blank lines out.",
    )?;
    call.talk.send(b"HELLO");
    client.shows("HELLO").hint_any("Leave blank lines out: to no byte there is no answer.")
}

fn long_line(client: &Client) -> Outcome {
    let line = "abcdefghij".repeat(500);
    let mut call = client.start()?;
    client.types(&line);
    let came = call.talk.expect(line.as_bytes()).explain(|failure| {
        let began = failure.came == Came::Silence && failure.instead.contains("then nothing");
        began.then(|| LINE_IS_CUT.to_owned())
    });
    came.hint(Came::Silence, NO_LINE)
}

pub(super) fn slow_answer(client: &Client) -> Outcome {
    let mut call = client.start()?;
    client.types("hello");
    receive_line(&mut call.talk, "hello")?;
    call.talk.pause(Duration::from_millis(300));
    call.talk.send(b"HELLO");
    client.shows("HELLO")
}

fn no_text(client: &Client) -> Outcome {
    let mut call = client.start()?;
    client.types("hello");
    receive_line(&mut call.talk, "hello")?;
    call.talk.send(b"\xff\xfe\x80");
    client.types("again");
    receive_line(&mut call.talk, "again").hint(
        Came::Closed,
        "The client decodes what came, and it is no text. What a peer sends may be anything: \
         decode with a replacement (in Python errors=\"replace\").",
    )
}

fn input_ends(client: &Client) -> Outcome {
    let mut call = client.start()?;
    client.types("hello");
    receive_line(&mut call.talk, "hello")?;
    call.talk.send(b"HELLO");
    client.shows("HELLO")?;
    client.ends_input();
    call.talk.expect_gone().hint_any("At the end of its input the client should hang up.")?;
    // A client may half-close, and wait for the server's end.
    call.talk.close();
    client.ends().map(drop).hint_any("There is no more input and no connection: end the program.")
}

/// The server closes or resets instead of answering: the client finds out, and can be ended.
fn hangs_up(client: &Client, close: fn(Talk)) -> Outcome {
    let mut call = client.start()?;
    client.types("hello");
    receive_line(&mut call.talk, "hello")?;
    close(call.talk);
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
    let mut call = client.start()?;
    let middle = text.len() / 2;
    call.talk.send_cut(text.as_bytes(), middle);
    call.talk.close();
    client.shows(&text).hint_any(
        "The client reads once, and shows what one recv gave. Receive until the end of the stream.",
    )
}
