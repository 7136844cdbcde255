"""A browser without a window, for tests of pages."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import need

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def program() -> str | None:
    """Return the browser of this machine."""
    asked = os.environ.get("PSYCHOSCALES_CHROMIUM")
    return asked or next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Seen:
    """What a page did: messages of its console, errors, and what it asked for."""

    messages: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def dialog(self, dialog: Any) -> None:
        """Close a window that the page opened."""
        self.errors.append("dialog")
        dialog.dismiss()


@contextmanager
def browser(folder: Path) -> Iterator[Any]:
    """Yield a browser with a new profile in `folder`."""
    need(importlib.util.find_spec("playwright") is not None, "the Python package playwright")
    need(program() is not None, "a Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        made = driver.chromium.launch_persistent_context(
            folder,
            executable_path=program(),
            headless=True,
            args=list(FLAGS),
            viewport={"width": 1300, "height": 900},
        )
        try:
            yield made
        finally:
            made.close()


def soon(part: Any) -> Any:
    """Expect something of a part of a page that its script may still be changing."""
    from playwright.sync_api import expect

    return expect(part)


def opened(made: Any, path: Path) -> tuple[Any, Seen]:
    """Open a page, and listen to it."""
    page, seen = made.new_page(), Seen()
    page.on("console", lambda message: seen.messages.append(message.text))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("dialog", seen.dialog)
    page.goto(path.as_uri())
    return page, seen
