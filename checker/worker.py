"""A process beside this one that answers for texts, one JSON line each: one that crashes or hangs costs a text, not the run.

The process is `python -m MODULE`, whose module calls `serve`; it is begun when it is first asked, and ends with this one.
"""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from checker.errors import EngineError

Answer = dict[str, Any]
"""What is said of a text; `reason` if it has no translation. `error` instead ends the request: no text can be answered."""

# Processes that may die or hang before those texts are given up that have no answer: a text that kills its process is found among
# 500 with nine.
_PATIENCE = 20

# One that hangs counts for so many that die: it costs the time as well.
_HANG = 3

# Once a process has hung, the next has this share of the time: it is asked for less.
_IMPATIENT = 0.25

_LAST_WORDS = 300


class Worker:
    """A process that answers; `timeout` is the seconds that may pass without an answer."""

    def __init__(self, module: str, timeout: float, environment: Mapping[str, str] | None = None) -> None:
        self.module, self.timeout, self.environment = module, timeout, dict(environment or {})
        self._process: _Process | None = None
        self._lost = 0

    @property
    def pid(self) -> int | None:
        """Of the process, if it has begun."""
        return self._process.popen.pid if self._process else None

    def ask(self, request: Mapping[str, Any], texts: Sequence[str]) -> list[Answer]:
        """An answer for each text, in their order; what came before a death is kept, what is left is asked again in halves.

        Raises `EngineError` if the process cannot work at all.
        """
        if not texts:
            return []
        if self._lost >= _PATIENCE:
            return [{"reason": f"given up after {self._lost} failures"} for _ in texts]
        found, problem = self._attempt(request, texts)
        if problem is None:
            return found
        rest = texts[len(found) :]
        if len(rest) == 1 or self._lost >= _PATIENCE:
            return found + [{"reason": problem} for _ in rest]
        half = len(rest) // 2
        return found + self.ask(request, rest[:half]) + self.ask(request, rest[half:])

    def close(self) -> None:
        """Ends the process, if there is one; the next question begins another."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _attempt(self, request: Mapping[str, Any], texts: Sequence[str]) -> tuple[list[Answer], str | None]:
        """The answers that came, and why no more did; None if all did."""
        found: list[Answer] = []
        patience = self.timeout * (_IMPATIENT if self._lost else 1)
        if self._process is None:
            self._process = _Process(self.module, self.environment)
        process = self._process
        process.tell({**request, "texts": list(texts)})
        while len(found) < len(texts):
            try:
                line = process.lines.get(timeout=patience)
            except queue.Empty:
                self.close()
                self._lost += _HANG
                return found, f"no answer within {patience:g} s"
            if line is None:
                problem = process.last_words()
                self.close()
                self._lost += 1
                return found, problem
            answer: Answer = json.loads(line)
            if "error" in answer:
                self.close()
                raise EngineError(str(answer["error"]), remedy=answer.get("remedy"))
            found.append(answer)
        return found, None


class _Process:
    """A process that has begun, and the thread that reads its answers; both are gone when `end` returns, or this one exits."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        path = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115 -- `end` closes it
        self.popen = subprocess.Popen(  # noqa: S603 -- this interpreter and a module of ours
            [sys.executable, "-P", "-m", module],  # -P: what lies in the working directory is no module of ours
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            encoding="utf-8",
            env={**os.environ, **environment, "PYTHONPATH": path},
        )
        self.lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(self.popen.stdout, self.lines), daemon=True)
        reader.start()
        self.end = weakref.finalize(self, _ended, self.popen, reader, self.complaints)

    def tell(self, request: Mapping[str, Any]) -> None:
        """Asks; a process that is dead already says so by the end of its answers."""
        assert self.popen.stdin is not None  # noqa: S101 -- it was asked for
        with suppress(OSError):
            self.popen.stdin.write(json.dumps(request) + "\n")
            self.popen.stdin.flush()

    def last_words(self) -> str:
        """How it ended."""
        status = None
        with suppress(subprocess.TimeoutExpired):
            status = self.popen.wait(timeout=5)
        self.complaints.seek(0)
        said = self.complaints.read().decode(errors="replace").strip().split("\n")[-1][:_LAST_WORDS]
        return f"its process ended with status {status}" + (f": {said}" if said else "")


def _ended(popen: "subprocess.Popen[str]", reader: threading.Thread, complaints: IO[bytes]) -> None:
    """Kills the process and closes its pipes, its reader first: Python aborts where a pipe is closed under a thread at exit."""
    popen.kill()
    popen.wait()
    reader.join()
    for pipe in (popen.stdin, popen.stdout, complaints):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _read(stream: IO[str], lines: "queue.SimpleQueue[str | None]") -> None:
    """Lines as they come, then None."""
    with suppress(OSError, ValueError):  # closed while it was read
        for line in stream:
            lines.put(line)
    lines.put(None)


def serve(answer: Callable[[dict[str, Any]], Iterator[Answer]]) -> None:
    """The side of the process: answers request after request, until there are no more or nobody reads the answers.

    What libraries print goes to stderr, where it cannot be taken for an answer.
    """
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        requests: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(requests,), daemon=True).start()
        while True:
            for said in answer(json.loads(requests.get())):
                out.write(json.dumps(said) + "\n")
                out.flush()


def _listen(requests: "queue.SimpleQueue[str]") -> None:
    """Requests as they come; without anybody to ask, the process ends at once, whatever it is doing."""
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)
