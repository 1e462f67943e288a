//! `fix-host codegen`: what it writes compiles in a crate of its own and says what the dictionary says.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

const OVERLAY: &str = "<fix>
 <messages>
  <message name='NewOrderSingle' msgtype='D'><field name='Type' required='Y'/></message>
  <message name='Ping' msgtype='U1' msgcat='app'>
   <field name='Text' required='Y'/>
   <group name='NoThings' required='Y'><field name='Thing' required='Y'/><field name='Blob'/></group>
  </message>
 </messages>
 <fields>
  <field number='5001' name='Type' type='CHAR'>
   <value enum='1' description='1st &quot;choice&quot;'/><value enum='\\' description='BACK'/>
   <value enum='&apos;' description='BACK'/>
  </field>
  <field number='5002' name='NoThings' type='NUMINGROUP'/>
  <field number='5003' name='Thing' type='INT'><value enum='-1' description='LESS'/></field>
  <field number='5004' name='BlobLen' type='LENGTH'/><field number='5005' name='Blob' type='DATA'/>
 </fields>
</fix>";

/// Small dictionaries that lack one thing or the other: no import may be left over.
const SMALL: [(&str, &str); 3] = [
    ("bare", "<messages><message name='Own' msgtype='U1'><field name='CheckSum'/></message></messages>"),
    ("silent", "<fields><field number='35' name='MsgType' type='STRING'/></fields>"),
    (
        "odd",
        "<messages><message name='`' msgtype='`'><group name='no`Name&#x202e;'><field name='a b'/></group></message>
         <message name='`' msgtype='&quot;'/></messages><fields><field number='9' name='a b' type='CHAR'>
         <value enum='&#x202e;' description='&#x202e;'/><value enum='1' description='1'/></field>
         <field number='40000' name='no`Name&#x202e;' type='FLOAT'/></fields>",
    ),
];

const MAIN: &str = r#"//! Uses the tables as firmware would.
mod bare;
mod dictionary;
mod odd;
mod silent;

use dictionary::{DICTIONARY, code, group, message, msg_type, tag, typed};
use fix_core::{
    Encode, Message, dict::DataPair, msg::typed::{Entries, Extra}, tag::Tag,
    wire::{frame::{Scan, scan}, writer::MessageWriter},
};

/// A typed message of the dictionary's own, there and back; the data field that FIX 4.4 does not have is in `extra`.
fn round_trip() {
    const PAIRS: &[DataPair] = &[DataPair { length: tag::BLOB_LEN, data: tag::BLOB }];
    let thing = |thing| typed::ThingsEntry { thing, ..typed::ThingsEntry::default() };
    let things = [thing(code::Thing::LESS), thing(code::Thing(7))];
    // Behind the entries: of the last one.
    let extra = Extra::encoded(b"5004=3\x015005=a\x01b\x01").with_data_fields(PAIRS);
    let ping = typed::Ping { text: "hello".into(), things: Entries::of(&things), extra };
    let mut buffer = [0; 256];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", ping.msg_type());
    ping.encode_body(writer.writer());
    let len = writer.finish().unwrap();
    let Scan::Frame(frame, _) = scan(&buffer[..len], 256) else { panic!("no frame") };
    let message = Message::parse_with(frame, PAIRS).unwrap();
    let read = typed::Ping::try_from(&message).unwrap();
    assert_eq!((read.text, read.things.len()), ("hello".into(), 2));
    let read: Vec<_> = read.things.iter().map(Result::unwrap).collect();
    assert_eq!([read[0].thing, read[1].thing], [code::Thing::LESS, code::Thing(7)]);
    assert_eq!(read[1].extra.get(tag::BLOB), Some(&b"a\x01b"[..]));
    let typed_order = typed::NewOrderSingle { side: code::Side::BUY, type_: code::Type::BACK, ..Default::default() };
    assert_eq!(format!("{:?} {:?}", typed_order.side, typed_order.type_), "Side(1=BUY) Type(\\\\=BACK)");
}

