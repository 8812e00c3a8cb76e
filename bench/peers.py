"""The race: filters of sentence pairs here and in other programs, on the same pairs, in one session, each on one core.

    python bench/peers.py                    1,000,000 pairs; the slow peers on the first 20,000 of them
    python bench/peers.py --pairs 100000 --peer-pairs 5000 --rounds 1

The pairs are made from FLORES by seeded repetition: in each copy words are exchanged, so that hardly two are the same, and one of
ten has a fault: sides swapped, another sentence, half cut off, the original in place of the version, words repeated.

Contenders run in turn, in processes of their own on one core, as their users run them: from files to files of what is kept. The
figure is pairs a second of processor time, without the start (what 100 pairs take), the median of the rounds; processor time, for
it hardly changes when the machine has other work. Peers live in environments of their own (`make rivals`), GPL ones too; what is
not installed is said and left out. Then verdicts are compared, filter by filter, on the same pairs.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl

from checker.languages import SCRIPT_OF, SCRIPTS

if __package__:
    from bench.filters import RULES, flores, framed
else:
    from filters import RULES, flores, framed  # type: ignore[import-not-found,no-redef,unused-ignore]

ROOT = Path(__file__).parents[1]
PEERS = Path(os.environ.get("CHECKER_PEERS", ROOT / ".peers"))
BATCH = 100_000

FIVE = ["LengthRatioFilter: {{}}", "CharacterScoreFilter: {{scripts: [Latin, {script}]}}", "NonZeroNumeralsFilter: {{}}"]
FIVE += ["RepetitionFilter: {{}}", "TerminalPunctuationFilter: {{}}"]
LANGUAGES = {
    "CLD2": "Cld2Filter: {{languages: [en, {lang}], thresholds: [0.5, 0.5]}}",
    "langid": "LangidFilter: {{languages: [en, {lang}], thresholds: [0.5, 0.5]}}",
    "lingua": "LinguaFilter: {{languages: [en, {lang}], thresholds: [0.5, 0.5]}}",
}

# OpusFilter's verdicts, one row a pair and one column a filter, as it says them with its own defaults.
VERDICTS = """
import json, sys
from opusfilter import filters, lid
lang, script, source, target, out = sys.argv[1:]
pairs = [(a.rstrip("\\n"), b.rstrip("\\n")) for a, b in zip(open(source, encoding="utf-8"), open(target, encoding="utf-8"))]
asked = {
    "uneven-length": filters.LengthRatioFilter(), "wrong-script": filters.CharacterScoreFilter(scripts=["Latin", script]),
    "unlike-numerals": filters.NonZeroNumeralsFilter(), "repetition": filters.RepetitionFilter(),
    "unlike-punctuation": filters.TerminalPunctuationFilter(),
    "wrong-language": lid.Cld2Filter(languages=["en", lang], thresholds=[0.5, 0.5]),
}
verdicts = {name: [not one.accept(score) for score in one.score(pairs)] for name, one in asked.items()}
json.dump(verdicts, open(out, "w"))
"""
DETECTED = {
    "lingua": """
from lingua import IsoCode639_1, LanguageDetectorBuilder
codes = {codes!r}
built = LanguageDetectorBuilder.from_iso_codes_639_1(*(getattr(IsoCode639_1, code.upper()) for code in codes)).build()
def detect(text):
    found = built.detect_language_of(text)
    return found.iso_code_639_1.name.lower() if found else "und"
""",
    "langdetect": """
import langdetect
langdetect.DetectorFactory.seed = 0
def detect(text):
    try:
        return langdetect.detect(text)
    except langdetect.LangDetectException:
        return "und"
""",
}
DETECTING = """
for side in {files!r}:
    with open(side, encoding="utf-8") as lines, open(side + ".said", "w") as said:
        said.writelines(detect(line.rstrip("\\n")) + "\\n" for line in lines)
"""
SACREBLEU = """
from sacrebleu.metrics import CHRF
metric = CHRF(word_order=2)
with open({source!r}, encoding="utf-8") as source, open({target!r}, encoding="utf-8") as target:
    print(sum(metric.sentence_score(b.rstrip("\\n"), [a.rstrip("\\n")]).score for a, b in zip(source, target)))
