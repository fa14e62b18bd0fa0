//! The wire's own codes to Media Topics.

use super::taxonomy::{Taxonomy, TopicId, parse_code};
use crate::item::wire::WireSubject;

/// The Media Topic that a code of the wire stands for, if its scheme is one of IPTC's or ANPA's.
pub(super) fn resolve(subject: &WireSubject, taxonomy: &Taxonomy) -> Option<TopicId> {
    let (scheme, code) = split(subject);
    match scheme_of(scheme) {
        Scheme::MediaTopic => media_topic(parse_code(code)?, taxonomy),
        Scheme::SubjectCode => taxonomy.by_subject_code(parse_code(code)?),
        // NITF and NewsML 1.2 often name IPTC and leave it to the code which of its schemes it is from.
        Scheme::Iptc => parse_code(code).and_then(|code| {
            let later = (code >= 20_000_000).then(|| media_topic(code, taxonomy)).flatten();
            later.or_else(|| taxonomy.by_subject_code(code))
        }),
        Scheme::Anpa => taxonomy.by_code(anpa_category(code)?),
        Scheme::Other => None,
    }
}

enum Scheme {
    MediaTopic,
    SubjectCode,
    Iptc,
    Anpa,
    Other,
}

fn scheme_of(scheme: &str) -> Scheme {
    let scheme = scheme.to_ascii_lowercase();
    if scheme == "medtop" || scheme.contains("mediatopic") {
        Scheme::MediaTopic
    } else if scheme == "subj" || scheme.contains("subjectcode") || scheme.contains("subject.refnum") {
        Scheme::SubjectCode
    } else if scheme.contains("iptc") {
        Scheme::Iptc
    } else if scheme == "anpa" || scheme.contains("anpacategory") {
        Scheme::Anpa
    } else {
        Scheme::Other
    }
}

/// Scheme and code; a code that is itself a URI or a QCode names its scheme.
fn split(subject: &WireSubject) -> (&str, &str) {
    let code = subject.code.trim();
    match code.rsplit_once(['/', ':']) {
        Some((scheme, code)) => (scheme, code),
        None => (&subject.scheme, code),
    }
}

fn media_topic(code: u32, taxonomy: &Taxonomy) -> Option<TopicId> {
    taxonomy.by_code(code).or_else(|| taxonomy.retired(code))
}

/// ANPA 1312 categories that name a topic; the others name a place of origin or a kind of copy.
fn anpa_category(code: &str) -> Option<u32> {
    match code {
        "e" | "E" => Some(1_000_000),
        "f" | "F" => Some(4_000_000),
        "o" | "O" => Some(17_000_000),
        "p" | "P" => Some(11_000_000),
        "q" | "Q" | "s" | "S" => Some(15_000_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_all_schemes_map() {
        let taxonomy = Taxonomy::builtin().unwrap();
        let cases = [
            ("medtop", "20000639", Some("diplomacy")),
            ("http://cv.iptc.org/newscodes/mediatopic/", "11000000", Some("politics")),
            ("", "medtop:20000064", Some("war")),
            ("", "http://cv.iptc.org/newscodes/mediatopic/20000344", Some("economy")),
            ("subj", "11002000", Some("diplomacy")),
            ("http://cv.iptc.org/newscodes/subjectcode/", "16000000", Some("conflict, war and peace")),
            ("IptcSubjectCodes", "04000000", Some("economy, business and finance")),
            ("tobject.subject.refnum", "15054000", Some("soccer")),
            ("IPTC", "20000065", Some("civil unrest")),
            ("anpa", "s", Some("sport")),
            ("anpa", "i", None),
            ("subj", "soccer", None),
            ("stat", "11000000", None),
            ("medtop", "99999999", None),
        ];
        for (scheme, code, expected) in cases {
            let subject = WireSubject { scheme: scheme.to_owned(), code: code.to_owned(), name: None };
            let found = resolve(&subject, &taxonomy).map(|id| taxonomy.get(id).name.as_str());
            assert_eq!(found, expected, "{scheme} {code}");
        }
    }
}
