"""The files for other people's CI: they parse, name commands and flags that exist, and the action's scripts run."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_group

from checker.cli import app
from checker.registry import components
from tests.conftest import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
COMMANDS = {name: {flag for option in command.params for flag in option.opts} for name, command in get_group(app).commands.items()}
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}


def test_hooks_name_commands_that_exist_and_files_that_are_read() -> None:
    assert [hook["id"] for hook in HOOKS] == ["checker", "checker-audit"]
    for hook in HOOKS:
        program, command = hook["entry"].split()
        assert (program, command in COMMANDS, hook["language"]) == ("checker", True, "python")
        assert {argument for argument in hook.get("args", []) if argument.startswith("--")} <= COMMANDS[command]
    # Qt's `.ts` is TypeScript's too: a hook, which names each file, would have those read.
    suffixes = [suffix for module in components("formats").values() for suffix in module.SUFFIXES if suffix != ".ts"]
    assert [suffix for suffix in suffixes if not re.search(HOOKS[0]["files"], f"pages/a{suffix}")] == []


def test_the_action_names_commands_and_flags_that_exist() -> None:
    for step in STEPS.values():
        called = re.findall(r'bin/checker" (\w+)', step["run"])
        flags = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", step["run"]))
        assert not called or flags <= COMMANDS[called[0]], step["name"]
    assert sum("bin/checker" in step["run"] for step in STEPS.values()) == 3


def test_the_action_puts_no_input_into_a_script() -> None:
    assert not [step["name"] for step in STEPS.values() if "${{" in step["run"]]
    given = {name for step in STEPS.values() for name in re.findall(r"inputs\.([\w-]+)", str(step.get("env", {})))}
    assert given == set(ACTION["inputs"])


def documented(page: str) -> list[Any]:
    """What the YAML blocks of a page say."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(block) for block in blocks]


def test_the_documented_workflows_use_inputs_and_outputs_of_the_action() -> None:
    (readme,), (github, _, _) = documented("README.md"), documented("docs/ci.md")
    for steps in (readme, github["jobs"]["checker"]["steps"]):
        (used,) = (step for step in steps if step["uses"] == "./tools/checker")
        assert set(used["with"]) <= set(ACTION["inputs"])
    asked = re.findall(r"steps\.checker\.outputs\.(\w+)", str(github))
    assert asked
    assert set(asked) <= set(ACTION["outputs"])


