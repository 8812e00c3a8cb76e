"""The review page, in a real browser: filters, links, keys, verdicts there and back, many rows, and pages that attack it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
from playwright.sync_api import expect

from checker.report import Report
from checker.review import page as review_page
from checker.tables import DOCUMENTS, FINDINGS, SEGMENTS, SENTENCES
from tests.browser import BROWSER, browser, opened
from tests.conftest import ROOT, Run

pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs a browser: Debian's chromium, or CHECKER_BROWSER")

COUNT = "#count"
ROWS = "#list .row"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def page(run: Path) -> Path:
    """The demo's report as a page."""
    for arguments in (("audit", "corpora/demo", "--out", str(run), "--exit-zero"), ("review", str(run))):
        subprocess.run([sys.executable, "-m", "checker", *arguments], cwd=ROOT, check=True, capture_output=True)
    return run / "review.html"


def test_the_summary_is_there_without_scripts(chromium: Any, page: Path) -> None:
    with opened(chromium, page, java_script_enabled=False) as shown:
        assert shown.locator("svg").count() == 4
        assert "mean fidelity" in shown.inner_text("#overview")
        assert "Findings by rule" in shown.inner_text("#overview")
        assert "where scripts run" in shown.inner_text(".note")


def test_filters_are_kept_in_the_address_and_a_link_shows_the_same_view(chromium: Any, page: Path) -> None:
    with opened(chromium, page, "view=findings") as shown:
        shown.select_option("#rule", "flipped-negation")
        count, address = shown.inner_text(COUNT), shown.url
        assert count.startswith("2 of ")
        assert "rule=flipped-negation" in address
    with opened(chromium, page, address.split("#")[1]) as shown:
        assert shown.inner_text(COUNT) == count
        assert shown.input_value("#rule") == "flipped-negation"
        assert {row.split("\n")[0] for row in shown.locator(ROWS).all_inner_texts()} == {"critical"}


@pytest.mark.parametrize(
    ("fragment", "column", "fits"),
    [
        ("lang=fr", "lang", lambda rows: rows["lang"] == "fr"),
        ("status=omission", "alignment", lambda rows: rows["alignment"] == "omission"),
        ("min=40&max=60", "fidelity", lambda rows: rows["fidelity"].is_between(40, 60)),
    ],
)
def test_a_filter_shows_the_rows_of_the_table(chromium: Any, page: Path, run: Path, fragment: str, column: str, fits: Any) -> None:
    rows = pl.read_parquet(run / "sentences.parquet")
    with opened(chromium, page, f"view=sentences&{fragment}") as shown:
        assert shown.inner_text(COUNT) == f"{fits(rows).sum()} of {rows.height}", column


def test_search_finds_words_of_version_back_translation_and_original(chromium: Any, page: Path) -> None:
    with opened(chromium, page, "view=sentences") as shown:
        for word in ("arvénie", "governances", "arvenia"):
            shown.fill("#q", word)
            expect(shown).to_have_url(re.compile(f"q={quote(word)}"))
            assert not shown.inner_text(COUNT).startswith("0 of"), word


def test_escape_empties_the_search_and_shows_all_rows_again(chromium: Any, page: Path) -> None:
    with opened(chromium, page, "view=sentences") as shown:
        everything = shown.inner_text(COUNT)
        shown.fill("#q", "arvénie")
        expect(shown.locator(COUNT)).not_to_have_text(everything)
        shown.press("#q", "Escape")
        expect(shown.locator(COUNT)).to_have_text(everything)
        assert shown.input_value("#q") == ""
        assert "q=" not in shown.url


def test_the_worst_sentence_comes_first_unless_the_order_of_the_page_is_asked_for(chromium: Any, page: Path, run: Path) -> None:
    scored = pl.read_parquet(run / "sentences.parquet").filter(pl.col("doc") == "versions/fr/barley-soup.txt")
    asked = "view=sentences&doc=versions/fr/barley-soup.txt"
    for fragment, first in ((asked, scored["fidelity"].min()), (f"{asked}&sort=page", scored.sort("start")["fidelity"][0])):
        with opened(chromium, page, fragment) as shown:
            assert shown.locator(f"{ROWS} .badge").first.inner_text() == f"{first:.1f}"


