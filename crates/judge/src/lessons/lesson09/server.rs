//! What a receiver has to do: whatever is lost, doubled or reordered, the file arrives whole or not at all.

use std::path::Path;

use language::text;
use rust_i18n::t;
use serde_json::json;

use super::packet::{Kind, MAGIC, MAX_PAYLOAD, WINDOW, with_kind};
use super::sender::{Sender, length};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::probe::{Probe, server};
use crate::server::Server;
use crate::show;

pub(super) fn probes() -> Vec<Probe> {
    [work(), loss(), lies(), strangers(), names()].concat()
}

fn work() -> Vec<Probe> {
    vec![
        server("answers/offer-is-accepted", "An Offer is answered by an Accept.", |s| {
            Sender::new(s, length(3))?.offer().hint(
                FailureKind::Timeout,
                text!(
                    "The Offer is not answered. It is the first packet of a transfer: a datagram \
                     of kind 0, whose payload is JSON."
                ),
            )
        }),
        server("files/arrives", "A file of three packets arrives whole.", |s| {
            arrives(s, length(3))
        }),
        server("files/empty", "An empty file is a file.", |s| arrives(s, 0)),
        server("sizes/one-byte", "A file of one byte arrives whole.", |s| arrives(s, 1)),
        server("sizes/full-packets", "A file whose last packet is full arrives whole.", |s| {
            arrives(s, 2 * MAX_PAYLOAD)
        }),
        server("sizes/one-byte-more", "A file of one byte more arrives whole.", |s| {
            arrives(s, 2 * MAX_PAYLOAD + 1)
        }),
        server("sizes/300-packets", "A file of 300 packets arrives whole.", |s| {
            arrives(s, length(300))
        }),
        server(
            "answers/name-the-transmission",
            "An answer names the packet that it answers.",
            echoes,
        ),
        server(
            "answers/no-longer-than-offered",
            "An Accept asks for no more time than was offered.",
            |s| {
                let mut sender = Sender::new(s, length(1))?;
                sender.idle_timeout = 5_000;
                sender.sends_all()
            },
        ),
        server("files/name-comes-last", "A file has its name only when it is verified.", name_last),
        server("files/next-one", "After a file, the next one is taken.", |s| {
            arrives(s, length(2))?;
            still_receives(s)
        }),
        server(
            "crowds/two-from-one-port",
            "Two transfers from one port are two.",
            two_from_one_port,
        ),
        server("crowds/five-at-once", "Five senders at once are all served.", five),
        server("ends/sender-goes-away", "A sender that goes away does no harm.", goes_away),
        server("ends/abort", "An Abort ends the transfer, and leaves no file.", aborts),
    ]
}

fn loss() -> Vec<Probe> {
    vec![
        server("loss/accept", "An Offer that is repeated is accepted again.", accept_lost),
        server("loss/ack", "A Data that is repeated is acknowledged again.", ack_lost),
        server("loss/done", "An End that is repeated is answered by Done again.", done_lost),
        server("loss/one-data", "Behind one that is missing, what has come is kept.", |s| {
            in_order(s, &[0, 2, 3, 1])
        }),
        server("loss/first-of-eight", "The first of eight may come last.", |s| {
            in_order(s, &[1, 2, 3, 4, 5, 6, 7, 0])
        }),
        server("loss/end-comes-first", "An End before the last Data ends nothing.", end_first),
        server("loss/a-third", "A third may be lost, both ways.", a_third),
        server("order/reversed", "Twenty packets may come in reversed order.", |s| {
            in_order(s, &(0..20).rev().collect::<Vec<u32>>())
        }),
        server("order/doubled", "Each packet may come twice.", doubled),
        server("order/old-data", "A Data that is long acknowledged changes nothing.", old_data),
        server("sizes/64-at-once", "A window of 64 packets may come at once.", window),
    ]
}

