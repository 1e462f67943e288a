//! Reads a data dictionary in the dialect of QuickFIX.
//!
//! What QuickFIX loads is loaded: it passes over elements that it does not know and takes odd values for something.
//! The same is made of them here, with a warning.

use std::collections::HashSet;

use crate::{
    encoding,
    error::{At, SpecError, Warnings},
    markup::{self, Element},
    model::{Component, Field, Member, MemberKind, Message, Spec, TypeName, Value, Version},
};

/// Groups inside groups: FIX 4.4 has four levels.
const MAX_DEPTH: usize = 16;
/// Bytes of a MsgType(35); the longest of the standard has two.
const MAX_MSG_TYPE: usize = 8;

/// Reads a dictionary or an overlay. `name` is how errors call the file.
///
/// # Errors
/// [`SpecError`] if it is no well-formed XML, has a DTD, or lacks what QuickFIX cannot do without either.
pub fn parse(name: &str, bytes: &[u8], warnings: &mut Warnings) -> Result<Spec, SpecError> {
    let text = encoding::decode(name, bytes, warnings);
    let top = markup::parse(name, &text, warnings)?;
    let mut reader = Reader { warnings };
    reader.spec(&top)
}

struct Reader<'w> {
    warnings: &'w mut Warnings,
}

impl Reader<'_> {
    fn spec(&mut self, top: &[Element]) -> Result<Spec, SpecError> {
        let Some(root) = top.iter().find(|element| element.name == "fix") else {
            let other = &top[0];
            return Err(SpecError::new(
                &other.at,
                format!("the root element is <{}>, not <fix>", other.name),
            ));
        };
        for other in top.iter().filter(|element| !std::ptr::eq(*element, root)) {
            self.ignore(other, "only the first <fix> counts");
        }
        let mut spec = Spec {
            at: root.at.clone(),
            version: self.version(root)?,
            service_pack: self
                .optional(root, "servicepack")
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or(0),
            header: Vec::new(),
            trailer: Vec::new(),
            messages: Vec::new(),
            components: Vec::new(),
            fields: Vec::new(),
            unusable: HashSet::new(),
        };
        let mut seen = HashSet::new();
        for section in &root.children {
            if !seen.insert(section.name.as_str()) {
                self.ignore(section, "it is there twice, and the first counts");
                continue;
            }
            match section.name.as_str() {
                "header" => spec.header = self.members(section, 0)?,
                "trailer" => spec.trailer = self.members(section, 0)?,
                "messages" => spec.messages = self.each(section, "message", Self::message)?,
                "components" => spec.components = self.each(section, "component", Self::component)?,
                "fields" => self.fields(section, &mut spec)?,
                _ => self.ignore(section, "expected header, trailer, messages, components or fields"),
            }
        }
        Ok(spec)
    }

    fn version(&mut self, root: &Element) -> Result<Option<Version>, SpecError> {
        let (major, minor) = match (self.optional(root, "major"), self.optional(root, "minor")) {
            (None, None) => return Ok(None),
            (Some(major), Some(minor)) => (major, minor),
            _ => return Err(refuse(root, "<fix> needs major and minor, or neither in an overlay")),
        };
        let kind = self.optional(root, "type").unwrap_or("FIX");
        if kind != "FIX" && kind != "FIXT" {
            return Err(refuse(root, format!("type=\"{kind}\" is neither FIX nor FIXT")));
        }
        Ok(Some(Version {
            kind: kind.into(),
            major: self.version_number(root, "major", major),
            minor: self.version_number(root, "minor", minor),
        }))
    }

    fn version_number(&mut self, root: &Element, name: &str, text: &str) -> u8 {
        text.trim().parse().unwrap_or_else(|_| {
            self.warn(root, format!("{name}=\"{text}\" is not a version number: taken for 4"));
            4
        })
    }

    /// The elements of a section that are called `name`, and that `read` can make something of.
    fn each<T>(
        &mut self,
        section: &Element,
        name: &str,
        mut read: impl FnMut(&mut Self, &Element) -> Result<Option<T>, SpecError>,
    ) -> Result<Vec<T>, SpecError> {
        let mut items = Vec::new();
        for element in &section.children {
            if element.name == name {
                items.extend(read(self, element)?);
            } else {
                self.ignore(element, format!("expected {name}"));
            }
        }
        Ok(items)
    }

    fn message(&mut self, element: &Element) -> Result<Option<Message>, SpecError> {
        let msg_type = self.required(element, "msgtype")?;
        let is_type = |byte: u8| byte.is_ascii_graphic();
        if !(1..=MAX_MSG_TYPE).contains(&msg_type.len()) || !msg_type.bytes().all(is_type) {
            self.warn(
                element,
                format!(
                    "msgtype=\"{msg_type}\" is not 1 to {MAX_MSG_TYPE} printable ASCII characters: the message is \
                     ignored"
                ),
            );
            return Ok(None);
        }
        let name = match self.optional(element, "name") {
            Some(_) => self.name(element)?,
            None => {
                self.warn(element, format!("the message has no name: called {msg_type}"));
                msg_type.to_owned()
            }
        };
        let is_session = matches!(msg_type, "0" | "1" | "2" | "3" | "4" | "5" | "A");
        let admin = match self.optional(element, "msgcat") {
            Some("admin") => true,
            Some("app") => false,
            None => is_session,
            Some(other) => {
                let taken = if is_session { "admin" } else { "app" };
                self.warn(element, format!("msgcat=\"{other}\" is neither admin nor app: taken for {taken}"));
                is_session
            }
        };
        let members = self.members(element, 0)?;
        Ok(Some(Message { at: element.at.clone(), name, msg_type: msg_type.into(), admin, members }))
    }

    fn component(&mut self, element: &Element) -> Result<Option<Component>, SpecError> {
        if self.optional(element, "name").is_none() {
            self.ignore(element, "a component needs a name");
            return Ok(None);
        }
        let (name, members) = (self.name(element)?, self.members(element, 0)?);
        Ok(Some(Component { at: element.at.clone(), name, members }))
    }

    fn members(&mut self, parent: &Element, depth: usize) -> Result<Vec<Member>, SpecError> {
        if depth > MAX_DEPTH {
            return Err(refuse(parent, format!("groups are nested deeper than {MAX_DEPTH} levels")));
        }
        let mut members = Vec::new();
        let mut seen = HashSet::new();
        for element in &parent.children {
            let kind = match element.name.as_str() {
                "field" => MemberKind::Field,
                "component" => MemberKind::Component,
                "group" => MemberKind::Group(self.members(element, depth + 1)?),
                _ => {
                    self.ignore(element, "expected field, group or component");
                    continue;
                }
            };
            if !matches!(kind, MemberKind::Group(_)) {
                for child in &element.children {
                    self.ignore(child, format!("a <{}> holds nothing here", element.name));
                }
            }
            if self.optional(element, "name").is_none() {
                self.ignore(element, "it needs a name");
                continue;
            }
            let (name, required) = (self.name(element)?, self.flag(element, "required"));
            if !seen.insert((element.name.as_str(), name.clone())) {
                let counts = if element.name == "group" { "the last counts" } else { "taken once" };
                self.warn(element, format!("{} {name} is there twice: {counts}", element.name));
            }
            members.push(Member { at: element.at.clone(), name, kind, required, overlay: false });
        }
        Ok(members)
    }

    fn fields(&mut self, section: &Element, spec: &mut Spec) -> Result<(), SpecError> {
        let unusable = &mut spec.unusable;
        spec.fields = self.each(section, "field", |reader, element| {
            let field = reader.field(element)?;
            if field.number > 0 {
                return Ok(Some(field));
            }
            unusable.insert(field.name);
            Ok(None)
        })?;
        Ok(())
    }

    /// A field; its number is 0 if it has none that a tag can have.
    fn field(&mut self, element: &Element) -> Result<Field, SpecError> {
        let name = self.name(element)?;
        let text = self.required(element, "number")?;
        let number = leading_number(text);
        if number == 0 {
            let what = format!("number=\"{text}\" is not a tag number, 1 to {}: {name} is ignored", i32::MAX);
            self.warn(element, what);
        } else if text.parse() != Ok(number) {
            self.warn(element, format!("number=\"{text}\" is taken for {number}"));
        }
        let kind = self.optional(element, "type").map(|kind| self.kind(element, kind));
        let values = self.each(element, "value", Self::value)?;
        let open = self.flag(element, "allowOtherValues");
        Ok(Field { at: element.at.clone(), number, name, kind, open, values })
    }

    /// QuickFIX does not check the values of a type that it does not know.
    fn kind(&mut self, element: &Element, text: &str) -> &'static TypeName {
        TypeName::find(text).unwrap_or_else(|| {
            let meant = TypeName::find(&text.trim().to_ascii_uppercase());
            let hint = meant.map_or(String::new(), |kind| format!("; did you mean {}?", kind.xml));
            self.warn(element, format!("type=\"{text}\" is not a field type: taken for STRING{hint}"));
            TypeName::STRING
        })
    }

    fn value(&mut self, element: &Element) -> Result<Option<Value>, SpecError> {
        let code = self.required(element, "enum")?;
        if code.is_empty() || code.chars().any(char::is_control) {
            self.warn(element, "enum is empty or holds a control character: the value is ignored");
            return Ok(None);
        }
        for child in &element.children {
            self.ignore(child, "a <value> holds nothing");
        }
        let name = self.optional(element, "description").unwrap_or(code);
        if name.chars().any(char::is_control) {
            self.warn(element, "description holds a control character: left out");
        }
        let name = name.chars().filter(|c| !c.is_control()).collect();
        Ok(Some(Value { code: code.into(), name }))
    }

    /// A flag; QuickFIX takes all but Y and y for N.
    fn flag(&mut self, element: &Element, name: &str) -> Option<bool> {
        match self.optional(element, name)? {
            "Y" | "y" | "true" => Some(true),
            "N" | "n" | "false" => Some(false),
            other => {
                self.warn(element, format!("{name}=\"{other}\" is neither Y nor N: taken for N"));
                Some(false)
            }
        }
    }

    /// The name of an element, or of what it refers to. Control characters are left out of both.
    fn name(&mut self, element: &Element) -> Result<String, SpecError> {
        let name = self.required(element, "name")?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.warn(
                element,
                format!("name=\"{name}\" is not of printable ASCII characters without blanks"),
            );
        }
        Ok(name.chars().filter(|c| !c.is_control()).collect())
    }

    fn required<'e>(&mut self, element: &'e Element, name: &str) -> Result<&'e str, SpecError> {
        self.optional(element, name)
            .ok_or_else(|| refuse(element, format!("<{}> needs the attribute {name}", element.name)))
    }

    fn optional<'e>(&mut self, element: &'e Element, name: &str) -> Option<&'e str> {
        let mut values = element.attributes.iter().filter(|(other, _)| other == name).map(|(_, value)| value);
        let first = values.next()?;
        if values.next().is_some() {
            self.warn(element, format!("the attribute {name} is there twice: the first counts"));
        }
        Some(first)
    }

    fn ignore(&mut self, element: &Element, why: impl AsRef<str>) {
        self.warn(element, format!("<{}> has no place here: {}; it is ignored", element.name, why.as_ref()));
    }

    fn warn(&mut self, element: &Element, message: impl Into<String>) {
        self.warnings.push(&element.at, message);
    }
}

fn refuse(element: &Element, message: impl Into<String>) -> SpecError {
    SpecError { at: At::clone(&element.at), message: message.into() }
}

/// The digits that `text` begins with, as C's `atoi` reads them; 0 where that is no tag number.
fn leading_number(text: &str) -> i32 {
    let text = text.trim_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().unwrap_or(0)
}
