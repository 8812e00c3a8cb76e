"""The weights of a BERT encoder, from safetensors into the layout of CTranslate2, which runs it without torch.

The layout is the one that CTranslate2's own converter gives a `BertModel` of transformers (`ctranslate2.converters.transformers`),
without the pooling layer, which sentence encoders do not use.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checker.errors import InputError

Weights = Mapping[str, NDArray[np.float32]]

# Names of activations in config.json that BERT encoders are published with, to CTranslate2's.
_ACTIVATIONS = {"gelu": "GELU", "gelu_new": "GELUTanh", "relu": "RELU"}

_SIZES = ("num_hidden_layers", "num_attention_heads", "vocab_size", "max_position_embeddings", "layer_norm_eps")
_KINDS = {"model_type": "bert", "position_embedding_type": "absolute"}


def check(config: Mapping[str, Any], where: str) -> None:
    """Raises `InputError` if `config.json` describes another architecture than BERT with absolute positions."""
    if missing := [name for name in _SIZES if not isinstance(config.get(name), int | float)]:
        raise InputError(f"config.json has no {missing[0]}", where=where)
    for name, kind in _KINDS.items():
        if config.get(name, kind) != kind:
            raise InputError(
                f"{name} is {config[name]!r} in config.json, expected {kind!r}",
                where=where,
                remedy="name a sentence encoder of the BERT kind, such as all-MiniLM-L6-v2",
            )
    if config.get("hidden_act") not in _ACTIVATIONS:
        expected = ", ".join(_ACTIVATIONS)
        raise InputError(f"hidden_act is {config.get('hidden_act')!r} in config.json, expected one of {expected}", where=where)


def convert(weights: Weights, config: Mapping[str, Any], tokens: Sequence[str], folder: Path) -> None:
    """Writes CTranslate2's model of the weights into a folder that is there; raises `KeyError` for a weight that is missing."""
    from ctranslate2 import specs  # noqa: PLC0415 -- a tenth of a second, for what is done once a model

    layout = specs.TransformerEncoderSpec(
        config["num_hidden_layers"],
        config["num_attention_heads"],
        pre_norm=False,
        activation=specs.Activation[_ACTIVATIONS[config["hidden_act"]]],
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=specs.EmbeddingsMerge.ADD,
    )
    layout.scale_embeddings = False
    _embed(layout, weights)
    for number, layer in enumerate(layout.layer):
        _layer(layer, weights, f"encoder.layer.{number}")
    model = specs.TransformerEncoderModelSpec(layout)
    unnamed = (f"<unnamed {n}>" for n in range(len(tokens), config["vocab_size"]))
    model.register_vocabulary([*tokens, *unnamed])
    model.config.layer_norm_epsilon = config["layer_norm_eps"]
    model.validate()
    model.optimize()
    model.save(str(folder))


def _embed(layout: Any, weights: Weights) -> None:
    words, kinds = layout.embeddings
    words.weight = weights["embeddings.word_embeddings.weight"]
    kinds.weight = weights["embeddings.token_type_embeddings.weight"]
    layout.position_encodings.encodings = weights["embeddings.position_embeddings.weight"]
    _fill(layout.layernorm_embedding, "gamma", "beta", weights, "embeddings.LayerNorm")


def _layer(layer: Any, weights: Weights, name: str) -> None:
    asked = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    layer.self_attention.linear[0].weight = np.concatenate([weights[f"{part}.weight"] for part in asked])
    layer.self_attention.linear[0].bias = np.concatenate([weights[f"{part}.bias"] for part in asked])
    _fill(layer.self_attention.linear[1], "weight", "bias", weights, f"{name}.attention.output.dense")
    _fill(layer.self_attention.layer_norm, "gamma", "beta", weights, f"{name}.attention.output.LayerNorm")
    _fill(layer.ffn.linear_0, "weight", "bias", weights, f"{name}.intermediate.dense")
    _fill(layer.ffn.linear_1, "weight", "bias", weights, f"{name}.output.dense")
    _fill(layer.ffn.layer_norm, "gamma", "beta", weights, f"{name}.output.LayerNorm")


def _fill(part: Any, scale: str, shift: str, weights: Weights, name: str) -> None:
    """A layer's two arrays, by CTranslate2's names of them and ours."""
    setattr(part, scale, weights[f"{name}.weight"])
    setattr(part, shift, weights[f"{name}.bias"])