fn lies() -> Vec<Probe> {
    vec![
        server("lies/digest", "A file whose MD5 is wrong is refused, and gets no name.", wrong_md5),
        server("lies/size", "Fewer bytes than were offered are no file.", fewer),
        server("lies/short-data", "A Data that is too short is not taken.", |s| {
            not_taken(s, 0, LENGTH, |sender| {
                sender.say(Kind::Data, 1, b"too short");
            })
        }),
        server("lies/long-data", "A last Data that is too long is not taken.", |s| {
            not_taken(s, 1, LENGTH, |sender| {
                sender.say(Kind::Data, 2, &[b'x'; MAX_PAYLOAD]);
            })
        }),
        server("lies/behind-the-end", "A Data behind the last one is not taken.", |s| {
            not_taken(s, 1, BEHIND, |sender| {
                sender.say(Kind::Data, 3, b"behind the end");
                sender.say(Kind::Data, u32::MAX, &[b'x'; MAX_PAYLOAD]);
            })
        }),
        server("lies/behind-the-window", "A Data behind the window is not taken.", behind_window),
        server("lies/16-eib", "A file of 16 EiB is refused.", |s| {
            offer_is_refused(
                s,
                text!("Refused: no disk holds so much"),
                |sender| json!({ "name": sender.name, "size": u64::MAX, "max_idle_timeout_ms": 60_000 }),
            )
        }),
        server("lies/negative-size", "A file of -1 bytes is refused.", |s| {
            offer_is_refused(
                s,
                text!("Refused: no file is as small"),
                |sender| json!({ "name": sender.name, "size": -1, "max_idle_timeout_ms": 60_000 }),
            )
        }),
        server("lies/offer-without-size", "An Offer without its fields is refused.", |s| {
            offer_is_refused(
                s,
                text!("Refused: the size is missing"),
                |sender| json!({ "name": sender.name }),
            )
        }),
        server("lies/end-without-md5", "An End without an MD5 is not verified.", end_without_md5),
    ]
}

fn strangers() -> Vec<Probe> {
    vec![
        server("strangers/another-port", "A stranger's Data belong to no transfer.", another_port),
        server("strangers/unknown-transfer", "Data of no transfer are not acknowledged.", |s| {
            let mut sender = Sender::new(s, length(1))?;
            sender.say(Kind::Data, 0, b"of nothing");
            says_no_more(&mut sender, NOBODYS)
        }),
        server("nonsense/junk", "What is no packet ends nothing.", |s| {
            not_taken(s, 1, NO_PACKET, |sender| {
                let junk = [&b""[..], b"hello", &MAGIC, b"GET / HTTP/1.1\r\n\r\n", &[0xff; 1400]];
                junk.iter().for_each(|junk| sender.datagrams.send(junk));
            })
        }),
        server("nonsense/damaged", "A packet with a wrong crc32 is as good as lost.", |s| {
            not_taken(s, 1, CRC, |sender| {
                let data = sender.packet(Kind::Data, 2, &[b'x'; 600]);
                let shown = t!("%{packet}, with a wrong crc32", packet = data.shown()).into_owned();
                sender.datagrams.send_as(&data.damaged(), shown);
            })
        }),
        server("nonsense/unknown-kind", "A packet of an unknown kind ends nothing.", |s| {
            not_taken(s, 1, NO_PACKET, |sender| {
                let packet = sender.packet(Kind::Data, 2, b"hello");
                sender
                    .datagrams
                    .send_as(&with_kind(&packet, 99), text!("a packet of kind 99").to_owned());
            })
        }),
        server("nonsense/receivers-words", "What only a receiver says ends nothing.", |s| {
            not_taken(s, 1, NO_PACKET, |sender| {
                for kind in [Kind::Accept, Kind::Ack, Kind::Done, Kind::Refused] {
                    sender.say(kind, 3, b"");
                }
            })
        }),
        server("nonsense/offer-is-no-json", "An Offer that is no JSON ends nothing.", |s| {
            let mut sender = Sender::new(s, length(1))?;
            sender.say(Kind::Offer, 0, b"{\"name\":");
            says_no_more(&mut sender, NOBODYS)?;
            still_receives(s)
        }),
    ]
}

fn names() -> Vec<Probe> {
    vec![
        server("names/other-alphabets", "A name may hold spaces and other alphabets.", |s| {
            let mut sender = Sender::new(s, length(2))?;
            sender.name = format!("judge 你好 {}", sender.name);
            sender.sends_all()
        }),
        server("names/exists", "A file that is there already is not replaced.", exists),
        server("names/climbs", "A name cannot climb out of the folder with `..`.", |s| {
            hostile(s, "../judge-climbed")
        }),
        server("names/absolute", "An absolute name is refused.", |s| {
            let above = s.folder().and_then(|folder| folder.path().parent());
            let outside = above.unwrap_or(Path::new("/tmp")).join("judge-climbed");
            hostile(s, &outside.display().to_string())
        }),
        server("names/folder", "A name with a folder in it is refused.", |s| {
            hostile(s, "judge/inner")
        }),
        server("names/backslash", "A name with a backslash is refused.", |s| {
            hostile(s, "judge\\inner")
        }),
        server("names/dot", "The name `.` is refused.", |s| hostile(s, ".")),
        server("names/dot-dot", "The name `..` is refused.", |s| hostile(s, "..")),
        server("names/empty", "An empty name is refused.", |s| hostile(s, "")),
        server("names/nul", "A name with a NUL is refused.", |s| hostile(s, "judge\0name")),
        server("names/300-letters", "A name of 300 letters is refused.", |s| {
            hostile(s, &"long".repeat(75))
        }),
    ]
}

