#!/usr/bin/env python3
"""Writes kb/politicians.tsv: heads of state and government, ministers and other holders of high office, from Wikidata query
results (CC0), and the sitting members of the US Congress (CC0). Standard library only.

usage: people.py SOURCES KB     (SOURCES holds politicians-wikidata-2022-2023.jsonl.gz and us-legislators-2026.yaml.gz)

Taken are those with an article of their own and a name of their own there ("Name (politician)" is somebody's namesake), whose
office is one that news name. The date until which the sources know is theirs: who was in office in 2023 is not said to be now.
"""
import gzip, json, pathlib, re, sys, unicodedata

SOURCES, KB = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
HEAD = re.compile(r"^(Acting |Interim )?(President|Prime Minister|Federal Chancellor|Chancellor|King|Queen|Emperor|Sultan|Emir|Amir|"
                  r"Supreme Leader|Taoiseach|Head of State|Head of Government|Prime minister|Premier|Monarch|Minister President)"
                  r"( of (the )?[A-Z][\w'’ -]+)?( \(.*\))?$")
MINISTER = re.compile(r"^(Minister (of|for) (the )?(Foreign|External|Finance|Defen[cs]e|Interior|Home|Justice|Economy|Economic|Trade|Energy|"
                      r"Oil|Petroleum|Health|Agriculture|Education|Industry|Labou?r|Transport|Environment|Internal|National Defen[cs]e)|"
                      r"(Foreign|Finance|Defen[cs]e|Interior|Home|Justice) (Minister|Secretary)|Minister of State for|"
                      r"Secretary of (State|the Treasury|Defense|the Treasury)|Secretary of State for|Chancellor of the Exchequer|United States Secretary|Attorney General|"
                      r"Deputy Prime Minister|Vice President|First Minister|United States Attorney General|Federal Minister)")
HIGH = re.compile(r"^(Governor of|Chief Minister of|Speaker of|Leader of the|United States senator|European Commissioner|President of the "
                  r"(European|Senate|National Assembly|General Assembly)|Secretary[- ]General|Mayor of (London|New York|Paris|Moscow|Tokyo|Istanbul|Chicago|Los Angeles|Berlin|Rome|Madrid|Seoul|Kyiv)|"
                  r"Chief of Staff|Director of the|Managing Director|Ambassador|Permanent Representative|Chairman of the Joint|Chief of the General Staff|Chief of the Defence|President of the Republic)")
NO_HEAD = re.compile(r"President of the (Senate|Regional|Departmental|General Council|Provincial)|President of (a|the) ")


def country_codes():
    """Slugs of the sources to ISO codes, by the names of the tables."""
    out = {}
    for table in ("country-names-cldr.tsv", "country-names.tsv"):
        for row in [l.rstrip("\n").split("\t") for l in open(KB / table)][1:]:
            if row[1] in ("en", "name"):
                for name in row[2].split("|"):
                    out.setdefault(slug(name), row[0])
    out |= {"us": "US", "united-states-of-america": "US", "uk": "GB", "congo-kinshasa": "CD", "congo-brazzaville": "CG", "uae": "AE", "cote-d-ivoire": "CI"}
    return out


def slug(name):
    plain = "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z]+", "-", plain).strip("-")


CODES = country_codes()


def rank(person):
    """Role and the office that gives it; the latest of the highest."""
    best = None
    for office, start, end in person["pos"]:
        if office.startswith(("Deputy President", "Vice Prime")) or NO_HEAD.match(office):
            role = 2
        elif HEAD.match(office):
            role = 3
        elif MINISTER.match(office):
            role = 2
        elif HIGH.match(office):
            role = 1
        else:
            continue
        until = end or ("9999" if start >= "2012" else "")
        if max(until if until != "9999" else "2023", start) < {3: "1979", 2: "1995", 1: "2008"}[role]:
            continue
        key = (role, until, start)
        if best is None or key > best[0]:
            best = (key, office, start, end)
    return best


def latin(name):
    return all(ord(c) < 0x250 or c in "’‘" for c in name) and 2 <= len(name.split()) <= 5 and name[0].isupper() and not any(c in name for c in "(),\"/0123456789")


def politicians():
    for line in gzip.open(SOURCES / "politicians-wikidata-2022-2023.jsonl.gz", "rt"):
        p = json.loads(line)
        best = rank(p)
        if not best or not p["enwiki"] or "(" in p["enwiki"] or "," in p["enwiki"]:
            continue
        codes = {CODES[s] for s in map(slug, p["cty"]) if s in CODES}
        (role, until, start), office, start, end = best
        if len(codes) != 1 or p["died"] and p["died"] < "1985":
            continue
        names = [n for n in dict.fromkeys([p["enwiki"], *p["names"]]) if latin(n)]
        if not names:
            continue
        kind = {3: "head", 2: "minister", 1: "official"}[role]
        if until != "9999" or p["died"]:
            kind = "former"
        dates = f"{start[:10]}–{end[:10] if end else ''}" if start or end else ""
        code = codes.pop()
        yield [p["q"], names[0], code, kind, "|".join(names[1:]), surname(names[0], code), f"{office} {dates}".strip()]


def surname(name, country):
    """What news call a person after the full name: `van der Bellen`, `Xi`."""
    words = name.split()
    if country in ("CN", "KP", "KR", "TW", "HK", "KH", "SG") and len(words) >= 2 and words[0] not in ("Lawrence", "Christina"):
        return words[0]
    return words[-1]


def legislators():
    """The few lines of each entry that matter; the file is regular YAML."""
    entry = {}
    for line in gzip.open(SOURCES / "us-legislators-2026.yaml.gz", "rt"):
        if line.startswith("- id:"):
            yield from legislator(entry)
            entry = {}
        m = re.match(r"\s+(?:- )?(wikidata|official_full|first|last|nickname|type|start|state|wikipedia): '?([^'\n]+)'?", line)
        if m:
            entry[m[1]] = m[2]
    yield from legislator(entry)


def legislator(e):
    if not e.get("wikidata"):
        return
    office = "United States senator" if e["type"] == "sen" else "United States representative"
    names = [e.get("wikipedia", "").split(" (")[0], e.get("official_full", ""), f"{e.get('nickname') or e['first']} {e['last']}"]
    names = [n for n in dict.fromkeys(names) if n and latin(n)]
    if names:
        yield [e["wikidata"], names[0], "US", "official", "|".join(names[1:]), e["last"], f"{office} for {e['state']}, term from {e['start']}"]


curated = {r[0] for r in (l.split("\t") for l in open(KB / "people.tsv")) if r[0].startswith("Q")}
curated_names = {n for l in open(KB / "people.tsv") for n in [l.split("\t")[1], *l.split("\t")[4].split("|")]}
rows = {}
for row in [*legislators(), *politicians()]:
    if row[0] not in curated and row[1] not in curated_names:
        rows.setdefault(row[0], row)
# Two of one name are nobody's name.
count = {}
for r in rows.values():
    for n in {r[1], *r[4].split("|")}:
        count[slug(n)] = count.get(slug(n), 0) + 1
with open(KB / "politicians.tsv", "w") as f:
    f.write("wikidata\tname\tcountry\trole\tnames\tshort\tnote\n")
    kept = 0
    for r in sorted(rows.values(), key=lambda r: int(r[0][1:])):
        if count[slug(r[1])] > 1:
            continue
        r[4] = "|".join(n for n in r[4].split("|") if n and count[slug(n)] == 1)
        f.write("\t".join(r) + "\n")
        kept += 1
print(f"politicians.tsv: {kept} rows")
