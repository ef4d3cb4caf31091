"""Every journal: text is found where somebody wrote it, and nowhere else."""

from runtime.identity import ActorId
from runtime.journal import Journal, Listed, Record
from tests.journal.records import A, B, C, found, put, record, row, to_json


def test_text_is_found_in_the_row_and_in_the_records(journal: Journal) -> None:
    put(
        journal,
        row(A, 1, name="Ada Lovelace"),
        row(B, 2, name="Grace"),
        record(A, 1, "where is my parcel?"),
        record(B, 1, "Hello"),
        record(B, 2, "I lost a PARCEL, 100% sure_thing"),
        row(C, 3),
        record(C, 1, "nothing"),
    )
    kind = ("kind:tally",)
    assert found(journal, kind, text="ada love") == [A]
    assert found(journal, kind, text="parcel") == [B, A]
    assert found(journal, kind, text="parcel", limit=1) == [B]
    assert found(journal, kind, text="100% sure_thing") == [B]
    assert found(journal, kind, text="100%sure") == []
    assert found(journal, kind, text="l_st") == []
    assert found(journal, text="hello") == [B]


def test_text_is_found_as_it_was_written(journal: Journal) -> None:
    texts = {"a": 'He said "no"', "b": "C:\\temp", "c": "Straße, MÜLLER", "d": "two\nlines", "e": "😀 ok"}
    for number, (key, text) in enumerate(texts.items()):
        put(journal, row(ActorId(f"tally/{key}"), number), record(ActorId(f"tally/{key}"), 1, text))
    for key, sought in {"a": '"no"', "b": ":\\t", "c": "müller", "d": "two\nl", "e": "😀"}.items():
        assert found(journal, ("kind:tally",), text=sought) == [f"tally/{key}"]


def test_names_of_fields_are_not_text(journal: Journal) -> None:
    put(journal, row(A, name="Ada"), record(A, 1, "x"))
    for sought in ("name", "text", "type", "added", '":"'):
        assert found(journal, text=sought) == []


def test_words_from_fixed_lists_are_not_text(journal: Journal) -> None:
    said = {"type": "message_sent", "from": "visitor", "text": "By bank transfer, please", "by": {"name": "Resolved"}}
    told = {"type": "human_requested", "trigger": "transfer", "how": "takeover", "by": "visitor", "state": "closed"}
    records = [Record(actor, 1, 1_000, "", to_json(event)) for actor, event in ((A, said), (B, told))]
    put(journal, row(A), row(B), *records)
    kind = ("kind:tally",)
    assert found(journal, kind, text="transfer") == [A]
    assert found(journal, kind, text="resolved") == [A], "a name is a name, wherever it stands"
    for sought in ("visitor", "takeover", "closed", "human_requested"):
        assert found(journal, kind, text=sought) == []


def test_pages_of_a_text_search_follow_each_other(journal: Journal) -> None:
    actors = [ActorId(f"tally/{number:03}") for number in range(300)]
    put(
        journal,
        *(row(actor, number) for number, actor in enumerate(actors)),
        *(record(actor, 1, "parcel" if number % 7 == 0 else "other") for number, actor in enumerate(actors)),
    )
    pages: list[Listed] = []
    before = ""
    while page := journal.find([("kind:tally",)], 10, before, text="parcel"):
        pages += page
        before = page[-1].cursor
    assert [one.actor for one in pages] == [
        actor for number, actor in reversed(list(enumerate(actors))) if number % 7 == 0
    ]