fn main() {
    assert_eq!(msg_type::PING.as_bytes(), b"U1");
    assert_eq!(tag::TYPE, Tag(5001));
    assert_eq!((code::Type::N_1ST_CHOICE.0, code::Type::BACK_2.0, code::Thing::LESS.0), (b'1', b'\'', -1));
    assert_eq!(group::THINGS.delimiter, tag::THING);
    assert_eq!(message::PING.body.required, [tag::TEXT, tag::NO_THINGS]);
    assert!(DICTIONARY.message(b"D").is_some_and(|order| order.body.required.contains(&Tag(5001))));
    assert_eq!(DICTIONARY.field_name(tag::TYPE), Some("Type"));
    assert_eq!(DICTIONARY.code_name(tag::TYPE, b"\\"), Some("BACK"));
    assert_eq!(DICTIONARY.data_tag(tag::BLOB_LEN), Some(tag::BLOB));
    for message in DICTIONARY.messages {
        for tag in (0..6000).map(Tag) {
            assert_eq!(message.body.contains(tag), message.body.members.contains(&tag));
        }
    }
    assert_eq!([bare::DICTIONARY.messages.len(), silent::DICTIONARY.messages.len()], [1, 0]);
    assert_eq!(odd::DICTIONARY.field_name(Tag(40000)), Some("no`Name\u{202e}"));
    round_trip();
    println!("as expected");
}
"#;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().into()
}

fn codegen(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fix-host"))
        .arg("codegen")
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn the_written_tables_compile_and_are_right() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("src")).unwrap();
    fs::write(path.join("src/main.rs"), MAIN).unwrap();
    fs::write(path.join("broker.xml"), OVERLAY).unwrap();
    let manifest = format!(
        "[package]\nname = \"firmware\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [dependencies]\nfix-core = {{ path = {:?} }}\n[lints.rust]\nmissing_docs = \"deny\"\nwarnings = \"deny\"\n[workspace]\n",
        workspace().join("fix-core")
    );
    fs::write(path.join("Cargo.toml"), manifest).unwrap();
    // The versions that are tested and, without a network, there.
    fs::copy(workspace().join("Cargo.lock"), path.join("Cargo.lock")).unwrap();

    let xml = workspace().join("config/FIX44.xml");
    let dictionary =
        ["--dictionary", xml.to_str().unwrap(), "--overlay", "broker.xml", "--out", "src/dictionary"];
    let output = codegen(path, &dictionary);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("src/dictionary: 917 fields, 94 messages"), "{shown}");

    for (name, content) in SMALL {
        let file = format!("{name}.xml");
        // What a file lacks is odd, and loaded.
        let fields = "<fields><field number='10' name='CheckSum' type='STRING'/>";
        let content = match content.strip_suffix("</fields>") {
            Some(content) => format!("{content}</fields>").replace("<fields>", fields),
            None => format!("{content}{fields}</fields>"),
        };
        let ends = "<header/><trailer><field name='CheckSum'/></trailer>";
        let text = format!("<fix type='FIXT' major='1' minor='1'>{ends}{content}</fix>");
        fs::write(path.join(&file), text).unwrap();
        let output = codegen(path, &["--dictionary", &file, "--out", &format!("src/{name}")]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    let run = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline"])
        .current_dir(path)
        .env("CARGO_TARGET_DIR", path.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(String::from_utf8_lossy(&run.stdout), "as expected\n");
}

#[test]
fn files_written_by_hand_are_not_replaced() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("group.rs"), "mine").unwrap();
    let xml = workspace().join("config/FIX44.xml");
    let output = codegen(folder.path(), &["--dictionary", xml.to_str().unwrap(), "--out", "."]);
    assert_eq!(output.status.code(), Some(74));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(error, "fix-host: ./group.rs: not written by codegen: move it away or give another --out\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_broken_dictionary_is_one_line_and_exit_code_78() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("d.xml"), "<fix>").unwrap();
    let output = codegen(folder.path(), &["--dictionary", "d.xml"]);
    assert_eq!(output.status.code(), Some(78));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "fix-host: d.xml:1:1: not well-formed XML: the root node was opened but never closed\n"
    );
}

#[test]
fn what_is_odd_is_an_error_if_asked() {
    let folder = TempDir::new().unwrap();
    let text = "<fix type='FIX' major='4' minor='4'><header><field name='MsgType'/></header>
<trailer><field name='MsgType'/></trailer>
<fields><field number='35' name='MsgType' type='TEXT'/></fields></fix>";
    fs::write(folder.path().join("d.xml"), text).unwrap();
    let said = "d.xml:3:9: type=\"TEXT\" is not a field type: taken for STRING\n";
    let output = codegen(folder.path(), &["--dictionary", "d.xml"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), format!("fix-host: warning: {said}"));
    let output = codegen(folder.path(), &["--dictionary", "d.xml", "--strict", "--out", "strict"]);
    assert_eq!(output.status.code(), Some(78));
    assert_eq!(String::from_utf8_lossy(&output.stderr), format!("fix-host: {said}"));
    assert!(!folder.path().join("strict").exists());
}
