"""The ledger: how each name and recurring term of the originals is rendered in each language, where the evidence suffices.

A use of a term is a place in an original's sentence. Where the version's sentence renders it is told, in this order, by the name of
a place in CLDR, by spelling or, across scripts, by sound, by association (words that stand in the sentences that render a term's
and hardly elsewhere: the log-likelihood of Dunning 1993, links made from the surest on, each word once, after Melamed 2000), and
within the original's language by position. Where nothing tells it, the use has no rendering, and nothing is said of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache

import polars as pl
import regex
from babel import Locale, UnknownLocaleError

from checker import frequencies
from checker.endings import bare, parted, related
from checker.languages import UNDETERMINED
from checker.mentions import WITHIN, mentions, singular, tokens
from checker.sounds import likeness, skeleton
from checker.tables import TERMS

# Languages that put no spaces between words.
_UNSPACED = frozenset(("zh", "ja", "th", "lo", "km", "my"))
# Of these, what may render a term: ideographs, a word in kana, a word in Latin letters.
_RUN = regex.compile(r"[\p{Han}々]+(?:[·・][\p{Han}]+)*+|[\p{Katakana}ー]+(?:[・＝=][\p{Katakana}ー]+)*+|[\p{Latin}\p{N}]+")
_READ, _IDEOGRAPHS, _WORDS = 2_000, 8, 3

# Association: sentences that hold both, log-likelihood and Dice's coefficient from which a link is right. FLORES dev into Russian
# and Chinese: of 45 links of three sentences and a Dice of .5 one was wrong (US: dollar), of those of two sentences every third.
_TOGETHER, _LIKELY, _DICE = 3, 20.0, 0.5
# States are named side by side, and CLDR has their names: what else stands for one must stand with it nearly always.
_DICE_OF_PLACES = 0.75
# Pairs of a language that are looked at together, those of one original side by side: names recur in its versions. It bounds
# memory: 72,000 pairs took 1.0 GB in all where 24,000 took 0.8.
_BLOCK = 10_000
# Sentences of one term that are looked at for its associations: more do not change them, and it bounds the work.
_SAMPLE = 100
# A longer unit is preferred if it is nearly as likely: 土耳其 for 土耳.
_NEARLY = 0.9
# A word that is this common in its language (Zipf) ends no rendering: an article, a preposition.
_SMALL = 5.9

# Share of letters, or of consonants in another script, that two spellings of a name have in common.
_SPELLED, _HEARD = 0.7, 0.75
_LATIN = regex.compile(r"\p{Latin}")
# What sounds like a name is none if it is this common in its language (Zipf): Turkey and ذلك, "that", have the same consonants.
_PLAIN = 5.0
# Letters that a name may begin with and another language hear otherwise, or not at all: Hessel, Washington, Geneva.
_UNSURE = "hwyjgcxz"
# With so few consonants they must all be the same: Венеры is heard in Venus, and so would Фазы be.
_SHORT = 3
# Ranks of links: those by names before those by association, which have the log-likelihood.
_BY_PLACE, _BY_SOUND = 3.0e6, 2.0e6
# Two versions of a sentence are read side by side, word by word, if they share this much.
_BESIDE = 0.5

USES = {
    "doc": pl.String(),
    "original": pl.String(),
    "lang": pl.String(),
    "term": pl.String(),
    "kind": pl.String(),
    "rendering": pl.String(),
    "form": pl.String(),
    "start": pl.Int64(),
    "end": pl.Int64(),
    "original_start": pl.Int64(),
    "original_end": pl.Int64(),
    "native": pl.Boolean(),
    "by_name": pl.Boolean(),
}
"""Columns of `uses`: `form` is the version's text from `start` to `end`, `rendering` the commonest form of the same words;
`native` is true where the version is in the original's language, `by_name` where spelling, sound or CLDR tells the rendering."""


def terms(used: pl.DataFrame) -> pl.DataFrame:
    """`tables.TERMS` of what `uses` returns."""
    keys = ["term", "kind", "lang"]
    first = ["doc", "start", "end", "original", "original_start", "original_end"]
    rows = used.sort("doc", "start", "original", "original_start").group_by(*keys, "rendering", maintain_order=True)
    counted = rows.agg(
        pl.len().cast(pl.Int64).alias("count"), pl.col("doc").n_unique().cast(pl.Int64).alias("documents"), pl.col(first).first()
    )
    share = (pl.col("count") / pl.col("count").sum().over(keys)).round(4)
    return TERMS.conform(counted.with_columns(share=share))


