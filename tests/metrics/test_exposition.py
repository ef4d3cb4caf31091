"""The text that Prometheus reads, read back by the client library's own parser."""

from prometheus_client.parser import text_string_to_metric_families

from metrics.exposition import text
from metrics.recorder import Recorder
from runtime.machine import Measure


def samples(*measures: Measure) -> Recorder:
    counts = Recorder(strict=True)
    for one in measures:
        counts.measure(one)
    return counts


SAID, RATED = Measure("messages_total", ("acme", "agent")), Measure("rating", ("a", "b"), 5)
TWO = {
    "host/0": samples(SAID, SAID, SAID, Measure("commit_seconds", (), 0.002), RATED).samples(),
    "host/1": samples(SAID, SAID, RATED, Measure("rating", ("a", "b"), 1)).samples(),
}


def read(exposition: bytes) -> dict[str, dict[tuple[str, ...], float]]:
    """Every sample by its name and its labels' values."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(exposition.decode()):
        for one in family.samples:
            found.setdefault(one.name, {})[tuple(one.labels.values())] = one.value
    return found


def test_every_line_says_whose_it_is() -> None:
    assert read(text(TWO))["livesupport_messages_total"] == {
        ("acme", "agent", "host/0"): 3,
        ("acme", "agent", "host/1"): 2,
    }


def test_a_family_is_announced_once_whoever_has_it() -> None:
    lines = text(TWO).decode().splitlines()
    heads = [line.split()[:3] for line in lines if line.startswith("#")]
    assert len(heads) == len({tuple(head) for head in heads})
    kinds = dict(line.split()[2:4] for line in lines if line.startswith("# TYPE"))
    assert kinds == {
        "livesupport_messages_total": "counter",
        "livesupport_rating": "histogram",
        "livesupport_commit_seconds": "histogram",
    }


def test_buckets_hold_all_below_them_and_the_last_holds_all() -> None:
    found = read(text(TWO))
    buckets = found["livesupport_rating_bucket"]
    assert [buckets["a", "b", "host/1", edge] for edge in ("1", "2", "4", "5", "+Inf")] == [1, 1, 1, 2, 2]
    assert found["livesupport_rating_count"]["a", "b", "host/1"] == 2
    assert found["livesupport_rating_sum"]["a", "b", "host/1"] == 6


def test_the_lines_of_a_family_stand_together() -> None:
    families = [line.partition("{")[0] for line in text(TWO).decode().splitlines() if not line.startswith("#")]
    stems = [name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in families]
    runs = [stem for stem, before in zip(stems, [None, *stems], strict=False) if stem != before]
    assert len(runs) == len(set(runs))


def test_quotes_backslashes_and_line_ends_in_labels_are_escaped() -> None:
    odd = 'a "b"\\c\nd'
    exposition = text({"host/0": samples(Measure("rejected_total", (odd,))).samples()})
    assert read(exposition)["livesupport_rejected_total"] == {(odd, "host/0"): 1}


def test_nothing_counted_is_an_empty_text() -> None:
    assert text({"host/0": {}}) == b""


def test_numbers_keep_their_digits() -> None:
    exposition = text({"host/0": samples(Measure("messages_total", ("a", "agent"), 123_456_789_012)).samples()})
    assert b"} 123456789012\n" in exposition
