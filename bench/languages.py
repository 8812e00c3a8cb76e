"""Languages of short texts: accuracy on news snippets and FLORES, texts a second, time to load and memory, beside the peers.

    python bench/languages.py            # `pip install langdetect lingua-language-detector` for the peers' figures

Accuracy is the mean of the languages' own. Texts fall into two halves by their digest (FLORES by sentence number): constants were
chosen on `tune`, `report` was only measured. Words and pairs of FLORES are cut from its sentences: lower-case words of five letters
or more, two words that follow each other. Six pages that the snippets call English are in Swahili, Zulu and Xhosa.
"""

import gzip
import hashlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl
import regex

from checker import languages

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
AMONG = "ar bg cs de el en es fa fi fr he hi hu id it ja ko nl pl pt ro ru sv tr uk ur vi zh".split()  # noqa: SIM905 - one line
ASKED = {"sentence": 0.998, "2 words": 0.98, "1 word": 0.87}
KINDS = {"news_sent": "sentence", "news_2w": "2 words", "news_1w": "1 word"}
LOADED = """
import resource, time
from checker import languages
start = time.perf_counter()
languages.identify(["two words", "два слова", "دو کلمه", "दो शब्द"], ["Latn", "Cyrl", "Arab", "Deva"])
print(f"{time.perf_counter() - start:.2f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
"""

Texts = Mapping[tuple[str, str, str], Mapping[str, Sequence[str]]]
Detector = Callable[[Sequence[str]], Sequence[str]]


def half(text: str) -> str:
    return "report" if hashlib.sha256(text.encode()).digest()[0] % 2 else "tune"


def benchmark() -> Texts:
    """Texts by set, kind and half, and by language."""
    texts: dict[tuple[str, str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    with gzip.open(SHARED / "data/lid_news_snippets.json.gz", "rt", encoding="utf-8") as file:
        snippets = json.load(file)
    for key, kind in KINDS.items():
        for lang in snippets[key].keys() & set(AMONG):
            for text in snippets[key][lang]:
                texts["news", kind, half(text)][lang].append(text)
    for lang, number, sentence in flores().iter_rows():
        texts["FLORES", "sentence", half(str(number))][lang].append(sentence)
        if lang not in ("ja", "zh"):
            words = [word.lower() for word in regex.findall(r"\p{L}[\p{L}\p{M}\u200c]*", sentence)]
            texts["FLORES", "2 words", half(str(number))][lang] += map(" ".join, list(pairwise(words))[::5])
            texts["FLORES", "1 word", half(str(number))][lang] += [word for word in words[2::5] if len(word) > 4]
    return texts


def flores() -> pl.DataFrame:
    """lang, n, text of the languages asked for, English among them; each sentence once."""
    recorded = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet", columns=["lang", "n", "version", "original"])
    english = recorded.select("n", lang=pl.lit("en"), text="original")
    both = pl.concat([recorded.select("lang", "n", text="version"), english.select("lang", "n", "text")])
    return both.filter(pl.col("lang").is_in(AMONG)).unique(["lang", "n"], keep="first", maintain_order=True).sort("lang", "n")


def ours(among: Sequence[str] | None) -> Detector:
    def detect(texts: Sequence[str]) -> Sequence[str]:
        series = pl.Series(texts, dtype=pl.String)
        return languages.identified(series, languages.scripts(series), among)["lang"].to_list()

    return detect


def langdetect() -> Detector:
    module = importlib.import_module("langdetect")
    module.DetectorFactory.seed = 0

    def one(text: str) -> str:
        try:
            found: str = module.detect(text)
        except module.LangDetectException:
            return languages.UNDETERMINED
        return found.split("-", maxsplit=1)[0]

    return lambda texts: [one(text) for text in texts[:40]]  # it makes some 200 texts a second


def lingua() -> Detector:
    module = importlib.import_module("lingua")
    codes = [getattr(module.IsoCode639_1, code.upper()) for code in AMONG]
    built = module.LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()

    def one(text: str) -> str:
        found = built.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else languages.UNDETERMINED

    return lambda texts: [one(text) for text in texts[:400]]


def accuracy(detect: Detector, texts: Mapping[str, Sequence[str]]) -> float:
    shares = []
    for lang, own in texts.items():
        said = detect(own)
        shares.append(sum(code == lang for code in said) / len(said))
    return sum(shares) / len(shares)


def speed(texts: Sequence[str]) -> float:
    """Texts a second of processor time, warm, the best of five rounds."""
    detect = ours(AMONG)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        detect(texts)
        seconds.append(time.process_time() - start)
    return len(texts) / min(seconds)


def loading() -> None:
    """Prints the time and memory of a process that tells one text of each script, first without tables, then with them."""
    for state in ("built", "from the cache"):
        run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)  # noqa: S603 - itself
        print(f"tables {state}: {run.stdout.strip()}", flush=True)


def main() -> None:
    texts = benchmark()
    detectors: dict[str, Detector] = {"of the 28": ours(AMONG), "of all": ours(None)}
    for name, load in {"langdetect": langdetect, "lingua": lingua}.items():
        try:
            detectors[name] = load()
        except ImportError:
            print(f"{name}: not installed (pip install {name if name == 'langdetect' else 'lingua-language-detector'})")
    print(f"{'':24}" + "".join(f"{name:>12}" for name in detectors) + f"{'asked':>10}")
    for (source, kind, part), by_lang in sorted(texts.items()):
        row = "".join(f"{accuracy(detect, by_lang):12.4f}" for detect in detectors.values())
        asked = f"≥ {ASKED[kind]}" if source == "news" else ""
        print(f"{source:8}{kind:10}{part:6}{row}{asked:>10}", flush=True)
    for kind in ASKED:
        both = [text for key, by_lang in texts.items() if key[1] == kind for own in by_lang.values() for text in own]
        print(f"{kind}: {speed(both):,.0f} texts/s on one core" + (" (asked ≥ 20,000)" if kind != "sentence" else ""))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHECKER_CACHE"] = folder
        loading()
        main()
