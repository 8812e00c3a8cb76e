"""Tables of any size: the same bytes whatever the slices, the cores and the kills; sums that are sacrebleu's; clean ends."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sacrebleu.metrics import BLEU, CHRF, TER

from checker import processes, stream, summary
from checker.config import Config
from checker.errors import RunError
from checker.progress import Progress
from checker.score import SCORES, UNCOMPARED
from checker.stream import Outputs, score_batch, score_files
from checker.tables import PAIR_FINDINGS
from tests.conftest import ROOT, Run

SETTINGS = Config(metrics=("chrf",))


def table(rows: int) -> pl.DataFrame:
    """Pairs of which some are the same, some differ in a figure or a word, and some cannot be judged."""
    frame = pl.DataFrame({"id": range(rows)}, schema={"id": pl.UInt32})
    said = pl.format("The ferry carried {} passengers to the island on Monday.", 100 + pl.col("id") % 700)
    changed = pl.format("On Monday the ferry did not carry {} passengers to the island.", 100 + pl.col("id") * 7 % 700)
    kind = pl.col("id") % 5
    return frame.with_columns(
        original=pl.when(kind == 4).then(pl.lit(" ")).otherwise(said),
        back=pl.when(kind == 0).then(said).when(kind == 1).then(None).otherwise(changed),
    )


def whole(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    scores, found = score_batch(frame.select("original", "back"), SETTINGS)
    return frame.hstack(scores), found


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_slices_give_the_same_bytes_as_the_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "pairs.parquet"
    table(600).write_parquet(path)
    seen = set()
    for most in (600, 83):
        outputs = Outputs(tmp_path / f"rows-{most}{suffix}", tmp_path / f"facts-{most}{suffix}")
        sums = score_files([path], SETTINGS, outputs, most=most)
        seen.add((outputs.rows.read_bytes(), outputs.findings.read_bytes(), json.dumps(summary.figures(sums))))  # type: ignore[union-attr]
    assert len(seen) == 1
    if suffix == ".parquet":
        rows, found = whole(table(600))
        assert_frame_equal(pl.read_parquet(tmp_path / "rows-83.parquet"), rows)
        assert_frame_equal(pl.read_parquet(tmp_path / "facts-83.parquet"), found)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_one_core_and_two_give_the_same_bytes(tmp_path: Path, checker: Run) -> None:
    table(4_100).write_csv(tmp_path / "pairs.csv")
    outs = []
    for jobs in (1, 2):
        out = tmp_path / f"out{jobs}.csv"
        found = checker("score", tmp_path / "pairs.csv", "--out", out, "--jobs", jobs, "--findings", tmp_path / f"f{jobs}.jsonl")
        assert found.returncode == 0, found.stderr
        outs.append((out.read_bytes(), (tmp_path / f"f{jobs}.jsonl").read_bytes(), found.stderr.replace(str(out), "")))
    assert outs[0] == outs[1]


def test_findings_hold_what_stands_at_their_places_in_each_row() -> None:
    frame = pl.DataFrame(
        {"original": ["It 😀 cost 420 crowns."] * 2, "back": ["It 😀 cost 420 crowns.", "It 😀 did cost 240 crowns."]}
    )
    _, found = score_batch(frame, SETTINGS)
    assert found.schema == PAIR_FINDINGS.schema
    number = found.filter(pl.col("rule") == "lost-number").row(0, named=True)
    assert (number["row"], number["evidence"], number["original_evidence"]) == (1, "240", "420")
    for row in found.iter_rows(named=True):
        assert frame["back"][row["row"]][row["start"] : row["end"]] == row["evidence"]
        if row["original_start"] is not None:
            assert frame["original"][row["row"]][row["original_start"] : row["original_end"]] == row["original_evidence"]


def test_long_texts_say_that_words_were_not_compared_or_that_they_were_not_read() -> None:
    long = "The ferry did not sail. " * 500
    frame = pl.DataFrame({"original": [long, long * 20, "a" * 100_000, None], "back": [long, "It rained.", "a" * 100_000, long]})
    scores, _ = score_batch(frame, Config(metrics=()))
    assert scores.select("status", "reason").rows() == [
        ("scored", UNCOMPARED),
        ("unscored", "a text is longer than 200,000 characters"),
        ("scored", UNCOMPARED),
        ("unscored", "the original is empty"),
    ]


def test_the_corpus_s_figures_are_sacrebleu_s(shared: Path, tmp_path: Path) -> None:
    recorded = pl.read_parquet(shared / "data/flores_dev_recorded.parquet").drop_nulls("back").sample(150, seed=5)
    recorded.write_parquet(tmp_path / "pairs.parquet")
    settings = Config(metrics=("chrf", "ter", "bleu"), version_column="back")
    sums = score_files([tmp_path / "pairs.parquet"], settings, Outputs(tmp_path / "out.csv"), most=40)
    found = summary.figures(sums)["metrics"]
    texts = recorded["back"].to_list(), [recorded["original"].to_list()]
    peers = {"chrf": CHRF(), "chrf-pp": CHRF(word_order=2), "ter": TER(), "bleu": BLEU()}
    for name, peer in peers.items():
        assert found[name]["corpus"] == pytest.approx(peer.corpus_score(*texts).score, abs=1e-4)
        assert found[name]["signature"].endswith(str(peer.get_signature()))


def test_figures_are_those_of_the_rows(tmp_path: Path) -> None:
    table(500).write_parquet(tmp_path / "pairs.parquet")
    found = summary.figures(score_files([tmp_path / "pairs.parquet"], SETTINGS, Outputs(tmp_path / "out.csv"), most=70))
    rows, facts = whole(table(500))
    assert (found["rows"], found["scored"]) == (500, rows["fidelity"].count())
    assert found["fidelity_mean"][0] == pytest.approx(rows["fidelity"].mean(), abs=0.006)
    assert found["fidelity_p10"][0] == pytest.approx(rows["fidelity"].quantile(0.1, "linear"), abs=0.006)
    assert found["unscored"] == {"the original is empty": 100, "the version is empty": 100}
    assert found["findings"] == dict(facts["rule"].value_counts().sort("rule").iter_rows())


# Ends

KILLED = """
import sys
from pathlib import Path
from checker import stream
from checker.config import Config
stream._WORTH_A_POOL = 0
folder = Path(sys.argv[1])
sums = stream.score_files([folder / "pairs.csv"], Config(metrics=("chrf",), jobs=2),
    stream.Outputs(folder / "out.parquet", folder / "facts.csv"), resume=True, most=150)
