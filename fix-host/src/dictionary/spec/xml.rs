//! Reads the XML of a data dictionary in the dialect of QuickFIX.

use std::sync::Arc;

use roxmltree::{Document, Node, ParsingOptions};

use super::{
    error::{At, SpecError},
    model::{Component, Field, Member, MemberKind, Message, Spec, TYPES, TypeName, Value, Version},
};

/// Groups inside groups: FIX 4.4 has four levels.
const MAX_DEPTH: usize = 16;
/// FIX 5.0 SP2 has a tenth of that.
const MAX_NODES: u32 = 1_000_000;

/// The library compares each attribute of an element with each other.
const MAX_ATTRIBUTES: usize = 1000;

/// Reads a dictionary or an overlay. `name` is how errors call the file.
///
/// # Errors
/// [`SpecError`] if it is no well-formed XML, has a DTD, or holds what a dictionary cannot.
pub fn parse(name: &str, text: &str) -> Result<Spec, SpecError> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let text = text.trim_start_matches('\u{feff}');
    check_attributes(name, text)?;
    let document = Document::parse_with_options(text, options).map_err(|error| not_xml(name, &error))?;
    let line_starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(i, _)| i + 1);
    let reader = Reader {
        file: name.into(),
        document: &document,
        line_starts: [0].into_iter().chain(line_starts).collect(),
    };
    reader.spec()
}

/// Refuses an element with so many attributes that reading it would take minutes.
fn check_attributes(name: &str, text: &str) -> Result<(), SpecError> {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end..]);
            continue;
        }
        let tag = &rest[..rest.find('<').unwrap_or(rest.len())];
        if tag.bytes().filter(|byte| *byte == b'=').count() > MAX_ATTRIBUTES {
            let line = text[..text.len() - rest.len()].bytes().filter(|byte| *byte == b'\n').count() + 1;
            let at = At { file: name.into(), line: u32::try_from(line).unwrap_or(u32::MAX), column: 1 };
            return Err(SpecError::new(&at, format!("an element has more than {MAX_ATTRIBUTES} attributes")));
        }
    }
    Ok(())
}

fn not_xml(name: &str, error: &roxmltree::Error) -> SpecError {
    let at = At { file: name.into(), line: error.pos().row, column: error.pos().col };
    let message = match error {
        roxmltree::Error::DtdDetected => {
            "a <!DOCTYPE> is refused, because entities can read files and fill the \
             memory: remove it and write the text out"
                .to_owned()
        }
        roxmltree::Error::NodesLimitReached => format!("has more than {MAX_NODES} elements"),
        // The library's own message repeats the position that we print first.
        other => {
            format!("not well-formed XML: {}", other.to_string().replace(&format!(" at {}", other.pos()), ""))
        }
    };
    SpecError { at, message }
}

