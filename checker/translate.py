"""Translates back: every segment that is not in the target language gets its translation, or the reason why it has none.

No translation is trusted blindly: one that a guard objects to (`checker.guards`) is made again with safer parameters, where the
engine has some, and where that does not help there is none, with what was objected to as the reason.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from checker import guards, store
from checker.config import Config
from checker.engines import Engine, Translation
from checker.errors import EngineError
from checker.languages import UNDETERMINED
from checker.placeholders import masked
from checker.progress import Progress, Rate, quiet
from checker.registry import component
from checker.store import Kept
from checker.tables import NOT_THE_TEXT, SEGMENTS

AUTO = ("recorded", "argos", "apertium", "libretranslate")
"""Order in which the engine `auto` asks: what is known before what is guessed, the better models first, the network last."""

_SAME_IN_ANY_LANGUAGE = r"https?://\S+|www\.\S+|\S+@\S+"

_ANSWERS = {
    "source": pl.String,
    "text": pl.String,
    "back": pl.String,
    "engine": pl.String,
    "back_reason": pl.String,
    "back_score": pl.Float64,
    "unknown": pl.String,
}

_log = logging.getLogger(__name__)


def load_engines(config: Config) -> list[Engine]:
    """The engines to ask, in order: the one that `config.engine` names, which must load, or those of `AUTO` that do.

    With `config.cache`, what they make is kept in the user's cache folder and not asked for again.
    """
    if config.engine != "auto":
        return _kept([component("engines", config.engine).load(config)], config)
    engines: list[Engine] = []
    for name in AUTO:
        try:
            engines.append(component("engines", name).load(config))
        except EngineError as error:
            if name == "recorded" and config.memory is not None:
                raise  # a memory that the user named must be there
            named = {"argos": config.packages, "libretranslate": config.libretranslate_url}.get(name)
            _log.log(logging.WARNING if named else logging.INFO, "engine %s left out: %s", name, error)
    return _kept(engines, config)


def _kept(engines: Sequence[Engine], config: Config) -> list[Engine]:
    kept = store.default()
    return [Kept(engine, kept) if config.cache else engine for engine in engines]


def translate(segments: pl.DataFrame, engines: Sequence[Engine], target: str, progress: Progress = quiet) -> pl.DataFrame:
    """`tables.SEGMENTS` with `back` and what is known of it, or `back_reason`, in every row that needs a back-translation.

    None is needed, and all these stay null, where a segment is in the target language, is chrome, a tag or a duplicate, or has no
    word to translate (digits, punctuation, addresses), so that its text can be compared as it is; nor where neither its language
    nor its document's is known. See `translated` for who is asked.
    """
    rows = SEGMENTS.check(segments).with_columns(source=source_of(target)).drop([*_ANSWERS][2:])
    known = translated(rows.select("source", "text").drop_nulls("source"), engines, target, progress)
    return SEGMENTS.check(rows.join(known, on=["source", "text"], how="left", maintain_order="left"))


def translated(texts: pl.DataFrame, engines: Sequence[Engine], target: str, progress: Progress = quiet) -> pl.DataFrame:
    """back, engine, back_reason, back_score and unknown of each distinct `source` and `text`, by language and length.

    Each text is translated once, however often it stands there, by the first engine that serves its language and has a translation
    to which no guard objects. An engine that fails costs no more than its own translations. What it is given at a time depends on
    the texts alone, not on what has been translated before.
    """
    distinct = texts.select("source", "text").unique().sort("source", pl.col("text").str.len_bytes(), "text")
    rate = Rate(progress, "translating back", distinct.height, "texts")
    parts = distinct.partition_by("source", maintain_order=True)
    made = [_Language(part["source"][0], target, rate).answered(part, engines) for part in parts]
    return pl.concat([pl.DataFrame(schema=_ANSWERS), *made])


def source_of(target: str) -> pl.Expr:
    """Language to translate a segment from; null where it needs no translation."""
    language = pl.when(pl.col("lang") == UNDETERMINED).then("doc_lang").otherwise("lang")
    foreign = language.is_not_null() & ~language.is_in([target, UNDETERMINED])
    kept = ~pl.col("kind").is_in(NOT_THE_TEXT).fill_null(value=False)
    return pl.when(foreign & needs_translation(pl.col("text")) & kept).then(language)


def needs_translation(text: pl.Expr) -> pl.Expr:
    """True where a text has a word that is not the same in any language, as an address or a placeholder is."""
    return text.map_batches(masked, pl.String).str.replace_all(_SAME_IN_ANY_LANGUAGE, " ").str.contains(r"\p{L}")


@dataclass(frozen=True)
class _Language:
    """The texts of one language on their way through the engines."""

    source: str
    target: str
    rate: Rate

    def answered(self, texts: pl.DataFrame, engines: Sequence[Engine]) -> pl.DataFrame:
        """`_ANSWERS` for distinct texts."""
        serving = [engine for engine in engines if engine.describe(self.source, self.target)]
        nobody = None if serving else f"no engine {self.source}→{self.target}"
        answers = [Translation(reason=nobody)] * texts.height
        for engine in serving:
            open_rows = [row for row, answer in enumerate(answers) if answer.text is None]
            given = self._asked(engine, [texts["text"][row] for row in open_rows])
            for row, answer in zip(open_rows, given, strict=True):
                answers[row] = _either(answers[row], answer)
        self.rate.add(sum(answer.text is None for answer in answers))
        return _frame(texts, answers)

    def _asked(self, engine: Engine, texts: Sequence[str]) -> list[Translation]:
        """As many answers as texts, whatever the engine does; those without a text have its name before their reason."""
        answers: list[Translation] = []
        for at in range(0, len(texts), engine.batch):
            answers += self._trusted(engine, texts[at : at + engine.batch])
            self.rate.add(sum(answer.text is not None for answer in answers[at:]))
        return answers

    def _trusted(self, engine: Engine, texts: Sequence[str]) -> list[Translation]:
        """The answers to which no guard objects; for the others, what the engine's safer parameters give, if that is better."""
        answers = self._guarded(engine, texts)
        doubtful = [row for row, answer in enumerate(answers) if answer.text is None]
        safer = engine.safer() if doubtful else None
        if safer:
            for row, again in zip(doubtful, self._guarded(safer, [texts[row] for row in doubtful]), strict=True):
                answers[row] = answers[row] if again.text is None else again
        return answers

    def _guarded(self, engine: Engine, texts: Sequence[str]) -> list[Translation]:
        answers = _ask(engine, texts, self.source, self.target)
        made = [row for row, answer in enumerate(answers) if answer.text is not None]
        if not made:
            return answers
        frame = pl.DataFrame({"source": pl.Series([self.source] * len(texts), dtype=pl.String), "text": pl.Series(texts)})
        given = _frame(frame, answers).drop_nulls("back").rename({"back_score": "score"})
        objections = guards.objections(given, self.target)
        for row, objection in zip(made, objections, strict=True):
            if objection is not None:
                answers[row] = Translation(reason=f"{engine.name}: {objection}")
        return answers


