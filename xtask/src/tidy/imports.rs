//! What a source file names of its own crate, in every form: `use` with lists in lists, paths in bodies, `super::`,
//! and what a macro writes. Comments and text do not count, and neither does what only tests compile.

use std::{iter::Peekable, slice::Iter};

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};

/// A place in the crate: its modules from the top, and what follows them.
pub(super) type Path = Vec<String>;

/// A name of the own crate in a source file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// What is named, from the crate's root.
    pub(super) path: Path,
    /// Where, counted from 1.
    pub(super) line: usize,
}

/// What a source file says of the crate that it belongs to.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) imports: Vec<Import>,
    /// The modules with a file of their own that only tests compile.
    pub(super) test_modules: Vec<Path>,
}

/// Reads the source text of `module`.
///
/// # Errors
/// The text is no Rust.
pub(super) fn read(text: &str, module: &[String]) -> Result<Source, String> {
    let tokens: TokenStream = text.parse().map_err(|error| format!("no Rust: {error}"))?;
    let mut source = Source::default();
    walk(tokens, module, &mut source);
    Ok(source)
}

type Tokens<'a> = Peekable<Iter<'a, TokenTree>>;

fn walk(stream: TokenStream, module: &[String], source: &mut Source) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut tokens = trees.iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => attribute(&mut tokens, module, source),
            TokenTree::Ident(name) if name == "mod" => inner_module(&mut tokens, module, source),
            // From here, a path without `crate` in front: to a module of this one, or to another crate.
            TokenTree::Ident(name) if name == "use" => {
                if tokens
                    .peek()
                    .is_some_and(|next| matches!(next, TokenTree::Ident(name) if !is_anchor(name)))
                {
                    path(&mut tokens, module.to_vec(), line(token), source);
                }
            }
            TokenTree::Ident(name) => {
                if is_anchor(name) && tokens.peek().is_some_and(|next| is_punct(next, ':')) {
                    let base = base(name, module);
                    if take_colons(&mut tokens) {
                        path(&mut tokens, base, line(token), source);
                    }
                }
            }
            // `pub(in super::super)` says who may import, and imports nothing.
            TokenTree::Group(group) if begins_with_in(group.stream()) => {}
            TokenTree::Group(group) => walk(group.stream(), module, source),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn begins_with_in(group: TokenStream) -> bool {
    group.into_iter().next().is_some_and(|first| is_ident(&first, "in"))
}

/// Goes behind an attribute, and behind what it stands before if only tests compile that.
fn attribute(tokens: &mut Tokens<'_>, module: &[String], source: &mut Source) {
    tokens.next_if(|token| is_punct(token, '!'));
    let Some(TokenTree::Group(group)) = tokens.next_if(|token| matches!(token, TokenTree::Group(_))) else {
        return;
    };
    if !is_for_tests(group.stream()) {
        return;
    }
    let mut name = None;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "mod" => name = tokens.peek().map(ToString::to_string),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            token if is_punct(token, ';') => break,
            _ => {}
        }
    }
    source.test_modules.extend(name.map(|name| below(module, name)));
}

/// `cfg(test)` and `cfg(all(test, ...))`.
fn is_for_tests(attribute: TokenStream) -> bool {
    let mut tokens = attribute.into_iter();
    let is_cfg = tokens.next().is_some_and(|name| is_ident(&name, "cfg") || is_ident(&name, "all"));
    let Some(TokenTree::Group(group)) = tokens.next().filter(|_| is_cfg) else { return false };
    let first = group.stream().into_iter().next();
    first.is_some_and(|first| is_ident(&first, "test")) || is_for_tests(group.stream())
}

/// `name { .. }` behind `mod`.
fn inner_module(tokens: &mut Tokens<'_>, module: &[String], source: &mut Source) {
    let Some(TokenTree::Ident(name)) = tokens.next() else { return };
    if let Some(TokenTree::Group(group)) = tokens.next_if(|token| matches!(token, TokenTree::Group(_))) {
        walk(group.stream(), &below(module, name.to_string()), source);
    }
}

/// What a path of the own crate begins with.
fn is_anchor(name: &Ident) -> bool {
    name == "crate" || name == "self" || name == "super"
}

/// Where a path leads that begins so.
fn base(anchor: &Ident, module: &[String]) -> Path {
    match module.split_last() {
        _ if anchor == "self" => module.to_vec(),
        Some((_, parent)) if anchor == "super" => parent.to_vec(),
        _ => Path::new(),
    }
}

