"""A stream of XML, cut into what is complete; and what stream management owes."""

from __future__ import annotations

import pytest

from benchmarks.load.websocket import Lost
from benchmarks.peers.ejabberd import Managed, Stanzas

MESSAGE = b"<message to='a' id='1'><body>#v00001.00000001#x</body></message>"
REQUEST = b"<r xmlns='urn:xmpp:sm:3'/>"


def test_a_message_is_whole_when_its_end_has_come_wherever_it_is_cut() -> None:
    for cut in range(len(MESSAGE)):
        assert Stanzas().whole(MESSAGE + MESSAGE[:cut]) == len(MESSAGE)
    assert Stanzas().whole(MESSAGE * 2) == 2 * len(MESSAGE)


def test_other_stanzas_are_whole_at_their_last_bracket() -> None:
    assert Stanzas().whole(b"<presence/>" + REQUEST + b"<a h='") == len(b"<presence/>" + REQUEST)


def test_the_end_of_the_stream_is_told() -> None:
    with pytest.raises(Lost):
        Stanzas().whole(b"<stream:error/></stream:stream>")


def test_the_server_is_owed_how_many_messages_have_come_when_it_asks() -> None:
    split = Managed()
    split.whole(MESSAGE * 2)
    assert split.owed == b""
    split.whole(MESSAGE + REQUEST)
    assert split.owed == b"<a xmlns='urn:xmpp:sm:3' h='3'/>"


def test_a_message_in_two_pieces_counts_once() -> None:
    split, cut = Managed(), 30
    assert split.whole(MESSAGE[:cut]) == 0
    split.whole(MESSAGE + REQUEST)
    assert split.owed.endswith(b"h='1'/>")
