//! Lesson 03, struct header: a remote command whose messages begin with their length.

use super::commands::{
    self, ENDLESS, answers, asked, body_in_two, character_in_two, exchange_lines, notices, prints,
    shows_pieces, still_serves,
};
use crate::client::Client;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::port::Transport;
use crate::probe::{Lesson, Probe, client, server};
use crate::remote::{
    READY, announce_length, ask, command_bytes, expect_answer, expect_command, framed, is_framed,
    json_header, length, receive_answer, send_answer, send_command,
};
use crate::server::Server;
use crate::setting::{Dialect, Header, Service, Setting};

/// The probes of lesson 03.
pub(super) fn lesson() -> Lesson {
    let servers =
        [work_of_a_server(), cuts_of_commands(), ends_of_clients(), nonsense_of_clients()];
    let messages = printed_messages();
    let clients = [work_of_a_client(), cuts_of_answers(), nonsense_of_servers()];
    let usually = |probe: Probe| probe.default_condition(answers);
    Lesson {
        number: 3,
        subject: "a remote command, each message with its length in front",
        services: &[Service::Command, Service::Messages],
        headers: &[Header::Struct, Header::Announce, Header::Json],
        transport: Transport::Tcp,
        probes: [servers.concat(), messages, clients.concat()]
            .concat()
            .into_iter()
            .map(usually)
            .collect(),
    }
}

fn work_of_a_server() -> Vec<Probe> {
    vec![
        server("3.1", "A command is answered with its output.", commands::is_answered),
        server("3.2", "One connection carries command after command.", commands::is_answered_again),
        server("3.3", "A command without output gets an answer of length 0.", no_output),
        server("3.4", "After a long answer the next command gets its own.", commands::long_answer),
        server("3.5", "A command that prints 100 KB is answered.", commands::much_output),
        server("3.6", "100 KB on standard error are answered as well.", commands::much_error)
            .when(lengths_count_commands),
        server("3.7", "A length counts bytes, not characters.", commands::other_alphabets),
        server("3.8", "A command that cannot be run is answered.", commands::unknown_command),
        server("3.9", "A command that is no text does no harm.", commands::no_text),
        server("3.10", "An empty command is answered too.", empty_command)
            .when(lengths_count_commands),
        server("3.11", "A client that reads slowly gets everything.", commands::slow_reader),
        server("3.12", "A client may be silent for a while before it speaks.", commands::idle),
    ]
}

fn cuts_of_commands() -> Vec<Probe> {
    vec![
        server("3.13", "A length may be cut after its first byte.", |s| length_cut(s, 1))
            .when(commands_can_be_cut),
        server("3.14", "A length may be cut after its second byte.", |s| length_cut(s, 2))
            .when(commands_can_be_cut),
        server("3.15", "A length may be cut after its third byte.", |s| length_cut(s, 3))
            .when(commands_can_be_cut),
        server("3.16", "A length may arrive alone, before its message.", |s| length_cut(s, 4))
            .when(commands_can_be_cut),
        server("3.17", "A command may arrive in two pieces.", command_cut)
            .when(commands_can_be_cut),
        server("3.18", "A message may arrive byte by byte.", byte_by_byte)
            .when(commands_can_be_cut),
        server("3.19", "Two commands that arrive together are run as two.", glued)
            .when(commands_can_be_cut),
        server("3.20", "A command and a half may arrive together.", one_and_a_half)
            .when(commands_can_be_cut),
        server("3.21", "A JSON header may arrive in two pieces.", header_cut).when(says_json),
        server("3.22", "Announced digits may arrive one by one.", digits_cut).when(announces),
        server("3.23", "recv_ready may arrive in two pieces.", ready_cut).when(announces),
    ]
}

fn ends_of_clients() -> Vec<Probe> {
    vec![
        server("3.24", "After a half-close the connection ends in order.", commands::half_close),
        server(
            "3.25",
            "A client that leaves without a word does no harm.",
            commands::leaves_at_once,
        ),
        server("3.26", "After a client has left, the next one is served.", commands::leaves),
        server("3.27", "After a client's reset, the next one is served.", commands::resets),
        server("3.28", "A client that leaves in mid answer does no harm.", commands::leaves_early),
        server("3.29", "A client that leaves inside a length does no harm.", |s| {
            leaves_after(s, 2)
        })
        .when(commands_can_be_cut),
        server("3.30", "A client that leaves inside a command does no harm.", |s| {
            leaves_after(s, 6)
        })
        .when(commands_can_be_cut),
        server("3.31", "A reset inside a command does no harm.", resets_inside)
            .when(commands_can_be_cut),
        server(
            "3.32",
            "A second client is served, at the latest after the first.",
            commands::second,
        ),
        server("3.33", "Five clients that call at once are all served.", commands::five),
        server("3.34", "A hundred clients, one after the other, are all served.", hundred),
    ]
}

