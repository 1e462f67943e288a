//! Dictionaries that QuickFIX loads although something is odd: each is loaded, with one warning that says where.

use fix_core::{
    dict::{Dictionary, FieldType},
    tag::{self, Tag},
};
use fix_host::dictionary::Warnings;
use tempfile::TempDir;

use super::NONE;

const BASE: &str = "<fix type='FIX' major='4' minor='4'>
<header><field name='MsgType' required='Y'/></header>
<trailer><field name='CheckSum' required='Y'/></trailer>
<messages><message name='Own' msgtype='U1' msgcat='app'>
<field name='Text' required='Y'/>
<group name='NoLines' required='N'><field name='Line' required='N'/></group>
<component name='C' required='N'/>
</message></messages>
<components><component name='C'><field name='Account' required='N'/></component></components>
<fields><field number='35' name='MsgType' type='STRING'/><field number='10' name='CheckSum' type='STRING'/>
<field number='58' name='Text' type='STRING'/>
<field number='33' name='NoLines' type='NUMINGROUP'/>
<field number='5001' name='Line' type='INT'/>
<field number='1' name='Account' type='STRING'><value enum='A' description='OWN'/></field>
</fields>
</fix>
";

/// What is replaced in the dictionary, by what, and the warning, without the file's name.
const ODDITIES: &[(&str, &str, &str)] = &[
    // Types.
    (
        "name='Line' type='INT'",
        "name='Line' type='QUANTITY'",
        "13:1: type=\"QUANTITY\" is not a field type: taken for STRING",
    ),
    (
        "name='Line' type='INT'",
        "name='Line' type=''",
        "13:1: type=\"\" is not a field type: taken for STRING",
    ),
    (
        "name='Line' type='INT'",
        "name='Line' type='int'",
        "13:1: type=\"int\" is not a field type: taken for STRING; did you mean INT?",
    ),
    // Elements.
    (
        "<component name='C' required='N'/>",
        "<component name='C'/><filed name='Text'/>",
        "7:22: <filed> has no place here: expected field, group or component; it is ignored",
    ),
    (
        "<fields>",
        "<field/><fields>",
        "10:1: <field> has no place here: expected header, trailer, messages, components or fields; it is ignored",
    ),
    (
        "<fields>",
        "<fields><value enum='1'/>",
        "10:9: <value> has no place here: expected field; it is ignored",
    ),
    (
        "<field name='Text' required='Y'/>",
        "<field name='Text' required='Y'><value enum='1'/></field>",
        "5:33: <value> has no place here: a <field> holds nothing here; it is ignored",
    ),
    (
        "</message></messages>",
        "</message><field name='Text'/></messages>",
        "8:11: <field> has no place here: expected message; it is ignored",
    ),
    ("<fields>", "<fields>stray", "10:9: text has no place here: \"stray\" is ignored"),
    ("<fields>", "<fields><![CDATA[stray]]>", "10:9: text has no place here: \"stray\" is ignored"),
    ("<components>", "<components>&amp;", "9:13: text has no place here: \"&amp;\" is ignored"),
    (
        "</fix>",
        "</fix><other/>",
        "16:7: <other> has no place here: only the first <fix> counts; it is ignored",
    ),
    ("</fix>", "</fix>end", "16:7: text has no place here: \"end\" is ignored"),
    (
        "</fields>",
        "</fields><fields><field number='7' name='X'/></fields>",
        "15:10: <fields> has no place here: it is there twice, and the first counts; it is ignored",
    ),
    (
        "<components>",
        "<components><component/>",
        "9:13: <component> has no place here: a component needs a name; it is ignored",
    ),
    (
        "<component name='C' required='N'/>",
        "<component name='C'/><field required='N'/>",
        "7:22: <field> has no place here: it needs a name; it is ignored",
    ),
    // Values of attributes.
    ("msgcat='app'", "msgcat='trade'", "4:11: msgcat=\"trade\" is neither admin nor app: taken for app"),
    (
        "<field name='Text' required='Y'/>",
        "<field name='Text' required='C'/>",
        "5:1: required=\"C\" is neither Y nor N: taken for N",
    ),
    (
        "<field name='Text' required='Y'/>",
        "<field name='Text' required=''/>",
        "5:1: required=\"\" is neither Y nor N: taken for N",
    ),
    (
        "<value enum='A'",
        "<value enum=''",
        "14:48: enum is empty or holds a control character: the value is ignored",
    ),
    ("description='OWN'", "description='a&#1;b'", "14:48: description holds a control character: left out"),
    (
        "description='OWN'",
        "description='S&P'",
        "14:48: description: the & is written &amp; in XML: taken as it is",
    ),
    (
        "description='OWN'",
        "description='&eacute;'",
        "14:48: description: the & is written &amp; in XML: taken as it is",
    ),
    ("number='5001'", "number='5001 '", "13:1: number=\"5001 \" is taken for 5001"),
    (
        "number='5001'",
        "number='5001' number='7'",
        "13:1: the attribute number is there twice: the first counts",
    ),
    ("major='4'", "major='x'", "1:1: major=\"x\" is not a version number: taken for 4"),
    ("<message name='Own'", "<message", "4:11: the message has no name: called U1"),
    // Twice.
    (
        "<field name='Text' required='Y'/>",
        "<field name='Text'/><field name='Text'/>",
        "5:21: field Text is there twice: taken once",
    ),
    (
        "</group>",
        "</group><group name='NoLines' required='N'><field name='Line'/></group>",
        "6:77: group NoLines is there twice: the last counts",
    ),
    (
        "<component name='C' required='N'/>",
        "<component name='C'/><component name='C'/>",
        "7:22: component C is there twice: taken once",
    ),
    (
        "</components>",
        "<component name='C'><field name='Undefined'/></component></components>",
        "9:81: component C is there twice: the first counts, at d.xml:9:13",
    ),
    (
        "</message></messages>",
        "</message><message name='Own' msgtype='U1'/></messages>",
        "8:11: msgtype \"U1\" is there twice: put together with d.xml:4:11",
    ),
    (
        "</fields>",
        "<field number='58' name='Text' type='STRING'/></fields>",
        "15:1: Text(58) is there twice: put together with d.xml:11:1",
    ),
    (
        "</fields>",
        "<field number='58' name='Note' type='STRING'/></fields>",
        "15:1: 58 is Note here and Text at d.xml:11:1: called Note",
    ),
    // Nothing where something should be.
    ("<field name='Line' required='N'/>", "", "6:1: group NoLines has no members: taken for a field"),
    (
        "<field name='MsgType' required='Y'/>",
        "",
        "1:1: <header> is missing or empty: that of FIX 4.4 is used. A file of a counterparty's fields alone is an overlay",
    ),
    (
        "<trailer><field name='CheckSum' required='Y'/></trailer>\n",
        "",
        "1:1: <trailer> is missing or empty: that of FIX 4.4 is used. A file of a counterparty's fields alone is an overlay",
    ),
    ("</header>", "<component name='Hops'/></header>", "2:45: component Hops is not defined: passed over"),
    // Before the declaration.
    (
        "<fix type",
        "<!-- own -->\n<?xml version='1.0'?>\n<fix type",
        "2:1: the XML declaration is not the first in the file: read as if it were",
    ),
    (
        "<fix type",
        "\n<?xml version='1.0'?>\n<fix type",
        "2:1: the XML declaration is not the first in the file: read as if it were",
    ),
    (
        "<fix type",
        "<?xml version='1.0' encoding='klingon'?>\n<fix type",
        "1:1: encoding=\"klingon\" is not known: read as UTF-8",
    ),
    (
        "<fix type",
        "<?xml version='1.0' encoding='UTF-16'?>\n<fix type",
        "1:1: encoding=\"UTF-16\", but its bytes are not: read as UTF-8",
    ),
];