const NOBODYS: &str = text!("Nobody has offered this: there is no file to which it belongs.");

/// A file of so many bytes is sent, verified and kept.
fn arrives(server: &Server, length: usize) -> Outcome {
    Sender::new(server, length)?.sends_all()
}

/// The next file is taken.
fn still_receives(server: &Server) -> Outcome {
    arrives(server, length(2)).hint_any(text!(
        "What goes wrong with one transfer must end nothing but that one. Answer Refused, or \
         nothing, and go on with recvfrom."
    ))
}

fn echoes(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(2))?;
    sender.offer()?;
    // The first transmission of Data 0 is the second packet, the second one the third.
    for transmission in [1, 2] {
        sender.data([0]);
        let wanted = t!("an Ack with transmission %{transmission}", transmission = transmission)
            .into_owned();
        let ack = sender.until(&wanted, |packet| {
            packet.kind == Kind::Ack && packet.transmission == transmission
        });
        ack.hint(
            FailureKind::Timeout,
            text!(
                "An answer repeats the transmission of the packet that it answers. A Data that is \
                 sent again has the number of before and another transmission: so the sender \
                 learns which of them has arrived, and measures the round trip."
            ),
        )?;
    }
    Ok(())
}

fn name_last(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(2))?;
    sender.offer()?;
    sender.is_not_kept()?;
    sender.delivers([0, 1])?;
    sender.is_not_kept()?;
    sender.ends()
}

fn two_from_one_port(server: &Server) -> Outcome {
    let (mut first, mut second) =
        (Sender::new(server, length(2))?, Sender::new(server, length(3))?);
    second.transfer = first.transfer.wrapping_add(1);
    let acts: [fn(&mut Sender) -> Outcome; 4] = [
        |sender| sender.offer(),
        |sender| sender.delivers([1]),
        |sender| sender.delivers([0].into_iter().chain(2..sender.packets())),
        |sender| sender.ends(),
    ];
    acts.iter()
        .try_for_each(|act| {
            act(&mut first)?;
            // One socket, which belongs to whoever speaks.
            std::mem::swap(&mut first.datagrams, &mut second.datagrams);
            act(&mut second)?;
            std::mem::swap(&mut first.datagrams, &mut second.datagrams);
            Ok(())
        })
        .hint_any(text!(
            "A sender may send several files at once, from one port. A transfer is known by its \
             number and by where it comes from, together."
        ))
}

fn five(server: &Server) -> Outcome {
    let mut senders =
        (0..5).map(|_| Sender::new(server, length(3))).collect::<Result<Vec<_>, _>>()?;
    let mixed = text!(
        "Each sender has a transfer of its own: keep what is expected, what has come, the file \
         and the MD5 for each of them, and not once for all."
    );
    senders.iter_mut().try_for_each(Sender::offer).hint_any(mixed)?;
    for number in [1, 0, 2] {
        senders.iter_mut().for_each(|sender| sender.data([number]));
        senders.iter_mut().try_for_each(Sender::acked).hint_any(mixed)?;
    }
    senders.iter_mut().try_for_each(Sender::ends).hint_any(mixed)
}

fn goes_away(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(3))?;
    sender.offer()?;
    sender.delivers([0])?;
    sender.is_not_kept()?;
    sender.datagrams.close();
    still_receives(server)
}

fn aborts(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(3))?;
    sender.offer()?;
    sender.delivers([0, 1, 2])?;
    sender.say(Kind::Abort, 0, b"the file has changed");
    sender.say_end(&wire::md5_hex(&sender.bytes));
    says_no_more(
        &mut sender,
        text!("The sender has given up, and the transfer goes on without it."),
    )?;
    sender.is_not_kept()?;
    still_receives(server)
}

fn accept_lost(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(2))?;
    sender.offer()?;
    let hint = text!(
        "The Accept was lost, so the sender asks again. Answer each Offer of a transfer, and \
         begin it only once."
    );
    sender.offer().hint_any(hint)?;
    sender.delivers([0])?;
    // This one was only late.
    sender.offer().hint_any(hint)?;
    sender.delivers([1]).hint_any(hint)?;
    sender.ends()
}

