"""One side of the pair denies what the other states.

A pair is a finding if exactly one side has a clear negation (not, n't, no, never, nobody, nothing, none, nowhere, neither, nor,
cannot, without), what it negates stands on the other side too, and nothing there could render it: no "fail", "refuse", "lack",
"only", "hardly", no word with a negative prefix or suffix. Verbs are compared by their base, irregular or not: "did not pay" is
contradicted by "paid" and by "has paid". A word against the same word with a negative prefix (possible, impossible) is a
finding likewise.

Why it matters: a lost "not" turns a statement into its opposite, reads fluently and hardly changes a character.

A hit: "The company does not receive any subsidy." → "The company receives a subsidy."; "He did not go." → "He went."; "nobody has
been injured" → "anybody has been wounded"; "Yes." → "No." Not a hit: "not only"; "no longer" → "ceased to"; "not possible" →
"impossible"; "did not accept" → "refused".

Known limits: where both sides negate something, nothing is compared; a flip by an antonym is the finding of `opposite-word` and
`changed-direction`; the negation of a version that has no back-translation is not read.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from checker.facts import Spot, fold, in_english, spotted
from checker.wording import irregular, worded

CODE = "FID003"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"

_APOSTROPHE = r"(?:['’]|&[#]39;)"
# Negations with the word behind them, which makes some an idiom: with the same on both sides, only a prefix can differ.
_CUES = rf"(?:\b(?:cannot|not|never|no one|nobody|nothing|none|nowhere|neither|nor|without|no|non)\b|n{_APOSTROPHE}t\b)(?:\W*\w+)?"
_CUE = re.compile(
    rf"(?i)\b(?=[acdhimnsw])(?:(?:is|are|was|were|do|does|did|have|has|had|ca|could|would|should|wo|must|might|need|ai|sha)n{_APOSTROPHE}t"
    r"|cannot|not|never|no one|nobody|nothing|none|nowhere|neither|nor|without|no)\b"
)

_NEGATIVE = re.compile(r"(?i)n(?:ot|o|ever|either|or|one|['’]t|&#39;t)|without")

# Negations that deny nothing, or that a translation may well render without one.
_IDIOM = re.compile(
    rf"""(?ix)\b(?:
      not\ (?:only|just|merely|simply|solely|least|to\ mention|surprisingly|so\ much|unlike|necessarily
        |un(?![dit])\w+|in(?:sig|cons|app|freq|exp|def|eff)\w+|dis(?:sim|like|agree)\w*|il\w+|im(?:pos|prob|pract)\w*
        |hard|difficult|bad|easy|uncommon|rare|until|far|long|many|much|enough|a\ single)
    | no\ (?:longer|doubt|matter|wonder|less|later|sooner|more|fewer|other|better|smaller|larger|bigger
        |greater|higher|lower|worse|exaggeration|coincidence|surprise|secret|end|means|exception|small|\d+)
    | no\.\ ?\d | (?:whether\ or|or|if|why)\ not
    | n{_APOSTROPHE}t\ (?:just|only|merely|simply|until|necessarily|help\ but|miss|mind|wait|forget|hesitate)
    | (?:is|are|has|have|had)\ yet\ to | without\ \w+ing | not\ so\ (?:in|for|with) | nothing\ (?:but|more|less|other|short)
    | never(?:theless|\ mind|\ before|[- ]ending) | without\ (?:doubt|a\ doubt|question|exception|fail)
    )\b | \bno[.,!] | [-"“'‘]no\b | \bno["”-]"""
)

# What may carry the sense of a clear negation. It lets a pair pass, so it is rather too long than too short.
_WEAK = re.compile(
    rf"""(?ix)\b(?:
      no[nrt]? | non\w* | nobody | nothing | never\w* | neither | without | cannot | un(?!i|der|til|cle\b|cles\b)\w{{3,}}
    | empty | vacant | problem\w* | separate\w* | offline | dis(?!t|c|h|p|k|ease)\w{{3,}} | mis(?!s)\w{{3,}}
    | in(?:activ|cap|compl|correct|adequa|ability|accura|appropri|suffic|dispens|different|direct|eligib|equal|evitab|explic|effect
        |effic|frequen|hospit|secur)\w*
    | in(?:signific|stab|toler|valid|visib|voluntar|exact|formal|credib|curab|tact|conclus|consist|conven
        |depend|discrim|experienc|justice)\w*
    | im(?:poss|prob|prac|perf|mob|mature|mun|pat|part(?!i)|moral|proper)\w* | il(?:leg|lic|log|lit)\w*
    | ir(?:reg|rel|rep|resp|rev|rat|res)\w* | \w+less(?:ly|ness)? | \w+[- ]free | free\ (?:of|from) | fail\w* | refus\w*
    | den(?:y|ies|ied|ial)\w* | reject\w* | lack\w* | absen\w* | avoid\w* | prevent\w* | stop\w* | ceas\w* | hardly | barely
    | scarce\w* | rare\w* | seldom | few\w* | little | less | except\w* | only | until | unless | instead | rather | against
    | too | prohibit\w* | ban(?:s|ned|ning)? | forb\w+ | yet | beyond | otherwise | exclu\w* | ignor\w* | oppos\w* | declin\w*
    | miss(?:es|ed|ing) | lost | los(?:e|es|ing|s) | far\ from | out\ of | difficult\w* | doubt\w* | object(?:s|ed|ion)\b
    | resist\w* | abandon\w* | quit(?:s|ting)? | neglect\w* | deni\w+ | zero | nil | void | withh\w+ | refrain\w*
    | deter(?:s|red)? | overlook\w* | wrong\w* | contrary | impossib\w* | omit\w* | nix | remain\w* | same | stay\w*
    | different\w* | poor\w* | bad\w* | worse\w* | surviv\w* | deficien\w* | suspend\w* | remember\w* | sure | low\w*
    | spare[ds]? | escap\w* | unlike | regardless | exempt\w* | block\w* | out | gone | minus | devoid | cancel\w* | minimal\w*
    | varying | varies | varied | than | outside | distinct\w* | at\ most | up\ to | maximum | limit(?:ed)?\ to
    )\b | n{_APOSTROPHE}t\b"""
)

_WORD = re.compile(r"[^\W\d_]+")
_WITHOUT_CONTENT = """a an the of to in on at by for from with and or but that this these those which who whom whose what it its
    he she they we you i him her
    them us me his their our your my is are was were be been being am do does did done doing have has had having will would
    can could shall
    should may might must as so than then there here any some all each every also very much more most such one into about over after
    before if when where while not no never nobody nothing none neither nor cannot without get got make made take took go went
    don doesn
    didn isn aren wasn weren hasn haven hadn couldn wouldn shouldn said says say t s"""
_EMPTY = frozenset(_WITHOUT_CONTENT.split())
_ENDING = re.compile(r"(?:ingly|edly|ions?|ing|lies|lied|ies|ied|ed|es|ly|s|e|y)$")

# Words that a sentence gains and loses together with its negation, besides those of the negation itself.
_GAINED_WITH_IT = """be is are was were been am do does did have has had will would can could shall should may might must wo ca sha
    ai any some a an the ever yet already ve ll d re m s"""
_AUXILIARIES = frozenset(_GAINED_WITH_IT.split())
_DOUBLED = re.compile(r"(?<=\w\w)([bcdfgklmnprstvz])\1$")

# Words of content behind a negation (and before it, if it ends its sentence) that show what it negates, and the share of them that
# the other side must have. With these and the two figures below, 63 % of DEMETR's planted negations are found, none on its good
# translations, and 1.8 in 1,000 of FLORES' pairs by Google and Microsoft.
_SCOPE = 4
_SHARED = 0.5

# The same where the first word behind the negation, mostly the verb, is another one there: three of four, and the pair as a whole
# must be this near; else "no smaller than 50" and "at least 50" would be a flip.
_SHARED_BUT_FIRST = 0.75
_NEAR = 0.65

# The same where no aligner has judged it: share of the words of content that the two sides have in common.
_NEAR_BY_WORDS = 0.55

# What may carry a negation does so where it stands: within so many characters of what is denied.
_WITHIN = 60

# What is denied together with the negation, and what the other side must say then.
_NOT_ALONE = (
    (re.compile(r"(?i)^without\b"), re.compile(r"(?i)\bwith\b\W+(?:\w+\W+){0,3}\w+$")),
    (
        re.compile(r"(?i)^\S+ (?:need|have to|has to|had to)\b"),
        re.compile(r"(?i)\b(?:need\w*|ha(?:ve|s|d) to|must|required?)\b.{0,30}$"),
    ),
)

# How near the pair must be for "anybody" to stand for "nobody" where the scope was reworded: Apertium's "anybody has been wounded".
_ALIKE = 0.4

# Words that negate with a prefix. Free prefixes would find union, include and display.
_PREFIXED = re.compile(
    r"""(?ix)\b(?:(?:un|non-?)(?P<un>able|acceptable|aware|certain|changed|clear|comfortable|common|constitutional|damaged|documented
    |employed|employment
    |expected|explored|fair|familiar|fortunately|founded|friendly|happy|harmed|healthy|hurt|important|intended|intentional|just
    |known|lawful|likely|limited
    |married|necessary|officially?|paid|popular|prepared|protected|published|real|realistic|reasonable|related|reliable|resolved
    |restricted|safe|satisfied
    |scathed|seen|stable|successful|sustainable|usual|vaccinated|willing|wise|smoker|profit|violent|existent|essential|toxic)
    |in(?P<in>accurate|active|adequate|appropriate|capable|complete|consistent|correct|dependent|dependence|direct|directly
    |effective|efficient|eligible
    |equality|experienced|formal|frequent|justice|secure|security|significant|stability|sufficient|tolerant|tolerance|valid
    |visible|voluntary)
    |im(?P<im>balance|mature|mobile|moral|mortal|partial|patient|perfect|polite|possible|practical|precise|probable|proper)
    |il(?P<il>legal|legally|legitimate|literate|logical)|ir(?P<ir>rational|regular|relevant|replaceable|responsible|reversible)
    |dis(?P<dis>advantage|agree|agreed|agrees|agreement|approve|approved|approval|comfort|connected|continue|continued|honest|like
    |liked|loyal|obey|obeyed
    |respect|satisfaction|satisfied|similar|trust|trusted))\b"""
)


@dataclass(frozen=True, slots=True)
class _Cue:
    """A clear negation, and the words of content around it as (stem, start, end), those behind it first."""

    start: int
    end: int
    scope: tuple[tuple[str, int, int], ...]


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that differ in a negation; both sides narrowed to the negation, or to the word that lost it."""
    compared = worded(pairs).filter(in_english() & pl.col("original_text").is_not_null())
    cues = [pl.col(column).str.to_lowercase().str.extract_all(_CUES).list.sort() for column in ("original_text", "english")]
    kept = compared.filter(
        (cues[0] != cues[1])
        | pl.any_horizontal(pl.col(c).list.join(" ").str.contains(_PREFIXED.pattern) for c in ("lost", "gained"))
    )
    # What a negation refers to is found by walking the words around it; a third of all sentences hold a cue at all.
    rows = kept.select("original_text", "english", "similarity", "back").iter_rows()
    return spotted(kept, [_spots(*row) for row in rows])


