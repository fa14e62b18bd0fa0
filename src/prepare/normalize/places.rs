//! The places of a dateline: `WEST PALM BEACH, Fla./WASHINGTON`, `Chandigarh (Punjab) [India]`, `Frankfurt/Main`.

use crate::item::news::DatelinePlace;

/// Words of a place's name that are written small: `Rio de Janeiro`, `Frankfurt am Main`.
#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "a", "aan", "al", "am", "an", "and", "ar", "au", "auf", "aux", "bei", "d", "da", "das", "de", "del", "della",
    "den", "der", "des", "di", "do", "dos", "du", "e", "el", "em", "en", "es", "et", "ez", "i", "im", "in", "l",
    "la", "las", "le", "les", "los", "na", "nad", "ob", "of", "on", "op", "pod", "sous", "sul", "sur", "ten", "the",
    "und", "upon", "van", "von", "y", "zu",
];

/// Words that stand before a dash as a place does, and are none: labels of copy, bodies known by their initials.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "advisory", "agenda", "alert", "analysis", "background", "box", "breaking", "brief", "briefs", "bulletin",
    "calendar", "chronology", "column", "comment", "commentary", "corrected", "correction", "corrects", "diary",
    "editorial", "editors", "embargoed", "exclusive", "explainer", "factbox", "feature", "flash", "focus", "graphic",
    "highlights", "hold", "insight", "instant", "interview", "kill", "lead", "live", "media", "news", "newsmaker",
    "note", "obituary", "opinion", "outlook", "photos", "poll", "preview", "profile", "quotes", "recap", "refile",
    "repeat", "reportage", "results", "review", "roundup", "scores", "snap", "spotlight", "stocks", "summary",
    "table", "timeline", "update", "updated", "urgent", "video", "watch", "wrapup", "writethru", "asean", "ecowas",
    "fifa", "mercosur", "nasa", "nato", "opec", "uefa", "unesco", "unhcr", "unicef", "unifil", "wto",
];

/// Words that open a sentence or a list, never a place's name.
#[rustfmt::skip]
const OPENERS: &[&str] = &[
    "after", "although", "as", "at", "because", "before", "but", "by", "during", "for", "from", "he", "his", "her",
    "if", "it", "its", "on", "our", "she", "since", "that", "their", "these", "they", "this", "those", "to", "under",
    "we", "what", "when", "while", "who", "with", "you", "in", "am", "im", "and", "mr", "mrs", "ms", "dr",
    "president", "minister", "prime", "police", "nach",
];

/// Places whose own names hold a slash.
const SLASHED: &[&str] =
    &["frankfurt/main", "frankfurt/oder", "halle/saale", "biel/bienne", "biberach/riss", "lutherstadt/eisleben"];

/// Words in a place's name, at most.
const MAX_WORDS: usize = 5;
/// Places in a dateline, at most.
const MAX_PLACES: usize = 6;

/// Reads the whole of `text` as a list of places, or nothing.
pub fn read(text: &str) -> Option<Vec<DatelinePlace>> {
    let mut places = Vec::with_capacity(2);
    for part in split(text) {
        places.push(read_one(part)?);
    }
    (!places.is_empty() && places.len() <= MAX_PLACES).then_some(places)
}

/// True where a place's name may open with a small letter: an apostrophe (`'s-Hertogenbosch`) or a particle (`al-Arish`).
pub fn opens_place(text: &str) -> bool {
    ["'s-", "’s-", "al-", "el-", "as-", "ad-", "an-", "ar-", "ash-"].iter().any(|prefix| text.starts_with(prefix))
}

/// True where the first place's letters are all capitals, or of a script that has none.
pub fn is_capitals(text: &str) -> bool {
    let first = text.split(['/', ',', '(', '[', '،']).next().unwrap_or(text);
    let small = |word: &str| {
        // `McALLEN`, `St. LOUIS`, `RIO de JANEIRO`
        let lower = word.chars().filter(|c| c.is_lowercase()).count();
        lower > 0
            && !PARTICLES.contains(&word)
            && !(lower <= 2 && word.chars().filter(|c| c.is_uppercase()).count() > lower)
    };
    first.chars().any(char::is_alphabetic) && !first.split([' ', '-', '\n']).any(|w| small(w) && w != "St.")
}

/// True where a word of the name is a label or the initials of a body.
pub fn is_label(name: &str) -> bool {
    name.split([' ', '-', '\'', '.']).any(|word| LABELS.contains(&word.to_lowercase().as_str()))
}

/// Splits at slashes, and at an `and` between two names in capitals.
fn split(text: &str) -> Vec<&str> {
    let folded = text.split([',', '(']).next().unwrap_or(text).trim().to_lowercase();
    if SLASHED.contains(&folded.as_str()) {
        return vec![text];
    }
    let mut parts = Vec::new();
    for part in text.split(['/', ';']) {
        match part.split_once(" and ").filter(|(a, b)| is_capitals(a) && is_capitals(b)) {
            Some((a, b)) => parts.extend([a, b]),
            None => parts.push(part),
        }
    }
    parts
}

