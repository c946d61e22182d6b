//! What the lab's page asks to play: settings that were read are written, and read as the same; and the
//! command for a terminal is one.

use compare::bench::{Plan, Settings};
use language::Language;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(settings) = serde_json::from_slice::<Settings>(bytes) else { return };
    let json = serde_json::to_vec(&settings).unwrap();
    assert_eq!(serde_json::from_slice::<Settings>(&json).unwrap(), settings);
    match Plan::new(settings) {
        Ok(plan) => {
            let command = plan.settings().command();
            let words = shlex::split(&command).expect("the command ends inside a quotation");
            assert!(words.starts_with(&["cargo".to_owned(), "run".to_owned()]), "{command}");
        }
        Err(error) => {
            for language in [Language::English, Language::Chinese] {
                assert!(!error.words(language).is_empty());
            }
        }
    }
}