"""


@dataclass(frozen=True)
class Contender:
    """A program in the race: what it is asked, and the command for a folder with the pairs."""

    name: str
    group: str
    command: Callable[[Path], Sequence[str | Path]]
    on: str = "peers"
    """`all` pairs; those of the `peers`, fewer, for they would take hours; or a `few`, a tenth of these."""


# The pairs


def made(count: int, lang: str, seed: int = 9) -> Iterator[tuple[str, str, str]]:
    """Original, version and fault (or nothing) of so many pairs."""
    draw = random.Random(seed)
    good = [(a, b) for a, b in flores().filter(lang=lang).select("original", "version").iter_rows() if "\n" not in a + b]
    words = [[word for pair in good for word in pair[side].split() if word.isalpha()] for side in (0, 1)]
    for n in range(count):
        original, version = (_changed(text, words[side], draw) for side, text in enumerate(good[n % len(good)]))
        fault = draw.choice(FAULTS) if draw.random() < 0.1 else ""
        yield *_faulty(original, version, fault, draw, good), fault


FAULTS = ("sides swapped", "another sentence", "half cut off", "left as it was", "words repeated")


def _changed(text: str, words: Sequence[str], draw: random.Random) -> str:
    """The text with two words exchanged for others of the corpus; marks at the end stay, and texts without spaces as they are."""
    own = text.split(" ")
    plain = [place for place, word in enumerate(own[:-1]) if word.isalpha()]
    for place in draw.sample(plain, min(2, len(plain))):
        own[place] = draw.choice(words)
    return " ".join(own)


def _faulty(original: str, version: str, fault: str, draw: random.Random, good: Sequence[tuple[str, str]]) -> tuple[str, str]:
    if fault == "sides swapped":
        return version, original
    if fault == "another sentence":
        return original, draw.choice(good)[1]
    if fault == "half cut off":
        return original, version[: len(version) // 2]
    if fault == "left as it was":
        return original, original
    return (original, version + 4 * (" " + " ".join(version.split()[-2:]))) if fault else (original, version)


def written(folder: Path, pairs: Sequence[tuple[str, str, str]]) -> Path:
    """The pairs as two files of lines."""
    folder.mkdir()
    for side, name in enumerate(("source", "target")):
        with (folder / name).open("w", encoding="utf-8") as file:
            file.writelines(pair[side] + "\n" for pair in pairs)
    return folder


def in_all_formats(folder: Path, pairs: Sequence[tuple[str, str, str]]) -> Path:
    """The same, and as tab-separated rows and as a translation memory, which some peers read."""
    written(folder, pairs)
    (folder / "pairs.tsv").write_text("".join(f"{a}\t{b}\n" for a, b, _ in pairs), "utf-8")
    units = (
        f"<tu><tuv xml:lang='en'><seg>{escape(a)}</seg></tuv><tuv xml:lang='xx'><seg>{escape(b)}</seg></tuv></tu>"
        for a, b, _ in pairs
    )
    head = "<?xml version='1.0' encoding='UTF-8'?><tmx version='1.4'><header srclang='en'/><body>"
    (folder / "pairs.tmx").write_text(head + "\n".join(units) + "</body></tmx>", "utf-8")
    return folder


# The contenders


def contenders(lang: str) -> list[Contender]:
    """All that are installed, ours before its peers in each group."""
    return [*_our_own(lang), *_opusfilter(lang), *_others(lang)]


def _our_own(lang: str) -> Iterator[Contender]:
    asked = {"five filters": RULES[:5], "four filters": RULES[:4], "with languages": RULES, "languages alone": RULES[5:]}
    for group, rules in asked.items():
        flags = ["--lang", lang, "--ours", ",".join(rules)]
        yield Contender(
            f"checker, {_named(rules)}", group, lambda at, flags=flags: [sys.executable, __file__, *flags, at], on="all"
        )
    yield Contender("checker, chrF2++", "chrF2++", lambda at: [sys.executable, __file__, "--chrf", at])


def _named(rules: Sequence[str]) -> str:
    return {4: "four rules (no repetition)", 5: "five rules", 6: "five rules and wrong-language"}.get(len(rules), *rules[:1])


def _opusfilter(lang: str) -> Iterator[Contender]:
    if not (program := PEERS / "opusfilter/bin/opusfilter").exists():
        return
    five = [one.format(script=_script(lang)) for one in FIVE]
    four = [one for one in five if not one.startswith("Repetition")]
    by = {name: [one.format(lang=lang)] for name, one in LANGUAGES.items()}
    asked = {
        ("five", "five filters"): five,
        ("four (no RepetitionFilter)", "four filters"): four,
        **{(f"five and {name}", "with languages"): five + one for name, one in by.items()},
        ("four and CLD2", "with languages"): four + by["CLD2"],
        ("CLD2 alone", "languages alone"): by["CLD2"],
    }
    for (name, group), filters in asked.items():
        on = "few" if "lingua" in name else "peers"
        yield Contender(f"OpusFilter, {name}", group, lambda at, filters=filters: [program, _steps(at, filters)], on)


def _script(lang: str) -> str:
    """Unicode's name of the script of a language, as in `Cyrillic`."""
    return SCRIPTS[SCRIPT_OF[lang]].removeprefix(r"\p{").removesuffix("}")