fn read_one(text: &str) -> Option<DatelinePlace> {
    let text = text.trim();
    let (name, mut qualifiers) = match text.find([',', '،', '(', '[']) {
        Some(at) => (text[..at].trim_end(), text[at..].split([',', '،', '(', ')', '[', ']'])),
        None => (text, "".split([',', '،', '(', ')', '[', ']'])),
    };
    let slashed = name.contains('/') && is_name(&name.replace('/', " "));
    if !(slashed || is_name(name)) || OPENERS.contains(&name.split([' ', '\n']).next()?.to_lowercase().as_str()) {
        return None;
    }
    let mut joined = String::new();
    for qualifier in qualifiers.by_ref().map(str::trim).filter(|q| !q.is_empty()) {
        if !is_name(qualifier) || (qualifier.starts_with(char::is_lowercase) && !qualifier.starts_with("the ")) {
            return None;
        }
        // `CHICAGO, April - `: a month that lost its day qualifies nothing.
        if super::calendar::month(qualifier.split(' ').next()?).is_some() {
            continue;
        }
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(qualifier);
    }
    let qualifier = (!joined.is_empty()).then(|| cased(&joined));
    Some(DatelinePlace { name: cased(name), qualifier })
}

/// One to five words of letters that are written as names are.
fn is_name(text: &str) -> bool {
    let mut words = 0;
    for word in text.split([' ', '\n']).filter(|w| !w.is_empty()) {
        words += 1;
        let letters = word.chars().all(|c| {
            c.is_alphabetic()
                || matches!(c, '.' | '\'' | '’' | '‘' | 'ʻ' | '`' | '-' | '\u{300}'..='\u{36F}')
                || matches!(c, '\u{64B}'..='\u{65F}' | '\u{93A}'..='\u{94F}' | '\u{200C}' | '\u{200D}')
        });
        let opens = word.trim_start_matches(['\'', '’', '‘', '`']).chars().next();
        let capital = opens.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
        if !letters || !(capital || PARTICLES.contains(&word) || opens_place(word)) {
            return false;
        }
    }
    (1..=MAX_WORDS).contains(&words) && text.chars().filter(|c| c.is_alphabetic()).count() >= 2
}

/// A name in capitals as it is written in running text: `RIO DE JANEIRO` becomes `Rio de Janeiro`. Abbreviations
/// (`D.C.`, `U.S.`) and names in mixed case stay.
fn cased(name: &str) -> String {
    if name.chars().any(char::is_lowercase) && !is_capitals(name) {
        return name.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut out = String::with_capacity(name.len());
    for (at, word) in name.split_whitespace().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        push_cased(&mut out, word, at > 0);
    }
    out
}

fn push_cased(out: &mut String, word: &str, inner: bool) {
    let initials = word.matches('.').count() >= 2 || (word.len() == 2 && word.ends_with('.'));
    if initials || word.chars().any(char::is_lowercase) {
        out.push_str(word);
        return;
    }
    for (at, part) in word.split_inclusive(['-', '\'', '’']).enumerate() {
        let bare = part.trim_end_matches(['-', '\'', '’']).to_lowercase();
        let particle = (inner || at > 0) && PARTICLES.contains(&bare.as_str()) && bare.chars().count() > 1;
        let mut chars = part.chars();
        // `JOHN'S`: one letter after an apostrophe is an ending.
        let ending = at > 0 && bare.chars().count() == 1;
        if particle || ending {
            out.push_str(&part.to_lowercase());
        } else if let Some(first) = chars.next() {
            out.push(first);
            out.extend(chars.flat_map(char::to_lowercase));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, Option<String>)> {
        read(text).unwrap_or_default().into_iter().map(|p| (p.name, p.qualifier)).collect()
    }

    #[test]
    fn names_and_qualifiers() {
        let plain = |names: &[(&str, Option<&str>)]| {
            names.iter().map(|(n, q)| ((*n).to_owned(), q.map(str::to_owned))).collect::<Vec<_>>()
        };
        for (text, places) in [
            ("Moscow/Tehran", plain(&[("Moscow", None), ("Tehran", None)])),
            ("KNOXVILLE, Tenn.", plain(&[("Knoxville", Some("Tenn."))])),
            ("WEST PALM BEACH, Fla./WASHINGTON", plain(&[("West Palm Beach", Some("Fla.")), ("Washington", None)])),
            ("Chandigarh (Punjab) [India]", plain(&[("Chandigarh", Some("Punjab, India"))])),
            ("RIO DE JANEIRO", plain(&[("Rio de Janeiro", None)])),
            ("PORT-AU-PRINCE", plain(&[("Port-au-Prince", None)])),
            ("Frankfurt/Main", plain(&[("Frankfurt/Main", None)])),
            ("LA PAZ", plain(&[("La Paz", None)])),
            ("N'DJAMENA", plain(&[("N'Djamena", None)])),
            ("ST. JOHN'S, Newfoundland", plain(&[("St. John's", Some("Newfoundland"))])),
            ("PORT OF SPAIN, Trinidad and Tobago", plain(&[("Port of Spain", Some("Trinidad and Tobago"))])),
            ("WASHINGTON, D.C.", plain(&[("Washington", Some("D.C."))])),
            ("नई दिल्ली", plain(&[("नई दिल्ली", None)])),
        ] {
            assert_eq!(names(text), places, "{text}");
        }
        for text in ["In Paris", "Police said the", "Boeing 737", "", "the second", "a/b"] {
            assert_eq!(names(text), plain(&[]), "{text}");
        }
    }
}