/// The rest of a path, from behind a `::` on; of a list of paths, each.
fn path(tokens: &mut Tokens<'_>, mut at: Path, line: usize, source: &mut Source) {
    loop {
        match tokens.next_if(|token| matches!(token, TokenTree::Ident(_) | TokenTree::Group(_))) {
            Some(TokenTree::Ident(name)) if name == "super" => {
                at.pop();
            }
            Some(TokenTree::Ident(name)) if name == "self" => {}
            Some(TokenTree::Ident(name)) => at.push(name.to_string()),
            Some(TokenTree::Group(group)) => return list(group.stream(), &at, source),
            _ => break,
        }
        if !take_colons(tokens) {
            break;
        }
    }
    // An exported macro stands at the root, wherever it is declared; what it writes counts there.
    if !tokens.peek().is_some_and(is_call_of_macro) {
        source.imports.push(Import { path: at, line });
    }
}

/// `!`, and not that of `!=`.
fn is_call_of_macro(token: &&TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '!' && punct.spacing() == Spacing::Alone)
}

/// The paths of `{a, b::{c, d}}` behind the path `at`.
fn list(stream: TokenStream, at: &Path, source: &mut Source) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    for item in trees.split(|token| is_punct(token, ',')) {
        if let Some(begin) = item.first() {
            path(&mut item.iter().peekable(), at.clone(), line(begin), source);
        }
    }
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

fn take_colons(tokens: &mut Tokens<'_>) -> bool {
    let first = tokens.peek().is_some_and(
        |token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint),
    );
    first && tokens.next().is_some() && tokens.next().is_some_and(|token| is_punct(token, ':'))
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_ident(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(name) if name == wanted)
}

fn below(module: &[String], name: String) -> Path {
    module.iter().cloned().chain([name]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(text: &str) -> Vec<String> {
        let module = ["wire".to_owned(), "soh".to_owned()];
        let source = read(text, &module).unwrap();
        source.imports.iter().map(|import| format!("{} {}", import.line, import.path.join("::"))).collect()
    }

    #[test]
    fn a_name_is_seen_in_every_form() {
        assert_eq!(imported("use crate::msg::Message;"), ["1 msg::Message"]);
        let list = "use crate::{\n    msg::{self, group::{Group, Level as L}},\n    tag, store::*,\n};";
        let listed = ["2 msg", "2 msg::group::Group", "2 msg::group::Level", "3 tag", "3 store"];
        assert_eq!(imported(list), listed);
        assert_eq!(imported("crate::codes! { A } const B: bool = crate::dict::A != 1;"), ["1 dict::A"]);
        assert_eq!(imported("fn f() -> u8 {\n    crate::dict::find::<u8>(1)\n}"), ["2 dict::find"]);
        assert_eq!(
            imported("use super::SOH; use super::super::time::{Now};"),
            ["1 wire::SOH", "1 time::Now"]
        );
        assert_eq!(imported("mod a { use super::super::super::msg::X; }"), ["1 msg::X"]);
        assert_eq!(imported("macro_rules! m { () => { $crate::engine::Engine } }"), ["1 engine::Engine"]);
        assert_eq!(imported("#[cfg(feature = \"defmt\")]\nuse crate::engine::E;"), ["2 engine::E"]);
    }

    #[test]
    fn what_imports_nothing_is_not_seen() {
        for text in [
            "// crate::engine::Engine",
            "/// [`Engine`](crate::engine::Engine)\nfn f() {}",
            "const A: &str = \"crate::engine\"; const B: &str = r#\"crate::\"engine\"\"#;",
            "pub(in super::super) struct A { pub(crate) b: u8 }",
            "fn f(self) -> impl A + use<> { self.engine(); other::engine::run() }",
        ] {
            assert_eq!(imported(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_only_tests_compile_is_told_apart() {
        let text = "#[cfg(test)]\n#[path = \"a\"]\nmod tests;\n#[cfg(test)]\nmod inner { use crate::engine; }\n\
                    #[cfg(all(test, unix))]\nuse crate::engine::{A};\n#[cfg(any(test, unix))]\nuse crate::msg;";
        let module = ["wire".to_owned()];
        let source = read(text, &module).unwrap();
        assert_eq!(source.test_modules, [["wire", "tests"]]);
        assert_eq!(source.imports, [Import { path: vec!["msg".into()], line: 9 }]);
    }
}
