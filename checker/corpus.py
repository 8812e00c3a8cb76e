"""Pairs of texts from wherever they lie, in bounded memory: tables of any size, localisation files, sentences of an audit's run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from checker import pairs, rows, units
from checker.config import Config
from checker.errors import InputError, NothingToCheck
from checker.formats.table import LANG, SUFFIXES
from checker.report import RECORD, own, scan

# Rows of a slice: with all that is made of it on the way, a row takes some 3 kB.
_ROWS = 50_000

PLACE = {"file": pl.String(), "line": pl.Int64(), "original_file": pl.String(), "original_line": pl.Int64(), "unit": pl.String()}
"""Where a pair stands: a file and the number of its row, or a document and its segment (in a run, so for the original), and its
unit, if it is from a localisation file."""

TEXTS = {"row": pl.Int64(), "original": pl.String(), "version": pl.String(), "lang": pl.String(), **PLACE}
"""Columns of `read`: `row` counts on over all files."""

# What a run calls these.
_OF_A_RUN = {"original": "original_text", "version": "text", "lang": "lang", "file": "doc", "line": "n"}
_OF_A_RUN |= {"original_file": "original", "original_line": "original_n", "unit": "unit"}


@dataclass(frozen=True)
class Corpus:
    """A table, its slices, for each file how far `row` runs ahead of an editor's numbers, and what the settings say of `lang`.

    `placed` if the rows hold their places themselves, `documents` if they are sentences of documents.
    """

    table: rows.Source
    slices: tuple[rows.Slice, ...]
    ahead: Mapping[int, int]
    lang: str | None
    placed: bool = False
    documents: bool = False


def opened(paths: Sequence[Path], config: Config, folder: Path, skipped: Callable[[str], None]) -> Corpus:
    """The pairs in the paths, in an order of their own; `folder` takes copies of what cannot be read twice.

    Raises `InputError` for what cannot be read, `NothingToCheck` where no pair is.
    """
    paths = sorted(dict.fromkeys(paths))
    runs = [path for path in paths if (path / RECORD).is_file()]
    if runs and len(runs) < len(paths):
        raise InputError("is a run, and other paths are none", where=str(runs[0]), remedy="look at them one by one")
    if runs:
        several = len({run.resolve().name for run in runs}) == len(runs) > 1
        parts = [_of_run(run, folder / f"run-{number}.parquet", several) for number, run in enumerate(runs)]
        return _copied(parts, config, documents=True)
    if all(path == rows.STDIN or path.suffix.lower() in SUFFIXES for path in paths):
        table, slices = rows.opened(paths, config, folder, _ROWS)
        return Corpus(table, tuple(slices), _ahead(table, slices), config.version_lang)
    return _copied(_of_files(replace(config, paths=tuple(paths)), folder, skipped), config)


def read(corpus: Corpus, piece: rows.Slice) -> pl.DataFrame:
    """`TEXTS` of the rows of a slice that have both texts and are to be judged."""
    frame = rows.read(corpus.table, piece)
    number = pl.int_range(pl.len(), dtype=pl.Int64) + piece.row
    here = {"file": pl.lit(corpus.table.files[piece.file].shown), "line": number - corpus.ahead.get(piece.file, 0)}
    if frame.schema.get("unit") == pl.String:  # as in what `checker pairs` writes
        here["unit"] = pl.col("unit")
    if corpus.placed:
        here = {name: pl.col(name).cast(dtype) for name, dtype in PLACE.items()}
    absent = {name: pl.lit(None, dtype) for name, dtype in PLACE.items() if name not in here}
    texts = {"original": pl.col(corpus.table.original).cast(pl.String), "version": pl.col(corpus.table.version).cast(pl.String)}
    aside = units.stated(frame.schema).get("aside", pl.lit(None, pl.String))
    found = frame.select(row=number, **texts, lang=_lang(corpus), **here, **absent, aside=aside)
    both = pl.all_horizontal(pl.col("original", "version").str.contains(r"\S"))
    return found.filter(pl.col("aside").fill_null("") == "", both).select([*TEXTS])


def _lang(corpus: Corpus) -> pl.Expr:
    """The language of the versions: as the settings say, else the rows."""
    schema = corpus.table.schema
    named = [name for name in schema if name.strip().lower() == LANG and schema[name] == pl.String]
    return pl.lit(corpus.lang, pl.String) if corpus.lang or not named else pl.col(named[0]).str.to_lowercase()


def _ahead(table: rows.Source, slices: Sequence[rows.Slice]) -> dict[int, int]:
    """In a spreadsheet the header is row 1; elsewhere the first row is."""
    first = {piece.file: piece.row for piece in reversed(slices)}
    return {file: row - (2 if table.kind in (".csv", ".tsv") else 1) for file, row in first.items()}


def _of_run(run: Path, part: Path, several: bool) -> Path:
    found = scan(run)
    sentences = own(found.sentences, found.documents).filter(pl.col("text").is_not_null(), pl.col("original_text").is_not_null())
    above = pl.lit(f"{run.resolve().name}/" if several else "")
    named = sentences.with_columns(pl.concat_str(above, name).alias(name) for name in ("doc", "original"))
    named.select(**{new: pl.col(old) for new, old in _OF_A_RUN.items()}).sink_parquet(part)
    return part


def _of_files(config: Config, folder: Path, skipped: Callable[[str], None]) -> list[Path]:
    parts = []
    for number, batch in enumerate(pairs.batches(config, skipped)):
        parts.append(folder / f"read-{number:06}.parquet")
        absent = {name: pl.lit(None, dtype) for name, dtype in PLACE.items() if name not in batch.columns}
        batch.with_columns(**absent).write_parquet(parts[-1])
    if not parts:
        raise NothingToCheck("no pair in the input", where=str(config.paths[0]))
    return parts


def _copied(parts: Sequence[Path], config: Config, *, documents: bool = False) -> Corpus:
    """What was copied into the folder, as a table whose rows say where they are from."""
    settings = replace(config, original_column="original", version_column="version")
    table, slices = rows.found(parts, settings, parts[0].parent, _ROWS)
    return Corpus(table, tuple(slices), {}, config.version_lang, placed=True, documents=documents)
