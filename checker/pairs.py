"""Pairs of localisation files as a table, of files of any size: a TMX or XLIFF is read as a stream, some units at a time."""

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

import polars as pl

from checker.compressed import inner
from checker.config import Config
from checker.elements import Lines
from checker.errors import InputError, not_written
from checker.formats import tmx, xliff
from checker.read import File, list_files, read_file
from checker.units import Unit, rows

SCHEMA = pl.Schema(
    {
        "original": pl.String,
        "version": pl.String,
        "lang": pl.String,
        "unit": pl.String,
        "aside": pl.String,
        "line": pl.Int64,
        "file": pl.String,
    }
)
"""The columns: both texts, language of the version, the unit, why it is not to be judged (null if it is), its line and file."""

# Units of a batch: some megabytes, whatever the size of the file.
_BATCH = 10_000


def batches(config: Config, skipped: Callable[[str], None]) -> Iterator[pl.DataFrame]:
    """`SCHEMA` of the pairs in `config.paths`, in the order of the files.

    Raises `InputError` for a file that the user named and that is broken or holds none; of one in a folder that is broken, nothing
    is read, and `skipped` is told its path and the reason.
    """
    for file in list_files(config):
        if file.content is None and file.partner is None and inner(file.path) in (*tmx.SUFFIXES, *xliff.SUFFIXES):
            yield from _streamed(file.path, config) if file.named else _whole(file.path, config, skipped)
        else:
            yield from _held(file, config, skipped)


def _held(file: File, config: Config, skipped: Callable[[str], None]) -> Iterator[pl.DataFrame]:
    """The pairs of a file that is read at once."""
    found = read_file(file, config)
    if len(found) == 1 and found[0]["status"] == "skipped":
        skipped(f"{file.path}: {found[0]['reason']}")
    elif found[0].get("role") == "bitext":
        yield from (_of_pages(found[at : at + 2]) for at in range(0, len(found), 2))
    elif file.named:
        lone = None if file.content is None else "--stdin-name de.xlf tells what stdin holds, by its suffix"
        remedy = lone or "pairs are in TMX, XLIFF, PO, tables and the like"
        raise InputError("holds no pairs", where=str(file.path), remedy=remedy)


def _whole(path: Path, config: Config, skipped: Callable[[str], None]) -> Iterator[pl.DataFrame]:
    """The pairs of a file, once it was read to its end: until then they lie in a folder for a while."""
    with TemporaryDirectory(prefix="checker-") as folder:
        parts: list[Path] = []
        try:
            for batch in _streamed(path, config):
                parts.append(Path(folder, f"{len(parts)}.parquet"))
                batch.write_parquet(parts[-1], compression="lz4")
        except InputError as error:
            skipped(str(error))
            return
        except OSError as error:
            raise not_written(error, Path(folder)) from error
        yield from map(pl.read_parquet, parts)


def _streamed(path: Path, config: Config) -> Iterator[pl.DataFrame]:
    with _opened(path) as stream:
        found = _units(Lines(stream), path, config)
        while batch := list(islice(found, _BATCH)):
            yield _table(rows(batch, config.original_lang), path)


def _units(lines: Lines, path: Path, config: Config) -> Iterator[Unit]:
    if inner(path) in tmx.SUFFIXES:
        return tmx.units(lines, str(path), config.original_lang)
    return xliff.units(lines, str(path))


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file, unpacked as it is read."""
    if path.suffix.lower() == ".zst":
        raise InputError("cannot be streamed", where=str(path), remedy="unpack it first, or pack it with gzip")
    try:
        with cast("BinaryIO", gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            yield stream
    except EOFError as error:
        raise InputError("is a compressed file that is cut off", where=str(path), remedy="compress it again") from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error


def _table(found: pl.DataFrame, path: Path) -> pl.DataFrame:
    return found.select("original", "version", "lang", "unit", aside="reason", line="row", file=pl.lit(str(path)))


def _of_pages(found: Sequence[dict[str, object]]) -> pl.DataFrame:
    """The pairs of the two documents that a format gives."""
    version, original = found
    texts = [_cells(page) for page in (original, version)]
    anchors = cast("pl.Series", version["anchors"]).struct.field("line")
    units = cast("pl.Series | None", version.get("units"))
    told = units.struct.unnest() if units is not None else pl.DataFrame({"unit": [None], "reason": [None]}).head(0)
    frame = pl.DataFrame({"original": texts[0], "version": texts[1], "line": anchors})
    return frame.select(
        "original",
        "version",
        pl.lit(version.get("lang"), pl.String).alias("lang"),
        _column(told, "unit", frame.height).alias("unit"),
        _column(told, "reason", frame.height).alias("aside"),
        "line",
        pl.lit(version["path"], pl.String).alias("file"),
    )


def _column(told: pl.DataFrame, name: str, height: int) -> pl.Series:
    return told[name] if told.height else pl.Series([None] * height, dtype=pl.String)


def _cells(page: dict[str, object]) -> list[str]:
    text = cast("str", page["text"])
    return [text[cell["start"] : cell["end"]] for cell in cast("pl.Series", page["cells"]).to_list()]
