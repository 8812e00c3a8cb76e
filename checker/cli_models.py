"""`checker models`: which Argos Translate packages there are, putting them in and out, and whether each of them works."""

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from checker import config, languages, packages
from checker.config import Config
from checker.engines import argos
from checker.errors import CheckerError, ConfigError
from checker.packages import Package
from checker.terminal import Console, err, out, plain, short

models_app = typer.Typer(
    help="Argos Translate packages, the models of the engine `argos`: list, install, remove, and try them. Only `list --available` "
    "and `install` of a pair or an address ask the network.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

Folder = Annotated[
    Path | None,
    typer.Option("--packages", help="Folder of packages. [default: the setting `packages`, else Argos' own]", show_default=False),
]

_MB = 1_000_000
_WIDTH = 100

# Bytes of a README that are searched for a licence, and lines of it that are told.
_README = 1 << 16
_LICENCES = 3
_LICENCE = re.compile(r"(?im)^\W*licen[cs]e[ds]?\b(?:\s+under)?\W*(\S.*)$|\b(CC0\b.*|CC[- ]BY\b.*|creativecommons\.org/\S+)")

# "The cat sleeps." in the languages that there are packages from; a language that is missing here is not tried.
_SENTENCES = {
    "ar": "القطة نائمة.",
    "az": "Pişik yatır.",
    "bg": "Котката спи.",
    "bn": "বিড়ালটি ঘুমাচ্ছে।",
    "ca": "El gat dorm.",
    "cs": "Kočka spí.",
    "da": "Katten sover.",
    "de": "Die Katze schläft.",
    "el": "Η γάτα κοιμάται.",
    "en": "The cat is sleeping.",
    "eo": "La kato dormas.",
    "es": "El gato duerme.",
    "et": "Kass magab.",
    "eu": "Katua lo dago.",
    "fa": "گربه خوابیده است.",
    "fi": "Kissa nukkuu.",
    "fr": "Le chat dort.",
    "ga": "Tá an cat ina chodladh.",
    "gl": "O gato dorme.",
    "he": "החתול ישן.",
    "hi": "बिल्ली सो रही है।",
    "hr": "Mačka spava.",
    "hu": "A macska alszik.",
    "id": "Kucing itu sedang tidur.",
    "it": "Il gatto dorme.",
    "ja": "猫が眠っています。",
    "ko": "고양이가 자고 있습니다.",
    "ky": "Мышык уктап жатат.",
    "lt": "Katė miega.",
    "lv": "Kaķis guļ.",
    "mk": "Мачката спие.",
    "ms": "Kucing itu sedang tidur.",
    "nl": "De kat slaapt.",
    "no": "Katten sover.",
    "pl": "Kot śpi.",
    "pt": "O gato está dormindo.",
    "ro": "Pisica doarme.",
    "ru": "Кошка спит.",
    "sk": "Mačka spí.",
    "sl": "Mačka spi.",
    "sq": "Macja po fle.",
    "sr": "Мачка спава.",
    "sv": "Katten sover.",
    "sw": "Paka amelala.",
    "ta": "பூனை தூங்குகிறது.",
    "th": "แมวกำลังนอนหลับ",
    "tl": "Natutulog ang pusa.",
    "tr": "Kedi uyuyor.",
    "uk": "Кіт спить.",
    "ur": "بلی سو رہی ہے۔",
    "vi": "Con mèo đang ngủ.",
    "zh": "猫在睡觉。",
}


@models_app.command("list")
def list_models(
    packages_folder: Folder = None,
    *,
    available: Annotated[bool, typer.Option("--available", help="What Argos' index offers instead: asks the network.")] = False,
    output_format: Annotated[str, typer.Option(help="`text` or `jsonl`.")] = "text",
) -> None:
    """List the packages that are installed, or those that could be. Asks the network only with `--available`."""
    from checker import download, index

    if output_format not in ("text", "jsonl"):
        raise ConfigError(f"--output-format is {output_format!r}, expected text or jsonl")
    place = packages.folder(_settings(packages_folder).packages)
    found, problems = packages.installed(place) if place.is_dir() else ([], [])
    rows = _offered(found) if available else [*map(_row, found), *map(_broken, problems)]
    if output_format == "jsonl":
        for row in rows:
            out.print(json.dumps(row))
        return
    _print_table([row for row in rows if not row.get("problem")])
    for problem in [] if available else problems:
        err.print(f"broken: {plain(problem)}", markup=False)
    if not rows:
        where = download.shown(index.index_address()) if available else str(place)
        err.print(f"no package in {plain(where)}", markup=False)


@models_app.command()
def install(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT",
            help="A pair of languages (`FR-EN`: the newest of Argos' index), the address of an .argosmodel file, or a file.",
            show_default=False,
        ),
    ],
    packages_folder: Folder = None,
    sha256: Annotated[str | None, typer.Option(metavar="HEX", help="SHA-256 that the file must have, or it is refused.")] = None,
) -> None:
    """Install packages. A pair or an address is downloaded: asks the network; a file is not.

    A download that was interrupted goes on where it ended.
    """

    from checker import install as installation

    if sha256 is not None and len(what) > 1:
        raise ConfigError(f"--sha256 is one file's, and {len(what)} are to be installed", remedy="install them one by one")
    place = packages.folder(_settings(packages_folder).packages)
    for one in what:
        with _bar(one) as progress:
            done = installation.install(one, place, sha256=sha256, progress=progress)
        said = "already there:" if done.same else "installed"
        instead = f", instead of {done.replaced}" if done.replaced else ""
        out.print(plain(f"{said} {_title(done.package)} in {done.package.folder} (sha256 {done.sha256}){instead}"))


