"""How pages are read: ours against other extractors, page by page in one run, on any folder of pages with gold.

    python bench/extraction.py FOLDER [--peers PYTHON] [--rules] [--write-docs] [--corpora a,b] [--limit N] [--passes 1]

FOLDER holds `*.jsonl.gz` (or has them in `pages/`): a page a line with id, corpus, site, url, html and gold. F is the mean over
pages of the F1 on 4-token shingles, what the gold calls optional (title, standfirst, lists) neither asked for nor held against;
leaked the share of tokens in lines of which less than half is in the gold; bad the share of pages with F below .5; must and
must not the shares of snippets that were found. A page that ours refuses (an error page, a wall) is scored by the text that was
read of it.

With two passes, the default, the paragraphs that a site repeats are learned from all its pages before they are taken out, by the
functions that the warehouse uses. `--peers` names a Python that has the other extractors (`make bench-extract` makes it);
without it only trafilatura is beside ours. `--rules` leaves out each rule in turn. Ends with status 1 when ours is not better
than trafilatura.
"""

import argparse
import gzip
import json
import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))

import trafilatura

from newswire.core.articles import read_page
from newswire.core.articles.rules import ALL_RULES, Rules
from newswire.core.articles.site_blocks import Story, clean
from newswire.core.dates import read_date
from newswire.records import Article, Page

NEWS = ("fundus", "fundus_eval", "zyte")
ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs" / "extraction.md"
FETCHED_AT = datetime(2026, 12, 1, tzinfo=UTC)
DAY = date(2026, 12, 1)
SHINGLE = 4
LINE_TOKENS = 4  # shorter lines are too short to be called leaked
SAME_MOMENT_S = 60
NO_ADDRESS = "https://page.invalid/"
BAD_F = 0.5
TURN = 100  # pages; their lines are more than trafilatura remembers
NOT_OF_THE_TEXT = {"dates", "kinds", "feed_body"}  # rules that change no text here: the pages come without their feeds

Gold = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """What an extractor made of one page, and the CPU seconds it took."""

    text: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None  # as ISO 8601
    seconds: float = 0.0
    article: Article | None = field(default=None, repr=False)  # ours alone


@dataclass(frozen=True)
class Score:
    """How well one page was read; None where the gold does not say."""

    corpus: str
    seconds: float
    f: float | None
    leaked: float | None
    title: bool | None
    instant: bool | None
    authors: bool | None
    must: tuple[int, int]  # found, of how many
    must_not: tuple[int, int]


def main() -> int:
    options = arguments()
    pages = list(read_gold(options.folder, options.corpora, options.limit))
    reads = read_all(pages, options)
    scores = {name: [score(page, read) for page, read in zip(pages, of, strict=True)] for name, of in reads.items()}
    tables = [overview(scores), by_corpus(scores)]
    if options.rules:
        tables.append(rules_table(pages, options.passes))
    print("\n\n".join(tables))
    if options.write_docs:
        write_docs(tables)
    print(last_line(scores))
    ours, plain = news_of(scores["newswire"]), news_of(scores["trafilatura"])
    return 0 if f(ours) > f(plain) and leaked(ours) < leaked(plain) else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", type=Path, help="a Python with the other extractors")
    parser.add_argument("--rules", action="store_true", help="what each rule adds")
    parser.add_argument("--passes", type=int, default=2, choices=(1, 2))
    parser.add_argument("--corpora", default="", help="only these, with commas between")
    parser.add_argument("--limit", type=int, help="only so many pages of each corpus")
    parser.add_argument("--write-docs", action="store_true", help=f"put the tables into {DOCS.relative_to(ROOT)}")
    return parser.parse_args()


def read_gold(folder: Path, corpora: str, limit: int | None) -> Iterator[Gold]:
    folder = folder / "pages" if (folder / "pages").is_dir() else folder
    paths = [path for path in sorted(folder.glob("*.jsonl.gz")) if not corpora or path.name[:-9] in corpora.split(",")]
    if not paths:
        raise SystemExit(f"{folder} has no *.jsonl.gz of these corpora: give the folder of pages with gold")
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            records = sorted(map(json.loads, lines), key=lambda record: (record["site"], record["id"]))
        yield from records[:limit]


