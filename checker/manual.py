"""The generated manual: `python -m checker.manual` writes the pages that tell what stands in the source."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from typer.main import get_group

from checker import api, cli, config, errors, examples, limits, overrides, report
from checker.registry import Rule, components, rules
from checker.tables import BITEXT, INCONSISTENCIES, PAIR_FINDINGS, VERSION, WRITTEN, Table

DOCS = Path(__file__).parents[1] / "docs"


def pages() -> dict[str, str]:
    """File name to Markdown of every generated page."""
    return {
        "api.md": api_page(),
        "commands.md": commands_page(),
        "engines.md": engines_page(),
        "outputs.md": outputs_page(),
        "rules.md": rules_page(),
        "settings.md": settings_page(),
        "tables.md": tables_page(),
    }


def tables_page() -> str:
    """The tables of a run's folder, column by column."""
    head = f"""# Tables

Version {VERSION} of the schema. A run's folder holds each table as `.parquet` and `.csv`, with the same columns; columns are only
ever added. Offsets count Unicode code points of the document's text, ends are exclusive: `text[start:end] == evidence`.
"""
    return "\n".join([head, *map(_table, (*WRITTEN, BITEXT, PAIR_FINDINGS, INCONSISTENCIES))])


def rules_page() -> str:
    """An index of the rules by code, then the page of each."""
    told = [(rule, f"[{rule.name}](#{rule.name})", _literal(rule.summary)) for rule in rules().values()]
    index = _rows(
        ("rule", "code", "severity", "MQM category", "finds"),
        ((link, rule.code, rule.severity, rule.category, summary) for rule, link, summary in told),
    )
    head = (
        "# Rules\n\nA rule is chosen by its name, its code, or the beginning of its code; "
        "`checker explain` prints the page of one, by name or code.\n"
    )
    return "\n".join([head, index, *map(_rule, rules().values())])


def settings_page() -> str:
    """Every setting with its type, default and meaning."""
    head = (
        "# Settings\n\nThey stand in `checker.toml`, or under `[tool.checker]` in `pyproject.toml`, the nearest above the input; "
        "flags win. Paths in a file are relative to it; patterns of `exclude` to the corpus.\n"
    )
    columns = ("setting", "type", "default", "meaning")
    run, override = _settings(config.Config, ""), _settings(overrides.Override, "")
    gate = [*_settings(limits.Gate, "gate."), *_settings(limits.Thresholds, "gate.")]
    expected = (
        "Tables `[[override]]` change the severity of findings or suppress them. One fits the findings that meet all of its "
        "conditions (`rule`, `path`, `lang`, `fingerprint`; one at least is given) and says `severity` or `suppress`; of several "
        "that fit a finding, the last alone counts. What is suppressed stays in the report with its reason; scores do not change, "
        "as they do by the verdict `false`.\n"
    )
    limited = (
        "Tables `[[gate.limit]]` hold the same thresholds for a part of the run: the findings, documents and sentences that meet "
        "all of its conditions. Findings alone have a rule and a severity, so with these only `max_findings` and "
        "`max_per_1000_words` go. Where no document is in the language or at the path, the limit holds.\n"
    )
    limit = _settings(limits.Limit, "")
    parts = [head, _rows(columns, run), "## The gate\n", _rows(columns, gate), "## Limits\n", limited, _rows(columns, limit)]
    return "\n".join([*parts, "## Overrides\n", expected, _rows(columns, override)])


def engines_page() -> str:
    """The page of each translation engine."""
    head = """# Translation engines

`--engine NAME` or the setting `engine` chooses one; `auto`, the default, asks `recorded`, `argos`, `apertium` and, if it has an
address, `libretranslate` for what those before did not translate. [Guards](method.md#back-translation) look at what they give, and
translations are kept.
"""
    pages = (f"## {name}\n\n{_literal((module.__doc__ or '').strip())}\n" for name, module in components("engines").items())
    return "\n".join([head, *pages])


def outputs_page() -> str:
    """The page of each output of a gate."""
    head = """# Outputs of a gate

`checker gate RUN --format NAME` writes one to stdout, `--output NAME=FILE` one to a file, as many as are named. The exit code is
the same whatever the format. Paths are relative to the folder that the command is run in.
"""
    pages = (f"## {name}\n\n{_literal((module.__doc__ or '').strip())}\n" for name, module in components("outputs").items())
    return "\n".join([head, *pages])


def api_page() -> str:
    """The functions of the Python API, with their examples, and the classes that they take and give."""
    functions = [_function(getattr(api, name)) for name in ("audit", "detect", "align", "score")]
    names = "```python\nimport checker\nimport polars as pl\n```\n"
    head = f"# Python API\n\n{_fenced(inspect.cleandoc(api.__doc__ or ''))}\n\n{names}"
    wrong = f"## Errors\n\n{inspect.getdoc(errors.CheckerError)}\n\n```text\n{_tree(errors.CheckerError)}```\n"
    return "\n".join([head, *functions, _report(), _config(), wrong])


def commands_page() -> str:
    """The commands by what they are for, each with its flags and examples."""
    group: Any = get_group(cli.app)
    parts = [f"# Commands\n\n{group.help}\n\n{group.epilog}\n"]
    for job, names in cli.JOBS.items():
        parts += [f"## {job}\n", *(part for name in names for part in _commands(group.commands[name], name))]
    return "\n".join(parts)