@models_app.command()
def remove(
    what: Annotated[
        list[str],
        typer.Argument(metavar="WHAT", help="A pair of languages, in all versions, or a package's folder.", show_default=False),
    ],
    packages_folder: Folder = None,
) -> None:
    """Remove packages from the folder of packages."""

    from checker import install as installation

    settings = _settings(packages_folder)
    place = packages.folder(settings.packages)
    err.print(plain(f"packages {place} ({_origin(settings)})"), markup=False)
    for one in what:
        for folder in installation.remove(one, place):
            out.print(plain(f"removed {folder}"))


@models_app.command()
def doctor(packages_folder: Folder = None) -> None:
    """Try every installed package: what it is, what it is licensed under, and what it makes of a sentence. Exit 1 if one is broken.

    Asks no network.
    """
    settings = _settings(packages_folder)
    place = packages.folder(settings.packages)
    _tell_environment(settings, place)
    found, problems = packages.installed(place) if place.is_dir() else ([], [])
    newest = {(package.source, package.target): package for package in found}
    whole = [_examined(package, newest[package.source, package.target], settings) for package in found]
    for problem in problems:
        out.print(f"\nBROKEN  {plain(problem)}")
    failed = len(problems) + whole.count(False)
    if not found and not problems:
        err.print("no package is installed: `checker models install FR-EN` asks the network for one", markup=False)
    else:
        err.print(f"{len(found) + len(problems)} installed, {f'{failed} broken' if failed else 'none broken'}", markup=False)
    if failed:
        raise typer.Exit(1)


def _settings(folder: Path | None) -> Config:
    return config.load(Path.cwd(), {"packages": folder})


def _title(package: Package) -> str:
    return f"{package.from_code}→{package.to_code} {package.version}"


def _size(package: Package) -> int:
    return sum(path.stat().st_size for path in package.folder.rglob("*") if path.is_file())


def _row(package: Package) -> dict[str, Any]:
    return {
        "pair": f"{package.from_code}→{package.to_code}",
        "languages": f"{languages.name(package.source)} → {languages.name(package.target)}",
        "version": package.version,
        "tokeniser": _tokeniser(package),
        "bytes": _size(package),
        "folder": str(package.folder),
        "problem": None,
    }


def _broken(problem: str) -> dict[str, Any]:
    columns = ("pair", "languages", "version", "tokeniser", "bytes", "folder")
    return {**dict.fromkeys(columns), "problem": problem}


def _tokeniser(package: Package) -> str:
    return "sentencepiece" if package.pieces.name == packages.SENTENCEPIECE else "bpe"


def _offered(found: Sequence[Package]) -> list[dict[str, Any]]:
    """The newest of each pair in the index, and the version that is installed."""

    from checker import index

    there = {(package.from_code, package.to_code): package.version for package in found}
    return [
        {
            "pair": f"{offer.from_code}→{offer.to_code}",
            "languages": f"{offer.from_name} → {offer.to_name}",
            "version": offer.version,
            "installed": there.get((offer.from_code, offer.to_code)),
        }
        for offer in index.newest(index.index())
    ]


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    heads = [head for head in rows[0] if head != "problem"]
    for head in heads:
        table.add_column("MB" if head == "bytes" else head, no_wrap=head != "folder")
    for row in rows:
        table.add_row(*(escape(_cell(head, row[head])) for head in heads))
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