def test_a_page_counts_its_own_sentences_and_findings(chromium: Any, page: Path, run: Path) -> None:
    doc = pl.col("doc") == "versions/fr/barley-soup.txt"
    sentences, findings = (pl.read_parquet(run / f"{table}.parquet").filter(doc).height for table in ("sentences", "findings"))
    with opened(chromium, page, "view=sentences") as shown:
        shown.click("#view-page")
        shown.select_option("#doc", "versions/fr/barley-soup.txt")
        assert shown.inner_text(COUNT) == f"{sentences} sentences, {findings} findings"


def test_a_sentence_says_what_its_fidelity_is_made_of(chromium: Any, page: Path, run: Path) -> None:
    scored = pl.read_parquet(run / "sentences.parquet").drop_nulls("fidelity")
    worst = scored.sort("fidelity", maintain_order=True).row(0, named=True)
    with opened(chromium, page, "view=sentences") as shown:
        said = shown.inner_text("#detail .made")
    taken = worst["likeness"] - worst["fidelity"]
    for part in (f"likeness {worst['likeness']:.1f}", f"words {worst['words']:.2f}", f"taken by facts {taken:.1f}"):
        assert part in said


def test_of_a_translated_sentence_the_words_are_marked_in_its_back_translation(chromium: Any, page: Path) -> None:
    with opened(chromium, page, "view=findings&rule=changed-gender&lang=fr") as shown:
        marks = {mark.inner_text(): mark.get_attribute("class") for mark in shown.locator("#detail mark").all()}
    assert marks.pop("His") == marks.pop("Her") == "critical"
    (whole,) = marks.values()
    assert whole == "critical whole"


def test_without_a_verdict_there_is_nothing_to_export_and_the_page_says_so(chromium: Any, page: Path) -> None:
    with opened(chromium, page, "view=findings") as shown:
        saved: list[object] = []
        shown.on("download", lambda download: saved.append(download))  # noqa: PLW0108 - playwright takes no built-in
        shown.click("text=Export verdicts")
        expect(shown.locator("#said")).to_contain_text("no verdicts yet")
        assert saved == []


def test_keys_walk_the_rows_and_judge(chromium: Any, page: Path) -> None:
    with opened(chromium, page, "view=findings&rule=flipped-negation") as shown:
        shown.keyboard.press("j")
        assert shown.locator('.row[aria-selected="true"]').get_attribute("aria-posinset") == "2"
        shown.keyboard.press("k")
        shown.keyboard.press("2")
        assert "judged false" in shown.locator(ROWS).first.inner_text()
        shown.reload()
        assert "judged false" in shown.locator(ROWS).first.inner_text(), "the browser keeps it"
        shown.keyboard.press("2")
        assert "judged" not in shown.locator(ROWS).first.inner_text()
        shown.keyboard.press("d")
        assert "view=page" in shown.url
        shown.keyboard.press("/")
        shown.keyboard.type("river")
        assert shown.input_value("#q") == "river"


def test_verdicts_are_exported_and_the_next_run_reads_them(chromium: Any, page: Path, checker: Run, tmp_path: Path) -> None:
    exported = tmp_path / "verdicts.jsonl"
    with opened(chromium, page, "view=findings&rule=flipped-negation") as shown:
        for key in ("2", "j", "1"):
            shown.keyboard.press(key)
        with shown.expect_download() as download:
            shown.click("text=Export verdicts")
        download.value.save_as(exported)
    said = [json.loads(line) for line in exported.read_text("utf-8").splitlines()]
    assert [(row["rule"], row["verdict"]) for row in said] == [("flipped-negation", "false"), ("flipped-negation", "true")]
    again = tmp_path / "again"
    checker("audit", "corpora/demo", "--out", again, "--exit-zero", "--verdicts", exported)
    found = pl.read_parquet(again / "findings.parquet").filter(pl.col("rule") == "flipped-negation")
    assert sorted(found.select("verdict", "suppressed").rows()) == [("false", "judged false"), ("true", None)]
    assert checker("review", again).returncode == 0
    assert re.search(
        r"flipped-negation</td><td[^>]*>2</td><td[^>]*>1</td><td[^>]*>0\.50", (again / "review.html").read_text("utf-8")
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "verdicts.jsonl:1: is no verdict"),
        ('{"fingerprint": "a", "verdict": "perhaps"}', "'perhaps' is no verdict"),
        ('["a"]', "is no verdict"),
    ],
)
def test_a_file_that_holds_no_verdicts_is_refused_with_its_line(line: str, says: str, checker: Run, tmp_path: Path) -> None:
    (tmp_path / "verdicts.jsonl").write_text(line)
    failed = checker("detect", ROOT / "corpora/demo", "--config", written(tmp_path, 'verdicts = "verdicts.jsonl"'), cwd=tmp_path)
    assert failed.returncode == 2
    assert says in failed.stderr


