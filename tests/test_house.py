"""The house rules: what may import what, what each component holds, that documentation is fresh and files can be shared."""

import ast
import hashlib
import inspect
import json
import os
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from typer.main import get_group

from checker import cli_gate, manual
from checker.cli import app
from checker.registry import SEVERITIES, components, rules
from tests.conftest import ROOT

MODULES = sorted((ROOT / "checker").rglob("*.py"))
DRAWERS = ("formats", "rules", "engines", "metrics", "writers", "outputs")

# From the ground up: a module may import those of its own row and of the rows above it here.
TIERS = (
    {
        "errors",
        "progress",
        "tables",
        "scripts",
        "ngrams",
        "overlap",
        "cache",
        "profiles",
        "languages",
        "lengths",
        "telling",
        "sides",
        "splitter",
        "frequencies",
        "spans",
        "facts",
        "placeholders",
        "compressed",
        "elements",
        "units",
        "encoding",
        "main_text",
        "looks",
        "trees",
        "sounds",
        "endings",
        "terminal",
        "processes",
        "places",
        "intervals",
        "json_types",
        "weights",
        "encoder",
        "shingles",
        "sameness",
    },
    {
        "registry",
        "packs",
        "wording",
        "words",
        "grammar",
        "coupling",
        "fluency",
        "forms",
        "likeness",
        "quantities",
        "marks",
        "overrides",
        "verdicts",
        "limits",
        "config",
        "outcome",
        "packages",
        "worker",
        "neural",
        "upstream",
    },
    set(DRAWERS),
    {
        "counterparts",
        "read",
        "segment",
        "patterns",
        "detect",
        "pivot",
        "guards",
        "store",
        "translate",
        "matching",
        "anchors",
        "lexicon",
        "measures",
        "paths",
        "leftovers",
        "beads",
        "pair",
        "align",
        "semantic",
        "score",
        "ceiling",
        "mentions",
        "ledger",
        "versions",
        "rows",
        "summary",
        "traces",
        "contradictions",
        "conflicts",
    },
    {
        "workbook",
        "report",
        "scored",
        "baseline",
        "gate",
        "diff",
        "lineage",
        "batches",
        "download",
        "index",
        "archive",
        "install",
        "memory",
        "texts",
        "review",
    },
    {"pipeline", "pairs", "bitext", "mine", "stream"},
    {"shards", "corpus", "keys", "consistency"},
    {"api", "cluster"},
    {
        "examples",
        "flags",
        "cli_align",
        "cli_consistency",
        "cli_export",
        "cli_pairs",
        "cli_gate",
        "cli_review",
        "cli_score",
        "cli_translate",
        "cli",
        "cli_models",
        "manual",
        "__main__",
    },
)
VAGUE = {"utils", "util", "helpers", "base", "core", "common", "misc"}

# A function's body of fewer nodes than this is an idiom (a comprehension, a guarded return), not a copy.
COPY = 30

# Written so that the pattern does not match itself.
PRIVATE = re.compile(
    rb"/wor[k]/|/tm[p]/|/roo[t]/|/hom[e]/\w|/opt/pyp[i]|pypi[.]org|pythonhosted[.]org|registry[.]npmjs|deb[.]debian[.]org"
)
IGNORED = re.compile(
    r"(^|/)(\.(?!ci/|gitignore|github/|pre-commit-hooks)[^/]*|__pycache__|build|dist|[^/]*\.egg-info)(/|$)|^reports/(?!README\.md|example/)"
)


def name_of(path: Path) -> str:
    """Dotted name of a module of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """Dotted names of the package's own modules that a module imports, wherever in the file."""
    known = {name_of(module) for module in MODULES}
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return (names & known) - {"checker"}


def tier(name: str) -> int:
    """The tier of a dotted name, by its first part below the package."""
    room = name.split(".")[1]
    for level, rooms in enumerate(TIERS):
        if room in rooms:
            return level
    pytest.fail(f"checker.{room} has no place in TIERS: say there what it may import")


def tracked() -> Iterator[Path]:
    """The files that belong to the project, told without git."""
    for folder, folders, files in os.walk(ROOT):
        below = Path(folder).relative_to(ROOT)
        folders[:] = sorted(name for name in folders if not IGNORED.search((below / name).as_posix() + "/"))
        yield from (ROOT / below / name for name in sorted(files) if not IGNORED.search((below / name).as_posix()))


