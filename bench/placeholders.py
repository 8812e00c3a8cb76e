"""Placeholders: how often the rules accuse what translators of free software wrote, and what they find of what is damaged.

    python bench/placeholders.py [FOLDER]

Messages are those of the compiled catalogues in FOLDER (by default /usr/share/locale, as a Debian machine has it), of the
languages below; their translators' tools have checked most of them. Of 5,000 messages with a placeholder, drawn with a seed, the
last one in the translation is left out, or made another: what share is found? pofilter of translate-toolkit (its tests printf,
variables and xmltags) judges the same; it needs `make peers` (`CHECKER_PEERS` names another folder).
"""

import gettext
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from checker.placeholders import compared, marks

PEER = Path(os.environ.get("CHECKER_PEERS", Path(__file__).parents[1] / ".peers")) / "l10n" / "bin" / "python"
LANGUAGES = ("ar", "cs", "de", "es", "fi", "fr", "he", "it", "ja", "ka", "ko", "pl", "pt_BR", "ru", "sv", "tr", "uk", "vi", "zh_CN")
DAMAGED = 5_000

POFILTER = """
import json, sys
from translate.filters import checks
judge = checks.StandardChecker()
def accused(one, other):
    for test in (judge.printf, judge.variables, judge.xmltags):
        try:
            if not test(one, other):
                return True
        except checks.FilterFailure:
            return True
    return False
print(json.dumps([accused(one, other) for one, other in json.load(sys.stdin)]))
"""

Pair = tuple[str, str]


def catalogues(folder: Path) -> Iterator[Pair]:
    """Message and translation, both without a context, of each message that is translated."""
    for language in LANGUAGES:
        for path in sorted(folder.glob(f"{language}/LC_MESSAGES/*.mo")):
            with path.open("rb") as file:
                try:
                    catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
                except (OSError, UnicodeDecodeError):
                    continue
            for message, translation in catalogue.items():
                if isinstance(message, str) and message and translation:
                    yield message.rpartition("\x04")[2], translation


def ours(pairs: Sequence[Pair]) -> list[bool]:
    """Which pairs one of the two rules accuses."""
    lengths = [pl.col(side).str.len_chars().cast(pl.Int64) for side in ("text", "original_text")]
    frame = pl.DataFrame(pairs, schema=["original_text", "text"], orient="row").with_row_index("pair")
    frame = frame.with_columns(
        start=pl.lit(0, pl.Int64), end=lengths[0], original_start=pl.lit(0, pl.Int64), original_end=lengths[1]
    )
    accused = {pair for kind in ("placeholder", "tag") for pair in compared(frame, kind)["pair"]}
    return [pair in accused for pair in range(len(pairs))]


def theirs(pairs: Sequence[Pair]) -> list[bool]:
    """Which pairs pofilter accuses."""
    done = subprocess.run([PEER, "-c", POFILTER], input=json.dumps(pairs), capture_output=True, text=True, check=True)  # noqa: S603
    accused: list[bool] = json.loads(done.stdout)
    return accused


def damaged(pairs: Sequence[Pair], how: str) -> list[Pair]:
    """The pairs with the last placeholder of the translation left out, or made another."""
    found = []
    for message, translation in pairs:
        last = [mark for mark in marks(translation, message) if mark.kind == "placeholder"][-1]
        instead = {"lost": "", "changed": "%q" if translation[last.start] == "%" else "{changed}"}[how]
        found.append((message, translation[: last.start] + instead + translation[last.end :]))
    return found


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/locale")
    pairs = sorted(set(catalogues(folder)))
    marked = [pair for pair, holds in zip(pairs, (any(mark.key for mark in marks(*pair)) for pair in pairs), strict=True) if holds]
    print(f"{len(pairs):,} messages, {len(marked):,} of them with a placeholder or tag")
    clean = [pair for pair in marked if any(mark.kind == "placeholder" for mark in marks(pair[1], pair[0]))]
    drawn = random.Random(0).sample(clean, min(DAMAGED, len(clean)))
    judges = {"checker": ours} | ({"pofilter": theirs} if PEER.is_file() else {})
    for name, judge in judges.items():
        accused, quiet = sum(judge(marked)), judge(drawn)
        kept = [pair for pair, flagged in zip(drawn, quiet, strict=True) if not flagged]
        shares = {how: sum(judge(damaged(kept, how))) / len(kept) for how in ("lost", "changed")}
        told = ", ".join(f"{how} found {share:.4f}" for how, share in shares.items())
        print(f"  {name:9} accuses {accused:6,} as they are, {1e4 * accused / len(marked):5.1f} of 10,000; {told}")


if __name__ == "__main__":
    main()