def uses(sentences: pl.DataFrame, original_lang: str) -> pl.DataFrame:
    """`USES`: each use of a name or recurring term whose rendering is told, from `tables.SENTENCES`, by document and place."""
    both = sentences.filter(pl.col("text").is_not_null(), pl.col("original_text").is_not_null())
    both = both.select("doc", "original", "lang", "start", "text", "original_start", "original_text").unique(maintain_order=True)
    pairs = both.with_row_index("pair").with_columns(lang=pl.col("lang").fill_null(UNDETERMINED))
    asked = _asked(pairs)
    found = [
        _in_language(
            str(lang), original_lang, block, asked.join(block.select("pair"), on="pair", how="semi", maintain_order="left")
        )
        for lang in pairs["lang"].unique().sort()
        for block in pairs.filter(lang=lang).sort("original", "original_start", "doc", "start", "pair").iter_slices(_BLOCK)
    ]
    if not found:
        return pl.DataFrame(schema=USES)
    told = _grouped(pl.concat(found).join(pairs, on="pair", maintain_order="left"))
    placed = told.with_columns(
        by_name=pl.col("rank") >= _BY_SOUND,
        native=pl.col("lang").is_in([original_lang, UNDETERMINED]),
        start=pl.col("start") + pl.col("from"),
        end=pl.col("start") + pl.col("to"),
        original_end=pl.col("original_start") + pl.col("original_to"),
        original_start=pl.col("original_start") + pl.col("original_from"),
    )
    return placed.select(USES.keys()).sort("doc", "start", "end", "original", "original_start", "term")


def _asked(pairs: pl.DataFrame) -> pl.DataFrame:
    """use, pair, lang, term, kind, original_from, original_to of all uses in the pairs."""
    place = ["original", "original_start", "original_text"]
    originals = pairs.select(place).unique().sort(place).with_row_index("sentence")
    found = mentions(originals.select("sentence", text="original_text")).join(originals, on="sentence", maintain_order="left")
    joined = pairs.select("pair", "lang", *place).join(found, on=place, maintain_order="left_right")
    return joined.with_row_index("use").select("use", "pair", "lang", "term", "kind", original_from="from", original_to="to")


_LINK = {"use": pl.UInt32(), "pair": pl.UInt32(), "from": pl.Int64(), "to": pl.Int64(), "rank": pl.Float64()}


