"""The gate: holds a run against the thresholds of a policy; one row per threshold, and an exit code.

Tables are scanned: of a run of any size, counts and the figures of sentences are in memory, no text.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from checker import baseline
from checker.errors import NothingToCheck
from checker.limits import Gate, Limit
from checker.outcome import Outcome, failing, places
from checker.overrides import counted, lies
from checker.registry import named
from checker.report import VERDICTS, Scan, own
from checker.tables import DOCUMENTS
from checker.terminal import many

# Words: runs of letters and figures. Where no spaces are written, characters are counted, so many to a word (GMX-V 2.0, 2.1.5).
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = rf"[\p{{L}}\p{{M}}\p{{N}}--[{_UNSPACED}]]+(?:['’][\p{{L}}\p{{M}}\p{{N}}--[{_UNSPACED}]]+)*"
_TO_A_WORD = {r"\p{Han}": 2.8, r"[\p{Hiragana}\p{Katakana}]": 3.0, r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]": 6.0}

# Documents that could not be read, whose reasons are told.
_TOLD = 5

_Verdict = tuple[str, str, str, bool, str | None]
_Judged = tuple[_Verdict, pl.Expr | None]
"""A verdict, and what is true of the findings that it is about; None where it is about none."""


def hold(run: Scan, policy: Gate, entries: pl.DataFrame | None = None, root: Path | None = None) -> Outcome:
    """The run held against the policy; findings among the `entries` of a baseline do not count. `root` is what places are below.

    Raises `NothingToCheck` where no document could be read.
    """
    rows = run.documents.select(pl.exclude("text")).collect(engine="streaming")
    if rows.filter(pl.col("status").fill_null("ok") == "ok").is_empty():
        raise NothingToCheck("the run holds no document that could be read", remedy="audit a corpus with text in it")
    known, notes = baseline.known(run, rows, entries)
    judged = _judged_by(run, policy, known)
    per_words = any(limit.max_per_1000_words is not None for limit in policy.all_limits())
    notes = (*notes, *_untold(run, policy), *(_unworded(run) if per_words else ()), *_unspoken(rows, policy), *_unread(rows))
    rules = tuple(run.run.get("rules", ()))
    rows = rows.with_columns(places(rows, root or Path()))
    broken = {n: (verdict[0], about) for n, (verdict, about) in enumerate(judged) if about is not None and not verdict[3]}
    return Outcome(rows, run.findings, known, _frame(judged), policy, rules, str(run.run.get("checker", "")), notes, broken)


def gate(run: Scan, policy: Gate, known: pl.DataFrame | None = None) -> pl.DataFrame:
    """A row per threshold that the policy sets. A figure that cannot be had (nothing scored) breaks its threshold.

    If there is a threshold at all, originals and versions with text, and not one sentence was scored, there is a row for that,
    which is broken: what was not compared did not pass. `min_scored_share` takes its place. So it is with documents that could not
    be read, for which no `max_skipped` is set.
    """
    return _frame(_judged_by(run, policy, known))


def _frame(judged: Sequence[_Judged]) -> pl.DataFrame:
    return pl.DataFrame([verdict for verdict, _ in judged], schema=VERDICTS, orient="row")


def _judged_by(run: Scan, policy: Gate, known: pl.DataFrame | None) -> list[_Judged]:
    found = counted(run.findings)
    if known is not None:
        found = found.join(known.lazy(), on=["doc", "fingerprint"], how="anti")
    limits = policy.all_limits()
    documents = _documents(run, words=any(limit.max_per_1000_words is not None for limit in limits))
    rows = [*_severity(found, policy), *(row for limit in limits for row in _limit(run, found, documents, limit))]
    return [*rows, *((verdict, None) for verdict in (*_uncompared(run, policy), *_unreadable(documents, policy)) if rows)]


def _documents(run: Scan, *, words: bool) -> pl.DataFrame:
    """What limits ask of documents, with `words` if one asks how many."""
    count = _words() if words else pl.lit(None, pl.Float64)
    told = [name for name in DOCUMENTS.columns if name in ("doc", "path", "lang", "status", "original", "derivation", "coverage")]
    documents = run.documents.select(*told, words=count).collect(engine="streaming")
    if not words or not documents.filter(_wordless()).height:
        return documents
    # Of a scored table, the versions' texts stand in its rows alone.
    rows = run.sentences.drop_nulls("text").group_by("doc").agg(of_rows=_words().sum()).collect(engine="streaming")
    joined = documents.join(rows, on="doc", how="left", maintain_order="left")
    return joined.with_columns(words=pl.coalesce("words", pl.when(_wordless()).then("of_rows"))).drop("of_rows")


def _words() -> pl.Expr:
    """The words of `text`; null where there is none."""
    unspaced = [pl.col("text").str.count_matches(pattern) / many for pattern, many in _TO_A_WORD.items()]
    spaced = pl.col("text").str.count_matches(_WORD).cast(pl.Float64)
    return pl.when(pl.col("text").is_not_null()).then(pl.sum_horizontal(spaced, *unspaced))


def _wordless() -> pl.Expr:
    return (pl.col("status").fill_null("ok") == "ok") & pl.col("words").is_null()


def _severity(found: pl.LazyFrame, policy: Gate) -> Iterator[_Judged]:
    if policy.fail_on != "never":
        about = pl.col("severity").is_in(failing(policy))
        bad = _by_document(found.filter(about))
        count = sum(bad["len"])
        yield (f"findings at or above {policy.fail_on}", "0", str(count), count == 0, _first(bad)), about


def _unreadable(documents: pl.DataFrame, policy: Gate) -> list[_Verdict]:
    """The verdict on documents that could not be read, and that no `max_skipped` speaks of."""
    for limit in policy.all_limits():
        if limit.max_skipped is not None:
            documents = documents.join(_fitting(documents, limit).select("doc"), on="doc", how="anti")
    skipped = documents.filter(pl.col("status") == "skipped").sort("doc")
    return [_most("documents skipped", 0, skipped.height, _first(skipped))] if skipped.height else []


def _unread(documents: pl.DataFrame) -> Iterator[str]:
    """What is to be said of documents that could not be read, whether or not they are allowed."""
    skipped = documents.filter(pl.col("status") == "skipped").sort("doc")
    if skipped.height:
        some = "; ".join(f"{doc}: {reason}" for doc, reason in skipped.select("doc", "reason").head(_TOLD).iter_rows())
        more = f"; and {skipped.height - _TOLD:,} more" if skipped.height > _TOLD else ""
        remedy = "`exclude` leaves files out, `max_skipped` says how many may be"
        yield f"{many(skipped.height, 'document')} skipped, in which nothing was looked for: {some}{more} ({remedy})"


def _uncompared(run: Scan, policy: Gate) -> list[_Verdict]:
    """The verdict on a run in which versions stood beside originals, and no sentence was scored."""
    if policy.min_scored_share is not None:
        return []
    judged, against = _judged(run)
    if not judged.height or judged["scored"].any() or not against:
        return []
    first = judged.sort("len", "doc", descending=[True, False])["doc"][0]
    return [("sentences compared", "≥ 1", f"0 of {sum(judged['len']):,}", False, first)]


def _unworded(run: Scan) -> Iterator[str]:
    """What is to be said where words should be counted, and no text is known."""
    silent = (frame.select(pl.col("text").is_null().all()) for frame in (run.documents, run.sentences))
    if all(frame.collect(engine="streaming").item() for frame in silent):
        yield (
            "findings in 1,000 words cannot be told: no column of the table is known to hold the versions, whose words are "
            "counted; --back names it, or version_column in the settings"
        )


def _unspoken(documents: pl.DataFrame, policy: Gate) -> Iterator[str]:
    """What is to be said where a limit asks for a language, and no document is known to be in any."""
    if any(limit.lang for limit in policy.all_limits()) and documents["lang"].is_null().all():
        yield "limits by `lang` hold nothing: no document here has a language, as those of a scored table have none"


def _untold(run: Scan, policy: Gate) -> tuple[str, ...]:
    """What is to be said where no sentence was scored."""
    judged, _ = _judged(run)
    if not judged.height or judged["scored"].any() or policy.min_scored_share == 0:
        return ()
    why = judged.group_by("reason").agg(pl.col("len").sum()).sort("len", "reason", descending=[True, False])["reason"][0]
    return (
        f"nothing could be compared: {many(sum(judged['len']), 'sentence')} of versions unscored, mostly: {why}; an engine or a "
        "memory (--engine, --memory), or the right originals, mend that; min_scored_share = 0 says that it is expected",
    )


def _judged(run: Scan) -> tuple[pl.DataFrame, bool]:
    """How many sentences of versions with text there are (`len`) by doc, reason and `scored`; and whether there is an original."""
    alone = pl.col("alignment").is_in(["omission", "addition", "boilerplate"]).fill_null(value=False)
    blank = (pl.col("text").str.strip_chars() == "") | pl.col("reason").is_in(["the version is empty", "the original is empty"])
    rows = own(run.sentences, run.documents).filter(~alone, ~blank.fill_null(value=False))
    counts = rows.group_by("doc", "reason", scored=pl.col("status") == "scored").agg(len=pl.len().cast(pl.Int64))
    roles = run.documents.filter(pl.col("status").fill_null("ok") == "ok").select(pl.col("role").unique()).collect()["role"]
    return counts.collect(engine="streaming"), bool(roles.is_in(["original", "bitext"]).any())


def _by_document(rows: pl.LazyFrame) -> pl.DataFrame:
    """doc and how many rows it has, most first."""
    return rows.group_by("doc").len().collect(engine="streaming").sort("len", "doc", descending=[True, False])


def _first(rows: pl.DataFrame) -> str | None:
    return rows["doc"][0] if rows.height else None


def _limit(run: Scan, found: pl.LazyFrame, documents: pl.DataFrame, limit: Limit) -> Iterator[_Judged]:
    """A verdict for each threshold of a limit. One that no document fits holds, and says so."""
    if not limit.part:
        yield from _verdicts(run, found, documents, limit)
        return
    fits = _fitting(documents, limit)
    rows = found.join(fits.lazy().select("doc"), on="doc", how="semi")
    here = pl.col("doc").is_in(fits["doc"].implode()) if limit.lang or limit.path else pl.lit(value=True)
    for (check, *figures), about in _verdicts(run, rows, fits, limit) if fits.height else _vacant(limit):
        yield (f"{check} ({limit.part})", *figures), None if about is None else here & about  # type: ignore[misc]


def _vacant(limit: Limit) -> Iterator[_Judged]:
    for name, bound in limit.given().items():
        yield (name.replace("_", " "), f"{bound:g}", "no such document", True, None), None


def _fitting(documents: pl.DataFrame, limit: Limit) -> pl.DataFrame:
    rows = documents.filter(pl.col("lang") == limit.lang) if limit.lang else documents
    if limit.path is None:
        return rows
    return rows.filter(pl.Series([lies(doc, path or doc, limit.path) for doc, path in rows.select("doc", "path").iter_rows()]))


def _verdicts(run: Scan, found: pl.LazyFrame, fits: pl.DataFrame, limit: Limit) -> Iterator[_Judged]:
    if limit.max_findings is not None or limit.max_per_1000_words is not None:
        about = _about(limit)
        yield from ((verdict, about) for verdict in _counts(found.filter(about), fits, limit))
    yield from ((verdict, None) for verdict in _figures(run, fits, limit))


def _about(limit: Limit) -> pl.Expr:
    """True of the findings that a limit counts, in whatever document."""
    rule = pl.col("rule").is_in(named(limit.rule)) if limit.rule else pl.lit(value=True)
    return rule & pl.col("severity").is_in(limit.severity) if limit.severity else rule


def _figures(run: Scan, fits: pl.DataFrame, limit: Limit) -> Iterator[_Verdict]:
    if limit.max_skipped is not None:
        skipped = fits.filter(pl.col("status") == "skipped").sort("doc")
        yield _most("documents skipped", limit.max_skipped, skipped.height, _first(skipped))
    if limit.min_mean_fidelity is not None or limit.min_p10_fidelity is not None:
        yield from _fidelity(run, fits, limit)
    if limit.min_coverage is not None:
        versions = fits.filter(pl.col("derivation").is_in(["translation", "back-translation"])).sort("coverage", "doc")
        yield _least("least coverage of an original", limit.min_coverage, versions["coverage"].min(), _first(versions))
    if limit.min_scored_share is not None:
        alone = pl.col("alignment").is_in(["omission", "addition", "boilerplate"]).fill_null(value=False)
        judged = own(run.sentences, fits.lazy()).filter(~alone).select((pl.col("status") == "scored").mean())
        yield _least("share of sentences scored", limit.min_scored_share, judged.collect(engine="streaming").item(), None)


def _counts(rows: pl.LazyFrame, fits: pl.DataFrame, limit: Limit) -> Iterator[_Verdict]:
    by_document = _by_document(rows)
    count, worst = sum(by_document["len"]), _first(by_document)
    if limit.max_findings is not None:
        yield _most("findings", limit.max_findings, count, worst)
    if limit.max_per_1000_words is not None:
        words = sum(fits["words"].drop_nulls())
        rate = 1000 * count / words if words else (None if count else 0.0)
        yield _most("findings in 1,000 words", limit.max_per_1000_words, rate, worst)


def _fidelity(run: Scan, fits: pl.DataFrame, limit: Limit) -> Iterator[_Verdict]:
    scored = own(run.sentences, fits.lazy()).select("doc", "fidelity").drop_nulls("fidelity")
    fidelity = scored.select("fidelity").collect(engine="streaming")["fidelity"]
    lowest = pl.lit(fidelity.min(), pl.Float64)
    least = scored.filter(pl.col("fidelity") == lowest).select(pl.col("doc").min()).collect(engine="streaming")
    if limit.min_mean_fidelity is not None:
        yield _least("mean fidelity", limit.min_mean_fidelity, fidelity.mean(), _first(least))
    if limit.min_p10_fidelity is not None:
        yield _least("10th percentile of fidelity", limit.min_p10_fidelity, fidelity.quantile(0.1, "linear"), _first(least))


def _least(name: str, bound: float, value: object, worst: str | None) -> _Verdict:
    if not isinstance(value, int | float):
        return name, f"≥ {bound:g}", "none", False, worst
    return name, f"≥ {bound:g}", f"{value:.4g}", value >= bound, worst


def _most(name: str, bound: float, value: float | None, worst: str | None) -> _Verdict:
    if value is None:
        return name, f"≤ {bound:g}", "none", False, worst
    shown = str(value) if isinstance(value, int) else f"{value:.4g}"
    return name, f"≤ {bound:g}", shown, value <= bound, worst
