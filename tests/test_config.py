"""Settings: where they come from, which win, and what is said of wrong ones."""

from pathlib import Path

import pytest

from checker.config import Config, load
from checker.errors import ConfigError
from checker.overrides import Override


def test_the_nearest_file_above_the_input_counts_and_flags_win(tmp_path: Path) -> None:
    corpus = tmp_path / "project" / "corpus"
    corpus.mkdir(parents=True)
    (tmp_path / "checker.toml").write_text('engine = "argos"\n')
    (tmp_path / "project" / "pyproject.toml").write_text(
        '[tool.checker]\nengine = "apertium"\noriginals = "corpus/en"\n[tool.checker.gate]\nmax_findings = 3\n'
    )
    found = load(corpus, {"engine": "recorded", "memory": None})
    assert (found.engine, found.originals, found.gate.max_findings) == ("recorded", tmp_path / "project/corpus/en", 3)
    assert found.sources["engine"] == "command line"
    assert found.sources["gate.max_findings"].endswith("pyproject.toml")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('orignals = "en"', "did you mean 'originals'"),
        ("max_line = 'long'", "expected a whole number"),
        ("select = 'ART'", "expected a list of strings"),
        ("engine = 'deepl'", "expected one of auto, recorded, argos, argostranslate"),
        ("select = ['foreign-tags']", "did you mean 'foreign-tag'"),
        ("[gate]\nfail_on = 'fatal'", "expected one of info"),
        ("[gate]\nmin_mean_fidelty = 3", "did you mean 'min_mean_fidelity'"),
        ("engine = ", "cannot be read as TOML"),
        ("gate = 3", "expected a table"),
        ("[gates]\nfail_on = 'major'", "did you mean 'gate'"),
        ("[gate]\nmin_coverage = 70", "expected 0 to 1"),
        ("packs = 'my.toml'", "expected a list of paths"),
        ("override = 3", "each begins with"),
        ("[override]\nrule = 'ART'", "each begins with"),
        ("[[override]]\nrule = 'ART'", "override 1: says neither severity nor suppress"),
        ("[[override]]\nrule = 'ART'\nsuppress = true", "suppresses without a reason"),
        ("[[override]]\nrule = 'ART'\nsuppress = true\nreason = ' '", "suppresses without a reason"),
        ("[[override]]\nrule = 'ART'\nsuppress = true\nreason = 'x'\nseverity = 'info'", "says severity and suppress"),
        ("[[override]]\nseverity = 'info'", "fits everything"),
        ("[[override]]\nrule = 'ART'\nseverity = 'mild'", "override 1: setting 'severity' is 'mild', expected one of info"),
        ("[[override]]\nrule = 'ui-crome'\nseverity = 'info'", "did you mean 'ui-chrome'"),
        ("[[override]]\nrule = ['ART', 3]\nseverity = 'info'", "expected a list of strings"),
        ("[[override]]\nlang = 'english'\nseverity = 'info'", "expected an ISO 639-1 code"),
        ("[[override]]\nrules = 'ART'\nseverity = 'info'", "did you mean 'rule'"),
        ("[[overrides]]\nrule = 'ART'\nseverity = 'info'", "did you mean 'override'"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file_and_what_was_expected(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "checker.toml").write_text(content)
    with pytest.raises(ConfigError, match=says):
        load(tmp_path, {})


def test_rules_are_chosen_by_name_code_or_beginning_of_a_code() -> None:
    chosen = Config(select=("ART", "lost-number"), ignore=("foreign-*",)).rules()
    assert "lost-number" in chosen
    assert "ui-chrome" in chosen
    assert "foreign-tag" not in chosen
    assert "omission" not in chosen


def test_overrides_come_from_the_file_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[[tool.checker.override]]\nrule = 'ui-chrome'\npath = 'mirror/*'\nlang = 'zh'\nseverity = 'info'\n"
        "[[tool.checker.override]]\nrule = ['ART', 'TYP']\nfingerprint = 'ab12'\nsuppress = true\nreason = 'expected'\n"
    )
    assert load(tmp_path, {}).overrides == (
        Override(rule=("ui-chrome",), path="mirror/*", lang="zh", severity="info"),
        Override(rule=("ART", "TYP"), fingerprint=("ab12",), suppress=True, reason="expected"),
    )


def test_packs_of_a_file_are_relative_to_it_and_those_of_a_flag_to_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "checker.toml").write_text("packs = ['packs/my.toml']\n")
    assert load(tmp_path / "corpus", {}).packs == (tmp_path / "packs" / "my.toml",)
    assert load(tmp_path / "corpus", {"packs": (Path("other.toml"),)}).packs == (Path("other.toml"),)
