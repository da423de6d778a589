"""What a site repeats from story to story is taken out; what stories share for other reasons stays."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

from newswire.core.articles import article_from_entry
from newswire.core.articles.site_blocks import Story, block_keys, clean, wanted
from newswire.records import Article

BOX = "Our work is paid for by readers like you. Ring 0800 123 456 to become one of them."
DAY = date(2026, 5, 1)
SENTENCES = ("The {0} left the quay at dawn and the {0} was back by noon, as the harbour master of {0} had promised. ",)
NAMES = "albatross bittern cormorant dunlin egret fulmar gannet heron".split()  # noqa: SIM905


def story(name, *extra, url=None, day=DAY, site="paper.example"):
    text = "\n".join(
        [SENTENCES[0].format(name) * 2, *extra, f"Nobody in the town of {name} had expected it to end so well."]
    )
    article = article_from_entry(
        url=url or f"https://{site}/{name}",
        title=f"The {name}",
        summary=None,
        content=text,
        language="en",
        authors=(),
        published=None,
    )
    assert isinstance(article, Article)
    return Story(article=article, day=day)


def texts(stories, known=()):
    return [article.text for article in clean(stories, known)[0]]


def test_what_three_stories_carry_is_none_of_theirs():
    stories = [story(name, BOX) for name in NAMES[:3]]
    assert texts(stories) == [story(name).article.text for name in NAMES[:3]]


def test_what_two_stories_carry_stays():
    stories = [story(name, BOX) for name in NAMES[:2]]
    assert all(BOX in text for text in texts(stories))


def test_figures_and_case_may_change_from_story_to_story():
    boxes = (BOX, BOX.upper(), BOX.replace("0800 123 456", "0800 987 654"))
    stories = [story(name, box) for name, box in zip(NAMES, boxes, strict=False)]
    assert texts(stories) == [story(name).article.text for name in NAMES[:3]]


def test_versions_of_a_story_count_once():
    versions = [story(name, BOX, url="https://paper.example/one") for name in NAMES[:3]]
    assert all(BOX in text for text in texts(versions))


def test_what_is_read_again_in_any_order_and_alone_teaches_nothing_new():
    """A story, the same under another address a day later, and others with the same box: a rebuild writes no row."""
    one, other = story(NAMES[0], BOX), story(NAMES[0], BOX, url="https://paper.example/again", day=DAY + timedelta(1))
    stories = [one, other, story(NAMES[1], BOX), story(NAMES[2])]
    for order in permutations(stories):
        memory = remembered(order, {})
        for again in permutations(stories):
            assert remembered(again, memory) == memory


def remembered(stories, memory):
    """What is known after each was read in a batch of its own."""
    for one in stories:
        memory = memory | {(block.site, block.block_key): block for block in clean([one], memory.values())[1]}
    return memory


def test_the_same_story_under_other_addresses_is_not_erased():
    """Without this the third copy would be the death of all three."""
    copies = [story("heron", BOX, url=f"https://paper.example/heron-{number}") for number in range(5)]
    assert texts(copies) == [copy.article.text for copy in copies]


def test_another_site_has_a_memory_of_its_own():
    stories = [story(name, BOX, site=f"{name}.example") for name in NAMES[:4]]
    assert all(BOX in text for text in texts(stories))


def test_what_is_repeated_once_a_quarter_stays():
    stories = [story(name, BOX, day=DAY + timedelta(days=61 * number)) for number, name in enumerate(NAMES[:4])]
    assert all(BOX in text for text in texts(stories))


def test_in_one_batch_the_order_decides_nothing():
    stories = [story(name, BOX) for name in NAMES[:3]]
    results = {tuple(sorted(texts(list(order)))) for order in permutations(stories)}
    assert len(results) == 1


def test_one_by_one_the_first_two_keep_it_and_reading_them_again_mends_that():
    known = {}
    first = []
    for name in NAMES[:3]:
        [article], learned = clean([story(name, BOX)], known.values())
        known |= {block.block_key: block for block in learned}
        first.append(BOX in article.text)
    assert first == [True, True, False]
    again = [texts([story(name, BOX)], known.values())[0] for name in NAMES[:3]]
    assert not any(BOX in text for text in again)


def test_reading_again_teaches_nothing_new():
    stories = [story(name, BOX) for name in NAMES[:3]]
    _, learned = clean(stories, ())
    _, again = clean(stories, learned)
    repeated = {block.block_key for block in learned if block.is_repeated}
    assert {block.block_key for block in again if block.is_repeated} == repeated
    assert len(repeated) == 1


def test_a_version_without_the_box_has_the_digest_of_its_text():
    _, learned = clean([story(name, BOX) for name in NAMES[:3]], ())
    [cleaned], _ = clean([story("egret", BOX)], learned)
    assert cleaned.content_sha256 == story("egret").article.content_sha256


def test_an_article_that_is_nothing_but_what_is_repeated_keeps_its_text():
    _, learned = clean([story(name, BOX) for name in NAMES[:3]], ())
    bare = replace(story("fulmar").article, text=BOX)
    assert texts([Story(article=bare, day=DAY)], learned) == [BOX]


def test_long_and_very_short_lines_are_no_boxes():
    assert block_keys(f"Short\n1234567890123456\n{'word ' * 200}\n{BOX}") == {BOX: block_keys(BOX)[BOX]}


def test_what_must_be_known_is_asked_for_once():
    assert wanted([story("heron", BOX), story("heron", BOX)]) == wanted([story("heron", BOX)])
