"""A TLS server of feeds for `feed_polls.py`, in a process of its own so that its CPU time is not counted.

    python bench/feed_server.py CERTIFICATE FOLDER

For a feed `/7` it answers, by the port that it is asked at: 304; `7.old`; `7.new` (both gzip). Prints the ports as JSON.
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path

HEAD = 'HTTP/1.1 {}\r\nETag: "e"\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n'


async def main() -> None:
    certificate, folder = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    ports = {}
    for name in ("304", "old", "new"):
        server = await asyncio.start_server(answering(name, Path(folder)), "127.0.0.1", 0, ssl=context, backlog=512)
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


def answering(name: str, folder: Path):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            number = request.split(b" ", 2)[1].decode().strip("/")
            writer.write(
                HEAD.format("304 Not Modified").encode() + b"\r\n" if name == "304" else document(folder, number, name)
            )
            await writer.drain()
        except (OSError, EOFError):
            pass
        writer.close()

    return answer


def document(folder: Path, number: str, name: str) -> bytes:
    body = (folder / f"{number}.{name}").read_bytes()
    return f"{HEAD.format('200 OK')}Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


if __name__ == "__main__":
    asyncio.run(main())