fn nonsense_of_clients() -> Vec<Probe> {
    vec![
        server("3.35", "A negative length ends the connection, and nothing else.", negative_length)
            .when(commands_can_be_cut),
        server("3.36", "A length of 2 GiB is refused at once.", claims_much)
            .when(commands_can_be_cut),
        server("3.37", "A web page cannot have a command run.", commands::browser),
        server("3.38", "A header that is no JSON is refused.", |s| {
            refused(s, b"{\"total_size\": ")
        })
        .when(says_json),
        server("3.39", "A header without total_size is refused.", |s| refused(s, b"{}"))
            .when(says_json),
        server("3.40", "A negative total_size is refused.", |s| {
            refused(s, br#"{"filename":"a.txt","total_size":-7,"hash":""}"#)
        })
        .when(says_json),
        server("3.41", "A message whose hash is wrong is refused.", wrong_hash).when(says_json),
        server("3.42", "An announcement that is no number is refused.", no_number).when(announces),
    ]
}

fn printed_messages() -> Vec<Probe> {
    vec![
        server("3.43", "A message is printed.", |s| printed(s, 0)).when(prints),
        server("3.44", "A length may be cut: the message is printed.", |s| printed(s, 2))
            .when(prints),
        server("3.45", "A message in two pieces is printed whole.", |s| printed(s, 11))
            .when(prints),
        server("3.46", "Two messages that arrive together are both printed.", printed_together)
            .when(prints),
        server("3.47", "After a client has left, the next one is heard.", heard_after_end)
            .when(prints),
        server("3.48", "After a negative length, the next client is heard.", |s| {
            heard_after_nonsense(s, -1)
        })
        .when(prints),
        server("3.49", "A length of 2 GiB is refused at once.", |s| {
            heard_after_nonsense(s, i32::MAX)
        })
        .when(prints),
    ]
}

fn work_of_a_client() -> Vec<Probe> {
    vec![
        client("3.50", "A line that is typed is sent, and its answer is shown.", |c| {
            exchange_lines(c, &[("echo hi", "hi")])
        }),
        client("3.51", "Each command gets its own answer.", |c| {
            exchange_lines(c, &[("echo one", "one"), ("echo two", "two"), ("echo 3", "3")])
        }),
        client("3.52", "Text in other alphabets goes out as UTF-8, and is shown.", |c| {
            exchange_lines(c, &[("echo grüße, 你好", "grüße, 你好")])
        }),
        client("3.53", "A blank line does not stop the client.", commands::blank_line),
        client("3.54", "After an answer of length 0 the client asks on.", empty_answer),
        client("3.55", "An answer of 3,000 bytes is shown whole.", commands::shows_long_answer),
        client("3.56", "After a long answer the next command gets its own.", commands::left_over),
        client("3.57", "An answer that takes 300 ms is waited for.", commands::slow_answer),
        client("3.58", "An answer that is no text does not end the client.", |c| {
            commands::answer_is_no_text(c)
        }),
        client("3.59", "When the input ends, the client hangs up and ends.", commands::input_ends),
        client("3.60", "Where nobody listens, the client says so and ends.", |c| {
            commands::nobody_listens(c)
        }),
    ]
}

fn cuts_of_answers() -> Vec<Probe> {
    vec![
        client("3.61", "A length may be cut after its first byte.", |c| answer_cut(c, 1))
            .when(answers_can_be_cut),
        client("3.62", "A length may be cut after its second byte.", |c| answer_cut(c, 2))
            .when(answers_can_be_cut),
        client("3.63", "A length may be cut after its third byte.", |c| answer_cut(c, 3))
            .when(answers_can_be_cut),
        client("3.64", "A length may arrive alone, before its answer.", |c| answer_cut(c, 4))
            .when(answers_can_be_cut),
        client("3.65", "An answer may arrive byte by byte.", answer_byte_by_byte)
            .when(answers_can_be_cut),
        client("3.66", "An answer in two pieces is shown whole.", body_in_two),
        client("3.67", "A character in two pieces is shown whole.", character_in_two),
        client("3.68", "A JSON header may arrive in two pieces.", answer_header_cut)
            .when(answers_have_json),
        client("3.69", "Announced digits may arrive one by one.", answer_digits_cut)
            .when(announces),
    ]
}

fn nonsense_of_servers() -> Vec<Probe> {
    vec![
        client("3.70", "When the server hangs up, the client notices.", |c| {
            notices(c, ENDLESS, |stream, _| stream.close())
        }),
        client("3.71", "When the server resets, the client notices.", |c| {
            notices(c, ENDLESS, |stream, _| stream.reset())
        }),
        client("3.72", "When the server ends inside a length, the client notices.", |c| {
            hangs_up_after(c, 2)
        })
        .when(answers_can_be_cut),
        client("3.73", "When the server ends inside an answer, the client notices.", |c| {
            hangs_up_after(c, 0)
        }),
        client("3.74", "A negative length is refused.", |c| {
            says_nonsense(c, &(-1_i32).to_le_bytes())
        })
        .when(answers_can_be_cut),
        client("3.75", "A length of 2 GiB is refused at once.", |c| {
            says_nonsense(c, &i32::MAX.to_le_bytes())
        })
        .when(answers_can_be_cut),
        client("3.76", "A header that is no JSON is refused.", |c| {
            says_nonsense(c, &headed(b"{\"total_size\": "))
        })
        .when(answers_have_json),
        client("3.77", "A header without total_size is refused.", |c| {
            says_nonsense(c, &headed(b"{}"))
        })
        .when(answers_have_json),
        client("3.78", "An answer whose hash is wrong is refused.", |c| {
            let json = json_header(c.setting(), 3, &wire::md5_hex(b"something else"));
            says_nonsense(c, &[&headed(json.as_bytes()), &b"hi\n"[..]].concat())
        })
        .when(says_json),
        client("3.79", "An announcement that is no number is refused.", |c| {
            says_nonsense(c, b"many\n")
        })
        .when(announces),
    ]
}

/// Commands have lengths: they may be long, or empty.
fn lengths_count_commands(setting: &Setting) -> bool {
    answers(setting) && is_framed(setting)
}

/// Commands have lengths in bytes, so they can be cut anywhere.
fn commands_can_be_cut(setting: &Setting) -> bool {
    lengths_count_commands(setting) && setting.header != Header::Announce
}

/// Answers have lengths in bytes.
fn answers_can_be_cut(setting: &Setting) -> bool {
    answers(setting) && setting.header != Header::Announce
}

/// Answers have a JSON header.
fn answers_have_json(setting: &Setting) -> bool {
    answers(setting) && setting.header == Header::Json
}

/// Both directions have a JSON header, with a hash that means something.
fn says_json(setting: &Setting) -> bool {
    answers_have_json(setting) && setting.dialect == Dialect::Ours
}

/// Both directions have announced lengths, with a new line to end them.
fn announces(setting: &Setting) -> bool {
    lengths_count_commands(setting) && setting.header == Header::Announce
}

/// The hint for a reader that got `got` of the 4 bytes of a length.
fn one_recv_for_the_length(who: &str, got: usize) -> String {
    let bytes = if got == 1 { "1 byte" } else { &format!("{got} bytes") };
    format!(
        "The {who} reads the 4-byte length with one recv; it got {bytes}. recv(4) returns at most \
         4 bytes, and at least one: call it until 4 are there."
    )
}

const ONE_RECV_FOR_THE_BODY: &str = "The server reads the message with one recv, and it got the \
                                     first piece. recv(n) returns at most n bytes: call it until n \
                                     are there.";

const ONE_BYTE_EACH: &str = "One recv is taken for a whole length, or for a whole message, and \
                             each recv gave one byte. Call it until all of the bytes are there.";

fn no_output(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    ask(&mut stream, server.setting(), "true", "")
        .hint(
            FailureKind::Timeout,
            "An empty answer is an answer: its length, 0, has to be sent. Without it the client \
             waits for ever.",
        )
        .hint(
            FailureKind::Mismatch,
            "What a command prints is its answer, and this one prints nothing.",
        )?;
    ask(&mut stream, server.setting(), "echo hi", "hi\n")
}

fn empty_command(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let hint = "A message of length 0 is no end of the stream. Look for the end where the length \
                is read, and not at the message.";
    send_command(&mut stream, server.setting(), b"")?;
    receive_answer(&mut stream, server.setting()).map(drop).hint_any(hint)?;
    ask(&mut stream, server.setting(), "echo hi", "hi\n").hint_any(hint)
}

pub(super) fn length_cut(server: &Server, first: usize) -> Outcome {
    let mut stream = server.connect()?;
    stream.send_cut(&command_bytes(server.setting(), b"echo hi"), first);
    let came = expect_answer(&mut stream, server.setting(), b"hi\n");
    match first {
        4 => came.hint_any(
            "The length arrived alone, and the message after it: the server expects both in one \
             recv. Read 4 bytes, then as many as they say.",
        ),
        got => came.hint_any(&one_recv_for_the_length("server", got)),
    }
}

pub(super) fn command_cut(server: &Server) -> Outcome {
    let command = b"echo one whole command";
    let bytes = command_bytes(server.setting(), command);
    let first = bytes.len() - command.len() + server.random(5, command.len());
    let mut stream = server.connect()?;
    stream.send_cut(&bytes, first);
    expect_answer(&mut stream, server.setting(), b"one whole command\n")
        .hint_any(ONE_RECV_FOR_THE_BODY)
}

pub(super) fn byte_by_byte(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send_byte_by_byte(&command_bytes(server.setting(), b"echo hi"));
    expect_answer(&mut stream, server.setting(), b"hi\n").hint_any(ONE_BYTE_EACH)
}

pub(super) fn glued(server: &Server) -> Outcome {
    let setting = server.setting();
    let mut stream = server.connect()?;
    let both = [command_bytes(setting, b"echo one"), command_bytes(setting, b"echo two")];
    stream.send(&both.concat());
    expect_answer(&mut stream, setting, b"one\n")
        .hint_any("The server takes two messages that arrive together for one.")?;
    expect_answer(&mut stream, setting, b"two\n").hint_any(
        "The server answers the first of two messages that arrive together, and loses the second. \
         Take from the stream what the length says, and leave the rest for the next turn.",
    )
}

fn one_and_a_half(server: &Server) -> Outcome {
    let setting = server.setting();
    let mut stream = server.connect()?;
    let second = command_bytes(setting, b"echo two");
    let (start, rest) = second.split_at(2);
    stream.send(&[&command_bytes(setting, b"echo one"), start].concat());
    expect_answer(&mut stream, setting, b"one\n").hint_any(
        "A whole command has arrived, and half of the next: the whole one is to be answered now.",
    )?;
    stream.wait_until_taken();
    stream.send(rest);
    expect_answer(&mut stream, setting, b"two\n").hint_any(
        "The first 2 bytes of the second length came with the first command, and are lost. Keep \
         what is left over until the rest has come.",
    )
}

fn header_cut(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let bytes = command_bytes(server.setting(), b"echo hi");
    stream.send_cut(&bytes, server.random(5, 40));
    expect_answer(&mut stream, server.setting(), b"hi\n").hint_any(
        "The server reads the JSON header with one recv, and it got the first piece. Call recv \
         until as many bytes are there as the length says.",
    )
}

fn digits_cut(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send_byte_by_byte(b"12\n");
    stream.expect(READY).hint_any(
        "The server takes one recv for the whole number. Only the new line says that it has ended.",
    )?;
    stream.send(b"echo hello\r\n");
    expect_answer(&mut stream, server.setting(), b"hello\n")
}

fn ready_cut(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    send_command(&mut stream, server.setting(), b"echo hi")?;
    stream.expect(b"3\n")?;
    stream.send_in_pieces(&[b"recv_", b"ready"]);
    stream.expect(b"hi\n").hint_any(
        "The server takes one recv for the whole of recv_ready. Receive until its 10 bytes are \
         there.",
    )
}

fn leaves_after(server: &Server, bytes: usize) -> Outcome {
    let mut stream = server.connect()?;
    let command = command_bytes(server.setting(), b"echo hi");
    stream.send(command.get(..bytes).unwrap_or_default());
    stream.wait_until_taken();
    stream.close();
    still_serves(server).hint_any(
        "The stream may end inside a message. An empty recv there is an error of this one client.",
    )
}

fn resets_inside(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let command = command_bytes(server.setting(), b"echo hi");
    stream.send(command.get(..6).unwrap_or_default());
    stream.wait_until_taken();
    stream.reset();
    still_serves(server)
}

fn hundred(server: &Server) -> Outcome {
    (0..100).try_for_each(|_| still_serves(server))
}

pub(super) fn negative_length(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&(-1_i32).to_le_bytes());
    stream.expect_gone_at_last().map(drop).hint(
        FailureKind::Timeout,
        "A negative length is nonsense, and nobody can say where the next message begins: close \
         the connection.",
    )?;
    still_serves(server).hint_any(
        "The server has ended over a negative length. Check each length before it is used: not \
         below 0, and not above a limit.",
    )
}