/// Loads a file called `d.xml`; the warnings are without its name.
fn load(bytes: &[u8]) -> (&'static Dictionary, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("d.xml");
    std::fs::write(&path, bytes).unwrap();
    let mut warnings = Warnings::default();
    let dictionary = fix_host::dictionary::load(Some(&path), &NONE, &mut warnings);
    let prefix = format!("{}/", folder.path().display());
    let warnings: Vec<_> = warnings.lines().map(|line| line.replace(&prefix, "")).collect();
    (dictionary.unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(bytes))), warnings)
}

fn odd(from: &str, to: &str) -> (&'static Dictionary, Vec<String>) {
    assert_eq!(BASE.matches(from).count(), 1, "{from}");
    load(BASE.replace(from, to).as_bytes())
}

#[test]
fn each_oddity_is_one_warning() {
    assert_eq!(load(BASE.as_bytes()).1, [""; 0]);
    for (from, to, warning) in ODDITIES {
        let (dictionary, warnings) = odd(from, to);
        assert_eq!(warnings, [format!("d.xml:{warning}")], "{to}");
        let own = dictionary.message(b"U1").unwrap();
        assert!(own.body.contains(tag::TEXT) && own.body.contains(tag::ACCOUNT), "{to}");
        assert_eq!(dictionary.field(Tag(33)).map(|field| field.kind), Some(FieldType::NumInGroup), "{to}");
    }
}

