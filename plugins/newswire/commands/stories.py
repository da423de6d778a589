"""`newswire story` and `newswire stories`: what reports one event and why, and how the rule is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newswire.commands.shared import Arguments, Verbs, add_command, day, opened_warehouse, shown
from newswire.errors import ConfigError

if TYPE_CHECKING:
    from newswire.records import StoryChange, StoryVersion
    from newswire.warehouse.connection import Conn

_MOVES_SHOWN = 10


def add(commands: Verbs) -> None:
    """The command for one story, and the family for all of them."""
    story = add_command(commands, "story", _story, "the story of an article: its reports, each with what proves it")
    story.add_argument("article", help="its address or its number")
    parser = commands.add_parser("stories", help="versions of the rule that makes stories")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    add_command(verbs, "versions", _versions, "every version, and which one readers see")
    add_command(
        verbs,
        "frequencies",
        _frequencies,
        "count how common words are in the warehouse's own articles, as a new version",
    )
    rebuild = add_command(verbs, "rebuild", _rebuild, "make the stories of some days again, and report what changed")
    rebuild.add_argument("first", type=day, metavar="DAY")
    rebuild.add_argument("last", type=day, metavar="LAST", nargs="?", help="default: that one day")
    rebuild.add_argument("--version", help="default: the one being built, else the current one")
    switch = add_command(verbs, "switch", _switch, "have readers see another version from now on")
    switch.add_argument("version")


def _story(arguments: Arguments) -> None:
    from newswire.core.stories.telling import described
    from newswire.warehouse import articles, stories

    with opened_warehouse() as conn:
        found = stories.story_of(conn, articles.named(conn, arguments.article).article_id)
    if not found:
        raise ConfigError(
            f"{arguments.article} is in no story yet; `newswire status` shows whether *group* has work left"
        )
    shown(described(found))


def _versions(_: Arguments) -> None:
    from newswire.warehouse import stories

    with opened_warehouse() as conn:
        for version in stories.versions(conn):
            print(f"{version.state:<8} {version.story_version}")


def _frequencies(_: Arguments) -> None:
    from newswire.core.stories import MIN_ARTICLES
    from newswire.steps.stories import count_frequencies

    with opened_warehouse() as conn:
        name = count_frequencies(conn)
    if name is None:
        raise ConfigError(f"no language has {MIN_ARTICLES} articles yet; until then the word lists tell better")
    print(f"{name} is ready to be built: newswire stories rebuild FIRST LAST, then newswire stories switch '{name}'")


def _rebuild(arguments: Arguments) -> None:
    from newswire.steps.stories import rebuild
    from newswire.warehouse import stories

    first, last = arguments.first, arguments.last or arguments.first
    with opened_warehouse() as conn:
        version = _chosen(conn, arguments.version)
        report = rebuild(conn, version, first, last)
        print(f"{version.story_version}: {report.seen} articles placed, {report.changed} changed")
        current = next(v for v in stories.versions(conn) if v.state == "current")
        if version.story_version == current.story_version:
            return
        names = {"before": current.story_version, "after": version.story_version}
        print(_difference(stories.difference(conn, **names, first=first, last=last)))
        for move in stories.moved(conn, **names, first=first, last=last, at_most=_MOVES_SHOWN):
            print(f"  {move.url}\n    from {move.before_url}\n    to   {move.after_url}")


def _chosen(conn: Conn, name: str | None) -> StoryVersion:
    """The version that is meant; without a name the newest that this code can make."""
    from newswire.steps.stories import working_versions

    workable = working_versions(conn)
    chosen = [version for version in workable if name in (None, version.story_version)]
    if not chosen:
        names = ", ".join(f"'{version.story_version}'" for version in workable)
        raise ConfigError(f"this code cannot make the version '{name}'; it makes {names}")
    return chosen[-1]


def _difference(change: StoryChange) -> str:
    return (
        f"against what readers see: {change.stories_before} stories become {change.stories_after} of {change.articles}"
        f" articles; pairs in one story: {change.kept} kept, {change.lost} lost, {change.won} won"
    )


def _switch(arguments: Arguments) -> None:
    from newswire.warehouse import stories

    with opened_warehouse() as conn:
        if arguments.version not in {version.story_version for version in stories.versions(conn)}:
            raise ConfigError(f"there is no version '{arguments.version}'; `newswire stories versions` shows all")
        stories.make_current(conn, arguments.version)
    print(f"readers see {arguments.version} from now on")
