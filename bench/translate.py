"""Speed, start and memory of back-translation by neural models, beside argostranslate's own `translate()` on the same package.

    python bench/translate.py --peer PYTHON [speed] [cores] [start] [memory] [file]

PYTHON is an interpreter with argostranslate 1.11.0 and torch in an environment of its own; without it, our own figures alone are
printed. The model is of the size of Argos' real ones with random weights (`bench/large_model.py`). It would never end a sentence:
both sides are made to give each translation the length of its source, by the same wrapper around `translate_batch`. Guards object
to all noise; what is made again with safer parameters is given one token. The texts are FLORES sentences in French; `file` is
5,000 lines of which 30 % are repeats. CPU-seconds are of a process and its children.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import large_model
import polars as pl
from detect import resident

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
ROOT = Path(__file__).parents[1]
ASKED = {4: 3.0, 2: 5.0}
LINES, REPEATS = 5_000, 0.3

# Loaded by every Python process below: batches as CTranslate2 makes them, each decoded to the length of its longest sentence.
FORCED = """
import sys

if {"checker.neural", "-c"} & set(sys.orig_argv):  # a process that translates
    import ctranslate2

    class Forced(ctranslate2.Translator):
        def translate_batch(self, source, asynchronous=False, max_batch_size=0, batch_type="tokens", **search):
            order = sorted(range(len(source)), key=lambda place: -len(source[place]))
            batches, now = [], []
            for place in order:
                if now and (len(now) + 1) * len(source[now[0]]) > max_batch_size:
                    batches.append(now)
                    now = []
                now.append(place)
            batches.append(now)
            search.pop("max_decoding_length", None)
            prefix = search.pop("target_prefix", None)
            found = [None] * len(source)
            for batch in filter(None, batches):
                length = 1 if search.get("no_repeat_ngram_size") else min(256, len(source[batch[0]]))
                results = super().translate_batch(
                    [source[place] for place in batch], asynchronous=True, max_batch_size=0,
                    min_decoding_length=length, max_decoding_length=length, **search)
                for place, result in zip(batch, results):
                    found[place] = result
            return found if asynchronous else [result.result() for result in found]

    ctranslate2.Translator = Forced
"""

PEER = """
import json, resource, sys
from argostranslate import translate
class Whole:
    def split_sentences(self, text):
        return [text]
translation = translate.get_translation_from_codes("fr", "en")
translation.underlying.sentencizer = Whole()
translation.translate("Oui .")
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before = cpu()
texts = json.load(sys.stdin)
for text in texts:
    translation.translate(text)
print(len(texts) / (cpu() - before), cpu() - before)
"""


def cpu() -> float:
    """Seconds that processes started here have computed for."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def sentences() -> list[str]:
    recorded = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").filter(pl.col("lang") == "fr")
    return recorded["version"].unique().sort().to_list()


