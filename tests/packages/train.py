"""Trains small real Argos packages on sentences of `grammar.py`: `python tests/packages/train.py [NAME …]`.

A package is a transformer of 2+2 layers in plain torch, saved as an int8 model of CTranslate2 beside its subword model. One thread,
fixed seeds and times: on the same machine with the same versions, a second training gives the same bytes. Each package takes two to
three CPU-minutes. NAME is a pair such as `fr_en`; without one, all are made, in the folder of this script.
"""

import io
import json
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from grammar import held_out, training

try:
    import ctranslate2
    import sacremoses
    import sentencepiece
    import torch
    from ctranslate2.specs import TransformerSpec, attention_spec, common_spec
    from torch import Tensor, nn
    from torch.nn import functional
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing.name} is missing: pip install torch ctranslate2 sentencepiece sacremoses") from None

NAMES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French"}

LAYERS, HEADS, WIDTH, INNER = 2, 4, 64, 256  # 290,000 parameters, a byte each: with the subword model, a zip of 280 kB.
BATCH = 64  # Sentences.
# Of Adam at its highest, after the warm-up. fr_en after 1,500 steps: 93.2 % of held-out sentences at 4e-3, 96.4 % at 8e-3; after
# 2,500: 96.4 % at 6e-3, 97.8 % at 8e-3.
RATE = 8e-3
WARM_UP = 150  # Steps.

UNKNOWN, START, END = range(3)  # The ids of <unk>, <s>, </s>, those that sentencepiece gives them.
SPECIAL = ["<unk>", "<s>", "</s>"]
IGNORED = -100  # Torch's mark for a place that the loss leaves out.

# What upstream decodes with.
BEAM, LENGTH_PENALTY = 4, 0.2

# The earliest time that a zip can tell.
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Subwords:
    """How text becomes tokens and tokens become text; `file` and `content` are what a package holds of it."""

    file: str
    content: bytes
    vocabulary: list[str]
    source: Callable[[str], list[str]]
    target: Callable[[str], list[str]]
    text: Callable[[list[str]], str]


@dataclass(frozen=True)
class Recipe:
    """A package to be made. With prefixes (by target language), the model learns several targets; the package asks for its own."""

    source: str
    target: str
    kind: str
    steps: int
    subwords: int
    prefixes: dict[str, str]

    @property
    def pair(self) -> str:
        return f"{self.source}_{self.target}"

    @property
    def name(self) -> str:
        return f"translate-{self.pair}-1_0"


# Sentencepiece finds no more than 393 pieces in the sentences of fr_en; 350 merges make about as many tokens.
RECIPES = [
    Recipe("fr", "en", "sentencepiece", 2500, 350, {}),
    Recipe("en", "fr", "sentencepiece", 2500, 350, {}),
    Recipe("de", "en", "bpe", 2500, 350, {}),
    Recipe("en", "es", "sentencepiece", 3000, 400, {"es": ">>spa<<", "fr": ">>fra<<"}),
]

# Subwords


