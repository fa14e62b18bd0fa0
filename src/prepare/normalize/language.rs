//! Language, where neither the wire nor the feed gives it.
//!
//! Function words decide for the languages that most wires use: a count over the first words is hundreds of times cheaper
//! than comparing letter triples, and surer on names. Anything else goes to `whatlang`, whose answer counts when it calls itself
//! reliable. Short or mixed text stays without a language.

use std::sync::LazyLock;

/// Words looked at.
const MAX_WORDS: usize = 100;
/// Longer words are no function words.
const MAX_WORD_BYTES: usize = 15;
/// Function words that an answer needs.
const MIN_HITS: u32 = 6;
/// Bytes given to `whatlang`.
const SAMPLE_BYTES: usize = 600;

/// Function words by language.
const WORDS: &[(&str, &str)] = &[
    (
        "en",
        "the of and to in that is was for on with as by at from said has have it he his not be are were will which an their been",
    ),
    (
        "de",
        "der die und das den dem von mit ist ein eine auf für nicht sich des im auch als nach werden wurde bei hat einen zu am zum",
    ),
    (
        "fr",
        "le la les des et du une est dans que qui pour pas sur avec au aux par il ont été cette sont un de en ce plus",
    ),
    ("es", "el la los las del que en un una por con para se su al lo como más fue ha de y sus según este"),
    ("pt", "o os as do da dos das e que em um uma não para com por no na ao foi mais se são de à também pelo"),
    ("it", "il la di che e un una per del della con non sono è gli dei nel alla si ha lo i da le al più anche"),
    ("ru", "и в на не что с по из как это для от за к о до его он они она но было также со при во об"),
    ("ar", "في من على إلى أن عن مع هذا هذه التي الذي قال إن بعد كما قبل بين وقال كان لا ما"),
    ("fa", "و در به از که این را با است برای آن یک خود تا"),
    ("ur", "کے میں کی ہے اور سے کا کو پر نے کہ یہ ہیں گیا"),
    ("hi", "के में की है और से का को पर ने कि यह हैं भी नहीं लिए गया कहा एक"),
    ("nl", "de het een en van in dat op te is zijn niet met voor aan er door ook naar uit bij heeft"),
];

/// The languages that a word belongs to, one bit each in the order of [`WORDS`].
static LANGUAGES_OF: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { slots: vec![(0, 0); SLOTS] };
    for (bit, (_, words)) in WORDS.iter().enumerate() {
        for word in words.split(' ').filter_map(Table::key) {
            let slot = table.slot(word);
            table.slots[slot].0 = word;
            table.slots[slot].1 |= 1u16 << bit;
        }
    }
    table
});

/// Slots of the table: several times as many as words, so that a look-up ends at once.
const SLOTS: usize = 2048;

/// Words of up to 15 bytes, each a number: a look-up costs a few nanoseconds, a tenth of a general map's.
struct Table {
    slots: Vec<(u128, u16)>,
}

impl Table {
    /// A word's bytes, folded, as one number; 0 is none.
    fn key(word: &str) -> Option<u128> {
        let mut bytes = [0; 16];
        if word.is_ascii() {
            bytes.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
            bytes.make_ascii_lowercase();
        } else {
            let mut len = 0;
            for c in word.chars().flat_map(char::to_lowercase) {
                c.encode_utf8(bytes.get_mut(len..len + c.len_utf8())?);
                len += c.len_utf8();
            }
        }
        Some(u128::from_le_bytes(bytes))
    }

    /// Where a word stands, or would.
    fn slot(&self, key: u128) -> usize {
        // 2^64 divided by the golden ratio, as in Fibonacci hashing (Knuth, TAOCP 3, 6.4).
        let hash = ((key as u64) ^ ((key >> 64) as u64).rotate_left(31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut slot = (hash >> (64 - SLOTS.trailing_zeros())) as usize;
        while self.slots[slot].0 != 0 && self.slots[slot].0 != key {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    fn languages(&self, word: &str) -> u16 {
        Table::key(word).map_or(0, |key| self.slots[self.slot(key)].1)
    }
}

/// BCP 47 tag of the language that a text is written in, where that is plain.
pub fn detect(text: &str) -> Option<&'static str> {
    let hits = FunctionWords::count(text);
    hits.plain().filter(|&tag| tag != "ru" || is_russian(text)).or_else(|| by_letters(text, &hits))
}

/// False for the other languages in Cyrillic letters, which share Russian's small words: each has letters of its own.
fn is_russian(text: &str) -> bool {
    !text.contains(['і', 'ї', 'є', 'ґ', 'ў', 'ј', 'љ', 'њ', 'ћ', 'ђ', 'ќ', 'ѓ', 'џ', 'ѕ'])
        && text.contains(['ы', 'э', 'ё', 'Ы', 'Э'])
}

/// Function words found, by language in the order of [`WORDS`].
struct FunctionWords {
    hits: [u32; WORDS.len()],
    total: u32,
}

impl FunctionWords {
    fn count(text: &str) -> FunctionWords {
        let mut found = FunctionWords { hits: [0; WORDS.len()], total: 0 };
        let table = &*LANGUAGES_OF;
        for word in text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).take(MAX_WORDS) {
            found.total += 1;
            if word.len() > MAX_WORD_BYTES {
                continue;
            }
            let mut languages = table.languages(word);
            while languages != 0 {
                found.hits[languages.trailing_zeros() as usize] += 1;
                languages &= languages - 1;
            }
        }
        found
    }

    /// The language that has many of the words, and clearly more than any other.
    fn plain(&self) -> Option<&'static str> {
        let (best, most) = self.hits.iter().copied().enumerate().max_by_key(|&(_, hits)| hits)?;
        let second = self.hits.iter().copied().enumerate().filter(|&(at, _)| at != best).map(|(_, hits)| hits).max()?;
        let plain = most >= MIN_HITS && most * 2 >= second * 3 && most * 6 >= self.total;
        plain.then(|| WORDS[best].0)
    }

    /// False where the words speak against a language: it has none of its own, or another has more.
    fn allow(&self, tag: &str) -> bool {
        let most = self.hits.iter().copied().max().unwrap_or(0);
        match WORDS.iter().position(|(known, _)| *known == tag) {
            Some(at) => self.hits[at] >= 2 && self.hits[at] == most,
            None => most < MIN_HITS,
        }
    }
}

fn by_letters(text: &str, words: &FunctionWords) -> Option<&'static str> {
    let info = whatlang::detect(&text[..text.floor_char_boundary(SAMPLE_BYTES)])?;
    let tag = tag(info.lang()).filter(|_| info.is_reliable())?;
    (info.script() != whatlang::Script::Latin || words.allow(tag)).then_some(tag)
}

