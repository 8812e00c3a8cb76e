"""Mines a corpus for a pack to review: lines that recur across the pages of one site or edition and not in others.

Pages are read a batch at a time and leave only their lines' hashes and short texts in a temporary folder, where polars counts them.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import polars as pl
import regex

from checker import packs
from checker.batches import Batch, cut
from checker.config import Config
from checker.errors import NothingToCheck
from checker.progress import Progress
from checker.read import list_files, read_file, to_pages
from checker.segment import lines

GROUPINGS = ("folder", "lang", "prefix")
"""What makes a site or edition: the first folder below the corpus, the documents' language, or how their files' names begin."""

# A sentence is the text's even where it recurs (a page and its reprints): as in `ui-chrome`, a line that ends as one does and has
# so many words (characters in Chinese and Japanese), and any line of as many as a label never has.
_ENDS = r"[.!?…。！？؟۔][\"'”’»)\]』」]*$"
_SENTENCE, _DENSE_SENTENCE, _LABEL, _DENSE_LABEL = 8, 18, 25, 60

# A line is a site's own if it is so much rarer on the pages of the others. "Share" is on all: the built-in packs have such lines.
_RARER = 10

# Lines of a group beyond this are hardly reviewed by anybody.
_MOST = 1_000

_LEFT = {"group": pl.String, "lang": pl.String, "key": pl.String, "low": pl.String, "high": pl.String, "pages": pl.UInt32}


@dataclass(frozen=True)
class Mined:
    """Lines to propose (group, lang, text, varies, pages, size), and what they were drawn from: group to its number of pages."""

    lines: pl.DataFrame
    groups: dict[str, int]
    known: int
    """Lines that were left out because the built-in packs hold them."""


def mine(config: Config, by: str, min_pages: int, min_share: float, progress: Progress = lambda _: None) -> Mined:
    """The lines in at least `min_pages` pages of a group, that are at least `min_share` of its pages, and hardly in others.

    Raises `NothingToCheck` where no page could be read.
    """
    batches = cut(list_files(config))
    with tempfile.TemporaryDirectory(prefix="checker-", ignore_cleanup_errors=True) as folder:
        sizes: dict[str, int] = {}
        for n, batch in enumerate(batches):
            progress(f"reading, {n + 1:,} of {len(batches):,} batches")
            counts, found = _read(batch, config, by)
            found.write_parquet(Path(folder) / f"{n:08}.parquet")
            for group, pages in counts.iter_rows():
                sizes[group] = sizes.get(group, 0) + pages
        if not sizes:
            raise NothingToCheck("no page could be read", where=", ".join(map(str, config.paths)))
        progress("counting")
        recurring = _recurring(Path(folder) / "*.parquet", sizes, min_pages, min_share)
    fresh = recurring.filter(~_known(recurring))
    fresh = fresh.sort("group", "lang", "pages", "text", descending=[False, False, True, False])
    return Mined(
        fresh.group_by("group", maintain_order=True).head(_MOST), dict(sorted(sizes.items())), recurring.height - fresh.height
    )


def pack(mined: Mined, corpus: str, by: str) -> str:
    """The lines as a pack, in TOML: an entry for each group and language, every line with its count."""
    groups = len(mined.groups)
    about = [
        f"Lines that recur across the pages of one {'edition' if by == 'lang' else 'site'} and not of others: "
        f"{sum(mined.groups.values()):,} pages in {groups:,} groups by {by}.",
        "To review: delete what is the text's, change `kind` where a line is no chrome, make must_match of the examples.",
    ]
    head = [f"title = {_string(f'Recurring lines of {corpus}')}", 'about = """', *map(_quoted, about), '"""']
    return "\n".join([*head, *_entries(mined), ""])


def _read(batch: Batch, config: Config, by: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The groups of a batch with their number of pages, and each line that may be a label with the number of pages that hold it."""
    pages = to_pages([row for file in batch.files for row in read_file(file, config)])
    read = lines(pages.filter(pl.col("cells").is_null()))
    docs = read.select("doc", lang="doc_lang").unique(maintain_order=True)
    group = pl.col("lang") if by == "lang" else pl.col("doc").map_elements(_folder if by == "folder" else _prefix, pl.String)
    docs = docs.with_columns(group=group)
    edges = r"^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$"
    text = pl.col("text").str.replace_all(r"\s+", " ").str.replace_all(edges, "")
    labels = read.filter(_label()).select("doc", text=text).filter(pl.col("text").str.count_matches(r"\p{L}") >= 2)
    keyed = labels.with_columns(key=pl.col("text").str.replace_all(r"\d+", "0")).join(docs, on="doc")
    found = keyed.group_by("group", "lang", "key").agg(
        low=pl.col("text").min(), high=pl.col("text").max(), pages=pl.col("doc").n_unique()
    )
    return docs.group_by("group").len().sort("group"), found.select(pl.col(name).cast(dtype) for name, dtype in _LEFT.items())


def _folder(doc: str) -> str:
    first, *below = PurePosixPath(doc).parts
    return first if below else "."


