//! The order in which failures are mended: what all else builds on, then what the lesson is about, then
//! robustness.

/// Topics without which nothing else can hold, in the order of mending.
const BASICS: [&str; 3] = ["answers", "lines", "printed"];

/// Topics that any program should hold, whatever it speaks, in the order of mending.
const ROBUSTNESS: [&str; 8] =
    ["text", "cuts", "joins", "sizes", "ends", "crowds", "nonsense", "browser"];

/// Topics of [`ROBUSTNESS`] that are what a lesson is about. Each topic that is in no list is that too.
const SUBJECTS: [(u16, &[&str]); 4] =
    [(2, &["cuts", "joins"]), (3, &["cuts", "joins"]), (5, &["crowds"]), (6, &["ends"])];

/// The topic of a requirement: `cuts` of `cuts/length-after-1-byte`.
pub(crate) fn topic(id: &str) -> &str {
    id.split_once('/').map_or(id, |(topic, _)| topic)
}

/// The place of a requirement in the order of mending, by its topic: the smallest comes first.
fn rank(lesson: u16, id: &str) -> usize {
    let topic = topic(id);
    let place = |topics: &[&str]| topics.iter().position(|it| *it == topic);
    if let Some(at) = place(&BASICS) {
        return at;
    }
    let is_subject = SUBJECTS.iter().any(|(of, topics)| *of == lesson && topics.contains(&topic));
    match place(&ROBUSTNESS).filter(|_| !is_subject) {
        Some(at) => BASICS.len() + 1 + at,
        None => BASICS.len(),
    }
}

/// Requirements in the order of mending. Those of one topic stand together, in the order of their table.
pub(crate) fn in_order<T: Copy>(lesson: u16, all: &[T], id: impl Fn(T) -> &'static str) -> Vec<T> {
    let begins = |it: T| all.iter().position(|&other| topic(id(other)) == topic(id(it)));
    let mut all_in_order = all.to_vec();
    all_in_order.sort_by_key(|&it| (rank(lesson, id(it)), begins(it)));
    all_in_order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(lesson: u16, ids: &[&'static str]) -> Vec<&'static str> {
        in_order(lesson, ids, |id| id)
    }

    #[test]
    fn what_the_lesson_is_about_comes_after_the_basics_and_before_robustness() {
        let ids = ["nonsense/a", "crowds/a", "cuts/a", "answers/a"];
        assert_eq!(sorted(5, &ids), ["answers/a", "crowds/a", "cuts/a", "nonsense/a"]);
        assert_eq!(sorted(1, &ids), ["answers/a", "cuts/a", "crowds/a", "nonsense/a"]);
        let ids = ["ends/a", "cuts/a", "resume/a", "lines/a"];
        assert_eq!(sorted(8, &ids), ["lines/a", "resume/a", "cuts/a", "ends/a"]);
    }

    #[test]
    fn requirements_of_one_topic_stand_together_in_the_order_of_their_table() {
        assert_eq!(sorted(3, &["cuts/b", "joins/a", "cuts/a"]), ["cuts/b", "cuts/a", "joins/a"]);
    }
}
