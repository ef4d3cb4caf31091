"""Markdown cut at its headings, as plain text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.assistant.sections import Section, load, split


def test_a_section_knows_the_headings_above_it() -> None:
    sections = split("# Shop\n\nWelcome.\n\n## Returns\n\n### Cost\n\nFree.\n\n## Hours\n\nAlways.\n")
    assert [(section.heading, section.text) for section in sections] == [
        ("Shop", "Welcome."),
        ("Shop > Returns > Cost", "Free."),
        ("Shop > Hours", "Always."),
    ]


def test_a_heading_without_text_is_no_section() -> None:
    assert split("# A\n\n## B\n") == []


def test_text_before_the_first_heading_is_named_after_the_file() -> None:
    assert split("Hello.", "faq") == [Section(("faq",), "Hello.")]


def test_markup_and_html_never_reach_the_text() -> None:
    [section] = split("# T\n\nA **bold** [link](https://e.example/x) and `code` <b>html</b>.\n")
    assert section.text == "A bold link (https://e.example/x) and code html."


def test_a_link_that_shows_its_address_shows_it_once() -> None:
    assert split("# T\n\n<https://e.example>\n")[0].text == "https://e.example"


def test_lists_and_tables_keep_a_line_for_each_item_and_row() -> None:
    [section] = split("# T\n\n1. one\n2. two\n   - deep\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nend\n")
    assert section.text == "1. one\n2. two\n  • deep\n\na | b\n1 | 2\n\nend"


def test_code_is_kept_as_it_is() -> None:
    assert split("# T\n\n```\na  = 1\n# no heading\n```\n")[0].text == "a  = 1\n# no heading"


def test_a_heading_inside_a_quotation_cuts_nothing() -> None:
    assert len(split("# T\n\n> ## quoted\n>\n> text\n")) == 1


def test_a_comment_is_searched_and_not_shown() -> None:
    assert split("# T\n\n<!-- parcel package -->\n\nText.\n") == [Section(("T",), "Text.", "parcel package")]


@given(st.text(alphabet="# \n*[]()<>-|`!ab1.", max_size=120))
def test_any_text_can_be_split_and_no_section_is_empty(markdown: str) -> None:
    assert all(section.text and section.path for section in split(markdown))


def test_a_folder_is_all_its_markdown_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\ntext\n", encoding="utf-8")
    (tmp_path / "c.txt").write_text("# c\n\ntext\n", encoding="utf-8")
    assert [section.heading for section in load([tmp_path])] == ["a", "b"]


def test_a_file_that_is_missing_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing\.md"):
        load([tmp_path / "missing.md"])
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"bad\.md"):
        load([tmp_path])
