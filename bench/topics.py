"""How well and how fast the topics of config/topics tag documents that people labelled.

    python bench/topics.py DIR [--patterns 10000] [--errors 5]

DIR holds gold.jsonl.gz: one document a line with id, title, text, lang, labels, borderline. A document that is borderline
for a topic is left out of that topic's figures; `strict` counts it as a negative, `core` counts only tags of the level
core. `naive` is what the same patterns give without languages, zones, nearness and thresholds: a term of every group
that a rule needs, anywhere. `learned` is logistic regression on TF-IDF of words and of character n-grams, trained on four
fifths of the same documents and asked about the rest, five times: it has seen labels, the definitions have not. A child
topic implies its parents, as in the warehouse's views.

Speed is CPU time with evidence, on documents of 500 to 2,400 characters, at as many patterns as asked for: to the shipped
ones are added others about other things. It is compared with one regular expression for each topic.

The last line is for machines: F1 of each topic, and documents per second and core.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))

from newswire.core.topics import Matcher, Topic, read_topic
from newswire.core.topics.definition import Rule
from newswire.core.topics.folding import fold
from newswire.core.topics.patterns import Pattern, is_unspaced, parse_pattern

TOPICS = Path(__file__).parents[1] / "config" / "topics"
ADDED_TOPICS = 12  # with the shipped ones 20, as in the measurement that chose the automaton
FOLDS = 5
LEARNED_CHARS = 4000  # of a document; more makes it slower and no better
NAIVE_DOCUMENTS = 40  # the regular expressions need a second for these
ROUNDS = 3

Document = dict[str, Any]
Tags = dict[str, str]  # topic -> level


@dataclass
class Tally:
    hit: int = 0
    false: int = 0
    missed: int = 0
    errors: list[str] = field(default_factory=list)

    def count(self, *, expected: bool, found: bool, what: str = "") -> None:
        self.hit += expected and found
        self.false += found and not expected
        self.missed += expected and not found
        if expected != found:
            self.errors.append(f"{'missed' if expected else 'false '} {what}")

    @property
    def precision(self) -> float:
        return self.hit / (self.hit + self.false) if self.hit else 0.0

    @property
    def recall(self) -> float:
        return self.hit / (self.hit + self.missed) if self.hit else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.hit / (2 * self.hit + self.false + self.missed) if self.hit else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--patterns", type=int, default=10_000)
    parser.add_argument("--errors", type=int, default=0, help="to list per topic")
    args = parser.parse_args()
    documents = read_documents(args.dir / "gold.jsonl.gz")
    f1 = show_quality(documents, args.errors)
    speed = show_speed(documents, args.patterns)
    print(
        "topics: " + " ".join(f"{topic}={value:.3f}" for topic, value in f1.items()) + f" docs_per_core_s={speed:.0f}"
    )


def read_documents(path: Path) -> list[Document]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def shipped() -> tuple[Topic, ...]:
    return tuple(read_topic(path.read_text(encoding="utf-8"), path=path.name) for path in sorted(TOPICS.glob("*.yaml")))


@cache
def shipped_matcher() -> Matcher:
    return Matcher(shipped())


def tag(title: str, text: str, lang: str | None) -> Tags:
    """The topics of one document with their levels, parents included."""
    levels: Tags = {}
    parents = {topic.id: topic.parent for topic in shipped()}
    for match in shipped_matcher().match_text(title=title, text=text, language=lang or "und"):
        topic: str | None = match.topic
        while topic:
            levels[topic] = "core" if levels.get(topic) == "core" else match.level
            topic = parents.get(topic)
    return levels


# --- Quality ---------------------------------------------------------------------------------------------------------


def show_quality(documents: list[Document], errors: int) -> dict[str, float]:
    """Print a table and return F1 by topic."""
    tags = {document["id"]: tag(document["title"], document["text"], document["lang"]) for document in documents}
    learned = learn(documents)
    print("| topic | documents | P | R | F1 | strict F1 | core P | naive P | naive R | naive F1 | learned F1 |")
    print("|---|" + "---:|" * 10)
    f1 = {}
    for topic in sorted(shipped(), key=lambda topic: topic.id):
        tallies = score(topic, documents, tags)
        shown, strict, core, naive = (tallies[name] for name in ("all", "strict", "core", "naive"))
        figures = (
            shown.precision,
            shown.recall,
            shown.f1,
            strict.f1,
            core.precision,
            naive.precision,
            naive.recall,
            naive.f1,
        )
        cells = [f"{value:.3f}" for value in figures] + [score_learned(topic, documents, learned)]
        print(f"| {topic.id} | {shown.hit + shown.missed} | {' | '.join(cells)} |")
        for error in shown.errors[:errors]:
            print("   ", error)
        f1[topic.id] = shown.f1
    return f1


def score(topic: Topic, documents: list[Document], tags: dict[str, Tags]) -> dict[str, Tally]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    family = [other for other in shipped() if topic.id in {other.id, other.parent}]
    for document in documents:
        expected, found = topic.id in document["labels"], tags[document["id"]].get(topic.id)
        tallies["strict"].count(expected=expected, found=found is not None)
        if topic.id in document["borderline"]:
            continue
        what = f"{document['id']} {document['lang']} {document['title'][:90]!r}"
        tallies["all"].count(expected=expected, found=found is not None, what=what)
        tallies["core"].count(expected=expected, found=found == "core")
        tallies["naive"].count(expected=expected, found=any(applies_naively(member, document) for member in family))
    return tallies


def learn(documents: list[Document]) -> dict[str, dict[str, bool]]:
    """What logistic regression says, by topic and document; empty where scikit-learn is not installed."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - where it is installed
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - where it is installed
        from sklearn.model_selection import KFold  # noqa: PLC0415 - where it is installed
        from sklearn.pipeline import make_union  # noqa: PLC0415 - where it is installed
    except ImportError:
        print("scikit-learn is not installed: nothing learned to compare with\n")
        return {}
    texts = [f"{document['title']}\n{document['text']}"[:LEARNED_CHARS] for document in documents]
    said: dict[str, dict[str, bool]] = defaultdict(dict)
    for known, asked in KFold(FOLDS, shuffle=True, random_state=0).split(texts):
        vectors = make_union(
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, max_features=60_000),
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=60_000),
        )
        seen, new = vectors.fit_transform([texts[at] for at in known]), vectors.transform([texts[at] for at in asked])
        for topic in shipped():
            labels = [topic.id in documents[at]["labels"] for at in known]
            if sum(labels) < FOLDS:
                continue
            model = LogisticRegression(C=10, class_weight="balanced", solver="liblinear").fit(seen, labels)
            found = zip(asked, model.predict(new), strict=True)
            said[topic.id] |= {documents[at]["id"]: bool(one) for at, one in found}
    return said


