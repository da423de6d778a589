"""The feeds of `live_polling.py` over plain HTTP, in a process of its own; every host of the web is found here.

    python bench/live_server.py

A feed `/fine-7` answers 304 to its own ETag twice, then has one item more. `/slow-7` takes five seconds for the same. `/fails-7`
resets the connection or never answers. Prints its port, and when it is told to end what it saw: how many requests, how many of
a host at a time, the shortest time between two to one host.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter

ITEM = "<item><title>Item {0} of {1}</title><link>http://{1}/{0}</link><pubDate>{2}</pubDate></item>"
HEAD = (
    'HTTP/1.1 {}\r\nETag: "{}"\r\nContent-Type: application/rss+xml\r\nConnection: close\r\nContent-Length: {}\r\n\r\n'
)
WINDOW = 20
SLOW_S = 5.0


class Seen:
    """What came in, by host."""

    def __init__(self) -> None:
        self.requests = 0
        self.at_once = 0
        self.gaps: list[float] = []
        self.busy: Counter[str] = Counter()
        self.last: dict[str, float] = {}
        self.asked: Counter[str] = Counter()

    def begin(self, host: str, path: str) -> int:
        """Note a request; returns how often the feed was asked before."""
        now = time.monotonic()
        if host in self.last:
            self.gaps.append(now - self.last[host])
        self.at_once += self.busy[host] > 0
        self.last[host] = now
        self.busy[host] += 1
        self.requests += 1
        before = self.asked[host + path]
        self.asked[host + path] += 1
        return before

    def told(self) -> str:
        gaps = sorted(self.gaps)
        shortest = round(gaps[0], 2) if gaps else None
        return json.dumps({"requests": self.requests, "at_once": self.at_once, "shortest_gap_s": shortest})


async def main() -> None:
    seen = Seen()
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    server = await asyncio.start_server(
        lambda reader, writer: answer(seen, reader, writer), "127.0.0.1", 0, backlog=512
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await ending.wait()
    print(seen.told(), flush=True)
    os._exit(0)  # whoever still waits for an answer was told to end as well


async def answer(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    host = ""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split(" ", 2)[1]
        host = header(head, "host")
        times = seen.begin(host, path)
        kind, _, number = path.strip("/").partition("-")
        if kind == "slow":
            await asyncio.sleep(SLOW_S)
        if kind == "fails":
            await fail(reader, writer, int(number))
        else:
            writer.write(document(host, path, times // 3, header(head, "if-none-match")))
            await writer.drain()
    except (OSError, EOFError, asyncio.IncompleteReadError):
        pass
    finally:
        seen.busy[host] -= 1
        writer.close()


def header(head: str, name: str) -> str:
    found = (line.partition(":")[2].strip() for line in head.split("\r\n") if line.lower().startswith(f"{name}:"))
    return next(found, "")


async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
    if number % 40 < 20:
        writer.transport.abort()
    else:
        await reader.read()  # until the client has had enough


def document(host: str, path: str, newest: int, known: str) -> bytes:
    etag = f"v{newest}"
    if known == f'"{etag}"':
        return HEAD.format("304 Not Modified", etag, 0).encode()
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    items = "".join(ITEM.format(f"{path.strip('/')}-{number}", host, date) for number in range(newest, newest + WINDOW))
    body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>{host}</title>{items}</channel></rss>".encode()
    return HEAD.format("200 OK", etag, len(body)).encode() + body


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
