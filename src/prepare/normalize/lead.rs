//! What stands above the copy: bylines, notes to editors, picture lines, embargoes.
//!
//! Each function looks at one line or paragraph and says what it is. They are shared by the plain-text decoder, which reads
//! headers line by line, and by normalization, which finds the same things at the top of any format's body.

use super::agencies;
use super::calendar;
use super::openers::{folded_head, opens_with};

/// Words of a byline, at most.
const MAX_BYLINE_WORDS: usize = 14;
const MAX_BYLINE_BYTES: usize = 140;
const MAX_EMBARGO_BYTES: usize = 160;

/// Words that open a byline.
#[rustfmt::skip]
const BY: &[&str] = &[
    "By ", "BY ", "Von ", "VON ", "Par ", "PAR ", "Por ", "POR ", "Di ", "DI ", "Door ", "Av ", "Af ", "Автор: ",
    "Byline: ", "بقلم ",
];

/// Small words that stand in bylines.
#[rustfmt::skip]
const BYLINE_WORDS: &[&str] = &[
    "and", "und", "et", "y", "e", "en", "og", "och", "in", "at", "with", "for", "of", "the", "de", "del", "der",
    "den", "di", "da", "do", "dos", "du", "la", "le", "van", "von", "vom", "zu", "al", "el", "bin", "ibn",
    "correspondent", "correspondents", "reporter", "reporters", "writer", "writers", "editor", "editors", "staff",
    "agency", "agencies", "our", "special", "unserem", "unserer", "notre", "nuestro", "и",
];

/// The names in a byline: `By CHARLES ODUM=` gives `CHARLES ODUM`.
///
/// Names are capitalized words; a sentence that opens with `By` has small ones, a month, a day or figures.
pub fn byline(line: &str) -> Option<&str> {
    let opener = BY.iter().find(|opener| line.starts_with(**opener))?;
    let names = line[opener.len()..].trim_matches([' ', '=', '<', '@', ';']);
    if names.is_empty() || names.len() > MAX_BYLINE_BYTES || names.contains(['\n', '?', '!', ':', '"', '“']) {
        return None;
    }
    let names = names.strip_suffix('.').filter(|n| !n.contains(". ")).unwrap_or(names);
    let mut capitals = 0;
    let mut words = 0;
    for word in names.split([' ', ',', '/', '&', '(', ')', ';']).filter(|w| !w.is_empty()) {
        words += 1;
        let first = word.chars().next()?;
        if word.contains('@') || agencies::is_known(word, None) {
            continue;
        }
        if word.chars().any(char::is_numeric) || calendar::weekday(word).is_some() {
            return None;
        }
        if first.is_alphabetic() && !first.is_lowercase() {
            capitals += 1;
        } else if !BYLINE_WORDS.contains(&word) && !word.starts_with("al-") && !word.starts_with("el-") {
            return None;
        }
    }
    let plausible = words <= MAX_BYLINE_WORDS && (capitals >= 1 || (words >= 2 && names.contains("correspondent")));
    plausible.then_some(names)
}

/// The line under a byline: `AP Sports Writer`, `Associated Press`, `The San Diego Union-Tribune =`.
pub fn byline_title(line: &str) -> Option<&str> {
    let title = line.trim_matches([' ', '=', '<', '@']);
    if title.is_empty() || title.len() > 60 || title.ends_with('.') || title.contains(['\n', ':']) {
        return None;
    }
    let is_role = |w: &str| {
        matches!(
            w.to_lowercase().as_str(),
            "writer"
                | "writers"
                | "correspondent"
                | "correspondents"
                | "reporter"
                | "editor"
                | "columnist"
                | "korrespondent"
                | "correspondant"
                | "corresponsal"
                | "redakteur"
                | "critic"
        )
    };
    let words = title.split(' ').count();
    let capital = title.starts_with(char::is_uppercase);
    ((capital && words <= 6 && title.split(' ').any(is_role)) || agencies::is_known(title, None)).then_some(title)
}