pub(super) fn claims_much(server: &Server) -> Outcome {
    let before = server.peak_memory();
    let mut stream = server.connect()?;
    stream.send(&i32::MAX.to_le_bytes());
    let refused = stream.expect_gone_at_last().map(drop);
    let grown =
        server.peak_memory().zip(before).map_or(0, |(now, before)| now.saturating_sub(before));
    let took = match grown >> 30 {
        0 => "",
        _ => " It has even asked the system for the memory.",
    };
    refused.hint(
        FailureKind::Timeout,
        &format!(
            "The server believes that 2,147,483,647 bytes will come, and waits for them.{took} A \
             length is only a claim: check it against a limit, and close the connection."
        ),
    )?;
    drop(stream);
    still_serves(server)
}

/// A message whose JSON header is this one ends the connection.
fn refused(server: &Server, json: &[u8]) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&headed(json));
    stream.expect_gone_at_last().map(drop).hint(
        FailureKind::Timeout,
        "Without a good header nobody can say where the next message begins: close the connection.",
    )?;
    still_serves(server)
}

/// A JSON header with its length in front.
fn headed(json: &[u8]) -> Vec<u8> {
    [&length(json.len()), json].concat()
}

fn wrong_hash(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let command = b"seq 7 9";
    let json = json_header(server.setting(), command.len(), &wire::md5_hex(b"seq 1 9"));
    stream.send(&[&headed(json.as_bytes()), &command[..]].concat());
    let hint = "The MD5 of what came is not the one in the header: it was damaged on its way. Do \
                not run it; close the connection.";
    let came = stream.expect_gone_at_last().hint(FailureKind::Timeout, hint)?;
    if came.windows(6).any(|window| window == b"7\n8\n9\n") {
        let failure =
            Failure::new(FailureKind::Mismatch, "that it is not run", crate::show::bytes(&came));
        return Err(failure).hint_any(hint);
    }
    still_serves(server)
}

