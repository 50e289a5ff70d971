"""How long the page takes to show, in headless Chromium, from a file: first paint and whole load.

    python benchmarks/page_speed.py [reports/report.en.html ...]

Every visit has a fresh profile. A page of one word is measured beside it: what is left of its time
is the browser's own. The project asks for a first contentful paint under 200 milliseconds.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

VISITS = 15
MEASURE = """() => [
  performance.getEntriesByName("first-contentful-paint")[0].startTime,
  performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
]"""


def main(files: list[str]) -> None:
    """Print medians and extremes, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        word = Path(folder) / "word.html"
        word.write_text("<!doctype html><title>word</title><p>word", encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for file in (word, *map(Path, files)):
            seen = []
            for _ in range(VISITS):
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                page = context.new_page()
                page.goto(file.resolve().as_uri())
                page.wait_for_timeout(200)
                seen.append(page.evaluate(MEASURE))
                context.close()
            for name, times in zip(("first paint", "ready"), zip(*seen, strict=True), strict=True):
                low, middle, high = min(times), statistics.median(times), max(times)
                size = file.stat().st_size / 1e6
                print(
                    f"{file.name} ({size:.2f} MB), {name}: {middle:.0f} ({low:.0f} to {high:.0f})"
                )
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:] or ["reports/report.en.html"])