/// BCP 47 prefers the two-letter code where there is one.
fn tag(language: whatlang::Lang) -> Option<&'static str> {
    const TAGS: &[(&str, &str)] = &[
        ("afr", "af"),
        ("aka", "ak"),
        ("amh", "am"),
        ("ara", "ar"),
        ("aze", "az"),
        ("bel", "be"),
        ("ben", "bn"),
        ("bul", "bg"),
        ("cat", "ca"),
        ("ces", "cs"),
        ("cmn", "zh"),
        ("cym", "cy"),
        ("dan", "da"),
        ("deu", "de"),
        ("ell", "el"),
        ("eng", "en"),
        ("epo", "eo"),
        ("est", "et"),
        ("fin", "fi"),
        ("fra", "fr"),
        ("guj", "gu"),
        ("heb", "he"),
        ("hin", "hi"),
        ("hrv", "hr"),
        ("hun", "hu"),
        ("hye", "hy"),
        ("ind", "id"),
        ("ita", "it"),
        ("jav", "jv"),
        ("jpn", "ja"),
        ("kan", "kn"),
        ("kat", "ka"),
        ("khm", "km"),
        ("kor", "ko"),
        ("lat", "la"),
        ("lav", "lv"),
        ("lit", "lt"),
        ("mal", "ml"),
        ("mar", "mr"),
        ("mkd", "mk"),
        ("mya", "my"),
        ("nep", "ne"),
        ("nld", "nl"),
        ("nob", "nb"),
        ("ori", "or"),
        ("pan", "pa"),
        ("pes", "fa"),
        ("pol", "pl"),
        ("por", "pt"),
        ("ron", "ro"),
        ("rus", "ru"),
        ("sin", "si"),
        ("slk", "sk"),
        ("slv", "sl"),
        ("sna", "sn"),
        ("spa", "es"),
        ("srp", "sr"),
        ("swe", "sv"),
        ("tam", "ta"),
        ("tel", "te"),
        ("tgl", "tl"),
        ("tha", "th"),
        ("tuk", "tk"),
        ("tur", "tr"),
        ("ukr", "uk"),
        ("urd", "ur"),
        ("uzb", "uz"),
        ("vie", "vi"),
        ("yid", "yi"),
        ("zul", "zu"),
    ];
    TAGS.iter().find(|(code, _)| *code == language.code()).map(|(_, tag)| *tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_a_language() {
        for (tag, text) in [
            (
                "en",
                "The council said on Monday that the bridge will be closed for repairs, and that ferries will run in the meantime.",
            ),
            (
                "de",
                "Der Stadtrat hat am Montag beschlossen, dass die Brücke für die Reparatur gesperrt wird und nicht vor Mai öffnet.",
            ),
            (
                "fr",
                "Le conseil municipal a décidé lundi que le pont est fermé pour des travaux et que les navettes sont dans le port.",
            ),
            (
                "es",
                "El consejo dijo el lunes que el puente se cierra por las obras y que los barcos salen del puerto con más frecuencia.",
            ),
            (
                "pt",
                "O conselho disse na segunda-feira que a ponte não abre para os carros e que as obras do porto são mais longas.",
            ),
            (
                "it",
                "Il consiglio ha detto che il ponte è chiuso per i lavori e che i traghetti della città non sono nel porto.",
            ),
            (
                "ru",
                "Городской совет сообщил в понедельник, что мост закрыт на ремонт до мая, а паромы будут ходить чаще.",
            ),
            ("ar", "قال المجلس البلدي يوم الاثنين إن الجسر سيغلق لإجراء إصلاحات حتى نهاية الشهر المقبل"),
            ("hi", "नगर परिषद ने सोमवार को कहा कि पुल मरम्मत के लिए बंद रहेगा और नावें अधिक बार चलेंगी"),
        ] {
            assert_eq!(detect(text), Some(tag), "{text}");
        }
    }

    #[test]
    fn little_text_has_none() {
        assert_eq!(detect("SPARTA 2, SLAVIA 1"), None);
        assert_eq!(detect(""), None);
    }
}