fn no_number(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"many\n");
    stream.expect_gone_at_last().map(drop).hint(
        FailureKind::Timeout,
        "This is no number, so nobody can say where the next message begins: close the connection.",
    )?;
    still_serves(server)
}

/// A message with its length. Where messages are only printed, both dialects have the same bytes.
fn framed_struct(message: &[u8]) -> Vec<u8> {
    [&length(message.len()), message].concat()
}

/// Sends a message, cut after so many bytes unless that is 0, and waits until it is printed.
fn printed(server: &Server, cut: usize) -> Outcome {
    let mut stream = server.connect()?;
    let message = "one whole message";
    stream.send_cut(&framed_struct(message.as_bytes()), cut);
    let came = server.prints(message);
    match cut {
        0 => came.hint_any("The server prints each message that comes, as text."),
        1..4 => came.hint_any(&one_recv_for_the_length("server", cut)),
        _ => came.hint_any(ONE_RECV_FOR_THE_BODY),
    }
}

fn printed_together(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&[framed_struct(b"first message"), framed_struct(b"second message")].concat());
    server.prints("first message")?;
    server.prints("second message").hint_any(
        "The server prints the first of two messages that arrive together, and loses the second.",
    )
}

fn heard_after_end(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&framed_struct(b"before"));
    server.prints("before")?;
    stream.close();
    heard(
        server,
        "The stream may end between two messages: an empty recv is no length. Close this \
                   connection, and accept the next.",
    )
}