fn ack_lost(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(2))?;
    sender.offer()?;
    sender.delivers([0])?;
    sender.delivers([0])?;
    sender.delivers([1])?;
    sender.ends()
}

fn done_lost(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(2))?;
    sender.sends_all()?;
    sender.ends().hint_any(text!(
        "The Done was lost, so the sender says End again, and hears that its file is none. \
         Remember for a while how a transfer has ended, and say it again: this is what TCP calls \
         TIME_WAIT."
    ))
}

/// The Data come in this order, and each is acknowledged.
fn in_order(server: &Server, order: &[u32]) -> Outcome {
    let mut sender = Sender::new(server, length(order.len()))?;
    sender.offer()?;
    sender.delivers_in_turn(order)?;
    sender.ends()
}

fn end_first(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(3))?;
    sender.offer()?;
    sender.delivers([0, 2])?;
    sender.say_end(&wire::md5_hex(&sender.bytes));
    let hint = text!(
        "An End may overtake the last Data. It is answered by an Ack, which says what is missing."
    );
    sender.acked().hint_any(hint)?;
    sender.is_not_kept()?;
    sender.delivers([1]).hint_any(hint)?;
    sender.ends()
}

fn a_third(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(40))?;
    sender.offer()?;
    server.record().add(
        None,
        text!("send 40 Data, of which a third is lost, until all are acknowledged"),
        "",
    );
    server.record().quietly(|| {
        let mut missing: Vec<u32> = (0..sender.packets()).collect();
        while !missing.is_empty() {
            let is_lost = |_: &u32| server.random(0, 3) == 0;
            let (lost, come): (Vec<u32>, Vec<u32>) = missing.drain(..).partition(is_lost);
            if !come.is_empty() {
                sender.delivers(come)?;
            }
            missing = lost;
        }
        Ok(())
    })?;
    sender.ends()
}

fn doubled(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(3))?;
    sender.say_offer();
    sender.offer()?;
    for number in [0, 2, 1] {
        sender.delivers([number, number])?;
    }
    sender.say_end(&wire::md5_hex(&sender.bytes));
    sender.ends()
}

fn old_data(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(3))?;
    sender.offer()?;
    sender.delivers([0, 1])?;
    // As a late copy, which was damaged where no checksum looks, may say.
    sender.say(Kind::Data, 0, &[b'x'; MAX_PAYLOAD]);
    sender.acked()?;
    sender.delivers([2])?;
    sender.ends()
}

fn window(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(64))?;
    sender.offer()?;
    server.record().add(None, text!("send Data 0 to 63 at once"), "");
    server.record().quietly(|| sender.delivers(0..64)).hint_any(text!(
        "Some of them are lost: the kernel keeps those that have come, and there is room for 64. \
         Does the server take its time with each?"
    ))?;
    sender.ends()
}

fn wrong_md5(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(2))?;
    sender.offer()?;
    sender.delivers([0, 1])?;
    sender.say_end(&wire::md5_hex(b"something else"));
    sender.is_refused(text!("Refused: the MD5 is not that of what came")).hint_any(text!(
        "The MD5 of the End is not that of the bytes that came, and nobody has compared them: \
         that is what it is sent for."
    ))?;
    sender.is_not_kept()?;
    still_receives(server)
}

/// All Data but the last come, and the End says that this was all.
fn fewer(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(3))?;
    sender.offer()?;
    sender.delivers([0, 1])?;
    let come = sender.bytes.get(..2 * MAX_PAYLOAD).unwrap_or_default();
    sender.say_end(&wire::md5_hex(come));
    sender.acked().hint_any(text!(
        "Fewer bytes have come than were offered. That is no file, whatever its MD5: the Ack says \
         what is missing."
    ))?;
    sender.is_not_kept()
}

/// Of three Data, those up to `last` have come; then something comes that is not to be taken, whether or
/// not it is answered. After that, the rest comes and the file is whole.
fn not_taken(server: &Server, last: u32, hint: &str, act: fn(&mut Sender)) -> Outcome {
    let mut sender = Sender::new(server, length(3))?;
    sender.offer()?;
    sender.delivers(0..=last)?;
    act(&mut sender);
    // The same Data again: its Ack tells what was taken.
    let went_on = sender
        .delivers([0])
        .and_then(|()| sender.delivers(last + 1..3))
        .and_then(|()| sender.ends());
    went_on.map_err(|failure| Failure { hint: Some(hint.to_owned()), ..failure })
}

const LENGTH: &str = text!(
    "A Data of another length than its place in the file has was taken: all behind it moves. \
     Every Data has 1200 bytes, and the last one what is left."
);

