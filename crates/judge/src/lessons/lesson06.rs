//! Lesson 06, proxy: what a client sends comes out at the upstream, and the other way round; and so
//! does all that is said without a byte: an end, a reset, that somebody has no room.
//!
//! The judge plays both, the client and the upstream. So it knows what went in at one side, and
//! sees what comes out at the other.

use std::thread;
use std::time::{Duration, Instant};

use language::text;
use rust_i18n::t;

use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::port::Transport;
use crate::probe::{Lesson, Probe, server};
use crate::server::Server;
use crate::setting::{Header, Service};
use crate::show;
use crate::stream::ProbeStream;

/// The probes of lesson 06.
pub(super) fn lesson() -> Lesson {
    Lesson {
        number: 6,
        subject: text!("a proxy between a client and its upstream"),
        services: &[Service::Relay],
        headers: &[Header::None],
        transport: Transport::Tcp,
        probes: [bytes(), endings(), trouble_upstream(), many_clients()].concat(),
    }
}

fn bytes() -> Vec<Probe> {
    vec![
        server(
            "relay/question-and-answer",
            "A question reaches the upstream, its answer the client.",
            is_led,
        ),
        server("relay/again", "One connection carries question after question.", is_led_again),
        server("relay/upstream-first", "The upstream may speak first.", upstream_first),
        server("relay/one-byte", "One byte, without a new line, is passed on at once.", one_byte),
        server("relay/every-value", "Bytes of every value pass unchanged, both ways.", every_value),
        server(
            "cuts/byte-by-byte",
            "Bytes that come one by one pass unchanged, both ways.",
            one_by_one,
        ),
        server("sizes/million-bytes", "A million bytes pass unchanged, up and then down.", million),
        server("browser/passes", "A browser's request passes like any other bytes.", browser),
        server(
            "relay/up-while-down-is-full",
            "While nothing can go down, bytes still go up.",
            |s| stuck(s, true),
        ),
        server(
            "relay/down-while-up-is-full",
            "While nothing can go up, bytes still go down.",
            |s| stuck(s, false),
        ),
        server(
            "relay/back-pressure",
            "Who does not read stops the sender, and loses nothing.",
            back_pressure,
        ),
    ]
}

fn endings() -> Vec<Probe> {
    vec![
        server(
            "ends/client-half-closes",
            "A client's half-close passes; the answer still comes.",
            client_half_closes,
        ),
        server(
            "ends/upstream-half-closes",
            "An upstream's half-close passes; bytes still go up.",
            upstream_half_closes,
        ),
        server(
            "ends/client-closes",
            "When the client closes, the upstream hears the end.",
            client_closes,
        ),
        server(
            "ends/upstream-closes",
            "When the upstream closes, the client hears the end.",
            upstream_closes,
        ),
        server(
            "ends/last-bytes",
            "What is sent just before the end comes before the end.",
            last_bytes,
        ),
        server("ends/client-resets", "A client's reset is a reset for the upstream.", |s| {
            is_reset(s, true)
        }),
        server("ends/upstream-resets", "An upstream's reset is a reset for the client.", |s| {
            is_reset(s, false)
        }),
        server("ends/next-after-an-end", "After an end, the next client is led.", after_end),
        server("ends/next-after-a-reset", "After a reset, the next client is led.", after_reset),
        server(
            "ends/nothing-is-left",
            "When twenty clients have come and gone, nothing is left.",
            no_leaks,
        ),
    ]
}

fn trouble_upstream() -> Vec<Probe> {
    vec![
        server(
            "upstream/is-down",
            "Without an upstream, a client is not left waiting.",
            is_turned_away,
        ),
        server(
            "upstream/is-back",
            "When the upstream is back, the next client is led.",
            upstream_is_back,
        ),
        server(
            "upstream/ends-no-other",
            "An upstream that is down ends no other connection.",
            others_go_on,
        ),
    ]
}

fn many_clients() -> Vec<Probe> {
    vec![
        server("crowds/one-is-silent", "While one client is silent, the next one is led.", silent),
        server("crowds/five-at-once", "Five clients talk at once, and nothing is mixed up.", five),
        server(
            "crowds/thirty-in-succession",
            "Thirty clients in quick succession are all let in.",
            thirty,
        ),
    ]
}

