//! What would exhaust the machine is refused, and what is merely large takes time in proportion.

use fix_core::tag;
use tempfile::TempDir;

use super::{
    file, load,
    refused::{FIELDS, error, refused},
};

#[test]
fn what_would_exhaust_the_machine_is_refused() {
    let component = |i: usize, content: &str| format!("<component name='C{i}'>{content}</component>");
    // A component in terms of itself, also by way of another and of a group.
    let cycle = "<components><component name='A'><group name='NoLines'><field name='Text'/><component name='B'/></group>\
         </component><component name='B'><component name='A'/></component></components>";
    let message = |name: &str| {
        format!("<messages><message name='X' msgtype='X'><component name='{name}'/></message></messages>")
    };
    let error = refused(&format!("{}{cycle}{FIELDS}", message("A")));
    assert!(error.contains("component A contains itself"), "{error}");
    // Each level doubles the one below.
    let doubling: String = (0..60)
        .map(|i| component(i, &format!("<component name='C{0}'/><component name='C{0}'/>", i + 1)))
        .chain([component(60, "<field name='Text'/>")])
        .collect();
    let error = refused(&format!("{}<components>{doubling}</components>{FIELDS}", message("C0")));
    assert!(error.contains("more than 1000000 members when components are opened up"), "{error}");
    // A chain longer than the stack would bear.
    let chain: String = (0..5000)
        .map(|i| component(i, &format!("<component name='C{}'/>", i + 1)))
        .chain([component(5000, "<field name='Text'/>")])
        .collect();
    let error = refused(&format!("{}<components>{chain}</components>{FIELDS}", message("C0")));
    assert!(error.contains("nested deeper than 64 levels"), "{error}");
    // Elements inside each other.
    let groups = "<group name='NoLines'>".repeat(10_000) + &"</group>".repeat(10_000);
    let error =
        refused(&format!("<messages><message name='X' msgtype='X'>{groups}</message></messages>{FIELDS}"));
    assert!(error.contains("deeper") || error.contains("not well-formed"), "{error}");
    let attributes: String = (0..300_000).map(|i| format!(" xmlns:a{i}='u{i}'")).collect();
    let error = refused(&format!("<!-- ====== -->\n<messages{attributes}/>"));
    assert_eq!(error, "d.xml:5:1: an element has more than 1000 attributes");
    // A file that never ends.
    let folder = TempDir::new().unwrap();
    let huge = folder.path().join("huge.xml");
    std::fs::File::create(&huge).unwrap().set_len(17 << 20).unwrap();
    assert!(self::error(&huge).contains("is larger than 16777216 bytes"));
}

/// Time that grows with the square of the size would be minutes here.
#[test]
fn what_is_large_is_read_in_time_in_proportion() {
    const MANY: usize = 100_000;
    let folder = TempDir::new().unwrap();
    let list = |item: &dyn Fn(usize) -> String| (0..MANY).map(item).collect::<String>();
    let chain = list(&|i| format!("<component name='C{i}'><component name='C{}'/></component>", i + 1));
    let numbered =
        |kind: &str| list(&|i| format!("<field number='{}' name='F{i}' type='{kind}'/>", i + 10_000));
    let messages = list(&|i| format!("<message name='X' msgtype='{i}'><field name='Text'/></message>"));
    let members = list(&|i| format!("<field name='F{i}'/>"));
    // Each on one line: a column must not be counted from its start each time.
    for (messages, components, fields) in [
        ("<message name='X' msgtype='X'><field name='Text'/></message>", chain.as_str(), String::new()),
        (messages.as_str(), "", String::new()),
        (&format!("<message name='X' msgtype='X'>{members}</message>"), "", numbered("DATA")),
    ] {
        let text = format!(
            "<fix type='FIX' major='4' minor='4'><header><field name='MsgType'/></header><trailer><field \
             name='CheckSum'/></trailer><messages>{messages}</messages><components>{components}</components>{}</fix>",
            FIELDS.replace("</fields>", &format!("{fields}</fields>"))
        );
        let file = file(&folder, "d.xml", &text);
        // And once more as its own overlay.
        let dictionary = load(Some(&file), &[&file]).unwrap();
        assert!(dictionary.field(tag::TEXT).is_some());
    }
}