def _others(lang: str) -> Iterator[Contender]:
    opus, hard, toolkit = (PEERS / name / "bin" for name in ("opusfilter", "bicleaner-hardrules", "l10n"))
    if (program := hard / "bicleaner-hardrules").exists():
        flags = [
            "-A",
            "--disable_lang_ident",
            "--disable_porn_removal",
            "--disable_lm_filter",
            "-q",
            "-p",
            "1",
            "-s",
            "en",
            "-t",
            lang,
        ]
        name = "bicleaner-hardrules, its rules without models"
        yield Contender(name, "five filters", lambda at: [program, *flags, "--tmp_dir", at, at / "pairs.tsv", at / "hard"])
    if (filtering := toolkit / "pofilter").exists():
        tests = [part for test in ("endpunc", "numbers", "short", "long", "doublewords", "unchanged") for part in ("-t", test)]
        told = ["--progress=none", f"--language={lang}", *tests]
        yield Contender(
            "pofilter, six like tests", "five filters", lambda at: [filtering, *told, at / "pairs.tmx", at / "left.tmx"]
        )
    if (python := opus / "python").exists():
        yield Contender("lingua", "languages alone", lambda at: [python, "-c", _detecting("lingua", at, lang)], "few")
    yield Contender("langdetect", "languages alone", lambda at: [sys.executable, "-c", _detecting("langdetect", at, lang)], "few")
    yield Contender("sacrebleu", "chrF2++", lambda at: [sys.executable, "-c", _sacrebleu(at)])


def _sacrebleu(folder: Path) -> str:
    return SACREBLEU.format(source=str(folder / "source"), target=str(folder / "target"))


def _steps(folder: Path, filters: Sequence[str]) -> Path:
    """A configuration of OpusFilter: one step, from two files to two."""
    lines = [
        "common:",
        f"  output_directory: {folder}",
        "steps:",
        "- type: filter",
        "  parameters:",
        "    inputs: [source, target]",
    ]
    lines += ["    outputs: [kept-source, kept-target]", "    filters:", *(f"    - {one}" for one in filters)]
    place = folder / "steps.yaml"
    place.write_text("\n".join(lines) + "\n")
    for kept in ("kept-source", "kept-target"):
        (folder / kept).unlink(missing_ok=True)
    return place


def _detecting(name: str, folder: Path, lang: str) -> str:
    files = [str(folder / side) for side in ("source", "target")]
    codes = sorted({"en", lang, *flores()["lang"]})
    return DETECTED[name].replace("{codes!r}", repr(codes)) + DETECTING.format(files=files)


def ours(rules: Sequence[str], folder: Path, lang: str) -> None:
    """Reads two files of lines, asks the rules, and writes two files of the pairs that none of them tells."""
    from checker.registry import component  # noqa: PLC0415 -- a run asks for a few rules

    source, target = (pl.read_lines(folder / name, name=name).to_series() for name in ("source", "target"))
    with (folder / "our-source").open("wb") as kept_source, (folder / "our-target").open("wb") as kept_target:
        for at in range(0, len(source), BATCH):
            pairs = pl.DataFrame(
                {
                    "original": source.slice(at, BATCH),
                    "version": target.slice(at, BATCH),
                    "lang": pl.repeat(lang, min(BATCH, len(source) - at), eager=True),
                }
            )
            frame = framed(pairs)
            told = pl.concat([component("rules", name).find(frame).select("doc") for name in rules])
            kept = frame.filter(~pl.col("doc").is_in(told["doc"].implode()))
            for side, file in (("original_text", kept_source), ("text", kept_target)):
                kept.select(side).write_csv(file, include_header=False, quote_style="never")


def chrf(folder: Path) -> None:
    """Prints the sum of our chrF2++ of each pair."""
    from checker.metrics import chrf_pp  # noqa: PLC0415 -- a run of its own

    source, target = ((folder / name).read_text("utf-8").splitlines() for name in ("source", "target"))
    print(sum(chrf_pp.score(target, source)))


# The race


def seconds(command: Sequence[str | Path]) -> float:
    """Processor time of a command on one core."""
    pinned = [*(["taskset", "-c", str(min(os.sched_getaffinity(0)))] if shutil.which("taskset") else []), *map(str, command)]
    one = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
    env = {**os.environ, "PYTHONPATH": str(ROOT), **one}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(pinned, stdout=said, stderr=said, env=env)  # noqa: S603 -- commands of our own
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{Path(command[0]).name} failed: {said.read().decode(errors='replace').strip()[-90:]}")
    return used.ru_utime + used.ru_stime


