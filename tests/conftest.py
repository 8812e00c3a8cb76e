"""What tests share: where the project and the outside data are, and runs of the command line in a process of its own."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from checker.config import load
from checker.pipeline import audit
from checker.report import Report

ROOT = Path(__file__).parent.parent

CACHE = ROOT / ".pytest_cache" / "checker"

Run = Callable[..., "subprocess.CompletedProcess[str]"]

# How long an example takes says more of what else the machine does than of the code.
settings.register_profile("checker", deadline=None)
settings.load_profile("checker")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Translations of earlier runs go, before there are several processes."""
    if not hasattr(session.config, "workerinput"):
        for name in CACHE.glob("translations.sqlite*"):
            name.unlink()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of seed documents and benchmark data, which the project reads and does not hold."""
    folder = Path(os.environ.get("CHECKER_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs the outside data: no folder {folder} (CHECKER_SHARED names another)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def cache() -> Path:
    """The cache folder of all tests: tables of languages stay there from run to run, translations do not."""
    os.environ["CHECKER_CACHE"] = str(CACHE)
    return CACHE


@pytest.fixture
def checker() -> Run:
    """Runs `checker ARGS…` as a user does: in a process, without a terminal."""

    def run(*args: object, cwd: Path = ROOT, limit: float = 300, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "checker", *map(str, args)],
            cwd=cwd,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def demo() -> Report:
    """An audit of the demo corpus."""
    corpus = ROOT / "corpora" / "demo"
    return audit(load(corpus, {"paths": (corpus,)}))


PACKAGES = ROOT / "tests" / "packages"


def unpack(folder: Path, *pairs: str) -> Path:
    """The project's own Argos packages of the pairs (`fr_en`), unpacked into a folder."""
    for pair in pairs:
        with zipfile.ZipFile(PACKAGES / f"translate-{pair}-1_0.argosmodel") as archive:
            archive.extractall(folder)  # made by tests/packages/train.py
    return folder


def peer(name: str, program: str) -> Path:
    """A program of an environment that `make peers` set up; skips where there is none."""
    path = Path(os.environ.get("CHECKER_PEERS", ROOT / ".peers")) / name / "bin" / program
    if not path.is_file():
        pytest.skip(f"no {name} in {path.parents[2]}: `make peers` sets it up (CHECKER_PEERS names another folder)")
    return path


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2, which `make peers` unpacks."""
    folder = Path(os.environ.get("CHECKER_PEERS", ROOT / ".peers")) / "minilm"
    if not (folder / "model.safetensors").is_file():
        pytest.skip(f"no model in {folder}: `make peers` unpacks one (CHECKER_PEERS names another folder)")
    return folder
