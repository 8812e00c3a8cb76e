"""Time is bounded: a line as long as the settings allow, of whatever it is made, is read, segmented and searched by every rule.

The bound is generous, for this is no benchmark: what takes the square of a line's length takes hours here.
"""

from pathlib import Path

from checker.config import Config
from tests.conftest import Run

LENGTH = Config().max_line - 100_000
SECONDS = 900

LINES = {
    "one letter": "a",
    "words": "the ferry sails at dawn ",
    "no spaces": "渡轮七点离开码头",
    "sentences without spaces": "好。",
    "full stops": ".",
    "punctuation": "!?…—",
    "initials": "a. ",
    "digits": "1234567890",
    "capitalised words": "Harbour Street Ferry ",
    "opening quotes": "“",
    "opened quotations": "“Stay ",
    "straight quotes": '" a',
    "spaced letters": "a ",
    "sentences": "The crews met in Kirkwall on Monday. They agreed. ",
    "breadcrumbs": "Home / News / ",
    "bars": "a | b | ",
    "another alphabet": "паром ",
    "two alphabets": "паромferry",
    "hyphens": "re-de-",
    "en dashes": "de–re–",
    "addresses": "www.a.com/",
    "brackets": "((［",
    "hard spaces": "a\u00a0b ",
    "invisible characters": "a\u200b",
    "broken sentences": "ferry. the day. ",
    "credits": "Photo: ",
    "function words": "of the its been ",
}
ABOVE = "The strike of the ferry crews in the harbour ended on Monday after nine days of talks, the crews said.\n\n"


def test_lines_of_a_million_characters_take_bounded_time(tmp_path: Path, checker: Run) -> None:
    for name, unit in LINES.items():
        line = (unit * (LENGTH // len(unit) + 1))[:LENGTH]
        (tmp_path / f"{name}.txt").write_text(f"{ABOVE}{line}\n\n{ABOVE}", encoding="utf-8")
    found = checker("detect", tmp_path, "--exit-zero", limit=SECONDS)
    assert found.returncode == 0, found.stderr
    assert f"in {len(LINES)} documents:" in found.stderr
