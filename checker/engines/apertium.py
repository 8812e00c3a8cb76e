"""Apertium, rule-based machine translation that runs offline, by the program `apertium` and the pairs installed with it.

    apt install apertium apertium-fra-cat apertium-eng-cat apertium-eng-spa

A pair that is not installed goes through a third language if two installed pairs make a chain: French to English is
`fra→cat→eng`. Variants of a pair (`spa-eng_US`) are left out.

Unknown words stay as they are, without Apertium's mark, and are told beside the translation. They come from the pair's analyser,
which is asked by itself: with marks the translation is another one (`de *Ovechkin` for `d'Ovechkin`), for what comes last, the
elision of words, sees them: in 31 of 1,088 French and 3 of 1,027 Spanish texts. The analyser tells the words that have a mark, but
for names that only Apertium's constraint grammar takes for such (9 of 1,245 words, Catalan to English, none of 1,932 others), and a
word that it knows while the bilingual dictionary does not (4 Spanish ones). Where it cannot be asked no word is told.

Texts go through one process for a batch and a pair, separated by NUL, Apertium's own end of a text: no word of one is read with
those of another. Apertium's statistical tagger nevertheless keeps memories of ambiguous words from one text to the next, so that
in some pairs (Catalan to English) a text may come out a word different in other company: 6 of 50 sentences did. The same batch
always gives the same translations. A signature says nothing about the company.

Batches run one after another: a batch is a dozen processes in a pipe, which two cores are busy with (2,000 French sentences took
5.0 s, and 5.3 s with two batches at a time).

A batch that comes back with more or fewer texts than it had is halved until the text to blame is found. A run that exceeds the
setting `engine_timeout` is killed with all its processes, and the engine asked for no more of that call.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from babel.core import get_global

from checker import languages
from checker.config import Config
from checker.engines import Translation
from checker.errors import EngineError

REMEDY = "apt install apertium apertium-fra-cat apertium-eng-cat apertium-eng-spa"

# Texts a process: starting one takes 0.3 s, 500 sentences from French to Catalan another 1.0 s.
BATCH = 500

# No marks at unknown words, NUL after each text, no format that has markup or inserts full stops.
_OPTIONS = ("-u", "-z", "-f", "none")

# Chains of more pairs than this leave word salad that says nothing about the version's fidelity.
_LONGEST_CHAIN = 2

# Runs that a batch may take in search of the text to blame: two such texts among 500 are found with 35.
_RUNS = 40

# End of a text as `apertium-destxt` writes it: a full stop that is not the text's own, so that its last sentence has an end.
_END = ".[][\n]"

_RESERVED = re.compile(r"([\\^$\[\]{}/@<>])")
_ESCAPED = re.compile(r"\\(.)")
# A word in the analyser's output that it does not know: `^Zorblax/*Zorblax$`. Carets of the text are escaped.
_UNKNOWN = re.compile(r"\^((?:[^\\/^$]|\\.)+)/\*")
# A word of a mode, which is a pipe as a shell writes it: `lt-proc -w '/usr/share/apertium/…/fra-cat.automorf.bin' | cg-proc …`.
_WORD = re.compile(r"'([^']*)'|([^\s'|]+)")
_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")


@dataclass(frozen=True)
class Apertium:
    """The installed program; `modes` maps a pair of ISO 639-1 languages to Apertium's name of it, whose file is in `folder`."""

    program: str
    version: str
    modes: Mapping[tuple[str, str], str]
    timeout: float
    folder: Path
    name: str = "apertium"
    batch: int = BATCH

    def describe(self, source: str, target: str) -> str | None:
        chain = _chain(self.modes, source, target)
        codes = [chain[0].split("-")[0], *(mode.split("-")[1] for mode in chain)] if chain else []
        return f"{self.name} {self.version} {'→'.join(codes)}" if chain else None

    def signature(self, source: str, target: str) -> str | None:
        """Without a digest for a mode whose file is not where the program's own are."""
        chain = _chain(self.modes, source, target)
        modes = " ".join(f"{mode} {_digest(self.folder / f'{mode}.mode')}".strip() for mode in chain)
        return f"{self.name} {self.version} {modes} {' '.join(_OPTIONS)} batch {BATCH}" if chain else None

    def safer(self) -> None:
        """Rules have no parameters to search by: there is one translation of a text."""

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        engine = self.describe(source, target)
        answers = [Translation(_BLANK_OR_CONTROL.sub(" ", text).strip(), engine) for text in texts]
        for mode in _chain(self.modes, source, target):
            answers = self._mode(answers, mode)
        return answers if engine else [Translation(reason=f"does not serve {source}→{target}") for _ in texts]

    def _mode(self, answers: list[Translation], mode: str) -> list[Translation]:
        """The answers with their texts put through one pair; blank texts and reasons stay as they are."""
        places = [place for place, answer in enumerate(answers) if answer.text]
        after, pair = list(answers), _Pair(self, mode)
        for first in range(0, len(places), BATCH):
            batch = places[first : first + BATCH]
            made = pair.batch([answers[place].text or "" for place in batch])
            for place, answer in zip(batch, made, strict=True):
                after[place] = _onwards(answers[place], answer)
        return after


