//! QCodes to URIs.
//!
//! A QCode is an alias, a colon and a code. The document's own catalog says which scheme an alias stands for; documents mostly
//! only refer to catalogs that stand elsewhere, and nothing is fetched here: the aliases of IPTC's standard catalog are built in,
//! and what agencies' own aliases stand for where that bears on the item.

use crate::prepare::decode::xml::Element;

/// What every scheme of IPTC begins with.
const NEWSCODES: &str = "http://cv.iptc.org/newscodes/";

/// Aliases of IPTC's catalog of G2 standards, and the names of their schemes below [`NEWSCODES`].
#[rustfmt::skip]
const IPTC: &[(&str, &str)] = &[
    ("access", "access"), ("adc", "audiocodec"), ("app", "application"), ("audience", "audience"), ("catinat", "cinature"),
    ("cinat", "cinature"), ("colsp", "colourspace"), ("confdcat", "confirmation"), ("conftype", "conceptconfirm"),
    ("cpnat", "cpnature"), ("crel", "conceptrelation"), ("descrole", "descriptionrole"), ("drol", "descriptionrole"),
    ("dworktype", "digitalsourcetype"), ("edconf", "edconfirm"), ("eprol", "eventparticipantrole"),
    ("eventocc", "eventoccurstatus"), ("eventoccstatus", "eventoccurstatus"), ("fmt", "format"), ("genre", "genre"),
    ("hopaction", "hopaction"), ("howextr", "howextracted"), ("irel", "itemrelation"), ("isrol", "infosourcerole"),
    ("medtop", "mediatopic"), ("mediatopic", "mediatopic"), ("ninat", "ninature"), ("nprov", "newsprovider"),
    ("nrol", "namerole"), ("pgrmod", "pkggroupmode"), ("pinat", "ninature"), ("plinat", "plinature"),
    ("pmt", "pmtype"), ("prov", "newsprovider"), ("rnd", "rendition"), ("rating", "ratingtype"), ("scene", "scene"),
    ("sig", "signal"), ("stat", "pubstatusg2"), ("subj", "subjectcode"), ("spct", "spct"), ("time", "timeunit"),
    ("vdc", "videocodec"), ("wldreg", "worldregion"),
];

/// Aliases of others, and what they stand for: Reuters' and ANPA's categories.
const OTHERS: &[(&str, &str)] = &[("a1312cat", "anpa")];

/// The aliases that a document explains.
#[derive(Debug, Default)]
pub struct Catalog<'t> {
    own: Vec<(&'t str, &'t str)>,
}

impl<'t> Catalog<'t> {
    /// The catalog that stands in an item.
    pub fn of(item: Element<'t, '_>) -> Self {
        let schemes = item.elements().filter(|e| e.name() == "catalog").flat_map(Element::elements);
        let own = schemes.filter_map(|scheme| Some((scheme.attr("alias")?, scheme.attr("uri")?))).collect();
        Self { own }
    }

    /// Scheme and code of a QCode: the scheme's URI where it is known, else its alias. A text without a colon is a code
    /// without a scheme.
    pub fn resolve(&self, qcode: &str) -> (String, String) {
        let Some((alias, code)) = qcode.split_once(':') else { return (String::new(), qcode.to_owned()) };
        let own = self.own.iter().find(|(name, _)| *name == alias).map(|(_, uri)| (*uri).to_owned());
        let known = |table: &'static [(&str, &'static str)]| {
            table.iter().find(|(name, _)| name.eq_ignore_ascii_case(alias)).map(|(_, scheme)| *scheme)
        };
        let scheme = own
            .or_else(|| known(IPTC).map(|scheme| format!("{NEWSCODES}{scheme}/")))
            .or_else(|| known(OTHERS).map(str::to_owned))
            .unwrap_or_else(|| alias.to_owned());
        (scheme, code.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::decode::xml::Tree;

    #[test]
    fn own_catalogs_come_before_the_built_in_one() {
        let source = "<newsItem><catalog><scheme alias='subj' uri='http://e.org/s/'/><scheme alias='x' uri='http://e.org/x#'/></catalog></newsItem>";
        let tree = Tree::read(source).unwrap();
        let catalog = Catalog::of(tree.root().unwrap());
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(catalog.resolve("subj:1"), pair("http://e.org/s/", "1"));
        assert_eq!(catalog.resolve("x:a:b"), pair("http://e.org/x#", "a:b"));
        assert_eq!(catalog.resolve("medtop:20000344"), pair("http://cv.iptc.org/newscodes/mediatopic/", "20000344"));
        assert_eq!(catalog.resolve("N2:GOL"), pair("N2", "GOL"));
        assert_eq!(catalog.resolve("plain"), pair("", "plain"));
    }
}