def test_the_documented_pipeline_and_hook_name_commands_and_flags_that_exist() -> None:
    _, gitlab, hooks = documented("docs/ci.md")
    lines = [*gitlab["checker"]["script"], *(hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"])]
    calls = [words for words in map(shlex.split, lines) if words[0] == "checker"]
    assert [words[1] for words in calls] == ["models", "audit", "gate", "detect"]
    for _, command, *words in calls:
        assert {word for word in words if word.startswith("--")} <= COMMANDS[command]
    written = {word.split("=")[1] for words in calls for word in words if "=" in word}
    assert written == set(gitlab["checker"]["artifacts"]["reports"].values())


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A folder as a runner of GitHub has it, where checker is installed already."""
    program = tmp_path / "temp" / "checker" / "bin" / "checker"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m checker "$@"\n')
    program.chmod(0o755)
    return tmp_path


def step(name: str, runner: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    asked = {key: spec.get("default", "") for key, spec in ACTION["inputs"].items()} | {
        key.replace("_", "-"): text for key, text in inputs.items()
    }
    env = {key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: asked[m[1]], text) for key, text in STEPS[name]["env"].items()}
    place = {"RUNNER_TEMP": str(runner / "temp"), "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_STEP_SUMMARY": str(runner / "summary")}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **place, **env}
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]]
    return subprocess.run(script, cwd=runner, env=environment, capture_output=True, text=True, check=False)


def test_the_actions_scripts_audit_and_hold_the_gate(runner: Path) -> None:
    (runner / "site pages").symlink_to(ROOT / "corpora" / "demo")
    inputs = {"corpus": "site pages", "run": "a run"}
    audited = step("Audit", runner, **inputs)
    assert audited.returncode == 0, audited.stderr
    failed = step("Hold the gate", runner, **inputs)
    assert (failed.returncode, failed.stdout.startswith("::error file=site pages/")) == (1, True), failed.stderr
    assert step("Hold the gate", runner, **inputs, fail_on="never").returncode == 0
    assert step("Install models", runner, **inputs).stdout == "", "none is asked for"
    for file in ("a run/checker.sarif", "a run/checker.xml", "summary"):
        assert (runner / file).stat().st_size


def test_the_action_reads_versions_by_a_memory_or_by_models(runner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(runner / "models"))
    (runner / "pages").mkdir()
    (runner / "english").mkdir()
    (runner / "pages" / "a.txt").write_text("Le musée est ouvert tous les jours de la semaine.\n")
    (runner / "english" / "a.txt").write_text("The museum is open every day of the week.\n")
    rows = ["fr", "en", "Le musée est ouvert tous les jours de la semaine.", "The museum is open every day of the week."]
    (runner / "m.tsv").write_text("source\ttarget\ttext\ttranslation\n" + "\t".join(rows) + "\n")
    inputs = {"corpus": "pages", "originals": "english", "run": "run"}
    assert step("Audit", runner, **inputs, memory="m.tsv").returncode == 0
    assert step("Hold the gate", runner, **inputs).returncode == 0
    failed = step("Install models", runner, **inputs, models="fr-en-none.argosmodel ru-en")
    assert (failed.returncode, "fr-en-none.argosmodel" in failed.stderr) == (2, True)


# Fields of a RayJob and of its cluster, as KubeRay's types of the API group ray.io/v1 have them.
RAY_JOB = {
    *("activeDeadlineSeconds", "backoffLimit", "clusterSelector", "deletionStrategy", "entrypoint", "entrypointNumCpus"),
    *("entrypointNumGpus", "entrypointResources", "jobId", "managedBy", "metadata", "rayClusterSpec", "runtimeEnvYAML"),
    *(
        "shutdownAfterJobFinishes",
        "submissionMode",
        "submitterConfig",
        "submitterPodTemplate",
        "suspend",
        "ttlSecondsAfterFinished",
    ),
}
RAY_CLUSTER = {"autoscalerOptions", "enableInTreeAutoscaling", "headGroupSpec", "rayVersion", "suspend", "workerGroupSpecs"}
RAY_WORKERS = {
    "groupName",
    "idleTimeoutSeconds",
    "maxReplicas",
    "minReplicas",
    "numOfHosts",
    "rayStartParams",
    "replicas",
    "template",
}


def test_the_job_for_a_cluster_has_fields_flags_and_a_ray_that_there_are() -> None:
    job = yaml.safe_load((ROOT / "docs" / "rayjob.yaml").read_text("utf-8"))
    spec, cluster = job["spec"], job["spec"]["rayClusterSpec"]
    assert (job["apiVersion"], job["kind"], spec["submissionMode"]) == ("ray.io/v1", "RayJob", "K8sJobMode")
    assert spec.keys() <= RAY_JOB
    assert cluster.keys() <= RAY_CLUSTER
    assert all(group.keys() <= RAY_WORKERS for group in cluster["workerGroupSpecs"])
    pinned = re.search(r"^ray==(\S+)", (ROOT / "constraints/ray.txt").read_text("utf-8"), re.MULTILINE)
    assert pinned is not None
    assert cluster["rayVersion"] == pinned[1]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    (image,) = {container["image"] for group in groups for container in group["template"]["spec"]["containers"]}
    assert image.endswith(f":{pinned[1]}")
    program, *arguments = spec["entrypoint"].split()
    assert program == "checker"
    assert {argument for argument in arguments if argument.startswith("--")} <= COMMANDS["score"]
    cores = sum(
        group["maxReplicas"] * int(container["resources"]["limits"]["cpu"])
        for group in cluster["workerGroupSpecs"]
        for container in group["template"]["spec"]["containers"]
    )
    assert int(arguments[arguments.index("--jobs") + 1]) <= cores
