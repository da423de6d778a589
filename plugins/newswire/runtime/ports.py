"""Ports on the loopback address: as asked for, as last time, else any free one."""

from __future__ import annotations

import json
import os
import random
import socket

from newswire.errors import ConfigError, RuntimeTrouble
from newswire.runtime.home import Home, read_json, write_private

# Systems take the local ports of outgoing connections from above: 32768 on Linux, 49152 on macOS (RFC 6335, 6).
_BELOW_EPHEMERAL = range(20_000, 32_000)

LOOPBACK = "127.0.0.1"


def choose_port(home: Home, name: str, *, wanted: int | None, variable: str, usual: int) -> int:
    """The port for `name`, kept for the next start so that bookmarks stay right.

    A `wanted` one, or one in the environment's `variable`, is used or is a RuntimeTrouble. Otherwise the port of last time,
    then the `usual` one, then any that is free.
    """
    kept = read_json(home.ports)
    port = wanted or _from_environment(variable)
    if port is None:
        port = next((known for known in (kept.get(name), usual) if known and is_free(known)), None) or any_free_port()
    elif not is_free(port):
        raise RuntimeTrouble(f"Port {port} is taken by another program. Set {variable} to a free one, or unset it.")
    write_private(home.ports, json.dumps({**kept, name: port}))
    return port


def _from_environment(variable: str) -> int | None:
    value = os.environ.get(variable)
    if value and not value.isdecimal():
        raise ConfigError(f"{variable}={value} is not a port: give a number from 1024 to 65535, or unset it.")
    return int(value) if value else None


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a port in TIME_WAIT is free
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """A port that nobody uses at this moment, and that no outgoing connection will be given before it is used."""
    return next(port for port in iter(lambda: random.choice(_BELOW_EPHEMERAL), None) if is_free(port))
