"""Builds an Argos package of the size of real ones, with random weights: `python bench/large_model.py FOLDER`.

Argos' models are transformers of 6+6 layers, 512 dimensions, 8 heads, 2,048 in between, a vocabulary of some 32,000, in 8 bits.
What such a model says is noise, and so is how long it would say it: `bench/translate.py` forces the length. Its speed is that of a
trained one.
"""

import json
import random
import sys
from pathlib import Path

import ctranslate2
import numpy as np
import sentencepiece
from ctranslate2.specs import transformer_spec
from ctranslate2.specs.common_spec import Activation

LAYERS, DIM, HEADS, INNER, VOCABULARY, POSITIONS = 6, 512, 8, 2048, 32_000, 512
PIECES = 4_000
SEED = 7


def build(folder: Path, sentences: list[str]) -> Path:
    """The package, in a folder of its own below `folder`; subwords are learnt from the sentences."""
    package = folder / "translate-fr_en-random"
    (package / "model").mkdir(parents=True, exist_ok=True)
    trained = package / "sentencepiece.model"
    with trained.open("wb") as out:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences), model_writer=out, vocab_size=PIECES, minloglevel=2, num_threads=1
        )
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(trained))
    own = [pieces.id_to_piece(number) for number in range(3, PIECES)]
    words = random.Random(SEED)
    filler = [f"▁{''.join(words.choices('aeiouklmnprst', k=6))}{number}" for number in range(VOCABULARY - 3 - len(own))]
    vocabulary = ["<unk>", "<s>", "</s>", *own, *filler]
    spec = transformer_spec.TransformerSpec.from_config((LAYERS, LAYERS), HEADS, pre_norm=True, activation=Activation.RELU)
    fill(spec)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(package / "model"))
    metadata = {"package_version": "1.0", "argos_version": "1.9.0", "from_code": "fr", "to_code": "en"}
    (package / "metadata.json").write_text(json.dumps({**metadata, "from_name": "French", "to_name": "English"}))
    return package


def fill(spec: transformer_spec.TransformerSpec) -> None:
    """Random weights of a usual size."""
    numbers = np.random.default_rng(SEED)

    def normal(*shape: int) -> np.ndarray:
        return (numbers.standard_normal(shape) * 0.05).astype(np.float32)

    def linear(layer: object, rows: int, columns: int) -> None:
        layer.weight, layer.bias = normal(rows, columns), np.zeros(rows, np.float32)  # type: ignore[attr-defined]

    def norm(layer: object) -> None:
        layer.gamma, layer.beta = np.ones(DIM, np.float32), np.zeros(DIM, np.float32)  # type: ignore[attr-defined]

    def inner(layer: object) -> None:
        linear(layer.linear_0, INNER, DIM)  # type: ignore[attr-defined]
        linear(layer.linear_1, DIM, INNER)  # type: ignore[attr-defined]
        norm(layer.layer_norm)  # type: ignore[attr-defined]

    def attention(layer: object, shapes: tuple[tuple[int, int], ...]) -> None:
        for part, shape in zip(layer.linear, shapes, strict=True):  # type: ignore[attr-defined]
            linear(part, *shape)
        norm(layer.layer_norm)  # type: ignore[attr-defined]

    embedding, positions = normal(VOCABULARY, DIM), normal(POSITIONS, DIM)
    encoder_embedding = spec.encoder.embeddings[0] if isinstance(spec.encoder.embeddings, list) else spec.encoder.embeddings
    for each, side in ((encoder_embedding, spec.encoder), (spec.decoder.embeddings, spec.decoder)):
        each.weight = embedding
        side.position_encodings.encodings = positions
        norm(side.layer_norm)
    for layer in spec.encoder.layer:
        attention(layer.self_attention, ((3 * DIM, DIM), (DIM, DIM)))
        inner(layer.ffn)
    for layer in spec.decoder.layer:
        attention(layer.self_attention, ((3 * DIM, DIM), (DIM, DIM)))
        attention(layer.attention, ((DIM, DIM), (2 * DIM, DIM), (DIM, DIM)))
        inner(layer.ffn)
    spec.decoder.projection.weight, spec.decoder.projection.bias = embedding, np.zeros(VOCABULARY, np.float32)


if __name__ == "__main__":
    import polars as pl

    recorded = pl.read_parquet("../shared/data/flores_dev_recorded.parquet").filter(pl.col("lang") == "fr")
    print(build(Path(sys.argv[1]), recorded["version"].unique().sort().to_list()), ctranslate2.__version__)
