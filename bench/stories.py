"""How well articles on one event are found, on streams and pairs that people labelled, and what it costs.

    PYTHONPATH=plugins python bench/stories.py DIR [--fold-days 60] [--errors 5] [--cross-validate 5]

DIR holds gzipped JSON lines: events_allsides and events_basil (documents with `cluster`, the event that they tell), and pairs
events_toloka, events_bloomberg, events_semeval (`a`, `b` and a label). The thin stream is both sets of documents in their own
time; the dense one moves every event as a block, so that all begin within some days: a newsroom's traffic.

Beside ours stand: every article alone; equal words of titles (a share of .6 and three words, joined in chains, as feed readers
do); TF-IDF of bodies at its best threshold on this very folder, joined in chains. All respect the window of the stories.

Tables of frequencies are those of the word lists, as in a new warehouse. Costs are CPU time of one thread. The last line is
for machines: BCubed F1 of both streams with their precision, F1 of pairs, share of true pairs among the candidates, costs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import combinations, combinations_with_replacement
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from newswire.core.language import detect_language
from newswire.core.stories import (
    SHARED_KEY_TERMS,
    WINDOW,
    Frequencies,
    choose_representatives,
    frequencies_of_words,
    measure,
    same_story,
    story_features,
)
from newswire.core.stories.words import terms
from newswire.records import StoryArticle, StoryFeatures, StoryLink
from newswire.steps.word_lists import word_frequencies

UNDATED = datetime(2020, 1, 1, tzinfo=UTC)  # pairs without dates were written on one day
LONGEST_TITLE = 200
TITLE_SHARE, TITLE_WORDS = 0.6, 3
CV_THRESHOLDS = [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5]
TFIDF_THRESHOLDS = [n / 20 for n in range(5, 15)]

Document = dict[str, Any]
Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Stream:
    """Documents in their order, with the event that each tells and what it is compared by."""

    documents: list[Document]
    features: list[StoryFeatures]

    @property
    def truth(self) -> list[str]:
        return [document["cluster"] for document in self.documents]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--fold-days", type=int, default=60)
    parser.add_argument("--errors", type=int, default=0, help="wrong pairs to print of each set")
    parser.add_argument(
        "--cross-validate", type=int, default=0, metavar="PARTS", help="learn the weights again, on other events"
    )
    args = parser.parse_args()
    line = {**show_streams(args.dir, args.fold_days), **show_pairs(args.dir, args.errors)}
    if args.cross_validate:
        line |= cross_validated(args.dir, args.fold_days, args.cross_validate)
    print("stories: " + " ".join(f"{name}={value}" for name, value in line.items()))


# --- Streams ---------------------------------------------------------------------------------------------------------


def show_streams(folder: Path, days: int) -> dict[str, str]:
    documents = list(dated_documents(folder))
    if not documents:
        return {}
    line = {}
    for name, some in (("thin", documents), ("dense", folded(documents, days))):
        started = time.process_time()
        stream = Stream(some, [features(document) for document in some])
        features_ms = (time.process_time() - started) * 1e3 / len(some)
        line |= show_stream(name, stream)
    return {**line, "features_ms": f"{features_ms:.2f}"}


def show_stream(name: str, stream: Stream) -> dict[str, str]:
    print(f"\n## {name} stream: {len(stream.documents)} articles, {len(set(stream.truth))} events\n")
    print("| method | BCubed P | R | F1 | pairs P | R | F1 | largest |\n|---|---|---|---|---|---|---|---|")
    show("every article alone", stream, list(range(len(stream.documents))))
    show(f"equal words of titles >= {TITLE_SHARE}", stream, chained(stream, equal_titles(stream)))
    best = max(TFIDF_THRESHOLDS, key=lambda cut: bcubed(stream.truth, chained(stream, alike_bodies(stream, cut)))[2])
    show(f"TF-IDF of bodies >= {best} (best here)", stream, chained(stream, alike_bodies(stream, best)))
    candidates = near(stream)
    started = time.process_time()
    found = stars(stream, candidates)
    pair_us = (time.process_time() - started) * 1e6 / max(1, len(candidates))
    scores = show("six features, star", stream, found)
    recall = candidate_recall(stream, candidates)
    print(
        f"\ncandidates: {len(candidates) / len(stream.documents):.1f} an article, {recall:.3f} of the true pairs in the window"
    )
    return {
        name: f"{scores[2]:.3f}",
        f"precision_{name}": f"{scores[0]:.3f}",
        f"candidates_{name}": f"{recall:.3f}",
        "pair_us": f"{pair_us:.0f}",
    }


def show(method: str, stream: Stream, said: Sequence[object]) -> tuple[float, float, float]:
    scores, pairs = bcubed(stream.truth, said), pair_scores(stream.truth, said)
    numbers = " | ".join(f"{value:.3f}" for value in (*scores, *pairs))
    print(f"| {method} | {numbers} | {max(Counter(said).values())} |")
    return scores


def near(stream: Stream) -> Pairs:
    """The pairs that the warehouse would compare: enough key terms in common, a rare one among them, within the window."""
    holding: dict[int, list[int]] = defaultdict(list)
    found: Pairs = []
    for number, one in enumerate(stream.features):
        shared = Counter(other for term in one.key_terms for other in holding[term])
        found += [
            (other, number)
            for other, count in shared.items()
            if count >= SHARED_KEY_TERMS
            and abs(stream.features[other].at - one.at) <= WINDOW
            and not set(one.rare_terms).isdisjoint(stream.features[other].rare_terms)
        ]
        for term in one.key_terms:
            holding[term].append(number)
    return found


def candidate_recall(stream: Stream, candidates: Pairs) -> float:
    true = {pair for pair in in_window(stream) if stream.truth[pair[0]] == stream.truth[pair[1]]}
    return len(true & set(candidates)) / max(1, len(true))


def stars(stream: Stream, candidates: Pairs) -> list[int]:
    ranks = {number: (one.at, one.url) for number, one in enumerate(stream.features)}
    links = []
    for pair in candidates:
        earlier, later = sorted(pair, key=ranks.__getitem__)
        evidence = same_story(stream.features[earlier], stream.features[later])
        if evidence is not None:
            links.append(StoryLink(earlier_id=earlier, later_id=later, score=evidence.score))
    members = choose_representatives(ranks, links)
    return [members[number].story_id for number in ranks]


# --- Cross-validation ------------------------------------------------------------------------------------------------


def cross_validated(folder: Path, days: int, parts: int) -> dict[str, str]:
    """How much the figures owe to weights that were learned on the same events.

    Events are dealt into parts. Each pair of articles is scored with weights learned on pairs of articles of other parts than
    theirs; the stars are made of those scores, for several thresholds.
    """
    documents = folded(list(dated_documents(folder)), days)
    stream = Stream(documents, [features(document) for document in documents])
    part = [crc32(event.encode()) % parts for event in stream.truth]
    scores = scored_by_others(stream, part, parts)
    print(
        f"\n## Dense stream, weights learned on other events ({parts} parts)\n\n| threshold | learned | as shipped |\n|---|---|---|"
    )
    shipped = {pair: measure(stream.features[pair[0]], stream.features[pair[1]]).score for pair in scores}
    found = {}
    for threshold in CV_THRESHOLDS:
        found[threshold] = [bcubed(stream.truth, stars_of(stream, some, threshold))[2] for some in (scores, shipped)]
        print(f"| {threshold} | {found[threshold][0]:.3f} | {found[threshold][1]:.3f} |")
    return {"cross_validated": f"{max(learned for learned, _ in found.values()):.3f}"}


def scored_by_others(stream: Stream, part: Sequence[int], parts: int) -> dict[tuple[int, int], float]:
    pairs = list(in_window(stream))
    measured = np.array([[1.0, *measure(stream.features[a], stream.features[b]).features.values()] for a, b in pairs])
    same = np.array([stream.truth[a] == stream.truth[b] for a, b in pairs], dtype=float)
    places = np.array([(part[a], part[b]) for a, b in pairs])
    candidates, scores = set(near(stream)), {}
    for left_out in combinations_with_replacement(range(parts), 2):
        inside = ~np.isin(places, left_out).any(axis=1)
        weights = learned(measured[inside], same[inside])
        asked = (np.sort(places, axis=1) == left_out).all(axis=1).nonzero()[0]
        for at in asked:
            if pairs[at] in candidates:
                scores[pairs[at]] = float(1 / (1 + np.exp(-measured[at] @ weights)))
    return scores


def learned(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method, hardly damped."""
    weights = np.zeros(rows.shape[1])
    for _ in range(30):
        said = 1 / (1 + np.exp(-rows @ weights))
        curve = (rows * (said * (1 - said))[:, None]).T @ rows + 1e-3 * np.eye(rows.shape[1])
        weights += np.linalg.solve(curve, rows.T @ (labels - said) - 1e-3 * weights)
    return weights


