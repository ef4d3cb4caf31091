"""The knowledge engine: what it answers from the demo's files, and what it honestly does not."""

import asyncio
from itertools import islice
from pathlib import Path

import pytest

import actors.assistant
from actors.assistant.engine import Answer, Piece, Turn, build_engine
from actors.assistant.knowledge import KNOWN_ABOVE, Knowledge
from actors.assistant.sections import load

DEMO = Path(actors.assistant.__file__).parent / "demo"
QUESTIONS = [
    line.split("\t") for line in (Path(__file__).parent / "questions.tsv").read_text(encoding="utf-8").splitlines()
]
KEPT_BACK = list(islice(QUESTIONS, 1, None, 2))
"""The half of the questions that the confidence was not fitted to."""


@pytest.fixture(scope="module")
def demo() -> Knowledge:
    return Knowledge([str(DEMO)], Path())


def known(knowledge: Knowledge, question: str) -> bool:
    return knowledge.answer(Turn(question)).known


def written(tmp_path: Path, markdown: str) -> Knowledge:
    (tmp_path / "faq.md").write_text(markdown, encoding="utf-8")
    return Knowledge(["faq.md"], tmp_path)


def test_most_questions_find_the_heading_that_answers_them(demo: Knowledge) -> None:
    answerable = [(question, expected.split("|")) for question, expected in KEPT_BACK if expected != "-"]
    wrong = [
        (question, found)
        for question, expected in answerable
        if not any(part in (found := demo.find(question, 1)[0].section.heading) for part in expected)
    ]
    assert len(wrong) <= len(answerable) // 10, wrong


def test_what_is_likely_is_said_and_is_mostly_right(demo: Knowledge) -> None:
    answerable = [(question, expected.split("|")) for question, expected in KEPT_BACK if expected != "-"]
    answers = [(demo.answer(Turn(question)), expected) for question, expected in answerable]
    said = [(answer.sources[0], expected) for answer, expected in answers if answer.known]
    assert len(said) >= 0.8 * len(answerable)
    assert sum(any(part in source for part in expected) for source, expected in said) >= 0.93 * len(said)


def test_questions_about_other_things_are_not_answered(demo: Knowledge) -> None:
    others = [question for question, expected in KEPT_BACK if expected == "-"]
    answered = [question for question in others if known(demo, question)]
    assert len(answered) <= len(others) // 15, answered


def test_an_answer_quotes_its_heading(demo: Knowledge) -> None:
    answer = demo.answer(Turn("Where is my order?"))
    assert answer.sources == ("Orders > Where is my order? How do I track a parcel?",)
    assert "tracking link" in answer.text
    assert answer.text.endswith("From “Where is my order? How do I track a parcel?”")
    assert answer.confidence > KNOWN_ABOVE


def test_not_knowing_is_said_politely_and_in_the_visitors_language(demo: Knowledge) -> None:
    assert demo.answer(Turn("What is the capital of France?")).text.startswith("I'm sorry, I don't know")
    assert demo.answer(Turn("Wie hoch ist der Mount Everest?")).text.startswith("Das weiß ich leider nicht")
    assert demo.answer(Turn("xyzzy", locale="es-MX")).text.startswith("Lo siento")
    assert demo.answer(Turn("xyzzy", locale="tlh")).text.startswith("I'm sorry")


@pytest.mark.parametrize("question", ["whats the shiping cost", "retrun shoes", "reset my pasword"])
def test_typos_are_forgiven(demo: Knowledge, question: str) -> None:
    assert known(demo, question)


@pytest.mark.parametrize("question", ["", "   ", "?!", "1234567", "🙂", '" OR 1', "NEAR(a b)", "a" * 8000, "-*^:()"])
def test_what_is_no_question_breaks_nothing(demo: Knowledge, question: str) -> None:
    assert not known(demo, question)


