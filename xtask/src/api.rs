//! `cargo xtask api`: what fix-core offers, as one page that is committed (`fix-core/public-api.txt`), so that a change
//! of it is seen in review.
//!
//! Read from the sources: the compiler warns of an item that is `pub` and cannot be reached (`unreachable_pub`), so what
//! is `pub` here is what users see. The tables made from config/FIX44.xml are left out: their freshness is tested.

use std::{fmt::Write, fs, path::Path};

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, TraitItem, Visibility};

use crate::step::{Outcome, root};

const PAGE: &str = "fix-core/public-api.txt";

/// Writes the page.
pub(crate) fn run() -> Outcome {
    let page = page()?;
    fs::write(root().join(PAGE), page).map_err(|error| format!("{PAGE}: {error}"))
}

fn page() -> Result<String, String> {
    let mut page = String::from("What fix-core offers, module by module. Written by `cargo xtask api`.\n");
    module(&root().join("fix-core/src/lib.rs"), &root().join("fix-core/src"), "fix_core", &mut page)?;
    Ok(page)
}

/// Appends what the module in `file` offers; its submodules lie in `folder`.
fn module(file: &Path, folder: &Path, name: &str, page: &mut String) -> Outcome {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut parsed = syn::parse_file(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let modules: Vec<String> = parsed
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Mod(module) if module.content.is_none() && !is_left_out(&module.attrs) => {
                Some(module.ident.to_string())
            }
            _ => None,
        })
        .collect();
    parsed.shebang = None;
    parsed.attrs.clear();
    parsed.items = parsed.items.into_iter().filter_map(offered).collect();
    if !parsed.items.is_empty() {
        let _ = write!(page, "\n== {name}\n{}", prettyplease::unparse(&parsed));
    }
    for module_name in modules {
        let own = folder.join(&module_name);
        let file = own.with_extension("rs");
        let file = if file.exists() { file } else { own.join("mod.rs") };
        // Generated tables.
        if module_name != "fix44" {
            module(&file, &own, &format!("{name}::{module_name}"), page)?;
        }
    }
    Ok(())
}

/// The part of an item that users see; `None` if there is none.
fn offered(mut item: Item) -> Option<Item> {
    match &mut item {
        Item::Fn(function) if is_public(&function.vis) => {
            only_declaration(&mut function.attrs);
            function.block.stmts.clear();
        }
        Item::Struct(of) if is_public(&of.vis) => {
            only_declaration(&mut of.attrs);
            only_public(&mut of.fields);
        }
        Item::Enum(of) if is_public(&of.vis) => {
            only_declaration(&mut of.attrs);
            for variant in &mut of.variants {
                only_declaration(&mut variant.attrs);
                variant.fields.iter_mut().for_each(|field| field.attrs.clear());
            }
        }
        Item::Trait(of) if is_public(&of.vis) => {
            only_declaration(&mut of.attrs);
            for member in &mut of.items {
                if let TraitItem::Fn(function) = member {
                    function.attrs.clear();
                    if let Some(body) = &mut function.default {
                        body.stmts.clear();
                    }
                }
            }
        }
        Item::Impl(of) => {
            if is_left_out(&of.attrs) {
                return None;
            }
            of.attrs.clear();
            if of.trait_.is_some() {
                of.items.clear();
            } else {
                of.items.retain(|member| match member {
                    ImplItem::Fn(function) => is_public(&function.vis),
                    ImplItem::Const(constant) => is_public(&constant.vis),
                    _ => false,
                });
                of.items.iter_mut().for_each(declaration_of_member);
                if of.items.is_empty() {
                    return None;
                }
            }
        }
        Item::Const(of) if is_public(&of.vis) => {
            only_declaration(&mut of.attrs);
            *of.expr = syn::parse_quote!(_);
        }
        Item::Static(of) if is_public(&of.vis) => {
            only_declaration(&mut of.attrs);
            *of.expr = syn::parse_quote!(_);
        }
        Item::Type(of) if is_public(&of.vis) => only_declaration(&mut of.attrs),
        Item::Use(of) if is_public(&of.vis) => only_declaration(&mut of.attrs),
        // The tables of typed messages.
        Item::Macro(of) if of.ident.is_none() => of.attrs.clear(),
        _ => return None,
    }
    Some(item)
}

fn declaration_of_member(member: &mut ImplItem) {
    match member {
        ImplItem::Fn(function) => {
            function.attrs.clear();
            function.block.stmts.clear();
        }
        ImplItem::Const(constant) => {
            constant.attrs.clear();
            constant.expr = syn::parse_quote!(_);
        }
        _ => {}
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Attributes that users notice stay.
fn only_declaration(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| {
        ["derive", "non_exhaustive", "must_use", "repr"].iter().any(|name| attribute.path().is_ident(name))
    });
}

fn only_public(fields: &mut Fields) {
    let clear = |attributes: &mut Vec<Attribute>| attributes.clear();
    match fields {
        Fields::Named(named) => {
            let all = std::mem::take(&mut named.named);
            let public = all.into_iter().filter(|field| is_public(&field.vis));
            named.named = public.collect();
            named.named.iter_mut().for_each(|field| clear(&mut field.attrs));
        }
        Fields::Unnamed(unnamed) => {
            let all = std::mem::take(&mut unnamed.unnamed);
            unnamed.unnamed = all.into_iter().filter(|field| is_public(&field.vis)).collect();
        }
        Fields::Unit => {}
    }
}

/// Of tests.
fn is_left_out(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.to_token_stream().to_string().contains("test")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_page_is_what_the_sources_offer() {
        let committed = fs::read_to_string(root().join(PAGE)).expect("it is committed");
        let now = page().expect("the sources are Rust");
        for (line, (committed, now)) in committed.lines().zip(now.lines()).enumerate() {
            assert_eq!(committed, now, "{PAGE}:{}: `cargo xtask api` writes it anew", line + 1);
        }
        assert_eq!(committed.lines().count(), now.lines().count(), "`cargo xtask api` writes {PAGE} anew");
    }

    #[test]
    fn only_what_users_see_is_listed() {
        let source = "pub struct A { pub a: u8, b: u8 } impl A { pub fn a(&self) -> u8 { 1 } fn b() {} } \
                      struct B; #[cfg(test)] impl C for A {} impl D for A { fn d() {} } pub(crate) fn c() {}";
        let mut file = syn::parse_file(source).expect("Rust");
        file.items = file.items.into_iter().filter_map(offered).collect();
        let page = prettyplease::unparse(&file);
        assert!(page.contains("pub a: u8") && page.contains("pub fn a(&self) -> u8 {}"), "{page}");
        assert!(page.contains("impl D for A {}"), "{page}");
        for hidden in ["b: u8", "fn b", "struct B", "impl C", "fn c", "fn d"] {
            assert!(!page.contains(hidden), "{hidden}: {page}");
        }
    }
}
