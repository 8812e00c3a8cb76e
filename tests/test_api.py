"""The Python API: its examples run, it gives what the commands give, and what a user can mend is a `CheckerError`."""

import doctest
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import checker as package
from checker import api
from checker.bitext import sentence_lists
from checker.config import Config, load
from checker.report import Report
from checker.stream import Outputs, score_files
from checker.tables import FINDINGS, WRITTEN
from tests.conftest import ROOT, Run

PAGE = "The ferry left at seven.\n\nГолос Америки\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory in which the demo corpus lies."""
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("place")
def test_the_examples_of_the_api_hold() -> None:
    examples = doctest.testmod(api, extraglobs={"checker": package, "pl": pl})
    assert (examples.failed, examples.attempted > 20) == (0, True)


def test_the_package_and_the_command_line_start_without_polars_or_the_api() -> None:
    code = (
        "import sys, checker; quick = 'polars' not in sys.modules; import checker.cli; print(quick, 'checker.api' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "True False\n"


def test_a_module_of_the_same_name_does_not_take_a_functions_place() -> None:
    code = "from checker.score import SCORES; from checker.align import orphans; import checker; print(checker.score.__module__)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "checker.api\n"


def test_types_are_those_that_a_user_sees(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(
        "import checker\nimport polars as pl\n"
        "frame: pl.DataFrame = checker.score(pl.DataFrame())\nlazy: pl.LazyFrame = checker.score(pl.LazyFrame())\n"
        "report: checker.Report = checker.audit('a', originals='b', metrics=['chrf'], config=checker.Config())\n"
        "checker.audit('a', orignals='b')\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(tmp_path / "use.py")]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    (line,) = [line for line in found.stdout.splitlines() if "error" in line]
    assert 'use.py:6: error: Unexpected keyword argument "orignals"' in line


def test_settings_are_those_of_the_files() -> None:
    own = {"paths", "sources", "overrides", "stdin_name"}  # given otherwise, or by another name
    assert set(api.Settings.__annotations__) == {field.name for field in fields(Config)} - own | {"override"}


@pytest.mark.usefixtures("place")
def test_an_audit_gives_the_tables_and_the_verdict_of_the_command(place: Path, demo: Report, checker: Run) -> None:
    report = api.audit("corpora/demo")
    for table in WRITTEN[1:]:
        assert_frame_equal(getattr(report, table.name), getattr(demo, table.name))
    report.write("run")
    read = package.Report.read("run")
    assert read.passed is None
    assert_frame_equal(read.findings, report.findings)
    held = checker("gate", "run", cwd=place)
    assert api.audit("corpora/demo/originals", gate={"fail_on": "never"}).passed is True
    assert (report.passed, held.returncode) == (False, 1)
    assert f"{report.verdicts['value'][0]}, allowed 0" in held.stdout


def test_an_audit_holds_the_baseline_of_its_settings(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PAGE)
    known = tmp_path / "known.json"
    gate = {"fail_on": "minor", "baseline": str(known)}
    with pytest.raises(package.CheckerError, match=r"known.json: cannot be read"):
        api.audit(tmp_path / "a.txt", gate=gate)
    (fingerprint,) = api.detect(tmp_path / "a.txt")["fingerprint"]
    entries = f'{{"a.txt": {{"foreign-tag": {{"{fingerprint}": 1}}}}}}'
    known.write_text(f'{{"schema": "checker.baseline/1", "entries": {entries}}}')
    assert api.audit(tmp_path / "a.txt", gate=gate).passed
    assert not api.audit(tmp_path / "a.txt", gate={"fail_on": "minor"}).passed


def test_settings_come_from_the_file_above_the_input_from_one_that_is_named_or_from_a_config(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text(PAGE)
    (tmp_path / "checker.toml").write_text('ignore = ["foreign-tag"]\n')
    (tmp_path / "other.toml").write_text("")
    folder = tmp_path / "pages"
    assert api.detect(folder).is_empty()
    assert api.detect(folder, config=tmp_path / "other.toml").height == 1
    assert api.detect(folder, config=Config()).height == 1
    assert api.detect(folder, ignore=[]).height == 1, "an empty list is given, too"
    held = Config(paths=(folder,), select=("foreign-tag",))
    assert api.audit(config=held).findings.height == 1
    assert api.audit(config=held, select=["FID"]).findings.is_empty()
    assert api.audit(config=replace(held, ceiling=True), ceiling=False, cache=False).run["settings"]["ceiling"] is False
    loose = Config(paths=(str(folder),))  # type: ignore[arg-type]
    assert api.audit(config=loose).findings.height == 1


def test_texts_of_a_frame_are_searched_as_files_are(tmp_path: Path) -> None:
    texts = [PAGE, None, "It rained on Monday.", *(f"Boat {n} sailed to the island at noon." for n in range(9)), PAGE.lower(), PAGE]
    frame = pl.DataFrame({"body": texts})
    for row, text in enumerate(texts):
        if text is not None:
            (tmp_path / f"{row:02}.txt").write_text(text)
    found, files = api.detect(frame, text="body"), api.detect(tmp_path)
    assert found["row"].unique(maintain_order=True).to_list() == [0, 13]
    columns = [name for name in FINDINGS.columns if name not in ("doc", "fingerprint", "message")]
    assert_frame_equal(found.select(columns), files.select(columns))
    cut = (
        frame.with_row_index("row")
        .join(found, on="row")
        .select(cut=pl.col("body").str.slice(pl.col("start"), pl.col("end") - pl.col("start")))
    )
    assert cut["cut"].to_list() == found["evidence"].to_list()
    assert api.detect(frame.clear(), text="body").is_empty()


def test_scores_are_those_of_the_command_and_a_lazy_frame_gives_the_same(tmp_path: Path) -> None:
    english = ["27 towns signed it.", "It rained.", None, "Nobody was hurt.", "Clara Munro left at nine."]
    back = ["72 towns signed it.", "It rained.", "It snowed.", "Somebody was hurt.", "At nine, Clara Munro left."]
    pairs = pl.DataFrame({"en": english * 40, "back": back * 40, "id": range(200)})
    scored = api.score(pairs, original="en", back="back")
    pairs.write_parquet(tmp_path / "pairs.parquet")
    score_files([tmp_path / "pairs.parquet"], load(tmp_path, {}), Outputs(tmp_path / "scored.parquet"))
    assert_frame_equal(scored.drop("findings"), pl.read_parquet(tmp_path / "scored.parquet"))
    lazy = api.score(pl.scan_parquet(tmp_path / "pairs.parquet"))
    assert lazy.collect_schema() == scored.schema
    for engine in ("in-memory", "streaming"):
        assert_frame_equal(lazy.collect(engine=engine), scored)
        worst = lazy.filter(pl.col("severity") == "critical").select("id", "findings").collect(engine=engine)
        assert_frame_equal(worst, scored.filter(pl.col("severity") == "critical").select("id", "findings"))
    assert scored["findings"].list.len().head(5).to_list() == [1, 0, 0, 1, 0]
    assert api.score(pairs.clear()).schema == scored.schema


def test_an_audit_of_a_table_scores_the_rows_that_score_scores(tmp_path: Path) -> None:
    rows = [
        ("The bridge will be closed for repairs until May.", "Die Brücke bleibt wegen Reparaturen bis Mai geschlossen."),
        ("The towns signed the agreement in the spring of that year.", "The towns signed the agreement in spring of that year."),
        ("Il ponte resterà chiuso per lavori fino a maggio.", "The bridge will stay closed for works until May."),
        ("It rained all night in the mountains.", "It rained all night long in the mountains."),
    ]
    pairs = pl.DataFrame(rows, schema=["en", "back"], orient="row")
    pairs.write_csv(tmp_path / "pairs.csv")
    (tmp_path / "memory.tmx").write_text('<tmx version="1.4"><header srclang="es"/><body></body></tmx>')
    audited, scored = (
        api.audit(tmp_path / "pairs.csv", engine="recorded", memory=tmp_path / "memory.tmx").sentences,
        api.score(pairs),
    )
    assert scored["status"].to_list() == ["unscored", "scored"] * 2
    assert_frame_equal(audited.select("status", "fidelity"), scored.select("status", "fidelity"))
    assert audited["reason"].drop_nulls().to_list() == ["no engine de→en", "the original is in Italian, not English"]


def test_sentences_of_series_are_aligned_as_lists_in_files_are(tmp_path: Path) -> None:
    version = ["Le musée ouvre à neuf heures.", "Il ferme le lundi.", None, "La visite est gratuite."]
    original = ["The museum opens at nine.", "It is closed on Mondays.", "", "The tour is free of charge."]
    translation = ["The museum opens at nine o'clock.", "It closes on Monday.", None, "The tour is free."]
    files = [tmp_path / name for name in ("version.txt", "original.txt", "translation.txt")]
    for file, lines in zip(files, (version, original, translation), strict=True):
        file.write_text("".join(f"{line or ''}\n" for line in lines))
    pairs = api.align(pl.Series(version), pl.Series(original), translation=pl.Series("by", translation), lang="fr")
    config = load(tmp_path, {"paths": (files[0],), "originals": files[1]})
    told = sentence_lists(config, [files[2]], source="fr")
    assert pairs["n"].to_list() == [0, 1, 3]
    assert_frame_equal(pairs.drop("engine"), told.drop("engine"))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: api.audit("nowhere"), "nowhere"),
        (lambda: api.audit("nowhere", orignals="x"), "arguments: unknown setting 'orignals' (did you mean 'originals'?)"),
        (lambda: api.audit("nowhere", engine="deepl"), "expected one of auto"),
        (api.audit, "no document in the input"),
        (lambda: api.audit("nowhere", config="nowhere.toml"), "nowhere.toml: cannot be read"),
        (lambda: api.audit("nowhere", gate={"fail_on": "fatal"}), "expected one of info"),
        (lambda: api.audit(config=Config(paths=3)), "'paths' is 3, expected a list of paths"),
        (lambda: api.detect(pl.DataFrame({"body": ["a"]})), "the frame: has no column 'text' of strings"),
        (lambda: api.score(pl.DataFrame({"a": ["x"]})), "has no column for the original"),
        (lambda: api.score(pl.DataFrame({"en": ["x"], "back": ["y"]}), back="bakc"), "did you mean"),
        (lambda: api.score(pl.DataFrame({"en": ["x"], "back": ["y"], "ter": [1]})), "has columns of these names already: ter"),
        (lambda: api.score(pl.DataFrame({"id": [1], "en": ["x"], "back": ["y"]}), original="id"), "column 'id' holds Int64"),
        (lambda: api.score([("x", "y")]), "is a list, expected a polars frame"),  # type: ignore[type-var]
        (lambda: api.score(pl.DataFrame({"a": ["x"], "b": ["y"]})), "name it: original=…"),
        (lambda: api.align(pl.Series(["a"]), "b.txt"), "give two of a kind"),
        (lambda: api.align(pl.Series([1]), pl.Series(["b"])), "the version: is a series of Int64, expected strings"),
        (lambda: api.align(*[pl.Series(["a"])] * 2, translation=pl.Series(["a", "b"])), "has 2 rows, and the version has 1"),
        (lambda: api.align("a.txt", "b.txt", lang="fr"), "go with series"),
    ],
)  # fmt: skip
def test_what_a_user_can_mend_is_a_checker_error(call: object, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(package.CheckerError) as raised:
        call()  # type: ignore[operator]
    assert says in str(raised.value)


def test_a_script_without_a_guard_may_score_enough_pairs_for_several_processes(tmp_path: Path) -> None:
    lines = [
        "import checker, polars as pl",
        "en, back = ([f'{n} boats {verb}.' for n in range(2500)] for verb in ('left', 'sailed'))",
        "pairs = pl.DataFrame({'en': en, 'back': back})",
        "print(checker.score(pairs, metrics=['chrf-pp'], select=['lost-number']).height)",
    ]
    (tmp_path / "program.py").write_text("\n".join(lines))
    done = subprocess.run([sys.executable, str(tmp_path / "program.py")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("2500\n", "", 0)