def copies(path: Path) -> Iterator[tuple[str, str]]:
    """Normalised text and place of each function of a module that is long enough to be a copy."""
    tree = ast.parse(path.read_text("utf-8"))
    constants = {
        target.id: ast.dump(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            body = function.body[1:] if ast.get_docstring(function) is not None else function.body
            if sum(1 for statement in body for _ in ast.walk(statement)) >= COPY:
                yield normalised(function.args, body, constants), f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"


def normalised(arguments: ast.arguments, body: list[ast.stmt], constants: dict[str, str]) -> str:
    """A function without its parameters' annotations; its own names numbered, the module's constants replaced by what they are."""
    nodes = [node for part in (arguments, *body) for node in ast.walk(part)]
    own: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.arg):
            node.annotation = None
            node.arg = own.setdefault(node.arg, f"_{len(own)}")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.setdefault(node.id, f"_{len(own)}")
    for node in nodes:
        if isinstance(node, ast.Name):
            node.id = own.get(node.id, constants.get(node.id, node.id))
    return "\n".join(ast.dump(part) for part in (arguments, *body))


def readme_commands() -> list[str]:
    """The lines of the README's shell blocks, continued lines joined, comments left out."""
    blocks = re.findall(r"(?ms)^```(?:sh|bash|shell|console)\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"))
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.split(" #")[0].removeprefix("$ ").strip() for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_import_runs_upward(path: Path) -> None:
    name = name_of(path)
    if name != "checker":
        upward = {other for other in imported(path) if tier(other) > tier(name)}
        assert not upward, f"{name} imports {', '.join(sorted(upward))}"


def test_no_imports_go_in_circles() -> None:
    TopologicalSorter({name_of(path): imported(path) - {name_of(path)} for path in MODULES}).prepare()


def test_no_module_has_a_vague_name() -> None:
    assert not VAGUE & {part for path in MODULES for part in name_of(path).split(".")}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_no_function_is_written_twice() -> None:
    places = defaultdict(list)
    for path in MODULES:
        for text, place in copies(path):
            places[text].append(place)
    assert not [same for same in places.values() if len(same) > 1]


@pytest.mark.parametrize("drawer", DRAWERS)
def test_every_component_has_a_page_and_a_name_of_its_own(drawer: str) -> None:
    for name, module in components(drawer).items():
        assert (module.__doc__ or "").strip(), f"{drawer}/{name} has no page"
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)


def test_every_rule_satisfies_its_contract() -> None:
    for name, rule in rules().items():
        assert re.fullmatch(r"(ART|MTS|TYP|FID)\d{3}", rule.code), name
        assert rule.severity in SEVERITIES, name
        assert re.fullmatch(r"[a-z-]+/[a-z-]+", rule.category), name
        assert list(inspect.signature(rule.module.find).parameters) == [rule.reads], name
        assert rule.reads in {"pages", "lines", "segments", "gathered", "translated", "pairs", "uses"}, name
        assert hasattr(rule.module, "gather") == (rule.reads == "gathered"), name
        assert rule.summary.endswith("."), f"{name}: the page's first line is its summary, a sentence"
        assert "\n\n" in rule.page, f"{name}: a page is more than its summary"


def test_no_two_rules_share_a_code() -> None:
    codes = [rule.code for rule in rules().values()]
    assert len(codes) == len(set(codes))


def test_every_engine_loads_from_settings_alone() -> None:
    for name, module in components("engines").items():
        assert len(inspect.signature(module.load).parameters) == 1, name


def test_every_metric_states_its_direction_and_signature() -> None:
    for name, module in components("metrics").items():
        assert isinstance(module.HIGHER_IS_BETTER, bool), name
        assert list(inspect.signature(module.score).parameters) == ["hypotheses", "references"], name
        assert isinstance(module.signature(), str), name
        assert len(module.score(["a cat", "a dog"], ["a cat", "the dog"])) == 2, name


def test_every_format_reads_suffixes_of_its_own() -> None:
    suffixes = [suffix for module in components("formats").values() for suffix in module.SUFFIXES]
    assert len(suffixes) == len(set(suffixes))
    assert all(re.fullmatch(r"(\.[a-z0-9]+)+", suffix) for suffix in suffixes)
    for name, module in components("formats").items():
        assert list(inspect.signature(module.read).parameters) == ["content", "suffix", "config"], name


