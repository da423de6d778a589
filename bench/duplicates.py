"""How well copies are told from other articles, beside the usual methods, in one run on labelled pairs.

    python bench/duplicates.py DIR [--write-docs] [--errors 10]

DIR holds neardup_real_pairs.jsonl.gz and neardup_synth_pairs.jsonl.gz: pairs `{label, a, b}` with label D (one piece of writing),
N (not) or P (part of one is in the other; left out), documents `{title, text}` and where known `date`, `source`. Real pairs
were found in newswires and news sites and read by a person, synthetic ones were made by editing.

`candidates` is the share of the D pairs that share two anchors, or the text itself: what the index can find at all. CPU is that
of fingerprinting and comparing, for one document. The last line is for comparison between versions; its story figures are
those of bench/stories.py where that is there.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))

import numpy as np
from datasketch import MinHash, MinHashLSH

from newswire.core.duplicates import compare
from newswire.core.fingerprints import fingerprint, words
from newswire.records import Fingerprint

DOCS = Path(__file__).parents[1] / "docs" / "duplicates.md"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
DATES = ("%Y-%m-%d", "%d-%b-%Y %H:%M:%S.%f")

Document = dict[str, Any]
Method = Callable[[Sequence["Pair"]], list[bool]]


@dataclass(frozen=True)
class Pair:
    """Two documents, and whether they are one piece of writing."""

    name: str
    same: bool
    kind: str
    language: str
    a: Document
    b: Document

    @property
    def documents(self) -> tuple[Document, Document]:
        return self.a, self.b


@dataclass(frozen=True)
class Score:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __str__(self) -> str:
        return f"{self.precision:.3f} / {self.recall:.3f} / **{self.f1:.3f}**"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write-docs", action="store_true", help="put the tables into docs/duplicates.md")
    parser.add_argument("--errors", type=int, default=0, help="print so many wrong answers of each set")
    arguments = parser.parse_args()
    sets = {name: list(read(arguments.folder / f"neardup_{name}_pairs.jsonl.gz")) for name in ("real", "synth")}
    if not all(sets.values()):
        print(f"skipped: there are no pairs in {arguments.folder}")
        return 0
    report = "\n".join(tables(sets))
    print(report)
    for pairs in sets.values():
        show_errors(pairs, arguments.errors)
    if arguments.write_docs:
        write_docs(report)
    print(last_line(sets, arguments.folder))
    return 0


def read(path: Path) -> Iterator[Pair]:
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["label"] != "P":
                language = row.get("lang") or row.get("set") or ""
                yield Pair(row["pair"], row["label"] == "D", row.get("kind", ""), language, row["a"], row["b"])


# --- Methods: each says of every pair whether it is one piece of writing ---------------------------------------------


def ours(pairs: Sequence[Pair]) -> list[bool]:
    return [compare(printed(pair.a), printed(pair.b)) is not None for pair in pairs]


def printed(document: Document) -> Fingerprint:
    source = document.get("source")
    return fingerprint(
        document.get("title") or "",
        document["text"],
        source_id=crc32(source.encode()) if source else None,
        at=date_of(document.get("date")),
    )


def date_of(text: str | None) -> datetime | None:
    for pattern in DATES:
        try:
            return datetime.strptime((text or "").strip(), pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def exact_hash(pairs: Sequence[Pair]) -> list[bool]:
    def digest(document: Document) -> bytes:
        return hashlib.sha256(" ".join(words(document["text"])).encode("utf-8", "surrogatepass")).digest()

    return [digest(pair.a) == digest(pair.b) for pair in pairs]


def equal_titles(pairs: Sequence[Pair]) -> list[bool]:
    def title(document: Document) -> list[str]:
        return words(document.get("title") or "")

    return [bool(title(pair.a)) and title(pair.a) == title(pair.b) for pair in pairs]


def simhash(pairs: Sequence[Pair]) -> list[bool]:
    """64 bits of the words, weighted by their number; alike at a Hamming distance of 3 or less (Manku et al. 2007)."""
    return [(bits(pair.a["text"]) ^ bits(pair.b["text"])).bit_count() <= 3 for pair in pairs]


def bits(text: str) -> int:
    counts = Counter(words(text))
    hashes = [
        int.from_bytes(hashlib.blake2b(w.encode("utf-8", "surrogatepass"), digest_size=8).digest()) for w in counts
    ]
    if not hashes:
        return 0
    table = np.unpackbits(np.array(hashes, dtype=">u8").view(np.uint8).reshape(-1, 8), axis=1)
    sums = (table * 2.0 - 1.0).T @ np.array(list(counts.values()), dtype=float)
    return int("".join("1" if total > 0 else "0" for total in sums), 2)


def minhash_lsh(threshold: float) -> Method:
    def method(pairs: Sequence[Pair]) -> list[bool]:
        index = MinHashLSH(threshold=threshold, num_perm=128)
        for at, pair in enumerate(pairs):
            index.insert(at, minhash(pair.a["text"]))
        return [at in index.query(minhash(pair.b["text"])) for at, pair in enumerate(pairs)]

    return method


def minhash(text: str) -> MinHash:
    made = MinHash(num_perm=128)
    made.update_batch([run.encode("utf-8", "surrogatepass") for run in shingles(words(text), 3)])
    return made


def shingles(told: list[str], run: int) -> set[str]:
    return {" ".join(told[at : at + run]) for at in range(max(len(told) - run + 1, 1))}


def tfidf(threshold: float) -> Method:
    """Cosine of the words of the texts, weighted by their rarity among all documents of the set."""

    def method(pairs: Sequence[Pair]) -> list[bool]:
        documents = [Counter(words(document["text"])) for pair in pairs for document in pair.documents]
        frequency = Counter(word for counts in documents for word in counts)
        weights = {word: math.log(len(documents) / count) + 1 for word, count in frequency.items()}
        vectors = [normalised({w: (1 + math.log(n)) * weights[w] for w, n in counts.items()}) for counts in documents]
        return [cosine(vectors[at], vectors[at + 1]) >= threshold for at in range(0, len(vectors), 2)]

    return method


def normalised(vector: dict[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {word: value / length for word, value in vector.items()}


def cosine(a: dict[str, float], b: dict[str, float]) -> float:
    return sum(value * b.get(word, 0.0) for word, value in a.items())


METHODS: dict[str, Method] = {
    "exact hash of the words": exact_hash,
    "equal titles": equal_titles,
    "SimHash-64 of words, distance <= 3": simhash,
    "MinHash-LSH, 128 x 3-word runs, .5": minhash_lsh(0.5),
    "MinHash-LSH, .7": minhash_lsh(0.7),
    "MinHash-LSH, .8": minhash_lsh(0.8),
    "TF-IDF cosine >= .8": tfidf(0.8),
    "**anchors and `compare`**": ours,
}


# --- What is shown ---------------------------------------------------------------------------------------------------


def tables(sets: dict[str, list[Pair]]) -> Iterator[str]:
    counts = ", ".join(
        f"{len(pairs)} {name} ({sum(pair.same for pair in pairs)} copies)" for name, pairs in sets.items()
    )
    yield f"Pairs: {counts}. Precision / recall / F1; CPU of one thread for a document.\n"
    yield "| method | real | synthetic | ms a document |\n|---|---|---|---|"
    for name, method in METHODS.items():
        scores, cpu_ms = run(method, sets)
        yield f"| {name} | {scores['real']} | {scores['synth']} | {cpu_ms:.2f} |"
    found = {name: dict(zip((pair.name for pair in pairs), ours(pairs), strict=True)) for name, pairs in sets.items()}
    yield "\n| synthetic, by language | F1 |\n|---|---|"
    for language in sorted({pair.language for pair in sets["synth"]}):
        some = [pair for pair in sets["synth"] if pair.language == language]
        yield f"| {language} | {score(some, [found['synth'][pair.name] for pair in some]).f1:.3f} |"
    yield "\n| synthetic, by way of editing | is a copy | called one |\n|---|---|---|"
    for same, kind in sorted({(not pair.same, pair.kind) for pair in sets["synth"]}):
        called = [found["synth"][pair.name] for pair in sets["synth"] if (not pair.same, pair.kind) == (same, kind)]
        yield f"| {kind.replace('_', ' ')} | {'no' if same else 'yes'} | {sum(called) / len(called):.3f} |"
    shares = ", ".join(f"{candidates(pairs):.3f} {name}" for name, pairs in sets.items())
    yield f"\nCopies that share two anchors (or their text), and so are found by the index: {shares}."


def run(method: Method, sets: dict[str, list[Pair]]) -> tuple[dict[str, Score], float]:
    started = time.process_time()
    scores = {name: score(pairs, method(pairs)) for name, pairs in sets.items()}
    documents = 2 * sum(len(pairs) for pairs in sets.values())
    return scores, 1000 * (time.process_time() - started) / documents


def score(pairs: Sequence[Pair], said: Sequence[bool]) -> Score:
    right = sum(pair.same and yes for pair, yes in zip(pairs, said, strict=True))
    return Score(right / max(sum(said), 1), right / max(sum(pair.same for pair in pairs), 1))


def candidates(pairs: Sequence[Pair]) -> float:
    """The share of the copies that the index finds."""
    copies = [(printed(pair.a), printed(pair.b)) for pair in pairs if pair.same]
    found = [len({*a.anchors} & {*b.anchors}) >= 2 or (a.text_key and a.text_key == b.text_key) for a, b in copies]
    return sum(map(bool, found)) / max(len(found), 1)


def show_errors(pairs: Sequence[Pair], limit: int) -> None:
    wrong = [pair for pair, yes in zip(pairs, ours(pairs), strict=True) if yes != pair.same] if limit else []
    for pair in wrong[:limit]:
        titles = [re.sub(r"\s+", " ", str(one.get("title") or one["text"]))[:60] for one in pair.documents]
        print(f"  {'missed' if pair.same else 'wrong '} {pair.name} {pair.kind}: {titles[0]!r} / {titles[1]!r}")


def write_docs(report: str) -> None:
    before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCS.write_text(f"{before}{BEGIN}{report}\n{END}{after}", encoding="utf-8")


def last_line(sets: dict[str, list[Pair]], folder: Path) -> str:
    thin, dense = story_scores(folder)
    return (
        f"duplicates: real={score(sets['real'], ours(sets['real'])).f1:.3f} synth={score(sets['synth'], ours(sets['synth'])).f1:.3f}"
        f" candidates_real={candidates(sets['real']):.3f} candidates_synth={candidates(sets['synth']):.3f}"
        f" story_thin={thin} story_dense={dense}"
    )


def story_scores(folder: Path) -> tuple[str, str]:
    """BCubed F1 of stories in the thin and in the folded stream, by bench/stories.py; dashes where there is none."""
    if importlib.util.find_spec("newswire.core.stories") is None or importlib.util.find_spec("stories") is None:
        return "-", "-"
    from stories import bcubed_f1  # noqa: PLC0415  it may not be there

    thin, dense = bcubed_f1(folder)
    return f"{thin:.3f}", f"{dense:.3f}"


if __name__ == "__main__":
    sys.exit(main())