def _onwards(before: Translation, after: Translation) -> Translation:
    """The answer of a pair to that of the pair before it; a word that neither knows is told once."""
    if after.text is None:
        return after
    return replace(before, text=after.text, unknown=tuple(dict.fromkeys(before.unknown + after.unknown)))


class _Pair:
    """One pair at work: it halves a batch as often as need be, and gives up for good, for the reason `broken`, when a run fails."""

    def __init__(self, engine: Apertium, mode: str) -> None:
        self.engine, self.mode = engine, mode
        self.broken: str | None = None
        self.deadline, self.runs = 0.0, 0

    def batch(self, texts: list[str]) -> list[Translation]:
        """A batch and all that comes of it shares one allowance of time and of runs."""
        self.deadline, self.runs = time.monotonic() + self.engine.timeout, 0
        made = self._halving(texts)
        unknown = [()] * len(texts) if self.broken else self._unknown(texts)
        return [replace(one, unknown=words) if one.text is not None else one for one, words in zip(made, unknown, strict=True)]

    def _halving(self, texts: list[str]) -> list[Translation]:
        if self.broken:
            return [Translation(reason=self.broken) for _ in texts]
        try:
            made = self._run(texts)
        except EngineError as error:
            self.broken = error.problem
            return self._halving(texts)
        if len(made) == len(texts):
            return [Translation(text) for text in made]
        if len(texts) == 1 or self.runs >= _RUNS:
            return [Translation(reason=f"returned {len(made)} texts for {len(texts)}") for _ in texts]
        half = len(texts) // 2
        return self._halving(texts[:half]) + self._halving(texts[half:])

    def _run(self, texts: list[str]) -> list[str]:
        """The texts that the program gives for these, each told by the end that it was given."""
        self.runs += 1
        made = self._ask([self.engine.program, *_OPTIONS, self.mode], texts)
        return [_ESCAPED.sub(r"\1", text.removesuffix(_END)).strip() for text in made if text.endswith(_END)]

    def _unknown(self, texts: list[str]) -> list[tuple[str, ...]]:
        """The words of each text that the analyser does not know; none of any text where it cannot tell them for all."""
        command = _analyser(self.engine.folder / f"{self.mode}.mode")
        try:
            analyses = self._ask(command, texts) if command else []
        except EngineError:
            analyses = []
        if len(analyses) != len(texts):
            return [()] * len(texts)
        return [tuple(dict.fromkeys(_ESCAPED.sub(r"\1", word) for word in _UNKNOWN.findall(each))) for each in analyses]

    def _ask(self, command: list[str], texts: list[str]) -> list[str]:
        """What a program of Apertium makes of texts in its stream format, each with the end that it was given."""
        given = "".join(_RESERVED.sub(r"\\\1", text) + _END + "\0" for text in texts)
        left = self.deadline - time.monotonic()
        return _output(command, given, left, f"timed out after {self.engine.timeout:g} s").rstrip("\0").split("\0")


