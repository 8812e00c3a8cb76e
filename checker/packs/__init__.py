"""Packs: lexicons and patterns by language, one TOML file each, which rules read: a language or a phrase is added without code."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import regex


@cache
def load(name: str) -> dict[str, Any]:
    """The pack `NAME.toml` of this folder."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))


def any_of(phrases: Iterable[str]) -> str:
    """A pattern, for polars and `regex` alike, that matches each phrase literally, the longest first."""
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return f"(?:{'|'.join(regex.escape(phrase, special_only=True) for phrase in ordered)})"


def either(patterns: Iterable[str]) -> str:
    """A pattern that matches what any of the patterns does."""
    return f"(?:{'|'.join(patterns)})"
