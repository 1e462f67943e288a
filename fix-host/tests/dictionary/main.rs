//! Dictionaries loaded at run time: the same as the built-in one, changed by overlays, loaded though odd, refused when
//! broken.

mod oddities;
mod refused;
mod size;

use std::path::{Path, PathBuf};

use fix_core::{
    dict::{Block, DataPair, Dictionary, FieldType, fix44},
    tag::{self, Tag},
};
use fix_host::dictionary::{SpecError, Warnings};
use tempfile::TempDir;

fn fix44_xml() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/FIX44.xml")
}

const NONE: [&str; 0] = [];

/// Loads what nobody should find odd.
fn load(file: Option<&Path>, overlays: &[impl AsRef<Path>]) -> Result<&'static Dictionary, SpecError> {
    let mut warnings = Warnings::default();
    let dictionary = fix_host::dictionary::load(file, overlays, &mut warnings);
    assert_eq!(warnings.lines().collect::<Vec<_>>(), [""; 0]);
    dictionary
}

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// FIX 4.4 with an overlay.
fn overlaid(overlay: &str) -> Result<&'static Dictionary, String> {
    let folder = TempDir::new().unwrap();
    load(Some(&fix44_xml()), &[file(&folder, "broker.xml", overlay)]).map_err(|error| {
        let text = error.to_string();
        text.replace(&format!("{}/", folder.path().display()), "")
    })
}

fn assert_same_block(a: &Block, b: &Block, path: &str) {
    assert_eq!((a.members, a.required), (b.members, b.required), "{path}");
    for number in -5..6000 {
        assert_eq!(a.contains(Tag(number)), b.contains(Tag(number)), "{path} {number}");
    }
    assert_eq!(a.groups.len(), b.groups.len(), "{path}");
    for (a, b) in a.groups.iter().zip(b.groups) {
        assert_eq!((a.name, a.count, a.delimiter), (b.name, b.count, b.delimiter), "{path}");
        assert_same_block(&a.entry, &b.entry, &format!("{path} > {}", a.name));
    }
}

#[test]
fn the_file_loads_to_what_is_built_in() {
    let (loaded, built_in) = (load(Some(&fix44_xml()), &NONE).unwrap(), &fix44::DICTIONARY);
    assert_eq!(loaded.begin_string, built_in.begin_string);
    for number in -5..6000 {
        let tag = Tag(number);
        assert_eq!(loaded.field_name(tag), built_in.field_name(tag));
        let (a, b) = (loaded.field(tag), built_in.field(tag));
        assert_eq!(a.map(|field| (field.kind, field.open)), b.map(|field| (field.kind, field.open)), "{tag}");
        let codes = |field: Option<&'static fix_core::dict::FieldDef>| field?.codes.map(|set| set.codes());
        assert_eq!(codes(a), codes(b), "{tag}");
    }
    assert_eq!(loaded.messages.len(), built_in.messages.len());
    for (a, b) in loaded.messages.iter().zip(built_in.messages) {
        assert_eq!((a.msg_type, a.name, a.admin), (b.msg_type, b.name, b.admin));
        assert_same_block(&a.body, &b.body, a.name);
    }
    assert_same_block(loaded.header, built_in.header, "header");
    assert_same_block(loaded.trailer, built_in.trailer, "trailer");
    assert_eq!(loaded.data_pairs, built_in.data_pairs);
}