def written(folder: Path, settings: str) -> Path:
    (folder / "mine.toml").write_text(settings)
    return folder / "mine.toml"


def test_every_artifact_is_marked_in_place_on_its_page(chromium: Any, page: Path, run: Path) -> None:
    found = pl.read_parquet(run / "findings.parquet").filter(pl.col("start") < pl.col("end"))
    doc = found["doc"].mode().sort()[0]
    evidence = " ".join(found.filter(pl.col("doc") == doc)["evidence"])
    with opened(chromium, page, f"view=page&doc={doc}") as shown:
        marks = shown.locator("#page > div:first-child mark").all_inner_texts()
        assert marks
        assert all(" ".join(mark.split()) in " ".join(evidence.split()) for mark in marks)


ATTACKS = (
    "</script><script>document.title='hacked'</script>",
    "<img src=x onerror=\"document.title='hacked'\">",
    "<!--<script>document.title='hacked'//",
    "<iframe src=https://example.invalid/></iframe><link rel=stylesheet href=https://example.invalid/a.css>",
    "javascript:document.title='hacked'",
    "\"><svg onload=document.title='hacked'>",
    "&lt;b&gt; \u2028 \u202e txet desrever \U0001f6a2\U0001f6a2",
)


def hostile() -> Report:
    """A report of which every text, name, reason and message attacks the page."""
    text = "\n".join(ATTACKS)
    docs = [f"{attack}.txt" for attack in ATTACKS]
    starts = [sum(len(attack) + 1 for attack in ATTACKS[:at]) for at in range(len(ATTACKS))]
    ends = [start + len(attack) for start, attack in zip(starts, ATTACKS, strict=True)]
    documents = pl.DataFrame(
        {"doc": docs, "path": docs, "status": "ok", "text": text, "lang": ATTACKS, "reason": ATTACKS, "fidelity": 10.0}
    ).with_columns(original=pl.lit(docs[0]), fidelity_p10=pl.lit(1.0), n_findings=1)
    sentences = pl.DataFrame(
        {"doc": docs, "start": starts, "end": ends, "text": ATTACKS, "back": ATTACKS, "lang": ATTACKS, "reason": ATTACKS}
    ).with_columns(
        original=pl.lit(docs[0]), n=pl.int_range(pl.len()), original_start=0, original_end=ends[0], status=pl.lit("unscored")
    )
    findings = pl.DataFrame(
        {
            "doc": docs,
            "start": starts,
            "end": ends,
            "message": ATTACKS,
            "pivot": ATTACKS,
            "evidence": ATTACKS,
            "fingerprint": ATTACKS,
        }
    ).with_columns(rule=pl.lit("foreign-tag"), code=pl.lit("ART001"), severity=pl.lit("major"), line=1, column=1)
    return Report(
        DOCUMENTS.conform(documents),
        SEGMENTS.empty(),
        SENTENCES.conform(sentences),
        FINDINGS.conform(findings),
        {"input": ATTACKS[0]},
    )


