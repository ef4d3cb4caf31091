"""Processes that are shown as one: what has been counted stays counted, whoever comes, goes, hangs or begins anew."""

from metrics.crowd import Crowd
from metrics.recorder import Samples


def said(count: float, began: float = 100.0, open_files: float = 7.0) -> Samples:
    return {
        "rejected_total": [(("closed",), count)],
        "process_start_time_seconds": [((), began)],
        "process_open_fds": [((), open_files)],
    }


def rejected(samples: Samples) -> float:
    return sum(value for _, value in samples.get("rejected_total", []) if not isinstance(value, list))


def test_members_are_added_up() -> None:
    told = Crowd().told({"a": said(2), "b": said(3)})
    assert rejected(told) == 5
    assert told["process_open_fds"] == [((), 14)]


def test_what_one_counted_that_has_ended_stays() -> None:
    crowd = Crowd()
    crowd.told({"a": said(2), "b": said(3)})
    told = crowd.told({"b": said(4)})
    assert rejected(told) == 6
    assert told["process_open_fds"] == [((), 7)], "its files are closed"
    assert rejected(crowd.told({})) == 6


def test_one_that_does_not_answer_counts_as_it_did_before() -> None:
    crowd = Crowd()
    crowd.told({"a": said(2), "b": said(3)})
    told = crowd.told({"a": None, "b": said(3)})
    assert rejected(told) == 5
    assert told["process_open_fds"] == [((), 7)]
    assert rejected(crowd.told({"a": said(3), "b": said(3)})) == 6


def test_one_that_begins_anew_adds_to_what_it_counted_before() -> None:
    crowd = Crowd()
    crowd.told({"a": said(5)})
    assert rejected(crowd.told({"a": said(1, began=200.0)})) == 6
    assert rejected(crowd.told({"a": said(2, began=200.0)})) == 7


def test_when_nobody_knows_who_lives_nothing_is_lost_or_counted_twice() -> None:
    crowd = Crowd()
    crowd.told({"a": said(5)})
    assert rejected(crowd.unknown()) == 5
    assert rejected(crowd.told({"a": said(6)})) == 6
