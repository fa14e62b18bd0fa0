#!/usr/bin/env python3
"""Writes kb/bodies.tsv: listed companies, well-known brands, political parties, universities and football clubs. Standard
library only.

usage: bodies.py PACKAGES SOURCES KB

  nsi/            npm name-suggestion-index 8.0.20260918     companies with Wikidata ids (BSD 3-clause)
  SOURCES         sp500-2026.csv (PDDL), partyfacts-2026 (CC BY 4.0), universities-2026.json.gz (MIT), clubs.tar.gz (CC0)

A name is taken when it is one body's only, and says that it is a name: two words or more, or a word that is no word of the
language, no place, no person's name. The ids are the sources' own.
"""
import collections, csv, gzip, io, json, pathlib, re, sys, tarfile, unicodedata

PACKAGES, SOURCES, KB = map(pathlib.Path, sys.argv[1:4])


def fold(name):
    return "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c)).replace(".", "")


def column(file, *at):
    return {fold(n) for l in list(open(KB / file))[1:] for k in at for n in l.rstrip("\n").split("\t")[k].split("|") if n}


def lines(file):
    return {fold(l.strip()) for l in open(KB / file)}


WORDS = lines("english-words.txt") | lines("given-names.txt") | lines("given-names-counted.txt") | lines("surnames.txt")
PLACES = column("cities.tsv", 1) | column("countries.tsv", 3) | column("subdivisions.tsv", 3) | column("counties.tsv", 1) | column("country-names.tsv", 2)
CURATED = column("organisations.tsv", 1, 4)
PEOPLE = column("people.tsv", 1) | column("politicians.tsv", 1)


def latin(name):
    return all(ord(c) < 0x250 or c in "’‘–" for c in name) and 2 < len(name) <= 60 and not re.search(r"[(),;/\"]", name)


def tells(name):
    """Whether the name by itself tells that it is one."""
    words = re.findall(r"[\w'’&.-]+", name)
    folded = fold(name)
    if not latin(name) or not name[0].isupper() and not name[0].isdigit() or folded in PLACES or folded in CURATED or folded in PEOPLE:
        return False
    if len(words) == 1:
        return len(name) >= 4 and folded not in WORDS and not (name.isupper() and len(name) < 4)
    # Two words that are both words: `Best Western` is, `Good Food` is not; only with one that is none.
    return any(fold(w) not in WORDS or w.isupper() for w in words if len(w) > 2)


LEGAL = re.compile(r",? (Inc\.?|Corp\.?|Corporation|Company|Co\.?|Ltd\.?|plc|PLC|LLC|Companies|Group|Holdings|N\.V\.|S\.A\.|& Co\.?|\(Class [A-C]\)|\(The\))$")
TAKEN = {"brands/amenity/bank", "brands/amenity/fuel", "brands/shop/car", "brands/office/insurance", "brands/shop/supermarket",
         "brands/shop/department_store", "brands/shop/electronics", "brands/shop/mobile_phone", "brands/amenity/fast_food", "brands/amenity/cafe",
         "brands/shop/clothes", "brands/tourism/hotel", "brands/shop/furniture", "brands/amenity/pharmacy", "operators/power/plant",
         "operators/amenity/post_office", "brands/shop/wholesale", "brands/shop/cosmetics", "brands/shop/sports", "brands/amenity/cinema", "brands/office/telecommunication",
         "operators/railway/station", "brands/shop/motorcycle", "brands/amenity/payment_centre", "brands/shop/books", "brands/shop/jewelry", "brands/shop/toys",
         "brands/shop/convenience", "brands/shop/doityourself"}


def brands():
    index = json.load(open(PACKAGES / "nsi/dist/json/nsi.json"))["nsi"]
    out = {}
    for kind in sorted(TAKEN & index.keys()):
        for item in index[kind]["items"]:
            tags = item["tags"]
            q = tags.get("brand:wikidata") or tags.get("operator:wikidata")
            if not q or not re.fullmatch(r"Q\d+", q):
                continue
            where = [w for w in item["locationSet"].get("include", []) if isinstance(w, str)]
            country = where[0].upper() if len(where) == 1 and re.fullmatch(r"[a-z]{2}", where[0]) else ""
            names = [tags.get(k, "") for k in ("name:en", "brand:en", "brand", "operator", "name")]
            names = [n for n in dict.fromkeys(names) if n and latin(n)]
            if names:
                old = out.setdefault(q, [q, names[0], country, "company", [], ""])
                old[4] += names[1:]
                if old[2] != country:
                    old[2] = ""
    return out