const BEHIND: &str = text!(
    "A Data whose number is behind the last one was taken, or has ended something. The size in \
     the Offer says how many there are."
);

const NO_PACKET: &str =
    text!("This is no packet that a sender sends: it is left out, and ends nothing.");

const CRC: &str = text!(
    "The crc32 was not compared, and damage was taken for a part of the file. What is damaged is \
     as good as lost: it will be sent again."
);

fn behind_window(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(WINDOW as usize + 10))?;
    sender.offer()?;
    sender.say(Kind::Data, WINDOW, &[b'x'; MAX_PAYLOAD]);
    sender.delivers([WINDOW - 1])
}

fn offer_is_refused(
    server: &Server,
    wanted: &str,
    offer: fn(&Sender) -> serde_json::Value,
) -> Outcome {
    let mut sender = Sender::new(server, length(1))?;
    let offer = offer(&sender).to_string();
    sender.say(Kind::Offer, 0, offer.as_bytes());
    sender.is_refused(wanted).hint_any(text!(
        "What a sender says may be anything: check it before you make room for it, and refuse it \
         in words, so that the sender does not ask until it gives up."
    ))?;
    still_receives(server)
}

fn end_without_md5(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(1))?;
    sender.offer()?;
    sender.delivers([0])?;
    sender.say(Kind::End, 1, b"{}");
    // It may be refused, or be as good as lost. What follows is answered in either case.
    sender.data([0]);
    sender.until(text!("Refused, or the Ack of before"), |packet| {
        packet.kind == Kind::Refused || packet.kind == Kind::Ack
    })?;
    sender.is_not_kept()?;
    still_receives(server)
}

/// The receiver refuses what it has just heard, or says nothing to it. So that nobody waits for nothing,
/// another file is offered: its Accept comes behind whatever was to come.
fn says_no_more(sender: &mut Sender, hint: &str) -> Outcome {
    let before = sender.transfer;
    sender.transfer = before.wrapping_add(1);
    sender.name = format!("next {}", sender.name);
    sender.say_offer();
    loop {
        let packet =
            sender.hear_any(text!("Refused, or nothing; and an Accept of the next Offer"))?;
        match packet.kind {
            Kind::Accept if packet.transfer != before => return Ok(()),
            Kind::Refused if packet.transfer == before => {}
            _ => {
                let wanted = text!("Refused, or nothing");
                return Err(Failure::new(FailureKind::Mismatch, wanted, packet.shown()))
                    .hint_any(hint);
            }
        }
    }
}

fn another_port(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(2))?;
    sender.offer()?;
    sender.delivers([0])?;
    let mut stranger = Sender::new(server, length(2))?;
    (stranger.transfer, stranger.bytes) = (sender.transfer, vec![b'x'; sender.bytes.len()]);
    stranger.data([1]);
    stranger.say(Kind::Abort, 0, b"says a stranger");
    let hint = text!(
        "A stranger has named the number of the transfer, and was believed. A transfer is known \
         by its number and by where it comes from, together."
    );
    sender.delivers([0]).hint_any(hint)?;
    sender.delivers([1]).hint_any(hint)?;
    sender.ends().hint_any(hint)
}

fn exists(server: &Server) -> Outcome {
    let mut sender = Sender::new(server, length(2))?;
    sender.sends_all()?;
    let mut second = Sender::new(server, length(1))?;
    second.name = sender.name.clone();
    let hint = text!(
        "There is a file of this name, and nobody was asked whether it may go. Refuse the offer."
    );
    second.say_offer();
    second.is_refused(text!("Refused: there is a file of this name")).hint_any(hint)?;
    still_receives(server)
}

/// The offer of such a name is refused, and harms nothing.
fn hostile(server: &Server, name: &str) -> Outcome {
    let mut sender = Sender::new(server, length(1))?;
    let shown = match name.starts_with('/') {
        true => text!("that of a file outside, from the root on").to_owned(),
        false => show::line(name),
    };
    server.record().add(None, text!("offer the name"), shown);
    let offer = json!({ "name": name, "size": 600, "max_idle_timeout_ms": 60_000 });
    sender.say(Kind::Offer, 0, offer.to_string().as_bytes());
    let hint = text!(
        "A name is a sender's, and may be anything. Take plain ones only, without / or \\ or a \
         control character, and not . or .. or longer than 255 bytes; refuse the others."
    );
    sender.is_refused(text!("Refused: that is no plain file name")).hint_any(hint)?;
    still_receives(server)
}
