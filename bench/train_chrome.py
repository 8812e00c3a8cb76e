"""Learns the model of the rule `ui-chrome`: which lines of a page are the site's and which are the text's, from text alone.

    python bench/train_chrome.py            cross-validates by site, a fifth of the sites held out at a time, and prints the figures
    python bench/train_chrome.py --write    besides, learns from all sites, and writes checker/models/chrome_lines.json

Needs catboost and scikit-learn, which `checker` itself does not (pip install catboost scikit-learn); without them it says so. The
pages are those of chrome_lines_dev; each is read as it is, cut to its article and ten lines around, as its article alone, and as if
its script had no capitals and its language no known words. What is shipped are single words with weights, borders of numbers, and
values of leaves.
"""

import gzip
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from chrome import figures
from numpy.typing import NDArray

from checker import looks, segment, tables
from checker.rules import ui_chrome

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
PAGES = SHARED / "data/chrome_lines_dev.jsonl.gz"
FOLDS = 5

# Lines of a page that are neither near its article nor part of it are easy and many.
FAR = 0.01
# Copies of a page count less than the page.
COPIES = {"page": 1.0, "window": 0.3, "article": 0.3, "foreign": 0.3}
# A line that is the page's title may be its headline or a link to it elsewhere: with a whole weight F1 falls from .917 to .914.
TITLES = 0.4
# A word is learnt if it stands on the pages of so many sites.
SITES = 6
TREES, DEPTH, RATE = 200, 6, 0.075
# Forests of different chance, averaged.
SEEDS = (1, 2)
# Values of leaves are whole multiples of this.
UNIT = 0.0005
# The rule's threshold has this precision on the pages that it is set on; on others it has some .01 less.
PRECISION, ASKED = 0.955, "asked: F1 .93 from the text alone; at precision .95 recall .85, at most 1 % of the text lost"


