//! The parts of a stream that a framing makes: which comes first, and how much of it there may be.

use memchr::memmem::Finder;
use serde_json::{Map, Value};

use crate::error::{Error, Result, escape};
use crate::framing::Framing;
use crate::framing::digits::{Digits, Form, MOST_MARKED};
use crate::framing::length::LengthField;
use crate::framing::mark::LONGEST_MARK;

/// The longest JSON header that is read: 64 KiB. Parsed, it can take many times that.
pub(crate) const JSON_LIMIT: usize = 64 * 1024;

/// What comes next in the stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Part {
    /// A length as `struct` packs it; then the payload.
    Length,
    /// A length as `struct` packs it, and the JSON header of that length; then the payload.
    JsonLength,
    Json,
    /// A length in digits, of a fixed width or up to its mark; then the payload.
    FixedDigits,
    MarkedDigits,
    /// As many bytes as were announced, of which all are kept, or only the first.
    Payload,
    LongPayload,
    /// A message up to its mark.
    Marked,
    Line,
    /// All up to the end of the stream.
    Rest,
    /// Whatever is in one piece.
    Piece,
}

/// What the parts of a stream look like.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The longest message that is taken, in bytes.
    pub(crate) limit: usize,
    /// The part with which each message begins, and how many bytes that has, or may have.
    pub(crate) first: (Part, usize),
    /// A length as `struct` packs it, and the longest message, or JSON header, that it may announce.
    pub(crate) length: LengthField,
    pub(crate) longest: usize,
    pub(crate) digits: Option<Digits>,
    pub(crate) mark: Finder<'static>,
    /// The name of the JSON header's field that says how long the payload is.
    field: String,
}

impl Rules {
    pub(crate) fn new(framing: &Framing, limit: usize) -> Self {
        let mut rules = Self {
            limit,
            first: (Part::Rest, limit.saturating_add(1)),
            length: LengthField::FRAME,
            longest: limit,
            digits: None,
            mark: Finder::new("").into_owned(),
            field: String::new(),
        };
        match framing {
            Framing::None => rules.first.0 = Part::Piece,
            Framing::End => {}
            Framing::Length(length) => rules.begin_with(Part::Length, *length, limit),
            Framing::Json { length, field } => {
                rules.begin_with(Part::JsonLength, *length, JSON_LIMIT);
                field.clone_into(&mut rules.field);
            }
            Framing::Digits(digits) => {
                match &digits.0 {
                    Form::Fixed { width, .. } => rules.first = (Part::FixedDigits, (*width).into()),
                    Form::Marked(mark) => {
                        rules.end_with(Part::MarkedDigits, mark.bytes(), MOST_MARKED)
                    }
                }
                rules.digits = Some(digits.clone());
            }
            Framing::Until(mark) => rules.end_with(Part::Marked, mark.bytes(), limit),
            // With a carriage return before it.
            Framing::Line => rules.end_with(Part::Line, b"\n", limit.saturating_add(1)),
        }
        rules
    }

    fn begin_with(&mut self, part: Part, length: LengthField, limit: usize) {
        self.first = (part, length.width());
        (self.length, self.longest) = (length, length.longest_within(limit));
    }

    fn end_with(&mut self, part: Part, mark: &[u8], most: usize) {
        self.first = (part, most.saturating_add(mark.len()));
        self.mark = Finder::new(mark).into_owned();
    }

    /// The number of bytes of the input up to the end mark of a part, and with it, if `tail` is what
    /// has come of that part. Only what may have been cut is looked at a second time.
    pub(crate) fn mark_end(&self, tail: &[u8], input: &[u8]) -> Option<usize> {
        let length = self.mark.needle().len();
        let overlap = length.saturating_sub(1);
        let tail = tail.get(tail.len().saturating_sub(overlap)..).unwrap_or_default();
        if !tail.is_empty() {
            let head = input.get(..overlap).unwrap_or(input);
            let mut seam = [0; 2 * LONGEST_MARK];
            let cut = tail.iter().chain(head);
            seam.iter_mut().zip(cut).for_each(|(to, from)| *to = *from);
            let seam = seam.get(..tail.len() + head.len()).unwrap_or_default();
            if let Some(begin) = self.mark.find(seam) {
                return Some(begin + length - tail.len());
            }
        }
        Some(self.mark.find(input)? + length)
    }

    /// The length of the payload that this JSON header announces, which stands at the offset `at`.
    /// serde_json has its own limit, of 128, for how deep values may be nested.
    pub(crate) fn announced_by(&self, json: &[u8], at: u64) -> Result<usize> {
        let header: Map<String, Value> = serde_json::from_slice(json)
            .map_err(|source| Error::NotJson { at, text: escape(json), source })?;
        let missing = || Error::MissingField { field: self.field.clone().into(), at };
        let length = header.get(&self.field).and_then(Value::as_u64).ok_or_else(missing)?;
        match usize::try_from(length) {
            Ok(length) if length <= self.limit => Ok(length),
            _ => Err(Error::BodyTooLarge { length, limit: self.limit as u64 }),
        }
    }
}
