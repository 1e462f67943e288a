use super::*;

/// A dictionary of `config/versions`.
fn xml(file: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../../config/versions/{file}.xml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn load(inspector: &Inspector, Needs(version): Needs) {
    let own = xml(&version.name().replace('.', ""));
    inspector.load(version, &own, &xml("FIXT11")).unwrap();
}

/// The places of all messages of a text that is given in pieces.
fn places(inspector: &mut Inspector, text: &[u8], size: usize) -> Vec<Place> {
    let mut places = Vec::new();
    inspector.begin();
    for piece in text.chunks(size).map(|piece| (piece, false)).chain([(&[][..], true)]) {
        let mut outcome = inspector.read(piece.0, piece.1, &mut places);
        while let Err(needs) = outcome {
            load(inspector, needs);
            outcome = inspector.read(&[], piece.1, &mut places);
        }
    }
    places
}

fn decoded(inspector: &Inspector, text: &[u8], version: Option<Version>, line: u64) -> serde_json::Value {
    let mut out = Vec::new();
    while let Err(needs) = inspector.decode(text, version, line, &mut out) {
        load(inspector, needs);
    }
    serde_json::from_slice(&out).unwrap()
}

/// `body` with `|` for SOH, in a message of the right length and check sum.
fn message(version: &str, body: &str) -> String {
    let body = body.replace('|', "\u{1}");
    let begin = format!("8={version}\u{1}9={}\u{1}{body}", body.len());
    format!("{begin}10={:03}\u{1}", begin.bytes().map(u32::from).sum::<u32>() % 256)
}

/// The corpus of the fuzz target `log`, whose first byte is no part of the text, and a message of each version.
fn texts() -> Vec<Vec<u8>> {
    let folder = format!("{}/../../../fuzz/corpus/log", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let of_all = Version::ALL.map(|version| {
        let body = "35=D|49=A|56=B|34=2|52=20260114-12:00:01|11=X|21=1|55=IBM|54=1|38=5|40=1|";
        format!("x\n{}\n", message(version.name(), body)).into_bytes()
    });
    files.filter(|file| !file.is_empty()).map(|file| file[1..].to_vec()).chain(of_all).collect()
}

#[test]
fn a_message_from_its_place_says_what_it_says_in_the_whole_text() {
    let mut inspector = Inspector::default();
    load(&inspector, Needs(Version::Fix50Sp2));
    let mut count = 0;
    for text in texts() {
        let of_places = places(&mut inspector, &text, text.len());
        let loaded = inspector.loaded.clone();
        let mut messages = Vec::new();
        Reader::new(move |version| loaded.data_fields(version)).read(&text, true, &mut messages);
        assert_eq!(of_places.len(), messages.len());
        for (place, message) in of_places.iter().zip(&messages) {
            let own = &text[message.start..message.end];
            assert_eq!(
                (place.offset, place.len as usize, place.version),
                (message.start as u64, own.len(), message.version)
            );
            let said = decoded(&inspector, own, Some(place.version), u64::from(place.line));
            // As `fix-host decode` does it.
            let dictionary = inspector.loaded.get(message.version).unwrap();
            let bytes = message.bytes(&text);
            let of_fields = message.found.is_none();
            let of_fields =
                of_fields.then(|| problem_of_fields(bytes, dictionary.extra_data_pairs)).flatten();
            let problem = message.problem().or(of_fields.as_deref());
            let line = u64::from(place.line);
            let msg_type = msg_type(bytes, dictionary);
            let mut out = Vec::new();
            json::message(
                &mut out,
                dictionary,
                &json::Shown { bytes, msg_type, problem, line, logged_at: None },
            );
            out.push(b'}');
            let whole: serde_json::Value = serde_json::from_slice(&out).unwrap();
            for (name, value) in whole.as_object().unwrap() {
                assert_eq!(&said[name], value, "{name} of {}", own.escape_ascii());
            }
            count += 1;
        }
    }
    assert!(count > 15, "{count}");
}

#[test]
fn however_a_text_is_cut_the_places_are_the_same() {
    let mut inspector = Inspector::default();
    for text in texts() {
        let whole = places(&mut inspector, &text, text.len());
        for size in [1, 7, 64] {
            assert_eq!(places(&mut inspector, &text, size), whole);
        }
    }
}

#[test]
fn findings_stand_at_their_tags_in_each_version() {
    let inspector = Inspector::default();
    let body = "35=D|49=A|56=B|34=2|52=20260114-12:00:01|11=X|21=1|55=IBM|54=Z|38=5|40=1|";
    let said = decoded(&inspector, message("FIX.4.2", body).as_bytes(), None, 1);
    let findings: Vec<_> =
        said["findings"].as_array().unwrap().iter().map(|one| (&one["tag"], &one["rule"])).collect();
    // TransactTime(60) is required, Z is no side.
    assert_eq!(findings.len(), 2);
    assert!(findings.iter().any(|(tag, rule)| **tag == 60 && **rule == 1));
    assert!(findings.iter().any(|(tag, rule)| **tag == 54 && **rule == 5));
}

#[test]
fn a_group_whose_count_is_an_int_in_the_dictionary_is_one() {
    let inspector = Inspector::default();
    let body = "35=E|49=A|56=B|34=2|52=20260114-12:00:01|66=L|394=1|68=2|73=2|11=X|67=1|78=1|79=ACC|80=5|55=IBM|54=1|\
                38=5|11=Y|67=2|55=IBM|54=2|38=7|";
    let said = decoded(&inspector, message("FIX.4.2", body).as_bytes(), None, 1);
    assert_eq!(said["findings"], serde_json::json!([]));
    assert!(said["fields"].to_string().contains("\"entries\":[[{\"tag\":11,"));
}

#[test]
fn a_password_is_nowhere_in_what_is_said() {
    let inspector = Inspector::default();
    let logon = message("FIX.4.4", "35=A|49=A|56=B|34=1|52=20260114-12:00:01|98=0|108=30|554=secret|");
    let said = decoded(&inspector, logon.as_bytes(), None, 1);
    assert!(!said.to_string().contains("secret") && said["raw"].as_str().unwrap().contains("554=***"));
}
