//! Pages for people: one file that asks nobody for anything, and outside text that means nothing in it.

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;\
background:#fff}table{border-collapse:collapse}.bad{color:#b00020}.good{color:#0a6b2d}\
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}.bad{color:#ff7b8a}.good{color:#6fd08c}}";

/// The beginning of a page, up to its headline; `style` is added to what all pages look like.
#[must_use]
pub(crate) fn head(title: &str, style: &str) -> String {
    let title = escaped(title);
    // A page that asks for nothing may be kept from asking for anything.
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>{STYLE}{style}</style></head>\n\
         <body>\n<h1>{title}</h1>\n"
    )
}

/// Text as HTML and XML may hold it, in an attribute too; XML has no form for most control characters.
#[must_use]
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