#[test]
fn what_cannot_be_used_is_left_out_with_what_names_it() {
    let (dictionary, warnings) = odd("number='5001'", "number='none'");
    let expected = [
        "d.xml:13:1: number=\"none\" is not a tag number, 1 to 2147483647: Line is ignored",
        "d.xml:6:1: group NoLines has no members: taken for a field",
    ];
    assert_eq!(warnings, expected);
    let own = &dictionary.message(b"U1").unwrap().body;
    assert!(own.contains(Tag(33)) && own.group(Tag(33)).is_none());

    for msg_type in ["", "ABCDEFGHI", "U 1"] {
        let (dictionary, warnings) = odd("msgtype='U1'", &format!("msgtype='{msg_type}'"));
        let expected = "is not 1 to 8 printable ASCII characters: the message is ignored";
        assert_eq!(warnings, [format!("d.xml:4:11: msgtype=\"{msg_type}\" {expected}")]);
        assert_eq!(dictionary.messages.len(), 0);
    }
}

#[test]
fn names_may_be_any_text() {
    let text = BASE.replace("name='Line'", "name='Größe &#27;[2J'");
    let (dictionary, warnings) = load(text.as_bytes());
    assert_eq!(warnings.len(), 2);
    assert!(
        warnings[0].starts_with("d.xml:6:36: name=\"Größe \\u{1b}[2J\" is not of printable ASCII"),
        "{warnings:?}"
    );
    assert_eq!(dictionary.field_name(Tag(5001)), Some("Größe [2J"));
}

#[test]
fn what_is_said_twice_means_what_it_means_to_quickfix() {
    let both = "<field name='Text' required='N'/><field name='Text' required='Y'/>";
    let own = |dictionary: &'static Dictionary| &dictionary.message(b"U1").unwrap().body;
    assert!(own(odd("<field name='Text' required='Y'/>", both).0).required.contains(&tag::TEXT));

    let (dictionary, warnings) =
        odd("</group>", "</group><group name='NoLines'><field name='Text'/></group>");
    assert_eq!(own(dictionary).group(Tag(33)).unwrap().entry.members, [tag::TEXT]);
    assert_eq!(warnings[1], "d.xml:6:77: group NoLines is there twice, and differs: not as at d.xml:6:1");

    let message =
        "</message><message name='Other' msgtype='U1'><field name='Line' required='Y'/></message></messages>";
    let (dictionary, _) = odd("</message></messages>", message);
    assert_eq!(own(dictionary).required, [tag::TEXT, Tag(5001)]);

    let field = "<field number='1' name='Account' type='CHAR'><value enum='B' description='CLIENT'/></field></fields>";
    let (dictionary, _) = odd("</fields>", field);
    assert_eq!(dictionary.field(tag::ACCOUNT).unwrap().kind, FieldType::Char);
    assert_eq!(dictionary.code_name(tag::ACCOUNT, b"A"), Some("OWN"));
    assert_eq!(dictionary.code_name(tag::ACCOUNT, b"B"), Some("CLIENT"));
}

#[test]
fn a_session_message_is_one_whatever_its_category() {
    for (category, is_odd) in [("msgcat='session'", true), ("", false)] {
        let (dictionary, warnings) = odd("msgtype='U1' msgcat='app'", &format!("msgtype='A' {category}"));
        assert!(dictionary.message(b"A").unwrap().admin);
        assert_eq!(!warnings.is_empty(), is_odd, "{warnings:?}");
    }
}

