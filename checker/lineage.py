"""Lineage: how a finding came about, from the page to its scores, with the text at each step and the place marked."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from checker.errors import InputError
from checker.report import Scan
from checker.terminal import plain, short

# Characters shown on either side of what is marked.
_AROUND, _WIDTH = 120, 400


def found(run: Scan, prefix: str) -> pl.DataFrame:
    """The findings of the one fingerprint that begins so; raises `InputError` where there is none, or several.

    Several findings have one fingerprint where files of one name in several folders hold the same.
    """
    asked = prefix.lower().strip()
    rows = (
        run.findings.filter(pl.col("fingerprint").str.starts_with(asked)).collect(engine="streaming") if asked else pl.DataFrame()
    )
    if rows.is_empty():
        raise InputError(
            f"no finding has the fingerprint {prefix!r}",
            remedy="the table `findings` names them, `checker gate RUN --format jsonl` too",
        )
    several = rows.unique("fingerprint", maintain_order=True)
    if several.height > 1:
        listed = [f"{row['fingerprint']} {row['rule']} in {row['doc']}" for row in several.head(5).iter_rows(named=True)]
        raise InputError(f"{several.height} findings begin with {prefix!r}: {'; '.join(listed)}", remedy="give more of it")
    return rows


def lineage(run: Scan, finding: dict[str, Any]) -> Iterator[str]:
    """The lines that tell of a row of `tables.FINDINGS`, step by step."""
    document = _one(run.documents, pl.col("doc") == finding["doc"])
    original = _one(run.documents, pl.col("doc") == finding["original"]) if finding["original"] else None
    segment = _one(run.segments, (pl.col("doc") == finding["doc"]) & pl.col("n").eq(pl.lit(finding["n"], pl.Int64)))
    sentence = _sentence(run, finding, document)
    yield from _page(finding, document)
    yield from _characters(finding, document)
    yield from _segment(finding, segment)
    yield from _translation(segment, sentence)
    yield from _original(finding, sentence, original)
    yield from _scores(sentence)
    yield from _finding(finding)


def _one(rows: pl.LazyFrame, condition: pl.Expr) -> dict[str, Any] | None:
    kept = rows.filter(condition).head(1).collect(engine="streaming")
    return kept.row(0, named=True) if kept.height else None


def _sentence(run: Scan, finding: dict[str, Any], document: dict[str, Any] | None) -> dict[str, Any] | None:
    """The pair that the finding lies in: with the original that it names, else with the document's own."""
    original = finding["original"] or (document or {}).get("original")
    rows = run.sentences.filter(pl.col("doc") == finding["doc"], pl.col("original").eq_missing(pl.lit(original, pl.String)))
    start = finding["start"] if finding["start"] is not None else -1
    inside = (pl.col("start") <= start) & (pl.col("end") > start)
    omitted = pl.col("start").is_null() & pl.col("original_start").eq(pl.lit(finding["original_start"], pl.Int64))
    return _one(rows, omitted) if finding["start"] == finding["end"] else _one(rows, inside)


def _page(finding: dict[str, Any], document: dict[str, Any] | None) -> Iterator[str]:
    if document is None:
        yield f"page          {plain(finding['doc'])}"
        return
    yield f"page          {plain(document['path'] or finding['doc'])}"
    told = {name: document[name] for name in ("format", "encoding", "lang", "derivation", "pivot", "sha256") if document[name]}
    yield "              " + ", ".join(f"{name} {plain(str(value))}" for name, value in told.items())


def _characters(finding: dict[str, Any], document: dict[str, Any] | None) -> Iterator[str]:
    yield (
        f"characters    {finding['start']} to {finding['end']} of its text, "
        f"line {finding['line'] or '?'} column {finding['column'] or '?'} of the file"
    )
    if document is not None and document["text"] is not None:
        yield f"              {_marked(document['text'], finding['start'], finding['end'])}"


def _segment(finding: dict[str, Any], segment: dict[str, Any] | None) -> Iterator[str]:
    if segment is None:
        yield "sentence      none: it stands between sentences, or in markup"
        return
    yield f"sentence      {segment['n']}, {segment['kind']}, {segment['lang']}"
    yield f"              {_marked(segment['text'], finding['start'] - segment['start'], finding['end'] - segment['start'])}"


def _translation(segment: dict[str, Any] | None, sentence: dict[str, Any] | None) -> Iterator[str]:
    told = segment or {}
    back = told.get("back") or (sentence or {}).get("back")
    if back is None:
        apart = "nothing of it is compared" if sentence is None or segment is None else "its text was compared as it is"
        yield f"translation   none: {plain(told.get('back_reason') or apart)}"
        return
    sure = f", {told['back_score']:.2f} a token" if told.get("back_score") is not None else ""
    yield f"translation   by {plain(told.get('engine') or (sentence or {}).get('engine') or 'the input itself')}{sure}"
    yield f"              {short(back, _WIDTH)}"


def _original(finding: dict[str, Any], sentence: dict[str, Any] | None, original: dict[str, Any] | None) -> Iterator[str]:
    row = sentence or {}
    name = finding["original"] or row.get("original")
    if name is None:
        yield f"original      none{': ' + plain(row['reason']) if row.get('reason') else ''}"
        return
    text, start = row.get("original_text"), row.get("original_start")
    if row:
        likeness = f", similarity {row['similarity']:.2f}" if row["similarity"] is not None else ""
        yield f"original      {plain(name)}, aligned {row['alignment']}{likeness}{', crossing' if row['crossing'] else ''}"
    else:
        yield f"original      {plain(name)}"
        text, start = (original or {}).get("text"), 0
    if text is not None and start is not None and finding["original_start"] is not None:
        yield f"              {_marked(text, finding['original_start'] - start, finding['original_end'] - start)}"
    elif row and text is not None:
        yield f"              {short(text, _WIDTH)}"


def _scores(sentence: dict[str, Any] | None) -> Iterator[str]:
    if sentence is None:
        yield "scores        none: it belongs to no pair of sentences"
        return
    names = ("fidelity", "likeness", "chrf", "chrf_pp", "ter", "ceiling")
    figures = [f"{name} {sentence[name]:.1f}" for name in names if sentence.get(name) is not None]
    yield f"scores        {', '.join(figures)}" if figures else f"scores        unscored: {plain(sentence['reason'])}"


def _finding(finding: dict[str, Any]) -> Iterator[str]:
    changed = f" ({finding['rule_severity']} by its rule)" if finding["rule_severity"] else ""
    words = (f"{finding['code']} {finding['rule']}", f"{finding['severity']}{changed}", finding["category"], finding["fingerprint"])
    yield f"finding       {', '.join(words)}"
    yield f"              {plain(finding['message'])}"
    told = {"through": finding["pivot"], "language": finding["lang"], "suppressed": finding["suppressed"]}
    yield from (f"              {name}: {plain(value)}" for name, value in told.items() if value)


def _marked(text: str, start: int, end: int) -> str:
    """The text around a span, which stands in `[[` and `]]`; a long span is cut in its middle."""
    start, end = max(start, 0), max(min(end, len(text)), start, 0)
    span, half = text[start:end], _WIDTH // 2
    shown = span if len(span) <= _WIDTH else f"{span[:half]} … {span[-half:]}"
    head, tail = ("…" if start > _AROUND else ""), ("…" if end + _AROUND < len(text) else "")
    before, after = text[max(start - _AROUND, 0) : start], text[end : end + _AROUND]
    return plain(" ".join(f"{head}{before}[[{shown}]]{after}{tail}".split()))
