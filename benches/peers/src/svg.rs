//! A picture of curves over a logarithmic axis, as SVG text: no script, no font of its own, light and dark.

use core::fmt::Write;

use crate::rows::size;

const PANEL_WIDTH: f64 = 430.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 28.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 62.0;
const HEIGHT: f64 = 380.0;

/// Colours by class, so that a page in dark mode can have others. Curves differ in their dashes too.
const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#1f2328}.small{font-size:11px;fill:#59636e}.head{font-size:14px;font-weight:600}
.grid{stroke:#d1d9e0;stroke-width:1}.axis{stroke:#818b98;stroke-width:1}.curve{fill:none;stroke-width:2.2}
.c0{stroke:#1a7f37}.c1{stroke:#0969da}.c2{stroke:#bc4c00;stroke-dasharray:6 4}
.d0{fill:#1a7f37}.d1{fill:#0969da}.d2{fill:#bc4c00}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}.grid{stroke:#30363d}.axis{stroke:#656c76}
.c0{stroke:#3fb950}.c1{stroke:#58a6ff}.c2{stroke:#f0883e}.d0{fill:#3fb950}.d1{fill:#58a6ff}.d2{fill:#f0883e}}";

/// What somebody reached: bytes, and GB/s.
pub(crate) struct Curve {
    pub(crate) name: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
}

impl Curve {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            points: Vec::new(),
        }
    }
}

pub(crate) struct Panel<'a> {
    pub(crate) title: &'static str,
    pub(crate) curves: &'a [Curve],
}

/// Panels side by side, which share their axes and their legend.
pub(crate) struct Picture<'a> {
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) panels: Vec<Panel<'a>>,
}

impl Picture<'_> {
    pub(crate) fn to_svg(&self) -> String {
        let mut width = 0.0;
        let scale = self.scale();
        let mut inside = String::new();
        for panel in &self.panels {
            inside += &panel.drawn(width, &scale);
            width += PANEL_WIDTH;
        }
        let (title, note) = (escaped(&self.title), escaped(&self.note));
        let y = HEIGHT - 12.0;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{HEIGHT}\" viewBox=\"0 0 {width} {HEIGHT}\" role=\"img\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n\
             <text class=\"head\" x=\"{LEFT}\" y=\"22\">{title}</text>\n{}{inside}\
             <text class=\"small\" x=\"{LEFT}\" y=\"{y}\">{note}</text>\n</svg>\n",
            self.legend(),
        )
    }

    fn scale(&self) -> Scale {
        let points = || {
            let curves = self.panels.iter().flat_map(|panel| panel.curves);
            curves.flat_map(|curve| curve.points.iter().copied())
        };
        let first = points().map(|(x, _)| x).fold(f64::INFINITY, f64::min);
        let last = points().map(|(x, _)| x).fold(first, f64::max);
        let highest = points().map(|(_, y)| y).fold(0.0, f64::max);
        let step = step(highest);
        Scale {
            first,
            last,
            step,
            top: (highest / step).ceil().max(1.0) * step,
        }
    }

    fn legend(&self) -> String {
        let mut text = String::new();
        let mut x = LEFT;
        let names = self
            .panels
            .first()
            .into_iter()
            .flat_map(|panel| panel.curves);
        for (number, curve) in names.enumerate() {
            let (end, middle, words) = (x + 28.0, x + 14.0, x + 34.0);
            let _ = writeln!(
                text,
                "<path class=\"curve c{number}\" d=\"M{x} 42H{end}\"/><circle class=\"d{number}\" cx=\"{middle}\" cy=\"42\" r=\"3\"/>\
                 <text x=\"{words}\" y=\"46\">{}</text>",
                escaped(curve.name)
            );
            x += 200.0;
        }
        text
    }
}

/// From sizes and rates to places in a panel.
struct Scale {
    first: f64,
    last: f64,
    step: f64,
    top: f64,
}

impl Scale {
    fn x(&self, bytes: f64) -> f64 {
        let whole = (self.last / self.first).log2().max(1.0);
        LEFT + (bytes / self.first).log2() / whole * (PANEL_WIDTH - LEFT - RIGHT)
    }

    fn y(&self, rate: f64) -> f64 {
        HEIGHT - BOTTOM - rate / self.top * (HEIGHT - BOTTOM - TOP)
    }
}