def test_no_text_of_a_page_runs_or_asks_for_anything(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "review.html"
    file.write_text(review_page(hostile()), encoding="utf-8")
    for view in ("overview", "sentences", "findings", f"page&doc={ATTACKS[1]}.txt"):
        with opened(chromium, file, f"view={view}&q=&rule=</script>" if view == "overview" else f"view={view}") as shown:
            shown.wait_for_timeout(200)
            assert shown.title() == "checker: review"
            assert shown.locator("iframe, img, link, object").count() == 0
            if view in ("sentences", "findings"):
                for _ in ATTACKS:
                    shown.keyboard.press("j")
                    shown.keyboard.press("1")
    with opened(chromium, file, "view=sentences") as shown:
        for attack in ATTACKS[:-1]:
            assert attack in shown.inner_text("#list")


def test_offsets_beyond_the_first_plane_cut_the_same_words(chromium: Any, tmp_path: Path) -> None:
    text = "\U0001f6a2\U0001f6a2 The ferry left. Голос Америки"
    start = text.index("Голос")
    documents = pl.DataFrame({"doc": ["a.txt"], "path": ["a.txt"], "status": ["ok"], "text": [text], "lang": ["en"]})
    found = pl.DataFrame(
        {
            "doc": ["a.txt"],
            "start": [start],
            "end": [len(text)],
            "rule": ["foreign-tag"],
            "severity": ["major"],
            "fingerprint": ["f"],
        }
    )
    report = Report(DOCUMENTS.conform(documents), SEGMENTS.empty(), SENTENCES.empty(), FINDINGS.conform(found))
    file = tmp_path / "review.html"
    file.write_text(review_page(report), encoding="utf-8")
    with opened(chromium, file, "view=page&doc=a.txt") as shown:
        assert shown.inner_text("#page mark") == "Голос Америки"


def many(count: int) -> Report:
    """A report of so many sentence pairs, a hundred a document."""
    rows = pl.select(at=pl.int_range(count)).with_columns(
        doc=pl.format("versions/{}.txt", pl.col("at") // 100),
        text=pl.format(
            "Sentence {} of this page says that ferry {} left harbour {} in the rain.", "at", pl.col("at") % 97, pl.col("at") % 31
        ),
    )
    length = pl.col("text").str.len_chars() + 1
    rows = rows.with_columns(start=(length.cum_sum() - length).over("doc"), end=(length.cum_sum() - 1).over("doc"))
    pages = rows.group_by("doc", maintain_order=True).agg(pl.col("text").str.join("\n"))
    originals = pages.with_columns(doc=pl.col("doc").str.replace("versions", "originals"))
    documents = pl.concat([pages, originals]).with_columns(path=pl.col("doc"), status=pl.lit("ok"), lang=pl.lit("fr"))
    sentences = rows.with_columns(
        original=pl.col("doc").str.replace("versions", "originals"),
        n=pl.col("at") % 100,
        original_start="start",
        original_end="end",
        original_text="text",
        back=pl.col("text").str.replace("rain", "storm"),
        lang=pl.lit("fr"),
        alignment=pl.lit("1-1"),
        status=pl.lit("scored"),
        fidelity=(pl.col("at") * 7919 % 1000) / 10,
    )
    found = rows.filter(pl.col("at") % 5 == 0).select(
        "doc", "start", end=pl.col("start") + 8, rule=pl.lit("lost-number"), severity=pl.lit("critical"), line=1, column=1,
        message=pl.format("{} → {}", "at", pl.col("at") + 1), fingerprint=pl.col("at").cast(pl.String),
    )  # fmt: skip
    return Report(DOCUMENTS.conform(documents), SEGMENTS.empty(), SENTENCES.conform(sentences), FINDINGS.conform(found))


def test_of_fifty_thousand_rows_only_those_in_sight_are_drawn(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "review.html"
    file.write_text(review_page(many(50_000)), encoding="utf-8")
    with opened(chromium, file, "view=sentences") as shown:
        assert shown.inner_text(COUNT) == "50,000 of 50,000"
        assert shown.locator(ROWS).count() < 40
        shown.evaluate("document.getElementById('list').scrollTop = 1e9")
        expect(shown.locator(ROWS).last).to_have_attribute("aria-posinset", "50000")
        shown.fill("#q", "ferry 96 left")
        expect(shown.locator(COUNT)).to_have_text("515 of 50,000")
