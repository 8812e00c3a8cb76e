"""The part of the review page that needs no script: what was audited, what was found, how faithful it is, where to look first."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import polars as pl

from checker import languages
from checker.overrides import counted
from checker.registry import SEVERITIES
from checker.report import Report, own_sentences
from checker.verdicts import precision

# Bars of a chart, documents of a list, and characters of a name: an overview is a screen.
_BARS, _WORST, _NAME = 15, 20, 60

_WIDTH, _LABEL, _ROW = 560, 190, 22


def overview(report: Report) -> str:
    """The page's summary as HTML, and the empty places that the script fills."""
    scored = own_sentences(report).filter(pl.col("fidelity").is_not_null())
    parts = [
        _figures(report, scored),
        '<div class="charts">',
        _chart("Documents by language", _languages(report.documents)),
        _chart("Findings by rule", _by_rule(report.findings)),
        _chart("Sentence pairs by fidelity", _by_fidelity(scored)),
        _chart("Sentences that could not be scored", _unscored(report)),
        "</div>",
        _worst(report.documents),
        _precision(report.findings),
    ]
    return f"""<header><h1>checker <span>review</span></h1><nav id="views" hidden></nav></header>
<noscript><p class="note">Sentences, findings and pages are listed where scripts run; this is the summary.</p></noscript>
<main id="overview">{"".join(parts)}</main>
<main id="work" hidden></main>
<dialog id="help"></dialog>
<p id="said" role="status" aria-live="polite"></p>"""


def _figures(report: Report, scored: pl.DataFrame) -> str:
    read = report.documents.filter(pl.col("status") == "ok")
    valid = counted(report.findings)
    worst = next((s for s in reversed(SEVERITIES) if s in valid["severity"]), None)
    figures = [
        (f"{read.height:,}", "documents" + _aside(report.documents.height - read.height, "skipped")),
        (f"{valid.height:,}", "findings" + _aside(report.findings.height - valid.height, "suppressed")),
        (f"{(valid['severity'] == worst).sum():,}" if worst else "0", f"of them {worst or 'critical'}"),
        (f"{scored.height:,}", "sentence pairs scored"),
        (_mean(scored["fidelity"]), "mean fidelity, of 100"),
        (_quantile(scored["fidelity"]), "10th percentile"),
    ]
    cells = "".join(f"<div><dd>{escape(value)}</dd><dt>{escape(name)}</dt></div>" for value, name in figures)
    return f"<dl class='figures'>{cells}</dl>"


def _aside(count: int, word: str) -> str:
    return f", {count:,} {word}" if count else ""


def _mean(values: pl.Series) -> str:
    mean = values.mean()
    return f"{mean:.1f}" if isinstance(mean, float) else "–"


def _quantile(values: pl.Series) -> str:
    return _figure(values.quantile(0.1, "linear"))


_Bar = tuple[str, int, str]
"""Label, count, class."""


def _languages(documents: pl.DataFrame) -> list[_Bar]:
    counts = documents.drop_nulls("lang").group_by("lang").len().sort("len", "lang", descending=[True, False])
    return [(languages.name(lang), count, "plain") for lang, count in counts.iter_rows()]


def _by_rule(findings: pl.DataFrame) -> list[_Bar]:
    worst = pl.col("severity").cast(pl.Enum(SEVERITIES)).max().cast(pl.String)
    counts = counted(findings).group_by("rule").agg(pl.len(), worst).sort("len", "rule", descending=[True, False])
    return [(rule, count, severity) for rule, count, severity in counts.iter_rows()]


def _by_fidelity(scored: pl.DataFrame) -> list[_Bar]:
    bins = (scored["fidelity"] // 10).clip(0, 9).cast(pl.Int64)
    return [(f"{10 * at} to {10 * at + 10}", int((bins == at).sum()), "plain") for at in reversed(range(10))] if len(bins) else []


def _unscored(report: Report) -> list[_Bar]:
    rows = own_sentences(report).filter(pl.col("status") == "unscored")
    counts = rows.group_by("reason").len().sort("len", "reason", descending=[True, False])
    return [(reason or "", count, "plain") for reason, count in counts.iter_rows()]


def _chart(title: str, bars: Sequence[_Bar]) -> str:
    """Horizontal bars as SVG, with the counts as text: the longest first, as many as a screen holds."""
    if not bars:
        return f"<figure><figcaption>{escape(title)}</figcaption><p>none</p></figure>"
    shown, most = bars[:_BARS], max(count for _, count, _ in bars) or 1
    rest = f"<p>and {len(bars) - _BARS:,} more</p>" if len(bars) > _BARS else ""
    rows = "".join(_bar(at, bar, most) for at, bar in enumerate(shown))
    height = _ROW * len(shown)
    said = f"{title}: " + "; ".join(f"{label} {count:,}" for label, count, _ in shown)
    svg = f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(said)}">{rows}</svg>'
    return f"<figure><figcaption>{escape(title)}</figcaption>{svg}{rest}</figure>"


def _bar(at: int, bar: _Bar, most: int) -> str:
    label, count, kind = bar
    y, width = at * _ROW, max(round(count / most * (_WIDTH - _LABEL - 70)), 1 if count else 0)
    return (
        f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(_short(label, 27))}</text>'
        f'<rect class="{kind}" x="{_LABEL}" y="{y + 4}" width="{width}" height="{_ROW - 8}" rx="2"/>'
        f'<text x="{_LABEL + width + 6}" y="{y + 15}">{count:,}</text>'
    )


def _worst(documents: pl.DataFrame) -> str:
    rows = documents.filter(pl.col("fidelity").is_not_null()).sort("fidelity", "doc").head(_WORST)
    heads = ["document", "language", "original", "coverage", "fidelity", "10th percentile", "findings"]
    cells = [_document(row) for row in rows.iter_rows(named=True)]
    if rows["ceiling"].is_not_null().any():
        heads.append("ceiling")
        cells = [(*cell, _figure(ceiling)) for cell, ceiling in zip(cells, rows["ceiling"], strict=True)]
    return _table("Least faithful documents", heads, cells, rows["doc"]) if cells else ""


def _document(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        _short(row["doc"], _NAME),
        row["lang"],
        _short(row["original"] or "", _NAME),
        _share(row["coverage"]),
        _figure(row["fidelity"]),
        _figure(row["fidelity_p10"]),
        f"{row['n_findings']:,}",
    )


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _precision(findings: pl.DataFrame) -> str:
    rows = precision(findings)
    cells = [(rule, str(judged), str(right), f"{share:.2f}") for rule, _, judged, right, share in rows.iter_rows()]
    return _table("Precision by verdicts", ("rule", "judged", "right", "precision"), cells, rows["rule"]) if cells else ""


def _table(title: str, heads: Iterable[str], rows: Sequence[Sequence[str]], names: pl.Series) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr data-name="{escape(name)}">' + "".join(f'<td dir="auto">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row, name in zip(rows, names, strict=True)
    )
    return f"<section><h2>{escape(title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></section>"


def _short(text: str, width: int) -> str:
    """The end of a name tells more than its beginning."""
    return text if len(text) <= width else "…" + text[-width + 1 :]