/// One, two or five times a power of ten, so that there are at most seven lines.
fn step(highest: f64) -> f64 {
    let mut power = 0.001;
    loop {
        for times in [1.0, 2.0, 5.0] {
            if highest <= 7.0 * times * power {
                return times * power;
            }
        }
        power *= 10.0;
    }
}

impl Panel<'_> {
    fn drawn(&self, left: f64, scale: &Scale) -> String {
        let mut text = format!(
            "<g transform=\"translate({left} 0)\">\n<text class=\"head\" x=\"{LEFT}\" y=\"72\">{}</text>\n",
            self.title
        );
        text += &Self::rates(scale);
        text += &self.sizes(scale);
        for (number, curve) in self.curves.iter().enumerate() {
            text += &drawn_curve(number, curve, scale);
        }
        text + "</g>\n"
    }

    fn rates(scale: &Scale) -> String {
        let mut text = String::new();
        let (end, beside) = (PANEL_WIDTH - RIGHT, LEFT - 6.0);
        let mut rate = 0.0;
        while rate <= scale.top * 1.001 {
            let y = scale.y(rate);
            let (class, label) = if rate == 0.0 {
                ("axis", y)
            } else {
                ("grid", y + 4.0)
            };
            let _ = writeln!(
                text,
                "<path class=\"{class}\" d=\"M{LEFT} {y:.1}H{end}\"/><text class=\"small\" x=\"{beside}\" y=\"{label:.1}\" text-anchor=\"end\">{}</text>",
                short(rate)
            );
            rate += scale.step;
        }
        let y = scale.y(scale.top) - 8.0;
        let _ = writeln!(
            text,
            "<text class=\"small\" x=\"{beside}\" y=\"{y:.1}\" text-anchor=\"end\">GB/s</text>"
        );
        text
    }

    /// A mark for each size, words for every second one.
    fn sizes(&self, scale: &Scale) -> String {
        let mut text = String::new();
        let points = self.curves.first().map_or(&[][..], |curve| &curve.points);
        let (floor, under) = (HEIGHT - BOTTOM, HEIGHT - BOTTOM + 18.0);
        for (number, (bytes, _)) in points.iter().enumerate() {
            let x = scale.x(*bytes);
            let _ = write!(text, "<path class=\"axis\" d=\"M{x:.1} {floor}v4\"/>");
            if number % 2 == 0 {
                let words = size(whole(*bytes));
                let _ = write!(
                    text,
                    "<text class=\"small\" x=\"{x:.1}\" y=\"{under}\" text-anchor=\"middle\">{words}</text>"
                );
            }
            text.push('\n');
        }
        text
    }
}

fn drawn_curve(number: usize, curve: &Curve, scale: &Scale) -> String {
    let (mut line, mut dots) = (String::new(), String::new());
    for (bytes, rate) in &curve.points {
        let (x, y) = (scale.x(*bytes), scale.y(*rate));
        let letter = if line.is_empty() { 'M' } else { 'L' };
        let _ = write!(line, "{letter}{x:.1} {y:.1}");
        let _ = write!(
            dots,
            "<circle class=\"d{number}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"
        );
    }
    format!("<path class=\"curve c{number}\" d=\"{line}\"/>\n{dots}\n")
}

/// A number without the digits that say nothing.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length that was a whole number"
)]
const fn whole(bytes: f64) -> u64 {
    bytes as u64
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_words_and_closes_what_it_opens() {
        let mut curve = Curve::new("a & b");
        curve.points = vec![(1024.0, 0.5), (4096.0, 3.4)];
        let curves = [curve];
        let picture = Picture {
            title: "rates".to_owned(),
            note: "here".to_owned(),
            panels: vec![Panel {
                title: "sealing",
                curves: &curves,
            }],
        };
        let svg = picture.to_svg();
        for words in [
            "a &amp; b",
            ">sealing<",
            ">1 KiB<",
            ">GB/s<",
            ">3.5<",
            "prefers-color-scheme",
        ] {
            assert!(svg.contains(words), "{words}");
        }
        for element in ["svg", "g", "text", "style", "title"] {
            let opened = svg.matches(&format!("<{element}>")).count()
                + svg.matches(&format!("<{element} ")).count();
            assert_eq!(
                opened,
                svg.matches(&format!("</{element}>")).count(),
                "{element}"
            );
        }
    }
}