/// True for a note to editors or a picture line: `Eds: Updates.`, `ATTN`, `EDITOR'S NOTE _`, `AP Photo X1, X2`, `(Adds quotes)`.
pub fn is_note(line: &str) -> bool {
    #[rustfmt::skip]
    const OPENERS: &[&str] = &[
        "eds:", "eds.", "(eds:", "(eds.", "eds ", "editors:", "editor's note", "editors' note", "editor’s note",
        "editors’ note", "editors note", "(editor's note", "(editors: ", "(editors' note", "[editor's note",
        "note to editors", "notes to editors", "notes to editor", "(note to editors", "attn:", "attn ", "attn.",
        "attention editors", "attention: ", "ap photo", "(ap photo", "with photo", "(with photo", "photo:",
        "photos:", "ap video", "pictures:", "pix:", "achtung redaktionen", "(achtung", "hinweis:",
        "hinweis an die redaktion", "hinweis für redaktionen", "redaktioneller hinweis", "zur kenntnis:",
        "note aux rédactions", "note aux redactions", "à l'attention des rédactions", "(note aux rédactions",
        "nota a los editores", "nota del editor", "atención editores", "atencion redacciones", "atención redacciones", "attention redactions",
        "attention rédactions", "nota aos editores", "nota ai redattori",
        "вниманию редакторов", "вниманию редакций", "примечание для редакторов", "ملاحظة للمحررين", "संपादक",
    ];
    let Some(first) = line.chars().next().filter(|c| c.is_alphabetic() || matches!(c, '(' | '[')) else {
        return false;
    };
    if matches!(first, '(' | '[') && is_whole_bracket(line) && super::marks::of_note(line).is_some() {
        return true;
    }
    // Only the few letters that openers begin with are worth folding.
    let head = folded_head(line, 40);
    // A picture's caption is a line; a paragraph that opens like one is copy.
    if head.starts_with("photo") && line.len() > 120 {
        return false;
    }
    // `Eds said` is a sentence about a man called Ed, `EDS NOTE` is a note.
    let shouted = !head.starts_with("eds ") || line.starts_with("EDS ");
    shouted && opens_with(&head, OPENERS)
}

/// True where one pair of brackets holds all of a paragraph.
pub fn is_whole_bracket(text: &str) -> bool {
    let (open, close) = match text.chars().next() {
        Some('(') => ('(', ')'),
        Some('[') => ('[', ']'),
        _ => return false,
    };
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return text[at + c.len_utf8()..].trim_matches(['.', ' ', '<']).is_empty();
            }
        }
    }
    false
}

