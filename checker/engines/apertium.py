"""Apertium, rule-based machine translation that runs offline, by the program `apertium` and the pairs installed with it.

    apt install apertium apertium-fra-cat apertium-eng-cat apertium-eng-spa

A pair that is not installed goes through a third language if two installed pairs make a chain: French to English is
`fra→cat→eng`. Variants of a pair (`spa-eng_US`) are left out. Unknown words stay as they are, without Apertium's mark.

Texts go through one process for a batch and a pair, separated by NUL, Apertium's own end of a text: no word of one is read with
those of another. Apertium's statistical tagger nevertheless keeps memories of ambiguous words from one text to the next, so that
in some pairs (Catalan to English) a text may come out a word different in other company: 6 of 50 sentences did. The same batch
always gives the same translations.

A batch that comes back with more or fewer texts than it had is halved until the text to blame is found. A run that exceeds the
setting `engine_timeout` is killed with all its processes, and the engine asked for no more of that call.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from babel.core import get_global

from checker import languages
from checker.config import Config
from checker.engines import Translation
from checker.errors import EngineError

REMEDY = "apt install apertium apertium-fra-cat apertium-eng-cat apertium-eng-spa"

# Texts a process: starting one took 1.4 s where another 300 short sentences took 1.0 s (a loaded machine).
BATCH = 500

# Chains of more pairs than this leave word salad that says nothing about the version's fidelity.
_LONGEST_CHAIN = 2

# Runs that a batch may take in search of the text to blame: two such texts among 500 are found with 35.
_RUNS = 40

# End of a text as `apertium-destxt` writes it: a full stop that is not the text's own, so that its last sentence has an end.
_END = ".[][\n]"

_RESERVED = re.compile(r"([\\^$\[\]{}/@<>])")
_ESCAPED = re.compile(r"\\(.)")
_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")


@dataclass(frozen=True)
class Apertium:
    """The installed program; `modes` maps a pair of ISO 639-1 languages to Apertium's name of it."""

    program: str
    version: str
    modes: Mapping[tuple[str, str], str]
    timeout: float
    name: str = "apertium"

    def describe(self, source: str, target: str) -> str | None:
        chain = _chain(self.modes, source, target)
        codes = [chain[0].split("-")[0], *(mode.split("-")[1] for mode in chain)] if chain else []
        return f"{self.name} {self.version} {'→'.join(codes)}" if chain else None

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
                after[place] = Translation(answer.text, answers[place].engine) if answer.text is not None else answer
        return after


class _Pair:
    """One pair at work: it halves a batch as often as need be, and gives up for good, for the reason `broken`, when a run fails."""

    def __init__(self, engine: Apertium, mode: str) -> None:
        self.engine, self.mode = engine, mode
        self.broken: str | None = None
        self.deadline, self.runs = 0.0, 0

    def batch(self, texts: list[str]) -> list[Translation]:
        """A batch and all that comes of it shares one allowance of time and of runs."""
        self.deadline, self.runs = time.monotonic() + self.engine.timeout, 0
        return self._halving(texts)

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
        given = "".join(_RESERVED.sub(r"\\\1", text) + _END + "\0" for text in texts)
        left = self.deadline - time.monotonic()
        command = [self.engine.program, "-u", "-z", "-f", "none", self.mode]
        output = _output(command, given, left, f"timed out after {self.engine.timeout:g} s")
        made = output.rstrip("\0").split("\0")
        return [_ESCAPED.sub(r"\1", text.removesuffix(_END)).strip() for text in made if text.endswith(_END)]


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
    return Apertium(program, version, modes, config.engine_timeout)


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