/// A million bytes, of which any two places can be told apart.
const MANY: usize = 1_000_000;
/// More than the buffers of two connections hold: to receive and to send, in each of them. On Linux
/// that is at most 32 MiB and 4 MiB, as tcp_rmem and tcp_wmem usually are (tcp(7)).
const TOO_MANY: usize = 96 << 20;

const EMPTY_RECV: &str = text!(
    "The proxy does not pass on the end of a stream. An empty recv is no piece without bytes, but \
     the end: shut down the sending direction of the other socket (SHUT_WR), and leave this loop. \
     Who goes on calling recv there turns at full speed, for ever. And to close that socket is \
     not enough: while another thread waits in its recv, nothing is sent."
);

const BOTH_CLOSED: &str = text!(
    "The proxy closes both connections when one direction has ended. The other may have bytes to \
     come: shut down one direction only (SHUT_WR), and close when both have ended."
);

const BOTH_ENDED: &str = text!(
    "When one direction has ended, the other is not copied any more. It may have bytes to come: \
     each direction ends with its own empty recv."
);

const DECODES: &str =
    text!("A proxy passes on bytes. Do not decode them, strip them, or wait for lines.");

const ONE_LOOP: &str = text!(
    "One direction waits for the other: while send has no room, nothing is received. Give each \
     direction a thread of its own, or ask select which socket has room."
);

const NEXT_CLIENT: &str = text!(
    "What goes wrong with one connection must end nothing but that one. Catch the errors of \
     connect, recv and send, close its two sockets, and go on with accept."
);

/// Sends these bytes at one side, and expects them at the other.
fn passes(from: &mut ProbeStream, to: &mut ProbeStream, bytes: &[u8]) -> Outcome {
    from.send(bytes);
    to.expect(bytes)
}

/// A client and its upstream, to which the proxy has led it. Where it does not, it is found out why.
fn led(server: &Server) -> Result<(ProbeStream, ProbeStream), Failure> {
    server.open_upstream()?;
    let client = server.connect()?;
    match server.called() {
        Err(failure) if failure.kind == FailureKind::Timeout => {
            let (actual, why) = server.record().quietly(|| why_no_call(server, client));
            Err(Failure { actual: actual.to_owned(), hint: Some(why), ..failure })
        }
        called => Ok((client, called?)),
    }
}

/// A client is led to the upstream, and asks and is answered.
fn exchange(server: &Server) -> Outcome {
    let (mut client, mut upstream) = server.through()?;
    passes(&mut client, &mut upstream, b"question")?;
    passes(&mut upstream, &mut client, b"answer")
}

/// The next client connects and is led.
fn still_leads(server: &Server) -> Outcome {
    let asked = server.next_client(|client| {
        let mut upstream = server.called()?;
        passes(client, &mut upstream, b"next question")?;
        passes(&mut upstream, client, b"next answer")
    });
    asked
        .hint(FailureKind::Timeout, text!("The proxy is still busy with a client that has gone."))
        .hint_any(NEXT_CLIENT)
}

/// For how many patiences more a proxy is listened to that has not done what it should: to find out
/// whether it is only slow.
const LATE: usize = 3;

/// A proxy that does not call its upstream in time may be slow, or wait for the client's first word:
/// which of them, is tried. Says what came of it, and why.
fn why_no_call(server: &Server, mut client: ProbeStream) -> (&'static str, String) {
    server.record().renew();
    let calls = |patiences| (0..patiences).any(|_| server.called().is_ok());
    client.send(b"question\n");
    if !calls(LATE) {
        let why = match server.leaves_clients() {
            Some(true) => {
                text!(
                    "The client still waits in the accept queue. Call accept, in a loop, and wait \
                     for nothing else there."
                )
            }
            Some(false) => {
                text!(
                    "The proxy has accepted the client, and does not connect to the upstream that \
                     it was given."
                )
            }
            None => {
                text!(
                    "The proxy does not accept, or does not connect to the upstream that it was \
                     given."
                )
            }
        };
        return (text!("no call"), why.to_owned());
    }
    client.close();
    server.record().renew();
    // Whoever is only slow is as slow with the next client, who speaks at once.
    let speaks = server.connect().map(|mut next| {
        next.send(b"question\n");
        (calls(1), next)
    });
    match speaks {
        Ok((true, _)) => (
            text!("no call, before the client has said something"),
            text!(
                "The proxy connects to its upstream only when the client has said something, or \
                 after a long wait for that. Do it as soon as accept has returned: the upstream \
                 may be the one that speaks first."
            )
            .to_owned(),
        ),
        _ => (text!("no call in that time; it came later"), slow(server)),
    }
}

