"""What hostile documents make libraries do, as functions that a child can call."""

import ctypes
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from newswire.core.feeds import NotAFeed
from newswire.errors import NewswireError


class Awkward(NewswireError):
    """An exception that cannot be made again from its arguments."""

    def __init__(self, *, code):
        super().__init__("awkward")
        self.code = code


class Foreign:
    """An object that no answer may hold, once its module is not allowed."""


def echo(value=None, **others):
    return (value, others) if others else value


def pid():
    return os.getpid()


def segfault():
    ctypes.string_at(0)


def leave(code):
    os._exit(code)


def system_exit():
    sys.exit(3)


def eat_memory():
    return len(b"x" * (4 * 1024**3))


def spin():
    while True:
        pass


def sleep(seconds):
    time.sleep(seconds)


def recurse(depth=0):
    return recurse(depth + 1)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def much(size):
    return b"x" * size


def print_garbage():
    print("garbage" * 1000, flush=True)
    os.write(1, b"\0" * 100_000)
    os.write(2, b"garbage")
    return sys.stdin.read()


def refuse():
    raise NotAFeed("a web page")


def fail(message):
    raise KeyError(message)


def fail_awkwardly():
    raise Awkward(code=7)


def lambda_():
    return lambda: None


def system_function():
    return os.system


def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return os.getpid()


def environment():
    return dict(os.environ)


def limits():
    return {
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "oom": int(Path("/proc/self/oom_score_adj").read_text()),
        "session": os.getsid(0) == os.getpid(),
    }


def write_file(path):
    Path(path).write_bytes(b"x")


def start_grandchild():
    return subprocess.Popen(["/bin/sleep", "600"]).pid


def loaded(module):
    return module in sys.modules
