"""`newswire topics`: write, check, release and explain topics; say what the rules got wrong."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from newswire.commands.shared import Arguments, Verbs, add_command, opened_app
from newswire.errors import ConfigError, TopicError

if TYPE_CHECKING:
    from newswire.core.topics.explaining import Explanation
    from newswire.core.topics.releasing import Difference
    from newswire.core.topics.suggesting import Suggestion
    from newswire.records import OverrideLine


def add(commands: Verbs) -> None:
    """The family of commands."""
    parser = commands.add_parser("topics", help="write, check, release and explain topics")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    new = add_command(verbs, "new", _new, "write a commented topic file to begin with")
    new.add_argument("slug", help="such as rare-earths: the name of the file")
    new.add_argument("--name", help="for readers, in English")
    check = add_command(verbs, "check", _check, "read topic files and run their examples")
    check.add_argument("files", nargs="*", type=Path, help="default: all of config/topics")
    diff = add_command(verbs, "diff", _diff, "what the files would change of the tags in force")
    diff.add_argument("topics", nargs="*", help="only these")
    release = add_command(verbs, "release", _release, "put changed topics in force and re-tag what they touch")
    release.add_argument("topics", nargs="*", help="only these")
    release.add_argument("--yes", action="store_true", help="also what changes more than its file allows")
    release.add_argument("--note", help="why; kept with the decision")
    explain = add_command(verbs, "explain", _explain, "why an article has its topics, and why not others")
    explain.add_argument("article", help="its number or its address")
    explain.add_argument("topics", nargs="*", help="only these")
    suggest = add_command(verbs, "suggest", _suggest, "terms that separate tagged articles from near misses")
    suggest.add_argument("topic")
    override = add_command(
        verbs, "override", _override, "say that an article has a topic or not; it wins over the rules"
    )
    override.add_argument("article", help="its number or its address")
    override.add_argument("topic")
    override.add_argument("verdict", choices=("yes", "no", "none"), help="none takes back what was said")
    override.add_argument("--note", help="why; kept with the word")


def _new(arguments: Arguments) -> None:
    from newswire.core.topics import read_topic
    from newswire.core.topics.skeleton import skeleton

    path = _folder() / f"{arguments.slug}.yaml"
    if path.exists():
        raise ConfigError(f"{path} is there already; edit it, or choose another name")
    text = skeleton(arguments.slug, arguments.name or arguments.slug.replace("-", " ").capitalize())
    read_topic(text, path=path.name)
    path.write_text(text, encoding="utf-8")
    print(f"{path}\nnext: put in your terms and examples; newswire topics check {path}")


def _check(arguments: Arguments) -> int:
    from newswire.steps.topic_files import check

    wrong = 0
    for path in arguments.files or sorted(_folder().glob("*.yaml")):
        try:
            topic, _ = check(path)
            print(f"good  {topic.id}")
        except TopicError as error:
            wrong += 1
            print(f"wrong {error}")
    return 1 if wrong else 0


def _diff(arguments: Arguments) -> None:
    with opened_app() as app:
        differences = _chosen(app.propose_releases(again=True), arguments.topics)
        _tell_problems(app.topic_problems())
    for difference in differences:
        print(difference.as_markdown())
        print(f"\n{_next_step(difference)}\n")
    if not differences:
        print("nothing: what the files say is in force")


def _release(arguments: Arguments) -> int:
    with opened_app() as app:
        differences = _chosen(app.propose_releases(again=True), arguments.topics)
        _tell_problems(app.topic_problems())
        waiting = 0
        for difference in differences:
            print(difference.in_a_line())
            if difference.needs_approval and not arguments.yes:
                waiting += 1
                print(f"  {_next_step(difference)}")
                continue
            outcome = app.decide_release(
                difference.release.release_id, approved=True, decided_by=getpass.getuser(), note=arguments.note
            )
            print(f"  {outcome.outcome}; {outcome.touched:,} articles are tagged again")
    if not differences:
        print("nothing: what the files say is in force")
    return 1 if waiting else 0


def _explain(arguments: Arguments) -> None:
    with opened_app() as app:
        article, explanations = app.explain_topics(arguments.article, topics=arguments.topics)
    print(f"[{article.language}] {article.title}\n{article.url}")
    telling = [one for one in explanations if one.evidence or one.left_out]
    for explanation in telling:
        print("\n" + "\n".join(_account(explanation)))
    if not telling:
        print("\nno pattern of any topic is in it")


def _suggest(arguments: Arguments) -> None:
    with opened_app() as app:
        found = app.suggest_terms(arguments.topic)
    print(f"{found.tagged} tagged articles, {found.near_misses} near misses")
    for title, speaks_for in (("terms that speak for it (add?)", True), ("terms of near misses (mask?)", False)):
        lines = [_term(one) for one in found.terms if one.speaks_for == speaks_for]
        print(f"\n{title}\n" + ("\n".join(lines) or "  none that is more than chance"))
    if found.disagreements:
        print("\npeople say otherwise than the rules")
        print("\n".join(_disagreement(line) for line in found.disagreements))


def _override(arguments: Arguments) -> None:
    applies = {"yes": True, "no": False, "none": None}[arguments.verdict]
    with opened_app() as app:
        app.say_of_topic(
            arguments.article, arguments.topic, applies=applies, said_by=getpass.getuser(), note=arguments.note
        )
    said = {True: "has", False: "has not", None: "is judged by the rules for"}[applies]
    print(f"{arguments.article} {said} {arguments.topic}, in all marts within seconds and after every release")


# --- In words --------------------------------------------------------------------------------------------------------


def _chosen(differences: list[Difference], topics: list[str]) -> list[Difference]:
    return [one for one in differences if not topics or one.release.slug in topics]


def _next_step(difference: Difference) -> str:
    if difference.needs_approval:
        return f"waits for a person: approve in the Airflow UI, or `newswire topics release {difference.release.slug} --yes`"
    return (
        f"a small change: `newswire topics release {difference.release.slug}`, or the DAG release_topics, releases it"
    )


def _tell_problems(problems: list[str]) -> None:
    for problem in problems:
        print(f"wrong {problem}\n  the last good version stays in force\n")


def _account(explanation: Explanation) -> Iterator[str]:
    yield f"{explanation.topic}: {explanation.level or 'no tag'}, score {explanation.score:g}  ({explanation.needed})"
    for proof in explanation.evidence:
        place = f"{proof.zone} {proof.start}-{proof.end}"
        yield f"  {proof.weight:+5.1f}  {proof.pattern!r} in {place}: {proof.sentence}"
    for left in explanation.left_out:
        yield f"      0  {left.pattern!r} in {left.zone}, {left.words!r}: {left.reason}"


def _term(one: Suggestion) -> str:
    return (
        f"  {one.language}  {one.term}  in {one.tagged} of {one.of_tagged} tagged,"
        f" {one.near_misses} of {one.of_near_misses} near misses"
    )


def _disagreement(line: OverrideLine) -> str:
    says = "has it, and no rule finds it" if line.applies else f"has it not, and the rules say {line.level}"
    note = f" ({line.note})" if line.note else ""
    return f"  {line.article_id} [{line.language}] {line.title}: {says}; {line.said_by}{note}"


def _folder() -> Path:
    """The topic files of the settings, without asking for a warehouse: to write and check needs none."""
    import os

    from newswire.settings import CHECKOUT

    return Path(os.environ.get("NEWSWIRE_CONFIG") or CHECKOUT / "config") / "topics"
