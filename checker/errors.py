"""What a user can mend, as one tree of errors; anything else that is raised is a bug and shows its traceback.

CheckerError            exit 2
├── ConfigError         a setting or a flag
├── InputError          a file that was asked for by name: missing, unreadable, malformed
├── EngineError         a translation engine that is missing, dies, hangs or returns the wrong number of lines
├── RunError            a run's folder that cannot be written or read back
└── NothingToCheck      exit 5: no document, no pair
"""

import errno
from pathlib import Path


class CheckerError(Exception):
    """Says what went wrong, where, what was expected and what to do; caught once, in the command line."""

    exit_code = 2

    def __init__(self, problem: str, *, where: str | None = None, remedy: str | None = None) -> None:
        self.problem, self.where, self.remedy = problem, where, remedy
        super().__init__(": ".join(part for part in (where, problem) if part) + (f" ({remedy})" if remedy else ""))


class ConfigError(CheckerError):
    """A setting that is unknown, of the wrong type or out of range."""


class InputError(CheckerError):
    """A file or folder that was named by the user and cannot be read as what it should be."""


class EngineError(CheckerError):
    """A translation engine that cannot do its work; in an audit it becomes a reason in a row, not the end of the run."""


class RunError(CheckerError):
    """A run's folder that cannot be written, or that does not hold a run."""


class NothingToCheck(CheckerError):
    """The input holds nothing that could be checked: an empty folder, a table without rows."""

    exit_code = 5


def not_written(error: OSError, path: Path) -> RunError:
    """What became of a file or folder that could not be written, with the remedy."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    remedy = "make room there, and run the same command again" if full else "let your user write there, or name another folder"
    return RunError(f"cannot be written: {error.strerror or error}", where=str(path), remedy=remedy)
