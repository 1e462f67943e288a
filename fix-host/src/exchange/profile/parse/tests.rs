use super::*;

fn wrong(text: &str) -> String {
    parse("x", "x.toml", text).unwrap_err().to_string()
}

#[test]
fn the_shipped_profiles_can_be_read_and_say_what_they_are_for() {
    for (name, _) in SHIPPED {
        let profile = load(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(profile.name, name);
        assert!(!profile.description.is_empty(), "{name}");
    }
}

#[test]
fn a_name_that_is_none_is_refused_with_those_there_are() {
    let said = load("nasti").unwrap_err().to_string();
    assert!(
        said.contains("there are plain, quickfix-executor,") && said.ends_with("did you mean nasty?"),
        "{said}"
    );
    let said = load("./nowhere.toml").unwrap_err().to_string();
    assert!(said.starts_with("./nowhere.toml: ") && said.contains("No such file"), "{said}");
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_key_that_was_meant() {
    let said = wrong("description = \"x\"\n\n[latency]\nnew = { at-leest = \"1ms\" }\n");
    assert!(said.starts_with("x.toml:4: unknown field `at-leest`"), "{said}");
    assert!(said.ends_with("did you mean `at-least`?"), "{said}");
    let said = wrong("\n[throtle]\nmessages = 1\n");
    assert!(said.starts_with("x.toml:2: ") && said.ends_with("did you mean `throttle`?"), "{said}");
    let said = wrong("[throttle]\nmessages = 1\nthen = \"logut\"\n");
    assert!(
        said.starts_with("x.toml:3: unknown variant `logut`") && said.contains("did you mean `logout`"),
        "{said}"
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_line() {
    assert!(wrong("[latency]\n\nall = { at-least = \"soon\" }").starts_with("x.toml:3: must be a time"));
    assert!(wrong("[[reject]]\nevery = 0").starts_with("x.toml:2: must be a whole number from 1"));
    assert!(wrong("[[reject]]\nquantity-above = -1").starts_with("x.toml:2: must be a number"));
    assert!(wrong("[[reject]").starts_with("x.toml:1: "));
    assert!(wrong("[throttle]\nmessages = 3").contains("missing field `then`"));
    assert!(wrong("[[silence]]\nfrom = \"1s\"").contains("needs either `every`, or `from` and `for`"));
    assert!(wrong("[[silence]]\nevery = 2\nfrom = \"1s\"\nfor = \"1s\"").contains("needs either"));
    assert!(
        wrong("[[silence]]\nfrom = \"1s\"\nfor = \"2s\"\nagain = \"2s\"")
            .contains("must be longer than `for`")
    );
}

#[test]
fn fields_times_and_events_that_cannot_be_are_refused_with_what_would_be_right() {
    let said = wrong("[[reject]]\nwhen = { OrdTipe = \"1\" }\n");
    assert!(said.starts_with("x.toml:2: ") && said.ends_with("did you mean `OrdType`?"), "{said}");
    assert!(wrong("[[reject]]\nwhen = { OrdType = [] }\n").contains("names no value"));
    assert!(wrong("[day]\nopen = \"9\"\nclose = \"10:00\"\n").starts_with("x.toml:2: must be a time of day"));
    assert!(wrong("[day]\nopen = \"11:00\"\nclose = \"10:00\"\n").contains("must follow each other"));
    assert!(wrong("[day]\nopen = \"11:00\"\n").contains("missing field `close`"));
    let said = wrong("[day]\nzone = \"Europe/Berln\"\nopen = \"9:00\"\nclose = \"10:00\"\n");
    assert!(said.starts_with("x.toml:2: ") && said.contains("did you mean Europe/Berlin?"), "{said}");
    assert!(
        wrong("[day]\ndays = [\"Mo\"]\nopen = \"9:00\"\nclose = \"10:00\"\n").contains("must be one of mon")
    );
    for (event, why) in [
        ("do = \"halt\"\nfor = \"1s\"", "needs `after` or `every`"),
        ("do = \"halt\"\nafter = \"1s\"", "needs `for`"),
        ("do = \"gap\"\nafter = \"1s\"", "needs `ticks`"),
        ("do = \"gap\"\nafter = \"1s\"\nticks = 0", "not 0"),
        ("do = \"lock\"\nafter = \"1s\"\nfor = \"1s\"\nticks = 1", "needs `ticks` if it does `gap`"),
        ("do = \"burst\"\nafter = \"1s\"\nquotes = 5", "in which time"),
        ("do = \"halt\"\nevery = \"5s\"\njitter = \"4s\"\nfor = \"1s\"", "must be longer than"),
        ("do = \"halt\"\nafter = \"1s\"\nfor = \"1s\"\nall = true\nsymbols = [\"2Y\"]", "not both"),
    ] {
        let said =
            wrong(&format!("[[event]]\nevery = \"1h\"\nfor = \"1s\"\ndo = \"halt\"\n[[event]]\n{event}\n"));
        assert!(said.starts_with("x.toml: [[event]] number 2 ") && said.contains(why), "{said}");
    }
    let said = wrong("[[event]]\ndo = \"hault\"\nafter = \"1s\"\n");
    assert!(said.starts_with("x.toml:2: ") && said.ends_with("did you mean `halt`?"), "{said}");
}

#[test]
fn a_text_that_cannot_be_sent_is_refused() {
    let throttle = "[throttle]\nmessages = 1\nthen = \"reject\"\ntext = ";
    for text in ["\"\"".to_owned(), "\"a\\u0001b\"".to_owned(), format!("\"{}\"", "x".repeat(1_001))] {
        let said = wrong(&format!("[[reject]]\ntext = \"fine\"\n[[reject]]\ntext = {text}\n"));
        assert!(said.starts_with("x.toml: [[reject]] number 2: `text` must have"), "{said}");
        let said = wrong(&format!("{throttle}{text}\n"));
        assert!(said.starts_with("x.toml: [throttle]: `text` must have"), "{said}");
    }
    assert!(parse("x", "x.toml", &format!("{throttle}\"zu viele\"\n")).is_ok());
}
