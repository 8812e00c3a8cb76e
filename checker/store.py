"""Translations that were made before: an SQLite file in the user's cache folder, which several runs may use at a time.

A translation is found by a digest of the engine's signature (name, versions, digests of models, parameters), the languages and the
text. What an engine gave for one call is kept in one transaction, so that a run that is killed goes on where it was. The file is a
convenience: what is wrong with it is told, and costs time, never the run. A damaged one is set aside.
"""

import hashlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import polars as pl

from checker import cache
from checker.engines import Engine, Translation

FILE = "translations.sqlite"

# Version of the file's layout; another one's file is set aside.
_LAYOUT = 1

# Seconds to wait for another run that writes.
_PATIENCE, _PAUSE = 30.0, 0.05

# Keys in a query: SQLite takes 999 everywhere.
_KEYS = 900

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS engines (id INTEGER PRIMARY KEY, name TEXT NOT NULL, signature TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS translations (
    key BLOB PRIMARY KEY, engine INTEGER NOT NULL, text TEXT NOT NULL, said_by TEXT, score REAL, unknown TEXT
) WITHOUT ROWID;
PRAGMA user_version = {_LAYOUT};
"""

_log = logging.getLogger(__name__)

_Value = TypeVar("_Value")


@dataclass
class Store:
    """The file, opened when it is first needed; without it (`usable` is false) nothing is found and nothing kept."""

    path: Path
    usable: bool = True
    _connection: sqlite3.Connection | None = field(default=None, repr=False)

    def find(self, keys: Sequence[bytes]) -> dict[bytes, Translation]:
        """The translations that are kept under the keys."""
        return self._guarded(lambda db: dict(_found(db, keys))) or {}

    def keep(self, name: str, signature: str, translations: Iterable[tuple[bytes, Translation]]) -> None:
        """Keeps them, all or none; one that another run has kept meanwhile stands."""
        rows = [(key, *_row(translation)) for key, translation in translations]
        self._guarded(lambda db: _insert(db, name, signature, rows))

    def stats(self) -> pl.DataFrame:
        """name, signature, translations (how many) and bytes of each engine, by name and signature."""
        rows = self._guarded(lambda db: db.execute(_STATS).fetchall()) or []
        schema = {"name": pl.String, "signature": pl.String, "translations": pl.Int64, "bytes": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def clear(self, name: str | None) -> int:
        """Forgets the translations of the engine of this name, or all, and what was set aside; returns how many."""
        if name is None:
            for aside in self.path.parent.glob(f"{self.path.name}.damaged-*"):
                aside.unlink(missing_ok=True)
        return self._guarded(lambda db: _deleted(db, name)) or 0

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _guarded(self, work: Callable[[sqlite3.Connection], _Value]) -> _Value | None:
        """What the work returns; None, told once, where the file cannot be used."""
        for _ in range(2):
            if not self.usable:
                return None
            try:
                return work(self._opened())
            except sqlite3.OperationalError as error:  # locked, full, read-only, no folder
                self._give_up(f"{error}: translations are not kept in this run")
            except sqlite3.DatabaseError as error:
                self._set_aside(error)
        return None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            with suppress(OSError):  # SQLite tells it
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            layout = self._connection.execute("PRAGMA user_version").fetchone()[0]
            if layout not in (0, _LAYOUT):
                raise sqlite3.DatabaseError(f"layout {layout}, not {_LAYOUT}")
            _write_ahead(self._connection)
            # Safe against a process that is killed; a power cut may cost the last transactions, which are made again.
            self._connection.execute("PRAGMA synchronous = NORMAL")
            if not layout:
                self._connection.executescript(_SCHEMA)
        return self._connection

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        self.close()
        aside = self.path.with_name(f"{self.path.name}.damaged-{os.getpid()}")
        _log.warning("%s cannot be read (%s); it is set aside as %s", self.path, error, aside.name)
        try:
            self.path.replace(aside)
            for suffix in ("-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        except OSError as problem:
            self._give_up(f"it cannot be set aside: {problem}")

    def _give_up(self, problem: str) -> None:
        self.close()
        self.usable = False
        _log.warning("%s: %s", self.path, problem)


_STATS = """
SELECT name, signature, COUNT(*), SUM(LENGTH(key) + LENGTH(CAST(text AS BLOB)))
FROM translations JOIN engines ON engines.id = translations.engine GROUP BY engines.id ORDER BY name, signature
"""


@dataclass(frozen=True)
class Kept:
    """An engine whose translations are kept in a store, and asked for only once."""

    engine: Engine
    store: Store

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def batch(self) -> int:
        return self.engine.batch

    def describe(self, source: str, target: str) -> str | None:
        return self.engine.describe(source, target)

    def signature(self, source: str, target: str) -> str | None:
        return self.engine.signature(source, target)

    def safer(self) -> "Kept | None":
        safer = self.engine.safer()
        return Kept(safer, self.store) if safer else None

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        signature = self.signature(source, target)
        if signature is None:
            return self.engine.translate(texts, source, target)
        keys = [_key(signature, source, target, text) for text in texts]
        known = self.store.find(keys)
        missing = [place for place, key in enumerate(keys) if key not in known]
        if not missing:
            return [known[key] for key in keys]
        given = self.engine.translate([texts[place] for place in missing], source, target)
        if len(given) != len(missing):
            return given  # no answer can be told to belong to a text
        made = {keys[place]: translation for place, translation in zip(missing, given, strict=True)}
        # A failure may be of the hour, and is not kept.
        self.store.keep(self.name, signature, ((key, one) for key, one in made.items() if one.text is not None))
        known = {**made, **known, **self.store.find([*made])}  # what another run has kept meanwhile stands in this one too
        return [known[key] for key in keys]


def default() -> Store:
    """The store in the user's cache folder."""
    return Store(cache.folder() / FILE)


def _key(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _row(translation: Translation) -> tuple[object, ...]:
    unknown = json.dumps(translation.unknown, ensure_ascii=False) if translation.unknown else None
    return translation.text, translation.engine, translation.score, unknown


def _write_ahead(db: sqlite3.Connection) -> None:
    """Readers and a writer side by side. SQLite does not wait for others here, as it does everywhere else."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _found(db: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, Translation]]:
    for at in range(0, len(keys), _KEYS):
        some = keys[at : at + _KEYS]
        query = f"SELECT key, text, said_by, score, unknown FROM translations WHERE key IN ({','.join('?' * len(some))})"  # noqa: S608
        for key, text, engine, score, unknown in db.execute(query, some):
            yield key, Translation(text, engine, score=score, unknown=tuple(json.loads(unknown)) if unknown else ())


def _insert(db: sqlite3.Connection, name: str, signature: str, rows: Sequence[tuple[object, ...]]) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("INSERT OR IGNORE INTO engines (name, signature) VALUES (?, ?)", (name, signature))
        (engine,) = db.execute("SELECT id FROM engines WHERE signature = ?", (signature,)).fetchone()
        placed = ((key, engine, *rest) for key, *rest in rows)
        db.executemany("INSERT OR IGNORE INTO translations VALUES (?, ?, ?, ?, ?, ?)", placed)
        db.execute("COMMIT")
    except sqlite3.Error:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def _deleted(db: sqlite3.Connection, name: str | None) -> int:
    """Forgets what the engines of this name made, all if it is None."""
    chosen = [row[0] for row in db.execute("SELECT id FROM engines WHERE ? IS NULL OR name = ?", (name, name))]
    count = sum(db.execute("DELETE FROM translations WHERE engine = ?", (engine,)).rowcount for engine in chosen)
    db.executemany("DELETE FROM engines WHERE id = ?", ((engine,) for engine in chosen))
    db.execute("VACUUM")
    return count