def load(config: Config) -> Apertium:
    """The program `apertium` of the PATH, with what is installed for it."""
    program = shutil.which("apertium")
    if program is None:
        raise EngineError("apertium is not installed", remedy=REMEDY)
    late = f"apertium did not start within {config.engine_timeout:g} s"
    modes = _modes(_output([program, "-l"], "", config.engine_timeout, late))
    if not modes:
        raise EngineError("apertium has no language pair installed", remedy=REMEDY)
    version = _output([program, "-V"], "", config.engine_timeout, late).strip().removeprefix("Apertium ")
    return Apertium(program, version, modes, config.engine_timeout, _folder(program))


def _folder(program: str) -> Path:
    """Where the modes' files lie, as the program itself looks for them; whether there is such a folder or not."""
    own = Path(program).resolve().parent.parent / "share" / "apertium"
    return Path(os.environ.get("APERTIUM_DATADIR") or own) / "modes"


def _analyser(mode: Path) -> list[str]:
    """The command that a mode begins with, for texts that end with NUL; empty if it is not there or not Apertium's analyser."""
    words = _words(mode.read_text("utf-8", "replace").split("|")[0]) if mode.is_file() else []
    return ["lt-proc", "-z", *words[1:]] if words[:1] == ["lt-proc"] else []


def _words(mode: str) -> list[str]:
    return [quoted or plain for quoted, plain in _WORD.findall(mode)]


def _digest(mode: Path) -> str:
    """16 hexadecimal digits of a mode and of all files of data that it names; nothing if there is no such mode."""
    if not mode.is_file():
        return ""
    named = [Path(word) for word in _words(mode.read_text("utf-8", "replace")) if word.startswith("/")]
    files = [mode, *(path for path in named if path.is_file())]
    return _sum(tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in files))


@cache
def _sum(files: tuple[tuple[Path, int, int], ...]) -> str:
    """The digest of files of these sizes and times."""
    sums = hashlib.sha256()
    for path, size, _ in files:
        sums.update(f"{size}\0".encode())
        sums.update(path.read_bytes())
    return sums.hexdigest()[:16]


def _modes(listing: str) -> dict[tuple[str, str], str]:
    """Pair of ISO 639-1 languages to the mode's name; the first by name where Apertium has two languages for one code."""
    names = sorted(re.findall(r"(?m)^\s*([a-z]{2,3}-[a-z]{2,3})\s*$", listing), reverse=True)
    aliases = get_global("language_aliases")
    pairs = [(name, *(languages.normalise(aliases.get(code, code)) for code in name.split("-"))) for name in names]
    return {(source, target): name for name, source, target in pairs if source != target}


def _chain(modes: Mapping[tuple[str, str], str], source: str, target: str) -> list[str]:
    """Names of the fewest modes that lead from source to target, the first such chain by name; empty if there is none."""
    chains: list[tuple[str, list[str]]] = [(source, [])]
    for _ in range(_LONGEST_CHAIN):
        steps = [(there, [*chain, name]) for here, chain in chains for (start, there), name in modes.items() if start == here]
        arrived = sorted(chain for there, chain in steps if there == target)
        if arrived:
            return arrived[0]
        chains = steps
    return []


def _output(command: list[str], given: str, seconds: float, late: str) -> str:
    """What the command prints for the input; raises `EngineError` if it fails or is late, and leaves no process behind."""
    try:
        process = subprocess.Popen(  # noqa: S603 -- the program that PATH names, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise EngineError(f"{command[0]} cannot be started: {error.strerror}", remedy=REMEDY) from error
    try:
        output, complaint = process.communicate(given.encode(), timeout=max(seconds, 0))
    except subprocess.TimeoutExpired as error:
        raise EngineError(late, remedy="raise engine_timeout") from error
    finally:
        _end(process)
    if process.returncode != 0:
        said = complaint.decode(errors="replace").strip().split("\n")[-1][:200]
        raise EngineError(f"ended with status {process.returncode}" + (f": {said}" if said else ""))
    return output.decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills what still runs of the process and its children, which share its group, and closes its pipes."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