def _spots(original: str, english: str, similarity: float | None, back: str | None) -> list[Spot]:
    if answers := _answers(original, english):
        one, other = answers
        return [Spot(f"{original[slice(*one)]} → {english[slice(*other)]}", other if back is None else None, one)]
    ours, theirs = _cues(original), _cues(english)
    if not ours and not theirs:
        return _prefixes(original, english, back)
    lost = len(ours) > len(theirs)
    found = _flip(ours, theirs, original, english, similarity) if lost else _flip(theirs, ours, english, original, similarity)
    if found is None:
        return []
    cue, place = found
    if lost:
        denied, plain = original[cue.start : _reach(cue)], english[slice(*place)] if place else "stated"
        return [Spot(f"negation lost: {denied} → {plain}", place if back is None else None, (cue.start, cue.end))]
    denied, plain = english[cue.start : _reach(cue)], original[slice(*place)] if place else "stated"
    return [Spot(f"negation added: {plain} → {denied}", (cue.start, cue.end) if back is None else None, place)]


_ANSWER = re.compile(r"(?i)\W*(?:(?P<yes>yes|yeah|yep)|no|nope)(?=\s*(?:[.,;:!?…–—](?!\s?\d)|$))")


def _answers(original: str, english: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Where both sides begin with an answer, one with yes and the other with no."""
    one, other = _ANSWER.match(original), _ANSWER.match(english)
    if one is None or other is None or bool(one["yes"]) == bool(other["yes"]):
        return None
    return one.span(), other.span()


def _reach(cue: _Cue) -> int:
    return next((end for _, start, end in cue.scope if cue.start <= start <= cue.end + 20), cue.end)


def _flip(
    cues: tuple[_Cue, ...], others: tuple[_Cue, ...], denying: str, plain: str, similarity: float | None
) -> tuple[_Cue, tuple[int, int] | None] | None:
    """The first negation whose scope stands undenied in `plain`, and the place of its first word there."""
    if len(cues) == len(others) or plain.rstrip().endswith("?") != denying.rstrip().endswith("?"):
        return None
    if not others and _bones(denying) == _bones(plain) and not _carriers(denying, plain):
        return cues[0], _denied(denying[: cues[0].start], plain)
    stems = {_stem(m[0]): m.span() for m in reversed(list(_WORD.finditer(plain)))}
    denied = {stem for other in others for stem, _, _ in other.scope}
    for cue in cues:
        place = _stated(cue, stems, denied, (denying, plain, similarity))
        place = place if place and _of_a_kind(denying[cue.start : cue.end + 20], plain[: place[1]]) else None
        counterpart = _counterpart(denying[cue.start : cue.end], plain)
        if place:
            return cue, counterpart or place
        if counterpart and not others and not _carriers(denying, plain) and similarity is not None and similarity >= _ALIKE:
            return cue, counterpart
    return None


def _stated(
    cue: _Cue, stems: Mapping[str, tuple[int, int]], denied: set[str], pair: tuple[str, str, float | None]
) -> tuple[int, int] | None:
    """Where the plain side, of which the words are given by their stems, states what the negation denies, undenied nearby."""
    places = [stems[stem] for stem, _, _ in cue.scope if stem in stems]
    if not places or any(stem in denied for stem, _, _ in cue.scope):
        return None
    first = cue.scope[0][0] in stems
    if len(places) < (_SHARED if first and not denied else _SHARED_BUT_FIRST) * len(cue.scope) or not (first or _near(*pair)):
        return None
    begin, end = min(start for start, _ in places) - _WITHIN, max(end for _, end in places) + _WITHIN
    return None if any(begin <= at <= end for at in _carriers(*pair[:2])) else places[0]


def _of_a_kind(denied: str, stated: str) -> bool:
    """False for "not have to buy" or "without tax" against a text that does not say "have to" or "with" before the word."""
    return all(said.search(stated) for cue, said in _NOT_ALONE if cue.search(denied))


def _near(denying: str, plain: str, similarity: float | None) -> bool:
    """True if the two sentences say much the same, by the aligner's similarity or by the words of content they share."""
    if similarity is not None:
        return similarity >= _NEAR
    ours, theirs = ({_stem(m[0]) for m in _WORD.finditer(text) if fold(m[0]) not in _EMPTY} for text in (denying, plain))
    return 2 * len(ours & theirs) >= _NEAR_BY_WORDS * (len(ours) + len(theirs))


def _bones(text: str) -> list[str]:
    """The stems of a sentence without its negations and auxiliaries: the same for "He did not go" and "He went"."""
    words = [fold(m[0]) for m in _WORD.finditer(_CUE.sub(" ", text))]
    return [_stem(word) for word in words if word not in _AUXILIARIES]


def _denied(before: str, plain: str) -> tuple[int, int] | None:
    """The word of `plain` that stands where `before` leaves off on the denying side, auxiliaries aside."""
    count, words = len(_bones(before)), list(_WORD.finditer(plain))
    told = [m for m in words if fold(m[0]) not in _AUXILIARIES]
    return told[count].span() if count < len(told) else words[-1].span() if words else None


@lru_cache(maxsize=16)  # of one pair, for each of its negations
def _carriers(denying: str, plain: str) -> tuple[int, ...]:
    """Where something stands that may carry the negation on the plain side, and has nothing of its kind on the other."""
    there = Counter(_stem(m[0]) for m in _WEAK.finditer(denying))
    places = [m.start() for m in _IDIOM.finditer(plain)]
    for found in _WEAK.finditer(plain):
        stem = _stem(found[0])
        if there[stem] > 0:
            there[stem] -= 1
        elif not _CUE.fullmatch(found[0]):
            places.append(found.start())
    # One "not" may deny a whole list behind it.
    places += [m.start() + reach for m in _CUE.finditer(plain) for reach in (0, _WITHIN)]
    return tuple(places)


def _counterpart(cue: str, plain: str) -> tuple[int, int] | None:
    """ "anybody" where the other side has "nobody"."""
    tail = {"nobody": "body", "no one": "one", "nothing": "thing", "nowhere": "where"}.get(cue.lower())
    found = re.search(rf"(?i)\b(?:any|some|every){tail}\b", plain) if tail else None
    return found.span() if found else None


@lru_cache(maxsize=8192)  # an original stands against its versions in many languages
def _cues(text: str) -> tuple[_Cue, ...]:
    """The clear negations of a sentence."""
    if not _NEGATIVE.search(text):  # the others are slow where they match nothing
        return ()
    idioms = [m.span() for m in _IDIOM.finditer(text)]
    found = [m for m in _CUE.finditer(text) if not any(s < m.end() and m.start() < e for s, e in idioms)]
    if not found:
        return ()
    words = [(_stem(m[0]), *m.span()) for m in _WORD.finditer(text) if fold(m[0]) not in _EMPTY]
    return tuple(_Cue(m.start(), m.end(), _scope(words, m.end())) for m in found)


def _scope(words: list[tuple[str, int, int]], begin: int) -> tuple[tuple[str, int, int], ...]:
    behind = [word for word in words if word[1] >= begin][:_SCOPE]
    before = [word for word in words if word[1] < begin]
    return tuple(behind + before[len(before) - (_SCOPE - len(behind)) :] if len(behind) < _SCOPE else behind)


@lru_cache(maxsize=1 << 15)
def _stem(word: str) -> str:
    """What the forms of a word have in common: pay for paid, stop for stopped, mention and ment for mentioned alike."""
    word = _base(fold(word))
    # Again and again, as a base may itself end like a form: mentioned, mention, ment.
    while 3 <= len(shorter := _base(_DOUBLED.sub(r"\1", _ENDING.sub("", word)))) < len(word):
        word = shorter
    return word


def _base(form: str) -> str:
    """The verb that an irregular form belongs to, or the word itself."""
    bases = irregular()
    base = bases.get(form, form)
    return bases.get(base, base)


def _prefixes(original: str, english: str, back: str | None) -> list[Spot]:
    """Words that have a negative prefix on one side only, where the other side has them without."""
    if any(_NEGATIVE.search(text) and _CUE.search(text) for text in (original, english)):
        return []
    if spans := _prefixed(original, english):
        ours, theirs = spans
        kind = "lost"
    elif spans := _prefixed(english, original):
        theirs, ours = spans
        kind = "added"
    else:
        return []
    message = f"negation {kind}: {original[slice(*ours)]} → {english[slice(*theirs)]}"
    return [Spot(message, theirs if back is None else None, ours)]


def _prefixed(denying: str, plain: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The first word with a negative prefix that stands in `plain` without it, on both sides."""
    if _PREFIXED.search(plain):
        return None
    for found in _PREFIXED.finditer(denying):
        bare = re.compile(rf"(?i)\b{next(group for group in found.groups() if group)}\b")
        there = bare.search(plain)
        if there and not bare.search(denying):
            return found.span(), there.span()
    return None
