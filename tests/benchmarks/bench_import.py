"""How long `import psychoscales` takes in a fresh interpreter, beside an interpreter alone.

    python tests/benchmarks/bench_import.py [runs]

Bytecode is compiled before; the versions are run in turn, and the medians are printed.
"""

from __future__ import annotations

import compileall
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psychoscales

STATEMENTS = {
    "interpreter alone": "pass",
    "import psychoscales": "import psychoscales",
    "import psychoscales; ps.read": "import psychoscales; psychoscales.read",
    "import numpy": "import numpy",
}


def timed(statement: str) -> float:
    """Return the milliseconds from the start of an interpreter to its end."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return 1000 * (time.perf_counter() - start)


def main(runs: int = 20) -> None:
    """Compile, warm up, run in turn, print medians and what is beyond the interpreter's own."""
    compileall.compile_dir(str(Path(psychoscales.__file__).parent), quiet=1)
    for statement in STATEMENTS.values():
        timed(statement)
    times: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for _ in range(runs):
        for name, statement in STATEMENTS.items():
            times[name].append(timed(statement))
    bare = statistics.median(times["interpreter alone"])
    for name, found in times.items():
        median = statistics.median(found)
        print(f"{name:32} {median:7.1f} ms  ({median - bare:+.1f} ms)")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:2]))