print(sums.rows)
"""


def test_a_run_that_is_killed_again_and_again_goes_on_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    table(3_000).write_csv(tmp_path / "pairs.csv")
    score_files([tmp_path / "pairs.csv"], SETTINGS, Outputs(tmp_path / "unbroken.parquet", tmp_path / "unbroken.csv"))
    parts = stream.parts_of(tmp_path / "out.parquet")
    kills = 0
    for more in (1, 2, 4):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT)
        wanted = 4 * more
        while process.poll() is None and len(list(parts.glob("*.sums.json"))) < wanted:
            time.sleep(0.01)
        kills += process.poll() is None
        process.kill()
        process.wait()
        assert not (tmp_path / "out.parquet").exists() or not parts.exists()
    left = {path.name: path.stat().st_mtime_ns for path in parts.glob("*.sums.json")}
    assert kills == 3
    assert left
    times: dict[str, int] = {}

    def seen(stage: str) -> None:
        if stage == "writing":
            times.update({path.name: path.stat().st_mtime_ns for path in parts.glob("*.sums.json")})

    settings = Config(metrics=("chrf",), jobs=2)
    outputs = Outputs(tmp_path / "out.parquet", tmp_path / "facts.csv")
    score_files([tmp_path / "pairs.csv"], settings, outputs, seen, resume=True, most=150)
    assert {name: times[name] for name in left} == left  # what was done was not done again
    assert (tmp_path / "out.parquet").read_bytes() == (tmp_path / "unbroken.parquet").read_bytes()
    assert (tmp_path / "facts.csv").read_bytes() == (tmp_path / "unbroken.csv").read_bytes()
    assert not parts.exists()


def stop(after: int) -> Progress:
    """Stands for a user who presses Ctrl-C."""
    told = iter(range(100))

    def progress(stage: str) -> None:
        if stage.startswith("scoring") and next(told) == after:
            raise KeyboardInterrupt

    return progress


def test_what_another_run_left_is_not_gone_on_with(tmp_path: Path) -> None:
    path, outputs = tmp_path / "pairs.csv", Outputs(tmp_path / "out.csv")
    table(300).write_csv(path)
    with pytest.raises(KeyboardInterrupt):
        score_files([path], SETTINGS, outputs, stop(2), most=50)
    assert not (tmp_path / "out.csv").exists()
    with pytest.raises(RunError, match="done with other settings"):
        score_files([path], Config(metrics=("chrf",), ignore=("lost-number",)), outputs, resume=True, most=50)
    table(301).write_csv(path)
    with pytest.raises(RunError, match="done with other input"):
        score_files([path], SETTINGS, outputs, resume=True, most=50)
    score_files([path], SETTINGS, outputs, most=50)
    assert pl.read_csv(outputs.rows).height == 301  # type: ignore[arg-type]


def test_a_part_that_is_not_whole_is_made_again(tmp_path: Path) -> None:
    path, outputs = tmp_path / "pairs.csv", Outputs(tmp_path / "out.csv")
    table(300).write_csv(path)
    with pytest.raises(KeyboardInterrupt):
        score_files([path], SETTINGS, outputs, stop(3), most=50)
    shard = next(stream.parts_of(tmp_path / "out.csv").glob("*0.rows"))
    shard.write_bytes(shard.read_bytes()[:-20])
    score_files([path], SETTINGS, outputs, resume=True, most=50)
    score_files([path], SETTINGS, Outputs(tmp_path / "unbroken.csv"))
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "unbroken.csv").read_bytes()


def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    path, outputs = tmp_path / "pairs.csv", Outputs(tmp_path / "out.csv")
    table(100).write_csv(path)

    def other(_: str) -> None:
        with pytest.raises(RunError, match="is being written by another run"):
            score_files([path], SETTINGS, outputs)

    score_files([path], SETTINGS, outputs, other)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_at_once_and_leaves_no_file(tmp_path: Path, sign: signal.Signals) -> None:
    table(60_000).write_csv(tmp_path / "pairs.csv")
    command = [sys.executable, "-m", "checker", "score", str(tmp_path / "pairs.csv"), "--out", str(tmp_path / "out.csv")]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while not (stream.parts_of(tmp_path / "out.csv") / stream.MANIFEST).exists():
        time.sleep(0.01)
    process.send_signal(sign)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + sign, said
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] in (
        ["pairs.csv"],
        ["pairs.csv", ".out.csv.parts"],
        [".out.csv.parts", "pairs.csv"],
    )


def test_a_full_disk_is_told_with_the_file_and_what_to_do(tmp_path: Path) -> None:
    table(3_000).write_csv(tmp_path / "pairs.csv")
    found = subprocess.run(
        [sys.executable, "-m", "checker", "score", str(tmp_path / "pairs.csv"), "--out", str(tmp_path / "out.csv")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert found.returncode == 2, found.stderr
    assert "cannot be written: File too large" in found.stderr
    assert "make room there" in found.stderr
    assert "Traceback" not in found.stderr
    assert not (tmp_path / "out.csv").exists()


def test_who_stops_reading_stops_the_scoring(tmp_path: Path) -> None:
    table(60_000).write_csv(tmp_path / "pairs.csv")
    command = [sys.executable, "-m", "checker", "score", str(tmp_path / "pairs.csv")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("id,original,back,chrf")
        process.stdout.close()
        assert process.wait(timeout=120) == 141
        assert process.stderr.read() == ""


def test_columns_of_lists_are_refused_where_csv_would_hold_them(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text('{"original": "a", "back": "b", "tags": ["x"]}\n')
    with pytest.raises(Exception, match=r"column 'tags' holds List.*which \.csv cannot"):
        score_files([tmp_path / "pairs.jsonl"], SETTINGS, Outputs(tmp_path / "out.csv"))
    score_files([tmp_path / "pairs.jsonl"], SETTINGS, Outputs(tmp_path / "out.jsonl"))
    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert list(row) == ["original", "back", "tags", *SCORES]
    assert row["tags"] == ["x"]


# Processes


def doubled(number: int) -> int:
    return 2 * number


def deadly_once(number: int, *, mark: Path) -> int:
    """Dies at 3, the first time."""
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def deadly(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_tasks_are_done_in_order_and_no_more_are_begun_than_are_taken() -> None:
    assert list(processes.in_order(doubled, range(40), 2)) == [2 * n for n in range(40)]


def test_what_a_dead_process_had_is_done_by_another(tmp_path: Path) -> None:
    work = partial(deadly_once, mark=tmp_path / "died")
    assert list(processes.in_order(work, range(8), 2)) == list(range(8))


def test_processes_that_die_again_and_again_end_the_work() -> None:
    with pytest.raises(RunError, match="killed 3 times"):
        list(processes.in_order(deadly, range(3), 1))