# --- Reading ---------------------------------------------------------------------------------------------------------


def read_all(pages: list[Gold], options: argparse.Namespace) -> dict[str, list[Read]]:
    """Every extractor on every page, in turns of a hundred pages, so that a busy machine is shared fairly.

    Not page by page: trafilatura remembers the lines that it cleaned, and its second run over a page would cost half.
    """
    here = {"newswire": read_ours, "trafilatura": read_plain, "trafilatura with metadata": read_with_metadata}
    reads: dict[str, list[Read]] = {name: [] for name in here}
    for read in here.values():
        read(pages[0])  # models and tables are loaded on first use
    for start in range(0, len(pages), TURN):
        for name, read in here.items():
            reads[name] += [timed(read, page) for page in pages[start : start + TURN]]
    if options.passes == 2:
        reads["newswire"] = without_site_blocks(pages, reads["newswire"])
    return reads | (read_by_peers(pages, options.peers) if options.peers else {})


def timed(read: Callable[[Gold], Read], page: Gold) -> Read:
    started = time.process_time()
    result = read(page)
    return replace(result, seconds=time.process_time() - started)


def read_ours(page: Gold, rules: Rules = ALL_RULES) -> Read:
    body = page["html"].encode("utf-8", "surrogatepass")
    url = page["url"] or NO_ADDRESS
    reading = read_page(Page(url=url, content_type="text/html", body=body, fetched_at=FETCHED_AT), rules=rules)
    article = reading.result
    if not isinstance(article, Article):
        return Read(text=reading.text)
    published = article.published_at.isoformat() if article.published_at else None
    return Read(text=article.text, title=article.title, authors=article.authors, published=published, article=article)


def without_site_blocks(pages: list[Gold], reads: list[Read]) -> list[Read]:
    """The second pass: a page is read in the same way both times, so only its site's paragraphs are taken out."""
    own = [own_address(page, read) for page, read in zip(pages, reads, strict=True)]
    by_site: dict[str, list[int]] = defaultdict(list)
    for number, page in enumerate(pages):
        if own[number] is not None:
            by_site[page["site"]].append(number)
    cleaned = list(reads)
    for numbers in by_site.values():
        started = time.process_time()
        articles, _ = clean([Story(article=own[number], day=DAY) for number in numbers], ())
        seconds = (time.process_time() - started) / len(numbers)
        for number, article in zip(numbers, articles, strict=True):
            read = reads[number]
            cleaned[number] = replace(read, text=article.text, seconds=read.seconds + seconds)
    return cleaned


def own_address(page: Gold, read: Read) -> Article | None:
    """The article with an address of its own: some corpora give all pages of a site its front page's."""
    if read.article is None:
        return None
    return replace(read.article, url=f"{NO_ADDRESS}{page['id']}")


def read_plain(page: Gold) -> Read:
    document = trafilatura.bare_extraction(page["html"], url=page["url"], include_comments=False)
    return Read(text=getattr(document, "text", None) or "")


def read_with_metadata(page: Gold) -> Read:
    document = trafilatura.bare_extraction(page["html"], url=page["url"], include_comments=False, with_metadata=True)
    if document is None:
        return Read()
    authors = tuple((document.author or "").split("; ")) if document.author else ()
    return Read(text=document.text or "", title=document.title, authors=authors, published=document.date)


