"""What every test may ask for: the shared data, and tools that not every machine has."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REQUIRE_ALL = os.environ.get("PSYCHOSCALES_REQUIRE_ALL") == "1"
SHARED = Path(os.environ.get("PSYCHOSCALES_SHARED", Path(__file__).parents[2] / "shared"))
EXPLORE = os.environ.get("PSYCHOSCALES_EXAMPLES")

settings.register_profile(
    "psychoscales",
    max_examples=int(EXPLORE or 100),
    derandomize=EXPLORE is None,
    database=None,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
settings.load_profile("psychoscales")
"""Every law is tried on the same examples each time, however slow the machine.

With PSYCHOSCALES_EXAMPLES=1000 in the environment, on a thousand new ones.
"""


def laws(examples: int) -> settings:
    """Return how a law is tried on so many examples."""
    return settings(max_examples=int(EXPLORE or examples))


def need(there: bool, what: str) -> None:
    """Skip where `what` is not there; fail instead where everything was said to be there."""
    if there:
        return
    if REQUIRE_ALL:
        pytest.fail(f"{what} is required, and is not there")
    pytest.skip(f"{what} is not there")


def need_module(name: str) -> None:
    """Ask for a Python package that the test extra does not install."""
    need(importlib.util.find_spec(name) is not None, f"the Python package {name}")


def need_command(name: str) -> None:
    """Ask for a program."""
    need(shutil.which(name) is not None, f"the program {name}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data that may not be shipped."""
    need((SHARED / "data").is_dir(), f"the folder of shared data, {SHARED}")
    return SHARED / "data"


@pytest.fixture
def golden() -> Path:
    """The folder of values made with R."""
    return Path(__file__).parent / "golden"
