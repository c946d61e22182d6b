//! A protocol may frame its requests in one way and its answers in another.

use std::fmt;
use std::str::FromStr;

use crate::framing::Framing;
use crate::framing::unknown::UnknownFraming;

/// How the two directions of a connection are framed.
///
/// As text it is one framing for both, or two with a comma between them: `>I`, `line,<i`.
///
/// ```
/// let pair: wire::FramingPair = "line,>I".parse()?;
/// assert_eq!((pair.request.to_string(), pair.answer.to_string()), ("line".into(), ">I".into()));
/// # Ok::<(), wire::UnknownFraming>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramingPair {
    /// From the client to the server.
    pub request: Framing,
    /// From the server to the client.
    pub answer: Framing,
}

impl FromStr for FramingPair {
    type Err = UnknownFraming;

    /// A comma between two framings parts them; any other is a part of an end mark or of a name.
    fn from_str(text: &str) -> Result<Self, UnknownFraming> {
        let halves = text.match_indices(',').filter_map(|(at, _)| text.split_at_checked(at));
        let mut pairs = halves.filter_map(|(request, answer)| {
            let answer = answer.strip_prefix(',')?.parse().ok()?;
            Some(Self { request: request.parse().ok()?, answer })
        });
        if let Some(pair) = pairs.next() {
            return Ok(pair);
        }
        match text.parse::<Framing>() {
            Ok(both) => Ok(Self { request: both.clone(), answer: both }),
            // What is wrong is wrong with one half, if there are two.
            Err(error) => match text.split_once(',') {
                Some((request, answer)) => {
                    let wrong = request.parse::<Framing>().and_then(|_| answer.parse::<Framing>());
                    Err(wrong.err().unwrap_or(error))
                }
                None => Err(error),
            },
        }
    }
}

impl fmt::Display for FramingPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.request == self.answer {
            true => write!(f, "{}", self.request),
            false => write!(f, "{},{}", self.request, self.answer),
        }
    }
}
