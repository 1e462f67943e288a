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

const MAIN: &str = r#"//! Uses the tables as firmware would.
mod dictionary;

use dictionary::{DICTIONARY, code, group, message, msg_type, tag};
use fix_core::tag::Tag;

fn main() {
    assert_eq!(msg_type::PING.as_bytes(), b"U1");
    assert_eq!(tag::TYPE, Tag(5001));
    assert_eq!((code::type_::N_1ST_CHOICE, code::type_::BACK_2, code::thing::LESS), (b'1', b'\'', -1));
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
