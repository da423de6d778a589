"""From pairs to stories: a star around the first report. The answer is a function of the set of articles.

Articles are walked in a canonical order. One that is linked to an earlier representative joins the best of them, else it
becomes a representative itself. So each member is proved by one pair, no chain of pairs joins what has nothing in common,
and an article can change only what follows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping

from newswire.records import StoryLink, StoryMember, StoryRank


def choose_representatives(articles: Mapping[int, StoryRank], links: Iterable[StoryLink]) -> dict[int, StoryMember]:
    """The story of every article. `links` lead from the earlier to the later of two articles of one event."""
    back: dict[int, list[StoryLink]] = defaultdict(list)
    for link in links:
        back[link.later_id].append(link)
    members: dict[int, StoryMember] = {}
    representatives: set[int] = set()
    for article_id in sorted(articles, key=articles.__getitem__):
        members[article_id] = choose_story(article_id, back[article_id], representatives, articles)
        if members[article_id].story_id == article_id:
            representatives.add(article_id)
    return members


def choose_story(
    article_id: int, back: Iterable[StoryLink], representatives: Container[int], ranks: Mapping[int, StoryRank]
) -> StoryMember:
    """The story of one article, given its links to earlier ones: of equal scores the earliest representative wins."""
    open_ = [link for link in back if link.earlier_id in representatives]
    if not open_:
        return StoryMember(article_id=article_id, story_id=article_id, score=None)
    best = min(open_, key=lambda link: (-link.score, ranks[link.earlier_id]))
    return StoryMember(article_id=article_id, story_id=best.earlier_id, score=best.score)
