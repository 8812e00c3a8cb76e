"""Someone else says it in the version.

Who said something is read beside the verbs of speech ("said", "told", "according to"), before them or behind. A finding is a
speaker who has a name in the original, where the version lets another person of the sentence speak, or one of whom it knows
nothing; and a speaker without a name (officials, doctors, the mayor) in whose place the version has other people.

Why it matters: a claim is worth what its source is worth, and words are put into somebody's mouth.

A hit: "Kallin told Ostrow" → "Ostrow told Kallin"; "doctors said" → "officials said". Not a hit: "said Kallin" → "Kallin said";
"Kallin said" → "he said"; "scientists say" → "researchers say".

Known limits: kinds of people are those of a short list; a speaker who is told by a pronoun is not compared; of several speakers of
one sentence, one who is still a speaker is not missed. Versions without an English reading are not judged.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache

import polars as pl

from checker.facts import Spot, fold, in_english, spotted

CODE = "FID019"
SEVERITY = "major"
CATEGORY = "accuracy/mistranslation"

# In small letters, and none that is as often a noun: claims, reports, the United States.
_VERB = (
    r"(?:said|says?|told|tells?|stated|adds|added|announced|announces|claimed|argued|argues?|noted|explained|explains?|wrote|writes"
    r"|reported|insisted|insists?|warned|warns?|denied|denies|believes?|believed|confirmed|replied|declared)"
)
_SPOKEN = re.compile(rf"\b(?:{_VERB}|([Aa]ccording) to)\b")
_SCREEN = rf"\b(?:{_VERB}|[Aa]ccording to)\b"

# What ends the words that name a speaker, before the verb and behind it.
_BREAK = re.compile(
    r"(?i)[.,;:!?\"“”„«»()\[\]\n]|\s[-–—]\s|\b(?:that|which|who|and|but|when|because|if|as|while|after|before|since|to|in|on|at|for|about)\b"
)
# A speaker stands behind the verb where a quotation stands before it.
_QUOTED = re.compile(r"[\"“”„«»'’],?\s*$|[\"“”„«»'’][^\"“”„«»'’]{0,3}$")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_PASSIVE = frozenset({"was", "were", "is", "are", "been", "be", "being"})
_FILLING = frozenset({"has", "have", "had", "also", "later", "then", "earlier", "reportedly", "however", "previously"})

# Kinds of people who are quoted without a name; those of a line may be called by one another's names.
_KINDS = """
official officials authority authorities government administration ministry department state
scientist scientists researcher researchers academics scholar scholars expert experts author authors investigator investigators
doctor doctors physician physicians medic medics expert experts
police policeman policemen officer officers cop cops investigator investigators authority authorities official officials detective
critic critics opponent opponents detractor detractors
supporter supporters advocate advocates proponent proponents defender defenders activist activists
witness witnesses eyewitness eyewitnesses bystander bystanders onlooker onlookers
analyst analysts observer observers commentator commentators expert experts economist economists
forecaster forecasters forecast forecasts meteorologist meteorologists
diplomat diplomats ambassador ambassadors envoy envoys
politician politicians lawmaker lawmakers legislator legislators deputy deputies
lawyer lawyers attorney attorneys solicitor counsel prosecutor prosecutors
soldier soldiers troop troops military army
resident residents local locals villager villagers inhabitant inhabitants neighbour neighbours neighbor neighbors people
teacher teachers professor professors lecturer
student students pupil pupils
worker workers employee employees staff
president chairman chairwoman chair head chief director leader chancellor
minister ministers secretary
spokesman spokeswoman spokesperson spokespeople representative representatives secretary
mayor mayors
governor governors
judge judges justice court
captain commander general
mother mothers mum mom
father fathers dad
son sons boy
daughter daughters girl
wife
husband
farmer farmers peasant peasants
journalist journalists reporter reporters correspondent newspaper paper media press agency
victim victims survivor survivors
coach trainer manager
"""


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Who speaks: the words with a capital, the kinds of people, and where they stand."""

    names: frozenset[str]
    kinds: frozenset[int]
    start: int
    end: int


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with another speaker, a row each; both sides narrowed to the speaker."""
    spoken = pl.all_horizontal(pl.col(c).str.contains(_SCREEN) for c in ("original_text", "english"))
    kept = pairs.filter(in_english() & pl.col("original_text").is_not_null() & spoken)
    kept = kept.filter(pl.col("original_text") != pl.col("english"))
    # Who speaks is read around the verb, in the sixth of all sentences that report what was said.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = _speakers(original), _speakers(english)
    for speaker in ours:
        other = next((other for other in theirs if _another(speaker, other, original, english)), None)
        if other and not any(speaker.names & known.names or speaker.kinds & known.kinds for known in theirs):
            message = f"said by: {original[speaker.start : speaker.end]} → {english[other.start : other.end]}"
            yield Spot(message, (other.start, other.end) if back is None else None, (speaker.start, speaker.end))
            return


def _another(speaker: _Speaker, other: _Speaker, original: str, english: str) -> bool:
    """True if the other is somebody else, whom the original has in another part, or a kind of people that it has not at all."""
    here, there = _capitals(original), _capitals(english)
    if speaker.names and other.names:
        if speaker.names & here & there and other.names <= here and not speaker.names & other.names:
            return speaker.names <= there
        return not speaker.names & there and not other.names & here and not _spelled(speaker.names, other.names)
    if speaker.kinds and other.names and not speaker.names and not other.kinds:
        return not speaker.kinds & _told(english) and not other.names & here
    if speaker.names or other.names or not speaker.kinds or not other.kinds or speaker.kinds & other.kinds:
        return False
    return not speaker.kinds & _told(english) and not other.kinds & _told(original)


# Share of letters in common from which a name may be another's spelling. As for lost-name, but for whole names.
_SPELLED = 0.5


def _spelled(these: frozenset[str], those: frozenset[str]) -> bool:
    """True if some name of one speaker may be another spelling of the other's."""
    return any(a[0] == b[0] or SequenceMatcher(None, a, b, autojunk=False).ratio() >= _SPELLED for a in these for b in those)