def stars_of(stream: Stream, scores: Mapping[tuple[int, int], float], threshold: float) -> list[int]:
    ranks = {number: (one.at, one.url) for number, one in enumerate(stream.features)}
    links = [
        StoryLink(earlier_id=earlier, later_id=later, score=score)
        for pair, score in scores.items()
        if score >= threshold
        for earlier, later in [sorted(pair, key=ranks.__getitem__)]
    ]
    members = choose_representatives(ranks, links)
    return [members[number].story_id for number in ranks]


# --- Other methods ---------------------------------------------------------------------------------------------------


def equal_titles(stream: Stream) -> Pairs:
    words = [frozenset(terms(document.get("title") or "")) for document in stream.documents]

    def alike(a: int, b: int) -> bool:
        shared = len(words[a] & words[b])
        return shared >= TITLE_WORDS and shared >= TITLE_SHARE * min(len(words[a]), len(words[b]))

    return [pair for pair in in_window(stream) if alike(*pair)]


def alike_bodies(stream: Stream, cut: float) -> Pairs:
    return [pair for pair, cosine in body_cosines(stream) if cosine >= cut]


_cosines: dict[int, list[tuple[tuple[int, int], float]]] = {}


def body_cosines(stream: Stream) -> list[tuple[tuple[int, int], float]]:
    if id(stream) not in _cosines:
        bodies = [one.body for one in stream.features]
        _cosines[id(stream)] = [
            ((a, b), sum(bodies[a][term] * bodies[b][term] for term in bodies[a].keys() & bodies[b].keys()))
            for a, b in in_window(stream)
        ]
    return _cosines[id(stream)]


