"""Limits: the thresholds of a policy, for a whole run or for the rule, severity, language or path that one names."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """What a run must keep to. A threshold that is None is not checked."""

    max_findings: int | None = None
    """Most findings."""
    max_per_1000_words: float | None = None
    """Most findings in 1,000 words of the documents; a word is 2.8 Chinese characters, 3 Japanese, 6 Thai (GMX-V 2.0)."""
    max_skipped: int | None = None
    """Most documents that could not be read. Without it, a run fails in which there are some, if there is any threshold."""
    min_mean_fidelity: float | None = None
    """Least mean fidelity over all scored sentences, 0 to 100."""
    min_p10_fidelity: float | None = None
    """Least 10th percentile of the same."""
    min_coverage: float | None = None
    """Least share of its original's text that each version must render, 0 to 1."""
    min_scored_share: float | None = None
    """Least share of sentences that must be scored, 0 to 1, so that what cannot be judged does not pass. Without it,
    a run fails in which there are originals and versions, and no sentence was scored; 0 lets that pass."""

    def given(self) -> dict[str, float]:
        """Name to bound of each threshold that is set."""
        bounds = {field.name: getattr(self, field.name) for field in fields(Thresholds)}
        return {name: bound for name, bound in bounds.items() if bound is not None}


@dataclass(frozen=True, kw_only=True)
class Limit(Thresholds):
    """Thresholds for the findings, documents and sentences that meet all of its conditions; of several limits, each must hold."""

    rule: tuple[str, ...] = ()
    """Rules by name, code or beginning of a code; `*` stands for any characters. A string or a list; all rules if not given."""
    severity: tuple[str, ...] = ()
    """Severities of findings. A string or a list; all if not given."""
    lang: str | None = None
    """Language of the document, ISO 639-1."""
    path: str | None = None
    """Pattern for the document's path below the corpus or below a folder above it, such as `mirror/*`."""

    @property
    def part(self) -> str:
        """What it limits, as verdicts name it: `rule TYP, lang zh`; empty for a whole run."""
        named = {"rule": "|".join(self.rule), "severity": "|".join(self.severity), "lang": self.lang, "path": self.path}
        return ", ".join(f"{name} {value}" for name, value in named.items() if value)

    def record(self) -> dict[str, Any]:
        """As settings have it: only what is given, tuples as lists."""
        named = {name: getattr(self, name) for name in ("rule", "severity", "lang", "path")}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in named.items() if value} | self.given()

    def __str__(self) -> str:
        """As `--show-settings` prints it."""
        return f"{self.part}: " + ", ".join(f"{name} = {bound:g}" for name, bound in self.given().items())


@dataclass(frozen=True, kw_only=True)
class Gate(Thresholds):
    """What makes a run fail."""

    fail_on: str = "critical"
    """Mildest severity that fails: `info`, `minor`, `major`, `critical` or `never`."""
    baseline: Path | None = None
    """File of the findings that are known and do not count, as `checker gate RUN --write-baseline` writes it."""
    limits: tuple[Limit, ...] = ()
    """Tables `[[gate.limit]]`."""

    def all_limits(self) -> tuple[Limit, ...]:
        """The thresholds of the whole run, then those of its parts."""
        return (Limit(**self.given()), *self.limits)  # type: ignore[arg-type]

    def record(self) -> dict[str, Any]:
        """As settings have it, for a run's record: `config.recorded` makes the gate of it again."""
        limits = {"limit": [limit.record() for limit in self.limits]} if self.limits else {}
        baseline = {"baseline": str(self.baseline)} if self.baseline else {}
        return {"fail_on": self.fail_on, **self.given(), **baseline, **limits}