fn heard_after_nonsense(server: &Server, length: i32) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(&length.to_le_bytes());
    stream.expect_gone_at_last().map(drop).hint(
        FailureKind::Timeout,
        "The server believes a length that nobody means. Check each length before it is used: not \
         below 0, and not above a limit. Then close the connection.",
    )?;
    heard(
        server,
        "The server has ended over a bad length. Check each length before it is used: not \
                   below 0, and not above a limit.",
    )
}

/// The next client's message is printed.
fn heard(server: &Server, hint: &str) -> Outcome {
    let mut stream = server.connect().map_err(|mut failure| {
        failure.hint = Some(hint.to_owned());
        failure
    })?;
    stream.send(&framed_struct(b"the next client"));
    server.prints("the next client").hint_any(hint)
}

pub(super) fn empty_answer(client: &Client) -> Outcome {
    let mut accepted = asked(client, "true")?;
    send_answer(&mut accepted.stream, client.setting(), b"")?;
    client.types("echo hi");
    expect_command(&mut accepted.stream, client.setting(), "echo hi").hint_any(
        "An answer of length 0 is complete as soon as its length has come: there is no byte to \
         wait for, and it is no end of the stream.",
    )?;
    send_answer(&mut accepted.stream, client.setting(), b"hi\n")?;
    client.shows("hi")
}

