"""Words: folding, tokens and typos."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.assistant.language.stopwords import language_of
from actors.assistant.language.words import Vocabulary, fold, padded, tokens, words

KNOWN = Vocabulary(
    {"talk": "T", "to": "2", "human": "H", "representative": "R", "an": "A", "wrong": ""},
    mended=["talk", "human", "representative"],
    glue=["to", "an"],
    real_words=["humane"],
)


def test_case_and_accents_fold_away() -> None:
    assert fold("Größe ÉTÉ Ñandú") == "grosse ete nandu"


def test_apostrophes_part_words_but_not_a_negation() -> None:
    assert [token.word for token in tokens("I don\u2019t, l'agent can't")] == ["i", "dont", ",", "l", "agent", "cant"]


@given(st.text(max_size=200))
def test_a_token_is_found_where_it_says_it_stood(text: str) -> None:
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)


@given(st.text(max_size=200))
def test_padded_text_has_each_word_between_single_spaces(text: str) -> None:
    assert padded(text).split() == words(text)


@pytest.mark.parametrize("typo", ["humna", "humann", "huan", "hjuman", "uman", "humaaaan"])
def test_one_slip_is_forgiven(typo: str) -> None:
    assert KNOWN.corrected(typo) == "H"


@pytest.mark.parametrize("typo", ["tlak", "talkk", "taalk", "talkc"])
def test_short_words_are_forgiven_a_swap_and_a_letter_too_many(typo: str) -> None:
    assert KNOWN.corrected(typo) == "T"


def test_long_words_are_forgiven_two_slips() -> None:
    assert KNOWN.corrected("reprsentitive") == "R"


def test_a_forgotten_space_is_put_back() -> None:
    assert KNOWN.corrected("talkto") == "T2"


@pytest.mark.parametrize("word", ["humane", "walk", "tall", "order", "x", "representation" * 3])
def test_other_words_are_left_alone(word: str) -> None:
    assert KNOWN.corrected(word) is None


def test_a_language_is_told_by_its_small_words() -> None:
    assert language_of(words("wo ist denn meine Bestellung")) == "de"
    assert language_of(words("où est ma commande")) == "fr"
    assert language_of(words("¿dónde está mi pedido?")) == "es"
    assert language_of(words("where is my order")) == "en"
    assert language_of(words("12345")) == ""


def test_no_character_becomes_a_phrase() -> None:
    assert max(len(fold(chr(code))) for code in range(0x110000)) <= 7
