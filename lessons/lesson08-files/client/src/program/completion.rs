//! What Tab offers at the prompt: commands, options, and the names at the end where they are meant.

use console::Candidates;

/// The commands of a line, and the words of every prompt.
const COMMANDS: [&str; 7] = ["get", "list", "ls", "put", "help", "exit", "quit"];

/// The options that may stand behind any command, and the one that `get` and `put` have besides.
const OPTIONS: [&str; 5] = ["--into", "--resume", "--force", "--max-size", "--as"];

/// What may stand behind `before`, where `word` is typed already. The server's `names` are asked for by
/// folder, and only where they are needed.
pub(crate) fn offer(before: &str, word: &str, names: &dyn Fn(&str) -> Vec<String>) -> Candidates {
    let mut words = before.split_whitespace();
    let (command, last) = (words.next(), words.next_back());
    let at_the_server = || Candidates::Names(server_names(word, names));
    match (command, last) {
        (None, _) => Candidates::Words(COMMANDS.map(str::to_owned).to_vec()),
        (_, Some("--as" | "--max-size")) => Candidates::Words(Vec::new()),
        (Some("get"), Some("--into")) => Candidates::Files,
        (Some("put"), Some("--into")) => at_the_server(),
        _ if word.starts_with('-') => Candidates::Words(OPTIONS.map(str::to_owned).to_vec()),
        (Some("put"), _) => Candidates::Files,
        (Some("get" | "list" | "ls"), _) => at_the_server(),
        _ => Candidates::Words(Vec::new()),
    }
}

/// The names in the folder that `word` is in so far, with that folder in front.
fn server_names(word: &str, names: &dyn Fn(&str) -> Vec<String>) -> Vec<String> {
    let (folder, slash) = word.rsplit_once('/').map_or(("", ""), |(folder, _)| (folder, "/"));
    names(folder).into_iter().map(|name| format!("{folder}{slash}{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(before: &str, word: &str) -> Vec<String> {
        let names = |folder: &str| match folder {
            "" => vec!["a.txt".to_owned(), "docs/".to_owned()],
            "docs" => vec!["b.txt".to_owned()],
            other => panic!("nobody asked for {other}"),
        };
        match offer(before, word, &names) {
            Candidates::Words(words) | Candidates::Names(words) => words,
            Candidates::Files => vec!["(files)".to_owned()],
        }
    }

    #[test]
    fn get_and_ls_take_names_of_the_server_and_put_takes_files_of_this_machine() {
        for before in ["get ", "ls ", "list ", "get a.txt ", "put --into "] {
            assert_eq!(words(before, ""), ["a.txt", "docs/"], "{before}");
            assert_eq!(words(before, "docs/"), ["docs/b.txt"], "{before}");
        }
        for before in ["put ", "put a ", "put --force ", "get a.txt --into "] {
            assert_eq!(words(before, "x"), ["(files)"], "{before}");
        }
    }

    #[test]
    fn a_line_begins_with_a_command_and_a_dash_with_an_option() {
        assert!(words("", "g").contains(&"get".to_owned()));
        assert!(words("get a ", "--").contains(&"--into".to_owned()));
        assert!(words("get --as ", "").is_empty() && words("fetch ", "").is_empty());
    }
}
