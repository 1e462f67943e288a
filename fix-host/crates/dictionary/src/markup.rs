//! XML text to a tree of elements, as forgiving as the reader of QuickFIX: what it passes over is a warning here.
//!
//! A DTD is refused, so there are no entities to expand; depth, elements and attributes have limits.

use quick_xml::{
    Reader,
    errors::{Error, IllFormedError},
    events::{BytesStart, Event, attributes::AttrError},
};

use crate::{
    error::{At, SpecError, Warnings},
    place::Cursor,
};

/// Elements inside each other; a message with four levels of groups has eight.
const MAX_DEPTH: usize = 64;
/// FIX 5.0 SP2 has a tenth of that.
const MAX_ELEMENTS: usize = 1_000_000;
/// No element of a dictionary has ten.
const MAX_ATTRIBUTES: usize = 1000;

/// An element with what it holds, text excepted.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) at: At,
    /// With the prefix, if it has one.
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
}

/// Reads the elements at the top of a file; QuickFIX takes the first `<fix>` among them.
///
/// # Errors
/// [`SpecError`] if it is not well-formed, has a DTD, or is beyond the limits.
pub(crate) fn parse(name: &str, text: &str, warnings: &mut Warnings) -> Result<Vec<Element>, SpecError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut builder = Builder {
        cursor: Cursor::new(name, text.as_bytes()),
        warnings,
        open: Vec::new(),
        top: Vec::new(),
        elements: 0,
    };
    loop {
        let start = offset(reader.buffer_position());
        match reader.read_event() {
            Ok(Event::Eof) => return builder.finish(text.len()),
            Ok(event) => builder.take(event, start)?,
            Err(error) => {
                let at = builder.cursor.at(offset(reader.error_position()));
                return Err(not_xml(&at, &error));
            }
        }
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn not_xml(at: &At, error: &Error) -> SpecError {
    let what = match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            format!("expected '{expected}' tag, not '{found}'")
        }
        other => other.to_string(),
    };
    SpecError::new(at, format!("not well-formed XML: {what}"))
}

struct Builder<'a> {
    cursor: Cursor<'a>,
    warnings: &'a mut Warnings,
    /// The elements around the place that is read, outermost first.
    open: Vec<Element>,
    top: Vec<Element>,
    elements: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, start: usize) -> Result<(), SpecError> {
        match event {
            Event::Start(tag) => {
                let element = self.element(&tag, start)?;
                self.open.push(element);
            }
            Event::Empty(tag) => {
                let element = self.element(&tag, start)?;
                self.close(element);
            }
            Event::End(_) => {
                if let Some(element) = self.open.pop() {
                    self.close(element);
                }
            }
            Event::Text(text) => self.text(&text, start),
            Event::CData(text) => self.text(&text, start),
            Event::GeneralRef(name) => self.text(&format!("&{};", &*name), start),
            Event::Decl(_) if start > 0 => {
                let at = self.cursor.at(start);
                self.warnings
                    .push(&at, "the XML declaration is not the first in the file: read as if it were");
            }
            Event::DocType(_) => {
                let message = "a <!DOCTYPE> is refused, because entities can read files and fill the memory: \
                               remove it and write the text out";
                return Err(SpecError::new(&self.cursor.at(start), message));
            }
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn element(&mut self, tag: &BytesStart<'_>, start: usize) -> Result<Element, SpecError> {
        let at = self.cursor.at(start);
        let refuse = |message: String| Err(SpecError::new(&at, message));
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return refuse(format!("has more than {MAX_ELEMENTS} elements"));
        }
        if self.open.len() >= MAX_DEPTH {
            return refuse(format!("elements are nested deeper than {MAX_DEPTH} levels"));
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = match attribute {
                Ok(attribute) => attribute,
                Err(error) => return refuse(format!("not well-formed XML: {}", attribute_fault(&error))),
            };
            if attributes.len() == MAX_ATTRIBUTES {
                return refuse(format!("an element has more than {MAX_ATTRIBUTES} attributes"));
            }
            let name = attribute.key.0;
            let value = unescape(&attribute.value, |what| {
                self.warnings.push(&at, format!("{name}: {what}"));
            });
            attributes.push((name.to_owned(), value));
        }
        Ok(Element { at, name: tag.name().0.to_owned(), attributes, children: Vec::new() })
    }

    fn close(&mut self, element: Element) {
        self.open.last_mut().map_or(&mut self.top, |parent| &mut parent.children).push(element);
    }

    fn text(&mut self, text: &str, start: usize) {
        let shown = text.trim();
        if shown.is_empty() {
            return;
        }
        let at = self.cursor.at(start + text.len() - text.trim_start().len());
        let beginning: String = shown.chars().take(20).collect();
        self.warnings.push(&at, format!("text has no place here: \"{beginning}\" is ignored"));
    }

    fn finish(mut self, end: usize) -> Result<Vec<Element>, SpecError> {
        if let Some(element) = self.open.last() {
            let what = match self.open.as_slice() {
                [root] => {
                    SpecError::new(&root.at, "not well-formed XML: the root node was opened but never closed")
                }
                _ => SpecError::new(
                    &element.at,
                    format!("not well-formed XML: <{}> was opened but never closed", element.name),
                ),
            };
            return Err(what);
        }
        if self.top.is_empty() {
            return Err(SpecError::new(&self.cursor.at(end), "not well-formed XML: there is no element"));
        }
        Ok(self.top)
    }
}

fn attribute_fault(error: &AttrError) -> &'static str {
    match error {
        AttrError::ExpectedEq(_) => "an attribute has no =",
        AttrError::ExpectedValue(_) => "an attribute has no value",
        AttrError::UnquotedValue(_) => "the value of an attribute is not in quotes",
        AttrError::ExpectedQuote(..) => "the value of an attribute has no closing quote",
        AttrError::Duplicated(..) => "an attribute is there twice",
    }
}

/// The value of an attribute: line ends become blanks, and the references of XML the characters they stand for. Any
/// other `&` stays as it is, and `odd` hears of it.
fn unescape(raw: &str, mut odd: impl FnMut(String)) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        value.push_str(&rest[..at]);
        rest = &rest[at..];
        if !rest.starts_with('&') {
            value.push(' ');
            rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
            continue;
        }
        // No reference of XML is longer than `&#x10ffff;`.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((reference(&rest[1..end])?, end))) {
            Some((character, end)) => {
                value.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                odd("the & is written &amp; in XML: taken as it is".to_owned());
                value.push('&');
                rest = &rest[1..];
            }
        }
    }
    value.push_str(rest);
    value
}

fn reference(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            code.ok().and_then(char::from_u32)
        }
    }
}