fn slow(server: &Server) -> String {
    let late = t!(
        "The proxy is right, and late: something waits before it connects or copies. Is there a \
         sleep, or a time-out that has to pass first?"
    );
    late.into_owned() + &server.record().more_patience(text!("If it may take so long"))
}

/// As `passes`; where nothing comes out, it is found out why. `nothing` is said where nothing helps.
fn passes_at_last(
    server: &Server,
    from: &mut ProbeStream,
    to: &mut ProbeStream,
    bytes: &[u8],
    nothing: &str,
) -> Outcome {
    let failure = match passes(from, to, bytes) {
        Err(failure) if failure.kind == FailureKind::Timeout => failure,
        passed => return passed.hint(FailureKind::Mismatch, DECODES),
    };
    let (when, why) = server.record().quietly(|| {
        server.record().renew();
        let comes = |to: &mut ProbeStream, times| (0..times).any(|_| to.expect(bytes).is_ok());
        if comes(to, LATE) {
            return (text!("; it came later"), slow(server));
        }
        server.record().renew();
        to.send(b"a word\n");
        if comes(to, 1) {
            return (
                text!("; it came when the other side had spoken"),
                text!(
                    "The two sides are read in turn. Either may be the first to speak, and may \
                     speak again: each direction needs a thread, or a select on both sockets."
                )
                .to_owned(),
            );
        }
        from.half_close();
        match comes(to, 1) {
            true => (
                text!("; it came when that side had ended"),
                text!(
                    "The proxy collects what comes until the end of the stream. Pass on what one \
                     recv has given, at once."
                )
                .to_owned(),
            ),
            false => ("", nothing.to_owned()),
        }
    });
    Err(Failure { actual: failure.actual + &*t!(when), hint: Some(why), ..failure })
}

fn is_led(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    passes_at_last(
        server,
        &mut client,
        &mut upstream,
        b"question\n",
        text!(
            "The proxy has connected to its upstream, and passes nothing on to it: not later, not \
             when the upstream speaks, and not when the client ends."
        ),
    )?;
    passes_at_last(
        server,
        &mut upstream,
        &mut client,
        b"answer\n",
        text!(
            "What the client sends is passed on, and the answer is not: the other direction has \
             to be copied as well, at the same time."
        ),
    )
}

fn is_led_again(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    for number in 1..=5 {
        passes(&mut client, &mut upstream, format!("question {number}\n").as_bytes())
            .and_then(|()| {
                passes(&mut upstream, &mut client, format!("answer {number}\n").as_bytes())
            })
            .hint(FailureKind::Mismatch, DECODES)
            .hint_any(text!(
                "The proxy passes on one piece, and no more: copy in a loop, until recv is empty."
            ))?;
    }
    Ok(())
}

fn upstream_first(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    passes(&mut upstream, &mut client, b"greeting\n").hint(
        FailureKind::Timeout,
        text!(
            "The proxy waits until the client has said something. Either side may be the first to \
             speak: each direction needs a thread, or a select on both sockets."
        ),
    )?;
    passes(&mut client, &mut upstream, b"reply\n")
}

fn one_byte(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    let hint = text!(
        "The proxy waits for more: a line, or a full buffer. Pass on what one recv has given, \
         however little that is."
    );
    passes(&mut client, &mut upstream, b"x").hint(FailureKind::Timeout, hint)?;
    passes(&mut upstream, &mut client, b"y").hint(FailureKind::Timeout, hint)
}

fn every_value(server: &Server) -> Outcome {
    let all: Vec<u8> = (0..=255).collect();
    let (mut client, mut upstream) = led(server)?;
    passes(&mut client, &mut upstream, &all).hint_any(DECODES)?;
    passes(&mut upstream, &mut client, &all).hint_any(DECODES)
}

fn one_by_one(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    let text = "one 你好 by one\n".as_bytes();
    client.send_byte_by_byte(text);
    upstream.expect(text).hint_any(DECODES)?;
    upstream.send_byte_by_byte(text);
    client.expect(text).hint_any(DECODES)
}