def read_by_peers(pages: list[Gold], python: Path) -> dict[str, list[Read]]:
    """The others read in their own environment, page by page in one process, and say what it cost them."""
    lines = "".join(json.dumps({"url": page["url"], "html": page["html"]}) + "\n" for page in pages)
    script = Path(__file__).with_name("extraction_peers.py")
    answers = subprocess.run(
        [python, script], input=lines, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    reads: dict[str, list[Read]] = defaultdict(list)
    for answer in map(json.loads, answers.stdout.splitlines()):
        for name, read in answer.items():
            reads[name].append(Read(**read | {"authors": tuple(read["authors"])}))
    return dict(reads)


# --- Scoring ---------------------------------------------------------------------------------------------------------

DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u1000-\u109f"
TOKEN = re.compile(f"[{DENSE}]|[^\\W_{DENSE}]+")


def score(page: Gold, read: Read) -> Score:
    gold = page["gold"]
    return Score(
        corpus=page["corpus"],
        seconds=read.seconds,
        f=page_f(gold, read.text) if gold.get("text") else None,
        leaked=leaked_share(gold, read.text) if gold.get("text") else None,
        title=squeezed(read.title) == squeezed(gold["title"]) if gold.get("title") else None,
        instant=same_instant(gold["date"], read.published) if gold.get("date") else None,
        authors=same_names(gold["authors"], read.authors) if gold.get("authors") else None,
        must=snippets(gold.get("must"), read.text),
        must_not=snippets(gold.get("must_not"), read.text),
    )


def tokens(text: str | None) -> list[str]:
    """Words, case-folded; a character of a script without spaces is one of its own."""
    return TOKEN.findall(unicodedata.normalize("NFKC", text or "").casefold())


def page_f(gold: Gold, text: str) -> float:
    wanted, found = shingles(gold["text"]), shingles(text)
    hits = (wanted & found).total()
    wrong = ((found - wanted) - shingles(optional(gold))).total()
    return 2 * hits / (hits + wrong + wanted.total()) if hits else 0.0


def shingles(text: str) -> Counter[tuple[str, ...]]:
    found = tokens(text)
    if len(found) < SHINGLE:
        return Counter([tuple(found)] if found else [])
    return Counter(zip(*(found[start:] for start in range(SHINGLE)), strict=False))


def optional(gold: Gold) -> str:
    extra = gold.get("optional") or ""
    parts = [extra if isinstance(extra, str) else "\n".join(extra), gold.get("title"), gold.get("visible_title")]
    return "\n".join(part or "" for part in parts)


def leaked_share(gold: Gold, text: str) -> float:
    known = [*tokens(gold["text"]), "\0", *tokens(optional(gold))]
    pairs = set(pairwise(known))
    lines = [tokens(line) for line in text.split("\n")]
    leaks = [line for line in lines if len(line) >= LINE_TOKENS and is_leaked(line, pairs)]
    return sum(map(len, leaks)) / max(1, sum(map(len, lines)))


def is_leaked(line: list[str], pairs: set[tuple[str, str]]) -> bool:
    return sum(pair in pairs for pair in pairwise(line)) < 0.5 * (len(line) - 1)


def squeezed(text: str | None) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text or "").casefold())


def same_instant(gold: str, published: str | None) -> bool | None:
    """Whether the moment is right to the minute; None where the gold has no zone."""
    moment, quality = read_date(gold)
    if moment is None or quality != "exact" or not re.search(r"(?:Z|[+-]\d\d:?\d\d)$", gold):
        return None
    read = datetime.fromisoformat(published) if published else None
    return read is not None and read.tzinfo is not None and abs((read - moment).total_seconds()) <= SAME_MOMENT_S


def same_names(gold: Any, authors: Iterable[str]) -> bool:
    return names(gold) == names(authors)


def names(value: Any) -> set[str]:
    parts = re.split(r"\s*[;|]\s*|,\s+(?=\w)|\s+(?:and|und|et|y|и|&)\s+", value) if isinstance(value, str) else value
    return {squeezed(str(name)) for name in parts} - {""}


def snippets(wanted: list[str] | None, text: str) -> tuple[int, int]:
    spaced = re.sub(r"\s+", " ", text)
    found = sum(re.sub(r"\s+", " ", snippet).strip() in spaced for snippet in wanted or [])
    return found, len(wanted or [])


# --- Report ----------------------------------------------------------------------------------------------------------


def overview(scores: dict[str, list[Score]]) -> str:
    """News pages: one line an extractor."""
    pages = len(news_of(scores["newswire"]))
    head = f"| {pages} news pages | F | leaked | bad | title | instant | authors | pages/s/core |"
    lines = [head, "|---" * 8 + "|"]
    for name, every in scores.items():
        of = news_of(every)
        figures = [f(of), leaked(of), bad(of), *(share(of, fact) for fact in ("title", "instant", "authors"))]
        lines.append(f"| {name} | " + " | ".join(map(three, figures)) + f" | {speed(of):.0f} |")
    return "\n".join(lines)


