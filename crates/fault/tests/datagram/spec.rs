//! How a fault of datagrams is asked for.

use fault::MAX_TIME;
use fault::datagram::Spec;
use fault::spec::either;
use proptest::prelude::*;

use crate::fates::any_spec;

#[test]
fn every_form_that_a_person_writes_is_understood_and_displayed() {
    for (text, shown) in [
        ("loss=30%", "loss=30%"),
        ("loss=0%", "loss=0%"),
        ("duplicate=0.50%", "duplicate=0.5%"),
        ("reorder=100.0%", "reorder=100%"),
        ("delay=20ms", "delay=20ms"),
        ("delay=0ms", "delay=0s"),
        ("delay=10ms..30ms", "delay=10ms..30ms"),
        ("delay=30ms..30ms", "delay=30ms"),
        ("delay=0s..1s 5ms", "delay=0s..1s5ms"),
        ("delay=1h", "delay=1h"),
    ] {
        assert_eq!(text.parse::<Spec>().unwrap().to_string(), shown, "{text}");
    }
}

#[test]
fn every_form_in_the_table_is_displayed_as_it_is_written_there() {
    let forms = Spec::forms();
    assert_eq!(forms[..3], ["loss=30%", "duplicate=10%", "reorder=10%"]);
    for form in forms {
        assert_eq!(form.parse::<Spec>().unwrap().to_string(), form);
    }
}

#[test]
fn what_names_no_fault_is_refused_with_the_faults_there_are() {
    for text in ["", "loss", "loss:30%", "=30%", "los=30%", "Loss=30%", "loss =30%", "30%"] {
        let expected = format!("`{text}` is no fault: write {}", either(&Spec::forms()));
        assert_eq!(text.parse::<Spec>().unwrap_err().to_string(), expected);
    }
}

#[test]
fn what_is_no_percentage_is_refused_with_the_bounds() {
    for chance in [
        "", "%", ".%", "30", "0.3", "100.1%", "1000%", "-1%", "-0%", "+1%", "NaN%", "inf%", "1e1%",
        "1.2.3%", "30%%", " 30%", "30 %", "3０%",
    ] {
        for name in ["loss", "duplicate", "reorder"] {
            let error = format!("{name}={chance}").parse::<Spec>().unwrap_err().to_string();
            let expected = "is no chance: write a percentage from 0% to 100%, such as 30% or 0.5%";
            assert_eq!(error, format!("`{chance}` {expected}"));
        }
    }
}

#[test]
fn what_is_no_delay_is_refused_with_the_forms_that_are() {
    for delay in [
        "",
        "20",
        "-20ms",
        "ms",
        "20%",
        "..",
        "10ms..",
        "..30ms",
        "30ms..10ms",
        "61m",
        "10ms..2h",
        "10ms..20ms..30ms",
        "18446744073709551615years",
        "NaN",
    ] {
        let error = format!("delay={delay}").parse::<Spec>().unwrap_err().to_string();
        let expected = "is no delay: write a time of at most 1h, such as 20ms, or a range of such \
                        times, the shorter one first, such as 10ms..30ms";
        assert_eq!(error, format!("`{delay}` {expected}"));
    }
}

proptest! {
    #[test]
    fn what_is_displayed_is_parsed_to_the_same(spec in any_spec(MAX_TIME)) {
        prop_assert_eq!(spec.to_string().parse::<Spec>(), Ok(spec.clone()), "{}", spec);
    }

    #[test]
    fn no_text_causes_a_panic(text: String, name in "loss|duplicate|reorder|delay") {
        _ = text.parse::<Spec>();
        _ = format!("{name}={text}").parse::<Spec>();
    }
}
