"""Localisation files of any size: megabytes a second and peak memory of the readers, beside translate-toolkit's.

    python bench/formats.py [MEGABYTES]

Makes a TMX of so many megabytes (1,000 if not given), and TMX, XLIFF and PO of a tenth. `checker pairs` turns the large one into a
table; the readers go through the small ones unit by unit, beside translate-toolkit, which holds a file in memory as a whole and
needs `make peers` (`CHECKER_PEERS` names another folder). Each has a process of its own. Megabytes are counted for each second of
CPU time, for the machine may have other work.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PEER = Path(os.environ.get("CHECKER_PEERS", ROOT / ".peers")) / "l10n" / "bin" / "python"

OURS = """
import sys, time
from checker.elements import Lines
from checker.formats import po, tmx, xliff
path, begin = sys.argv[1], time.process_time()
with open(path, "rb") as stream:
    if path.endswith(".tmx"):
        units = tmx.units(Lines(stream), path, "en")
    elif path.endswith(".xlf"):
        units = xliff.units(Lines(stream), path)
    else:
        units = po.units(stream.read().decode())
    count = sum(1 for unit in units)
"""
THEIRS = """
import sys, time
from translate.storage import factory, po, tmx, xliff
begin = time.process_time()
count = sum(1 for unit in factory.getobject(sys.argv[1]).units if not unit.isheader())
"""
MEASURED = """
import json, resource
print(json.dumps([count, time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3]))
"""

SHIPS = ("ferry", "trawler", "tanker", "tug", "yacht")


def texts(size: float) -> Iterator[tuple[int, str, str]]:
    """Number, text and translation of units that fill about so many bytes as TMX."""
    for number in range(int(size / 246)):
        ship = SHIPS[number % len(SHIPS)]
        yield (
            number,
            f"The {ship} number {number} left the harbour at <b>dawn</b>.",
            f"Das Schiff {number} ({ship}) fuhr im Morgengrauen ab.",
        )


def tmx(path: Path, size: float) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n<header srclang="en" datatype="plaintext"/>\n<body>\n'
        )
        for number, text, translation in texts(size):
            file.write(f'<tu tuid="{number}"><tuv xml:lang="en"><seg>{escaped(text)}</seg></tuv>\n')
            file.write(f'<tuv xml:lang="de"><seg>{translation}</seg></tuv></tu>\n')
        file.write("</body>\n</tmx>\n")


def xliff(path: Path, size: float) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\n')
        file.write('<file original="a" source-language="en" target-language="de" datatype="plaintext"><body>\n')
        for number, text, translation in texts(size):
            file.write(
                f'<trans-unit id="{number}">\n<source>{escaped(text)}</source>\n<target>{translation}</target>\n</trans-unit>\n'
            )
        file.write("</body></file></xliff>\n")


def po(path: Path, size: float) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: de\\n"\n')
        for _, text, translation in texts(size):
            file.write(f'\n#: ship.c:1\nmsgid "{text}"\nmsgstr "{translation}"\n')


def escaped(text: str) -> str:
    return text.replace("<", "&lt;")


def measured(python: Path, program: str, path: Path) -> tuple[int, float, float]:
    """Units, seconds of CPU time, peak memory in MB."""
    done = subprocess.run([python, "-c", program + MEASURED, path], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    count, seconds, peak = json.loads(done.stdout)
    return count, seconds, peak


def report(name: str, python: Path, program: str, path: Path) -> int:
    count, seconds, peak = measured(python, program, path)
    size = path.stat().st_size / 1e6
    print(
        f"  {name:20} {path.name:10} {size:7,.0f} MB {count:11,} units {size / seconds:6.1f} MB a CPU-second, peak {peak:6,.0f} MB"
    )
    return count


def main() -> None:
    size = float(sys.argv[1] if len(sys.argv) > 1 else 1_000) * 1e6
    with tempfile.TemporaryDirectory() as place:
        folder, here = Path(place), Path(sys.executable)
        files = [folder / name for name in ("small.tmx", "small.xlf", "small.po")]
        tmx(folder / "large.tmx", size)
        for write, path in zip((tmx, xliff, po), files, strict=True):
            write(path, size / 10)
        pairs(folder / "large.tmx")
        for path in files:
            ours = report("checker", here, OURS, path)
            if PEER.is_file():
                theirs = report("translate-toolkit", PEER, THEIRS, path)
                assert ours == theirs, f"{path.name}: {ours} units, and translate-toolkit {theirs}"


def pairs(path: Path) -> None:
    """The command line's way through the large file."""
    program = "import sys, time; from checker.cli import app; begin = time.process_time(); count = 0\n"
    program += "app(sys.argv[1:], standalone_mode=False)"
    call = [sys.executable, "-c", program + MEASURED, "pairs", path, "--out", path.with_suffix(".jsonl")]
    done = subprocess.run(call, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    _, seconds, peak = json.loads(done.stdout)
    size, told = path.stat().st_size / 1e6, done.stderr.strip()
    speed = f"{size / seconds:6.1f} MB a CPU-second, peak {peak:6,.0f} MB"
    print(f"  {'checker pairs':20} {path.name:10} {size:7,.0f} MB {told:>17} {speed}")


if __name__ == "__main__":
    main()
