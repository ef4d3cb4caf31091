"""Languages and scripts of which nothing is known here: texts are found as they are written."""
# ruff: noqa: RUF001 - letters of other scripts are what this is about

from pathlib import Path

import pytest

from actors.assistant.engine import Turn
from actors.assistant.knowledge import Knowledge
from actors.assistant.language.words import words


def test_scripts_without_spaces_are_read_in_pairs() -> None:
    assert words("如何退货？") == ["如何", "何退", "退货"]
    assert words("iPhone充電器 货") == ["iphone", "充電", "電器", "货"]
    assert words("Где мой заказ?") == ["где", "мои", "заказ"]


@pytest.mark.parametrize(
    ("written_there", "question", "heading"),
    [
        (
            "# 帮助\n\n## 如何退货？\n\n请在三十天内寄回商品。\n\n## 运费是多少？\n\n运费为五元。\n",
            "退货",
            "如何退货？",
        ),
        (
            "# Помощь\n\n## Сколько стоит доставка?\n\nДоставка стоит пять евро.\n\n"
            "## Как вернуть товар?\n\nОтправьте его нам обратно.\n",
            "сколько стоит доставки",
            "Сколько стоит доставка?",
        ),
        (
            "# ヘルプ\n\n## 返品の方法は？\n\n三十日以内に送り返してください。\n\n"
            "## 送料はいくらですか？\n\n五ユーロです。\n",
            "送料はいくら",
            "送料はいくらですか？",
        ),
        (
            "# Βοήθεια\n\n## Πόσο κοστίζει η αποστολή;\n\nΠέντε ευρώ.\n\n## Πώς επιστρέφω ένα προϊόν;\n\nΣτείλτε το.\n",
            "ποσο κοστιζει η αποστολη",
            "Πόσο κοστίζει η αποστολή;",
        ),
    ],
)
def test_other_languages_and_scripts_are_found_as_they_are_written(
    tmp_path: Path, written_there: str, question: str, heading: str
) -> None:
    (tmp_path / "faq.md").write_text(written_there, encoding="utf-8")
    answer = Knowledge(["faq.md"], tmp_path).answer(Turn(question))
    assert answer.known
    assert answer.sources[0].endswith(heading)
