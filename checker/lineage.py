"""Lineage: how a finding, or a sentence's scores, came about, from the page on, with the text at each step and the place marked."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from checker.errors import InputError
from checker.report import Scan, own
from checker.terminal import plain, short
from checker.traces import places

# Characters shown on either side of what is marked.
_AROUND, _WIDTH = 120, 400

# Points of fidelity that are worth a word: figures are shown to one place.
_LEAST = 0.05

# How a sentence is named: `DOC#N`, as the summary has it; of the document, the end of its name will do.
_HANDLE = re.compile(r"(?P<doc>.*)#(?P<n>\d+)", re.DOTALL)


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


def handle(sentence: Mapping[str, Any]) -> str:
    """What a row of `tables.SENTENCES` is called: `DOC#N`."""
    return f"{sentence['doc']}#{sentence['n']}"


def named(run: Scan, name: str) -> dict[str, Any] | None:
    """The row of `tables.SEGMENTS` that `DOC#N` names, or `#N` where one document alone has it; null for what is no such name.

    Raises `InputError` where there is none, or several.
    """
    asked = _HANDLE.fullmatch(name.strip())
    if asked is None:
        return None
    doc, n = asked["doc"].strip(), int(asked["n"])
    within = pl.lit(value=True) if not doc else (pl.col("doc") == doc) | pl.col("doc").str.ends_with(f"/{doc}")
    rows = run.segments.filter(pl.col("n") == n, within).collect(engine="streaming")
    rows = rows.filter(pl.col("doc") == doc) if doc in rows["doc"] else rows
    if rows.height == 1:
        return rows.row(0, named=True)
    several = "; ".join(handle(row) for row in rows.head(5).iter_rows(named=True))
    if rows.height:
        raise InputError(f"{rows.height} sentences are called {name!r}: {several}", remedy="name the document: DOC#N")
    raise InputError(f"no sentence is called {name!r}", remedy="DOC#N: `doc` and `n` of the table `segments`")


def told(run: Scan, segment: dict[str, Any]) -> Iterator[str]:
    """The lines that tell how the scores of a row of `tables.SEGMENTS` came about, and what was found in it."""
    document = _one(run.documents, pl.col("doc") == segment["doc"])
    rows = own(run.sentences, run.documents).filter(pl.col("doc") == segment["doc"])
    sentence = _one(rows, (pl.col("start") <= segment["start"]) & (pl.col("end") > segment["start"]))
    whole = {**segment, "original": None, "original_start": None, "line": None, "column": None}
    start, end = ((sentence or segment)[side] for side in ("start", "end"))
    inside = (pl.col("start") >= start) & (pl.col("start") < end)
    findings = run.findings.filter(pl.col("doc") == segment["doc"], inside).collect(engine="streaming")
    yield from _page(whole, document)
    yield f"sentence      {segment['n']}, {segment['kind']}, {segment['lang']}"
    yield f"              {short((sentence or segment)['text'], _WIDTH)}"
    yield from _translation(segment, sentence, "")
    yield from _original(whole, sentence, None)
    yield from _scores(sentence)
    yield f"findings      {findings.height or 'none'}"
    for row in findings.iter_rows(named=True):
        aside = f", suppressed: {row['suppressed']}" if row["suppressed"] else ""
        yield f"              {row['fingerprint'][:8]}  {row['code']} {row['rule']} ({row['severity']}{plain(aside)})"
        yield f"                        {short(row['message'], _WIDTH)}"


def lineage(run: Scan, finding: dict[str, Any]) -> Iterator[str]:
    """The lines that tell of a row of `tables.FINDINGS`, step by step."""
    document = _one(run.documents, pl.col("doc") == finding["doc"])
    original = _one(run.documents, pl.col("doc") == finding["original"]) if finding["original"] else None
    segment = _one(run.segments, (pl.col("doc") == finding["doc"]) & pl.col("n").eq(pl.lit(finding["n"], pl.Int64)))
    sentence = _sentence(run, finding, document)
    yield from _page(finding, document)
    yield from _characters(finding, document)
    yield from _segment(finding, segment)
    yield from _translation(segment, sentence, finding["message"] if finding["original"] else "")
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


def _translation(segment: dict[str, Any] | None, sentence: dict[str, Any] | None, message: str) -> Iterator[str]:
    told = segment or {}
    back = told.get("back") or (sentence or {}).get("back")
    if back is None:
        apart = "nothing of it is compared" if sentence is None or segment is None else "its text was compared as it is"
        yield f"translation   none: {plain(told.get('back_reason') or apart)}"
        return
    sure = f", {told['back_score']:.2f} a token" if told.get("back_score") is not None else ""
    yield f"translation   by {plain(told.get('engine') or (sentence or {}).get('engine') or 'the input itself')}{sure}"
    found = places(message, back)
    yield from (f"              {_marked(back, *place)}" for place in found)
    if not found:
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
    if sentence["fidelity"] is None:
        yield f"scores        unscored: {plain(sentence['reason'])}"
        return
    yield f"scores        fidelity {sentence['fidelity']:.1f}{_taken(sentence)}"
    parts = (("words", 2), ("order", 2), ("fluency", 1), ("cosine", 2), ("token_precision", 2), ("token_recall", 2))
    made = [f"{name} {sentence[name]:.{places}f}" for name, places in parts if sentence.get(name) is not None]
    if made:
        yield f"              made of: {', '.join(made)}"
    others = [f"{name} {sentence[name]:.1f}" for name in ("chrf", "chrf_pp", "ter", "ceiling") if sentence.get(name) is not None]
    if others:
        yield f"              beside it: {', '.join(others)}"


def _taken(sentence: dict[str, Any]) -> str:
    if sentence.get("likeness") is None:
        return ""
    taken = sentence["likeness"] - sentence["fidelity"]
    less = f", less {taken:.1f} for facts that differ" if taken >= _LEAST else ", of which facts took nothing"
    return f": likeness {sentence['likeness']:.1f}{less}"


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