def environment(place: Path, *, forced: bool) -> dict[str, str]:
    """Of a process that finds the model, keeps nothing, and, if `forced`, has the wrapper."""
    (place / "forced").mkdir(exist_ok=True)
    (place / "forced" / "sitecustomize.py").write_text(FORCED)
    own = {name: str(place / name.lower()) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    path = {"PYTHONPATH": str(place / "forced")} if forced else {}
    quiet = {"ARGOS_COMPUTE_TYPE": "default", "ARGOS_PACKAGES_DIR": str(place / "packages"), "ORT_DISABLE_TELEMETRY": "1"}
    return {**os.environ, **own, **quiet, **path}


def ours(place: Path, texts: Sequence[str], beam: int, cores: int = 2, *, forced: bool = True) -> tuple[float, float]:
    """CPU-seconds and seconds of the engine `argos` for the texts, in a process of its own, its loaded model not counted."""
    code = f"""
import json, os, sys, time, resource
from pathlib import Path
from checker.config import Config
from checker.engines import argos
engine = argos.load(Config(packages=Path({str(place / "packages")!r}), beam={beam}))
texts = json.load(sys.stdin)
engine.translate(["Oui ."], "fr", "en")
pid = engine.worker.pid
def used():
    ticks = Path(f"/proc/{{pid}}/stat").read_text().rpartition(")")[2].split()
    own = resource.getrusage(resource.RUSAGE_SELF)
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK") + own.ru_utime + own.ru_stime
before, begin = used(), time.perf_counter()
for at in range(0, len(texts), engine.batch):
    engine.translate(texts[at : at + engine.batch], "fr", "en")
print(used() - before, time.perf_counter() - begin)
"""
    ordered = sorted(texts, key=lambda text: (len(text.encode()), text))  # as the stage hands them on
    command = ["taskset", "-c", f"0-{cores - 1}", sys.executable, "-c", code]
    said = subprocess.run(  # noqa: S603
        command, input=json.dumps(ordered), env=environment(place, forced=forced), capture_output=True, text=True, check=True
    )
    used, seconds = map(float, said.stdout.split())
    return used, seconds


def peer(place: Path, python: str, texts: Sequence[str]) -> float:
    """Sentences per CPU-second of argostranslate, a sentence a call, which is how it is used.

    The better of its default, which sets all cores on one sentence, and of one thread: the default waits in busy loops.
    """
    rates = [_peer(place, python, texts, threads) for threads in ("0", "1")]
    print(f"argostranslate, beam 4: {rates[0]:.2f} sentences per CPU-second, with ARGOS_INTRA_THREADS=1 {rates[1]:.2f}", flush=True)
    return max(rates)


def _peer(place: Path, python: str, texts: Sequence[str], threads: str) -> float:
    own = {**environment(place, forced=True), "ARGOS_INTRA_THREADS": threads}
    said = subprocess.run(  # noqa: S603
        [python, "-c", PEER], input=json.dumps(texts), env=own, capture_output=True, text=True, check=True
    )
    return float(said.stdout.split()[0])


def speed(place: Path, python: str | None) -> None:
    texts = sentences()
    theirs = peer(place, python, random.Random(3).sample(texts, 100)) if python else None
    for beam, asked in ASKED.items():
        used, _ = ours(place, texts, beam)
        rate = len(texts) / used
        ratio = f", {rate / theirs:.2f} times as fast, asked {asked:g}" if theirs else ""
        print(f"argos, beam {beam}: {rate:.2f} sentences per CPU-second{ratio}", flush=True)


def cores(place: Path, _: str | None) -> None:
    texts = sentences()[:600]
    seconds = {count: min(ours(place, texts, 2, count)[1] for _ in range(2)) for count in (1, 2)}
    print(
        f"one core {seconds[1]:.1f} s, two {seconds[2]:.1f} s: {seconds[1] / seconds[2]:.2f} times as fast, asked 1.7", flush=True
    )


def command(place: Path, file: Path, *flags: str) -> list[str]:
    settings = place / "checker.toml"
    settings.write_text(f'packages = "{place / "packages"}"\n')
    given = ["translate", str(file), "--from", "fr", "--engine", "argos", "--config", str(settings), "--no-cache"]
    return [sys.executable, "-m", "checker", *given, "--out", str(place / "out.txt"), *flags]


def start(place: Path, python: str | None) -> None:
    """CPU-seconds of the command with nothing to translate, of what its model's process imports, and of the peer's import."""
    line = place / "line.txt"
    line.write_text("12\n")
    begun = statistics.median(_used(command(place, line), place) for _ in range(5))
    imports = "import sentencepiece, ctranslate2, checker.neural"
    model = statistics.median(_used([sys.executable, "-c", imports], place) for _ in range(5))
    print(f"checker translate: {begun:.2f} CPU-seconds, its model's process {model:.2f}: {begun + model:.2f} in all, asked 0.8")
    if python:
        theirs = statistics.median(_used([python, "-c", "import argostranslate.translate"], place) for _ in range(3))
        print(f"import of argostranslate: {theirs:.2f} CPU-seconds", flush=True)


def _used(command: Sequence[str], place: Path) -> float:
    before = cpu()
    subprocess.run(command, env=environment(place, forced=False), capture_output=True, check=True)  # noqa: S603
    return cpu() - before


def memory(place: Path, _: str | None) -> None:
    """Peak of all processes together, on files of distinct lines that grow; tables of languages are made before."""
    words = [word for text in sentences() for word in text.split()]
    chance = random.Random(11)
    file = place / "lines.txt"
    file.write_text(f"{sentences()[0]}\n")
    subprocess.run([*command(place, file), "--exit-zero"], env=environment(place, forced=True), capture_output=True, check=True)  # noqa: S603
    for count in (1_000, 10_000, 100_000):
        # A word and a number a line, or the model would take hours; the first lines are long ones, whose batches take most.
        long = sentences()[: count // 10][:500]
        short = [f"{chance.choice(words)} {number}" for number in range(count - len(long))]
        file.write_text("".join(f"{line}\n" for line in (*long, *short)))
        process = subprocess.Popen(command(place, file), env=environment(place, forced=True), stderr=subprocess.DEVNULL)  # noqa: S603
        peak, begin = 0, time.perf_counter()
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.1)
        print(f"{count:7,} lines: peak {peak / 1e6:.0f} MB, {time.perf_counter() - begin:.0f} s; asked 600", flush=True)


def lines() -> list[str]:
    """5,000 lines of which 30 % stand there before."""
    chance = random.Random(5)
    own, count = sentences(), int(LINES * (1 - REPEATS))
    kept = [own[number] if number < len(own) else f"{own[number % len(own)]} {number}" for number in range(count)]
    found = kept + chance.choices(kept, k=LINES - len(kept))
    chance.shuffle(found)
    return found


def file(place: Path, python: str | None) -> None:
    texts = lines()
    path = place / "file.txt"
    path.write_text("".join(f"{text}\n" for text in texts))
    theirs = peer(place, python, texts[:: LINES // 100]) if python else None  # its rate does not depend on how many there are
    for beam, asked in ASKED.items():
        before = cpu()
        asked_for = [*command(place, path, "--beam", str(beam)), "--exit-zero"]
        subprocess.run(asked_for, env=environment(place, forced=True), capture_output=True, check=True)  # noqa: S603
        rate = LINES / (cpu() - before)
        ratio = f", {rate / theirs:.2f} times as fast, asked {asked:g}" if theirs else ""
        print(f"checker translate --beam {beam}: {rate:.2f} lines per CPU-second{ratio}", flush=True)


def main() -> None:
    parts = {function.__name__: function for function in (speed, cores, start, memory, file)}
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--peer")
    arguments.add_argument("parts", nargs="*", choices=[*parts, []], default=[])
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        large_model.build(place / "packages", sentences())
        for name in given.parts or parts:
            print(f"-- {name}")
            parts[name](place, given.peer)


if __name__ == "__main__":
    main()
