"""A story in words: what people are shown of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from newswire.records import StoryLine

_WIDTH = 150


def described(lines: Sequence[StoryLine]) -> Iterator[str]:
    """A story in words: its title, how many report it, and two lines a report."""
    first, last = min(line.at for line in lines), max(line.at for line in lines)
    yield lines[0].title
    yield (
        f"  story {lines[0].article_id}: {len(lines)} articles, {sum(line.is_copy for line in lines)} of them copies,"
        f" of {len({line.publisher for line in lines})} publishers, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC\n"
    )
    for line in lines:
        title = textwrap.shorten(f"{line.publisher or ''}: {line.title}", width=_WIDTH, placeholder=" …")
        yield f"  {line.at:%m-%d %H:%M}  {title}\n               {line.evidence}"
