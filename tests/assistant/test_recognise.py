"""When to fetch a human: phrases, keywords, sentiment, and which of them is named."""

import time

import pytest

from actors.assistant.recognise import Match, escalation, find_keyword, sentiment, wants_human
from actors.settings import Escalation

SETTINGS = Escalation(phrases=["red button"], keywords=["lawyer", "Rückbuchung", "charge back"], sentiment_below=-0.6)


def test_a_request_in_the_visitors_own_words_is_a_phrase() -> None:
    assert wants_human("operator please") == Match("phrase", "operator")


def test_a_configured_phrase_is_found_as_whole_words_in_any_case() -> None:
    assert wants_human("where is the RED  button?", ["red button"]) == Match("phrase", "red button")
    assert wants_human("the red buttons", ["red button"]) is None


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("My LAWYER will write", "lawyer"),
        ("ich mache eine ruckbuchung", "Rückbuchung"),
        ("I'll charge-back this", "charge back"),
        ("(lawyer)", "lawyer"),
    ],
)
def test_a_keyword_is_found_whatever_its_case_and_accents(text: str, keyword: str) -> None:
    assert find_keyword(text, SETTINGS.keywords) == Match("keyword", keyword)


@pytest.mark.parametrize("text", ["lawyers", "flawyer", "charge my back", "recharge back"])
def test_a_part_of_a_word_is_no_keyword(text: str) -> None:
    assert find_keyword(text, SETTINGS.keywords) is None


def test_a_keyword_without_letters_is_never_found() -> None:
    assert find_keyword("what?! !!", ["!!", " "]) is None


def test_anger_in_english_scores_low_and_joy_high() -> None:
    assert sentiment("This is the worst service ever, I am furious!") < -0.6
    assert sentiment("Great, thank you so much, I love it!") > 0.6


def test_german_is_not_scored_by_an_english_lexicon() -> None:
    assert sentiment("Wo ist die Bestellung, die ich am Montag gemacht habe?") == 0.0


def test_the_plainest_reason_is_named_first() -> None:
    furious = "You are horrible, I hate this, it is the worst"
    assert escalation(f"{furious} lawyer, let me talk to a human", SETTINGS) == Match("phrase", "talk to a human")
    assert escalation(f"{furious} lawyer", SETTINGS) == Match("keyword", "lawyer")
    found = escalation(furious, SETTINGS)
    assert found is not None
    assert found.trigger == "sentiment"
    assert found.detail.endswith(" (en)")
    assert float(found.detail.partition(" ")[0]) < -0.6


def test_sentiment_is_not_looked_at_unless_it_is_configured() -> None:
    assert escalation("You are horrible, I hate this, it is the worst", Escalation()) is None


def test_an_ordinary_question_fetches_nobody() -> None:
    assert escalation("Where is my order?", SETTINGS) is None


def test_the_detail_is_bounded() -> None:
    found = wants_human("I want to talk to " + "a " * 20 + "human" + "!" * 5000)
    assert found is None or len(found.detail) <= 120


@pytest.mark.parametrize(
    "unit", ["human ", "someone from human ", "no more talking to ", "! ", "sick am agent ", "not "]
)
def test_a_long_text_costs_no_more_than_its_length(unit: str) -> None:
    def cost(characters: int) -> float:
        text, costs = (unit * characters)[:characters], []
        for _ in range(5):
            started = time.process_time()
            wants_human(text)
            costs.append(time.process_time() - started)
        return min(costs)

    wants_human(unit)  # what is built once is not of the text
    assert cost(8_000) < 12 * cost(2_000)  # four times as long: quadratic would be sixteen times


def test_a_wall_of_emoji_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    class Analyzer:
        def polarity_scores(self, text: str) -> dict[str, float]:
            read.append(text)
            return {"compound": 0.5}

    monkeypatch.setattr("actors.assistant.sentiment._analyzer", Analyzer)
    assert sentiment("😀" * 8_000) == 0.5
    assert len(read[0].encode()) <= 2_000


def test_a_keyword_is_found_where_words_have_no_spaces_between_them() -> None:
    assert find_keyword("我要找律师投诉你们", ["律师"]) == Match("keyword", "律师")
    assert find_keyword("弁護士に相談します", ["弁護士"]) == Match("keyword", "弁護士")
    assert find_keyword("我要退货", ["律师"]) is None


def test_of_a_long_text_both_ends_are_understood_and_what_is_configured_is_found_anywhere() -> None:
    filler, request = "zebra " * 500, "I want to talk to a human"
    for text in (f"{request}. {filler}", f"{filler}. {request}"):
        assert wants_human(text) is not None
    assert wants_human(f"{filler}. {request}. {filler}") is None
    assert escalation(f"{filler} lawyer {filler}", SETTINGS) == Match("keyword", "lawyer")
