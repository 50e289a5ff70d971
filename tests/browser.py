"""A headless Chromium for tests that look at the page as a reader does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")


@contextmanager
def chromium() -> Iterator[Any]:
    """Start a browser and close it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def visit(browser: Any, file: Path, place: str = "", **context: Any) -> Any:
    """Open a file at a place in a window of its own; what goes wrong there is in ``faults``.

    Every address that the page asks for is in ``asked``.
    """
    size = context.pop("size", (1280, 900))
    view = {"width": size[0], "height": size[1]}
    page = browser.new_context(viewport=view, **context).new_page()
    page.faults, page.asked = [], []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: (page.faults.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(file.as_uri() + place)
    page.wait_for_load_state("load")
    return page
