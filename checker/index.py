"""The index of Argos packages: what there is to download, and which of it serves a pair of languages as a user writes it."""

import http.client
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from checker import languages, packages
from checker.download import TIMEOUT, ask, shown, why
from checker.errors import InputError

INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/"

_LARGEST_INDEX = 16 << 20

_ARROW = re.compile(r"\s*(?:→|->)\s*")

TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_](?:[A-Za-z]{4}|[A-Za-z]{2}|[0-9]{3}))*")

# Codes of Argos' own for what others write with a script or a region.
_OWN_CODES = {"pt-br": "pb"} | dict.fromkeys(("zh-hant", "zh-tw", "zh-hk", "zh-mo"), "zt")


class _Pair(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def from_code(self) -> str: ...
    @property
    def to_code(self) -> str: ...


Paired = TypeVar("Paired", bound=_Pair)


@dataclass(frozen=True)
class Offer:
    """A package of the index; `source` and `target` are ISO 639-1, the codes those of Argos."""

    source: str
    target: str
    from_code: str
    to_code: str
    from_name: str
    to_name: str
    version: str
    links: tuple[str, ...]
    """Addresses that can be asked, in the index' order; others (`ipfs:`) are left out."""


def index(timeout: float = TIMEOUT) -> list[Offer]:
    """The translation packages of Argos' index, in its order; asks the network. Entries that are malformed are left out."""
    address = index_address()
    try:
        with ask(address, {}, timeout) as response:
            content = response.read(_LARGEST_INDEX + 1)
        entries = json.loads(content) if len(content) <= _LARGEST_INDEX else None
    except (OSError, http.client.HTTPException) as error:
        remedy = "install a file that you have, or let ARGOS_PACKAGE_INDEX name a mirror"
        raise InputError(f"the index of packages cannot be had: {why(error)}", where=shown(address), remedy=remedy) from error
    except (ValueError, RecursionError) as error:
        raise InputError("is not an index of packages: not JSON", where=shown(address)) from error
    if not isinstance(entries, list):
        raise InputError("is not an index of packages: not a list of at most 16 MB", where=shown(address))
    return [offer for offer in map(_offer, entries) if offer]


def index_address() -> str:
    """Where the index is: Argos' own setting `ARGOS_PACKAGE_INDEX`, to which Argos adds the file's name."""
    return (packages.own_setting("ARGOS_PACKAGE_INDEX") or INDEX).rstrip("/") + "/index.json"


def newest(offers: Iterable[Offer]) -> list[Offer]:
    """The newest of each pair, in Argos' codes, sorted by them."""
    best: dict[tuple[str, str], Offer] = {}
    for offer in sorted(offers, key=lambda offer: packages.release(offer.version)):
        best[offer.from_code, offer.to_code] = offer
    return [best[pair] for pair in sorted(best)]


def matching(what: str, among: Sequence[Paired]) -> list[Paired]:
    """Those for the pair of languages that a user wrote: those with the very codes if there are any, else those of the languages.

    So `EN-ZH` is simplified Chinese though `en_zt` is Chinese too, and `PT-EN` is `pb_en` where there is no `pt_en`.
    """
    for source, target in readings(what):
        pair = languages.normalise(source), languages.normalise(target)
        same = [one for one in among if (one.source, one.target) == pair]
        exact = [one for one in same if (one.from_code, one.to_code) == (_own_code(source), _own_code(target))]
        if same:
            return exact or same
    return []


def readings(what: str) -> list[tuple[str, str]]:
    """The pairs of language tags that a text can be: `pt-BR-en` is `pt`, `BR-en` or `pt-BR`, `en`."""
    text = what.strip().removeprefix("translate-")
    cuts = list(_ARROW.finditer(text)) or list(re.finditer(r"[-_]", text))
    pairs = [(text[: cut.start()], text[cut.end() :]) for cut in cuts]
    return [pair for pair in pairs if all(map(TAG.fullmatch, pair))]


def _own_code(tag: str) -> str:
    lower = tag.lower().replace("_", "-")
    return _OWN_CODES.get(lower, lower.split("-")[0])


def _offer(entry: Any) -> Offer | None:
    """An entry of the index; None if it is malformed or no translation package."""
    if not isinstance(entry, dict) or entry.get("type", "translate") != "translate":
        return None
    codes, links = (entry.get("from_code"), entry.get("to_code")), entry.get("links")
    if not all(isinstance(code, str) and code for code in codes) or not isinstance(links, list):
        return None
    source, target = map(str, codes)
    names = (str(entry.get("from_name") or source), str(entry.get("to_name") or target))
    usable = tuple(link for link in links if isinstance(link, str) and link.lower().startswith(("http://", "https://")))
    release = str(entry.get("package_version") or "?")
    return Offer(languages.normalise(source), languages.normalise(target), source, target, *names, release, usable)
