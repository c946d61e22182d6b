//! What a proxy shows of a stream: the same frames, however the stream is cut.

use trace::framed::Framed;
use trace::frames::Frames;
use wire::Framing;

use crate::choices::Choices;
use crate::decoder::FRAMINGS;
use crate::pieces::pieces;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let framing: Framing = choices.one_of(FRAMINGS).parse().unwrap();
    let limit = choices.one_of(&[10, 1000, usize::MAX]);
    let mut sizes = choices.clone();
    (0..4).for_each(|_| _ = choices.byte());
    let cut = pieces(choices.0, &mut sizes);

    assert_eq!(frames(limit, &cut), frames(limit, &[choices.0]));
    assert_eq!(framed(&framing, limit, &cut), framed(&framing, limit, &[choices.0]), "{framing}");
}

fn frames(limit: usize, pieces: &[&[u8]]) -> Vec<String> {
    let (mut frames, mut found) = (Frames::new(limit), Vec::new());
    for piece in pieces {
        frames.push(piece, &mut |frame| found.push(format!("{frame:?}")));
    }
    found.push(format!("{:?}", frames.finish()));
    found
}

fn framed(framing: &Framing, limit: usize, pieces: &[&[u8]]) -> Vec<String> {
    let (mut framed, mut found) = (Framed::new(framing, limit), Vec::new());
    for piece in pieces {
        framed.push(piece, &mut |frame| found.push(format!("{frame:?}")));
    }
    let mut last = Vec::new();
    let end = framed.finish(&mut |frame| last.push(format!("{frame:?}")));
    found.extend(last);
    found.push(format!("{end:?}"));
    found
}
