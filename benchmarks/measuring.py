"""What processes take, with all that they start, and on what machine: CPU, memory, versions. Linux only."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parent.parent
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)

T = TypeVar("T")


class Failed(Exception):
    """A benchmark cannot be run, or a process of it failed; the text says why."""


@dataclass(frozen=True)
class Spent:
    """Seconds of CPU, user and system, and by the clock; and what was printed."""

    cpu: float
    wall: float
    said: str = ""


class Watch:
    """The time that processes take which are started from now on, with all that they start, those included that
    nobody but us has waited for. Those that are at work already go on, and do not count."""

    def __init__(self) -> None:
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
        self._others = set(children(os.getpid()))
        self._cpu, self._wall = _children(), time.monotonic()

    def stop(self) -> Spent:
        """Wait for all that is left; what it took."""
        wall = time.monotonic() - self._wall
        while left := set(children(os.getpid())) - self._others:
            for child in left:
                os.waitpid(child, 0)
        ctypes.CDLL(None).prctl(_SUBREAPER, 0, 0, 0, 0)
        return Spent(_children() - self._cpu, wall)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def start(
    command: Sequence[str], more: Mapping[str, str] | None = None, cores: set[int] | None = None
) -> subprocess.Popen[str]:
    """Start a process with newsbot's code on its path and none of the caller's settings of newsbot; `more` is for its
    environment, `cores` those that it may use."""
    environment = {
        key: value for key, value in os.environ.items() if not key.upper().startswith(("NEWSBOT", "NO_PROXY"))
    }
    environment |= {"PYTHONPATH": str(ROOT), **(more or {})}
    before = os.sched_getaffinity(0)
    if cores:
        os.sched_setaffinity(0, cores)  # what is started now inherits it
    try:
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        os.sched_setaffinity(0, before)


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for a process; what it printed. Raises Failed if it failed."""
    said, errors = process.communicate()
    if process.returncode:
        command = " ".join(map(str, process.args)) if isinstance(process.args, (list, tuple)) else str(process.args)
        raise Failed(f"{command[:300]} ended with {process.returncode}: {errors[-2000:]}")
    return said


def spent(
    command: Sequence[str],
    more: Mapping[str, str] | None = None,
    *,
    cores: set[int] | None = None,
) -> Spent:
    """Run a process to its end. Raises Failed if it failed."""
    watch = Watch()
    said = ended(start(command, more, cores))
    took = watch.stop()
    return Spent(took.cpu, took.wall, said)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of CPU of this process, and what the work gave."""
    begun = time.process_time()
    done = work()
    return time.process_time() - begun, done


# -- memory ------------------------------------------------------------------------------------------------------------


def children(process: int) -> list[int]:
    """The processes that one has started."""
    try:
        return [int(n) for each in Path(f"/proc/{process}/task").glob("*/children") for n in each.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def offspring(process: int) -> list[int]:
    """The processes that one has started, and those that these have."""
    found = children(process)
    return found + [each for child in found for each in offspring(child)]


def memory(process: int) -> float:
    """The memory that a process has of its own, in MB, what it shares with its parent counted by halves (PSS)."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("Pss:")), 0.0)


# -- where it was measured ---------------------------------------------------------------------------------------------


def machine() -> str:
    """Cores, processor, memory, kernel, and how much else there was to do."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), platform.machine())
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    kernel = platform.release().partition("-")[0]
    return f"{cores} cores ({model}), {size:.0f} GB, Linux {kernel}, load {os.getloadavg()[0]:.1f} before it began"


def versions(*packages: str) -> dict[str, str]:
    """Python's, newsbot's with its commit, and those of some packages, where they are installed."""
    found = {"Python": platform.python_version(), "newsbot": version("newsbot")}
    if commit := _git("describe", "--always"):
        changed = _git("status", "--porcelain", "-uno", "--", "newsbot", "pipelines", "benchmarks/*.py")
        found["newsbot"] += f" ({commit}{', changed since' if changed else ''})"
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _git(*arguments: str) -> str:
    """What git says of this folder; nothing, where it is no repository or there is no git."""
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def versions_in(python: str, *packages: str) -> dict[str, str]:
    """The versions of packages in another environment. Raises Failed if one is not there."""
    code = "import sys, json, importlib.metadata as m; print(json.dumps({p: m.version(p) for p in sys.argv[1:]}))"
    done = subprocess.run([python, "-c", code, *packages], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{python} lacks one of {', '.join(packages)}: {done.stderr.splitlines()[-1]}")
    return dict(json.loads(done.stdout))


def tell(what: str) -> None:
    """Say how far it is, on stderr."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
