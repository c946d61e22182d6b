//! A format string, and the values in a text that was made with it.

/// `{count} of {}` is a piece of text, a place for a value, and so on in turn.
#[derive(Debug)]
pub(crate) struct Template<'a> {
    /// What is written before the first place, between two, and after the last: one more than there are places.
    texts: Vec<String>,
    /// What stands between the braces, which tells one place from another.
    places: Vec<&'a str>,
}

impl<'a> Template<'a> {
    /// Takes `{{` and `}}` for a brace, as `format!` does. What has no end is text.
    pub(crate) fn of(format: &'a str) -> Template<'a> {
        let (mut texts, mut places) = (vec![String::new()], Vec::new());
        let mut rest = format;
        while let Some(at) = rest.find(['{', '}']) {
            let (text, brace) = rest.split_at(at);
            push(&mut texts, text);
            let (first, after) = brace.split_at(1);
            if let Some(after) = after.strip_prefix(first) {
                push(&mut texts, first);
                rest = after;
            } else if let Some((place, after)) = after.split_once('}').filter(|_| first == "{") {
                places.push(place);
                texts.push(String::new());
                rest = after;
            } else {
                push(&mut texts, first);
                rest = after;
            }
        }
        push(&mut texts, rest);
        Template { texts, places }
    }

    /// How much of it is no value, in bytes.
    pub(crate) fn letters(&self) -> usize {
        self.texts.iter().map(String::len).sum()
    }

    /// Whether it says something by itself.
    pub(crate) fn has_words(&self) -> bool {
        self.texts.iter().any(|text| text.chars().any(char::is_alphabetic))
    }

    /// Whether there are values, and words by which to find them.
    pub(crate) fn has_values(&self) -> bool {
        !self.places.is_empty() && self.has_words()
    }

    /// What stands between its braces.
    #[cfg(feature = "check")]
    pub(crate) fn into_places(self) -> Vec<&'a str> {
        self.places
    }

    /// The values in this text, each with its place; nothing if the text was not made with this. Each value
    /// is as short as it can be.
    pub(crate) fn values<'t>(&self, text: &'t str) -> Option<Vec<(&'a str, &'t str)>> {
        let (first, others) = self.texts.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let mut values = Vec::new();
        for (number, (place, text)) in self.places.iter().zip(others).enumerate() {
            let is_last = number + 1 == self.places.len();
            let (value, after) = match is_last {
                true => (rest.strip_suffix(text.as_str())?, ""),
                false => rest.split_once(text.as_str())?,
            };
            values.push((*place, value));
            rest = after;
        }
        rest.is_empty().then_some(values)
    }

    /// This with the values in its places: of those for the same place, each is used once, in order. `{1}`
    /// takes the second of all, if none has that name: for another order of `{}`.
    pub(crate) fn filled(&self, values: &[(&str, impl AsRef<str>)]) -> String {
        let mut filled = self.texts.first().cloned().unwrap_or_default();
        let mut left: Vec<_> = values.iter().collect();
        for (place, text) in self.places.iter().zip(self.texts.iter().skip(1)) {
            if let Some(at) = left.iter().position(|(name, _)| name == place) {
                filled += left.remove(at).1.as_ref();
            } else if let Some((_, value)) = place.parse().ok().and_then(|at: usize| values.get(at))
            {
                filled += value.as_ref();
            }
            filled += text;
        }
        filled
    }
}

fn push(texts: &mut [String], text: &str) {
    if let Some(last) = texts.last_mut() {
        last.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_again_and_put_into_another_order() {
        let template = Template::of("send({}) = {sent:>3}, then {}");
        let values = template.values("send(5) =   4, then the end").unwrap();
        assert_eq!(values, [("", "5"), ("sent:>3", "  4"), ("", "the end")]);
        let other = Template::of("{sent:>3} / {}: {}");
        assert_eq!(other.filled(&values), "  4 / 5: the end");
        let values = Template::of("{} of {}").values("1 of 3").unwrap();
        assert_eq!(Template::of("{1}: {0}").filled(&values), "3: 1");
    }

    #[test]
    fn a_text_that_was_made_otherwise_has_no_values() {
        assert!(Template::of("send {n}").values("recv 5").is_none());
        assert!(Template::of("{n} bytes").values("5 byte").is_none());
        assert!(Template::of("no value").values("no value, but more").is_none());
        assert_eq!(Template::of("no value").values("no value"), Some(Vec::new()));
    }

    #[test]
    fn braces_are_doubled_as_in_a_format_string() {
        let template = Template::of("{{{}}} in {{}}");
        assert_eq!(template.values("{x} in {}"), Some(vec![("", "x")]));
        assert_eq!(template.filled(&[("", "y")]), "{y} in {}");
    }
}
