//! What a sender has to do: whatever is lost, doubled or late, the file goes out whole, or it says why not.

use std::time::{Duration, Instant};

use language::text;

use super::packet::{Kind, MAGIC, MAX_PAYLOAD, Packet, WINDOW};
use super::receiver::{FILE, Fate, Receiver, Seen};
use super::sender::length;
use crate::client::Client;
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::port::Transport;
use crate::probe::{Probe, client};
use crate::probes::client_ends;

pub(super) fn probes() -> Vec<Probe> {
    [work(), loss(), lies(), endings()].concat()
}

/// Nothing happens to any packet.
fn all_well(_: Seen) -> Fate {
    Fate::Arrives
}

/// This happens to the first packet of this kind and number, and nothing to the others.
fn once(fate: Fate, kind: Kind, number: u32) -> impl FnMut(Seen) -> Fate {
    move |seen| match seen.times == 0 && (seen.kind, seen.number) == (kind, number) {
        true => fate,
        false => Fate::Arrives,
    }
}

fn work() -> Vec<Probe> {
    vec![
        client("answers/offer", "A file is offered, with its name and its size.", |c| {
            let offer = Receiver::start(c, length(3))?.hear("Offer");
            offer.map(drop).hint(
                FailureKind::Timeout,
                text!(
                    "The client sends nothing. Does it send datagrams (SOCK_DGRAM) to the host \
                     and port of its command, and begin with an Offer?"
                ),
            )
        }),
        client("files/goes-out", "A file of three packets goes out whole.", |c| {
            Receiver::start(c, length(3))?.receives_all(all_well)
        }),
        client("files/empty", "An empty file is a file: Offer, and End.", |c| {
            Receiver::start(c, 0)?.receives_all(all_well)
        }),
        client("sizes/one-byte", "A file of one byte goes out whole.", |c| {
            Receiver::start(c, 1)?.receives_all(all_well)
        }),
        client("sizes/full-packets", "A file whose last packet is full goes out whole.", |c| {
            Receiver::start(c, 2 * MAX_PAYLOAD)?.receives_all(all_well)
        }),
        client("sizes/300-packets", "A file of 300 packets goes out whole.", |c| {
            let mut receiver = Receiver::start(c, length(300))?;
            c.record().add(None, text!("receive 300 Data"), "");
            c.record().quietly(|| receiver.receives_all(all_well))
        }),
        client("sizes/window", "Nobody goes further ahead than 1024 packets.", window),
        client("answers/waits-for-accept", "No Data goes out before the Accept.", |c| {
            Receiver::start(c, length(3))?.receives_all(once(Fate::AnswerLost, Kind::Offer, 0))
        }),
    ]
}

fn loss() -> Vec<Probe> {
    vec![
        client("loss/offer", "An Offer that is lost is made again.", |c| {
            Receiver::start(c, length(2))?.receives_all(once(Fate::Lost, Kind::Offer, 0))
        }),
        client("loss/first-data", "The first Data, lost, is sent again.", |c| {
            Receiver::start(c, length(3))?.receives_all(once(Fate::Lost, Kind::Data, 0))
        }),
        client("loss/last-data", "The last Data, lost, is sent again.", |c| {
            Receiver::start(c, length(3))?.receives_all(once(Fate::Lost, Kind::Data, 2))
        }),
        client("loss/the-same-again", "A Data that is lost three times is sent again.", |c| {
            Receiver::start(c, length(3))?.receives_all(|seen| match (seen.kind, seen.number) {
                (Kind::Data, 1) if seen.times < 3 => Fate::Lost,
                _ => Fate::Arrives,
            })
        }),
        client("loss/ack", "A Data whose Ack is lost is sent again.", |c| {
            Receiver::start(c, length(1))?.receives_all(once(Fate::AnswerLost, Kind::Data, 0))
        }),
        client("loss/end", "An End that is lost is said again.", |c| {
            Receiver::start(c, length(2))?.receives_all(once(Fate::Lost, Kind::End, 2))
        }),
        client("loss/done", "An End whose Done is lost is said again.", |c| {
            Receiver::start(c, length(2))?.receives_all(once(Fate::AnswerLost, Kind::End, 2))
        }),
        client("loss/a-third", "A third may be lost, both ways.", |c| {
            let mut receiver = Receiver::start(c, length(20))?;
            c.record().add(None, text!("lose a third of all packets, both ways"), "");
            c.record().quietly(|| {
                // A third of the packets, and a third of the answers to the others; none for ever, since who
                // has waited in vain waits twice as long the next time.
                receiver.receives_all(|seen| match c.random(0, 9) {
                    _ if seen.times >= 2 => Fate::Arrives,
                    0..3 => Fate::Lost,
                    3..5 => Fate::AnswerLost,
                    _ => Fate::Arrives,
                })
            })
        }),
        client("order/answers-tripled", "Answers that come three times do no harm.", |c| {
            Receiver::start(c, length(4))?.receives_all(|_| Fate::AnswerTripled)
        }),
        client("order/answers-late", "Acks may overtake each other.", |c| {
            let mut receiver = Receiver::start(c, length(12))?;
            c.record().add(None, text!("hold every other Ack back behind the next one"), "");
            c.record().quietly(|| {
                receiver.receives_all(|seen| match seen.kind {
                    Kind::Data if seen.number % 2 == 0 && seen.times == 0 => Fate::AnswerLate,
                    _ => Fate::Arrives,
                })
            })
        }),
    ]
}

