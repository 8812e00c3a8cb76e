"""What tests share: where the project and the outside data are, and runs of the command line in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of seed documents and benchmark data, which the project reads and does not hold."""
    folder = Path(os.environ.get("CHECKER_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs the outside data: no folder {folder} (CHECKER_SHARED names another)")
    return folder


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
