//! The findings on one page, with pictures and plots.

use super::ciphers::Subject;
use super::differences::Difference;
use super::findings::{Findings, MARKED, NECESSARY, REFERENCE};
use super::plots;
use super::statistics::{Kind, Measure};
use super::text::{FLAT, IVS, of_chance, of_toy, p};
use super::trials::Trial;
use crate::exit::Failure;
use crate::html::{Page, escaped, moment, now};
use crate::label::Label;
use crate::output::hex;

const STYLE: &str = "
body { max-width: 76rem }
table.numbers th, table.numbers td { width: auto; text-align: right; font-variant-numeric: tabular-nums }
table.numbers th:first-child, table.numbers td.words { text-align: left }
small { display: block; color: #555 }
.marked { background: #fdecea }
.row { display: flex; flex-wrap: wrap; gap: 1rem }
figure { margin: 0; width: 13rem } figure img { width: 100%; image-rendering: pixelated } figcaption { font-weight: 600 }
svg { display: block; width: 100%; margin-top: .4rem; border: 1px solid #ccc }
.bars { fill: #3b5b92 } .ideal { stroke: #b42318; fill: none; stroke-dasharray: 4 3 }
.dots { stroke: #3b5b92; stroke-width: 3; stroke-linecap: round; stroke-opacity: .55; fill: none }
";

/// How each number is made, and what it is held against.
const METHOD: &str = "<h2>How it is computed</h2>\n<p>N is the number of samples; of a colour picture each sample counts, and \
neighbours are of one colour. All samples and all pairs are used. A cipher is ideal if its samples are independent and each of the \
256 values is as likely as another; <em>p</em> is how often an ideal cipher is at least as far off as what was measured.</p>\n<ul>\n\
<li>Entropy of the histogram. An ideal cipher does not reach 8 bits either: 8 - 255 / (2N ln 2) on average. 2N ln 2 times what is \
missing has the distribution of chi-square with 255 degrees of freedom; two-sided.</li>\n\
<li>Chi-square of the histogram against equal shares, 255 degrees of freedom; two-sided, for too flat is suspicious too.</li>\n\
<li>Correlation of neighbours, horizontal, vertical, diagonal: mean 0, deviation 1 / &radic;pairs; two-sided.</li>\n\
<li>NPCR, the share of samples that differ, and UACI, by how much they differ, of two encryptions between which the lowest bit of the \
middle sample was changed; each draws what it draws in use, a new key among it. Distributions: Wu, Noonan, Agaian, NPCR and UACI \
Randomness Tests for Image Encryption, 2011. NPCR one-sided, as there; UACI two-sided.</li>\n\
<li>Key: one bit of the key was changed, and nothing else. The share of bits that differ (two-sided), and NPCR. The key of a sealed \
stream is its content encryption key.</li>\n</ul>\n<p>The ciphertext of the two suites is that of streams which the library sealed, \
without frames and tags, from the first chunk on. Plots of neighbours show some 1500 pairs of them; large pictures are drawn with one pixel of several, and none averaged.</p>\n";

pub(super) fn of(label: &Label, findings: &Findings) -> Result<String, Failure> {
    let heading = format!("Evaluation of ciphers on a picture: {}", label.shown);
    let mut page = Page::new(
        "secimg: evaluation of ciphers on a picture",
        STYLE,
        &heading,
    );
    page.verdict("care", NECESSARY);
    page.add(format_args!(
        "<p>{} {}</p>\n",
        escaped(&findings.insecure_that_pass()),
        escaped(REFERENCE)
    ));
    page.picture(findings);
    page.add("<h2>The tests</h2>\n");
    page.measures(&findings.given);
    page.add(format_args!("<p>{}</p>\n", escaped(&of_chance(findings))));
    page.add("<p>Each with its histogram (dashed: all values equally likely), and samples against their neighbours to the right.</p>\n");
    page.figures(&findings.given)?;
    page.add("<h2>The same ciphers on a flat drawing</h2>\n");
    page.add(format_args!("<p>{FLAT}</p>\n"));
    page.figures(&findings.flat)?;
    page.measures(&findings.flat);
    page.add("<h2>The toy is no cipher</h2>\n");
    page.add(format_args!("<p>{}</p>\n", escaped(&of_toy(findings))));
    page.add("<h2>What NPCR and UACI measure</h2>\n");
    page.add(format_args!("<p>{IVS}</p>\n"));
    page.differences(&findings.differences);
    page.add(
        "<h2>What counts</h2>\n<p>Tried in this run, on streams that were sealed for it.</p>\n",
    );
    page.trials(&findings.trials);
    page.add(METHOD);
    Ok(page.end())
}

impl Page {
    fn picture(&mut self, findings: &Findings) {
        let colour = match findings.channels {
            1 => "grey",
            _ => "red, green and blue",
        };
        self.table(|rows| {
            rows.text("Format", findings.format);
            let size = format!("{} x {} pixels, {colour}", findings.width, findings.height);
            rows.text("Picture", &size);
            let reduced = findings.reduced();
            rows.text("Evaluated", reduced.as_deref().unwrap_or("all of it"));
            rows.text("Samples", &findings.samples().to_string());
            rows.code("SHA-256 of the file", &hex(&findings.sha256));
            let by = concat!("secimg ", env!("CARGO_PKG_VERSION"));
            rows.text("Evaluated by", &format!("{by}, {}", moment(now())));
        });
    }

    fn measures(&mut self, subjects: &[Subject]) {
        self.add("<table class=\"numbers\">\n<tr><th></th><th>ideal<small>deviation</small></th>");
        for subject in subjects {
            let (name, what) = (subject.cipher.name(), subject.cipher.what());
            self.add(format_args!(
                "<th>{}<small>{}</small></th>",
                escaped(&name),
                escaped(&what)
            ));
        }
        self.add("</tr>\n");
        for (row, kind) in Kind::ALL.into_iter().enumerate() {
            let all = subjects.iter().map(|subject| subject.measures.get(row));
            let Some(any) = all.clone().flatten().next() else {
                continue;
            };
            self.add(format_args!(
                "<tr><th>{}</th><td>{}<small>&plusmn; {}</small></td>",
                kind.label(),
                kind.show(any.expected),
                kind.show_deviation(any.deviation)
            ));
            for measure in all {
                self.cell(measure);
            }
            self.add("</tr>\n");
        }
        self.add("</table>\n");
    }

    fn cell(&mut self, measure: Option<&Measure>) {
        let Some(measure) = measure else {
            return self.add("<td>&ndash;</td>");
        };
        let class = if measure.p < MARKED {
            " class=\"marked\""
        } else {
            ""
        };
        let (value, p) = (measure.kind.show(measure.value), escaped(&p(measure.p)));
        let mark = if measure.p < MARKED { "*" } else { "" };
        self.add(format_args!(
            "<td{class}>{value}<small>p {p}{mark}</small></td>"
        ));
    }

    fn figures(&mut self, subjects: &[Subject]) -> Result<(), Failure> {
        self.add("<div class=\"row\">\n");
        for subject in subjects {
            let name = escaped(&subject.cipher.name());
            let drawn = plots::picture(&subject.picture, &name)?;
            let histogram = plots::histogram(&subject.histogram);
            let scatter = plots::scatter(&subject.picture);
            self.add(format_args!(
                "<figure><figcaption>{name}</figcaption>{drawn}{histogram}{scatter}</figure>\n"
            ));
        }
        self.add("</div>\n");
        Ok(())
    }

    fn differences(&mut self, rows: &[Difference]) {
        self.add(
            "<table class=\"numbers\">\n<tr><th>Two encryptions by</th><th>changed between them</th><th>NPCR, %</th>\
             <th>follows from how it works, %</th><th>UACI, %</th></tr>\n",
        );
        for row in rows {
            let percent = |value| Kind::Npcr.show(value);
            self.add(format_args!(
                "<tr><td class=\"words\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                escaped(&row.name),
                escaped(row.changed),
                percent(row.npcr.value),
                percent(row.follows),
                percent(row.uaci.value)
            ));
        }
        self.add("</table>\n");
    }

    fn trials(&mut self, trials: &[Trial]) {
        self.add(
            "<table class=\"numbers\">\n<tr><th>What was tried, and must hold each time</th><th>suite</th><th>tried</th><th>held</th></tr>\n",
        );
        for trial in trials {
            let text = trial
                .text
                .as_deref()
                .map(|text| format!("<small>{}</small>", escaped(text)));
            self.add(format_args!(
                "<tr><td class=\"words\">{}{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                escaped(trial.what),
                text.unwrap_or_default(),
                trial.suite,
                trial.tried,
                trial.held
            ));
        }
        self.add("</table>\n");
    }
}
