"""Reads NewsML-G2 files as a newsroom system would: python read.py SCHEMA.xsd FILE...

Each file is held to IPTC's XML Schema, then read by the package `newsmlg2`. One JSON line a file on standard output: the
schema's complaints, and what the package found.
"""

import json
import sys

import NewsMLG2
from lxml import etree


def value(element):
    """The text of an element that may be missing."""
    return str(element) if element else None


def names(elements):
    """The first name of each."""
    return [str(element.name[0]) for element in elements or []]


def read(item):
    """What the package found in a news item."""
    meta, content = item.itemmeta, item.contentmeta
    body = item.contentset.inlinexml[0] if item.contentset else None
    return {
        "guid": item.guid,
        "version": item.version,
        "language": item.xml_lang,
        "provider": names([meta.provider])[0],
        "versionCreated": value(meta.versioncreated),
        "pubStatus": meta.pubstatus.qcode,
        "links": [[link.rel, link.residref] for link in meta.link or []],
        "urgency": value(content.urgency),
        "headlines": [[headline.role, str(headline)] for headline in content.headline or []],
        "subjects": [[s.type, s.qcode or s.uri, str(s.name[0])] for s in content.subject or []],
        "body": body and str(body),
    }


def main():
    schema = etree.XMLSchema(etree.parse(sys.argv[1]))
    for path in sys.argv[2:]:
        tree = etree.parse(path)
        schema.validate(tree)
        invalid = [f"{error.line}: {error.message}" for error in schema.error_log]
        item = NewsMLG2.NewsMLG2Document(path).get_item()
        print(json.dumps({"invalid": invalid, "read": read(item)}))


if __name__ == "__main__":
    main()
