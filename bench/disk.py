"""Size and licences of the default install; exits 1 where it is too large, holds torch, or a licence is copyleft or unknown.

    python bench/disk.py

Counts what the constraint files of the default install pin, the project and pip, from the files that each distribution records,
byte code included. Licences are read from the metadata, and from the licence's own text where the metadata says nothing.
GCC's runtime libraries inside wheels (libgomp, libgfortran) are GPL with the runtime exception, which allows such use.
"""

import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT_MB = 700
LARGEST = 8
UNWANTED = {"torch"}

# A sentence that only this licence's text holds, for packages whose metadata names none; the longest texts first.
TEXTS = {
    "AGPL": "GNU AFFERO GENERAL PUBLIC LICENSE",
    "LGPL": "GNU LESSER GENERAL PUBLIC LICENSE",
    "GPL": "GNU GENERAL PUBLIC LICENSE",
    "Apache-2.0": "Licensed under the Apache License, Version 2.0",
    "MIT": "Permission is hereby granted, free of charge, to any person obtaining a copy",
    "BSD": "Redistribution and use in source and binary forms",
    "ISC": "Permission to use, copy, modify, and/or distribute this software",
}

COPYLEFT = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
EXCEPTION = re.compile(r"WITH (GCC|Classpath)-exception", re.IGNORECASE)


def default_install() -> dict[str, Distribution]:
    """Name to distribution, for those of this environment that belong to the default install."""
    locks = [(ROOT / name).read_text("utf-8") for name in ("constraints/build.txt", "constraints/run.txt")]
    wanted = {"checker", "pip", *re.findall(r"(?m)^([a-z0-9-]+)==", "\n".join(locks))}
    found = {re.sub(r"[-_.]+", "-", one.name).lower(): one for one in distributions()}
    return {name: found[name] for name in sorted(wanted & found.keys())}


def size(distribution: Distribution) -> int:
    """Bytes of the files that a distribution records."""
    paths = [Path(str(file.locate())) for file in distribution.files or ()]
    return sum(path.stat().st_size for path in paths if path.is_file())


def licence(distribution: Distribution) -> str:
    """A distribution's licence: SPDX expression, else classifier, else short field, else what its text is, else `unknown`."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return str(metadata["License-Expression"])
    classifiers = [str(line) for line in metadata.get_all("Classifier") or () if line.startswith("License :: OSI Approved :: ")]
    if classifiers:
        return " AND ".join(line.rsplit(" :: ", 1)[1] for line in classifiers)
    field = str(metadata["License"] or "") if "License" in metadata else ""
    return field if field and "\n" not in field else by_text(distribution)


def by_text(distribution: Distribution) -> str:
    """The licence whose wording the distribution's licence files hold."""
    files = [file for file in distribution.files or () if re.match(r"(LICEN[CS]E|COPYING)", file.name)]
    text = " ".join(" ".join(file.read_text("utf-8").split()) for file in files)
    return next((f"{name} (by its text)" for name, words in TEXTS.items() if words in text), "unknown")


def allowed(licence: str) -> bool:
    """True if one of the alternatives that a licence offers is neither GPL nor AGPL; the LGPL is allowed."""
    return licence != "unknown" and any(not COPYLEFT.search(one) or EXCEPTION.search(one) for one in licence.split(" OR "))


def main() -> int:
    installed = default_install()
    sizes = {name: size(distribution) for name, distribution in installed.items()}
    licences = {name: licence(distribution) for name, distribution in installed.items()}
    total = sum(sizes.values()) / 1e6
    print(f"default install: {total:.0f} MB in {len(installed)} distributions, limit {LIMIT_MB} MB")
    for name in sorted(sizes, key=lambda name: -sizes[name])[:LARGEST]:
        print(f"  {sizes[name] / 1e6:6.1f} MB  {name}")
    print("licences:")
    for name, words in licences.items():
        print(f"  {name:20} {words}")
    problems = [f"{name}: licence {words}" for name, words in licences.items() if not allowed(words)]
    problems += [f"{name} must not be in the default install" for name in sorted(UNWANTED & sizes.keys())]
    problems += [f"{total:.0f} MB, over the limit"] if total > LIMIT_MB else []
    for problem in problems:
        print(f"FAILED {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
