"""How pages are read: our extractor against plain trafilatura on news pages with gold, in one run.

    python bench/extraction.py ../shared/corpus

F is the mean over pages of the F1 on 4-word shingles, leaked the share of words in lines of which less than half is in the
gold, bad the share of pages with F below .5. Plain trafilatura reads the text alone; ours reads text, title, authors and
date too, as trafilatura does when it is asked for metadata: both ratios of speed are told. The last line is for comparison between versions. Ends with status 1 when
ours is not better than plain trafilatura.
"""

import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))

import trafilatura

from newswire.core.articles import extract_article
from newswire.core.dates import read_date
from newswire.core.fingerprints import words
from newswire.records import Article, Page

NEWS = ("fundus", "fundus_eval", "zyte")
FETCHED_AT = datetime(2026, 12, 1, tzinfo=UTC)
SHINGLE = 4
LINE_WORDS = 4  # shorter lines are too short to be called leaked
SAME_MOMENT_S = 60


class Read(NamedTuple):
    """What an extractor made of one page, and the CPU seconds it took."""

    text: str
    title: str | None
    published_at: datetime | None
    seconds: float


class Score(NamedTuple):
    """How well one page was read."""

    f: float
    leaked: float
    seconds: float
    title: bool | None  # None: the gold has no title
    instant: bool | None


def main() -> int:
    folder = Path(sys.argv[1])
    pages = list(read_gold(folder / "pages" if (folder / "pages").is_dir() else folder))
    scores: dict[str, list[Score]] = {name: [] for name in EXTRACTORS}
    for page in [pages[0], *pages]:  # the first one twice: models and tables are loaded on first use
        for name, read in EXTRACTORS.items():
            scores[name].append(score(page, timed(read, page)))
    for name in EXTRACTORS:
        report(name, scores[name][1:])
    ours, plain, metadata = (scores[name][1:] for name in EXTRACTORS)
    print(last_line(ours, plain, metadata))
    return 0 if f(ours) > f(plain) and leaked(ours) < leaked(plain) else 1


def read_gold(folder: Path) -> Iterator[dict[str, Any]]:
    for corpus in NEWS:
        with gzip.open(folder / f"{corpus}.jsonl.gz", "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


# --- Reading ---------------------------------------------------------------------------------------------------------


def timed(read: Callable[[dict[str, Any]], Read], page: dict[str, Any]) -> Read:
    started = time.process_time()
    result = read(page)
    return result._replace(seconds=time.process_time() - started)


def read_ours(page: dict[str, Any]) -> Read:
    body = page["html"].encode("utf-8", "surrogatepass")
    article = extract_article(Page(url=page["url"], content_type="text/html", body=body, fetched_at=FETCHED_AT))
    if not isinstance(article, Article):
        return Read("", None, None, 0)
    return Read(article.text, article.title, article.published_at, 0)


def read_plain(page: dict[str, Any]) -> Read:
    document = trafilatura.bare_extraction(page["html"], url=page["url"], include_comments=False)
    return Read(getattr(document, "text", None) or "", None, None, 0)


def read_with_metadata(page: dict[str, Any]) -> Read:
    document = trafilatura.bare_extraction(page["html"], url=page["url"], include_comments=False, with_metadata=True)
    return Read(getattr(document, "text", None) or "", getattr(document, "title", None), None, 0)


EXTRACTORS = {"ours": read_ours, "trafilatura": read_plain, "and metadata": read_with_metadata}


# --- Scoring ---------------------------------------------------------------------------------------------------------


def score(page: dict[str, Any], read: Read) -> Score:
    gold = page["gold"]
    return Score(
        f=page_f(gold, read.text),
        leaked=leaked_share(gold, read.text),
        seconds=read.seconds,
        title=squeezed(read.title) == squeezed(gold["title"]) if gold.get("title") else None,
        instant=same_instant(gold["date"], read.published_at) if gold.get("date") else None,
    )


def page_f(gold: dict[str, Any], text: str) -> float:
    """F1 on shingles; what the gold calls optional (a standfirst, the title) is neither asked for nor held against."""
    wanted, found = shingles(gold["text"]), shingles(text)
    hits = (wanted & found).total()
    wrong = ((found - wanted) - shingles(optional(gold))).total()
    return 2 * hits / (hits + wrong + wanted.total()) if hits else 0.0


def leaked_share(gold: dict[str, Any], text: str) -> float:
    known = words(f"{gold['text']}\n{optional(gold)}")
    pairs = set(pairwise(known))
    lines = [words(line) for line in text.split("\n")]
    leaks = [line for line in lines if len(line) >= LINE_WORDS and is_leaked(line, pairs)]
    return sum(map(len, leaks)) / max(1, sum(map(len, lines)))


def is_leaked(line: list[str], pairs: set[tuple[str, str]]) -> bool:
    own = list(pairwise(line))
    return 2 * sum(pair in pairs for pair in own) < len(own)


def optional(gold: dict[str, Any]) -> str:
    extra = gold.get("optional") or ""
    return "\n".join(
        [
            extra if isinstance(extra, str) else "\n".join(extra),
            gold.get("title") or "",
            gold.get("visible_title") or "",
        ]
    )


def shingles(text: str) -> Counter[tuple[str, ...]]:
    found = words(text)
    return Counter(zip(*(found[start:] for start in range(SHINGLE)), strict=False))


def squeezed(text: str | None) -> str:
    return "".join(words(text or ""))


def same_instant(gold: str, read: datetime | None) -> bool | None:
    """Whether the moment is right to the minute; None where the gold has no zone."""
    moment, quality = read_date(gold)
    if moment is None or quality != "exact" or not re.search(r"(?:Z|[+-]\d\d:?\d\d)$", gold):
        return None
    return read is not None and abs((read - moment).total_seconds()) <= SAME_MOMENT_S


# --- Report ----------------------------------------------------------------------------------------------------------


def report(name: str, scores: list[Score]) -> None:
    print(
        f"{name:12} F {f(scores):.3f}  leaked {leaked(scores):.3f}  bad {bad(scores):.3f}  pages/core/s {speed(scores):.0f}"
    )


def last_line(ours: list[Score], plain: list[Score], metadata: list[Score]) -> str:
    facts = {
        "pages": str(len(ours)),
        "f": f"{f(ours):.3f}",
        "trafilatura_f": f"{f(plain):.3f}",
        "leaked": f"{leaked(ours):.3f}",
        "trafilatura_leaked": f"{leaked(plain):.3f}",
        "bad": f"{bad(ours):.3f}",
        "title": f"{share(score.title for score in ours):.3f}",
        "instant": f"{share(score.instant for score in ours):.3f}",
        "pages_per_core_s": f"{speed(ours):.0f}",
        "trafilatura_ratio": f"{speed(ours) / speed(plain):.2f}",
        "metadata_ratio": f"{speed(ours) / speed(metadata):.2f}",
    }
    return "extraction: " + " ".join(f"{key}={value}" for key, value in facts.items())


def f(scores: list[Score]) -> float:
    return mean(score.f for score in scores)


def leaked(scores: list[Score]) -> float:
    return mean(score.leaked for score in scores)


def bad(scores: list[Score]) -> float:
    return mean(score.f < 0.5 for score in scores)


def share(answers: Iterator[bool | None]) -> float:
    known = [answer for answer in answers if answer is not None]
    return mean(known) if known else 0.0


def speed(scores: list[Score]) -> float:
    return len(scores) / sum(score.seconds for score in scores)


if __name__ == "__main__":
    sys.exit(main())
