"""What the review page's script reads: the tables as columns, names by number, texts once, offsets in UTF-16 as browsers count."""

from typing import Any

import numpy as np
import polars as pl

from checker.registry import rules
from checker.report import Report
from checker.traces import traces

_SENTENCE = (
    "n",
    "lang",
    "back",
    "alignment",
    "crossing",
    "similarity",
    "fidelity",
    "likeness",
    "words",
    "order",
    "fluency",
    "ceiling",
    "severity",
    "status",
    "reason",
)
_FINDING = (
    "severity",
    "line",
    "column",
    "lang",
    "pivot",
    "message",
    "fingerprint",
    "suppressed",
    "verdict",
)
_DOCUMENT = ("doc", "lang", "role", "status", "derivation", "pivot", "coverage", "fidelity", "reason", "text")


def contents(report: Report) -> dict[str, Any]:
    """The run as plain values."""
    documents = report.documents
    number = {doc: at for at, doc in enumerate(documents["doc"])}
    units = _Units(dict(documents.filter(pl.col("text").str.contains(r"[^\x00-\u{ffff}]")).select("doc", "text").rows()))
    findings = report.findings.join(_rules(), on="rule", how="left", maintain_order="left")
    return {
        "signature": report.run.get("input", ""),
        "rules": _columns(_rules(), ("rule", "code", "summary")),
        "documents": _columns(documents, _DOCUMENT) | {"original": _numbered(documents["original"], number)},
        "sentences": _columns(report.sentences, _SENTENCE) | _spans(report.sentences, number, units),
        "findings": _columns(findings, (*_FINDING, "rule_number"))
        | _spans(findings, number, units)
        | _traced(traces(findings, report.sentences)),
    }


def _traced(found: pl.DataFrame) -> dict[str, list[Any]]:
    """Places in back-translations, and whether the page's own sentence is marked as a whole for want of a place in it."""
    rows = found.select("back", pl.col("places").fill_null([])).rows()
    told = [[[_unit(back, at) for at in span] for span in places] for back, places in rows]
    return {"traces": told, "whole": found["whole"].to_list()}


def _unit(text: str, at: int) -> int:
    return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2


def _rules() -> pl.DataFrame:
    rows = [(rule.name, rule.code, rule.summary) for rule in rules().values()]
    return pl.DataFrame(rows, schema=["rule", "code", "summary"], orient="row").with_row_index("rule_number")


def _columns(frame: pl.DataFrame, names: tuple[str, ...]) -> dict[str, list[Any]]:
    return frame.select(pl.col(pl.Float64).fill_nan(None).round(4), pl.exclude(pl.Float64)).select(names).to_dict(as_series=False)


def _numbered(names: pl.Series, number: dict[str, int]) -> list[int | None]:
    return [number.get(name) for name in names]


def _spans(rows: pl.DataFrame, number: dict[str, int], units: "_Units") -> dict[str, list[Any]]:
    sides = {"": "doc", "original_": "original"}
    spans = {f"{side}{end}": units.of(rows[doc], rows[f"{side}{end}"]) for side, doc in sides.items() for end in ("start", "end")}
    return spans | {doc: _numbered(rows[doc], number) for doc in sides.values()}


class _Units:
    """Offsets in UTF-16 code units: a character beyond the first 65,536 counts twice."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.before = {doc: _wide_before(text) for doc, text in texts.items()}

    def of(self, docs: pl.Series, offsets: pl.Series) -> list[int | None]:
        if not self.before:
            return offsets.to_list()
        return [
            offset if offset is None or doc not in self.before else offset + int(self.before[doc][offset])
            for doc, offset in zip(docs, offsets, strict=True)
        ]


def _wide_before(text: str) -> np.ndarray:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.concatenate([[0], np.cumsum(codes > 0xFFFF)])