#[test]
fn an_overlay_adds_and_changes() {
    let dictionary = overlaid(
        "<fix>
          <messages>
           <message name='NewOrderSingle' msgtype='D'>
            <field name='Symbol' required='Y'/><field name='TransactTime' required='N'/>
            <field name='TraderDesk' required='Y'/><component name='BrokerBlob'/>
            <group name='NoPartyIDs'><field name='TraderDesk'/></group>
           </message>
           <message name='Ping' msgtype='U1' msgcat='app'><field name='Text' required='Y'/></message>
          </messages>
          <components>
           <component name='BrokerBlob'><field name='BlobLength'/><field name='Blob'/></component>
           <component name='OrderQtyData'><field name='OrderQty' required='Y'/></component>
          </components>
          <fields>
           <field number='5001' name='TraderDesk' type='INT'/>
           <field number='9000' name='BlobLength' type='LENGTH'/><field number='9001' name='Blob' type='DATA'/>
           <field number='54' name='Side'><value enum='x' description='EXOTIC'/></field>
           <field number='40' name='OrdType' allowOtherValues='Y'/>
          </fields>
         </fix>",
    )
    .unwrap();
    let order = &dictionary.message(b"D").unwrap().body;
    let required: std::collections::BTreeSet<_> = order.required.iter().map(|tag| tag.0).collect();
    assert_eq!(required, [11, 54, 40, 55, 38, 5001].into_iter().collect());
    assert!(order.contains(Tag(9000)) && order.contains(Tag(9001)) && !order.contains(Tag(5002)));
    assert_eq!(dictionary.data_pairs.last(), Some(&DataPair { length: Tag(9000), data: Tag(9001) }));
    assert_eq!(dictionary.data_tag(Tag(9000)), Some(Tag(9001)));
    assert_eq!(dictionary.field(Tag(5001)).unwrap().kind, FieldType::Int);
    assert_eq!(dictionary.field_name(Tag(5001)), Some("TraderDesk"));
    assert_eq!(dictionary.tag("TraderDesk"), Some(Tag(5001)));
    assert_eq!(dictionary.code_name(tag::SIDE, b"x"), Some("EXOTIC"));
    assert_eq!(dictionary.code_name(tag::SIDE, b"1"), Some("BUY"));
    assert!(dictionary.field(tag::ORD_TYPE).unwrap().open);
    assert_eq!(dictionary.message(b"U1").unwrap().body.required, [tag::TEXT]);
    assert_eq!(dictionary.code_name(tag::MSG_TYPE, b"U1"), Some("Ping"), "declared once is enough");

    // What an overlay adds to a group in one message is not in that group of other messages.
    let parties = order.group(tag::NO_PARTY_IDS).unwrap();
    assert!(parties.entry.contains(Tag(5001)) && parties.entry.contains(tag::PARTY_ROLE));
    let others = dictionary.message(b"F").unwrap().body.group(tag::NO_PARTY_IDS).unwrap();
    assert!(!others.entry.contains(Tag(5001)));
    // And the dictionary built in is not touched.
    assert!(fix44::DICTIONARY.field(Tag(5001)).is_none());
}

#[test]
fn an_overlay_that_contradicts_the_dictionary_is_refused() {
    for (overlay, expected) in [
        (
            "<fix>\n <fields><field number='11' name='OrderRef' type='STRING'/></fields></fix>",
            "broker.xml:2:10: OrderRef(11) contradicts ClOrdID(11) of ",
        ),
        (
            "<fix type='FIX' major='4' minor='2'/>",
            "broker.xml:1:1: is for FIX.4.2, but the dictionary below it",
        ),
        (
            "<fix><fields><field number='5001' name='X'/></fields></fix>",
            "broker.xml:1:14: X(5001) needs a type",
        ),
    ] {
        let error = overlaid(overlay).err().unwrap();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn the_halves_of_fix_50_make_one_dictionary() {
    let folder = TempDir::new().unwrap();
    let transport = file(
        &folder,
        "FIXT11.xml",
        "<fix type='FIXT' major='1' minor='1'><header><field name='MsgType' required='Y'/></header>
         <trailer><field name='CheckSum' required='Y'/></trailer>
         <messages><message name='Heartbeat' msgtype='0' msgcat='admin'/></messages><components/>
         <fields><field number='35' name='MsgType' type='STRING'/>
         <field number='10' name='CheckSum' type='STRING'/></fields></fix>",
    );
    let application = file(
        &folder,
        "FIX50.xml",
        "<fix type='FIX' major='5' minor='0'><header/><trailer/>
         <messages><message name='News' msgtype='B' msgcat='app'><field name='Text' required='Y'/></message></messages>
         <fields><field number='58' name='Text' type='STRING'/></fields></fix>",
    );
    let dictionary = load(Some(&transport), &[&application]).unwrap();
    assert_eq!(dictionary.begin_string, "FIXT.1.1");
    assert!(dictionary.message(b"0").is_some() && dictionary.message(b"B").is_some());
    assert!(dictionary.header.contains(tag::MSG_TYPE));
    assert_eq!(load(Some(&application), &[&transport]).unwrap().begin_string, "FIXT.1.1");
    assert_eq!(load(Some(&application), &NONE).unwrap().messages.len(), 1);
}