def in_window(stream: Stream) -> Iterator[tuple[int, int]]:
    order = sorted(range(len(stream.features)), key=lambda number: stream.features[number].at)
    for place, a in enumerate(order):
        for b in order[place + 1 :]:
            if stream.features[b].at - stream.features[a].at > WINDOW:
                break
            yield min(a, b), max(a, b)


def chained(stream: Stream, pairs: Pairs) -> list[int]:
    """Everything that some chain of pairs connects is one story."""
    leader = list(range(len(stream.documents)))

    def find(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    for a, b in pairs:
        one, other = sorted((find(a), find(b)))
        leader[other] = one
    return [find(number) for number in leader]


# --- Pairs -----------------------------------------------------------------------------------------------------------


def show_pairs(folder: Path, errors: int) -> dict[str, str]:
    print("\n## Pairs\n\n| set | pairs | of one event | P | R | F1 |\n|---|---|---|---|---|---|")
    judged = {
        "toloka": lambda pair: pair["label"] == "OK",
        "bloomberg": lambda pair: pair["label"] == "SAME",
        "semeval": lambda pair: pair["overall"] <= 2,  # of 1, very similar, to 4
    }
    return {
        name: f"{f1:.3f}"
        for name, truth in judged.items()
        if (f1 := show_set(name, [*lines(folder, f"events_{name}_pairs")], truth, errors)) is not None
    }


def show_set(name: str, pairs: list[Document], truth: Callable[[Document], bool], errors: int) -> float | None:
    """Pairs of one language; the machine-translated ones are left out."""
    pairs = [p for p in pairs if p.get("lang1") == p.get("lang2") and not (p.get("mt1") or p.get("mt2"))]
    if not pairs:
        return None
    said = [same_story(features(pair["a"]), features(pair["b"])) is not None for pair in pairs]
    true = [truth(pair) for pair in pairs]
    precision, recall, f1 = rates(sum(map(min, said, true)), sum(said), sum(true))
    print(f"| {name} | {len(pairs)} | {sum(true)} | {precision:.3f} | {recall:.3f} | {f1:.3f} |")
    wrong = [pair for pair, s, t in zip(pairs, said, true, strict=True) if s != t]
    for pair in wrong[:errors]:
        print(f"    {pair['pair']}: {' / '.join((pair[k].get('title') or pair[k]['text'])[:70] for k in 'ab')}")
    return f1


# --- Documents -------------------------------------------------------------------------------------------------------


def lines(folder: Path, name: str) -> Iterator[Document]:
    path = folder / f"{name}.jsonl.gz"
    if not path.exists():
        print(f"-- {name}: no such file, skipped")
        return
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def dated_documents(folder: Path) -> Iterator[Document]:
    for name in ("allsides", "basil"):
        for document in lines(folder, f"events_{name}"):
            day = read_date(document.get("date") or "")
            yield {
                **document,
                "cluster": f"{name}/{document['cluster']}",
                "date": day and day.isoformat(),
                "lang": "en",
            }


def read_date(text: str) -> date | None:
    for pattern, length in (("%Y-%m-%d", 10), ("%m/%d/%y", 8)):
        try:
            return datetime.strptime(text.strip()[:length], pattern).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


def folded(documents: list[Document], days: int) -> list[Document]:
    """Every event moved as a block, so that all begin within some days."""
    first: dict[str, int] = {}
    for document in documents:
        if document["date"]:
            day = date.fromisoformat(document["date"]).toordinal()
            first[document["cluster"]] = min(first.get(document["cluster"], day), day)
    start = date(2026, 1, 1).toordinal()

    def moved(document: Document) -> Document:
        if not document["date"]:
            return document
        began = first[document["cluster"]]
        offset = date.fromisoformat(document["date"]).toordinal() - began
        return {**document, "date": date.fromordinal(start + began % days + offset).isoformat()}

    return [moved(document) for document in documents]


def features(document: Document) -> StoryFeatures:
    title, text = titled(document)
    language = document.get("lang") or detect_language(f"{title}\n{text}")
    at = datetime.fromisoformat(document["date"]).replace(tzinfo=UTC) if document.get("date") else UNDATED
    article = StoryArticle(
        article_id=0,
        version_id=0,
        url=document["id"],
        title=title,
        text=text,
        language=language,
        at=at,
        is_copy=False,
    )
    return story_features(article, table(language))


def titled(document: Document) -> tuple[str, str]:
    """Title and text; where the title is the first line of the text, it is cut off."""
    if document.get("title"):
        return document["title"], document["text"]
    for mark in ("\n", "  "):
        first, _, rest = document["text"].partition(mark)
        if rest and len(first) < LONGEST_TITLE:
            return first, rest
    return "", document["text"]


@cache
def table(language: str) -> Frequencies:
    return frequencies_of_words(language, word_frequencies(language))


# --- Scores ----------------------------------------------------------------------------------------------------------


def bcubed(truth: Sequence[object], said: Sequence[object]) -> tuple[float, float, float]:
    """For each article: what part of its story tells its event, and what part of its event is in its story."""
    both, of_truth, of_said = Counter(zip(truth, said, strict=True)), Counter(truth), Counter(said)
    precision = sum(both[t, s] / of_said[s] for t, s in zip(truth, said, strict=True)) / len(truth)
    recall = sum(both[t, s] / of_truth[t] for t, s in zip(truth, said, strict=True)) / len(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


def pair_scores(truth: Sequence[object], said: Sequence[object]) -> tuple[float, float, float]:
    both, of_said, of_truth = (
        sum(len(list(combinations(range(n), 2))) for n in Counter(labels).values())
        for labels in (list(zip(truth, said, strict=True)), said, truth)
    )
    return rates(both, of_said, of_truth)


def rates(right: float, said: float, true: float) -> tuple[float, float, float]:
    return right / max(1, said), right / max(1, true), 2 * right / max(1, said + true)


if __name__ == "__main__":
    main()