def sentencepiece_subwords(pairs: Iterable[tuple[str, str]], size: int, symbols: Sequence[str]) -> Subwords:
    """One unigram model for both sides. Digits stand alone, so that figures are copied; no table of Unicode is stored (237 kB)."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(text for pair in pairs for text in pair),
        model_writer=model,
        vocab_size=size,
        user_defined_symbols=list(symbols),
        character_coverage=1.0,
        split_digits=True,
        normalization_rule_name="identity",
        num_threads=1,
        minloglevel=2,
    )
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    vocabulary = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]

    def encode(text: str) -> list[str]:
        return list(pieces.encode(text, out_type=str))

    return Subwords("sentencepiece.model", model.getvalue(), vocabulary, encode, encode, pieces.decode_pieces)


def bpe_subwords(pairs: Sequence[tuple[str, str]], merges: int, source: str, target: str) -> Subwords:
    """Moses' tokens cut by merges in the format of subword-nmt, as argostranslate's `BPETokenizer` reads and applies them."""
    normalizer, moses = sacremoses.MosesPunctNormalizer(source), sacremoses.MosesTokenizer(source)
    moses_target, detokenizer = sacremoses.MosesTokenizer(target), sacremoses.MosesDetokenizer(target)
    sources = [moses.tokenize(normalizer.normalize(text)) for text, _ in pairs]
    targets = [moses_target.tokenize(text) for _, text in pairs]
    ranks = _learnt(Counter(word for words in sources + targets for word in words), merges)

    def cut(words: Iterable[str]) -> list[str]:
        return [piece for word in words for piece in _cut(word, ranks)]

    def text(tokens: Sequence[str]) -> str:
        return str(detokenizer.detokenize(" ".join(tokens).replace("@@ ", "").split(" ")))

    vocabulary = SPECIAL + sorted({piece for words in sources + targets for piece in cut(words)})
    return Subwords(
        "bpe.model",
        "\n".join(["#version: 0.2", *map(" ".join, ranks), ""]).encode(),
        vocabulary,
        lambda sentence: cut(moses.tokenize(normalizer.normalize(sentence))),
        lambda sentence: cut(moses_target.tokenize(sentence)),
        text,
    )


def _learnt(words: Counter[str], merges: int) -> dict[tuple[str, str], int]:
    """The most frequent neighbours, one merge after the other, with their ranks; figures are left in digits, to be copied."""
    parts = {word: _characters(word) for word in words if not any(map(str.isdigit, word))}
    ranks: dict[tuple[str, str], int] = {}
    for rank in range(merges):
        neighbours: Counter[tuple[str, str]] = Counter()
        for word, pieces in parts.items():
            for pair in pairwise(pieces):
                neighbours[pair] += words[word]
        best = max(neighbours, key=lambda pair: (neighbours[pair], pair))
        ranks[best] = rank
        parts = {word: _merged(pieces, best) for word, pieces in parts.items()}
    return ranks


def _cut(word: str, ranks: dict[tuple[str, str], int]) -> list[str]:
    """The pieces of a word, all but the last with `@@`."""
    pieces = _characters(word)
    while known := ranks.keys() & set(pairwise(pieces)):
        pieces = _merged(pieces, min(known, key=ranks.__getitem__))
    return [piece + "@@" for piece in pieces[:-1]] + [pieces[-1].removesuffix("</w>")]


def _characters(word: str) -> list[str]:
    return [*word[:-1], word[-1] + "</w>"]


def _merged(pieces: Sequence[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    place = 0
    while place < len(pieces):
        step = 2 if tuple(pieces[place : place + 2]) == pair else 1
        merged.append("".join(pieces[place : place + step]))
        place += step
    return merged


# Model: the names and the joined matrices are those of CTranslate2's specification.


class Attention(nn.Module):
    """Of queries to memory, or to themselves."""

    def __init__(self, own: bool) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(WIDTH)
        sizes = (3 * WIDTH, WIDTH) if own else (WIDTH, 2 * WIDTH, WIDTH)
        self.linear = nn.ModuleList(nn.Linear(WIDTH, size) for size in sizes)

    def forward(self, states: Tensor, mask: Tensor, memory: Tensor | None = None) -> Tensor:
        joined = self.linear[0](self.layer_norm(states))
        parts = joined.chunk(3, -1) if memory is None else (joined, *self.linear[1](memory).chunk(2, -1))
        queries, keys, values = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in parts)
        mixed = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        added: Tensor = self.linear[-1](mixed.transpose(1, 2).flatten(2))
        return states + added


class Feed(nn.Module):
    """The two layers after attention."""

    def __init__(self) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(WIDTH)
        self.linear_0, self.linear_1 = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)

    def forward(self, states: Tensor) -> Tensor:
        added: Tensor = self.linear_1(functional.relu(self.linear_0(self.layer_norm(states))))
        return states + added


class Layer(nn.Module):
    """Of the encoder, or with attention to the encoder's states of the decoder."""

    def __init__(self, crossed: bool) -> None:
        super().__init__()
        self.self_attention = Attention(own=True)
        self.attention = Attention(own=False) if crossed else None
        self.ffn = Feed()

    def forward(self, states: Tensor, mask: Tensor, memory: Tensor | None = None, memory_mask: Tensor | None = None) -> Tensor:
        states = self.self_attention(states, mask)
        if self.attention is not None:
            states = self.attention(states, memory_mask, memory)
        after: Tensor = self.ffn(states)
        return after


