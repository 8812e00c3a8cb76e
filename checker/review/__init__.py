"""The review page: one HTML file that opens from disk, holds a run's tables, and asks nothing of any network.

Whatever stands in a page that was audited is hostile here: it reaches the file as escaped text or as JSON data, the script makes
text nodes of it, and the policy in the file (Content-Security-Policy) runs no script and no style but the file's own.
"""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from checker.report import Report
from checker.review.contents import contents
from checker.review.overview import overview

_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'"
)


def page(report: Report) -> str:
    """The page of a run."""
    style, script = (files(__package__).joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    policy = _POLICY.format(script=_digest(script), style=_digest(style))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>checker: review</title>
<style>{style}</style>
</head>
<body>
{overview(report)}
<script type="application/json" id="run">{_embedded(contents(report))}</script>
<script>{script}</script>
</body>
</html>
"""


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _embedded(found: dict[str, Any]) -> str:
    """JSON that ends no element and opens no comment."""
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
