//! What a server that shows frames has to do.

use std::time::Duration;

use language::text;
use rust_i18n::t;

use super::announced;
use super::one_way;
use super::speech::{
    OK, acknowledged, frame_bytes, header, length_width, number_bytes, say_number, send_up_to,
    show_frame, small,
};
use crate::failure::{Failure, FailureKind, Hint, Outcome};
use crate::jpeg::{self, Picture};
use crate::messages::{
    NO_NEXT, ONE_RECV_FOR_ALL, ONE_RECV_FOR_THE_HEADER, ONE_RECV_FOR_THE_LENGTH,
    ends_after_browser, ends_connection, framed, only, ours, serves_next, tutorial,
};
use crate::probe::{Probe, server};
use crate::server::Server;
use crate::setting::Dialect;
use crate::stream::ProbeStream;

/// The probes of a server.
pub(super) fn probes() -> Vec<Probe> {
    let both = vec![
        server("answers/frame", "A frame is taken, and acknowledged if that is spoken.", is_taken),
        server(
            "answers/frame-after-frame",
            "One connection carries frame after frame.",
            one_after_the_other,
        ),
        server("sizes/picture-changes", "The size of the pictures may change.", |s| {
            shows(s, &[jpeg::picture(64, 48, 1), jpeg::picture(640, 480, 2), small()])
        }),
        server("sizes/frame-of-300-kb", "A frame of 300 KB is taken.", |s| {
            shows(s, &[small().with_comments(300_000)]).hint_any(MANY_PIECES)
        })
        .when(|setting| announced::carrier(setting).is_none_or(|carrier| carrier.holds(400_000))),
        server("answers/after-a-pause", "A client may be silent before its first frame.", idle),
        server("cuts/frame-in-300-ms", "A frame may take 300 ms on its way.", slow_frame),
        server("ends/half-close", "After a half-close the connection ends in order.", half_close),
        server("ends/without-a-word", "A client that leaves without a word does no harm.", |s| {
            s.connect()?.close();
            still_serves(s)
        }),
        server("ends/next-after-an-end", "After a film has ended, the next one is shown.", |s| {
            leaves(s, ProbeStream::close)
        }),
        server("ends/next-after-a-reset", "After a client's reset, the next film is shown.", |s| {
            leaves(s, ProbeStream::reset)
        }),
        server("ends/inside-a-frame", "A client that leaves in mid frame does no harm.", |s| {
            leaves_in_mid_frame(s, ProbeStream::close)
        }),
        server(
            "ends/reset-inside-a-frame",
            "A client that resets in mid frame does no harm.",
            |s| leaves_in_mid_frame(s, ProbeStream::reset),
        ),
        server(
            "ends/inside-a-length",
            "A client that leaves inside a length does no harm.",
            leaves_in_length,
        ),
        server(
            "crowds/second-client",
            "A second client is served, at the latest after the first.",
            second,
        ),
        server("crowds/twenty-films", "Twenty films, one after the other, are all shown.", |s| {
            (0..20).try_for_each(|_| still_serves(s))
        }),
        server("nonsense/no-jpeg", "Bytes that are no JPEG end nothing but that film.", |s| {
            refuses(s, &Picture { jpeg: jpeg::NONE.to_vec(), ..small() })
        }),
        server("nonsense/jpeg-without-end", "A JPEG without its end ends that film only.", |s| {
            let mut cut = small();
            cut.jpeg.truncate(cut.jpeg.len() - 20);
            refuses(s, &cut)
        }),
        server("nonsense/empty-frame", "An empty frame ends that film only.", empty),
        server(
            "sizes/65500-pixels",
            "65,500 x 65,500 pixels are refused before memory is taken.",
            decode_bomb,
        ),
        server("sizes/frame-of-2-gib", "A frame of 2 GiB is refused at once.", claims_much)
            .when(announced::has_answers),
        server("nonsense/negative-size", "A frame of negative size is refused.", negative)
            .when(announced::has_answers),
        server("nonsense/web-page", "A web page does no harm.", browser),
    ];
    let unless_in_lock_step = vec![
        server("joins/three-frames", "Frames that come together are taken in order.", together),
        server("cuts/length", "A length may be cut anywhere.", |s| {
            cut(s, s.random(1, length_width(s.setting())))
        })
        .when(|setting| !tutorial(setting) && length_width(setting) > 1),
        server("cuts/image", "An image may arrive in two pieces.", |s| {
            let (frame, image) = (frame_bytes(s.setting(), 1, &small()), small().jpeg);
            cut(s, frame.len() - image.len() + s.random(2, image.len()))
        }),
        server("cuts/byte-by-byte", "A frame may arrive byte by byte.", byte_by_byte),
        server("joins/frame-and-a-half", "A frame and a half may arrive together.", one_and_a_half),
        server("nonsense/negative-length", "A negative length ends that film only.", |s| {
            let one_way = announced::negative_length(s.setting());
            nonsense(s, &one_way.unwrap_or((-1_i32).to_le_bytes().into()))
        })
        .when(|setting| ours(setting) || announced::negative_length(setting).is_some()),
        server("nonsense/long-length", "A length of 2 GiB is refused at once.", |s| {
            let one_way = announced::long_length(s.setting());
            nonsense(s, &one_way.unwrap_or(i32::MAX.to_le_bytes().into()))
        })
        .when(|setting| ours(setting) || announced::long_length(setting).is_some()),
    ];
    let in_ours = vec![
        server("frames/missing-number", "A sequence number may be missing.", missing_number),
        server("cuts/json-header", "A header may arrive in two pieces.", |s| {
            cut(s, s.random(6, 60))
        }),
        server("nonsense/other-picture-size", "A header may not lie about the picture.", |s| {
            refuses(s, &Picture { width: 640, ..small() })
        }),
        server("nonsense/no-json", "A header that is no JSON is refused.", |s| {
            nonsense(s, &framed(r#"{"sequence": 1, "width""#, b""))
        }),
        server("nonsense/no-sequence", "A header without `sequence` is refused.", |s| {
            nonsense(s, &framed(r#"{"captured":1,"width":64,"height":48,"size":0}"#, b""))
        }),
    ];
    let in_tutorials = vec![
        server("frames/two-words", "One `ok` is for the number, and one for the image.", two_words),
        server("cuts/number", "A number may arrive in two pieces.", number_cut),
        server(
            "cuts/image-after-number",
            "An image may arrive in two pieces after its number.",
            image_cut,
        ),
        server("nonsense/no-number", "What is no number gets no `ok`.", no_number),
    ];
    let unless_in_lock_step = only(|setting| !tutorial(setting), unless_in_lock_step);
    [both, unless_in_lock_step, only(ours, in_ours), only(tutorial, in_tutorials)].concat()
}

const NEXT_CLIENT: &str = text!(
    "What one client does must end nothing but its own film. Catch the errors of recv, send, of \
     numbers and of pictures, close that connection, and go on with accept."
);

const STUCK: &str = text!(
    "The server is still busy with a client that has gone. An empty recv is the end of the \
     stream, also in the middle of a frame: leave the loop there, close the connection, and \
     accept the next."
);

const ONE_RECV: &str = text!(
    "The image is read with one recv, and it got the first piece. Receive until as many bytes are \
     there as were announced."
);

const MANY_PIECES: &str = text!(
    "A small frame is taken, and this one is not. It comes in many pieces: receive until as many \
     bytes are there as were announced. Or the server's limit for a frame is below 300 KB."
);

/// An ok that comes before its time comes at once, and on a busy machine within this.
const EARLY: Duration = Duration::from_millis(300);

/// The next client connects, and its frame is acknowledged.
fn still_serves(server: &Server) -> Outcome {
    still_serves_or(server, NEXT_CLIENT)
}

/// The same; `hint` says why the server may have ended.
fn still_serves_or(server: &Server, hint: &str) -> Outcome {
    let ask = |stream: &mut ProbeStream| show_frame(stream, server.setting(), 1, &small());
    serves_next(server, STUCK, hint, ask)
}

/// Takes whole frames, of which the last has this number, however `send` lets them arrive; and knows then
/// where the next one begins.
fn takes(server: &Server, last: u64, send: impl FnOnce(&mut ProbeStream)) -> Outcome {
    let refused = one_way::refused(server);
    let mut stream = server.connect()?;
    send(&mut stream);
    (1..=last).try_for_each(|sequence| acknowledged(&mut stream, server.setting(), sequence))?;
    refused.map_or(Ok(()), |lie| one_way::expect_refusal(&mut stream, &lie))
}

fn is_taken(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let shown = show_frame(&mut stream, server.setting(), 1, &small());
    // A server that serves one client at a time serves the judge's next try.
    stream.close();
    one_way::or_recognised(shown, || one_way::recognise(server))
        .hint(
            FailureKind::Timeout,
            text!(
                "The server takes the connection, and does not acknowledge the frame. Does it \
                 wait for more bytes than the frame has?"
            ),
        )
        .hint(
            FailureKind::Closed,
            text!(
                "The server hangs up instead of taking the frame, which is a gray JPEG of 64 x 48 \
                 pixels. Can it decode it?"
            ),
        )
}

/// Shows these pictures, one after the other.
fn shows(server: &Server, pictures: &[Picture]) -> Outcome {
    let mut stream = server.connect()?;
    (1..).zip(pictures).try_for_each(|(sequence, picture)| {
        show_frame(&mut stream, server.setting(), sequence, picture)
    })
}

fn one_after_the_other(server: &Server) -> Outcome {
    let pictures: Vec<Picture> = (0..5).map(|number| jpeg::picture(64, 48, number * 9)).collect();
    shows(server, &pictures)
        .hint(
            FailureKind::Timeout,
            text!("The server takes one frame, and then no more: recv needs a loop."),
        )
        .hint(
            FailureKind::Closed,
            text!("The server closes after a frame. Receive in a loop, until recv is empty."),
        )
}

fn together(server: &Server) -> Outcome {
    let frame = |sequence| frame_bytes(server.setting(), sequence, &small());
    takes(server, 5, |stream| stream.send(&(1..=5).flat_map(frame).collect::<Vec<u8>>())).hint_any(
        text!(
            "The client does not wait for a word before it sends the next frame, and the frames \
             that came together are lost. Take from the stream what the length says, and leave \
             the rest for the next turn."
        ),
    )
}

fn missing_number(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    [1, 2, 7, 1000].iter().try_for_each(|&sequence| {
        show_frame(&mut stream, server.setting(), sequence, &small()).hint_any(text!(
            "A number is missing where the client has dropped a frame for a newer one: the server \
             acknowledges the number that the header says, and does not count."
        ))
    })
}

fn two_words(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let early = text!(
        "An ok comes before its time. The client takes what one recv gives for one word, so the \
         first ok answers the number, and the second the whole image."
    );
    for _ in 0..2 {
        say_number(&mut stream, &small())?;
        stream.expect_silence_for(EARLY).hint_any(early)?;
        let picture = small();
        let (start, rest) = picture.jpeg.split_at(60);
        stream.send(start);
        stream.wait_until_taken();
        stream.expect_silence_for(EARLY).hint_any(early)?;
        stream.send(rest);
        stream.expect(OK)?;
    }
    Ok(())
}

fn idle(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.pause(Duration::from_millis(300));
    show_frame(&mut stream, server.setting(), 1, &small()).hint(
        FailureKind::Closed,
        text!("The server gives a client less than 300 ms for its first frame."),
    )
}

fn slow_frame(server: &Server) -> Outcome {
    let (setting, picture) = (server.setting(), small());
    let mut stream = server.connect()?;
    send_up_to(&mut stream, setting, 1, &picture, 100)?;
    stream.pause(Duration::from_millis(300));
    stream.send(picture.jpeg.get(100..).unwrap_or_default());
    acknowledged(&mut stream, setting, 1).hint(FailureKind::Timeout, ONE_RECV).hint_any(text!(
        "The frame came in two pieces, 300 ms apart. Either the image is read with one recv, \
         which got the first piece, or the server gives a frame less time than that."
    ))
}

/// A frame in two pieces, the first of which has so many bytes.
fn cut(server: &Server, first: usize) -> Outcome {
    let frame = frame_bytes(server.setting(), 1, &small());
    let hint = match first {
        _ if first < length_width(server.setting()) => ONE_RECV_FOR_THE_LENGTH,
        _ if first < frame.len() - small().jpeg.len() => ONE_RECV_FOR_THE_HEADER,
        _ => ONE_RECV,
    };
    takes(server, 1, |stream| stream.send_cut(&frame, first)).hint_any(hint)
}

fn byte_by_byte(server: &Server) -> Outcome {
    let frame = frame_bytes(server.setting(), 1, &jpeg::picture(8, 8, 1));
    takes(server, 1, |stream| stream.send_byte_by_byte(&frame)).hint_any(ONE_RECV_FOR_ALL)
}

fn one_and_a_half(server: &Server) -> Outcome {
    let setting = server.setting();
    let refused = one_way::refused(server);
    let mut stream = server.connect()?;
    let second = frame_bytes(setting, 2, &small());
    let (start, rest) = second.split_at(server.random(2, 100));
    stream.send(&[&frame_bytes(setting, 1, &small())[..], start].concat());
    acknowledged(&mut stream, setting, 1).hint_any(text!(
        "A whole frame has arrived, and half of the next: it is acknowledged now."
    ))?;
    stream.wait_until_taken();
    stream.send(rest);
    acknowledged(&mut stream, setting, 2)
        .and_then(|()| refused.map_or(Ok(()), |lie| one_way::expect_refusal(&mut stream, &lie)))
        .hint_any(text!(
            "The first bytes of the second frame came with the first frame, and are lost. Take \
             from the stream what the length says, and no more."
        ))
}

fn number_cut(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let number = number_bytes(&small());
    let (start, rest) = number.split_at(2);
    stream.send(start);
    stream.wait_until_taken();
    stream.expect_silence_for(EARLY).hint_any(text!(
        "The server takes one recv for the whole number, and it got its first digits. Only the \
         comma says that the number has ended: receive until it is there."
    ))?;
    stream.send(rest);
    stream.expect(OK)?;
    stream.send(&small().jpeg);
    stream.expect(OK)
}

fn image_cut(server: &Server) -> Outcome {
    let (mut stream, picture) = (server.connect()?, small());
    say_number(&mut stream, &picture)?;
    stream.send_cut(&picture.jpeg, server.random(1, picture.jpeg.len()));
    stream.expect(OK).hint_any(ONE_RECV)
}

fn half_close(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    show_frame(&mut stream, server.setting(), 1, &small())?;
    stream.half_close();
    stream
        .expect_end()
        .hint(
            FailureKind::Timeout,
            text!(
                "The server does not notice the end of the film, or does not close its side: \
                 after an empty recv, close the connection."
            ),
        )
        .hint_any(text!(
            "After the last frame an empty recv is the end of the film: close in order."
        ))
}

fn leaves(server: &Server, leave: fn(ProbeStream)) -> Outcome {
    let mut stream = server.connect()?;
    show_frame(&mut stream, server.setting(), 1, &small())?;
    leave(stream);
    still_serves(server)
}

fn leaves_in_mid_frame(server: &Server, leave: fn(ProbeStream)) -> Outcome {
    let mut stream = server.connect()?;
    show_frame(&mut stream, server.setting(), 1, &small())?;
    send_up_to(&mut stream, server.setting(), 2, &small(), 100)?;
    stream.wait_until_taken();
    leave(stream);
    still_serves_or(
        server,
        text!(
            "The client has gone in the middle of a frame, and an error has ended the server. An \
             empty recv there, or a reset, is the end of that film only."
        ),
    )
}

fn leaves_in_length(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    let message = match tutorial(server.setting()) {
        true => number_bytes(&small()),
        false => frame_bytes(server.setting(), 1, &small()),
    };
    let begun = length_width(server.setting()).div_ceil(2);
    stream.send(message.get(..begun).unwrap_or_default());
    stream.wait_until_taken();
    stream.close();
    still_serves(server)
}

fn second(server: &Server) -> Outcome {
    let setting = server.setting();
    let mut first = server.connect()?;
    show_frame(&mut first, setting, 1, &small())?;
    let mut second = server.connect()?;
    show_frame(&mut first, setting, 2, &small())
        .hint_any(text!("A second client that calls must not disturb the first."))?;
    first.close();
    show_frame(&mut second, setting, 1, &small())
        .hint(FailureKind::Timeout, STUCK)
        .hint_any(NEXT_CLIENT)
}

/// A frame that cannot be shown ends the film, and the next client is served.
fn refuses(server: &Server, picture: &Picture) -> Outcome {
    let mut stream = server.connect()?;
    show_frame(&mut stream, server.setting(), 1, &small())?;
    ends_the_film(server, stream, picture)
}

/// The second frame of this film cannot be shown.
fn ends_the_film(server: &Server, mut stream: ProbeStream, picture: &Picture) -> Outcome {
    send_up_to(&mut stream, server.setting(), 2, picture, picture.jpeg.len())?;
    if announced::is_one_way(server.setting()) {
        // A length stands in front of it, so that a server may leave it out and go on.
        stream.wait_until_taken();
        stream.close();
        return still_serves(server);
    }
    // A server may say that the frame has arrived before it looks at it.
    stream.expect_gone_at_last().map(drop).hint(
        FailureKind::Timeout,
        text!(
            "The frame is not what it should be, and the server goes on as if it were. Nobody \
             knows what follows: look at each frame before it is shown, and if it is wrong, end \
             that film."
        ),
    )?;
    still_serves(server)
}

fn empty(server: &Server) -> Outcome {
    let picture = Picture { jpeg: Vec::new(), ..small() };
    let ended = text!(
        "Of no bytes no picture can be made, and the error has ended the server. Catch it, and \
         end that film only."
    );
    if announced::is_one_way(server.setting()) {
        let mut stream = server.connect()?;
        stream.send(&frame_bytes(server.setting(), 1, &picture));
        stream.wait_until_taken();
        stream.close();
        return still_serves_or(server, ended);
    }
    let frame = match tutorial(server.setting()) {
        true => b"0, ".to_vec(),
        false => frame_bytes(server.setting(), 1, &picture),
    };
    ends_connection(server, &frame, NO_NEXT)?;
    still_serves_or(server, ended)
}

/// Half of what that many gray pixels take.
const MUCH_MEMORY: u64 = 2 << 30;

fn decode_bomb(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    show_frame(&mut stream, server.setting(), 1, &small())?;
    // What a decoder takes once, it has taken for the first frame.
    let before = server.peak_memory();
    let bomb = jpeg::bomb();
    let Picture { width, height, .. } = bomb;
    let came = ends_the_film(server, stream, &bomb);
    let now = server.peak_memory();
    let grown = now.zip(before).map_or(0, |(now, before)| now.saturating_sub(before));
    if grown <= MUCH_MEMORY {
        return came;
    }
    Err(Failure::new(
        FailureKind::Mismatch,
        t!("no memory for %{width} x %{height} pixels", width = width, height = height)
            .into_owned(),
        text!("the server has asked the system for more than 2 GiB"),
    ))
    .hint_any(text!(
        "A few hundred bytes of JPEG can announce 65,500 x 65,500 pixels, and a decoder takes \
         memory for what is announced. Read the size from the JPEG's header before it is decoded."
    ))
}

fn claims_much(server: &Server) -> Outcome {
    let frame = match server.setting().dialect {
        Dialect::Ours => framed(&header(1, 64, 48, 1 << 31), b""),
        Dialect::Tutorial => b"2147483648, ".to_vec(),
    };
    nonsense_because(
        server,
        &frame,
        text!(
            "The server believes that 2,147,483,648 bytes of image will come, and waits for them. \
             What is announced is only a claim: check it against a limit, and close the \
             connection."
        ),
    )
}

fn negative(server: &Server) -> Outcome {
    let header = r#"{"sequence":1,"captured":1,"width":64,"height":48,"size":-5}"#;
    match server.setting().dialect {
        Dialect::Ours => nonsense(server, &framed(header, b"")),
        Dialect::Tutorial => nonsense(server, b"-5, "),
    }
}

/// What cannot be understood ends the connection, and the next client is served.
fn nonsense(server: &Server, bytes: &[u8]) -> Outcome {
    nonsense_because(server, bytes, NO_NEXT)
}

/// The same; `hint` says why.
fn nonsense_because(server: &Server, bytes: &[u8], hint: &str) -> Outcome {
    ends_connection(server, bytes, hint)?;
    still_serves(server)
}

fn no_number(server: &Server) -> Outcome {
    let mut stream = server.connect()?;
    stream.send(b"abc, ");
    stream.expect_gone().hint(
        FailureKind::Excess,
        text!(
            "The server says ok to a number before it has looked at it. An ok is a promise: read \
             the number first, and if it is none, close the connection."
        ),
    )?;
    still_serves(server)
}

fn browser(server: &Server) -> Outcome {
    ends_after_browser(server, STUCK)?;
    still_serves(server)
}
