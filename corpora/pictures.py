"""Writes the pictures of the documentation: what an audit of the demo corpus prints, and its review page in a real browser.

    python corpora/pictures.py

Needs playwright and Debian's chromium (CHECKER_BROWSER names another).
"""

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import browser, opened  # noqa: E402 - the project is no package to install for this

PICTURES = ROOT / "docs" / "pictures"

# Views of the review page, and what they show.
VIEWS = {
    "overview": "",
    "findings": "view=findings&severity=critical",
    "sentences": "view=sentences",
    "page": "view=page&doc=versions/en/swing-bridge-via-french.txt",
}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "reports" / "demo"
        said = checker("audit", "corpora/demo", "--out", str(run), "--exit-zero").replace(str(run), "reports/demo")
        terminal(said, PICTURES / "summary.svg")
        checker("review", str(run))
        with browser() as chromium:
            for name, fragment in VIEWS.items():
                with opened(chromium, run / "review.html", fragment) as page:
                    page.wait_for_timeout(300)  # until the rows are drawn
                    page.screenshot(path=PICTURES / f"{name}.png")
    for path in sorted(PICTURES.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB")  # noqa: T201


def checker(*arguments: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "checker", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603


def terminal(said: str, path: Path) -> None:
    """What was printed, from the list of findings on, as a picture of a terminal; the same output gives the same file."""
    console = Console(record=True, width=128, file=io.StringIO())
    console.print(Text("$ checker audit corpora/demo --out reports/demo"), Text(said.split("\n\n", 1)[0]), "…", sep="\n")
    console.print(Text("\n" + said[said.index("findings by rule") :].rstrip()))
    svg = console.export_svg(title="checker", unique_id="terminal")
    path.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL), encoding="utf-8")  # it would ask the network


if __name__ == "__main__":
    main()
