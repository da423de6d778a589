"""The process behind `Child`: reads calls from its standard input, answers on its standard output, obeys its limits."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import resource
import select
import signal
import struct
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import IO, Any

_HEADER = struct.Struct(">Q")
_MB = 1024**2
_LAST_RESORT_S = 2.0  # the parent kills at the deadline; this long after it we do it ourselves, should it be gone
_IDLE_S = 5.0  # how often an idle child looks whether its parent still lives
_MAX_MESSAGE_CHARS = 500


def main() -> None:
    """Serve calls until the parent closes the pipe or is gone."""
    settings = json.loads(sys.argv[1])
    calls, answers = _take_over_pipes()
    _confine(settings["memory_mb"])
    _write(answers, _ready(settings["modules"]))
    parent = os.getppid()
    while _has_call(calls, parent) and (request := _read(calls)):
        _allow(settings["cpu_s"], settings["wall_s"])
        answer = _answer(request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(answers, answer)


def _take_over_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Keep both pipes for ourselves: what a library prints, or reads from standard input, must not meet them."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return calls, answers


def _confine(memory_mb: int) -> None:
    """Limits that hold for the whole life: memory, no core dump, no file written; and the first to go when memory ends."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    # A parent that blocks or ignores a signal hands that on, and these two must kill.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGXCPU, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(OSError):  # only Linux has it
        Path("/proc/self/oom_score_adj").write_text("1000")


def _ready(modules: list[str]) -> bytes:
    try:
        for name in modules:
            _module(name)
    except Exception as error:  # noqa: BLE001 - the parent reports it
        return _pickled("failed", _message(error))
    return _pickled("ready", None)


@cache
def _module(name: str) -> ModuleType:
    """The module, with what it loads once (`prepare`): a model may unpack into a temporary file, which a document may not."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        module = importlib.import_module(name)
        getattr(module, "prepare", lambda: None)()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    return module


def _has_call(calls: IO[bytes], parent: int) -> bool:
    """Wait for a call or the end of the pipe; False when the parent is gone and a copy of it holds the pipe open."""
    while os.getppid() == parent:
        if select.select([calls], [], [], _IDLE_S)[0]:
            return True
    return False


def _allow(cpu_s: int, wall_s: float) -> None:
    """Give the next call its time: the kernel kills us when it is over, whatever a library is doing."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu_s + 1, hard))
    signal.setitimer(signal.ITIMER_REAL, wall_s + _LAST_RESORT_S)


def _answer(request: bytes) -> bytes:
    try:
        name, args, kwargs = pickle.loads(request)  # noqa: S301 - the parent's own words
        module, _, function = name.partition(":")
        return _pickled("result", getattr(_module(module), function)(*args, **kwargs))
    except MemoryError as error:
        return _pickled("memory", _message(error))
    except BaseException as error:  # noqa: BLE001 - whatever a library raises is the answer, SystemExit too
        return _raised(error)


def _raised(error: BaseException) -> bytes:
    """Our own exceptions as themselves, if they survive the journey; of all others the name and message."""
    if type(error).__module__.startswith("newswire."):
        with contextlib.suppress(Exception):
            answer = _pickled("raised", error)
            pickle.loads(answer)  # noqa: S301 - what was just made
            return answer
    return _pickled("failed", _message(error))


def _message(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}"[:_MAX_MESSAGE_CHARS] if text else type(error).__name__


def _pickled(kind: str, value: Any) -> bytes:
    return pickle.dumps((kind, value), protocol=pickle.HIGHEST_PROTOCOL)


def _read(calls: IO[bytes]) -> bytes:
    """The next call; empty at the end of the pipe."""
    header = calls.read(_HEADER.size)
    return calls.read(_HEADER.unpack(header)[0]) if len(header) == _HEADER.size else b""


def _write(answers: IO[bytes], answer: bytes) -> None:
    answers.write(_HEADER.pack(len(answer)) + answer)
    answers.flush()


if __name__ == "__main__":
    main()