def _cell(head: str, value: Any) -> str:
    if head == "bytes":
        return f"{value / _MB:7,.1f}"
    return plain(str(value)) if head == "folder" else short(str(value or ""), _WIDTH)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on stderr while something is downloaded; nothing where stderr is no terminal, or nothing is."""

    from checker import download

    if not err.is_terminal:
        yield lambda *_: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(escape(short(download.shown(what), 40)), total=None, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


def _tell_environment(settings: Config, place: Path) -> None:
    there = "" if place.is_dir() else ", which is not there"
    out.print(plain(f"packages   {place} ({_origin(settings)}){there}"))
    out.print(f"libraries  ctranslate2 {version('ctranslate2')}, sentencepiece {version('sentencepiece')}")
    out.print(f"device     {plain(_device())}")


def _origin(settings: Config) -> str:
    """Where the folder of packages was set."""
    if settings.packages is not None:
        return f"setting `packages`, {settings.sources.get('packages', 'default')}"
    if "ARGOS_PACKAGES_DIR" in os.environ:
        return "ARGOS_PACKAGES_DIR"
    return "Argos' settings.json" if packages.own_setting("ARGOS_PACKAGES_DIR") else "Argos' default"


def _device() -> str:
    """What models run on: as Argos' own setting says, else a GPU where there is one."""
    import ctranslate2

    asked = packages.own_setting("ARGOS_DEVICE_TYPE") or "auto"
    count = ctranslate2.get_cuda_device_count()
    found = f"cuda ({count})" if count else "cpu"
    return found if asked == "auto" else f"{asked} (ARGOS_DEVICE_TYPE; found: {found})"


def _examined(package: Package, newest: Package, settings: Config) -> bool:
    """Prints what a package is and does; whether it works."""
    works, said = _tried(package, settings)
    lines = {
        "folder": str(package.folder),
        "digest": packages.digest(package),
        "licence": _licence(package.folder),
        "size": f"{_size(package) / _MB:,.1f} MB, {_tokeniser(package)}, vocabulary {_vocabulary(package)}",
        "test": said,
    }
    if newest is not package:
        lines["note"] = f"not used: {newest.folder.name}, version {newest.version}, goes first"
    if not works:
        lines["remedy"] = f"checker models install {package.from_code}-{package.to_code}"
    out.print(f"\n{'ok' if works else 'BROKEN'}  {plain(_title(package))}")
    for name, line in lines.items():
        out.print(f"  {name:8} {plain(line)}")
    return works


def _tried(package: Package, settings: Config) -> tuple[bool, str]:
    """Whether a package translates a sentence, and what came of it. It is tried alone: the others must not stand in for it."""
    sentence = _SENTENCES.get(package.source)
    if sentence is None:
        return True, f"not tried: no sentence in {languages.name(package.source)}"
    with tempfile.TemporaryDirectory() as alone:
        (Path(alone) / package.folder.name).symlink_to(package.folder.absolute(), target_is_directory=True)
        begin = time.perf_counter()
        try:
            engine = argos.load(replace(settings, packages=Path(alone)))
            made = engine.translate([sentence], package.source, package.target)[0]
            engine.worker.close()
        except CheckerError as error:
            return False, error.problem.replace(f"{alone}/", "")
        took = (time.perf_counter() - begin) * 1000
    if not (made.text or "").strip():
        return False, f"{sentence} → {made.reason or 'nothing'}"
    return True, f"{sentence} → {short(made.text, _WIDTH)} ({took:.0f} ms, loading included)"


def _licence(folder: Path) -> str:
    """What a package says of its licence, in metadata.json or a README; those who made it may have said it elsewhere."""
    said = []
    for name in ("metadata.json", "README.md", "LICENSE", "LICENCE"):
        try:
            with (folder / name).open("rb") as file:
                text = file.read(_README).decode("utf-8", "replace")
        except OSError:
            continue
        said += _licence_of_metadata(text) if name == "metadata.json" else _licences(text) if name == "README.md" else [name]
    told = list(dict.fromkeys(short(line, _WIDTH) for line in said))[:_LICENCES]
    return "; ".join(told) or "not stated"


def _licences(text: str) -> list[str]:
    return [found[1] or found[2] for found in _LICENCE.finditer(text)]


def _licence_of_metadata(text: str) -> list[str]:
    try:
        metadata = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [str(metadata[key]) for key in ("license", "licence") if metadata.get(key)]


def _vocabulary(package: Package) -> str:
    """How many subwords the model knows; of both languages where it has two lists."""
    counts = [f"{_entries(path):,}" for path in sorted(package.model.glob("*vocabulary.*"))]
    return " + ".join(counts) or "not found"


def _entries(path: Path) -> int:
    text = path.read_text("utf-8", "replace")
    if path.suffix != ".json":
        return len(text.splitlines())
    try:
        return len(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return 0
