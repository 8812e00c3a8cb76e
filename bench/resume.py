"""Runs of `checker translate` that are killed at random moments and go on: lines lost, doubled or different at the end.

    python bench/resume.py [KILLS]

The project's own French package translates 16,000 lines of its grammar, of which a fifth are repeats; a run that nobody kills and
keeps nothing says what is right.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.packages.grammar import training  # noqa: E402 -- the repository's root is no place for modules of a user

KILLS, LINES, REPEATS = 10, 16_000, 0.2


def command(place: Path, *flags: str) -> list[str]:
    given = ["translate", str(place / "lines.txt"), "--from", "fr", "--engine", "argos", "--config", str(place / "checker.toml")]
    return [sys.executable, "-m", "checker", *given, "--output-format", "jsonl", *flags]


def kept(place: Path) -> Counter[str]:
    """How often each distinct translation is kept."""
    path = place / "cache" / "translations.sqlite"
    if not path.is_file():
        return Counter()
    try:
        db = sqlite3.connect(path)
        found = Counter(dict(db.execute("SELECT hex(key), COUNT(*) FROM translations GROUP BY key")))
        db.close()
    except sqlite3.Error:
        return Counter()
    return found


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    chance = random.Random()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with zipfile.ZipFile(ROOT / "tests/packages/translate-fr_en-1_0.argosmodel") as archive:
            archive.extractall(place / "packages")
        (place / "checker.toml").write_text('packages = "packages"\n')
        sources = [source for source, _ in training("fr_en")]
        distinct = sources[: int(LINES * (1 - REPEATS))]
        lines = distinct + chance.choices(distinct, k=LINES - len(distinct))
        (place / "lines.txt").write_text("".join(f"{line}\n" for line in lines))
        environment = {**os.environ, "CHECKER_CACHE": str(place / "cache")}
        begin = time.monotonic()
        right = subprocess.run(command(place, "--no-cache"), env=environment, capture_output=True, check=True).stdout  # noqa: S603
        whole = time.monotonic() - begin
        for number in range(kills):
            run = subprocess.Popen(  # noqa: S603
                command(place, "--out", str(place / "out")), env=environment, stderr=subprocess.DEVNULL, start_new_session=True
            )
            time.sleep(chance.uniform(0, whole / 5))
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            print(f"kill {number + 1}: {len(kept(place)):,} kept", flush=True)
        found = subprocess.run(command(place), env=environment, capture_output=True, check=True).stdout  # noqa: S603
        lost = len(right.splitlines()) - len(found.splitlines())
        doubled = sum(count > 1 for count in kept(place).values())
        other = sum(a != b for a, b in zip(right.splitlines(), found.splitlines(), strict=False))
        same = "the same" if right == found else "DIFFERENT"
        print(f"lines lost {lost}, doubled {doubled}, different {other}; bytes {same}; asked 0")


if __name__ == "__main__":
    main()
