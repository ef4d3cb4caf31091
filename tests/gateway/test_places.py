"""The line of everything in a TOML file is found, however it is written."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.places import lines

QUOTES = '"' * 3

ODD = f"""\
# [not.a.table]
a.b = 1
'c d' = {QUOTES}
[[bots]]
\\{QUOTES}{QUOTES} # an escaped quote, a plain one, and the end
e = [ # here
  {{ x = 1, y = [1, 2] }}, 'it # is',
  1979-05-27 07:32:00, # a date with a space
  ]

[f."g.\\u0068"] # table
i = {{j.k = 2}}
[[f.l]]
m = '''
m = 3'''
[f.l.n]
o = "]"
[[f.l]]
[[f.l.p]]
"""

WHERE = {
    2: ["a", "a b"],
    3: ["c d"],
    6: ["e"],
    7: ["e 0", "e 0 x", "e 0 y", "e 0 y 0", "e 0 y 1", "e 1"],
    8: ["e 2"],
    11: ["f", "f g.h"],
    12: ["f g.h i", "f g.h i j", "f g.h i j k"],
    13: ["f l", "f l 0"],
    14: ["f l 0 m"],
    16: ["f l 0 n"],
    17: ["f l 0 n o"],
    18: ["f l 1"],
    19: ["f l 1 p", "f l 1 p 0"],
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_are_found_in_every_way_toml_is_written(newline: str) -> None:
    text = ODD.replace("\n", newline)
    assert tomllib.loads(text)
    found = {" ".join(map(str, path)): line for path, line in lines(text).items()}
    assert found == {path: line for line, paths in WHERE.items() for path in paths}


@given(
    st.lists(st.sampled_from([*ODD.splitlines(), "[x]", "[[y]]", "y.z = 1", "[y.z]", "q = []", "r = {}"]), max_size=9)
)
def test_every_value_of_a_valid_file_has_a_line_inside_it(rows: list[str]) -> None:
    text = "\n".join(rows)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = lines(text)
    assert all(1 <= line <= len(rows) for line in found.values())
    assert all(found[path] for path in paths(table))


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, item in items for each in [(*path, key), *paths(item, (*path, key))]]