/// The time in an embargo line, in the wire's words: `EMBARGOED UNTIL 0001 GMT MARCH 11` gives `0001 GMT MARCH 11`. Empty
/// where it names none.
pub fn embargo(line: &str) -> Option<&str> {
    #[rustfmt::skip]
    const OPENERS: &[&str] = &[
        "strictly embargoed", "under strict embargo", "under embargo", "embargoed", "embargo", "sperrfrist",
        "sous embargo", "bajo embargo", "embargado", "embargada", "sob embargo", "sotto embargo", "эмбарго", "محظور النشر", "محظور نشره", "embargo'd",
        "not for publication before", "not for publication until", "not for release before", "not for release until",
        "hold for release until", "hold for release till", "hold for release", "for release at", "for release on",
        "for release after", "for release", "advance for", "for use", "release time", "release date", "frei für",
    ];
    // What a day must follow at once.
    const DAY_OPENERS: &[&str] = &["for release", "advance for", "for use"];
    #[rustfmt::skip]
    const LINKS: &[&str] = &[
        "for", "release", "publication", "use", "broadcast", "not", "until", "till", "til", "to", "before", "by",
        "bis", "jusqu'au", "jusqu’au", "jusqu'à", "jusqu’à", "hasta", "até", "fino", "al", "a", "alle", "до", "حتى", "قبل", "at",
        "on", "von", "ab", "el", "las", "le", "the", "der", "zum", "freitag,", "ends", "lifts",
    ];
    let line = line.trim_matches(['(', ')', '[', ']', '*', '=', '<', ' ', '+', '!', '#', '/']);
    if line.len() > MAX_EMBARGO_BYTES {
        return None;
    }
    let head = folded_head(line, 40);
    let first = head.as_bytes().first();
    let opens = |opener: &&&str| opener.as_bytes().first() == first && head.starts_with(**opener);
    let opener = OPENERS.iter().filter(opens).max_by_key(|o| o.len())?;
    // The folded head has the same number of characters: none of the openers' letters changes its count.
    let start = line.char_indices().nth(opener.chars().count()).map_or(line.len(), |(at, _)| at);
    let after = &line[start..];
    if after.starts_with(char::is_alphabetic) {
        return None;
    }
    let mut rest = after.trim_start_matches([' ', ':', '-', '–', '—', '.', ',']);
    let marked = line.starts_with(|c: char| !c.is_lowercase()) && (line.len() - rest.len()) > 0;
    loop {
        let word = rest.split(' ').next().unwrap_or("");
        if word.is_empty() || !LINKS.contains(&word.trim_end_matches(':').to_lowercase().as_str()) {
            break;
        }
        rest = rest[word.len()..].trim_start();
    }
    // `Embargo on arms sales to end` is a sentence: an embargo line gives a figure soon, or nothing.
    let near_figure = rest.chars().take(32).any(|c| calendar::digit(c).is_some()) || rest.is_empty();
    // `For release of hostages` names no day.
    let first = rest.split([' ', ',']).next().unwrap_or("");
    let day = calendar::weekday(first).is_some()
        || calendar::month(first).is_some()
        || rest.starts_with(|c| calendar::digit(c).is_some());
    (marked && near_figure && (day || !DAY_OPENERS.contains(opener))).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bylines() {
        for (line, names) in [
            ("By CHARLES ODUM=", "CHARLES ODUM"),
            ("By Anna Novak and Li Wei", "Anna Novak and Li Wei"),
            ("By dpa correspondents =", "dpa correspondents"),
            ("Von Jan Müller, dpa", "Jan Müller, dpa"),
            ("By Tom Krall, The Plain Paper", "Tom Krall, The Plain Paper"),
            ("Par Marie DUPONT", "Marie DUPONT"),
        ] {
            assert_eq!(byline(line), Some(names), "{line}");
        }
        for line in [
            "By Monday the river had risen",
            "By contrast, Spain",
            "By 2030 Rome wants",
            "Von der Leyen sagte am Montag",
            "Por la tarde",
            "By ",
        ] {
            assert_eq!(byline(line), None, "{line}");
        }
        assert_eq!(byline_title("AP Sports Writer="), Some("AP Sports Writer"));
        assert_eq!(byline_title("The river rose on Monday"), None);
    }

    #[test]
    fn notes() {
        for line in [
            "Eds: Updates.",
            "(Adds quotes, background)",
            "EDITOR'S NOTE _ x",
            "AP Photo X1",
            "ATTN EDITORS",
            "(This story corrects the name)",
        ] {
            assert!(is_note(line), "{line}");
        }
        for line in ["Edson scored twice", "(He said so.)", "Attention turned to Paris", "The editors"] {
            assert!(!is_note(line), "{line}");
        }
    }

    #[test]
    fn embargoes() {
        for (line, time) in [
            ("EMBARGOED UNTIL 0001 GMT MARCH 11", "0001 GMT MARCH 11"),
            ("Embargoed to 0001 Friday September 9", "0001 Friday September 9"),
            ("SPERRFRIST: 11.03.2026, 06.00 Uhr", "11.03.2026, 06.00 Uhr"),
            ("(Embargoed for release until 6 a.m. ET Wednesday)", "6 a.m. ET Wednesday"),
            ("SOUS EMBARGO jusqu'au 11 mars à 06h00", "11 mars à 06h00"),
            ("EMBARGOED", ""),
            ("For release Sunday, March 15, and thereafter", "Sunday, March 15, and thereafter"),
            ("ADVANCE FOR SUNDAY, MARCH 15", "SUNDAY, MARCH 15"),
        ] {
            assert_eq!(embargo(line), Some(time), "{line}");
        }
        for line in [
            "Embargo on arms sales to be lifted soon",
            "The embargo ends",
            "Embargoes hurt",
            "For release of 20 hostages, talks go on",
        ] {
            assert_eq!(embargo(line), None, "{line}");
        }
    }
}
