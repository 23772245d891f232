"""How long things take beside each other, in how much memory, and on what machine."""

import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


def beside(first, second, rounds, clock=time.process_time):
    """The median seconds of two calls, made by turns, and the median of the second over the first, round by round."""
    seconds = [(_timed(first, clock), _timed(second, clock)) for _ in range(rounds)]
    ratio = statistics.median(slow / quick for quick, slow in seconds)
    return (*(statistics.median(column) for column in zip(*seconds, strict=True)), ratio)


def _timed(call, clock):
    started = clock()
    call()
    return clock() - started


def quantiles(call, items, rounds):
    """Microseconds of single calls, each item at its best of some rounds: the median and the 99th percentile."""
    best = np.full(len(items), np.inf)
    for _ in range(rounds):
        for place, item in enumerate(items):
            started = time.perf_counter_ns()
            call(item)
            best[place] = min(best[place], (time.perf_counter_ns() - started) / 1000)
    return np.percentile(best, 50), np.percentile(best, 99)


def resident():
    """The memory of this process now, in MB (Linux)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc/self/status has no VmRSS.")


def children_seconds():
    """Processor seconds so far of the processes that this one has started and that still run (Linux)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # ended in between
            continue
        if int(fields[1]) == os.getpid():
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


# Not from getrusage: what a process took before it became another program counts there too.
_PEAK = "\nprint(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"


def fresh_process(code, answers=False):
    """Seconds and peak MB of code in a new interpreter; its start counts for the seconds. Then what it printed."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code + _PEAK], capture_output=True, text=True, check=True)
    *said, peak = done.stdout.split()
    return time.perf_counter() - started, int(peak) / 1024, *(said if answers else ())


def machine():
    """What the figures were measured on."""
    import scipy
    import sklearn

    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "load before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "SciPy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }
