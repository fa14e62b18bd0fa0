#!/usr/bin/env python3
"""Writes kb/terms/frequencies.tsv: of a million items of 400 words, how many hold an English word. Standard library only.

usage: term_frequencies.py WHEEL OUT     (WHEEL is PyPI symspellpy 6.10.1, MIT; OUT is kb/terms/)

Its frequency_dictionary_en_82_765.txt counts words of the web. A word with the share f of all words stands in
1 - exp(-400 f) of the items, if its occurrences are independent; they are not, and what follows from it is a prior only.
Words rarer than those of the table count as rare as the rarest in it.
"""
import math, pathlib, sys, zipfile

WORDS_AN_ITEM = 400
# Words on the pages that were counted: those of the dictionary and the others.
WORDS_COUNTED = 1.02e12
FEWEST_PER_MILLION = 100

wheel, out = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
counts = wheel.read("symspellpy/frequency_dictionary_en_82_765.txt").decode("utf-8-sig")
rows = []
for line in counts.splitlines():
    word, count = line.split()
    per_million = round(1e6 * (1 - math.exp(-WORDS_AN_ITEM * int(count) / WORDS_COUNTED)))
    if per_million >= FEWEST_PER_MILLION and word.isascii() and word.isalnum():
        rows.append((word, per_million))
rows.sort()
with open(out / "frequencies.tsv", "w", newline="\n") as f:
    f.write("word\tper_million\n")
    f.writelines(f"{word}\t{per_million}\n" for word, per_million in rows)
print(f"frequencies.tsv: {len(rows)} rows")
