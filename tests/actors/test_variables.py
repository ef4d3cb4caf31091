"""`{visitor.name}`-style variables."""

import pytest

from actors.variables import fill

VALUES = {"visitor.name": "Vera", "agent.name": "Alice", "visitor.email": ""}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hi {visitor.name}, this is {agent.name}.", "Hi Vera, this is Alice."),
        ("No variables , here.", "No variables , here."),
        ("Hi {visitor.email}, hello.", "Hi, hello."),
        ("{visitor.email}", ""),
        ("Use {braces} and {no.such} as they are.", "Use {braces} and {no.such} as they are."),
        ("{{visitor.name}}", "{Vera}"),
    ],
)
def test_variables_are_filled_in(text: str, filled: str) -> None:
    assert fill(text, VALUES) == filled


def test_a_value_is_not_read_again() -> None:
    assert fill("Hi {visitor.name}", {"visitor.name": "{agent.name}", "agent.name": "Alice"}) == "Hi {agent.name}"
