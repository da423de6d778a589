"""The only ways out: the lookup of names and the sockets, both of which refuse what is not public.

The lookup drops such addresses with a clear reason. The socket is the wall: it is made for exactly the address that is
connected next, so neither an IP address in a URL nor a name that changes its answer (DNS rebinding) gets past it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from newswire.web.addresses import is_internal, why_not_public

# The addresses of a host name; raises OSError where there are none.
Lookup = Callable[[str], Awaitable[Sequence[str]]]

# A name server that does not answer holds a thread for up to 30 s; so many may be held before others wait.
_LOOKUP_THREADS = 32


class BlockedAddress(OSError):
    """Raised instead of opening a socket to an address that is not public."""


class Doors(AbstractResolver):
    """Looks names up and opens sockets for the HTTP client."""

    def __init__(
        self, *, connect_to: tuple[str, int] | None = None, lookup: Lookup | None = None, internal: bool = False
    ) -> None:
        self._connect_to = connect_to
        self._internal = internal
        self._lookup = lookup or self._system_lookup
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="newswire-lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses to connect to: the newsroom's if there is one, else the public ones of the host."""
        if self._connect_to is not None:
            return [_found(host, *self._connect_to, family)]
        addresses = await self._lookup(host)
        return [_found(host, address, port, family) for address in self._asked_only(host, addresses)]

    def open_socket(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """A socket for the address that the client connects to next (an entry of `getaddrinfo`)."""
        family, kind, protocol, _, (address, port, *_) = addr_info
        if self._connect_to is not None and (address, port) != self._connect_to:
            raise BlockedAddress(f"{address} port {port} is not the newsroom")
        if self._connect_to is None and (reason := self._why_not(address)):
            raise BlockedAddress(f"{address} is not a public address: {reason}")
        return socket.socket(family, kind, protocol)

    def _asked_only(self, host: str, addresses: Sequence[str]) -> Sequence[str]:
        internal = [address for address in addresses if self._internal and is_internal(address)]
        return internal or _public_only(host, addresses)

    def _why_not(self, address: str) -> str | None:
        return None if self._internal and is_internal(address) else why_not_public(address)

    async def close(self) -> None:
        """Lookups under way are left to end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _system_lookup(self, host: str) -> Sequence[str]:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _addresses, host)


def _addresses(host: str) -> Sequence[str]:
    found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _public_only(host: str, addresses: Sequence[str]) -> Sequence[str]:
    """Raises BlockedAddress where none is left."""
    if not addresses:
        raise OSError(f"{host} has no address")
    reasons = {address: why_not_public(address) for address in addresses}
    public = [address for address, reason in reasons.items() if reason is None]
    if not public:
        address, reason = next(iter(reasons.items()))
        raise BlockedAddress(f"{host} leads to {address}, which is not a public address: {reason}")
    return public


def _found(host: str, address: str, port: int, family: socket.AddressFamily) -> ResolveResult:
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)
