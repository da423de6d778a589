"""A process that may die: hostile documents are read in it, never in ours.

A feed or page can take 20 seconds of CPU, gigabytes of memory, or crash a C library. `Child` keeps one process that answers
call after call (as fast as calling directly, but for the copying) and is killed and replaced when one of them goes wrong.
It is a subprocess, not `multiprocessing`, which Celery's daemonic workers forbid.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import IO, Any, Self

from newswire.errors import ChildFailed, ChildKilled

_ALLOWED = ("newswire.core.",)
_START_S = 60.0  # importing a model or trafilatura on a busy machine
_MAX_ANSWER_BYTES = 256 * 1024**2
_HEADER = struct.Struct(">Q")
_CHUNK = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """What one call may use. Memory is address space: code of libraries counts (140 MB with all of ours)."""

    wall_s: float = 10.0
    cpu_s: int = 10
    memory_mb: int = 1024


class Child:
    """One killable process, started by the first call; for one thread at a time.

    >>> with Child() as child:
    ...     feed = child.call("newswire.core.feeds:parse_feed", body, url=url)
    """

    def __init__(self, limits: ChildLimits | None = None, *, also_allowed: tuple[str, ...] = ()) -> None:
        """`also_allowed` names further module prefixes that may be called, besides everything below newswire.core."""
        self._limits = limits or ChildLimits()
        self._allowed = (*_ALLOWED, *also_allowed)
        self._modules: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def warm(self, *modules: str) -> None:
        """Start the process now with these modules imported, so that no call pays for it; replacements do the same."""
        self._modules = modules
        self.close()
        self._start()

    def call(self, function: str, *args: object, **kwargs: object) -> Any:
        """The result of `module:function` called with these arguments in the process.

        Raises ChildKilled when it passed a limit or died (the message begins with what: cpu, wall, memory, output, signal N,
        exit N), what the function raised where that is an exception of newswire, ChildFailed for any other exception.
        """
        if not function.startswith(self._allowed):
            raise ValueError(f"{function} may not be called in a child; allowed is what begins with {self._allowed}")
        request = pickle.dumps((function, args, kwargs), protocol=pickle.HIGHEST_PROTOCOL)
        process = self._process or self._start()
        kind, value = self._answer(process, request, self._limits.wall_s)
        match kind:
            case "result":
                return value
            case "raised":
                raise value
            case "failed":
                raise ChildFailed(value)
            case _:  # it could not get the memory that it wanted: what is left of it is not trusted
                self.close()
                raise ChildKilled(f"memory: {value}; the limit is {self._limits.memory_mb} MB")

    def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    # --- The process -------------------------------------------------------------------------------------------------

    def _start(self) -> subprocess.Popen[bytes]:
        settings = json.dumps({**asdict(self._limits), "modules": self._modules})
        self._process = process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "newswire.steps.child_main", settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_environment(),
            start_new_session=True,  # its process group is its own and can be killed as one
        )
        kind, value = self._answer(process, None, _START_S)
        if kind != "ready":
            self.close()
            raise ChildFailed(f"the child could not start: {value}")
        return process

    def _answer(self, process: subprocess.Popen[bytes], request: bytes | None, wall_s: float) -> tuple[str, Any]:
        """What the process says to a request within the time. Whatever goes wrong, the process is gone afterwards."""
        assert process.stdin is not None
        assert process.stdout is not None
        deadline = time.monotonic() + wall_s
        try:
            if request is not None:
                _send(process.stdin, request, deadline)
            answer = _receive(process.stdout, deadline)
            kind, value = _Unpickler(io.BytesIO(answer), self._allowed).load()
        except TimeoutError:
            self.close()
            raise ChildKilled(f"wall: more than {wall_s:g} s") from None
        except _TooMuchError as error:
            self.close()
            raise ChildKilled(f"output: {error}") from None
        except (EOFError, BrokenPipeError):
            raise self._obituary() from None
        except BaseException:
            self.close()  # an interrupt, or an answer that is none: the next call must not read the rest of it
            raise
        return kind, value

    def _obituary(self) -> ChildKilled:
        """Why the process died by itself."""
        process, self._process = self._process, None
        assert process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)  # its pipe is closed; its death may take a moment longer
        _end(process)
        return ChildKilled(_cause_of_death(process.returncode, self._limits))


def _cause_of_death(returncode: int, limits: ChildLimits) -> str:
    if returncode >= 0:
        return f"exit {returncode}: the process ended itself"
    number = signal.Signals(-returncode)
    if number == signal.SIGXCPU:
        return f"cpu: more than {limits.cpu_s} s"
    if number == signal.SIGALRM:
        return f"wall: more than {limits.wall_s:g} s"
    if number == signal.SIGKILL:
        return "memory: killed from outside, most likely for want of memory"
    return f"signal {number.value}: {number.name}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process with all that it started, wait for it, and close its pipes: no zombie, no descriptor is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _environment() -> dict[str, str]:
    """Our import path and nothing else of ours: no secrets, no proxies, one thread for each library."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


# --- The wire: eight bytes of length, then a pickle ------------------------------------------------------------------


class _TooMuchError(Exception):
    """The answer is larger than we take."""


def _send(pipe: IO[bytes], request: bytes, deadline: float) -> None:
    """Write the request before the deadline, even to a process that does not read. Raises TimeoutError."""
    pending = memoryview(_HEADER.pack(len(request)) + request)
    os.set_blocking(pipe.fileno(), False)
    while pending:
        _wait(pipe, selectors.EVENT_WRITE, deadline)
        pending = pending[os.write(pipe.fileno(), pending[:_CHUNK]) :]


def _receive(pipe: IO[bytes], deadline: float) -> bytes:
    (length,) = _HEADER.unpack(_read(pipe, _HEADER.size, deadline))
    if length > _MAX_ANSWER_BYTES:
        raise _TooMuchError(f"an answer of {length:,} bytes; the limit is {_MAX_ANSWER_BYTES:,}")
    return bytes(_read(pipe, length, deadline))


def _read(pipe: IO[bytes], length: int, deadline: float) -> bytearray:
    """Exactly so many bytes before the deadline. Raises TimeoutError, or EOFError when the process is gone."""
    received = bytearray()
    while len(received) < length:
        _wait(pipe, selectors.EVENT_READ, deadline)
        chunk = os.read(pipe.fileno(), min(_CHUNK, length - len(received)))
        if not chunk:
            raise EOFError
        received += chunk
    return received


def _wait(pipe: IO[bytes], event: int, deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, event)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise TimeoutError


class _Unpickler(pickle.Unpickler):
    """Reads answers of a process that a document may have taken over: only plain data and our own records."""

    _PLAIN = frozenset(
        {"datetime.datetime", "datetime.date", "datetime.timedelta", "datetime.timezone", "builtins.set"}
    )

    def __init__(self, file: IO[bytes], allowed: tuple[str, ...]) -> None:
        super().__init__(file)
        self._allowed = ("newswire.records.", "newswire.errors.", *allowed)

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        if f"{module}.{name}" in self._PLAIN or f"{module}.".startswith(self._allowed):
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        raise ChildFailed(f"the answer holds a {module}.{name}, which no answer may")
