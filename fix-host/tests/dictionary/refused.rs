//! What QuickFIX does not load either, or what could harm: one line with the place and the remedy.

use std::path::Path;

use fix_host::dictionary::Warnings;
use tempfile::TempDir;

use super::{NONE, file};

/// What a small dictionary with this content is refused for.
pub(super) fn refused(sections: &str) -> String {
    let folder = TempDir::new().unwrap();
    let text = format!(
        "<fix type='FIX' major='4' minor='4'>\n<header><field name='MsgType' required='Y'/></header>\n\
         <trailer><field name='CheckSum' required='Y'/></trailer>\n{sections}</fix>"
    );
    error(&file(&folder, "d.xml", &text)).replace(&format!("{}/", folder.path().display()), "")
}

pub(super) fn error(file: &Path) -> String {
    match fix_host::dictionary::load(Some(file), &NONE, &mut Warnings::default()) {
        Ok(_) => panic!("{} was accepted", file.display()),
        Err(error) => error.to_string(),
    }
}

pub(super) const FIELDS: &str = "<fields><field number='35' name='MsgType' type='STRING'/>\
     <field number='10' name='CheckSum' type='STRING'/><field number='58' name='Text' type='STRING'/>\
     <field number='33' name='NoLines' type='NUMINGROUP'/></fields>";

#[test]
fn broken_dictionaries_are_refused_with_the_place_and_the_remedy() {
    let cases: &[(&str, &str)] = &[
        (
            "<messages><message name='X' msgtype='X'><field name='Txt'/></message></messages>",
            "d.xml:4:41: field Txt is not defined: add it to <fields> or correct the name",
        ),
        (
            "<messages><message name='X' msgtype='X'><component name='C'/></message></messages>",
            "d.xml:4:41: component C is not defined: add it to <components> or correct the name",
        ),
        ("<messages><message name='X'/></messages>", "d.xml:4:11: <message> needs the attribute msgtype"),
        (
            "<fields><field number='9' name='A' type='INT'/><field number='8' name='A' type='INT'/></fields>",
            "d.xml:4:48: A(8) is there twice: also with the number 9 at d.xml:4:9",
        ),
        ("<fields><field number='9' name='A'/></fields>", "d.xml:4:9: A(9) needs a type"),
        ("<fields><field name='A' type='INT'/></fields>", "d.xml:4:9: <field> needs the attribute number"),
        (
            "<fields><field number='9' name='A' type='INT'><value/></field></fields>",
            "d.xml:4:47: <value> needs the attribute enum",
        ),
    ];
    for (sections, expected) in cases {
        let error = refused(&format!("{sections}\n{FIELDS}"));
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
}

#[test]
fn what_is_no_dictionary_is_refused() {
    let folder = TempDir::new().unwrap();
    let cases: &[(&str, &str)] = &[
        ("", "not well-formed XML"),
        ("<fix", "1:1: not well-formed XML"),
        ("<fix>\n<header></fix>", "2:9: not well-formed XML: expected 'header' tag, not 'fix'"),
        ("<FIX/>", "1:1: the root element is <FIX>, not <fix>"),
        ("<fix/>", "1:1: <fix> needs major and minor: is this an overlay, not a dictionary?"),
        ("<fix major='4'/>", "1:1: <fix> needs major and minor, or neither in an overlay"),
        ("<fix type='FAST' major='4' minor='4'/>", "1:1: type=\"FAST\" is neither FIX nor FIXT"),
        ("<!DOCTYPE fix [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><fix>&a;</fix>", "a <!DOCTYPE> is refused"),
    ];
    for (text, expected) in cases {
        let error = error(&file(&folder, "d.xml", text));
        assert!(error.contains(expected), "{error}\n{expected}");
    }
    for (text, expected) in [
        ("<fix major='4' minor='4'/>", "1:1: no <fields>: a dictionary defines every field that it uses"),
        ("<fix a=1/>", "1:1: not well-formed XML: the value of an attribute is not in quotes"),
        ("<fix a='1/>", "not well-formed XML"),
        ("<fix><!-- </fix>", "not well-formed XML"),
        ("<fix></fix></fix>", "not well-formed XML"),
    ] {
        let error = error(&file(&folder, "d.xml", text));
        assert!(error.contains(expected), "{error}\n{expected}");
    }
    assert!(error(&folder.path().join("none.xml")).contains("none.xml: cannot be read: No such file"));
    assert!(error(folder.path()).contains("cannot be read"));
    std::fs::write(folder.path().join("binary.xml"), [0xff, 0xfe, 0]).unwrap();
    assert!(error(&folder.path().join("binary.xml")).contains("not well-formed XML"));
}