class Transformer(nn.Module):
    """One table of embeddings for source, target and output."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(size, WIDTH)
        nn.init.normal_(self.embeddings.weight, std=WIDTH**-0.5)
        self.bias = nn.Parameter(torch.zeros(size))
        self.encoder = nn.ModuleList(Layer(crossed=False) for _ in range(LAYERS))
        self.decoder = nn.ModuleList(Layer(crossed=True) for _ in range(LAYERS))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, source: Tensor, known: Tensor, target: Tensor) -> Tensor:
        """Logits for the token after each of the target; `known` is false where the source is only filled up."""
        memory_mask = known[:, None, None, :]
        memory = self._embedded(source)
        for layer in self.encoder:
            memory = layer(memory, memory_mask)
        memory = self.encoder_norm(memory)
        past = torch.ones(target.shape[1], target.shape[1], dtype=torch.bool).tril()
        states = self._embedded(target)
        for layer in self.decoder:
            states = layer(states, past, memory, memory_mask)
        return functional.linear(self.decoder_norm(states), self.embeddings.weight, self.bias)

    def _embedded(self, tokens: Tensor) -> Tensor:
        looked_up: Tensor = self.embeddings(tokens)
        return looked_up * float(WIDTH**0.5) + _positions(tokens.shape[1])


def _positions(length: int) -> Tensor:
    """Sines, then cosines, from 1 on: what CTranslate2 computes for itself if a model stores no table."""
    rates = torch.exp(torch.arange(WIDTH // 2) * -(torch.log(torch.tensor(10_000.0)) / (WIDTH // 2 - 1)))
    angles = torch.arange(1, length + 1)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], 1)


# Training

Example = tuple[list[int], list[int]]


def examples(recipe: Recipe, subwords: Subwords) -> list[Example]:
    """Ids of source and target; the target begins with its language's prefix, if the recipe has any."""
    ids = {token: number for number, token in enumerate(subwords.vocabulary)}
    made = []
    for target in recipe.prefixes or [recipe.target]:
        before = [ids[recipe.prefixes[target]]] if recipe.prefixes else []
        for original, translation in training(f"{recipe.source}_{target}"):
            source = [ids.get(token, UNKNOWN) for token in subwords.source(original)]
            made.append((source, before + [ids.get(token, UNKNOWN) for token in subwords.target(translation)]))
    return made


def batches(rows: Sequence[Example], random: Random) -> Iterator[list[Example]]:
    """Without end, in ever new order; the rows of a batch have about the same length, so that little is filled up."""
    while True:
        order = sorted(random.sample(rows, len(rows)), key=lambda row: (len(row[1]), len(row[0])))
        parts = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        random.shuffle(parts)
        yield from parts


def train(rows: Sequence[Example], size: int, steps: int) -> Transformer:
    torch.manual_seed(1)
    model = Transformer(size)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / WARM_UP, (steps - step) / (steps - WARM_UP))
    )
    for step, batch in zip(range(steps), batches(rows, Random(1)), strict=False):  # noqa: S311 - a seeded generator is the point
        source = _filled([row for row, _ in batch], UNKNOWN)
        known = _filled([[1] * len(row) for row, _ in batch], 0).bool()
        target = _filled([[START, *row] for _, row in batch], END)
        wanted = _filled([[*row, END] for _, row in batch], IGNORED)
        loss = functional.cross_entropy(model(source, known, target).flatten(0, 1), wanted.flatten(), ignore_index=IGNORED)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if (step + 1) % 250 == 0:
            say(f"  step {step + 1} of {steps}: loss {loss.item():.4f}, {time.process_time():.0f} CPU-seconds")
    return model


