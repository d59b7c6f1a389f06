//! Pages for people: one file that needs no network and runs nothing.

use core::fmt::{Display, Write as _};
use std::io::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding};
use secimg::io::file::{FileMode, Overwrite};
use sha2::{Digest, Sha256};

use crate::exit::Failure;
use crate::output::rfc3339;
use crate::pending::Pending;

const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-top: 1px solid #ccc }
th { width: 13rem; font-weight: 600 }
code { overflow-wrap: anywhere }
img { max-width: 100%; height: auto; border: 1px solid #ccc }
.verdict { padding: .6rem 1rem; font-weight: 600; border-left: .5rem solid }
.good { border-color: #18794e; background: #e9f6ef } .bad { border-color: #b42318; background: #fdecea }
.care { border-color: #8a6d00; background: #fff6dd }
";

/// A page in the making.
pub(crate) struct Page(String);

/// Rows of a table, each with a name.
pub(crate) struct Rows(String);

impl Page {
    /// Starts a page. It may show pictures that it holds and use its one style, to which `style` adds, and nothing else: no
    /// text of a sender's becomes more.
    pub(crate) fn new(title: &str, style: &str, heading: &str) -> Self {
        let style = format!("{STYLE}{style}");
        let digest = Base64::encode_string(&Sha256::digest(&style));
        let mut page = Self(String::new());
        page.add(format_args!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'sha256-{digest}'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{style}</style>\n<h1>{}</h1>\n",
            escaped(heading)
        ));
        page
    }

    /// Adds what is markup already.
    pub(crate) fn add(&mut self, markup: impl Display) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{markup}");
    }

    pub(crate) fn verdict(&mut self, class: &str, text: &str) {
        self.add(format_args!(
            "<p class=\"verdict {class}\">{}</p>\n",
            escaped(text)
        ));
    }

    pub(crate) fn table(&mut self, fill: impl FnOnce(&mut Rows)) {
        let mut rows = Rows(String::new());
        fill(&mut rows);
        self.add(format_args!("<table>\n{}</table>\n", rows.0));
    }

    pub(crate) fn end(mut self) -> String {
        self.add("</html>\n");
        self.0
    }
}

impl Rows {
    pub(crate) fn row(&mut self, name: &str, cell: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "<tr><th>{name}</th><td>{cell}</td></tr>");
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.row(name, escaped(text));
    }

    pub(crate) fn code(&mut self, name: &str, text: &str) {
        self.row(name, format_args!("<code>{}</code>", escaped(text)));
    }
}

/// Text that cannot be taken for markup.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Seconds since 1970; 0 where the system's clock is not set.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Seconds since 1970, for people.
pub(crate) fn moment(seconds: u64) -> String {
    rfc3339(seconds).unwrap_or_else(|| "unknown".to_owned())
}

pub(crate) fn write_page(path: &Path, overwrite: Overwrite, page: &str) -> Result<(), Failure> {
    let mut file = Pending::create(path, overwrite)?;
    let written = file.write_all(page.as_bytes());
    written.map_err(|error| Failure::io("writing the page failed", &error))?;
    Ok(file.commit(FileMode::Shared)?)
}
