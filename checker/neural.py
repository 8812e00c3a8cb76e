"""The process in which a neural model translates: `python -m checker.neural`, asked by the engine `argos` through `checker.worker`.

It imports CTranslate2 and a tokeniser, and nothing else of the project: so it starts in a tenth of a second and holds little.
A request names a package's files and the parameters of the search; an answer has `text`, `score` (mean log-probability of a
token) or `reason`.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

from checker.worker import Answer, serve

# Tokens of a sentence. Argos trains on sequences of up to 150; of a longer one the end is silently lost: 408 tokens in, 15 out.
LONGEST = 150

# Tokens of a translation, CTranslate2's own limit.
LONGEST_OUT = 256

LENGTH_PENALTY = 0.2  # Argos'.

# Models that are held at a time: a chain of two, and the way back.
_HELD = 4

# Sentences of a batch.
_SIDE_BY_SIDE = 32

# A model's process uses so many threads side by side; more cores work within a batch. Each takes a batch's memory.
_MOST_SIDE_BY_SIDE = 8

_SPACE = "▁"
_BREAKS = (",", ";", ":", "，", "、", "；", "：", "–", "—")


class Tokeniser(Protocol):
    """The subwords of a text, and the text of subwords."""

    def encode(self, text: str) -> list[str]: ...

    def decode(self, tokens: Sequence[str]) -> str: ...

    def begins_word(self, token: str, before: str) -> bool: ...


class SentencePiece:
    """Subwords by a SentencePiece model."""

    def __init__(self, path: str) -> None:
        import sentencepiece  # noqa: PLC0415 -- one of the two is needed

        self.pieces = sentencepiece.SentencePieceProcessor(model_file=path)

    def encode(self, text: str) -> list[str]:
        tokens: list[str] = self.pieces.encode(text, out_type=str)
        return tokens

    def decode(self, tokens: Sequence[str]) -> str:
        text: str = self.pieces.decode_pieces(list(tokens))
        return text.replace(_SPACE, " ").strip()

    def begins_word(self, token: str, before: str) -> bool:  # noqa: ARG002 -- the mark is the token's own
        return token.startswith(_SPACE)


class BytePairs:
    """Words by Moses' rules, cut by byte pair encoding as subword-nmt writes its codes (Sennrich and others 2016)."""

    def __init__(self, path: str, source: str, target: str) -> None:
        from sacremoses import MosesDetokenizer, MosesPunctNormalizer, MosesTokenizer  # noqa: PLC0415

        self.normaliser, self.tokeniser = MosesPunctNormalizer(source), MosesTokenizer(source)
        self.detokeniser = MosesDetokenizer(target)
        lines = Path(path).read_text("utf-8").splitlines()
        self.marked = lines[:1] == ["#version: 0.2"]  # the end of a word is a mark on its last letter, not a symbol of its own
        pairs = [tuple(line.split(" ")) for line in lines if line.strip() and not line.startswith("#version")]
        self.ranks = {pair: rank for rank, pair in reversed([*enumerate(pairs)])}
        self._cut = lru_cache(100_000)(self._merged)

    def encode(self, text: str) -> list[str]:
        words: list[str] = self.tokeniser.tokenize(self.normaliser.normalize(text))
        return [token for word in words for token in self._cut(word)]

    def decode(self, tokens: Sequence[str]) -> str:
        text: str = self.detokeniser.detokenize(" ".join(tokens).replace("@@ ", "").split(" "))
        return text

    def begins_word(self, token: str, before: str) -> bool:  # noqa: ARG002 -- the mark is the one before's
        return not before.endswith("@@")

    def _merged(self, word: str) -> list[str]:
        """The word's pieces: of neighbours that the codes join, the ones learnt first are joined first."""
        pieces = [*word[:-1], word[-1] + "</w>"] if self.marked else [*word, "</w>"]
        while len(pieces) > 1:
            best = min(pairwise(pieces), key=lambda pair: self.ranks.get(pair, len(self.ranks)))
            if best not in self.ranks:
                break
            pieces = _joined(pieces, best)
        if pieces[-1] == "</w>":
            pieces.pop()
        return [*(piece + "@@" for piece in pieces[:-1]), pieces[-1].removesuffix("</w>")]