fn lies() -> Vec<Probe> {
    vec![
        client(
            "lies/ack-of-what-was-not-sent",
            "An Ack of what was not sent is not believed.",
            |c| unmoved(c, NOT_SENT, |receiver, data| receiver.answer(data, Kind::Ack, 1000, b"")),
        ),
        client("lies/done-too-early", "A Done before the End is not believed.", |c| {
            unmoved(c, TOO_EARLY, |receiver, data| receiver.answer(data, Kind::Done, 0, b""))
        }),
        client("strangers/another-port", "A stranger's Refused ends nothing.", |c| {
            unmoved(c, STRANGER, |receiver, data| {
                let refused = Packet { kind: Kind::Refused, number: 0, ..data.clone() };
                if let Ok(mut stranger) = receiver.datagrams.stranger() {
                    stranger
                        .send_as(&refused.encode(), text!("Refused, from another port").to_owned());
                }
            })
        }),
        client("strangers/another-transfer", "A Refused of another transfer ends nothing.", |c| {
            unmoved(c, OTHER_TRANSFER, |receiver, data| {
                let transfer = data.transfer.wrapping_add(1);
                let other = Packet { transfer, ..data.clone() };
                receiver.answer(&other, Kind::Refused, 0, b"the judge refuses another file");
            })
        }),
        client("nonsense/junk", "What is no packet ends nothing.", |c| {
            unmoved(c, LOST, |receiver, _| {
                let junk = [&b""[..], b"hello", &MAGIC, &[0xff; 1400]];
                junk.iter().for_each(|junk| receiver.datagrams.send(junk));
            })
        }),
        client("nonsense/damaged", "An Ack with a wrong crc32 is as good as lost.", |c| {
            unmoved(c, LOST, |receiver, data| {
                let ack =
                    Packet { kind: Kind::Ack, number: 3, payload: Vec::new(), ..data.clone() };
                receiver.datagrams.send_as(
                    &ack.damaged(),
                    text!("Ack, expected 3, with a wrong crc32").to_owned(),
                );
            })
        }),
        client("nonsense/senders-words", "What only a sender says ends nothing.", |c| {
            unmoved(c, LOST, |receiver, data| {
                for kind in [Kind::Offer, Kind::Data, Kind::End, Kind::Abort] {
                    receiver.answer(data, kind, 0, b"");
                }
            })
        }),
    ]
}

fn endings() -> Vec<Probe> {
    vec![
        client("ends/offer-is-refused", "A refusal is said, and is no success.", |c| {
            let mut receiver = Receiver::start(c, length(3))?;
            let offer = receiver.receives_up_to(Kind::Offer)?;
            is_refused(c, &mut receiver, &offer)
        }),
        client("ends/file-is-refused", "So is one that comes at the end.", |c| {
            let mut receiver = Receiver::start(c, length(2))?;
            let end = receiver.receives_up_to(Kind::End)?;
            is_refused(c, &mut receiver, &end)
        }),
        client(
            "ends/no-such-file",
            "A file that there is not is said, and nothing is sent.",
            no_file,
        ),
        client(
            "ends/nobody-answers",
            "Where nobody answers, the client says so and ends.",
            no_answer,
        ),
        client("ends/receiver-falls-silent", "A receiver that falls silent is given up.", silent),
        client("ends/nobody-is-there", "Where nobody is, the client says so and ends.", |c| {
            c.folder()?.lay(FILE, b"hello")?;
            c.start_in_vain_over(Transport::Udp)?;
            client_ends::finds_no_answer(c)
        }),
    ]
}

