"""The scorer `lexical`: how alike two English texts are in words, order and form, 0 to 100; nothing is downloaded.

The words of the two are coupled (`checker.coupling`) and weighed by how rare they are. The share of them that agree is lowered by
what differs in letters (chrF2++), small words, order and length, by how much is lost, and by what makes the version read worse
than its original (`checker.fluency`). The parameters stand in `checker/models/fidelity.toml`, set by bench/calibrate.py.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from checker import fluency, forms, grammar, overlap, words
from checker.coupling import ALONE, FORM, SENSE, SPELT, Couples, couple
from checker.words import Shares, Texts, summed, tokens

PARAMETERS = Path(__file__).parent / "models" / "fidelity.toml"

# How much a word says: nothing above Zipf 6.5, where "the" and "it" are, all of it at the rarity of a name that no list has, and in
# between by a straight line: on STS squares, roots and steps were no better.
_COMMON, _UNSEEN = 6.5, 0.6

# What counts as different by one unit of natural logarithm, a token, is as bad as can be told from how words follow one another.
_IMPLAUSIBLE = 1.0

# By how much of its original's number of words a version may be shorter or longer: in the data of hallucinations, what was shorter
# by more had lost a clause; with a tenth, one word more or less counted, and added words were found less often.
_ALLOWED = 0.2

# What a replaced word costs more in a text of up to `_SHORT` words (less up to twice as many) if all are replaced, and by which
# power of their share: words stand for one another among others that agree, and "London" does not stand for "Paris". Set by hand on
# texts of one to three words; in longer ones the same lowered the area under the curve of hallucinations (tuning half).
_UNLIKE, _NEARLY_ALL, _SHORT = 0.3, 8, 3

COMPONENTS = ("words", "order", "fluency", "likeness")
METRICS = ("chrf", "chrf_pp")
"""What `components` tells of a pair beside its `COMPONENTS`: metrics that are made of the same counts."""

Figures = dict[str, Shares]


def components(hypotheses: Sequence[str], references: Sequence[str]) -> dict[str, list[float]]:
    """`chrf` and `chrf_pp`, and the components `words`, `order`, `fluency`, `likeness` of each pair (see `joined`).

    Raises `ValueError` for lists of unequal length.
    """
    figures = measures(hypotheses, references)
    if not figures:
        return {name: [] for name in (*METRICS, *COMPONENTS)}
    return {name: values.tolist() for name, values in {**metrics(figures), **joined(figures, parameters())}.items()}


def metrics(figures: Figures) -> Figures:
    """The metrics of each pair that its measures hold, 0 to 100."""
    return {name: figures[name] for name in METRICS}


def signature() -> str:
    """What the components depend on beside the texts."""
    content = b"".join(path.read_bytes() for path in (PARAMETERS, words.TABLE, grammar.TABLE))
    return f"lexical|data:{hashlib.sha256(content).hexdigest()[:16]}"


@cache
def parameters(path: Path = PARAMETERS) -> dict[str, float]:
    """The parameters of `checker/models/fidelity.toml`, or of another file like it, but those of facts."""
    told = tomllib.loads(path.read_text("utf-8"))
    return {name: float(value) for part in told.keys() - {"facts", "data"} for name, value in told[part].items()}


@cache
def kept(path: Path = PARAMETERS) -> dict[str, float]:
    """What a finding leaves of likeness, by severity."""
    return {severity: float(share) for severity, share in tomllib.loads(path.read_text("utf-8"))["facts"].items()}


def measures(hypotheses: Sequence[str], references: Sequence[str]) -> Figures:
    """What differs in each pair, as `joined` weighs it; raises `ValueError` for lists of unequal length."""
    parts = [_measured(*part) for part in overlap.portions(hypotheses, references)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}


def _measured(hypotheses: Sequence[str], references: Sequence[str]) -> Figures:
    counts = overlap.statistics(hypotheses, references)
    chrf_pp = overlap.f_scores(counts, overlap.CHARACTERS + overlap.WORDS)
    hypotheses, references, letters = _one_form(hypotheses, references, chrf_pp / 100)
    texts = tokens(hypotheses, references)
    couples = couple(texts)
    ungrammatical, disordered = fluency.implausible(texts)
    same = [hypothesis == reference for hypothesis, reference in zip(hypotheses, references, strict=True)]
    return {
        "chrf": overlap.f_scores(counts, overlap.CHARACTERS),
        "chrf_pp": chrf_pp,
        "letters": np.where(same, 1.0, letters),  # of what has no letter chrF is 0
        "ungrammatical": ungrammatical,
        "disordered": disordered,
        **_masses(texts, couples, len(hypotheses)),
        **_order(couples, len(hypotheses)),
        **fluency.faults(hypotheses, references, texts, couples),
    }


def _one_form(hypotheses: Sequence[str], references: Sequence[str], letters: Shares) -> tuple[list[str], list[str], Shares]:
    """The texts in one form, see `forms`, and chrF2++ (0 to 1) of that; `letters` is it of the texts as they are."""
    ours, theirs, changed = list(hypotheses), list(references), list[int]()
    for row in forms.perhaps_unlike(hypotheses, references):
        ours[row], theirs[row] = forms.alike(hypotheses[row], references[row])
        if (ours[row], theirs[row]) != (hypotheses[row], references[row]):
            changed.append(row)
    if changed:
        statistics = overlap.statistics([ours[row] for row in changed], [theirs[row] for row in changed])
        letters = letters.copy()
        letters[changed] = overlap.f_scores(statistics, overlap.CHARACTERS + overlap.WORDS) / 100
    return ours, theirs, letters


def _masses(texts: Texts, couples: Couples, pairs: int) -> Figures:
    """Of either side: how much its words say in all, and by what couples them; how many words there are, and are alone."""
    says = ((_COMMON - texts.zipf) / (_COMMON - _UNSEEN)).clip(0, 1)[texts.ids[couples.token]].astype(np.float64)
    found: Figures = {}
    for name, side in (("ours", couples.ours), ("theirs", ~couples.ours)):
        rows = couples.pair[side]
        kinds = summed(says[side], rows * 5 + couples.by[side], 5 * pairs).reshape(pairs, 5)
        found |= {f"{name}_{kind}": kinds[:, by] for kind, by in _KINDS.items()}
        found[f"{name}_says"] = kinds.sum(axis=1)
        found[f"{name}_words"] = summed(np.ones(len(rows)), rows, pairs)
        found[f"{name}_alone"] = summed(couples.by[side] == ALONE, rows, pairs)
    return found


_KINDS = {"form": FORM, "sense": SENSE, "spelt": SPELT, "lone": ALONE}


def _order(couples: Couples, pairs: int) -> Figures:
    """Share of the coupled words that go on, in the reference, behind the one coupled before them."""
    met = np.flatnonzero(couples.ours & (couples.partner >= 0))
    place, pair = couples.place[couples.partner[met]], couples.pair[met]
    again = np.append(False, pair[1:] == pair[:-1])[: len(met)]
    goes_on = again & (place == np.roll(place, 1) + 1)
    steps = summed(again, pair, pairs)
    return {"order": np.divide(summed(goes_on, pair, pairs), steps, out=np.ones(pairs), where=steps > 0)}


def joined(
    figures: Mapping[str, Shares], told: Mapping[str, float], meaning: Shares | None = None, further: Shares | float = 0.0
) -> Figures:
    """The components of each pair, of its measures and the parameters.

    `words` is the weighted share of words that agree, `order` that of coupled words that stand behind one another in both texts, 0
    to 1; `fluency` the per cent that the version's form costs, below 0 as a rule; `likeness` is made of all, 0 to 100. Higher is
    better. Another scorer has how alike they are in `meaning`, 0 to 1, which counts beside the words, and `further` points to take
    off.
    """
    agreement, form = _agreement(figures, told), _form(figures, told)
    alike = agreement if meaning is None else agreement + told["meaning"] * (meaning - agreement)
    lost = told["letters"] * (1 - figures["letters"]) + told["order"] * (1 - figures["order"]) + _small_words(figures, told)
    lost += _length(figures, told) + told["open"] * np.log1p(lone(figures, told, "theirs")) + form + further
    bent = 1 - (1 - alike) ** told["bend"]
    return {
        "words": agreement,
        "order": figures["order"],
        "fluency": -form,
        "likeness": 100 * (1 - (1 - bent * np.exp(-np.maximum(lost, 0) / 100)) ** told["spread"]),
    }


def lone(figures: Mapping[str, Shares], told: Mapping[str, float], side: str) -> Shares:
    """How much the words of a side say that the other side does not, those in part that are coupled with other words."""
    parts = (figures[f"{side}_{kind}"] * (1 - told[kind]) for kind in ("form", "sense", "spelt"))
    return sum(parts, figures[f"{side}_lone"])


def _agreement(figures: Mapping[str, Shares], told: Mapping[str, float]) -> Shares:
    """The share of words that agree; words of either side that may stand for one another cost less than what is lost or added."""
    ours, theirs = (lone(figures, told, side) for side in ("ours", "theirs"))
    replaced = np.minimum(ours, theirs)
    whole = figures["ours_says"] + figures["theirs_says"]
    alone = np.divide(ours + theirs, whole, out=np.zeros_like(whole), where=whole > 0)
    mean = np.maximum(figures["ours_words"] + figures["theirs_words"], 1) / 2
    replacing = told["replaced"] + _UNLIKE * alone**_NEARLY_ALL * np.clip(2 - mean / _SHORT, 0, 1)
    cost = 2 * replacing * replaced + told["lost"] * (theirs - replaced) + told["added"] * (ours - replaced)
    share: Shares = np.clip(1 - np.divide(cost, whole, out=np.zeros_like(cost), where=whole > 0), 0, 1)
    return share


def _small_words(figures: Mapping[str, Shares], told: Mapping[str, float]) -> Shares:
    """What words cost that are not coupled, however little they say."""
    mean = np.maximum(figures["ours_words"] + figures["theirs_words"], 1) / 2
    return (told["word_lost"] * figures["theirs_alone"] + told["word_added"] * figures["ours_alone"]) / mean


def _length(figures: Mapping[str, Shares], told: Mapping[str, float]) -> Shares:
    longer = np.clip((figures["ours_words"] - figures["theirs_words"]) / np.maximum(figures["theirs_words"], 1), -1, 2)
    return told["shorter"] * np.maximum(-longer - _ALLOWED, 0) + told["longer"] * np.maximum(longer - _ALLOWED, 0)


def _form(figures: Mapping[str, Shares], told: Mapping[str, float]) -> Shares:
    """What the version's form costs."""
    said = (told[name] * np.clip(figures[name], -_IMPLAUSIBLE, _IMPLAUSIBLE) for name in ("ungrammatical", "disordered"))
    faults = (told[grade] * figures[name] for grade, names in _FAULTS.items() for name in names)
    return sum((*said, *faults), np.zeros_like(figures["order"]))


_FAULTS = {"fault": ("spaced", "small", "doubled", "unknown"), "slip": ("unended", "recased", "marks")}
"""What a reader minds, and what he may overlook."""