def test_every_writer_writes_a_suffix_of_its_own() -> None:
    suffixes = [module.SUFFIX for module in components("writers").values()]
    assert len(suffixes) == len(set(suffixes))
    for name, module in components("writers").items():
        assert list(inspect.signature(module.write).parameters) == ["frame", "path"], name


def test_every_output_of_a_gate_is_written_to_an_open_file() -> None:
    assert sorted(components("outputs")) == sorted(cli_gate.FORMATS)
    for name, module in components("outputs").items():
        assert list(inspect.signature(module.write).parameters) == ["outcome", "file"], name


@pytest.mark.parametrize("page", sorted(manual.pages()))
def test_the_generated_manual_is_fresh(page: str) -> None:
    assert (ROOT / "docs" / page).read_text("utf-8") == manual.pages()[page], "run `make docs`"


def test_the_readme_starts_with_the_two_commands() -> None:
    assert readme_commands()[:2] == ["make demo", "make test"]


def test_the_readme_names_only_commands_and_flags_that_exist() -> None:
    known = {name: {flag for option in command.params for flag in option.opts} for name, command in get_group(app).commands.items()}
    calls = [re.split(r"[|>;&]", line)[0].split()[1:] for line in readme_commands() if re.match(r"(\.venv/bin/)?checker\s", line)]
    assert calls
    for command, *words in (call for call in calls if not call[0].startswith("-")):
        assert command in known, f"checker {command}"
        flags = {word.split("=")[0] for word in words if word.startswith("--")}
        assert flags <= known[command], f"checker {command}: {flags - known[command]}"


def test_no_file_holds_a_path_of_one_machine_or_a_registrys_address() -> None:
    found = {path.relative_to(ROOT).as_posix(): PRIVATE.search(path.read_bytes()) for path in tracked()}
    assert not {path: match.group() for path, match in found.items() if match}


def test_constraints_pin_everything_with_hashes() -> None:
    for path in (ROOT / "constraints").glob("*.txt"):
        pins = re.split(r"(?m)^(?=[a-z0-9])", path.read_text("utf-8"))[1:]
        assert pins
        assert not [pin for pin in pins if not re.match(r"[a-z0-9-]+==\S+ (; .+ )?\\\n +--hash=sha256:[0-9a-f]{64}", pin)], (
            path.name
        )


def test_constraints_are_those_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {
        "constraints/run.txt": project["project"]["dependencies"],
        "constraints/build.txt": project["dependency-groups"]["build"],
        "constraints/test.txt": project["dependency-groups"]["test"],
    }
    for file, lines in wanted.items():
        pins = dict(re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", (ROOT / file).read_text("utf-8")))
        for requirement in map(Requirement, lines):
            assert requirement.specifier.contains(pins.get(requirement.name, "0")), f"{file}: {requirement}; run `make lock`"


def test_the_default_install_pins_no_torch() -> None:
    assert not re.search(r"(?m)^(torch|nvidia-[a-z0-9-]+|triton)==", (ROOT / "constraints/run.txt").read_text("utf-8"))


def test_floors_only_rise() -> None:
    expected = json.loads((ROOT / "seeds" / "expectations.json").read_text("utf-8"))
    for name, floor in expected["floors"].items():
        rising = sorted(floor["history"], reverse=floor["bound"] == "at most")
        assert floor["bound"] in {"at least", "at most"}
        assert floor["history"] == rising or expected["lowered"].get(name), f"{name} fell without a reason"


def test_the_manifest_describes_the_seeds_that_are_there(shared: Path) -> None:
    manifest = json.loads((ROOT / "seeds" / "manifest.json").read_text("utf-8"))
    for document in manifest["documents"]:
        content = (shared / manifest["folder"] / document["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == document["sha256"]
        assert len(content.decode("utf-8")) == document["characters"]


def test_the_expectations_are_drawn_from_the_gold_that_is_there(shared: Path) -> None:
    expected = json.loads((ROOT / "seeds" / "expectations.json").read_text("utf-8"))
    for file, digest in expected["gold"].items():
        assert hashlib.sha256((shared / "gold" / file).read_bytes()).hexdigest() == digest, f"{file}: other gold, other figures"
