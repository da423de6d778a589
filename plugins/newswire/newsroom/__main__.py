"""`python -m newswire.newsroom`: serve the sample publications, captures, or a generated edition."""

from __future__ import annotations

import argparse
import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path

from newswire.newsroom.annals import Annals
from newswire.newsroom.captures import Captures, captures
from newswire.newsroom.generator import Generator
from newswire.newsroom.publications import publications
from newswire.newsroom.server import LOOPBACK, Newsroom, serve

# A generated newspaper holds about as many articles as a feed usually shows.
_ARTICLES_PER_FEED = 50


def main() -> None:
    """Serve until interrupted."""
    asyncio.run(_run(_arguments()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m newswire.newsroom", description=__doc__)
    parser.add_argument(
        "--host", default=LOOPBACK, help="address to listen on; another one only in a network of your own"
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 picks a free one")
    parser.add_argument("--over", type=float, default=20.0, metavar="SECONDS", help="publish the rest over this time")
    parser.add_argument("--hold", action="store_true", help="begin to do so when POST /-/newsroom/start asks for it")
    parser.add_argument(
        "--captures", type=Path, metavar="FOLDER", help="serve captured feeds and pages instead of the samples"
    )
    parser.add_argument("--hub", action="store_true", help="feeds name a hub, which pushes them (WebSub)")
    parser.add_argument("--generate", type=int, metavar="N", help="serve N generated articles instead of the samples")
    parser.add_argument("--seed", type=int, default=1, help="of the generated articles")
    parser.add_argument(
        "--near-copies",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of the generated articles: copies that were edited",
    )
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(
        _newsroom(arguments), host=arguments.host, port=arguments.port, over_s=arguments.over, hold=arguments.hold
    ) as port:
        print(f"newsroom listening on {arguments.host}:{port}", flush=True)
        await stop.wait()


def _newsroom(arguments: argparse.Namespace) -> Newsroom:
    captured: Captures | None = captures(arguments.captures) if arguments.captures else None
    if arguments.generate is None:
        annals = Annals(datetime.now(UTC).date())
        return Newsroom(() if captured else publications(), captures=captured, annals=annals, with_hub=arguments.hub)
    feeds = max(1, arguments.generate // _ARTICLES_PER_FEED)
    edition = Generator(arguments.seed).edition(
        feeds=feeds, articles=arguments.generate, near_copies=arguments.near_copies
    )
    return Newsroom(edition.publications, captures=captured, with_hub=arguments.hub)


if __name__ == "__main__":
    main()
