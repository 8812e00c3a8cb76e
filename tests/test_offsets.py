"""`text[start:end] == evidence`, for every row of every table, whatever Unicode a page is made of."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from checker.config import Config
from checker.pipeline import audit
from checker.report import Report

WORDS = (
    "The minister said on Monday that 8,500 troops were ready.",
    "Le ministre a dit lundi que 8 500 soldats étaient prêts.",
    "Sea Peninsula Noire",
    "United States. States United.",
    "Голос Америки",
    "字号 +",
    "Home / News / World",
    "“I had a good meeting ”, she said.",
    "Share",
    "😀👩‍👩‍👧",
    "e\u0301te\u0301",
    "الأخبار",
    "\u200b\u202e",
)
LINE = st.one_of(st.sampled_from(WORDS), st.text(max_size=30), st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join))
PAGE = st.tuples(st.lists(LINE, min_size=1, max_size=8), st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\u2028"])).map(
    lambda p: p[1].join(p[0])
)


def check_spans(report: Report) -> None:
    texts = dict(report.documents.select("doc", "text").iter_rows())
    for doc, start, end, text in report.segments.select("doc", "start", "end", "text").iter_rows():
        assert texts[doc][start:end] == text
    sides = ("doc", "start", "end", "text"), ("original", "original_start", "original_end", "original_text")
    for names in sides:
        for doc, start, end, text in report.sentences.drop_nulls(names).select(names).iter_rows():
            assert texts[doc][start:end] == text
    sides = ("doc", "start", "end", "evidence"), ("original", "original_start", "original_end", "original_evidence")
    for names in sides:
        for doc, start, end, text in report.findings.drop_nulls(names).select(names).iter_rows():
            assert 0 <= start <= end <= len(texts[doc])
            assert texts[doc][start:end] == text
    assert (
        report.findings.select("doc", "start", "end", "evidence", "line", "column", "message").null_count().sum_horizontal().item()
        == 0
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PAGE, min_size=2, max_size=3))
@example(["\x1c0\n\x85A b.", "\ufeff\ufeff0"])
@example(["<p>Sea&nbsp;Peninsula", "a\x0bb\x0c"])
def test_every_span_of_every_table_cuts_its_text_from_the_document(pages: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, page in enumerate(pages):
            suffix = "html" if page.startswith("<") else "txt"
            Path(folder, f"{number}.{suffix}").write_bytes(f"Some text.\n{page}".replace("\0", "").encode("utf-8", "ignore"))
        check_spans(audit(Config(paths=(Path(folder),))))