def _commands(command: Any, name: str) -> Iterator[str]:
    """The section of a command, and of those below it."""
    below: dict[str, Any] = getattr(command, "commands", {})
    if not below or command.invoke_without_command:
        lines = "\n".join(examples.of(name))
        yield f"### {name}\n\n{inspect.cleandoc(command.help)}\n\n```sh\n{lines}\n```\n"
        yield _rows(("argument or flag", "meaning"), map(_flag, command.params))
    for other, its in below.items():
        yield from _commands(its, f"{name} {other}")


def _flag(flag: Any) -> tuple[str, str]:
    """Names and help of a flag, or of an argument, in capitals."""
    argument = (flag.metavar or flag.name.upper()).replace("|", " or ")
    names = flag.opts + flag.secondary_opts if flag.param_type_name == "option" else [argument]
    return ", ".join(f"`{name}`" for name in names), " ".join((flag.help or "").split())


def _tree(error: type[Exception], depth: int = 0) -> str:
    """A class of errors and those below it, a line each."""
    line = f"{'    ' * depth}{error.__name__}: {(inspect.getdoc(error) or '').splitlines()[0]}\n"
    return line + "".join(_tree(below, depth + 1) for below in error.__subclasses__() if below.__module__ == error.__module__)


def _function(function: Any) -> str:
    """Signature and docstring of a function."""
    source = inspect.getsource(function)
    head = source[: source.index('"""')].rstrip()
    return f"## {function.__name__}\n\n```pyi\n{head} ...\n```\n\n{_fenced(inspect.getdoc(function) or '')}\n"


def _report() -> str:
    """The class `Report`: its tables and what it does."""
    columns = (
        *((f"`{table.name}`", f"frame, a row per {table.row}") for table in WRITTEN),
        ("`verdicts`", "frame, a row per threshold of the gate: " + ", ".join(f"`{name}`" for name in report.VERDICTS)),
        ("`run`", "dictionary: what the tables depend on, as `run.json` has it"),
        ("`passed`", inspect.getdoc(report.Report.passed) or ""),
    )
    methods = (f"### Report.{name}\n\n{inspect.getdoc(getattr(report.Report, name))}\n" for name in ("write", "read"))
    head = "## Report\n\nWhat `audit` gives; [tables](tables.md) has all columns.\n"
    return "\n".join([head, _rows(("attribute", "what it is"), columns), *methods])


def _config() -> str:
    return (
        "## Config\n\nSettings as a frozen dataclass, to give to several calls: its fields are the [settings](settings.md) "
        "and `paths`.\n\n"
        "```python\n"
        '>>> config = checker.Config(paths=("corpora/demo/versions/en",), ignore=("TYP", "ui-chrome"))\n'
        '>>> checker.audit(config=config, select=["foreign-tag"]).findings.height\n1\n```\n'
    )


def _fenced(text: str) -> str:
    """A docstring as Markdown: what is indented is code, in Python where it is an example."""

    def fence(block: "re.Match[str]") -> str:
        code = textwrap.dedent(block.group()).strip("\n")
        return f"```{'python' if code.startswith('>>>') else 'text'}\n{code}\n```\n\n"

    return re.sub(r"(?m)(?:^ {4}.*\n(?:[ \t]*\n)*)+", fence, f"{text}\n").strip()


def _settings(kind: type, prefix: str) -> Iterator[tuple[str, str, str, str]]:
    """Name, type, default and the docstring below it, of each field of a dataclass of settings."""
    body = next(node for node in ast.parse(inspect.getsource(kind)).body if isinstance(node, ast.ClassDef)).body
    for field, docstring in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(docstring, ast.Expr):
            name, default = ast.unparse(field.target), ast.unparse(field.value) if field.value else ""
            kind_of = ast.unparse(field.annotation).replace(" | ", " or ")  # a bar ends a cell
            if name not in ("paths", "gate", "overrides", "limits", "sources"):
                yield f"`{prefix}{name}`", f"`{kind_of}`", f"`{default}`", ast.literal_eval(docstring.value)


def _table(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    columns = ((f"`{name}`", f"`{column.dtype}`", column.meaning) for name, column in table.columns.items())
    order = f"sorted by {key}" if key else "in the order of the version"
    return f"## {table.name}\n\nOne row per {table.row}, {order}.\n\n{_rows(('column', 'type', 'meaning'), columns)}"


def _rule(rule: Rule) -> str:
    return f"## {rule.name}\n\n`{rule.code}` · {rule.severity} · {rule.category} · reads {rule.reads}\n\n{_literal(rule.page)}\n"


def _literal(page: str) -> str:
    """A docstring as Markdown: asterisks, tags and entities in its prose stand as they are; so does code, in marks or indented."""
    parts = re.split(r"(`[^`]*`|^ {4}.*$)", page, flags=re.MULTILINE)
    escaped = {"&": "&amp;", "<": "&lt;", "*": r"\*"}
    return "".join(part if n % 2 else re.sub("[&<*]", lambda found: escaped[found.group()], part) for n, part in enumerate(parts))


def _rows(head: Sequence[str], body: Iterable[Iterable[str]]) -> str:
    """A Markdown table; `|` within a cell is escaped, and a line break would end its row."""
    rows = (head, ("---" for _ in head), *body)
    return "".join("| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in row) + " |\n" for row in rows)


def write(folder: Path = DOCS) -> None:
    """Write the pages into a folder, as UTF-8 with `\\n`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages().items():
        (folder / name).write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