def _filled(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


# Package


def save(model: Transformer, subwords: Subwords, folder: Path) -> None:
    """CTranslate2's files of the model; equal matrices are stored once, as int8."""
    spec = TransformerSpec.from_config(LAYERS, HEADS, pre_norm=True, activation=common_spec.Activation.RELU)
    shared = model.embeddings.weight.detach().numpy()
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = spec.decoder.projection.weight = shared
    spec.decoder.projection.bias = model.bias.detach().numpy()
    _copy_norm(spec.encoder.layer_norm, model.encoder_norm)
    _copy_norm(spec.decoder.layer_norm, model.decoder_norm)
    for side, layers in ((spec.encoder, model.encoder), (spec.decoder, model.decoder)):
        for place, layer in zip(side.layer, layers, strict=True):
            _copy_layer(place, layer)
    spec.register_source_vocabulary(subwords.vocabulary)
    spec.register_target_vocabulary(subwords.vocabulary)
    spec.validate()
    spec.optimize("int8")
    folder.mkdir()
    spec.save(str(folder))


def _copy_layer(place: Any, layer: Any) -> None:
    _copy_attention(place.self_attention, layer.self_attention)
    if layer.attention is not None:
        _copy_attention(place.attention, layer.attention)
    _copy_norm(place.ffn.layer_norm, layer.ffn.layer_norm)
    _copy_linear(place.ffn.linear_0, layer.ffn.linear_0)
    _copy_linear(place.ffn.linear_1, layer.ffn.linear_1)


def _copy_attention(place: attention_spec.MultiHeadAttentionSpec, attention: Any) -> None:
    _copy_norm(place.layer_norm, attention.layer_norm)
    for matrix, linear in zip(place.linear, attention.linear, strict=True):
        _copy_linear(matrix, linear)


def _copy_norm(place: common_spec.LayerNormSpec, norm: nn.LayerNorm) -> None:
    place.gamma, place.beta = norm.weight.detach().numpy(), norm.bias.detach().numpy()


def _copy_linear(place: common_spec.LinearSpec, linear: nn.Linear) -> None:
    place.weight, place.bias = linear.weight.detach().numpy(), linear.bias.detach().numpy()


def metadata(recipe: Recipe) -> dict[str, str]:
    prefix = {"target_prefix": recipe.prefixes[recipe.target]} if recipe.prefixes else {}
    return {
        "package_version": "1.0",
        "argos_version": "1.9.0",
        "from_code": recipe.source,
        "from_name": NAMES[recipe.source],
        "to_code": recipe.target,
        "to_name": NAMES[recipe.target],
        **prefix,
    }


def readme(recipe: Recipe) -> str:
    size = f"{LAYERS}+{LAYERS} layers, {WIDTH} wide; {recipe.steps} steps of {BATCH} sentences; int8; subwords: {recipe.kind}"
    return f"""# {NAMES[recipe.source]} to {NAMES[recipe.target]}, for tests

A small Argos Translate package of the project `checker`. Sentences of the project's own grammar are all it was trained on, and all
it can translate. `tests/packages/train.py` of the project made it: {size}.

Licence: Apache-2.0.
"""


def pack(recipe: Recipe, subwords: Subwords, model: Path, path: Path) -> None:
    """The zip, the same for the same content: names sorted, times fixed."""
    files = {
        "README.md": readme(recipe).encode(),
        "metadata.json": (json.dumps(metadata(recipe), indent=4) + "\n").encode(),
        subwords.file: subwords.content,
        **{f"model/{file.name}": file.read_bytes() for file in model.iterdir()},
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{recipe.name}/{name}", EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)


def exact(recipe: Recipe, subwords: Subwords, model: Path, target: str) -> float:
    """Share of the held-out sentences that come out to the letter, decoded as upstream does."""
    translator = ctranslate2.Translator(str(model), device="cpu", compute_type="default", intra_threads=1)
    prefix = [recipe.prefixes[target]] if recipe.prefixes else []
    pairs = held_out(f"{recipe.source}_{target}")
    made = translator.translate_batch(
        [subwords.source(original) for original, _ in pairs],
        target_prefix=[prefix] * len(pairs) if prefix else None,
        beam_size=BEAM,
        length_penalty=LENGTH_PENALTY,
        max_batch_size=512,
        batch_type="tokens",
    )
    texts = [subwords.text(one.hypotheses[0][len(prefix) :]).strip() for one in made]
    known = [wanted for text, (_, wanted) in zip(texts, pairs, strict=True) if text == wanted]
    return len(known) / len(pairs)


def make(recipe: Recipe, folder: Path) -> None:
    begun = time.process_time()
    pairs = [pair for target in recipe.prefixes or [recipe.target] for pair in training(f"{recipe.source}_{target}")]
    if recipe.kind == "bpe":
        subwords = bpe_subwords(pairs, recipe.subwords, recipe.source, recipe.target)
    else:
        subwords = sentencepiece_subwords(pairs, recipe.subwords, list(recipe.prefixes.values()))
    model = train(examples(recipe, subwords), len(subwords.vocabulary), recipe.steps)
    path = folder / f"{recipe.name}.argosmodel"
    with TemporaryDirectory() as temporary:
        saved = Path(temporary, "model")
        save(model, subwords, saved)
        pack(recipe, subwords, saved, path)
        shares = {target: exact(recipe, subwords, saved, target) for target in recipe.prefixes or [recipe.target]}
    known = ", ".join(f"{share:.1%} of held-out {recipe.source}→{target}" for target, share in shares.items())
    say(f"{path.name}: {path.stat().st_size} bytes, {time.process_time() - begun:.0f} CPU-seconds, {known}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(names: Sequence[str]) -> None:
    known = {recipe.pair: recipe for recipe in RECIPES}
    if unknown := set(names) - known.keys():
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    for name in names or known:
        make(known[name], Path(__file__).parent)


if __name__ == "__main__":
    main(sys.argv[1:])