def _capitals(text: str) -> set[str]:
    return {fold(word[0]).removesuffix("'s").removesuffix("’s") for word in _WORD.finditer(text) if word[0][0].isupper()}


def _told(text: str) -> set[int]:
    """All kinds of people that a text names."""
    return {kind for word in _WORD.finditer(text) for kind in _kinds().get(fold(word[0]), ())}


# So many verbs of speech are looked at: a long line of one word would take hours.
_MOST = 20


@lru_cache(maxsize=8192)
def _speakers(text: str) -> tuple[_Speaker, ...]:
    """The speakers of a text who are told by a name or as people of a kind."""
    found = []
    for spoken in list(_SPOKEN.finditer(text))[:_MOST]:
        quoted = spoken[1] or _QUOTED.search(text, 0, spoken.start())
        speaker = None if spoken[1] else _before(text, spoken)
        speaker = _behind(text, spoken) if quoted and speaker is None else speaker
        if speaker and (speaker.names or speaker.kinds):
            found.append(speaker)
    return tuple(found)


# Longer than the names and titles of any speaker, in characters.
_REACH = 60


def _before(text: str, spoken: re.Match[str]) -> _Speaker | None:
    begin = max([spoken.start() - _REACH, 0, *(m.end() for m in _BREAK.finditer(text, 0, spoken.start()))])
    return _speaker(list(_WORD.finditer(text, begin, spoken.start())))


def _behind(text: str, spoken: re.Match[str]) -> _Speaker | None:
    stop = _BREAK.search(text, spoken.end(), spoken.end() + _REACH)
    told = list(_WORD.finditer(text, spoken.end(), stop.start() if stop else min(len(text), spoken.end() + _REACH)))
    return _speaker(told)


def _speaker(told: Sequence[re.Match[str]]) -> _Speaker | None:
    told = [word for word in told if fold(word[0]) not in _FILLING]
    if not told or any(fold(word[0]) in _PASSIVE for word in told[-1:]):
        return None
    # The first word of a sentence has its capital by its place: a name only if it is alone, and not of several people.
    names = {fold(word[0]) for word in told if word[0][0].isupper() and (word.start() or (len(told) == 1 and word[0][-1] != "s"))}
    names = {name.removesuffix("'s").removesuffix("’s") for name in names if name not in _kinds() and name not in _NO_NAMES}
    kinds = {kind for word in told for kind in _kinds().get(fold(word[0]), ())}
    return _Speaker(frozenset(names), frozenset(kinds), told[0].start(), told[-1].end())


_PRONOUNS = """i he she it they we you the a an one some many others this these those there mr mrs ms dr monday tuesday wednesday
    thursday friday saturday sunday january february march april may june july august september october november december"""
_NO_NAMES = frozenset(_PRONOUNS.split())


@cache
def _kinds() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for kind, line in enumerate(_KINDS.strip().splitlines()):
        for word in line.split():
            found.setdefault(word, set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}