#[test]
fn an_empty_header_is_that_of_fix_4_4() {
    let (dictionary, _) = odd("<field name='MsgType' required='Y'/>", "");
    let required: Vec<i32> = dictionary.header.required.iter().map(|tag| tag.0).collect();
    assert_eq!(required, [8, 9, 35, 49, 56, 34, 52]);
    assert_eq!(dictionary.field(tag::MSG_SEQ_NUM).map(|field| field.kind), Some(FieldType::SeqNum));
}

/// The dictionary with a value called `Müller`, in an encoding.
fn encoded(label: &str, encode: impl Fn(char) -> Vec<u8>) -> Vec<u8> {
    let text = BASE.replace("OWN", "Müller");
    format!("<?xml version=\"1.0\" encoding=\"{label}\"?>\n{text}").chars().flat_map(encode).collect()
}

#[test]
fn files_are_read_in_the_encoding_that_they_declare() {
    let latin = |c: char| vec![u8::try_from(u32::from(c)).unwrap()];
    let utf_8 = |c: char| c.to_string().into_bytes();
    let little = |c: char| c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big = |c: char| c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let with_mark = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    let as_such =
        |label: &str| vec![format!("d.xml:1:1: encoding=\"{label}\": read as such, UTF-8 is usual")];
    let utf_16 = |name: &str| vec![format!("d.xml:1:1: is in {name}: read as such, UTF-8 is usual")];
    let cases: Vec<(Vec<u8>, Vec<String>)> = vec![
        (encoded("UTF-8", utf_8), vec![]),
        (with_mark(b"\xef\xbb\xbf", encoded("utf-8", utf_8)), vec![]),
        (encoded("ISO-8859-1", latin), as_such("ISO-8859-1")),
        (encoded("iso-8859-15", latin), as_such("iso-8859-15")),
        (encoded("windows-1252", latin), as_such("windows-1252")),
        (with_mark(&[0xff, 0xfe], encoded("UTF-16", little)), utf_16("UTF-16LE")),
        (with_mark(&[0xfe, 0xff], encoded("UTF-16", big)), utf_16("UTF-16BE")),
        (encoded("UTF-16", little), utf_16("UTF-16LE")),
        (encoded("UTF-16", big), utf_16("UTF-16BE")),
        (
            encoded("UTF-8", latin),
            vec![
                "d.xml:15:78: a byte that is no UTF-8: the file is read as windows-1252; say its encoding in the \
                 XML declaration"
                    .to_owned(),
            ],
        ),
    ];
    for (bytes, expected) in cases {
        let (dictionary, warnings) = load(&bytes);
        assert_eq!(dictionary.code_name(tag::ACCOUNT, b"A"), Some("Müller"), "{expected:?}");
        assert_eq!(warnings, expected);
    }
}

#[test]
fn a_file_of_custom_fields_alone_is_an_overlay() {
    let folder = TempDir::new().unwrap();
    for content in [
        "<fields><field number='9882' name='LiquidityFlag' type='CHAR'><value enum='A' description='ADDED'/></field></fields>",
        "<header>\n</header><messages><message name='Custom' msgtype='0' msgcat='admin'>\n</message></messages><trailer/>\
         <components/><fields><field number='9882' name='LiquidityFlag' type='CHAR'>\
         <value enum='A' description='ADDED'/></field></fields>",
    ] {
        let path = super::file(
            &folder,
            "own.xml",
            &format!("<fix type='FIX' major='4' minor='4' servicepack='0'>{content}</fix>"),
        );
        let mut warnings = Warnings::default();
        let dictionary = fix_host::dictionary::load(None, &[path], &mut warnings).unwrap();
        assert_eq!(dictionary.field_name(Tag(9882)), Some("LiquidityFlag"));
        assert_eq!(dictionary.code_name(Tag(9882), b"A"), Some("ADDED"));
        assert_eq!(dictionary.message(b"0").unwrap().name, "Heartbeat");
        let warnings: Vec<_> = warnings.lines().collect();
        assert_eq!(warnings.len(), usize::from(content.contains("Custom")), "{warnings:?}");
        assert!(warnings.iter().all(|line| line.contains("not Custom: it keeps that name")), "{warnings:?}");
    }
}

#[test]
fn warnings_are_counted_when_they_are_many() {
    let strays = "<stray/>".repeat(250);
    let (_, warnings) = odd("<components>", &format!("<components>{strays}"));
    assert_eq!(warnings.len(), 101);
    assert_eq!(warnings[100], "d.xml: 150 more warnings are left out");
}