pub(super) fn answer_cut(client: &Client, first: usize) -> Outcome {
    shows_pieces(client, "an answer\n", first).hint_any(&match first {
        4 => "The length arrived alone, and the answer after it: the client expects both in one \
              recv. Read 4 bytes, then as many as they say."
            .to_owned(),
        got => one_recv_for_the_length("client", got),
    })
}

pub(super) fn answer_byte_by_byte(client: &Client) -> Outcome {
    let mut accepted = asked(client, "echo hi")?;
    accepted.stream.send_byte_by_byte(&framed(client.setting(), b"an answer\n"));
    client.shows("an answer").hint_any(ONE_BYTE_EACH)
}

fn answer_header_cut(client: &Client) -> Outcome {
    shows_pieces(client, "an answer\n", client.random(5, 40)).hint_any(
        "The client reads the JSON header with one recv, and it got the first piece. Call recv \
         until as many bytes are there as the length says.",
    )
}

fn answer_digits_cut(client: &Client) -> Outcome {
    let mut accepted = asked(client, "echo hello")?;
    accepted.stream.send_byte_by_byte(b"10\n");
    accepted.stream.expect(READY).hint_any(
        "The client takes one recv for the whole number. Only the new line says that it has ended.",
    )?;
    accepted.stream.send(b"an answer\n");
    client.shows("an answer")
}

/// The server says so much of an answer, or half of its body if that is 0, and hangs up.
pub(super) fn hangs_up_after(client: &Client, bytes: usize) -> Outcome {
    let answer = b"an answer of which only a part arrives\n";
    let mut accepted = asked(client, "echo hi")?;
    if client.setting().header == Header::Announce {
        announce_length(&mut accepted.stream, client.setting(), answer.len())?;
    }
    let whole = framed(client.setting(), answer);
    let bytes = if bytes == 0 { whole.len() - answer.len() / 2 } else { bytes };
    accepted.stream.send(whole.get(..bytes).unwrap_or_default());
    accepted.stream.wait_until_taken();
    accepted.stream.close();
    // A client may say so and prompt again, so its input ends too.
    client.ends_input();
    client.ends().map(drop).hint_any(ENDLESS)
}

/// After such an answer the client does not go on: it cannot know where the next one begins.
pub(super) fn says_nonsense(client: &Client, answer: &[u8]) -> Outcome {
    let mut accepted = asked(client, "echo hi")?;
    accepted.stream.send(answer);
    client.types("echo next");
    accepted
        .stream
        .expect_gone()
        .hint(
            FailureKind::Excess,
            "The client believes this, and goes on with the next command. Check what a peer says \
             before it is used: a length is not below 0 and not above a limit. What follows \
             nonsense is nonsense too: close the connection, and say so.",
        )
        .hint(
            FailureKind::Timeout,
            "The client believes this, and waits for what cannot come. Check what a peer says \
             before it is used: a length is not below 0 and not above a limit. Then close the \
             connection, and say so.",
        )
}
