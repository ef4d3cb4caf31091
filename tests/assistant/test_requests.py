"""Requests for a human, and talk about humans that is none: lists written for this project, in four languages."""

import re
from collections import Counter
from pathlib import Path

import pytest

from actors.assistant.language.grammar import Language
from actors.assistant.language.requests import LANGUAGES, requested
from actors.assistant.language.words import fold

UTTERANCES = Path(__file__).parent / "utterances"
CODES = [language.code for language in LANGUAGES]


def lines(kind: str, name: str) -> list[str]:
    return [line for line in (UTTERANCES / kind / name).read_text(encoding="utf-8").splitlines() if line]


@pytest.mark.parametrize("code", CODES)
def test_every_request_that_was_practised_is_recognised(code: str) -> None:
    assert [text for text in lines("practised", f"wanted.{code}.txt") if requested(text) is None] == []


@pytest.mark.parametrize("code", CODES)
def test_no_talk_about_humans_that_was_practised_is_taken_for_a_request(code: str) -> None:
    assert [(text, requested(text)) for text in lines("practised", f"unwanted.{code}.txt") if requested(text)] == []


def test_nine_in_ten_requests_nobody_practised_are_recognised() -> None:
    texts = [text for code in CODES for text in lines("held_out", f"wanted.{code}.txt")]
    missed = [text for text in texts if requested(text) is None]
    assert len(missed) <= len(texts) / 10, missed


def test_few_unpractised_texts_about_humans_are_taken_for_requests() -> None:
    texts = [text for code in CODES for text in lines("held_out", f"unwanted.{code}.txt")]
    mistaken = [text for text in texts if requested(text) is not None]
    assert len(mistaken) <= len(texts) / 30, mistaken


def test_the_answer_quotes_what_asked_as_the_visitor_wrote_it() -> None:
    assert requested("My parcel is late!! Can I TALK to a Human, please?") == "TALK to a Human"


def test_a_negation_governs_its_own_wish_and_no_other() -> None:
    assert requested("I don't want a person") is None
    assert requested("I don't want a refund I want to talk to a person") is not None
    assert requested("I don't want to call and talk to a person") is None


def test_what_is_asked_after_an_and_is_asked_in_its_own_right() -> None:
    assert requested("it is broken and transfer me") == "transfer me"
    assert requested("are you a bot or a human") is None


def test_a_refused_bot_is_a_request_and_a_refused_human_is_none() -> None:
    assert requested("I do not want to talk to a bot") is not None
    assert requested("I do not want to talk to a human") is None


def test_a_thing_on_sale_is_no_person() -> None:
    assert requested("I need a cleaning agent") is None
    assert requested("no more robot vacuums in stock?") is None


def test_customer_service_as_a_place_is_asked_for_by_name_and_reached_by_transfer() -> None:
    assert requested("I want to speak with customer service") is None
    assert requested("put me through to customer service") is not None
    assert requested("I want to speak with a customer service agent") is not None


def test_an_english_sentence_is_not_read_as_german_word_by_word() -> None:
    assert requested("will an agent contact me?") is None


@pytest.mark.parametrize("text", ["", " ", "!!!", "🤷", "a" * 8000, "\x00", "包裹在哪里", "***"])
def test_texts_without_words_ask_for_nothing(text: str) -> None:
    assert requested(text) is None


@pytest.mark.parametrize("language", LANGUAGES, ids=CODES)
def test_a_word_has_one_meaning_and_is_written_folded(language: Language) -> None:
    listed = [word for words in language.classes.values() for word in words.split()]
    assert [word for word, count in Counter(listed).items() if count > 1] == []
    assert [word for word in listed if fold(word) != word] == []


@pytest.mark.parametrize("language", LANGUAGES, ids=CODES)
def test_rules_speak_of_classes_that_have_words(language: Language) -> None:
    built_in = {"HARD", "SOFT", "OTHER", "SCRAP", "DROP", "SWEAR"}
    named = {name for names in language.classes for name in names.split()} | set(language.macros) | built_in
    patterns = [part for rule in language.rules for part in (rule.core, rule.before, rule.after)]
    patterns += [*language.macros.values(), *language.never_before, *language.never_after, language.triggers]
    assert {name for pattern in patterns for name in re.findall("[A-Z]+", pattern)} - named == set()