fn million(server: &Server) -> Outcome {
    let bytes = pattern(MANY);
    let hint = text!(
        "Some bytes are lost, or come out of order. send may take less than all of what it is \
         given: use sendall."
    );
    let (mut client, mut upstream) = led(server)?;
    client.send_through(&bytes, &mut upstream).hint_any(hint)?;
    upstream.send_through(&bytes, &mut client).hint_any(hint)
}

/// Bytes that are others at each place than a little further on.
fn pattern(length: usize) -> Vec<u8> {
    // The length of a period is a prime number, so no lost piece of a usual size goes unnoticed.
    let period: Vec<u8> = (0..65_521_usize).map(|at| (at ^ (at >> 8)) as u8).collect();
    let mut bytes = period.repeat(length / period.len() + 1);
    bytes.truncate(length);
    bytes
}

fn browser(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    passes(&mut client, &mut upstream, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .hint_any(DECODES)
}

/// One side does not read, and the other sends until nothing more is taken. In the other direction
/// all is well.
fn stuck(server: &Server, down: bool) -> Outcome {
    let (client, upstream) = led(server)?;
    let (mut full, mut free) = if down { (upstream, client) } else { (client, upstream) };
    let much = vec![b'x'; TOO_MANY];
    full.note(text!("send, until no more is taken"), show::start(&much));
    free.note(text!("send a few bytes the other way"), String::new());
    // What is sent the other way also says anew how much room there is, which may be a little more than
    // before. So only the second round is sure to find everything full, and the first may.
    let passed = server.record().quietly(|| {
        [&b"the other way"[..], b"and again"].iter().try_for_each(|bytes| {
            full.send_until_full(&much);
            passes(&mut free, &mut full, bytes)
        })
    });
    passed
        .map_err(|failure| Failure { expected: text!("that they come out").to_owned(), ..failure })
        .hint(FailureKind::Timeout, ONE_LOOP)
}

fn back_pressure(server: &Server) -> Outcome {
    let bytes = pattern(TOO_MANY);
    let (mut client, mut upstream) = led(server)?;
    let taken = upstream.send_until_full(&bytes);
    if taken == TOO_MANY {
        let actual = text!("it takes all of 96 MiB, for a client that reads nothing");
        let wanted = text!("that the proxy takes no more than it can pass on");
        return Err(Failure::new(FailureKind::Excess, wanted, actual)).hint_any(text!(
            "The proxy goes on to receive, and keeps what it cannot send: its memory grows with \
             every slow client. Receive no more until what came is sent; then the sender's own \
             kernel stops the sender (back-pressure)."
        ));
    }
    let sent = bytes.get(..taken).unwrap_or_default();
    client.expect_quietly(sent, text!("all that was sent")).hint_any(text!(
        "Bytes are lost while a client does not read. send has to wait, and may take less than \
         all of what it is given: use sendall."
    ))
}

fn client_half_closes(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    client.send(b"question");
    client.half_close();
    upstream.expect(b"question")?;
    upstream.expect_end().hint(FailureKind::Timeout, EMPTY_RECV).hint_any(BOTH_CLOSED)?;
    passes(&mut upstream, &mut client, b"answer")
        .hint(FailureKind::Timeout, BOTH_ENDED)
        .hint_any(BOTH_CLOSED)?;
    upstream.close();
    client.expect_end().hint(FailureKind::Timeout, EMPTY_RECV)
}

fn upstream_half_closes(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    upstream.send(b"greeting");
    upstream.half_close();
    client.expect(b"greeting")?;
    client.expect_end().hint(FailureKind::Timeout, EMPTY_RECV).hint_any(BOTH_CLOSED)?;
    passes(&mut client, &mut upstream, b"still there")
        .hint(FailureKind::Timeout, BOTH_ENDED)
        .hint_any(BOTH_CLOSED)?;
    client.close();
    upstream.expect_end().hint(FailureKind::Timeout, EMPTY_RECV)
}

fn client_closes(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    passes(&mut client, &mut upstream, b"question")?;
    passes(&mut upstream, &mut client, b"answer")?;
    client.close();
    upstream.expect_end().hint(FailureKind::Timeout, EMPTY_RECV)
}

fn upstream_closes(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    passes(&mut client, &mut upstream, b"question")?;
    passes(&mut upstream, &mut client, b"answer")?;
    upstream.close();
    client.expect_end().hint(FailureKind::Timeout, EMPTY_RECV)
}

fn last_bytes(server: &Server) -> Outcome {
    let bytes = pattern(200_000);
    let (mut client, mut upstream) = led(server)?;
    upstream.send(&bytes);
    upstream.close();
    // Until here the client has not read, so that some of it still waits in the proxy.
    client.pause(Duration::from_millis(300));
    client.expect_much(&bytes).hint_any(text!(
        "The end overtakes the bytes. At the end of one stream, send what is still there, and \
         then shut down; a socket that is closed with something unread throws away what it was to \
         send."
    ))?;
    client.expect_end().hint(FailureKind::Timeout, EMPTY_RECV)
}

fn is_reset(server: &Server, by_client: bool) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    passes(&mut client, &mut upstream, b"question")?;
    passes(&mut upstream, &mut client, b"answer")?;
    let (resets, mut hears) = if by_client { (client, upstream) } else { (upstream, client) };
    resets.reset();
    hears
        .expect_reset()
        .hint(
            FailureKind::Timeout,
            text!(
                "The proxy does not pass on a reset: the direction that meets it ends, and nobody \
                 tells the other side. Catch the error of recv (in Python ConnectionResetError), \
                 and close both sockets."
            ),
        )
        .hint(
            FailureKind::Mismatch,
            text!(
                "The proxy makes an orderly end of a reset. That says that all was sent, and it \
                 was not: close the other socket with a reset too (SO_LINGER with a time of 0)."
            ),
        )
}