struct Reader<'a> {
    file: Arc<str>,
    document: &'a Document<'a>,
    /// The byte offsets where lines start: the library would count from the start of the file for every element.
    line_starts: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn spec(&self) -> Result<Spec, SpecError> {
        let root = self.document.root_element();
        if root.tag_name().name() != "fix" {
            return Err(
                self.error(root, format!("the root element is <{}>, not <fix>", root.tag_name().name()))
            );
        }
        let mut spec = Spec {
            at: self.at(root),
            version: self.version(root)?,
            header: Vec::new(),
            trailer: Vec::new(),
            messages: Vec::new(),
            components: Vec::new(),
            fields: Vec::new(),
        };
        for section in elements(root) {
            match section.tag_name().name() {
                "header" => spec.header.extend(self.members(section, 0)?),
                "trailer" => spec.trailer.extend(self.members(section, 0)?),
                "messages" => self.each(section, "message", |node| self.message(node), &mut spec.messages)?,
                "components" => {
                    self.each(section, "component", |node| self.component(node), &mut spec.components)?;
                }
                "fields" => self.each(section, "field", |node| self.field(node), &mut spec.fields)?,
                _ => return Err(self.unknown(section, "header, trailer, messages, components or fields")),
            }
        }
        Ok(spec)
    }

    fn version(&self, root: Node<'a, 'a>) -> Result<Option<Version>, SpecError> {
        let (major, minor) = match (root.attribute("major"), root.attribute("minor")) {
            (None, None) => return Ok(None),
            (Some(major), Some(minor)) => (major, minor),
            _ => return Err(self.error(root, "<fix> needs major and minor, or neither in an overlay")),
        };
        let number = |name: &str, text: &str| {
            text.parse().map_err(|_| self.error(root, format!("{name}=\"{text}\" is not a version number")))
        };
        let kind = root.attribute("type").unwrap_or("FIX");
        if kind != "FIX" && kind != "FIXT" {
            return Err(self.error(root, format!("type=\"{kind}\" is neither FIX nor FIXT")));
        }
        Ok(Some(Version {
            kind: kind.into(),
            major: number("major", major)?,
            minor: number("minor", minor)?,
        }))
    }

    fn each<T>(
        &self,
        section: Node<'a, 'a>,
        element: &str,
        read: impl Fn(Node<'a, 'a>) -> Result<T, SpecError>,
        into: &mut Vec<T>,
    ) -> Result<(), SpecError> {
        for node in elements(section) {
            if node.tag_name().name() != element {
                return Err(self.unknown(node, element));
            }
            into.push(read(node)?);
        }
        Ok(())
    }

    fn message(&self, node: Node<'a, 'a>) -> Result<Message, SpecError> {
        let msg_type = self.attribute(node, "msgtype")?;
        if msg_type.is_empty() || msg_type.len() > 8 || !msg_type.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(
                self.error(node, format!("msgtype=\"{msg_type}\" is not 1 to 8 printable ASCII characters"))
            );
        }
        let admin = match node.attribute("msgcat") {
            Some("admin") => true,
            Some("app") | None => false,
            Some(other) => {
                return Err(self.error(node, format!("msgcat=\"{other}\" is neither admin nor app")));
            }
        };
        Ok(Message {
            at: self.at(node),
            name: self.name(node)?,
            msg_type: msg_type.into(),
            admin,
            members: self.members(node, 0)?,
        })
    }

    fn component(&self, node: Node<'a, 'a>) -> Result<Component, SpecError> {
        Ok(Component { at: self.at(node), name: self.name(node)?, members: self.members(node, 0)? })
    }

    fn members(&self, parent: Node<'a, 'a>, depth: usize) -> Result<Vec<Member>, SpecError> {
        if depth > MAX_DEPTH {
            return Err(self.error(parent, format!("groups are nested deeper than {MAX_DEPTH} levels")));
        }
        elements(parent).map(|node| self.member(node, depth)).collect()
    }

    fn member(&self, node: Node<'a, 'a>, depth: usize) -> Result<Member, SpecError> {
        let kind = match node.tag_name().name() {
            "field" => MemberKind::Field,
            "component" => MemberKind::Component,
            "group" => MemberKind::Group(self.members(node, depth + 1)?),
            _ => return Err(self.unknown(node, "field, group or component")),
        };
        if let (MemberKind::Field | MemberKind::Component, Some(child)) = (&kind, elements(node).next()) {
            return Err(self.error(child, format!("<{}> cannot hold elements here", node.tag_name().name())));
        }
        let required = self.flag(node, "required")?;
        Ok(Member { at: self.at(node), name: self.name(node)?, kind, required, overlay: false })
    }

    fn field(&self, node: Node<'a, 'a>) -> Result<Field, SpecError> {
        let number = self.attribute(node, "number")?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
            self.error(node, format!("number=\"{number}\" is not a tag number: 1 to {}", i32::MAX))
        })?;
        let kind = match node.attribute("type") {
            None => None,
            Some(kind) => Some(TypeName::find(kind).ok_or_else(|| {
                let known: Vec<_> = TYPES.iter().map(|kind| kind.xml).collect();
                self.error(
                    node,
                    format!("type=\"{kind}\" is not a field type: use one of {}", known.join(", ")),
                )
            })?),
        };
        let mut values = Vec::new();
        self.each(node, "value", |value| self.value(value), &mut values)?;
        let open = self.flag(node, "allowOtherValues")?;
        Ok(Field { at: self.at(node), number, name: self.name(node)?, kind, open, values })
    }

    fn value(&self, node: Node<'a, 'a>) -> Result<Value, SpecError> {
        let code = self.attribute(node, "enum")?;
        if code.is_empty() || code.chars().any(char::is_control) {
            return Err(self.error(node, "enum is empty or holds a control character"));
        }
        let name = node.attribute("description").unwrap_or(code);
        if name.chars().any(char::is_control) {
            return Err(self.error(node, "description holds a control character"));
        }
        Ok(Value { code: code.into(), name: name.into() })
    }

    fn flag(&self, node: Node<'a, 'a>, name: &str) -> Result<Option<bool>, SpecError> {
        match node.attribute(name) {
            None => Ok(None),
            Some("Y" | "y" | "true") => Ok(Some(true)),
            Some("N" | "n" | "false") => Ok(Some(false)),
            Some(other) => Err(self.error(node, format!("{name}=\"{other}\" is neither Y nor N"))),
        }
    }

    fn name(&self, node: Node<'a, 'a>) -> Result<String, SpecError> {
        let name = self.attribute(node, "name")?;
        let fits = (1..=128).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
        match fits {
            true => Ok(name.into()),
            false => {
                Err(self.error(node, format!("name=\"{name}\" is not 1 to 128 printable ASCII characters")))
            }
        }
    }

    fn attribute(&self, node: Node<'a, 'a>, name: &str) -> Result<&'a str, SpecError> {
        node.attribute(name).ok_or_else(|| {
            self.error(node, format!("<{}> needs the attribute {name}", node.tag_name().name()))
        })
    }

    fn unknown(&self, node: Node<'a, 'a>, expected: &str) -> SpecError {
        self.error(node, format!("<{}> has no place here: expected {expected}", node.tag_name().name()))
    }

    fn error(&self, node: Node<'a, 'a>, message: impl Into<String>) -> SpecError {
        SpecError::new(&self.at(node), message)
    }

    fn at(&self, node: Node<'a, 'a>) -> At {
        let offset = node.range().start;
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        let column = self.document.input_text()[start..offset].chars().count() + 1;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        At { file: self.file.clone(), line: number(line), column: number(column) }
    }
}

fn elements<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(Node::is_element)
}
