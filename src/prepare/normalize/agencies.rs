//! Names that agencies sign their copy with.
//!
//! The table makes recognition sure where the form alone would not: `Berlin (dpa) - ` is a dateline, `Obama (Democrat) - `
//! is none. A feed's own default credit counts as well. Names are facts; the list is our own.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::openers::{BuildFnv, with_folded};

/// Case-folded names, as they stand in datelines and sign-offs.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    // world and American
    "reuters", "reuter", "thomson reuters", "thomson reuters foundation", "reuters health", "reuters breakingviews",
    "lpc", "ifr", "ap", "the ap", "associated press", "the associated press", "upi", "afp", "agence france-presse",
    "bloomberg", "bloomberg news", "dow jones", "dow jones newswires", "mt newswires", "rtt news", "rttnews", "cna",
    "tca", "tns",
    // British, Canadian, Australian, Irish
    "pa", "pa media", "press association", "cp", "canadian press", "the canadian press", "la presse canadienne",
    "aap", "nzn", "rnz",
    // German-speaking
    "dpa", "dpa-afx", "dpa/tmn", "tmn", "dapd", "ddp", "ap/dpa", "apa", "ats", "sda", "keystone-ats", "keystone-sda",
    "awp", "kna", "epd", "sid", "ots", "spa",
    // Romance
    "efe", "europa press", "ep", "ansa", "agi", "adnkronos", "askanews", "lapresse", "lusa", "agência brasil", "abr",
    "télam", "telam", "notimex", "prensa latina", "pl", "andina", "belga", "agerpres", "mediafax",
    // Nordic, Dutch, central and eastern European
    "anp", "ritzau", "ntb", "tt", "stt", "pap", "čtk", "ctk", "ctk/ap", "tasr", "mti", "hina", "sta", "tanjug",
    "fena", "srna", "mia", "bta", "ana", "ana-mpa", "apa-ots", "bns", "elta", "leta", "ukrinform", "unian",
    "укринформ", "interfax", "interfax-ukraine", "интерфакс", "interfax.ru", "интерфакс-украина", "tass",
    "itar-tass", "тасс", "итар-тасс", "ria novosti", "ria", "риа новости", "sputnik", "рейтер", "белта", "belta",
    "trend", "report", "azertac", "apa.az", "kazinform", "armenpress", "интерпресс",
    // Asian
    "ians", "pti", "uni", "ani", "bhasha", "भाषा", "आईएएनएस", "एएनआई", "वार्ता", "पीटीआई", "xinhua", "新华社", "中新社",
    "kyodo", "kyodo news", "共同", "jiji", "jiji press", "時事", "yonhap", "newsis", "kcna", "bernama", "antara", "vna",
    "vna/vns", "tna", "pna", "app", "bss", "unb", "rss", "cna taiwan", "dawn",
    // Middle Eastern and African
    "aa", "anadolu", "anadolu agency", "dha", "iha", "irna", "isna", "mehr", "fars", "tasnim", "mena", "wam", "qna",
    "kuna", "bna", "ona", "petra", "sana", "nna", "wafa", "ina", "aps", "map", "tap", "lana", "suna", "apanews",
    "pana", "ena", "kna", "nan", "gna", "sanews", "timesofisrael", "رويترز", "أ ف ب", "ا ف ب", "أ.ف.ب", "فرانس برس",
    "د ب أ", "د.ب.أ", "واس", "وام", "قنا", "كونا", "بترا", "سبأ", "وفا", "سانا", "أ ش أ", "الأناضول", "إرنا", "ارنا",
    // press releases
    "business wire", "businesswire", "pr newswire", "prnewswire", "globe newswire", "globenewswire", "accesswire",
    "newsfile corp.", "newsfile corp", "newsfile", "marketwired", "marketwire", "cnw", "eqs", "asianet", "prweb",
    "ein presswire", "newswire.ca",
];

static TABLE: LazyLock<HashSet<&'static str, BuildFnv>> = LazyLock::new(|| NAMES.iter().copied().collect());

/// Longest name in the table, in bytes, with some room for two of them joined.
const MAX_NAME_BYTES: usize = 48;

/// True for an agency's name, in any case; for several joined by `/`, when one of them is known; for a service of a known
/// agency (`PRNewswire-AsiaNet`, `dpa-infocom`).
pub fn is_known(name: &str, feed_credit: Option<&str>) -> bool {
    let name = name.trim();
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return false;
    }
    if feed_credit.is_some_and(|credit| credit.eq_ignore_ascii_case(name)) {
        return true;
    }
    with_folded::<MAX_NAME_BYTES, _>(name, |folded| {
        let service_of = |part: &str| part.split_once('-').is_some_and(|(agency, _)| TABLE.contains(agency.trim()));
        TABLE.contains(folded)
            || service_of(folded)
            || (folded.contains('/') && folded.split('/').any(|p| TABLE.contains(p.trim()) || service_of(p)))
    })
}

/// True for what may be the name of an agency that the table does not know: an acronym, or one to three capitalized words.
pub fn looks_like_name(name: &str) -> bool {
    let name = name.trim();
    if name.len() > 30 || name.chars().count() < 2 || name.chars().any(|c| c.is_numeric()) {
        return false;
    }
    let words = name.split([' ', '/', '-']);
    let capital =
        |w: &str| w.chars().next().is_some_and(|c| c.is_uppercase() || (c.is_alphabetic() && !c.is_lowercase()));
    words.clone().count() <= 3 && words.clone().all(capital)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_in_any_case_and_joined() {
        for name in ["IANS", "dpa", "Reuters", "tca/dpa", "PRNewswire-AsiaNet", "ТАСС", "GLOBE NEWSWIRE"] {
            assert!(is_known(name, None), "{name}");
        }
        assert!(!is_known("Democrat", None));
        assert!(is_known("Desk News", Some("desk news")));
    }

    #[test]
    fn names_by_their_look() {
        for name in ["WBKO", "Daily Mirror", "NNN"] {
            assert!(looks_like_name(name), "{name}");
        }
        for word in ["the second time", "x", "1987", "Member of the House of Lords"] {
            assert!(!looks_like_name(word), "{word}");
        }
    }
}
