//! The characters that a name may not have, and those that a terminal may not see.

/// Whether no name may have this character anywhere.
pub(super) fn is_forbidden(c: char) -> bool {
    c.is_control()
        || is_reserved(c)
        || is_separator_or_special(c)
        || is_ignorable(c) && !is_joiner(c)
}

/// Whether a terminal would not show this character as a glyph of its own.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control() || is_separator_or_special(c) || is_ignorable(c) || is_private(c)
}

/// Appends `c`, escaped if it is hidden, and returns the number of characters that it took.
pub(super) fn push_escaped(shown: &mut String, c: char) -> usize {
    if is_hidden(c) {
        shown.extend(c.escape_unicode());
        return c.escape_unicode().len();
    }
    shown.push(c);
    1
}

/// `Default_Ignorable_Code_Point` of the Unicode Character Database: zero-width characters, bidi
/// controls, fillers, tags, selectors. HFS+ leaves many of them out when it compares names.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
    ) || matches!(c, '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}')
        || matches!(c, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

/// Those of the ignorable characters that ordinary names need: in emoji, between Persian and Indic
/// letters, for variants of Han and Mongolian letters.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{200c}'..='\u{200d}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// What some file system reads as more than a letter. Cygwin, WSL and SMB store `:` or `\` as private
/// characters from U+F000 on, and turn them back.
fn is_reserved(c: char) -> bool {
    matches!(
        c,
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{f000}'..='\u{f0ff}'
    )
}

/// Line and paragraph separators, interlinear marks, noncharacters.
fn is_separator_or_special(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}