def score_learned(topic: Topic, documents: list[Document], learned: dict[str, dict[str, bool]]) -> str:
    if topic.id not in learned:
        return "-"
    tally = Tally()
    for document in documents:
        if topic.id not in document["borderline"]:
            tally.count(expected=topic.id in document["labels"], found=learned[topic.id].get(document["id"], False))
    return f"{tally.f1:.3f}"


def applies_naively(topic: Topic, document: Document) -> bool:
    text = naive_text(document["id"], document["title"], document["text"])
    return any(
        all(
            naive_expression(topic.id, group).search(text)
            for group in (rule.count, *(near.group for near in rule.near))
        )
        for rule in topic.rules
    )


@cache
def naive_text(_id: str, title: str, text: str) -> str:
    return fold(f"{title}\n{text}").text


@cache
def naive_expression(topic: str, group: str) -> re.Pattern[str]:
    (definition,) = (one for one in shipped() if one.id == topic)
    return naive_alternation(definition.groups[group])


def naive_alternation(patterns: tuple[Pattern, ...]) -> re.Pattern[str]:
    """The first words of all patterns, at the beginning of a word where the script has words."""
    literals = {pattern.literal for pattern in patterns}
    return re.compile(
        "|".join(sorted(re.escape(one) if is_unspaced(one) else rf"\b{re.escape(one)}" for one in literals))
    )


# --- Speed -----------------------------------------------------------------------------------------------------------


def show_speed(documents: list[Document], patterns: int) -> float:
    """Print and return documents per second and core."""
    sample = [document for document in documents if len(document["text"]) >= 500]
    articles = [(document["title"], document["text"][:2400], document["lang"]) for document in sample]
    topics = (*shipped(), *added_topics(documents, patterns - sum(map(size, shipped()))))
    started = time.process_time()
    matcher = Matcher(topics)
    build_s = time.process_time() - started
    match_s = min(seconds(matcher, articles) for _ in range(ROUNDS))
    naive_s = naive_seconds(topics, articles[:NAIVE_DOCUMENTS])
    speed, naive_speed = len(articles) / match_s, min(NAIVE_DOCUMENTS, len(articles)) / naive_s
    print(
        f"\n{sum(map(size, topics)):,} patterns in {len(topics)} topics, built in {build_s:.3f} s; "
        f"{len(articles)} documents of {sum(len(text) for _, text, _ in articles) / len(articles):,.0f} characters: "
        f"{speed:,.0f} a second, {speed / naive_speed:,.0f} times the regular expressions ({naive_speed:,.1f} a second)"
    )
    return speed


def size(topic: Topic) -> int:
    return sum(map(len, topic.groups.values())) + len(topic.mask)


def added_topics(documents: list[Document], patterns: int) -> list[Topic]:
    """Topics about other things: pairs of words of the documents' languages that do not belong together."""
    words = sorted(
        {
            (document["lang"], word)
            for document in documents
            for word in re.findall(r"[^\W\d_]{5,}", fold(document["text"]).text)
            if not is_unspaced(word)
        }
    )
    step = max(1, len(words) // max(1, patterns))
    chosen = [
        parse_pattern(f"{one[1]} {other[1]}*", language=one[0])
        for one, other in zip(words[::step], words[step // 2 :: step], strict=False)
    ]
    return [added_topic(number, tuple(chosen[:patterns][number::ADDED_TOPICS])) for number in range(ADDED_TOPICS)]


def added_topic(number: int, patterns: tuple[Pattern, ...]) -> Topic:
    model = shipped()[0]
    return replace(model, id=f"added-{number}", groups={"words": patterns}, mask=(), rules=(Rule(count="words"),))


def seconds(matcher: Matcher, articles: list[tuple[str, str, str]]) -> float:
    started = time.process_time()
    for title, text, language in articles:
        matcher.match_text(title=title, text=text, language=language)
    return time.process_time() - started


def naive_seconds(topics: tuple[Topic, ...], articles: list[tuple[str, str, str]]) -> float:
    """All patterns of each topic in one regular expression, all matches taken; compiling does not count."""
    expressions = [
        naive_alternation(tuple(pattern for group in topic.groups.values() for pattern in group)) for topic in topics
    ]
    started = time.process_time()
    for title, text, _ in articles:
        folded = fold(f"{title}\n{text}").text
        for expression in expressions:
            expression.findall(folded)
    return time.process_time() - started


if __name__ == "__main__":
    main()