def pages() -> list[dict]:
    with gzip.open(PAGES, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def fold_of(sites: Sequence[str]) -> list[int]:
    """A fold for each page; a site's pages are in one."""
    order = sorted(set(sites), key=lambda site: hashlib.sha256(site.encode()).hexdigest())
    fold = {site: number % FOLDS for number, site in enumerate(order)}
    return [fold[site] for site in sites]


def copies(page: Mapping) -> Iterator[tuple[str, list[int]]]:
    """Names of a page's copies, and the lines that each holds."""
    first, last = page["window"]
    everything = range(len(page["lines"]))
    yield "page", list(everything)
    yield "window", list(everything)[first : last + 1]
    yield "article", [line for line in everything if page["labels"][line] in "ctm" and first <= line <= last]
    yield "foreign", list(everything)


def frame() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines of all copies, and of each line: label, near, copy, page, fold."""
    read = pages()
    folds = fold_of([page["site"] for page in read])
    documents, rows = [], []
    for number, page in enumerate(read):
        for name, kept in copies(page):
            doc = f"{number:04}-{name}"
            text = "\n".join(page["lines"][line] for line in kept)
            documents.append({"doc": doc, "path": doc, "format": "text", "status": "ok", "text": text})
            first, last = page["window"]
            rows += [
                (doc, at, page["labels"][line], first <= line <= last, name, number, folds[number]) for at, line in enumerate(kept)
            ]
    lines = segment.lines(tables.PAGES.conform(pl.DataFrame(documents)))
    schema = ["doc", "line", "label", "near", "copy", "page", "fold"]
    return lines, pl.DataFrame(rows, schema=schema, orient="row").sort("doc", "line")


def weights(about: pl.DataFrame) -> NDArray[np.float64]:
    """What each line counts: copies less than pages, lines far from the article little, a page less than its many lines."""
    share = about["copy"].replace_strict(COPIES, return_dtype=pl.Float64).to_numpy()
    known = ~about["label"].is_in(["m", "e"]).to_numpy()
    share = share * np.where((about["label"] == "t").to_numpy(), TITLES, 1)
    near = about["near"].to_numpy()
    size = about.select((pl.col("near") & (pl.col("copy") == "page")).sum().over("page"))["near"].to_numpy()
    return share * known * np.where(near, 1, FAR) / np.sqrt(np.maximum(size, 10) / 50)


def learn_words(
    text: looks.Characters, use: NDArray[np.bool_], chrome: NDArray[np.bool_], weight: NDArray[np.float64], site: NDArray[np.int64]
) -> dict[str, float]:
    """Words and what they say about a line: log-odds of chrome, by logistic regression over the lines in use."""
    from scipy.sparse import csr_matrix, diags  # noqa: PLC0415 - only who trains has it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - the same

    begin, end, _ = text.words()
    line, hashes = text.line[begin], text.hashes(begin, end)
    kept = use[line]
    line, hashes, begin, end = line[kept], hashes[kept], begin[kept], end[kept]
    _, first, word = np.unique(hashes, return_index=True, return_inverse=True)
    pairs = np.unique(np.stack([word, site[line]]), axis=1)
    often = np.bincount(pairs[0], minlength=len(first)) >= SITES
    place = np.cumsum(often) - 1
    chosen = often[word]
    matrix = csr_matrix((np.ones(chosen.sum()), (line[chosen], place[word[chosen]])), shape=(len(use), often.sum()))
    each = np.asarray(matrix.sum(axis=1)).ravel()
    matrix = (diags(1 / np.sqrt(np.maximum(each, 1))) @ matrix).tocsr()
    model = LogisticRegression(C=1.0, max_iter=500).fit(matrix[use], chrome[use], sample_weight=weight[use])
    return {
        text.lowered(begin[at], end[at]): round(float(value), 1)
        for at, value in zip(first[often], model.coef_[0], strict=True)
        if abs(value) >= 0.15
    }


def forest(x: NDArray[np.float32], chrome: NDArray[np.bool_], weight: NDArray[np.float64], seed: int) -> Any:
    from catboost import CatBoostClassifier  # noqa: PLC0415 - only who trains has it

    model = CatBoostClassifier(
        iterations=TREES,
        learning_rate=RATE,
        depth=DEPTH,
        l2_leaf_reg=8,
        rsm=0.3,
        bootstrap_type="Bernoulli",
        subsample=0.6,
        border_count=48,
        random_seed=seed,
        thread_count=1,
        verbose=0,
        allow_writing_files=False,
    )
    return model.fit(x, chrome, sample_weight=weight)


def observed(lines: pl.DataFrame, about: pl.DataFrame) -> tuple[dict[str, NDArray[np.float32]], dict[str, float]]:
    """The looks of every line, its words weighed by what other folds' pages say; and the words as all pages weigh them."""
    known = ui_chrome.known(ui_chrome.told(lines))
    text = looks.Characters.of(lines)
    weight, chrome = weights(about), (about["label"] == "b").to_numpy()
    fold, page = about["fold"].to_numpy(), about["page"].to_numpy()
    plain = (about["copy"] == "page").to_numpy()
    far = np.where(about["near"].to_numpy(), 1, 10) * weight
    site = page
    use = plain & (weight > 0)
    parts = []
    for number in range(FOLDS):
        words = looks.vocabulary(learn_words(text, use & (fold != number), chrome, far, site))
        rows = np.flatnonzero(fold == number)
        parts.append((rows, looks.alone(lines[rows], {kind: hits[rows] for kind, hits in known.items()}, words)))
    own = {name: np.empty(lines.height, np.float32) for name in parts[0][1]}
    for rows, part in parts:
        for name, values in part.items():
            own[name][rows] = values
    foreign = (about["copy"] == "foreign").to_numpy()
    own["words_say"][foreign] = 0
    for name, value in looks.NEUTRAL.items():
        own[name][foreign] = value
    own["words"][foreign] = np.minimum(own["size"][foreign] / 6, 150)
    everything = own | looks.around(own, looks.Documents.of(lines["doc"]))
    return everything, learn_words(text, use, chrome, far, site)


def cross_validated(x: NDArray[np.float32], about: pl.DataFrame) -> NDArray[np.float64]:
    chrome, fold, weight = (about["label"] == "b").to_numpy(), about["fold"].to_numpy(), weights(about)
    probability = np.empty(len(x))
    for number in range(FOLDS):
        use = (fold != number) & (weight > 0)
        odds = [
            forest(x[use], chrome[use], weight[use], seed).predict(x[fold == number], prediction_type="RawFormulaVal")
            for seed in SEEDS
        ]
        probability[fold == number] = 1 / (1 + np.exp(-np.mean(odds, axis=0)))
    return probability


def threshold(chrome: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    """The lowest probability above which so many of the lines are chrome."""
    order = np.argsort(-probability, kind="stable")
    reached = np.flatnonzero(np.cumsum(chrome[order]) / np.arange(1, len(order) + 1) >= PRECISION)
    return round(float(probability[order[reached[-1]]]), 3)


def shipped(lines: pl.DataFrame, about: pl.DataFrame, seen: dict, probability: NDArray[np.float64]) -> NDArray[np.bool_]:
    """What the rule flags with each fold's probabilities and the threshold that the other folds' lines set."""
    chrome, fold = (about["label"] == "b").to_numpy(), about["fold"].to_numpy()
    scored = measured(about)
    flags = np.zeros(lines.height, np.bool_)
    for number in range(FOLDS):
        rows, others = np.flatnonzero(fold == number), scored & (fold != number)
        part, numbers = lines[rows], {name: values[rows] for name, values in seen.items()}
        border = threshold(chrome[others], probability[others])
        found = ui_chrome.judged(ui_chrome.told(part), numbers, probability[rows].astype(np.float32), border)
        flags[rows] = part.join(found.select("doc", "line", hit=True), on=["doc", "line"], how="left", maintain_order="left")[
            "hit"
        ].fill_null(value=False)
    return flags


def measured(about: pl.DataFrame) -> NDArray[np.bool_]:
    """The lines that count in the figures: of the pages as they are, near the article, content or chrome."""
    return about.select((pl.col("copy") == "page") & pl.col("near") & pl.col("label").is_in(["b", "c"])).to_series().to_numpy()


def report(lines: pl.DataFrame, about: pl.DataFrame, seen: dict, probability: NDArray[np.float64]) -> None:
    chrome, chars = (about["label"] == "b").to_numpy(), lines["text"].str.len_chars().to_numpy()
    flags = shipped(lines, about, seen, probability)
    near = measured(about)
    every = about.select((pl.col("copy") == "page") & pl.col("label").is_in(["b", "c"])).to_series().to_numpy()
    langs = np.array([page["lang"] for page in pages()])[about["page"].to_numpy()]
    groups = {
        "all": near,
        "en": near & (langs == "en"),
        "de": near & (langs == "de"),
        "other": near & ~np.isin(langs, ["en", "de"]),
    }
    for name, rows in (groups | {"every line of the page": every}).items():
        print(f"{name}, {rows.sum()} lines")
        print(f"  probability of .5 and more   {figures(chrome[rows], probability[rows] >= 0.5, chars[rows])}")
        print(f"  the rule as it is shipped    {figures(chrome[rows], flags[rows], chars[rows])}")
    titles = about.select((pl.col("copy") == "page") & pl.col("near") & (pl.col("label") == "t")).to_series().to_numpy()
    first = pl.col("line").filter(pl.col("near") & (pl.col("label") == "c")).min().over("doc")
    above = about.with_columns(flag=pl.Series(flags), title=pl.Series(titles), first=first).filter(
        "title", pl.col("line") < pl.col("first")
    )
    headlines = above.group_by("doc").agg(pl.col("flag").all())["flag"]
    print(
        f"titles flagged: {(flags & titles).sum()} of {titles.sum()} (related links that are the title, and sections, among them)"
    )
    print(f"pages without any of their titles above the article left: {headlines.sum()} of {len(headlines)}")
    print(ASKED)


def exported(models: Sequence[Any], names: Sequence[str], words: Mapping[str, float], border: float) -> dict:
    """The models' trees as `checker.trees` reads them; several models are one, each with its share."""
    questions: dict[tuple[int, float], int] = {}
    trees, leaves, bias = [], [], 0.0
    for model in models:
        with tempfile.TemporaryDirectory() as place:
            model.save_model(f"{place}/model.json", format="json")
            table = json.loads(Path(f"{place}/model.json").read_text())
        scale, (offset,) = table["scale_and_bias"]
        bias += offset / len(models)
        for tree in table["oblivious_trees"]:
            asked = [(split["float_feature_index"], round(split["border"], 5)) for split in tree["splits"]]
            trees.append([questions.setdefault(question, len(questions)) for question in asked])
            leaves.append([round(value * scale / len(models) / UNIT) for value in tree["leaf_values"]])
    used = sorted({feature for feature, _ in questions})
    digest = hashlib.sha256(PAGES.read_bytes()).hexdigest()
    about = {
        "is": "which lines of a page are the site's: oblivious trees (checker/trees.py) over looks of lines (checker/looks.py)",
        "trained_by": "bench/train_chrome.py",
        "on": PAGES.name,
        "sha256": digest,
        "pages": len(pages()),
        "parameters": {
            "trees": len(trees),
            "depth": DEPTH,
            "rate": RATE,
            "far": FAR,
            "copies": COPIES,
            "sites": SITES,
            "precision": PRECISION,
        },
    }
    return {
        "about": about,
        "threshold": border,
        "bias": round(bias, 5),
        "unit": UNIT,
        "features": [names[feature] for feature in used],
        "questions": [[used.index(feature), value] for feature, value in questions],
        "trees": trees,
        "leaves": leaves,
        "words": dict(sorted(words.items())),
    }


def written(model: dict) -> str:
    """The model as JSON, one key a line."""
    return (
        "{\n"
        + ",\n".join(
            f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}" for key, value in model.items()
        )
        + "\n}\n"
    )


def main() -> None:
    if not (find_spec("catboost") and find_spec("sklearn")):
        print("not run: needs catboost and scikit-learn")
        return
    lines, about = frame()
    seen, words = observed(lines, about)
    x, names = np.stack(list(seen.values()), axis=1), list(seen)
    probability = cross_validated(x, about)
    report(lines, about, seen, probability)
    if "--write" in sys.argv:
        chrome, weight, near = (about["label"] == "b").to_numpy(), weights(about), measured(about)
        use = weight > 0
        models = [forest(x[use], chrome[use], weight[use], seed) for seed in SEEDS]
        border = threshold(chrome[near], probability[near])
        ui_chrome.MODEL.parent.mkdir(exist_ok=True)
        ui_chrome.MODEL.write_text(written(exported(models, names, words, border)), "utf-8")
        print(f"written: {ui_chrome.MODEL.stat().st_size / 1000:.0f} kB, threshold {border}")


if __name__ == "__main__":
    main()
