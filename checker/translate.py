"""Translates back: every segment that is not in the target language gets its translation, or the reason why it has none."""

import logging
from collections.abc import Sequence

import polars as pl

from checker.config import Config
from checker.engines import Engine, Translation
from checker.errors import EngineError
from checker.languages import UNDETERMINED
from checker.registry import components
from checker.tables import NOT_THE_TEXT, SEGMENTS

AUTO = ("recorded", "argos", "apertium")
"""Order in which the engine `auto` asks: what is known before what is guessed, the better models first."""

_SAME_IN_ANY_LANGUAGE = r"https?://\S+|www\.\S+|\S+@\S+"

_ANSWERS = {"source": pl.String, "text": pl.String, "back": pl.String, "engine": pl.String, "back_reason": pl.String}

_log = logging.getLogger(__name__)


def load_engines(config: Config) -> list[Engine]:
    """The engines to ask, in order: the one that `config.engine` names, which must load, or those of `AUTO` that do."""
    drawer = components("engines")
    if config.engine != "auto":
        return [drawer[config.engine].load(config)]
    engines: list[Engine] = []
    for name in AUTO:
        try:
            engines.append(drawer[name].load(config))
        except EngineError as error:
            if name == "recorded" and config.memory is not None:
                raise  # a memory that the user named must be read
            _log.info("engine %s left out: %s", name, error)
    return engines


def translate(segments: pl.DataFrame, engines: Sequence[Engine], target: str) -> pl.DataFrame:
    """`tables.SEGMENTS` with `back` and `engine`, or `back_reason`, in every row that needs a back-translation.

    None is needed, and all three stay null, where a segment is in the target language, is chrome, a tag or a duplicate, or has no
    word to translate (digits, punctuation, addresses), so that its text can be compared as it is; nor where neither its language
    nor its document's is known. Each text is translated once, however often it stands in the corpus, by the first engine that
    serves its language and has a translation. An engine that fails costs no more than its own translations.
    """
    rows = SEGMENTS.check(segments).with_columns(source=_source(target)).drop("back", "engine", "back_reason")
    distinct = rows.select("source", "text").drop_nulls("source").unique().sort("source", "text")
    answers = [_language(texts, engines, target) for texts in distinct.partition_by("source", maintain_order=True)]
    known = pl.concat([pl.DataFrame(schema=_ANSWERS), *answers])
    return SEGMENTS.check(rows.join(known, on=["source", "text"], how="left", maintain_order="left"))


def _source(target: str) -> pl.Expr:
    """Language to translate a segment from; null where it needs no translation."""
    language = pl.when(pl.col("lang") == UNDETERMINED).then("doc_lang").otherwise("lang")
    foreign = language.is_not_null() & ~language.is_in([target, UNDETERMINED])
    words = pl.col("text").str.replace_all(_SAME_IN_ANY_LANGUAGE, " ").str.contains(r"\p{L}")
    kept = ~pl.col("kind").is_in(NOT_THE_TEXT).fill_null(value=False)
    return pl.when(foreign & words & kept).then(language)


def _language(texts: pl.DataFrame, engines: Sequence[Engine], target: str) -> pl.DataFrame:
    """`_ANSWERS` for the distinct texts of one language."""
    source = texts["source"][0]
    serving = [engine for engine in engines if engine.describe(source, target)]
    nobody = None if serving else f"no engine {source}→{target}"
    answers = [Translation(reason=nobody) for _ in range(texts.height)]
    for engine in serving:
        open_rows = [row for row, answer in enumerate(answers) if answer.text is None]
        if open_rows:
            given = _ask(engine, [texts["text"][row] for row in open_rows], source, target)
            for row, answer in zip(open_rows, given, strict=True):
                answers[row] = _either(answers[row], answer)
    columns = {"back": [answer.text for answer in answers], "engine": [answer.engine for answer in answers]}
    reasons = [answer.reason for answer in answers]
    return texts.with_columns(*(pl.Series(name, values, pl.String) for name, values in {**columns, "back_reason": reasons}.items()))


def _ask(engine: Engine, texts: Sequence[str], source: str, target: str) -> list[Translation]:
    """As many answers as texts, whatever the engine does; reasons begin with its name."""
    try:
        given = engine.translate(texts, source, target)
    except EngineError as error:
        return [Translation(reason=f"{engine.name}: {error.problem}") for _ in texts]
    if len(given) != len(texts):
        return [Translation(reason=f"{engine.name}: returned {len(given)} texts for {len(texts)}") for _ in texts]
    return [_named(answer, engine.name) for answer in given]


def _named(answer: Translation, name: str) -> Translation:
    if answer.text is not None and answer.text.strip():
        return Translation(answer.text, answer.engine or name)
    return Translation(reason=f"{name}: {answer.reason or 'gave nothing'}")


def _either(before: Translation, after: Translation) -> Translation:
    """The translation if there is one, else both reasons."""
    if after.text is not None or before.reason is None:
        return after
    return Translation(reason=f"{before.reason}; {after.reason}")
