//! The arrows between the rooms of a crate: the code imports along those that the tables of `rooms` name, and each of
//! these is one that the code needs. What only tests compile may import anything, and so may the crate's own root,
//! which only names its rooms.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use super::{
    imports::{self, Path, Source},
    rooms::{CORE, Crate, HOST},
};
use crate::step::root;

/// What is wrong with the arrows of the sources in the checkout.
pub(super) fn check(files: &[String]) -> Result<Vec<String>, String> {
    let mut findings = Vec::new();
    for one in [&CORE, &HOST] {
        let own = files.iter().filter(|file| file.starts_with(one.source));
        let texts = own.map(|file| match fs::read_to_string(root().join(file)) {
            Ok(text) => Ok((file.as_str(), text)),
            Err(error) => Err(format!("{file}: {error}")),
        });
        findings.extend(one.check(&texts.collect::<Result<Vec<_>, _>>()?)?);
    }
    Ok(findings)
}

type Arrow = (&'static str, &'static str);

/// A source file and what it says.
struct File<'a> {
    path: &'a str,
    module: Path,
    source: Source,
}

impl Crate {
    /// The findings in all files of the crate, `(path, text)`.
    fn check(&self, files: &[(&str, String)]) -> Result<Vec<String>, String> {
        let mut sources = Vec::new();
        for (path, text) in files {
            let module = self.module(path);
            let source = imports::read(text, &module).map_err(|error| format!("{path}: {error}"))?;
            sources.push(File { path, module, source });
        }
        let at_root = names_at_root(&sources);
        let for_tests: BTreeSet<&Path> = sources.iter().flat_map(|file| &file.source.test_modules).collect();
        let is_for_tests =
            |module: &Path| (1..=module.len()).any(|len| for_tests.contains(&module[..len].to_vec()));
        let mut findings = Vec::new();
        let mut drawn = BTreeSet::new();
        for file in sources.iter().filter(|file| !file.module.is_empty() && !is_for_tests(&file.module)) {
            self.check_file(file, &at_root, &mut findings, &mut drawn);
        }
        findings.extend(self.upward().into_iter().map(|(room, other)| {
            format!(
                "{}{room}: `{other}` stands below it in tidy/rooms.rs: a circle, or a line in a wrong place",
                self.source
            )
        }));
        let unused = self.arrows().filter(|arrow| !drawn.contains(arrow));
        findings.extend(unused.map(|(room, other)| {
            format!(
                "{}{room}: imports nothing of `{other}`: take the arrow out of tidy/rooms.rs",
                self.source
            )
        }));
        Ok(findings)
    }

    fn check_file(
        &self,
        file: &File<'_>,
        at_root: &BTreeMap<String, Path>,
        findings: &mut Vec<String>,
        drawn: &mut BTreeSet<Arrow>,
    ) {
        let Some(room) = self.room(&file.module) else {
            findings.push(format!("{}: a room that tidy/rooms.rs does not name", file.path));
            return;
        };
        for import in &file.source.imports {
            let path = import.path.first().and_then(|first| at_root.get(first)).unwrap_or(&import.path);
            let place = format!("{}:{}: crate::{}", file.path, import.line, import.path.join("::"));
            match self.room(path) {
                None => findings.push(format!("{place}: in no room: name what is meant by the room it is in")),
                Some(other) if other == room => {}
                Some(other) if self.arrows().any(|arrow| arrow == (room, other)) => {
                    drawn.insert((room, other));
                }
                Some(other) => findings.push(format!(
                    "{place}: `{room}` does not import `{other}` (ARCHITECTURE.md; the table is tidy/rooms.rs)"
                )),
            }
        }
    }

    /// `wire::value` of `fix-core/src/wire/value/mod.rs`.
    fn module(&self, file: &str) -> Path {
        let place = file.strip_prefix(self.source).and_then(|file| file.strip_suffix(".rs")).unwrap_or(file);
        let names = place.split('/').filter(|name| !["mod", "lib", "main"].contains(name));
        names.map(str::to_owned).collect()
    }

    /// The innermost room that a path leads into.
    fn room(&self, path: &[String]) -> Option<&'static str> {
        let leads_into = |room: &&str| {
            let mut path = path.iter();
            room.split('/').all(|name| path.next().is_some_and(|other| other == name))
        };
        self.rooms.iter().map(|(room, _)| *room).filter(leads_into).max_by_key(|room| room.len())
    }

    /// The arrows to a room that does not stand on a line above.
    fn upward(&self) -> Vec<Arrow> {
        let place = |room: &str| self.rooms.iter().position(|(other, _)| *other == room);
        self.arrows().filter(|(room, other)| place(other) >= place(room)).collect()
    }

    fn arrows(&self) -> impl Iterator<Item = Arrow> {
        self.rooms.iter().flat_map(|(room, others)| others.iter().map(|other| (*room, *other)))
    }
}