const NOT_SENT: &str = text!(
    "An Ack that is ahead of all that was sent was believed, and the file is cut. What a receiver \
     says may be anything: an Ack of more than there is, is as good as lost."
);

const TOO_EARLY: &str = text!(
    "Done is the answer to an End, and none was sent yet: the file is not there. Before that, it \
     is as good as lost."
);

const STRANGER: &str = text!(
    "A stranger's packet was believed. Compare the address that recvfrom gives with the \
     receiver's, or connect the socket: then the kernel does."
);

const OTHER_TRANSFER: &str =
    text!("A packet of another transfer was believed: compare its transfer number.");

const LOST: &str = text!(
    "What is no intact answer to this transfer is as good as lost: leave it out, and wait on."
);

/// The first Data is not answered, but something else is said. The client is not moved by that: it sends
/// the Data again, and then all the rest.
fn unmoved(client: &Client, hint: &str, act: fn(&mut Receiver, &Packet)) -> Outcome {
    let mut receiver = Receiver::start(client, length(3))?;
    let data = receiver.receives_up_to(Kind::Data)?;
    act(&mut receiver, &data);
    let received = receiver.receives_all(all_well);
    received.map_err(|failure| Failure { hint: Some(hint.to_owned()), ..failure })
}

/// Data 0 is lost for as long as the client goes on with others in the meantime.
fn window(client: &Client) -> Outcome {
    let mut receiver = Receiver::start(client, length(WINDOW as usize + 100))?;
    client.record().add(None, text!("lose Data 0, and no other, while others come"), "");
    let (mut others, mut others_before, mut strikes) = (0, 0, 0);
    client.record().quietly(|| {
        receiver.receives_all(|seen| {
            if (seen.kind, seen.number) != (Kind::Data, 0) {
                others += u32::from(seen.kind == Kind::Data && seen.times == 0);
                return Fate::Arrives;
            }
            strikes = if others > others_before { 0 } else { strikes + 1 };
            others_before = others;
            match others < WINDOW - 1 && strikes < 3 {
                true => Fate::Lost,
                false => Fate::Arrives,
            }
        })
    })
}

/// The client is told that its file is refused: it says why, and fails.
fn is_refused(client: &Client, receiver: &mut Receiver, packet: &Packet) -> Outcome {
    const WHY: &str = "the judge wants no such file";
    receiver.answer(packet, Kind::Refused, 0, WHY.as_bytes());
    client.shows(WHY).hint_any(text!(
        "A Refused says why. That is for the person who sends the file: show it."
    ))?;
    client_ends::fails(
        client,
        text!("A Refused ends the transfer: there is nothing more to wait for."),
        text!("The file was refused, and the status says that it was sent."),
    )
}

fn no_file(client: &Client) -> Outcome {
    client.record().add(None, text!("lay nothing into the folder"), "");
    let mut datagrams = client.start_with_datagrams()?;
    client_ends::fails(
        client,
        text!("There is no file, and nothing to wait for."),
        text!("There is no file to send, and the status says that it was sent."),
    )?;
    match datagrams.receive_if_any() {
        None => Ok(()),
        Some(_) => Err(Failure::new(FailureKind::Excess, text!("nothing"), text!("a datagram")))
            .hint_any(text!("Open the file before you offer it.")),
    }
}

/// The time that both ends wait is what the Accept says, where that is less than was offered.
fn silent(client: &Client) -> Outcome {
    let mut receiver = Receiver::start(client, length(3))?;
    receiver.idle_timeout = 1_000;
    receiver.receives_up_to(Kind::Data)?;
    client.record().add(None, text!("say nothing more"), "");
    client_ends::fails(
        client,
        text!(
            "The Accept has said that both ends wait for a second, and the client still waits. \
             The shorter one of both times holds for both."
        ),
        text!("The file was not sent, and the status says that it was."),
    )
}

/// Whoever says in its Offer that it waits longer than a probe may take is not waited for.
fn no_answer(client: &Client) -> Outcome {
    let mut receiver = Receiver::start(client, length(1))?;
    receiver.receives_up_to(Kind::Offer)?;
    let offered = Duration::from_millis(receiver.agreed_timeout());
    let left = client.record().last_deadline().saturating_duration_since(Instant::now());
    if offered > left {
        return Ok(());
    }
    client_ends::finds_no_answer(client)
}
