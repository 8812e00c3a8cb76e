"""Tables in shards: each is written by itself, once, whatever is killed, wherever it lies and whoever does the work."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from checker.config import Config
from checker.errors import ConfigError, InputError
from checker.shards import score_shards
from checker.stream import Outputs, score_files
from tests.conftest import ROOT, Run, peer
from tests.test_libretranslate import free_port

SENTENCES = (
    ("The storm killed 14 people in May.", "The storm killed 40 people in May."),
    ("Anna Kovacs did not sign the contract.", "Anna Kovacs signed the contract."),
    ("It was a cold morning.", "That morning was cold."),
    ("Prices rose by 3 percent.", ""),
)


def written(folder: Path, shards: int = 3, rows: int = 8, suffix: str = ".parquet") -> Path:
    """Shards of pairs, no two of which are the same."""
    folder.mkdir()
    write = {".parquet": pl.DataFrame.write_parquet, ".csv": pl.DataFrame.write_csv}[suffix]
    for shard in range(shards):
        pairs = [SENTENCES[row % 4] for row in range(rows)]
        ends = [f" It was {shard * rows + row} o'clock." for row in range(rows)]
        columns = {
            name: [pair[side] + end for pair, end in zip(pairs, ends, strict=True)] for side, name in enumerate(("en", "back"))
        }
        write(pl.DataFrame(columns), folder / f"part-{shard}{suffix}")
    return folder


def scored(source: object, out: Path, *, resume: bool = False, config: Config | None = None, findings: Path | None = None) -> None:
    """The shards, scored in this process."""
    settings = config or Config(metrics=("chrf-pp",))
    score_shards([str(source)], settings, str(out), str(findings) if findings else None, resume=resume, mapped=map)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def times(folder: Path) -> dict[str, int]:
    """When each file was written, which tells it from another one with the same bytes and name."""
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_shard_is_written_as_the_table_it_is_by_itself(tmp_path: Path, suffix: str) -> None:
    source = written(tmp_path / "in", suffix=suffix)
    scored(source / f"*{suffix}", tmp_path / "out", findings=tmp_path / "found")
    for path in source.iterdir():
        rows, facts = tmp_path / f"rows{suffix}", tmp_path / f"facts{suffix}"
        score_files([path], Config(metrics=("chrf-pp",)), Outputs(rows, facts))
        assert (tmp_path / "out" / path.name).read_bytes() == rows.read_bytes()
        assert (tmp_path / "found" / path.name).read_bytes() == facts.read_bytes()


def test_what_is_done_is_not_done_again_but_what_changed_is(tmp_path: Path) -> None:
    source, out = written(tmp_path / "in"), tmp_path / "out"
    scored(source, out)
    first = times(out)
    pl.read_parquet(source / "part-1.parquet").head(5).write_parquet(source / "part-1.parquet")
    (out / "part-2.parquet").unlink()
    scored(source, out, resume=True)
    then = times(out)
    assert [name for name in sorted(then) if then[name] != first[name]] == ["part-1.parquet", "part-2.parquet"]
    assert pl.read_parquet(out / "part-1.parquet").height == 5
    scored(source, out, resume=True, config=Config(metrics=("chrf-pp",), ignore=("FID",)))
    assert not set(times(out).values()) & set(then.values())


def test_the_sums_of_a_run_that_goes_on_are_those_of_all_shards(tmp_path: Path) -> None:
    source, out = written(tmp_path / "in"), tmp_path / "out"
    whole = score_shards([str(source)], Config(), str(out), mapped=map)
    (out / "part-0.parquet").unlink()
    assert score_shards([str(source)], Config(), str(out), mapped=map, resume=True) == whole


def test_a_run_killed_again_and_again_ends_with_the_bytes_of_one_that_nobody_killed(tmp_path: Path) -> None:
    source = written(tmp_path / "in", shards=8, rows=1200)
    scored(source, tmp_path / "right", config=Config(metrics=("chrf", "chrf-pp")))
    command = [
        sys.executable,
        "-m",
        "checker",
        "score",
        f"{source}/*.parquet",
        "--out",
        f"{tmp_path}/out/",
        "--resume",
        "--jobs",
        "2",
    ]
    records, done = tmp_path / ".out.shards", dict[str, int]()
    for _ in range(2):
        run = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
        until(lambda: len(list(records.glob("*.json"))) > len(done), run)  # noqa: B023 -- called before the loop goes on
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        kept = times(tmp_path / "out")
        assert done.items() <= kept.items()
        done = {name: kept[name] for name in kept if (records / f"{name}.json").exists()}
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert contents(tmp_path / "out") == contents(tmp_path / "right")
    assert done.items() <= times(tmp_path / "out").items()
    assert not list(records.glob("work-*"))


def until(met: Callable[[], bool], run: "subprocess.Popen[bytes]", limit: float = 240) -> None:
    end = time.monotonic() + limit
    while not met() and run.poll() is None and time.monotonic() < end:
        time.sleep(0.05)


def test_a_bad_shard_is_told_and_the_others_are_scored(tmp_path: Path) -> None:
    source, out = written(tmp_path / "in"), tmp_path / "out"
    (source / "part-1.parquet").write_bytes(b"PAR1 is not all that it takes")
    with pytest.raises(InputError, match=r"part-1\.parquet: cannot be read"):
        scored(source, out)
    assert sorted(contents(out)) == ["part-0.parquet", "part-2.parquet"]


def test_a_shard_without_rows_has_a_shard_without_rows(tmp_path: Path) -> None:
    source, out = written(tmp_path / "in", shards=1), tmp_path / "out"
    pl.DataFrame(schema={"en": pl.String, "back": pl.String}).write_parquet(source / "part-9.parquet")
    scored(source, out, findings=tmp_path / "found")
    assert pl.read_parquet(out / "part-9.parquet").columns[:4] == ["en", "back", "chrf", "chrf_pp"]
    assert pl.read_parquet(tmp_path / "found" / "part-9.parquet").height == 0


def test_a_folder_holds_shards_and_what_is_hidden_is_none(tmp_path: Path) -> None:
    source = written(tmp_path / "in", shards=1)
    for name in ("_SUCCESS", ".part-0.parquet.crc", "readme.txt"):
        (source / name).write_text("")
    scored(source, tmp_path / "out")
    assert list(contents(tmp_path / "out")) == ["part-0.parquet"]


def test_shards_are_never_written_over_what_is_read_or_over_each_other(tmp_path: Path) -> None:
    source, other = written(tmp_path / "in", shards=1), written(tmp_path / "other", shards=1)
    before = contents(source)
    with pytest.raises(ConfigError, match="would be written over"):
        scored(source, source)
    with pytest.raises(ConfigError, match="one folder"):
        scored(source, tmp_path / "out", findings=tmp_path / "out")
    with pytest.raises(InputError, match="has the name of"):
        score_shards([str(source), str(other)], Config(), str(tmp_path / "out"))
    assert contents(source) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["in.csv", "--out", "out.csv", "--on", "ray"], "--out FOLDER/"),
        (["s3://bucket/in.csv", "--out", "out.csv"], "--out FOLDER/"),
        (["in.csv", "--out", "out/", "--on", "spark"], "--on ray"),
        (["-", "--out", "out/"], "standard input is no shard"),
        (["missing/*.csv", "--out", "out/"], "no file is named so"),
    ],
)
def test_what_cannot_be_is_told_with_what_can(checker: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "in.csv").write_text("en,back\na,b\n")
    run = checker("score", *arguments, cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert (run.returncode, run.stdout) == (2, "")
    assert said in " ".join(run.stderr.split())


@pytest.mark.parametrize(
    ("module", "arguments", "extra"), [("ray", ["--on", "ray"], "checker[ray]"), ("pyarrow", ["s3://bucket/in"], "checker[remote]")]
)
def test_a_missing_extra_is_told_with_how_to_install_it(
    checker: Run, tmp_path: Path, module: str, arguments: list[str], extra: str
) -> None:
    source = written(tmp_path / "in", shards=1)
    (tmp_path / "without" / module).mkdir(parents=True)
    (tmp_path / "without" / module / "__init__.py").write_text(f"raise ModuleNotFoundError('no {module}', name='{module}')")
    run = checker(
        "score",
        *([source] if module == "ray" else []),
        *arguments,
        "--out",
        f"{tmp_path}/out/",
        PYTHONPATH=f"{tmp_path}/without:{ROOT}",
    )
    assert run.returncode == 2
    assert f"pip install '{extra}'" in " ".join(run.stderr.split())


@pytest.fixture
def store() -> Iterator[dict[str, str]]:
    """The environment of a program that speaks to an S3 server on this machine."""
    program, port = peer("store", "moto_server"), free_port()
    server = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
    until(lambda: answers(port), server)
    yield keys | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    server.terminate()
    server.wait()


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


COPY = """
import sys
from pathlib import Path
from pyarrow import fs
source, target = sys.argv[1:]
store, _ = fs.FileSystem.from_uri("s3://corpus?allow_bucket_creation=true")
store.create_dir("corpus")
here = fs.LocalFileSystem()
fs.copy_files(source, target, *((here, store) if Path(source).exists() else (store, here)))
"""


def test_shards_in_a_store_of_objects_have_the_bytes_of_those_here(tmp_path: Path, store: dict[str, str]) -> None:
    python, source = peer("ray", "python"), written(tmp_path / "in")
    scored(source, tmp_path / "right", findings=tmp_path / "right-found")

    def run(*arguments: object) -> str:
        command = [str(python), *map(str, arguments)]
        ended = subprocess.run(command, cwd=ROOT, env=os.environ | store, capture_output=True, text=True, check=False, timeout=300)
        assert ended.returncode == 0, ended.stderr
        return ended.stderr

    def copy(start: object, to: object) -> None:
        run("-c", COPY, start, to)

    copy(source, "corpus/in")
    flags = ["--metric", "chrf-pp", "--out", "s3://corpus/out/", "--findings", "s3://corpus/found/"]
    first = run("-m", "checker", "score", "s3://corpus/in/*.parquet", *flags)
    for name, right in (("out", "right"), ("found", "right-found")):
        (tmp_path / name).mkdir()
        copy(f"corpus/{name}", tmp_path / name)
        assert contents(tmp_path / name) == contents(tmp_path / right)
    assert run("-m", "checker", "score", "s3://corpus/in", *flags, "--resume") == first


def test_ray_gives_the_bytes_of_a_plain_run_though_a_worker_is_killed(tmp_path: Path) -> None:
    python, source = peer("ray", "python"), written(tmp_path / "in", shards=6, rows=600)
    scored(source, tmp_path / "right", config=Config(metrics=("chrf", "chrf-pp")), findings=tmp_path / "right-found")
    flags = ["--out", f"{tmp_path}/out/", "--findings", f"{tmp_path}/found/", "--on", "ray", "--jobs", "2"]
    run = subprocess.Popen([python, "-m", "checker", "score", str(source), *flags], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    until(lambda: bool(list((tmp_path / "out").glob("*.parquet"))), run)
    os.kill(workers()[0], signal.SIGKILL)
    _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said
    assert "3,600 rows" in said
    assert contents(tmp_path / "out") == contents(tmp_path / "right")
    assert contents(tmp_path / "found") == contents(tmp_path / "right-found")


def workers() -> list[int]:
    """Processes of Ray that score."""
    names = {int(path.parent.name): path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()}
    return sorted(process for process, name in names.items() if name.startswith(b"ray::MapWorker"))