def test_german_words_are_stemmed_as_german(tmp_path: Path) -> None:
    knowledge = written(
        tmp_path,
        "# Hilfe\n\n## Wie gebe ich Bücher zurück?\n\nSie können die Bücher in den Laden bringen.\n\n"
        "## Wann öffnet der Laden?\n\nWir öffnen um neun Uhr und schließen um sechs.\n",
    )
    assert knowledge.answer(Turn("Wo gebe ich ein Buch zurück?")).sources == ("Hilfe > Wie gebe ich Bücher zurück?",)
    assert "neun Uhr" in knowledge.answer(Turn("Um wie viel Uhr öffnet ihr?")).text


def test_accents_do_not_matter(tmp_path: Path) -> None:
    knowledge = written(
        tmp_path,
        "# Aide\n\n## Où récupérer ma commande ?\n\nVous la récupérez à la boutique avec une pièce d'identité.\n\n"
        "## Quels sont les délais ?\n\nLa livraison est faite en trois jours.\n",
    )
    assert knowledge.answer(Turn("ou recuperer ma commande")).known
    assert knowledge.answer(Turn("Où récupérer ma commande ?")).text.endswith("« Où récupérer ma commande ? »")


def test_a_long_section_is_cut_at_a_sentence(tmp_path: Path) -> None:
    text = (
        written(tmp_path, "# Warranty\n\n" + "This is the warranty in full length. " * 100)
        .answer(Turn("warranty"))
        .text
    )
    body = text.partition("\n\n")[0]
    assert len(body) < 1_300
    assert body.endswith("length. …")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("hi", "Hello!"),
        ("Hello there!!", "Hello!"),
        ("thank you so much", "You're welcome!"),
        ("ok, thanks, bye", "You're welcome!"),
        ("bye", "Goodbye"),
        ("ok", "Alright"),
        ("are you a bot?", "I'm Fernhill's assistant, a machine"),
        ("Hallo zusammen", "Hallo!"),
        ("Vielen Dank!", "Gern geschehen!"),
        ("bonjour", "Bonjour"),
        ("merci beaucoup", "Je vous en prie"),
        ("muchas gracias", "¡De nada!"),
    ],
)
def test_small_talk_gets_a_short_and_friendly_reply(demo: Knowledge, text: str, reply: str) -> None:
    answer = demo.answer(Turn(text, bot="Fernhill"))
    assert answer.known
    assert answer.text.startswith(reply)
    assert answer.sources == ()


def test_a_greeting_before_a_question_does_not_swallow_it(demo: Knowledge) -> None:
    assert demo.answer(Turn("hi, what does shipping cost?")).sources == ("Shipping > What does shipping cost?",)


def test_a_bots_name_is_never_read_as_a_pattern(demo: Knowledge) -> None:
    assert "{x} {0}" in demo.answer(Turn("who are you", bot="{x} {0}")).text


def test_the_demo_has_something_to_say(demo: Knowledge) -> None:
    sections = load([DEMO])
    assert len(sections) >= 25
    assert all(demo.answer(Turn(section.path[-1])).sources == (section.heading,) for section in sections)


def test_the_engine_says_one_answer_in_one_piece_and_no_more() -> None:
    async def everything() -> list[Piece | Answer]:
        engine = build_engine("knowledge", {"paths": ["demo"]}, DEMO.parent)
        return [part async for part in engine.answer(Turn("What are your opening hours?"))]

    [piece, answer] = asyncio.run(everything())
    assert isinstance(answer, Answer)
    assert answer.known
    assert piece == Piece(answer.text)


def test_files_that_are_not_there_stop_the_bot_from_starting(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.md"):
        build_engine("knowledge", {"paths": ["nowhere.md"]}, tmp_path)
    with pytest.raises(ValueError, match="at least one"):
        build_engine("knowledge", {}, tmp_path)
    (tmp_path / "empty.md").write_text("# Title\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no text"):
        build_engine("knowledge", {"paths": ["empty.md"]}, tmp_path)