def race(folders: dict[str, Path], counts: dict[str, int], lang: str, rounds: int) -> dict[str, float]:
    """Contender to its pairs a second, the median of rounds in which all run in turn; prints what each takes."""
    field = contenders(lang)
    starts, rates = {}, {one.name: [] for one in field}  # type: dict[str, float], dict[str, list[float]]
    for one in list(field):
        try:
            starts[one.name] = seconds(one.command(folders["start"]))
        except RuntimeError as error:
            print(f"{one.name}: cannot run here: {error}")
            field.remove(one)
    for number in range(rounds):
        for one in field if number % 2 == 0 else reversed(field):
            spent = seconds(one.command(folders[one.on]))
            rates[one.name].append(counts[one.on] / max(spent - starts[one.name], 0.01))
    medians = {one.name: statistics.median(rates[one.name]) for one in field}
    print(f"\n{'':46}{'pairs/s':>12}{'start, s':>10}{'pairs':>12}   ours is")
    for group in dict.fromkeys(one.group for one in field):
        of_group = [one for one in field if one.group == group]
        best = medians[next(one.name for one in of_group if one.name.startswith("checker"))]
        print(group)
        for one in of_group:
            ratio = "" if one.name.startswith("checker") else f"{best / medians[one.name]:8.1f} ×"
            print(
                f"  {one.name:44}{medians[one.name]:12,.0f}{starts[one.name]:10.1f}{counts[one.on]:12,}{ratio}",
                flush=True,
            )
    return medians


def agreement(folder: Path, faults: Sequence[str], lang: str) -> None:
    """Prints for each filter how many pairs it and our rule tell, with a fault and without."""
    opus = PEERS / "opusfilter/bin/python"
    if not opus.exists():
        return
    out = folder / "verdicts.json"
    seconds([opus, "-c", VERDICTS, lang, _script(lang), folder / "source", folder / "target", out])
    theirs = {name: pl.Series(told) for name, told in json.loads(out.read_text()).items()}
    from checker.registry import component  # noqa: PLC0415 -- as above

    source, target = (pl.read_lines(folder / name, name=name).to_series() for name in ("source", "target"))
    frame = framed(pl.DataFrame({"original": source, "version": target, "lang": pl.repeat(lang, len(source), eager=True)}))
    mine = {name: frame["doc"].is_in(component("rules", name).find(frame)["doc"].implode()) for name in RULES}
    fault = pl.Series("fault", faults)
    print(f"\nverdicts on {len(fault):,} pairs, {(fault != '').sum():,} of them with a fault; OpusFilter's defaults, CLD2 at 0.5")
    print(f"{'':20}{'both':>8}{'neither':>9}{'ours':>7}{'theirs':>8}   good pairs told: {'ours':>7}{'theirs':>8}")
    for name in RULES:
        a, b, good = mine[name], theirs[name], fault == ""
        cells = ((a & b).sum(), (~a & ~b).sum(), (a & ~b).sum(), (b & ~a).sum())
        print(f"{name:20}{cells[0]:8,}{cells[1]:9,}{cells[2]:7,}{cells[3]:8,}{'':21}{(a & good).sum():7,}{(b & good).sum():8,}")
    told = [pl.DataFrame(one).select(pl.any_horizontal(pl.all())).to_series() for one in (mine, theirs)]
    print(f"\n{'told by any, %':24}{'pairs':>8}{'ours':>9}{'theirs':>9}")
    for kind in ("", *FAULTS):
        here = fault == kind
        print(f"{kind or 'good':24}{here.sum():8,}" + "".join(f"{100 * one.filter(here).mean():9.2f}" for one in told))  # type: ignore[operator]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--peer-pairs", type=int, default=20_000, help="pairs of the peers that would take hours")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lang", default="de", help="language of the versions")
    parser.add_argument("--ours", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--chrf", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ours:
        ours(asked.ours[0].split(","), Path(asked.ours[1]), asked.lang)
        return
    if asked.chrf:
        chrf(Path(asked.chrf))
        return
    for name, folder in {"opusfilter": "opusfilter", "bicleaner-hardrules": "bicleaner-hardrules", "pofilter": "l10n"}.items():
        if not (PEERS / folder / "bin").exists():
            print(f"{name}: not installed here (make rivals)")
    for name in ("hunalign", "bleualign"):
        if not shutil.which(name):
            print(f"{name}: not installed here; bench/align.py measures alignment")
    with tempfile.TemporaryDirectory() as place:
        pairs = list(made(asked.pairs, asked.lang))
        few = pairs[: asked.peer_pairs]
        folders = {"all": written(Path(place) / "all", pairs), "peers": in_all_formats(Path(place) / "peers", few)}
        folders["few"] = in_all_formats(Path(place) / "few", few[: len(few) // 10])
        folders["start"] = in_all_formats(Path(place) / "start", pairs[:100])
        faults = [fault for *_, fault in few]
        race(folders, {"all": len(pairs), "peers": len(few), "few": len(few) // 10}, asked.lang, asked.rounds)
        agreement(folders["peers"], faults, asked.lang)


if __name__ == "__main__":
    main()
