//! XML namespaces of feeds: which module an element belongs to.
//!
//! A document may give a module any prefix, so that prefixes are looked up in its declarations. An entry that was cut out of its
//! document lost them; there the prefixes count that everybody uses.

use crate::prepare::decode::xml::Element;

/// What an element's namespace says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// The format's own: without a prefix in RSS, Atom's in Atom.
    Own,
    /// RSS 1.0 modules' `content:encoded`.
    Content,
    /// Dublin Core elements and terms.
    DublinCore,
    /// Yahoo's Media RSS.
    Media,
    /// Atom's elements in RSS.
    Atom,
    Rdf,
    Xhtml,
    /// PRISM, of publishers of magazines and journals.
    Prism,
    /// Full texts for Yandex and Rambler, which Russian agencies send.
    FullText,
    FeedBurner,
    /// Atom's deleted entries, RFC 6721.
    Tombstones,
    /// The Atom Publishing Protocol, RFC 5023.
    Publishing,
    /// Links between entries and their replies, RFC 4685, and all other namespaces.
    Other,
}

/// Parts of namespaces' names, with their schemes and versions left out.
const NAMESPACES: &[(&str, Module)] = &[
    ("purl.org/rss/1.0/modules/content", Module::Content),
    ("purl.org/dc/", Module::DublinCore),
    ("search.yahoo.com/mrss", Module::Media),
    ("tools.search.yahoo.com/mrss", Module::Media),
    ("www.w3.org/2005/Atom", Module::Atom),
    ("purl.org/atom/ns", Module::Atom),
    ("purl.org/atompub/tombstones", Module::Tombstones),
    ("purl.org/atom/app", Module::Publishing),
    ("www.w3.org/2007/app", Module::Publishing),
    ("www.w3.org/1999/02/22-rdf-syntax-ns", Module::Rdf),
    ("www.w3.org/1999/xhtml", Module::Xhtml),
    ("prismstandard.org/", Module::Prism),
    ("news.yandex.ru", Module::FullText),
    ("turbo.yandex.ru", Module::FullText),
    ("news.rambler.ru", Module::FullText),
    ("rssnamespace.org/feedburner", Module::FeedBurner),
    ("purl.org/rss/", Module::Own),
    ("my.netscape.com/rdf", Module::Own),
    ("channel.netscape.com/rdf", Module::Own),
    ("backend.userland.com/", Module::Own),
];

/// The prefixes that everybody uses, for what declares none.
const PREFIXES: &[(&str, Module)] = &[
    ("content", Module::Content),
    ("dc", Module::DublinCore),
    ("dcterms", Module::DublinCore),
    ("media", Module::Media),
    ("atom", Module::Atom),
    ("atom10", Module::Atom),
    ("a10", Module::Atom),
    ("at", Module::Tombstones),
    ("app", Module::Publishing),
    ("rdf", Module::Rdf),
    ("xhtml", Module::Xhtml),
    ("prism", Module::Prism),
    ("yandex", Module::FullText),
    ("turbo", Module::FullText),
    ("rambler", Module::FullText),
    ("feedburner", Module::FeedBurner),
];

/// Declarations of one document that are kept, at most.
const MAX_DECLARATIONS: usize = 64;

/// The prefixes of one document.
#[derive(Debug)]
pub struct Names<'t> {
    /// Prefix of the format's own elements, and whether Atom is the format.
    own_prefix: &'t str,
    atom: bool,
    declared: Vec<(&'t str, Module)>,
}

impl<'t> Names<'t> {
    /// Reads the declarations of the outer elements; `own_prefix` is that of the format's elements, `atom` says that it is Atom.
    pub fn of<'a: 't>(outer: &[Element<'t, 'a>], own_prefix: &'t str, atom: bool) -> Self {
        let mut declared = Vec::new();
        for (name, namespace) in outer.iter().flat_map(|element| element.attributes()) {
            let Some(prefix) = name.strip_prefix("xmlns:").filter(|_| declared.len() < MAX_DECLARATIONS) else {
                continue;
            };
            declared.push((prefix, of_namespace(namespace)));
        }
        Self { own_prefix, atom, declared }
    }

    /// Which module an element belongs to. A default namespace that it declares itself comes first.
    pub fn module(&self, element: Element<'_, '_>) -> Module {
        let prefix = element.prefix();
        let module = if prefix.is_empty() {
            match element.attr("xmlns") {
                Some(namespace) => of_namespace(namespace),
                None if self.own_prefix.is_empty() => Module::Own,
                None => Module::Other,
            }
        } else if prefix == self.own_prefix {
            Module::Own
        } else {
            let own = element.attributes().find(|(name, _)| name.strip_prefix("xmlns:") == Some(prefix));
            own.map(|(_, namespace)| of_namespace(namespace))
                .or_else(|| self.declared.iter().find(|(name, _)| *name == prefix).map(|(_, module)| *module))
                .or_else(|| PREFIXES.iter().find(|(name, _)| *name == prefix).map(|(_, module)| *module))
                .unwrap_or(Module::Other)
        };
        if module == Module::Atom && self.atom { Module::Own } else { module }
    }
}

fn of_namespace(namespace: &str) -> Module {
    let name = namespace.trim_start_matches("http://").trim_start_matches("https://");
    NAMESPACES.iter().find(|(start, _)| name.starts_with(start)).map_or(Module::Other, |(_, module)| *module)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::decode::xml::Tree;

    #[test]
    fn prefixes_mean_what_the_document_declares() {
        let source = "<rss xmlns:c='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://search.yahoo.com/mrss/' \
             xmlns:media='urn:x'><c:a/><dc:a/><media:a/><content:a/><a/><a xmlns='http://www.w3.org/2005/Atom'/>\
             <q:a xmlns:q='http://purl.org/dc/terms/'/></rss>";
        let tree = Tree::read(source).unwrap();
        let root = tree.root().unwrap();
        let names = Names::of(&[root], "", false);
        let modules: Vec<_> = root.elements().map(|element| names.module(element)).collect();
        assert_eq!(
            modules,
            [
                Module::Content,
                Module::Media,
                Module::Other,
                Module::Content,
                Module::Own,
                Module::Atom,
                Module::DublinCore
            ]
        );
    }
}
