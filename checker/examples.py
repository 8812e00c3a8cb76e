"""Examples of the commands, as `--help` and docs/commands.md show them; a test runs each one."""

EXAMPLES = {
    "audit": (
        "checker audit corpora/demo",
        "checker audit pages/ --originals english/ --out reports/pages",
        "checker audit pages/ --originals english/ --memory memory.parquet --fail-on major",
    ),
    "detect": (
        "checker detect pages/",
        "checker detect pages/ --select ART --ignore ui-chrome --output-format jsonl",
        "checker detect pages/ --fail-on major",
    ),
    "explain": (
        "checker explain lost-number",
        "checker explain 45c3e421 reports/demo",
    ),
    "review": (
        "checker review reports/demo --open",
        "checker review reports/demo --verdicts verdicts.jsonl --out review.html",
    ),
    "diff": (
        "checker diff reports/before reports/demo",
        "checker diff reports/before reports/demo --fail-on-worse --format json",
    ),
    "gate": (
        "checker gate reports/demo --fail-on major",
        "checker gate reports/demo --format github --output sarif=checker.sarif --output junit=checker.xml",
        "checker gate reports/demo --baseline known.json --write-baseline",
        "checker gate scored.parquet --findings facts.parquet",
    ),
    "translate": (
        "checker translate page.fr.txt --memory memory.parquet",
        "checker translate pages/ --record memory.parquet",
        "checker translate pages/ --engine recorded --missing memory.tsv",
    ),
    "align": (
        "checker align page.fr.txt page.en.txt --memory memory.parquet",
        "checker align novel.fr.txt novel.en.txt --lines --translation novel.fr-en.txt --out pairs.tmx",
    ),
    "score": (
        "checker score pairs.csv --original en --back back --out scored.parquet",
        "checker score pairs.csv --metric chrf-pp --select lost-number,flipped-negation",
    ),
    "pairs": (
        "checker pairs po/ --out pairs.jsonl",
        "checker pairs po/de.po --all --out units.csv",
    ),
    "consistency": (
        "checker consistency pairs.csv",
        "checker consistency po/ --out inconsistencies.csv",
        "checker consistency reports/demo --kind contradiction --kind different-version --exit-zero",
    ),
    "export": (
        "checker export reports/demo --out demo.xlsx",
        "checker export reports/demo --table findings --out findings.csv --csv-bom",
    ),
    "rules": ("checker rules",),
    "rules test": ("checker rules test my.toml",),
    "mine": ("checker mine pages/ --by prefix --out mined.toml",),
    "models list": ("checker models list",),
    "models install": (
        "checker models install fr-en de-en  # needs the network",
        "checker models install translate-fr_en-1_0.argosmodel",
    ),
    "models remove": ("checker models remove fr-en",),
    "models doctor": ("checker models doctor",),
    "cache stats": ("checker cache stats",),
    "cache clear": ("checker cache clear",),
}


def of(command: str) -> tuple[str, ...]:
    """The examples of a command, each a line for a shell."""
    return EXAMPLES[command]


def shown(command: str) -> str:
    """The same as the end of its `--help`: a line each, for typer in Markdown."""
    return "\n\n".join(["Examples:" if len(of(command)) > 1 else "Example:", *(f"`{line}`" for line in of(command))])
