"""Maps work over shards with Ray Data: on the cores of this machine, or of a cluster.

A worker loads rules, tables and models once. Ray Data gives it the next shard when it has done one, begins it anew if it dies, as
often as that happens (`max_restarts` and `max_task_retries` of its pools are -1), and gives what it had begun to another: the work
must bear to be done twice, and two attempts may overlap.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from checker import summary
from checker.errors import ConfigError, RunError
from checker.processes import collect_rarely, cores
from checker.shards import Shard, Work

# Bytes of the store in which Ray keeps what passes between workers, here: names of shards and their sums, of which each has some
# kilobytes. It takes a third of the memory by itself.
_STORE = 200_000_000

# Threads of a worker, so that as many workers as cores share them out, as our own processes do.
_ENVIRONMENT = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}


# Times in a row that a worker may die while it loads. Ray Data would end the run at the first.
_PATIENCE = 5


# Ray tells nobody of a run, and writes what it says of itself into its own folder: unless the user wants it otherwise.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DATA_LOG_LEVEL": "ERROR", "RAY_BACKEND_LOG_LEVEL": "fatal"}


class Worker:
    """What Ray Data keeps in each process of its pool."""

    def __init__(self, work: Work) -> None:
        self.work = work
        collect_rarely()

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        return {"done": [json.dumps(asdict(self.work(str(source)))) for source in batch["source"]]}


def by_ray(work: Work, sources: Sequence[str], *, address: str | None = None, workers: int | None = None) -> Iterator[Shard]:
    """The shards as they are done, by so many workers with a core each; by default, one for each core that there is."""
    with _started(address, workers) as most:
        data = _ray().data
        table = data.from_items([{"source": source} for source in sources], override_num_blocks=len(sources))
        done = table.map_batches(
            Worker,
            fn_constructor_args=(work,),
            batch_size=1,
            num_cpus=1,
            compute=data.ActorPoolStrategy(size=min(most, len(sources)), max_tasks_in_flight_per_actor=1),
        )
        for row in done.iter_rows():
            yield _shard(row["done"])


@contextmanager
def _started(address: str | None, workers: int | None) -> Iterator[int]:
    """Ray, begun or joined, and how many workers there may be."""
    ray = _ray()
    here = address is None and "RAY_ADDRESS" not in os.environ
    own = (
        {"num_cpus": workers or cores(), "object_store_memory": _STORE, "include_dashboard": False}
        if here
        else {"address": address}
    )
    try:
        ray.init(**own, runtime_env={"env_vars": _ENVIRONMENT}, log_to_driver=False, logging_level="error")
    except (ConnectionError, RuntimeError, ValueError) as error:
        where = address or os.environ.get("RAY_ADDRESS") or "this machine"
        raise RunError(f"Ray does not begin: {str(error).splitlines()[0]}", where=where, remedy="see with `ray status`") from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.execution_no_progress_timeout_s = -1  # a shard may take longer than its half hour
    context.max_consecutive_actor_init_deaths = _PATIENCE
    try:
        yield workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()


def _ray() -> Any:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray.data  # noqa: PLC0415 -- an extra, and takes seconds to load
    except ModuleNotFoundError as error:
        raise ConfigError("--on ray needs Ray", remedy="pip install 'checker[ray]'") from error
    return ray


def _shard(done: str) -> Shard:
    record = json.loads(done)
    sizes = tuple((address, size) for address, size in record["sizes"])
    return Shard(**{**record, "sums": summary.restored(record["sums"]), "sizes": sizes})