def _ask(engine: Engine, texts: Sequence[str], source: str, target: str) -> list[Translation]:
    try:
        given = engine.translate(texts, source, target)
    except EngineError as error:
        return [Translation(reason=f"{engine.name}: {error.problem}") for _ in texts]
    if len(given) != len(texts):
        return [Translation(reason=f"{engine.name}: returned {len(given)} texts for {len(texts)}") for _ in texts]
    return [_named(answer, engine.name) for answer in given]


def _named(answer: Translation, name: str) -> Translation:
    if answer.text is not None and answer.text.strip():
        return answer if answer.engine else replace(answer, engine=name)
    return Translation(reason=f"{name}: {answer.reason or 'gave nothing'}")


def _either(before: Translation, after: Translation) -> Translation:
    """The translation if there is one, else both reasons."""
    if after.text is not None or before.reason is None:
        return after
    return Translation(reason=f"{before.reason}; {after.reason}")


def _frame(texts: pl.DataFrame, answers: Sequence[Translation]) -> pl.DataFrame:
    columns: dict[str, list[Any]] = {
        "back": [answer.text for answer in answers],
        "engine": [answer.engine for answer in answers],
        "back_reason": [answer.reason for answer in answers],
        "back_score": [None if answer.score is None else round(answer.score, 4) for answer in answers],
        "unknown": [" ".join(answer.unknown) or None for answer in answers],
    }
    return texts.with_columns(*(pl.Series(name, values, _ANSWERS[name]) for name, values in columns.items()))