def _in_language(lang: str, original_lang: str, pairs: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """The uses in the versions of a language, with `from` and `to` of the rendering of each that is told."""
    native = lang in (original_lang, UNDETERMINED)
    words = tokens(pairs.select("pair", "text").rename({"pair": "sentence"})).rename({"sentence": "pair"})
    links = [_as_written(asked, words)] if native else [_named(asked, words, lang), _associated(asked, pairs, words, lang)]
    linked = _linked(pl.concat(links))
    if native:
        left = asked.join(linked, on="use", how="anti", maintain_order="left")
        linked = pl.concat([linked, _beside(left, pairs, words, linked)])
    return asked.join(linked.select("use", "from", "to", "rank"), on="use", maintain_order="left").drop("lang")


def _linked(links: pl.DataFrame) -> pl.DataFrame:
    """Of links between uses and places, the surest first, each use and each word once."""
    taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
    done, kept = set(), []
    # A loop: whether a place is free depends on the links before.
    for use, pair, start, end, rank in links.sort(["rank", "use", "from"], descending=[True, False, False]).iter_rows():
        if use not in done and not any(a < end and start < b for a, b in taken[pair]):
            done.add(use)
            taken[pair].append((start, end))
            kept.append((use, pair, start, end, rank))
    return pl.DataFrame(kept, schema=_LINK, orient="row")


# --- names, by place, spelling and sound ----------------------------------------------------------------------------------


def _named(asked: pl.DataFrame, words: pl.DataFrame, lang: str) -> pl.DataFrame:
    names = asked.filter(kind="name")
    spoken = _spoken(names, words, lang)
    by_pair = _by_pair(spoken)
    found = []
    # A loop: likeness takes edit distances, which no expression gives.
    for use, pair, term in names.select("use", "pair", "term").iter_rows():
        for start, end, rank in _heard(term, by_pair.get(pair, ()), lang):
            found.append((use, pair, start, end, rank))
    return pl.DataFrame(found, schema=_LINK, orient="row")


_Word = tuple[int, int, str]


def _by_pair(words: pl.DataFrame) -> dict[int, list[_Word]]:
    found: dict[int, list[_Word]] = defaultdict(list)
    for pair, start, end, word in words.select("pair", "from", "to", "word").iter_rows():
        found[pair].append((start, end, word))
    return found


def _spoken(names: pl.DataFrame, words: pl.DataFrame, lang: str) -> pl.DataFrame:
    """The words of the versions' sentences that hold a name, those of a run without spaces cut where its letters change."""
    held = words.join(names.select("pair").unique(), on="pair", how="semi", maintain_order="left")
    if lang not in _UNSPACED:
        return held
    found = [
        (pair, start + m.start(), start + m.end(), m[0])
        for pair, start, word in held.select("pair", "from", "word").iter_rows()
        for m in _RUN.finditer(word)
    ]
    return pl.DataFrame(found, schema={"pair": pl.UInt32, "from": pl.Int64, "to": pl.Int64, "word": pl.String}, orient="row")


def _heard(term: str, words: Sequence[_Word], lang: str) -> Iterator[tuple[int, int, float]]:
    """Where the words of a sentence name what the term names, and how sure that is."""
    if term in _places(lang):
        yield from ((start, end, _BY_PLACE) for start, end in _placed(_places(lang)[term], words, lang))
    parts = [part for part in term.split() if part not in WITHIN]
    matched = [max(((_alike(part, word[2], lang), n) for n, word in enumerate(words)), default=(0.0, 0)) for part in parts]
    if matched and all(score > 0 for score, _ in matched):
        at = sorted({n for _, n in matched})
        if len(at) == len(parts) and at[-1] - at[0] <= len(parts):
            yield words[at[0]][0], words[at[-1]][1], _BY_SOUND + min(score for score, _ in matched)


def _placed(place: str, words: Sequence[_Word], lang: str) -> Iterator[tuple[int, int]]:
    """Where a sentence has the name of a place, each of its words in whatever form."""
    if lang in _UNSPACED:
        found = ((start, word.find(place)) for start, _, word in words)
        yield from ((start + at, start + at + len(place)) for start, at in found if at >= 0)
        return
    parts = place.split()
    for at in range(len(words) - len(parts) + 1):
        span = words[at : at + len(parts)]
        if all(related(word[2].lower(), part, lang) for part, word in zip(parts, span, strict=True)):
            yield span[0][0], span[-1][1]


@lru_cache(maxsize=262144)
def _alike(name: str, word: str, lang: str) -> float:
    """How alike a word of a name and a word of a version are, 0 below what makes them the same."""
    cased = word.lower() != word.upper()
    if cased and not word[0].isupper() and name[0].isupper():
        return 0.0
    if word[:1].isascii() or _LATIN.match(word):
        if name.lower() == word.lower():
            return 1.0
        if min(len(name), len(word)) < 4 or name.isupper():
            return 0.0
        ratio = SequenceMatcher(None, name.lower(), word.lower(), autojunk=False).ratio()
        return ratio if ratio >= _SPELLED and name[0].lower() == word[0].lower() else 0.0
    if name.isupper():
        return 0.0
    alike = max(_sounding(name, part, 2 if cased else 3) for part in parted(word.lower(), lang))
    return 0.0 if alike > 0 and _common(word, lang) else alike


def _sounding(name: str, word: str, fewest: int) -> float:
    """How alike a name and a word in another script sound, 0 below what makes them the same."""
    ours, theirs = skeleton(name), skeleton(word)
    if min(len(ours), len(theirs)) < fewest or (ours[0] != theirs[0] and name[0].lower() not in _UNSURE):
        return 0.0
    alike = likeness(name, word)
    return alike if alike == 1 or (alike >= _HEARD and min(len(ours), len(theirs)) > _SHORT) else 0.0


def _common(word: str, lang: str) -> bool:
    """True for a word that a language uses too often to be a name."""
    return lang in _listed() and bool(frequencies.known(pl.Series([word]), lang).item() >= _PLAIN)


@cache
def _places(lang: str) -> dict[str, str]:
    """English names of states and regions to those in another language, in small letters."""
    english = Locale.parse("en").territories
    try:
        own = Locale.parse(lang).territories
    except (UnknownLocaleError, ValueError):
        return {}
    return {name: str(own[code]).lower() for code, name in english.items() if code in own and own[code] != name}


# --- association ----------------------------------------------------------------------------------------------------------


def _associated(asked: pl.DataFrame, pairs: pl.DataFrame, words: pl.DataFrame, lang: str) -> pl.DataFrame:
    """Links to what stands in the sentences that render a term's, and hardly elsewhere."""
    # What is said in many copies is said once.
    known = pairs.unique(["original_text", "text"], keep="first", maintain_order=True).select("pair")
    seen = asked.join(known, on="pair", how="semi", maintain_order="left").with_columns(nth=pl.int_range(pl.len()).over("term"))
    seen = seen.filter(pl.col("nth") < _SAMPLE, pl.len().over("term") >= _TOGETHER)
    units = _units(pairs, words, lang)
    sure = _sure(seen, units.join(known, on="pair", how="semi"), known.height, list(_places(lang)))
    told = asked.select("use", "pair", "term").join(sure, on="term").join(units, on=["pair", "unit"])
    return told.select("use", "pair", "from", "to", rank=pl.col("llr") + pl.col("unit").str.len_chars() / 1000)


def _sure(seen: pl.DataFrame, units: pl.DataFrame, total: int, places: Sequence[str]) -> pl.DataFrame:
    """term, unit, llr of the pairs of a term and a unit that are associated; of a term's best, the longest."""
    use, unit = seen.select("pair", "term").unique(), units.select("pair", "unit").unique()
    together = use.join(unit, on="pair").group_by("term", "unit").len("both").filter(pl.col("both") >= _TOGETHER)
    counted = together.join(use.group_by("term").len("ours"), on="term").join(unit.group_by("unit").len("theirs"), on="unit")
    both, ours, theirs = (pl.col(name).cast(pl.Float64) for name in ("both", "ours", "theirs"))
    rated = counted.with_columns(llr=_likelihood(both, ours, theirs, float(total)))
    dice = 2 * pl.col("both") / (pl.col("ours") + pl.col("theirs"))
    least = pl.when(pl.col("term").is_in(places)).then(_DICE_OF_PLACES).otherwise(_DICE)
    likely = rated.filter(pl.col("llr") >= _LIKELY, dice >= least)
    return likely.filter(pl.col("llr") >= _NEARLY * pl.col("llr").max().over("term")).select("term", "unit", "llr")


def _likelihood(both: pl.Expr, ours: pl.Expr, theirs: pl.Expr, total: float) -> pl.Expr:
    """Dunning's log-likelihood ratio of two things that stand in `ours` and `theirs` of `total` sentences, in `both` together."""
    cells = [
        (both, ours * theirs),
        (ours - both, ours * (total - theirs)),
        (theirs - both, (total - ours) * theirs),
        (total - ours - theirs + both, (total - ours) * (total - theirs)),
    ]
    told = [pl.when(seen > 0).then(seen * (seen * total / expected).log()).otherwise(0.0) for seen, expected in cells]
    return pl.when(both * total > ours * theirs).then(2 * pl.sum_horizontal(told)).otherwise(0.0)


def _units(pairs: pl.DataFrame, words: pl.DataFrame, lang: str) -> pl.DataFrame:
    """pair, from, to, unit: what may render a term: up to three words, or six ideographs."""
    if lang in _UNSPACED:
        return _ideographs(pairs)
    distinct = words.select(low=pl.col("low").unique().sort())
    stems = pl.Series("stem", [_stem(low, lang) for low in distinct["low"]], dtype=pl.String)
    small = pl.Series("small", [_small(low, lang) for low in distinct["low"]], dtype=pl.Boolean)
    words = words.join(distinct.with_columns(stems, small), on="low", how="left", maintain_order="left")
    return pl.concat(_grams(words, size) for size in range(1, _WORDS + 1))


def _small(low: str, lang: str) -> bool:
    """True for one of a language's commonest words, an article or a preposition."""
    return low in _smallest(lang)


@cache
def _smallest(lang: str) -> frozenset[str]:
    if lang not in _listed():
        return frozenset()
    frequent = pl.Series(frequencies.frequent(lang), dtype=pl.String)
    return frozenset(frequent.filter(frequencies.known(frequent, lang) >= _SMALL))


@cache
def _listed() -> frozenset[str]:
    from wordfreq import available_languages  # noqa: PLC0415 -- 0.1 s to import

    return frozenset(available_languages("best")) | {"no"}


def _grams(words: pl.DataFrame, size: int) -> pl.DataFrame:
    """Units of so many words, none of them at the edges a small one."""
    near = [pl.col("gap").shift(-n).over("pair").is_in([" ", "-", "\u00a0", "’", "'", "-"]) for n in range(1, size)]
    unit = pl.concat_str([pl.col("stem").shift(-n).over("pair") for n in range(size)], separator=" ")
    edges = ~pl.col("small") & ~pl.col("small").shift(1 - size).over("pair")
    fit = pl.all_horizontal([edges, *near])
    return words.select("pair", "from", to=pl.col("to").shift(1 - size).over("pair"), unit=pl.when(fit).then(unit)).drop_nulls()


@lru_cache(maxsize=262144)
def _stem(low: str, lang: str) -> str:
    """A word's beginning, which its forms share."""
    word = bare(low, lang)
    return word[:5] if len(word) > 6 else word[:4]


def _ideographs(pairs: pl.DataFrame) -> pl.DataFrame:
    found = [
        (pair, m.start() + at, m.start() + end, m[0][at:end])
        for pair, text in pairs.select("pair", "text").iter_rows()
        for m in _RUN.finditer(text[:_READ])
        for at, end in _cuts(m[0])
    ]
    return pl.DataFrame(found, schema={"pair": pl.UInt32, "from": pl.Int64, "to": pl.Int64, "unit": pl.String}, orient="row")


def _cuts(run: str) -> Iterator[tuple[int, int]]:
    if not regex.match(r"[\p{Han}々]", run):
        yield 0, len(run)
        return
    yield from ((at, at + size) for size in range(2, _IDEOGRAPHS + 1) for at in range(len(run) - size + 1))


# --- versions in the original's language ----------------------------------------------------------------------------------


def _as_written(asked: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Links to the same words, one after the other."""
    words = words.with_columns(plain=singular(words["low"].str.replace(r"['’]s?$", "")))
    grams = []
    sizes = asked["term"].str.count_matches(" ").unique().sort().to_list()
    for size in sizes:
        near = [pl.col("gap").shift(-n).over("pair") == " " for n in range(1, size + 1)]
        parts = [pl.col("low").shift(-n).over("pair") for n in range(size)] + [pl.col("plain").shift(-size).over("pair")]
        unit = pl.when(pl.all_horizontal([pl.lit(value=True), *near])).then(pl.concat_str(parts, separator=" "))
        grams.append(words.select("pair", "from", pl.col("to").shift(-size).over("pair"), unit=unit).drop_nulls())
    if not grams:
        return pl.DataFrame(schema=_LINK)
    units = pl.concat(grams).with_columns(nth=pl.int_range(pl.len()).over("pair", "unit"))
    wanted = asked.with_columns(unit=_plain(asked["term"])).with_columns(nth=pl.int_range(pl.len()).over("pair", "unit"))
    found = wanted.join(units, on=["pair", "unit", "nth"], maintain_order="left")
    return found.select("use", "pair", "from", "to", rank=_BY_SOUND + pl.col("unit").str.len_chars())


def _plain(terms_: pl.Series) -> pl.Series:
    low = terms_.str.to_lowercase()
    ahead, last = low.str.extract("^(.* )"), low.str.extract("([^ ]*)$")
    return pl.select(pl.concat_str(ahead.fill_null(""), singular(last))).to_series()


def _beside(left: pl.DataFrame, pairs: pl.DataFrame, words: pl.DataFrame, linked: pl.DataFrame) -> pl.DataFrame:
    """Links of what is not there as it was written: a name spelled otherwise, or what stands in the term's place."""
    by_pair = _by_pair(words.join(left.select("pair").unique(), on="pair", how="semi", maintain_order="left"))
    texts = dict(pairs.join(left.select("pair").unique(), on="pair", how="semi").select("pair", "original_text").iter_rows())
    found = []
    for use, pair, term, kind, start, end in left.select("use", "pair", "term", "kind", "original_from", "original_to").iter_rows():
        held = by_pair.get(pair, [])
        spelled = _misspelt(term, held) if kind == "name" else None
        near = spelled or _instead(texts[pair], (start, end), tuple(held))
        if near is not None:
            found.append((use, pair, *near, _BY_SOUND if spelled else 1.0))
    # What is linked stays so, whatever else would take its place.
    links = pl.concat([linked.with_columns(rank=pl.lit(_BY_PLACE)), pl.DataFrame(found, schema=_LINK, orient="row")])
    return _linked(links).filter(pl.col("use").is_in(left["use"].implode()))


def _misspelt(term: str, words: Sequence[_Word]) -> tuple[int, int] | None:
    parts = term.split()
    for at in range(len(words) - len(parts) + 1):
        span = words[at : at + len(parts)]
        if all(_alike(part, regex.sub("['’]s?$", "", word[2]), "en") for part, word in zip(parts, span, strict=True)):
            return span[0][0], span[-1][1]
    return None


def _instead(original: str, span: tuple[int, int], words: tuple[_Word, ...]) -> tuple[int, int] | None:
    """What stands between the same words in the version."""
    ours = _split(original)
    inside = [n for n, (start, end, _) in enumerate(ours) if start >= span[0] and end <= span[1] + 2]
    if not inside:
        return None
    matcher = SequenceMatcher(None, [w.lower() for _, _, w in ours], [w.lower() for _, _, w in words], autojunk=False)
    if matcher.ratio() < _BESIDE:
        return None
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "replace" and a == inside[0] and b == inside[-1] + 1 and d - c <= b - a + 1:
            kept = [word for word in words[c:d] if not _small(word[2].lower(), "en")]
            return (kept[0][0], kept[-1][1]) if kept else None
    return None


@lru_cache(maxsize=4096)
def _split(text: str) -> tuple[_Word, ...]:
    frame = tokens(pl.DataFrame({"sentence": [0], "text": [text]}, schema={"sentence": pl.UInt32, "text": pl.String}))
    return tuple(frame.select("from", "to", "word").iter_rows())


# --- forms ----------------------------------------------------------------------------------------------------------------


def _grouped(told: pl.DataFrame) -> pl.DataFrame:
    """The uses with `form`, and `rendering`: of the forms that are forms of one another, the commonest."""
    told = told.with_columns(form=pl.col("text").str.slice(pl.col("from"), pl.col("to") - pl.col("from")))
    told = told.with_columns(form=pl.col("form").str.replace(r"['’]s?$", ""))
    told = told.with_columns(to=pl.col("from") + pl.col("form").str.len_chars())
    keys = ["lang", "term", "kind"]
    counts = (
        told.group_by(*keys, "form")
        .agg(pl.len(), spelled=(pl.col("rank") >= _BY_SOUND).any())
        .sort(*keys, "len", "form", descending=[False, False, False, True, False])
    )
    heads: dict[tuple[str, ...], list[str]] = defaultdict(list)
    chosen = []
    for lang, term, kind, form, spelled in counts.select(*keys, "form", "spelled").iter_rows():
        known = heads[lang, term, kind]
        # An adjective made of a name, in small letters where the script has them, changes as words do.
        name = kind == "name" and spelled and not form[:1].islower() and not (_ADJECTIVE.search(term) and term not in _places(lang))
        head = next((head for head in known if _same(form, head, lang, name=name)), None)
        if head is None:
            known.append(form)
        chosen.append(head or form)
    table = counts.with_columns(rendering=pl.Series(chosen, dtype=pl.String)).drop("len", "spelled")
    return told.join(table, on=[*keys, "form"], how="left", maintain_order="left")


# An adjective that is written with a capital: Olympic, African.
_ADJECTIVE = regex.compile(r"^\p{L}+(?:ic|ish|ese|ian|ean|can)$")
# An ending that is written behind an apostrophe: Ankara'da; not what is elided before one, as in l'eau.
_ENDED = regex.compile(r"(?<=\p{L}{3})['’]\p{L}+")


def _same(form: str, head: str, lang: str, *, name: bool) -> bool:
    """Whether two renderings hold the same words, one of them perhaps with more, in whatever form."""
    if lang in _UNSPACED:
        return form in head or head in form
    ours, theirs = (regex.findall(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*", _ENDED.sub("", text).lower()) for text in (form, head))
    fewer, more = sorted((ours, theirs), key=len)
    if not name and {_stem(word, lang) for word in fewer} <= {_stem(word, lang) for word in more}:
        return bool(fewer)
    return bool(fewer) and all(
        any(related(word, other, lang, name=name) or _derived(word, other) for other in more) for word in fewer
    )


def _derived(word: str, other: str) -> bool:
    """Whether one word is the other with an ending more: Italien, Italienerne; not Brightmoor, Brightmore."""
    shared = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    return shared >= max(4, min(len(word), len(other)) - 2) and abs(len(word) - len(other)) >= 2
