//! Files with sessions of several versions of FIX.

use crate::{INITIATOR, errors, settings, warnings};

fn of(version: &str, target: &str) -> String {
    INITIATOR.replace("FIX.4.4", version).replace("=B", &format!("={target}"))
}

#[test]
fn the_others_are_left_out_with_one_line_each() {
    let text = format!(
        "{}DataDictionary=missing/FIX42.xml\nColour=teal\nHeartBtInt=x\n{INITIATOR}{}DefaultApplVerID=9\n",
        of("FIX.4.2", "OLD"),
        of("FIXT.1.1", "NEW")
    );
    let settings = settings(&text);
    assert_eq!(settings.sessions.len(), 1);
    assert_eq!(settings.sessions[0].identity.to_string(), "FIX.4.4:A->B");
    let want = "t.cfg:3: BeginString: is not FIX.4.4, the only version this engine speaks: session FIX.4.2:A->OLD is \
        left out\n\
        t.cfg:24: BeginString: is not FIX.4.4, the only version this engine speaks: session FIXT.1.1:A->NEW is left \
        out\n";
    assert_eq!(warnings(&text), want);
}

#[test]
fn a_version_of_default_is_said_for_each_session_that_inherits_it() {
    let inherits = |target: &str| of("", target).replace("BeginString=\n", "");
    let text = format!("[DEFAULT]\nBeginString=FIX.4.2\n{}{}{INITIATOR}", inherits("C"), inherits("D"));
    let warnings = warnings(&text);
    assert_eq!(warnings.lines().count(), 2, "{warnings}");
    assert!(warnings.starts_with("t.cfg:3: BeginString: is not FIX.4.4"), "{warnings}");
}

#[test]
fn a_file_without_any_session_of_ours_is_refused() {
    let text = format!("{}{}", of("FIX.4.2", "C"), of("FIX.4.0", "D"));
    let errors = errors(&text);
    assert_eq!(errors.lines().count(), 2, "{errors}");
    assert!(errors.contains("t.cfg:12: BeginString: is not FIX.4.4, the only version"), "{errors}");
}

#[test]
fn a_file_that_wants_all_or_nothing_gets_nothing() {
    let rest = format!("{}{INITIATOR}", of("FIX.4.2", "C"));
    let refused = format!("[DEFAULT]\nContinueInitializationOnError=N\n{rest}");
    assert!(errors(&refused).starts_with("t.cfg:5: BeginString: is not FIX.4.4"), "{}", errors(&refused));
    assert_eq!(errors(&refused).lines().count(), 1);
    let wanted = format!("[DEFAULT]\nContinueInitializationOnError=Y\n{rest}");
    assert_eq!(settings(&wanted).sessions.len(), 1);
    assert_eq!(warnings(&wanted).lines().count(), 1, "{}", warnings(&wanted));
}