def _joined(pieces: Sequence[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    at = 0
    while at < len(pieces):
        width = 2 if tuple(pieces[at : at + 2]) == pair else 1
        joined.append("".join(pieces[at : at + width]))
        at += width
    return joined


@lru_cache(_HELD)
def tokeniser(path: str, source: str, target: str) -> Tokeniser:
    return BytePairs(path, source, target) if path.endswith("bpe.model") else SentencePiece(path)


@lru_cache(_HELD)
def translator(model: str, device: str, compute_type: str, side_by_side: int, within: int) -> Any:
    return _ctranslate2().Translator(
        model, device=device, compute_type=compute_type, inter_threads=side_by_side, intra_threads=within
    )


@cache
def _ctranslate2() -> Any:
    import ctranslate2  # noqa: PLC0415 -- where it cannot be loaded, that is said as an answer

    return ctranslate2


def answers(request: dict[str, Any]) -> Iterator[Answer]:
    """An answer for each text of a request, as it is made."""
    try:
        pieces = tokeniser(request["pieces"], request["from_code"], request["to_code"])
        model = translator(request["model"], *_threads(request))
    except (ImportError, RuntimeError, ValueError, OSError) as error:
        yield {"error": f"the Argos package in {request['folder']} cannot be loaded: {error}", "remedy": "install it again"}
        return
    parts = [_parts(pieces, text) for text in request["texts"]]
    flat = [part for each in parts for part in each]
    made = iter(_translated(model, flat, request))
    for each in parts:
        yield _answer(pieces, each, [next(made) for _ in each], request["glue"])


def _threads(request: Mapping[str, Any]) -> tuple[str, str, int, int]:
    """Device, type, and threads: as the request has them, else all cores, and a GPU where there is one."""
    device = request["device_type"] or "auto"
    if device == "auto":
        device = "cuda" if _ctranslate2().get_cuda_device_count() else "cpu"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    side_by_side = int(request["inter_threads"] or (1 if device == "cuda" else min(cores, _MOST_SIDE_BY_SIDE)))
    within = int(request["intra_threads"] or max(1, cores // side_by_side))
    # "auto" re-quantises some packages into garbage (argos-translate PR #511); "default" is the type that a package was saved in.
    return device, request["compute_type"] or "default", side_by_side, within


def _parts(pieces: Tokeniser, text: str) -> list[list[str]]:
    """The tokens of a text, in parts that the model was trained on: cut behind a comma or the like, else between words."""
    tokens, parts = pieces.encode(text) if text else [], []
    while len(tokens) > LONGEST:
        places = [at for at in range(LONGEST // 2, LONGEST) if pieces.begins_word(tokens[at], tokens[at - 1])]
        pauses = [at for at in places if tokens[at - 1].endswith(_BREAKS)]
        end = max(pauses or places, default=LONGEST)
        parts.append(tokens[:end])
        tokens = tokens[end:]
    return [*parts, tokens] if tokens else parts


def _translated(model: Any, parts: Sequence[list[str]], request: Mapping[str, Any]) -> Iterator[Any]:
    """The model's result for each part, in their order, as it comes; where a batch fails, each of its parts is tried alone."""
    prefix: list[str] | None = [request["prefix"]] if request["prefix"] else None
    search = {
        "beam_size": request["beam"],
        "length_penalty": LENGTH_PENALTY,
        "no_repeat_ngram_size": request["no_repeat"],
        "replace_unknowns": True,
        "max_decoding_length": LONGEST_OUT,
        "return_scores": True,
    }
    begun: dict[int, Any] = {}
    for batch in _batches([len(part) for part in parts], request["batch_tokens"]):
        some = [parts[place] for place in batch]
        results = model.translate_batch(some, target_prefix=[prefix] * len(some) if prefix else None, asynchronous=True, **search)
        begun |= zip(batch, results, strict=True)
    for place, part in enumerate(parts):
        result = begun.pop(place)
        try:
            yield _told(result.result(), prefix)
        except (RuntimeError, ValueError):
            yield _alone(model, part, prefix, search)


def _batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """The places of sentences of nearly equal length, the shortest first, in batches of so many tokens or `_SIDE_BY_SIDE`.

    CTranslate2's own batches of tokens have no bound on sentences: with 1,024 tokens, two batches of short ones took 0.5 GB, for
    each hypothesis has a number for every word of the vocabulary.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: (lengths[place], place)):
        if batch and (len(batch) == _SIDE_BY_SIDE or (len(batch) + 1) * lengths[place] > tokens):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _alone(model: Any, part: list[str], prefix: list[str] | None, search: Mapping[str, Any]) -> Any:
    try:
        return _told(model.translate_batch([part], target_prefix=[prefix] if prefix else None, **search)[0], prefix)
    except (RuntimeError, ValueError) as error:
        return str(error)


def _told(result: Any, prefix: list[str] | None) -> tuple[list[str], float]:
    """The tokens without the prefix, and the sum of their log-probabilities, the end of the sentence's among them."""
    tokens = result.hypotheses[0]
    total = result.scores[0] * (len(tokens) + 1) ** LENGTH_PENALTY
    return tokens[len(prefix) if prefix else 0 :], total


def _answer(pieces: Tokeniser, parts: Sequence[list[str]], made: Sequence[Any], glue: str) -> Answer:
    """What is said of a text whose parts were translated so."""
    failed = next((each for each in made if isinstance(each, str)), None)
    if failed is not None:
        return {"reason": failed}
    if any(len(tokens) >= LONGEST_OUT - 1 for tokens, _ in made):
        return {"reason": f"came to no end within {LONGEST_OUT} tokens for {sum(map(len, parts))}"}
    texts = [pieces.decode(tokens).strip() for tokens, _ in made]
    length = sum(len(tokens) + 1 for tokens, _ in made)
    score = sum(total for _, total in made) / length if length else None
    return {"text": glue.join(filter(None, texts)), "score": score}


if __name__ == "__main__":
    serve(answers)