/// Where the names lead that the crate's root gives on: `Message` to `msg::message::Message`.
fn names_at_root(sources: &[File<'_>]) -> BTreeMap<String, Path> {
    let root = sources.iter().filter(|file| file.module.is_empty());
    let paths = root.flat_map(|file| file.source.imports.iter().map(|import| import.path.clone()));
    paths.filter(|path| path.len() > 1).filter_map(|path| Some((path.last()?.clone(), path))).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::rooms::Room, *};

    /// The finding for one more line in a file.
    fn found(one: &Crate, file: &str, line: &str) -> Vec<String> {
        let path = format!("{}{file}", one.source);
        let text = fs::read_to_string(root().join(&path)).unwrap_or_default();
        let root_file = format!("{}lib.rs", one.source);
        let root_text = fs::read_to_string(root().join(&root_file)).unwrap();
        let files = [(path.as_str(), format!("{text}\n{line}")), (root_file.as_str(), root_text)];
        let mut findings = one.check(&files).unwrap();
        findings.retain(|finding| !finding.contains("take the arrow out"));
        findings
    }

    #[test]
    fn an_arrow_drawn_the_wrong_way_is_found() {
        for (one, file, line, arrow) in [
            (&CORE, "wire/frame.rs", "use crate::session::Session;", "`wire` does not import `session`"),
            (&CORE, "msg/index.rs", "use super::super::engine;", "`msg` does not import `engine`"),
            (&CORE, "tag.rs", "fn f() { crate::msg::validate::validate() }", "`tag` does not import `msg`"),
            (&CORE, "session/gap.rs", "use crate::{Engine, Tag};", "`session` does not import `engine`"),
            (
                &CORE,
                "pre_trade/gate.rs",
                "use crate::{session::{self}};",
                "`pre_trade` does not import `session`",
            ),
            (
                &CORE,
                "store/ring.rs",
                "macro_rules! a { () => { $crate::msg::A } }",
                "`store` does not import `msg`",
            ),
            (&HOST, "web/new.rs", "use crate::net::driver::Driver;", "`web` does not import `net`"),
            (&HOST, "bus/mod.rs", "mod a { use super::super::net; }", "`bus` does not import `net`"),
            (&HOST, "market/mod.rs", "type A = crate::net::A;", "`market` does not import `net`"),
            (&HOST, "exchange/mod.rs", "use super::net::*;", "`exchange` does not import `net`"),
            (
                &HOST,
                "exchange/book/ids.rs",
                "use super::super::floor::Floor;",
                "`exchange/book` does not import `exchange`",
            ),
            (&HOST, "net/mod.rs", "use crate::{cli as a};", "`net` does not import `cli`"),
            (&HOST, "exit.rs", "use crate::service;", "`exit` does not import `service`"),
            (
                &HOST,
                "service/mod.rs",
                "use crate::conformance::serve;",
                "`service` does not import `conformance`",
            ),
            (&HOST, "hall/mod.rs", "use crate::net;", "a room that tidy/rooms.rs does not name"),
            (&HOST, "web/new.rs", "use crate::*;", "in no room"),
        ] {
            let findings = found(one, file, line);
            assert!(matches!(&findings[..], [finding] if finding.contains(arrow)), "{arrow}: {findings:?}");
        }
    }

    #[test]
    fn rooms_that_import_each_other_in_a_circle_are_found() {
        const ROOMS: [Room; 3] = [("b", &[]), ("c", &["b", "d"]), ("d", &["c"])];
        let one = Crate { source: "a/src/", rooms: &ROOMS };
        assert_eq!(one.upward(), [("c", "d")]);
    }

    #[test]
    fn what_only_tests_compile_may_import_anything() {
        let tests = "#[cfg(test)] mod tests { use crate::session::Session; }";
        assert_eq!(found(&CORE, "wire/frame.rs", tests), [""; 0]);
        let files = [
            ("fix-core/src/wire/mod.rs", "#[cfg(test)] mod tests;".to_owned()),
            ("fix-core/src/wire/tests.rs", "use crate::session::Session;".to_owned()),
        ];
        assert!(!CORE.check(&files).unwrap().iter().any(|finding| finding.contains("does not import")));
    }

    #[test]
    fn an_arrow_that_nothing_needs_is_found() {
        const ROOMS: [Room; 2] = [("c", &[]), ("b", &["c"])];
        let one = Crate { source: "a/src/", rooms: &ROOMS };
        let file = |text: &str| [("a/src/b.rs", text.to_owned())];
        assert_eq!(one.check(&file("use crate::c::C;")).unwrap(), [""; 0]);
        assert_eq!(one.check(&file("")).unwrap().len(), 1);
    }
}