def by_corpus(scores: dict[str, list[Score]]) -> str:
    """Every corpus: ours beside plain trafilatura."""
    lines = [
        "| corpus | pages | F | trafilatura | leaked | trafilatura | must | trafilatura | must not | trafilatura |",
        "|---" * 10 + "|",
    ]
    for corpus in sorted({score.corpus for score in scores["newswire"]}):
        of = [[score for score in scores[name] if score.corpus == corpus] for name in ("newswire", "trafilatura")]
        measures = (f, leaked, lambda some: found(some, "must"), lambda some: found(some, "must_not"))
        figures = [three(measure(some)) for measure in measures for some in of]
        lines.append(f"| {corpus} | {len(of[0])} | " + " | ".join(figures) + " |")
    return "\n".join(lines)


def rules_table(pages: list[Gold], passes: int) -> str:
    """What is lost when one rule is left out, and all are in force but it."""
    whole = [page for page in pages if page["gold"].get("text")]
    full = scored(whole, ALL_RULES, passes)
    head = [
        "| without | news F | leaked | bad | all F | leaked |",
        "|---" * 6 + "|",
        rule_line("(all rules)", full, full),
    ]
    rules = sorted(ALL_RULES - NOT_OF_THE_TEXT)
    return "\n".join([*head, *(rule_line(rule, scored(whole, ALL_RULES - {rule}, passes), full) for rule in rules)])


def scored(pages: list[Gold], rules: Rules, passes: int) -> list[Score]:
    reads = [read_ours(page, rules) for page in pages]
    reads = without_site_blocks(pages, reads) if passes == 2 and "site_blocks" in rules else reads
    return [score(page, read) for page, read in zip(pages, reads, strict=True)]


def rule_line(rule: str, without: list[Score], full: list[Score]) -> str:
    """The figures without the rule, as differences from those of all rules."""
    pairs = [(f, news_of), (leaked, news_of), (bad, news_of), (f, list), (leaked, list)]
    figures = [(measure(of(without)), measure(of(full))) for measure, of in pairs]
    shown = [f"{got:.4f}" if without is full else f"{got - had:+.4f}" for got, had in figures]
    return f"| {rule} | " + " | ".join(shown) + " |"


def write_docs(tables: list[str]) -> None:
    """Between the marks of the page."""
    text = DOCS.read_text()
    head, mark, rest = text.partition("<!-- measured -->\n")
    _, end, tail = rest.partition("<!-- end of measured -->")
    DOCS.write_text(head + mark + "\n\n".join(tables) + "\n" + end + tail)


def last_line(scores: dict[str, list[Score]]) -> str:
    ours, metadata = news_of(scores["newswire"]), news_of(scores["trafilatura with metadata"])
    facts = {
        "news_f": three(f(ours)),
        "bad": three(bad(ours)),
        "leaked": three(leaked(ours)),
        **{fact: three(share(ours, fact)) for fact in ("title", "instant", "authors")},
        "pages_per_core_s": f"{speed(ours):.0f}",
        "trafilatura_ratio": f"{speed(ours) / speed(metadata):.2f}",
    }
    return "extract: " + " ".join(f"{key}={value}" for key, value in facts.items())


def news_of(scores: list[Score]) -> list[Score]:
    """The scores of news pages; of all, where the folder has none of the corpora that are known to be news."""
    return [score for score in scores if score.corpus in NEWS] or scores


def f(scores: list[Score]) -> float | None:
    return average([score.f for score in scores])


def leaked(scores: list[Score]) -> float | None:
    return average([score.leaked for score in scores])


def bad(scores: list[Score]) -> float | None:
    return average([score.f < BAD_F for score in scores if score.f is not None])


def share(scores: list[Score], fact: str) -> float | None:
    return average([getattr(score, fact) for score in scores])


def found(scores: list[Score], snippet: str) -> float | None:
    hits, wanted = (sum(getattr(score, snippet)[place] for score in scores) for place in (0, 1))
    return hits / wanted if wanted else None


def average(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return mean(known) if known else None


def speed(scores: list[Score]) -> float:
    return len(scores) / sum(score.seconds for score in scores)


def three(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
