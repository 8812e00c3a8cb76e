"""A real browser for the tests and benchmarks of the review page: Debian's chromium, or the one that CHECKER_BROWSER names."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

BROWSER = os.environ.get("CHECKER_BROWSER") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def opened(chromium: Browser, file: Path, fragment: str = "", **settings: object) -> Iterator[Page]:
    """The file in a window of its own; what its scripts log, and all that it asks for, is in `page.heard` and `page.asked`."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, **settings)  # type: ignore[arg-type]
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: (heard.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: heard.append(request.url) if request.url != file.as_uri() else None)
    page.goto(f"{file.as_uri()}#{fragment}")
    try:
        yield page
        assert heard == [], "a script failed, or something left the page"
    finally:
        context.close()