def companies(known):
    by_name = {fold(r[1]): q for q, r in known.items()}
    with open(SOURCES / "sp500-2026.csv") as f:
        for row in csv.DictReader(f):
            name = row["Security"].split(" (")[0]
            bare = name
            while LEGAL.search(bare):
                bare = LEGAL.sub("", bare)
            q = by_name.get(fold(bare)) or by_name.get(fold(name)) or ""
            legal = [f"{bare} {s}" for s in ("Inc", "Corp", "Co") if bare != name or tells(bare)]
            yield [q, name, "US", "company", [bare, *legal], f"ticker {row['Symbol']}; {row['GICS Sub-Industry']}"]


def iso3():
    return {r[1]: r[0] for r in (l.split("\t") for l in open(KB / "countries.tsv"))}


def parties():
    codes = iso3()
    with gzip.open(SOURCES / "partyfacts-2026/wikidata.csv.gz", "rt") as f:
        for row in csv.DictReader(f):
            if row["wikidata_id"].startswith("Q") and row["country"] in codes and len(row["name"].split()) >= 2:
                yield [row["wikidata_id"], row["name"], codes[row["country"]], "party", [], ""]


def universities():
    for u in json.load(gzip.open(SOURCES / "universities-2026.json.gz")):
        if re.search(r"Universit|Institut|Polytech|College|School", u["name"]) and len(u["name"].split()) >= 3:
            yield ["", u["name"].replace("’", "'"), u["alpha_two_code"], "university", [], ""]


def clubs():
    with tarfile.open(SOURCES / "clubs.tar.gz") as tar:
        for member in sorted(tar.getnames()):
            m = re.search(r"/([a-z]{2,3})\.clubs\.txt$", member)
            if not m or "/0-world/" in member:
                continue
            code = {"eng": "GB", "sco": "GB", "wal": "GB", "nir": "GB", "uk": "GB"}.get(m[1], m[1].upper())
            entry = None
            for line in io.TextIOWrapper(tar.extractfile(member), "utf-8"):
                line = line.split("#")[0].rstrip()
                if not line or line.startswith(("=", "[")):
                    continue
                if line.lstrip().startswith("|"):
                    if entry:
                        entry[4] += [n.strip() for n in line.split("|") if n.strip()]
                else:
                    if entry:
                        yield entry
                    entry = ["", line.split(",")[0].strip(), code, "club", [], ""]
            if entry:
                yield entry


CLUB = re.compile(r"\b(FC|AFC|SC|CF|United|City|Rovers|Wanderers|Athletic|Hotspur|Albion|Town|County|Real|Club|Dynamo|Spartak|Bayern|Borussia|Inter|Internazionale|Sporting|Olympique|Palace|Villa|Forest)\b")


def main():
    known = brands()
    rows = [*companies(known)]
    listed = {r[0] for r in rows if r[0]}
    rows += [r for q, r in sorted(known.items(), key=lambda kv: int(kv[0][1:])) if q not in listed]
    rows += list(parties()) + list(universities())
    for r in clubs():
        names = [n for n in [r[1], *r[4]] if CLUB.search(n) and len(n.split()) >= 2 and "." not in n and n[0].isupper()]
        if names:
            rows.append([r[0], names[0], r[2], r[3], names[1:], ""])
    seats = {l.split("\t")[0] for l in open(KB / "countries.tsv")}
    bearers = collections.Counter()
    for r in rows:
        r[4] = [n for n in dict.fromkeys(r[4]) if n != r[1] and (tells(n) if r[3] != "club" else latin(n) and fold(n) not in PLACES)]
        bearers.update({fold(n) for n in [r[1], *r[4]]})
    out, ids = [], set()
    for r in rows:
        names = [n for n in [r[1], *r[4]] if bearers[fold(n)] == 1]
        strong = r[3] == "company" and r[5] or r[3] == "club" or tells(r[1])
        if not names or not strong or r[0] in ids and r[0]:
            continue
        if r[5] and not tells(r[1]):
            names = [n for n in names if len(n.split()) > 1 and fold(n) not in PLACES and fold(n) not in PEOPLE]
        if not names or r[3] != "company" and names[0] != r[1]:
            continue
        ids.add(r[0])
        out.append([r[0], names[0], r[2] if r[2] in seats else "", r[3], "|".join(names[1:]), r[5]])
    with open(KB / "bodies.tsv", "w") as f:
        f.write("wikidata\tname\tcountry\tkind\tnames\tnote\n")
        f.writelines("\t".join(r) + "\n" for r in out)
    print(f"bodies.tsv: {len(out)} rows", collections.Counter(r[3] for r in out), sum(1 for r in out if r[0]))


main()