fn after_end(server: &Server) -> Outcome {
    exchange(server)?;
    still_leads(server)
}

fn after_reset(server: &Server) -> Outcome {
    for by_client in [true, false] {
        let (mut client, mut upstream) = led(server)?;
        passes(&mut client, &mut upstream, b"question")?;
        if by_client { client.reset() } else { upstream.reset() }
    }
    still_leads(server)
}

/// How many clients come and go before it is looked whether something is left of them.
const CLIENTS: usize = 20;
/// Each client that leaves a socket open leaves one at least. A few more files than that may be a
/// thread's, or a log's.
const LEAKED: usize = CLIENTS / 2;

fn no_leaks(server: &Server) -> Outcome {
    // What the proxy opens once, it mostly opens for the first client.
    exchange(server)?;
    let Some(first) = server.open_files() else { return Ok(()) };
    for _ in 0..CLIENTS {
        still_leads(server)?;
    }
    // The first client's sockets may have been open still.
    let deadline = server.record().deadline();
    while Instant::now() < deadline {
        if server.open_files().is_none_or(|now| now < first + LEAKED) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
    let wanted = text!("that a connection's sockets are closed when both sides have ended it");
    let actual = text!("with each client the proxy has more open than before");
    Err(Failure::new(FailureKind::Excess, wanted, actual)).hint_any(text!(
        "Close both sockets of a connection when both directions have ended. Who keeps them runs \
         out of descriptors."
    ))
}

/// A client comes while the upstream is closed, and is turned away.
fn is_turned_away(server: &Server) -> Outcome {
    server.close_upstream();
    server.record().add(None, text!("a client connects"), "");
    // Whether it is reset during its connect, or a moment later, is a race.
    let turned_away = server.record().quietly(|| match server.connect_at_once() {
        Ok(mut client) => client.expect_gone(),
        Err(failure) if failure.kind == FailureKind::Closed => Ok(()),
        Err(failure) => Err(failure),
    });
    turned_away.hint(
        FailureKind::Timeout,
        text!(
            "The proxy cannot reach its upstream, and leaves the client waiting. Close its \
             connection."
        ),
    )
}

const REFUSED: &str = text!(
    "An upstream that refuses once has ended the proxy. Catch the error of connect (in Python \
     ConnectionRefusedError), close that client's connection, and go on with accept."
);

fn upstream_is_back(server: &Server) -> Outcome {
    is_turned_away(server)?;
    server.record().add(None, text!("open the upstream again"), "");
    server.open_upstream()?;
    still_leads(server)
        .map_err(|failure| Failure { hint: None, ..failure })
        .hint(
            FailureKind::Timeout,
            text!(
                "An upstream has refused once, and the proxy leads nobody to it any more. Call it \
                 anew for each client."
            ),
        )
        .hint_any(REFUSED)
}

fn others_go_on(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    passes(&mut client, &mut upstream, b"before")?;
    is_turned_away(server)?;
    // A proxy that this ends has closed that client's connection before the others': for a moment
    // longer it leads them. The next client shows whether it ends, and its end is waited for.
    server.open_upstream()?;
    if let Err(failure) = server.record().quietly(|| still_leads(server)) {
        server.aftermath(&failure);
        server.record().renew();
    }
    passes(&mut client, &mut upstream, b"after")
        .and_then(|()| passes(&mut upstream, &mut client, b"answer"))
        .hint(
            FailureKind::Timeout,
            text!(
                "While the upstream refuses one client, the others are not served. Connect to it \
                 in that client's own thread."
            ),
        )
        .hint_any(REFUSED)
}

const ONE_CLIENT: &str =
    text!("The proxy leads one client at a time. Give each connection threads of its own.");

fn silent(server: &Server) -> Outcome {
    let (mut client, mut upstream) = led(server)?;
    exchange(server).hint(FailureKind::Timeout, ONE_CLIENT)?;
    passes(&mut client, &mut upstream, b"at last")
}

fn five(server: &Server) -> Outcome {
    let mut pairs = (0..5)
        .map(|_| server.through())
        .collect::<Result<Vec<_>, _>>()
        .hint(FailureKind::Timeout, ONE_CLIENT)?;
    let mixed = text!(
        "What one client says comes out at another's upstream. Each client needs a connection of \
         its own upstream, and no variable that the connections share."
    );
    for (number, (client, upstream)) in pairs.iter_mut().enumerate() {
        client.send(format!("question {number}").as_bytes());
        upstream.send(format!("answer {number}").as_bytes());
    }
    for (number, (client, upstream)) in pairs.iter_mut().enumerate().rev() {
        upstream
            .expect(format!("question {number}").as_bytes())
            .hint(FailureKind::Mismatch, mixed)?;
        client.expect(format!("answer {number}").as_bytes()).hint(FailureKind::Mismatch, mixed)?;
    }
    Ok(())
}

fn thirty(server: &Server) -> Outcome {
    server.open_upstream()?;
    server.record().add(None, text!("thirty clients connect, one right after the other"), "");
    // Which of them is refused, if any is, depends on a microsecond.
    let led = server.record().quietly(|| lead_thirty(server));
    led.map_err(|failure| match failure.kind {
        FailureKind::Closed | FailureKind::Refused => {
            let actual = text!("some of them are refused, reset, or left in the accept queue");
            Failure::new(FailureKind::Closed, text!("that all of them are led"), actual)
        }
        _ => failure,
    })
    .hint(
        FailureKind::Closed,
        text!(
            "The proxy closes its listening socket for each client, and opens it anew: in between \
             nobody is let in. Or its accept queue is short, as with listen(1). Listen once, for \
             many; accept makes a socket for each client anyway."
        ),
    )
}

fn lead_thirty(server: &Server) -> Outcome {
    let clients = (0..30).map(|_| server.connect_at_once()).collect::<Result<Vec<_>, _>>();
    // Whoever finds a full queue, just before it is closed, is not refused and hears nothing.
    let mut clients =
        clients.map_err(|failure| Failure { kind: FailureKind::Closed, ..failure })?;
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(format!("client {number:02}").as_bytes());
    }
    // In which order the proxy calls is its own business.
    for _ in 0..30 {
        let mut upstream = match server.called() {
            Ok(upstream) => upstream,
            Err(silence) => return Err(lost(&mut clients).unwrap_or(silence)),
        };
        let number = upstream.receive(9, text!("the number of a client"))?;
        upstream.send(&number);
        upstream.close();
    }
    lost(&mut clients).map_or(Ok(()), Err)
}

/// What the first client has met that is not answered. For who was reset in the accept queue, the
/// proxy calls nobody.
fn lost(clients: &mut [ProbeStream]) -> Option<Failure> {
    clients
        .iter_mut()
        .enumerate()
        .find_map(|(number, client)| client.expect(format!("client {number:02}").as_bytes()).err())
}
