"""A child answers, or is killed and replaced; the parent never crashes, hangs or leaks."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newswire.core.feeds import NotAFeed
from newswire.errors import ChildFailed, ChildKilled
from newswire.steps.child import Child, ChildLimits
from steps.child_functions import Foreign

pytestmark = pytest.mark.slow

FUNCTIONS = "steps.child_functions:"
LIMITS = ChildLimits(wall_s=30, cpu_s=1, memory_mb=512)


@pytest.fixture
def child():
    with Child(LIMITS, also_allowed=("steps.child_functions",)) as child:
        yield child


def call(child, function, *args, **kwargs):
    return child.call(FUNCTIONS + function, *args, **kwargs)


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_the_core_can_be_called_and_its_records_come_back():
    with Child() as child:
        feed = child.call(
            "newswire.core.feeds:parse_feed", b"<rss><item><title>a</title></item></rss>", url="https://a.example/"
        )
    assert [entry.title for entry in feed.entries] == ["a"]


def test_a_refusal_of_the_core_is_raised_as_itself(child):
    with pytest.raises(NotAFeed, match="a web page"):
        child.call("newswire.core.feeds:parse_feed", b"<html>", url="https://a.example/")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.recursive(st.none() | st.integers() | st.text() | st.binary(max_size=2000), st.lists))
def test_arguments_and_results_survive_the_journey(child, value):
    assert call(child, "echo", value) == value


def test_keyword_arguments_are_passed(child):
    assert call(child, "echo", 1, b=2) == (1, {"b": 2})


def test_large_arguments_and_results_survive_the_journey(child):
    value = os.urandom(30_000_000)
    assert call(child, "echo", value) == value


def test_a_hundred_calls_are_answered_by_one_process(child):
    assert len({call(child, "pid") for _ in range(100)}) == 1


def test_cpu_time_is_counted_for_each_call_alone(child):
    assert len({call(child, "burn", 0.3) for _ in range(8)}) == 1


def test_warm_imports_before_the_first_call_and_again_after_a_death(child):
    child.warm("colorsys")
    assert call(child, "loaded", "colorsys")
    with pytest.raises(ChildKilled):
        call(child, "leave", 1)
    assert call(child, "loaded", "colorsys")


def test_a_module_that_cannot_be_imported_is_told(child):
    with pytest.raises(ChildFailed, match="could not start: ModuleNotFoundError"):
        child.warm("no.such.module")


# --- Exceptions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "args", "message"),
    [
        ("fail", ("why",), "KeyError: 'why'"),
        ("recurse", (), "RecursionError: maximum recursion"),
        ("system_exit", (), "SystemExit: 3"),
        ("fail_awkwardly", (), "Awkward: awkward"),
        ("nothing_of_that_name", (), "AttributeError"),
        ("lambda_", (), "pickle|Attribute"),
        ("nested", (100_000,), "RecursionError"),
        ("system_function", (), "no answer may"),
        ("write_file", ("written-by-child",), "OSError|PermissionError"),
    ],
)
def test_an_exception_is_named_and_the_child_goes_on(child, function, args, message, tmp_path):
    args = tuple(tmp_path / value if value == "written-by-child" else value for value in args)
    with pytest.raises(ChildFailed, match=message):
        call(child, function, *args)
    assert call(child, "echo", "still here") == "still here"


def test_a_long_message_is_cut(child):
    with pytest.raises(ChildFailed) as raised:
        call(child, "fail", "x" * 1_000_000)
    assert len(str(raised.value)) <= 500


@pytest.mark.parametrize(
    "function", ["os:system", "newswire.steps.child:Child", "newswire.core_of_evil:run", "steps.other:run"]
)
def test_only_allowed_functions_can_be_called(child, function):
    with pytest.raises(ValueError, match="may not be called"):
        child.call(function)


def test_an_answer_of_a_class_that_is_not_ours_is_refused():
    with (
        Child(LIMITS, also_allowed=("steps.child_functions:echo",)) as child,
        pytest.raises(ChildFailed, match=r"holds a steps\.child_functions\.Foreign"),
    ):
        child.call("steps.child_functions:echo", Foreign())


# --- Deaths ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "args", "cause"),
    [
        ("segfault", (), "signal 11: SIGSEGV"),
        ("leave", (0,), "exit 0"),
        ("leave", (3,), "exit 3"),
        ("eat_memory", (), "memory: MemoryError; the limit is 512 MB"),
        ("spin", (), "cpu: more than 1 s"),
        ("sleep", (60,), "wall: more than 1 s"),
        ("much", (270_000_000,), "output: an answer of 270,000,0"),
    ],
)
def test_a_death_names_its_cause_and_the_next_call_has_a_new_process(function, args, cause):
    limits = ChildLimits(
        wall_s=1 if function == "sleep" else 30, cpu_s=1, memory_mb=2048 if function == "much" else 512
    )
    with Child(limits, also_allowed=("steps.child_functions",)) as child:
        before = call(child, "pid")
        with pytest.raises(ChildKilled, match=cause):
            call(child, function, *args)
        assert not psutil.pid_exists(before)
        assert call(child, "pid") != before


def test_a_child_killed_from_outside_is_replaced(child):
    victim = call(child, "pid")
    os.kill(victim, 9)
    with pytest.raises(ChildKilled, match="memory: killed from outside"):
        call(child, "echo")
    assert call(child, "pid") != victim


def test_a_child_that_does_not_read_its_call_is_killed_in_time():
    with Child(ChildLimits(wall_s=0.5), also_allowed=("steps.child_functions",)) as child:
        os.kill(call(child, "pid"), 19)  # stopped: the call fills the pipe
        with pytest.raises(ChildKilled, match="wall"):
            call(child, "echo", b"x" * 10_000_000)


def test_what_a_child_started_dies_with_it(child):
    grandchild = call(child, "start_grandchild")
    child.close()
    until = time.monotonic() + 5
    while psutil.pid_exists(grandchild) and psutil.Process(grandchild).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until
        time.sleep(0.01)


ATTRIBUTES = " ".join(f"a{number}='1'" for number in range(60_000))


@pytest.mark.parametrize(
    "item",
    [
        f"<item><title {ATTRIBUTES}>a</title></item>",
        "<item>" + "<b>" * 200_000,
    ],
)
def test_a_feed_that_keeps_feedparser_busy_is_killed(item):
    with Child(ChildLimits(wall_s=30, cpu_s=1)) as child:
        child.warm("newswire.core.feeds")
        with pytest.raises(ChildKilled, match="cpu: more than 1 s"):
            child.call("newswire.core.feeds:parse_feed", f"<rss><channel>{item}".encode(), url="https://a.example/")


# --- Confinement -----------------------------------------------------------------------------------------------------


def test_what_a_library_prints_does_not_reach_the_wire(child):
    assert call(child, "print_garbage") == ""
    assert call(child, "echo", 1) == 1


def test_the_environment_holds_no_secret(child, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_DATABASE_URL", "postgresql://user:secret@host/db")
    assert "secret" not in str(call(child, "environment"))


def test_no_core_dump_first_victim_and_a_session_of_its_own(child):
    assert call(child, "limits") == {"core": 0, "oom": 1000, "session": True}


# --- Nothing is left -------------------------------------------------------------------------------------------------


def test_deaths_leave_no_zombie_and_no_descriptor(child):
    call(child, "echo")
    before = descriptors()
    for _ in range(5):
        with pytest.raises(ChildKilled):
            call(child, "leave", 1)
        call(child, "echo")
    assert descriptors() == before
    child.close()
    assert [process for process in psutil.Process().children() if process.status() == psutil.STATUS_ZOMBIE] == []


def test_closing_ends_the_process_and_frees_its_pipes():
    before = descriptors()
    with Child(LIMITS, also_allowed=("steps.child_functions",)) as child:
        process = call(child, "pid")
    assert not psutil.pid_exists(process)
    assert descriptors() == before


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


PARENT = """
import sys
from newswire.steps.child import Child, ChildLimits
child = Child(ChildLimits(wall_s=1, cpu_s=1), also_allowed=("steps.child_functions",))
print(child.call("steps.child_functions:pid"), flush=True)
if sys.argv[1]:
    child.call("steps.child_functions:" + sys.argv[1], *map(float, sys.argv[2:]))
sys.stdin.read()
"""


@pytest.mark.parametrize("busy_with", [[""], ["spin"], ["sleep", "600"]])
def test_when_the_parent_is_killed_the_child_ends(busy_with):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *busy_with],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with parent:
        orphan = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.3)
        parent.kill()
    orphan.wait(timeout=10)
