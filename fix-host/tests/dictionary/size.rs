//! What would exhaust the machine is refused, and what is merely large takes time in proportion.

use tempfile::TempDir;

use super::refused::{FIELDS, error, refused};

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
