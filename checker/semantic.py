"""The scorer `semantic`: how alike two texts are in words and for a sentence encoder: as wholes, by token, where they agree least.

Tokens are matched as BERTScore does (Zhang et al. 2020): each with the most similar one of the other side; the cosines are
averaged over the original (recall) and over the version (precision). Weighed by the words' frequencies, as BERTScore may be, they
agreed less with people on the seen half of MQM 2021 (F: len-tau .209, not .229) and hardly more on DEMETR's (.835 right, not .829).
They serve to tell where the texts agree least, which finds more hallucinations than all else (AUC .78; the F .69, the cosine .67).
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checker import likeness
from checker.encoder import Encoded, Encoder, Vectors, encode, load
from checker.frequencies import known
from checker.words import Shares

COMPONENTS = ("cosine", "token_precision", "token_recall", "weakest_precision", "weakest_recall")
"""What `compared` tells of a pair, each from about 0 to 1, higher is better."""

PARAMETERS = Path(__file__).parent / "models" / "semantic.toml"

# Pairs whose vectors are held at a time: 1,000 sentences of 30 tokens take 46 MB.
_BATCH = 500

# Tokens of one side whose cosines with the other are held at a time: two texts of 25,000 tokens take 50 MB.
_ROWS = 512

# Zipf frequency (log10 in a billion words) from which a word says nothing: "the" has 7.7. A word that no list holds says 7.
_SAYS_NOTHING = 7.7

# A version of fewer words than this for each of the original's has left some out: of hallucinations a fourth have .52 and fewer, of
# the other translations of the seen half a tenth have .67 and fewer.
_WHOLE = 0.8

# How many of its tokens tell where a text agrees least with the other: a changed word is one to three.
_FEW = 3


class _Side(NamedTuple):
    tokens: Vectors
    weights: NDArray[np.float64]


def components(hypotheses: Sequence[str], references: Sequence[str], model: Path | str) -> dict[str, list[float]]:
    """Those of `checker.likeness`, where `likeness` counts meaning, and `COMPONENTS`; `model` as `checker.encoder` finds it."""
    words = likeness.measures(hypotheses, references)
    if not words:
        return {name: [] for name in (*likeness.METRICS, *likeness.COMPONENTS, *COMPONENTS)}
    meant = {name: values.to_numpy() for name, values in compared(load(model), hypotheses, references).to_dict().items()}
    figures = {**likeness.metrics(words), **joined(words, meant, likeness.parameters(PARAMETERS)), **meant}
    return {name: values.tolist() for name, values in figures.items()}


def joined(words: likeness.Figures, meant: Mapping[str, Shares], told: Mapping[str, float]) -> likeness.Figures:
    """`likeness.joined` of what differs in words and in meaning, by the parameters `told`."""
    cut = np.maximum(_WHOLE - words["ours_words"] / np.maximum(words["theirs_words"], 1), 0)
    lost = told["cut"] * cut + told["put_in"] * np.log1p(likeness.lone(words, told, "ours"))
    further = sum((told[name] * (1 - meant[name]) for name in COMPONENTS), lost)
    return likeness.joined(words, told, meant["cosine"].clip(0, 1), further)


def signature(model: Path | str) -> str:
    """What the components depend on beside the texts."""
    own = hashlib.sha256(PARAMETERS.read_bytes()).hexdigest()[:16]
    return f"semantic|data:{own}|model:{load(model).digest}|{likeness.signature()}"


def compared(encoder: Encoder, versions: Sequence[str], originals: Sequence[str]) -> pl.DataFrame:
    """`COMPONENTS` of each version against the original at its place, to 4 places; a text without a token matches itself alone.

    `cosine` is that of the sentences' vectors; the weakest are means of the `_FEW` tokens that agree least, by what they say.
    """
    parts = [
        _measured(encoder, versions[at : at + _BATCH], originals[at : at + _BATCH])
        for at in range(0, max(1, len(versions)), _BATCH)
    ]
    return pl.DataFrame(np.concatenate(parts), schema=dict.fromkeys(COMPONENTS, pl.Float64)).select(pl.all().round(4))


def _measured(encoder: Encoder, versions: Sequence[str], originals: Sequence[str]) -> NDArray[np.float64]:
    """(pairs, components)"""
    pairs = [pair for pair in zip(versions, originals, strict=True) if pair[0] != pair[1]]
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    encoded = encode(encoder, texts)
    place = {text: at for at, text in enumerate(texts)}
    lengths = np.maximum(np.linalg.norm(encoded.sentences, axis=1, keepdims=True), 1e-12)
    units, sides = encoded.sentences / lengths, _sides(encoded)
    found = np.ones((len(versions), len(COMPONENTS)))
    for row, (version, original) in enumerate(zip(versions, originals, strict=True)):
        if version == original:
            continue
        ours, theirs = place[version], place[original]
        found[row] = float(units[ours] @ units[theirs]), *_matched(sides[ours], sides[theirs])
    return found


def _sides(encoded: Encoded) -> list[_Side]:
    """Of each text its tokens' vectors, of length 1, and what each says."""
    pieces = pl.Series([piece for some in encoded.pieces for piece in some], dtype=pl.String)
    # A word of several pieces is looked up by its longest beginning alone: it is rare, and so are its pieces.
    says = _SAYS_NOTHING - known(pieces.str.strip_prefix("##").str.strip_prefix("▁"), "en").to_numpy().astype(np.float64)
    ends = np.cumsum([len(tokens) for tokens in encoded.tokens])
    weights = np.split(np.maximum(says, 0.1), ends[:-1]) if len(ends) else []
    return [
        _Side(tokens / np.maximum(np.linalg.norm(tokens, axis=1, keepdims=True), 1e-12), some)
        for tokens, some in zip(encoded.tokens, weights, strict=True)
    ]


def _matched(ours: _Side, theirs: _Side) -> tuple[float, float, float, float]:
    """Precision and recall, and both where the sides agree least."""
    if not len(ours.tokens) or not len(theirs.tokens):
        return 0.0, 0.0, 0.0, 0.0
    best, back = _best(ours.tokens, theirs.tokens)
    precision, recall = float(best.mean()), float(back.mean())
    return precision, recall, _weakest(best, ours.weights), _weakest(back, theirs.weights)


def _best(ours: Vectors, theirs: Vectors) -> tuple[Vectors, Vectors]:
    """Of each token of either side the cosine with the most similar one of the other."""
    best, back = np.empty(len(ours), np.float32), np.full(len(theirs), -1, np.float32)
    for at in range(0, len(ours), _ROWS):
        cosines = ours[at : at + _ROWS] @ theirs.T
        best[at : at + _ROWS] = cosines.max(axis=1)
        back = np.maximum(back, cosines.max(axis=0))
    return best, back


def _weakest(best: Vectors, weights: NDArray[np.float64]) -> float:
    """What is lacking in the `_FEW` tokens that lack most, by what they say, as a share of what a rare word would lack."""
    lacking = np.sort((1 - best) * weights / _SAYS_NOTHING)[-_FEW:]
    return float(1 - lacking.mean())