def _prefix(doc: str) -> str:
    """How a file's name begins, up to the first digit or mark: `gazette` of `gazette-0012.txt`."""
    return str(regex.split(r"(?<=\p{L}\p{M}*)[^\p{L}\p{M}]", PurePosixPath(doc).name, maxsplit=1)[0])


def _label() -> pl.Expr:
    """True for lines that are no prose."""
    words, chars, ends = (
        pl.col("text").str.count_matches(r"\S+"),
        pl.col("text").str.len_chars(),
        pl.col("text").str.contains(_ENDS),
    )
    dense = pl.col("script").is_in(["Hani", "Jpan"])
    sentence = ends & pl.when(dense).then(chars >= _DENSE_SENTENCE).otherwise(words >= _SENTENCE)
    return ~sentence & pl.when(dense).then(chars <= _DENSE_LABEL).otherwise(words <= _LABEL)


def _recurring(files: Path, sizes: dict[str, int], min_pages: int, min_share: float) -> pl.DataFrame:
    """group, lang, text, varies, pages, size of the lines that recur in a group and hardly in the others."""
    left = pl.scan_parquet(files).with_columns(hash=pl.col("key").hash())
    counts = left.group_by("hash", "group").agg(pl.col("pages").sum())
    counts = counts.with_columns(size=pl.col("group").replace_strict(sizes, return_dtype=pl.UInt32))
    share = pl.col("pages") / pl.col("size")
    often = counts.filter((pl.col("pages") >= min_pages) & (share >= min_share))
    everywhere = left.join(often, on="hash", how="semi").group_by("hash").agg(everywhere=pl.col("pages").sum())
    others = sum(sizes.values()) - pl.col("size")
    own = (pl.col("everywhere") == pl.col("pages")) | ((pl.col("everywhere") - pl.col("pages")) / others * _RARER <= share)
    kept = often.join(everywhere, on="hash").filter(own).select("hash", "group", "size")
    texts = left.join(kept, on=["hash", "group"]).group_by("hash", "group", "key", "size")
    spoken = pl.col("lang").sort_by("pages", "lang", descending=[True, False]).first()
    found = texts.agg(lang=spoken, low=pl.col("low").min(), high=pl.col("high").max(), pages=pl.col("pages").sum())
    named = found.select("group", "lang", "pages", "size", text=pl.col("low"), varies=pl.col("low") != pl.col("high"))
    return named.collect(engine="streaming")


def _known(rows: pl.DataFrame) -> pl.Series:
    """True for lines that an entry of the built-in packs of chrome, bylines and tags holds, in their language."""
    texts, known = rows["text"], [False] * rows.height
    for name in ("ui_chrome", "bylines", "foreign_tags"):
        for entry in packs.builtin(name).entries:
            if entry.where in ("line", "start", "player"):
                held = packs.matched(entry, texts.to_list())
                spoken = [entry.lang in (packs.ANY, lang) or entry.kind == "tag" for lang in rows["lang"]]
                known = [was or (hit and own) for was, hit, own in zip(known, held, spoken, strict=True)]
    return pl.Series(known, dtype=pl.Boolean)


def _entries(mined: Mined) -> Iterator[str]:
    for (group, lang, varies), rows in mined.lines.group_by("group", "lang", "varies", maintain_order=True):
        yield f"\n# {_commented(str(group))}, {lang}: {mined.groups[str(group)]:,} pages in all"
        yield "[[entry]]"
        yield f"lang = {_string(str(lang) if lang in packs.codes() else packs.ANY)}"
        yield 'kind = "chrome"'
        yield 'where = "line"'
        yield "regex = [" if varies else "literal = ["
        for text, pages, size in rows.select("text", "pages", "size").iter_rows():
            yield f"  {_string(_pattern(text) if varies else text)},  # {pages:,} of {size:,} pages"
        yield "]"
        yield f"# must_match = [{', '.join(map(_string, rows['text'].head(3)))}]"
        yield "# must_not_match = []"


def _pattern(text: str) -> str:
    """A regex for the line with any number for each of its numbers."""
    return r"\d+".join(regex.escape(part, special_only=True, literal_spaces=True) for part in regex.split(r"\d+", text))


def _string(text: str) -> str:
    """A TOML string: in single quotes where it holds a backslash and can stand so."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return f'"{_quoted(text)}"'


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain)


def _commented(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def told(mined: Mined, by: str) -> Sequence[str]:
    """What `checker mine` says on stderr: how much was found, from what, and what to try where that is little."""
    pages = sum(mined.groups.values())
    said = [f"{mined.lines.height:,} recurring lines in {len(mined.groups):,} groups by {by}, of {pages:,} pages"]
    if mined.known:
        said.append(f"left out: {mined.known:,} that the built-in packs have")
    if len(mined.groups) == 1:
        others = " or ".join(f"--by {other}" for other in GROUPINGS if other != by)
        said.append(f"all pages are one group, so that no line could be told from other sites' lines; try {others}")
    return said
