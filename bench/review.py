"""The review page of 50,000 sentence pairs in a real browser: its size, the time to write it, to open it, to filter, to search.

    python bench/review.py [PAIRS]

Needs playwright and Debian's chromium. Times are seconds until the rows are drawn, the median of five.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from checker.review import page
from tests.browser import browser, opened
from tests.test_review import many

_ACTS = {
    "filter by rule": "go({ rule: 'lost-number' })",
    "filter by score": "go({ min: 40, max: 60 })",
    "as on the page": "go({ sort: 'page' })",
    "search": "go({ q: 'ferry 96 left' })",
    "next row": "select(1)",
    "scroll to the end": "(byId('list').scrollTop = 1e9, sketch())",
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    report = many(count)
    started = time.perf_counter()
    text = page(report)
    print(f"{count:,} pairs: written in {time.perf_counter() - started:.2f} s, {len(text.encode()) / 1e6:.1f} MB")
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        file = Path(folder) / "review.html"
        file.write_text(text, encoding="utf-8")
        times = []
        for _ in range(5):
            with opened(chromium, file, "view=sentences") as shown:
                times.append(shown.evaluate("performance.now()") / 1000)
        print(f"  {'open, rows drawn':20} {statistics.median(times):.2f} s")
        with opened(chromium, file, "view=sentences") as shown:
            for name, act in _ACTS.items():
                taken = []
                for _ in range(5):
                    shown.evaluate("go({ view: 'sentences' }, false)")
                    timed = f"const at = performance.now(); {act}; document.body.offsetHeight; return performance.now() - at;"
                    taken.append(shown.evaluate(f"(() => {{ {timed} }})()") / 1000)
                print(f"  {name:20} {statistics.median(taken):.3f} s")


if __name__ == "__main__":
    main()
