"""Processes that share work: spawned, one for each core, in order, so many tasks under way and no more; a dead one is replaced."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import connection
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, TypeVar

import polars as pl

from checker.errors import RunError

Task = TypeVar("Task")
Done = TypeVar("Done")

# Tasks begun for each process: the one it is at, one that waits for it, and two that make up for one that takes longer.
_AHEAD = 4

# Times in a row that processes may die before anything more is done. A kernel short of memory kills one, and then has some.
_PATIENCE = 3


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def one_of_many() -> bool:
    """Whether this process shares the cores with others, ours or a cluster's: it has one thread, and begins no processes."""
    return pl.thread_pool_size() == 1


def collect_rarely() -> None:
    """Has Python look for cycles of objects less often, for all of this process.

    What the rules read of texts is kept, by the million objects, and hardly a cycle is among it: to go through it again and again
    took a sixth of the time of `checker score`.
    """
    gc.set_threshold(100_000)


def in_order(work: Callable[[Task], Done], tasks: Sequence[Task], workers: int) -> Iterator[Done]:
    """What `work` makes of each task, in their order; whoever takes slowly what is done holds up what is begun.

    What a process had begun that dies is begun again, so that `work` must bear to be done twice. Raises `RunError` where processes
    die again and again, and whatever `work` raises.
    """
    waiting, deaths = deque(tasks), 0
    while waiting:
        with pool(min(workers, len(waiting))) as executor:
            under_way: deque[Future[Done]] = deque()
            try:
                under_way.extend(_submitted(executor, work, task) for task in islice(waiting, _AHEAD * workers))
                while under_way:
                    done = under_way[0].result()
                    under_way.popleft(), waiting.popleft()
                    deaths = 0
                    if len(waiting) > len(under_way):
                        under_way.append(_submitted(executor, work, waiting[len(under_way)]))
                    yield done
            except BrokenProcessPool as error:
                deaths += 1
                if deaths == _PATIENCE:
                    problem = f"a process was killed {deaths} times at the same place: was there too little memory?"
                    raise RunError(problem, remedy="--jobs 1 needs the least") from error


class _Process(SpawnProcess):
    """A process that does not run the program which asked for it: what it is to do is ours, and importable.

    A script of three lines would else run itself again in every process, and end with an error about a guard that it lacks.
    """

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802 -- multiprocessing's own name
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return SpawnProcess._Popen(process_obj)
        finally:
            sys.modules["__main__"] = main


def _submitted(executor: ProcessPoolExecutor, work: Callable[[Task], Done], task: Task) -> Future[Done]:
    """The task, begun; Ctrl-C and SIGTERM wait until a process that it starts is known: others would print a traceback."""
    with _undisturbed():
        return executor.submit(work, task)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals that end the program wait."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {sign: signal.signal(sign, lambda number, _: came.append(number)) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler if handler is not None else signal.SIG_DFL)
        for number in came:
            signal.raise_signal(number)


class Spawned(SpawnContext):
    """Spawned processes, since polars' threads do not survive a fork; see `_Process`."""

    Process = _Process


@contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes with one thread each, which end with this one, whatever ends it."""
    # Polars reads the variable as a process starts.
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = "1"
    executor = ProcessPoolExecutor(workers, mp_context=Spawned(), initializer=_begin)
    try:
        yield executor
    except BaseException:  # Ctrl-C and a reader who stops, too; it is raised again
        for process in multiprocessing.active_children():  # what they are doing is of no use to anybody
            process.kill()
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


def _begin() -> None:
    """Ctrl-C is the parent's to handle; if the parent is killed, nobody would end this process."""
    collect_rarely()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
