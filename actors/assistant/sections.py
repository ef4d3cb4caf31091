"""Markdown cut into sections at its headings, each as plain text. What a visitor reads is never Markdown or HTML.

An HTML comment is not shown; its words are kept as `aliases`, the place for what visitors call the thing.
"""

from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

BREADCRUMB = " > "
BULLET = "• "

_markdown = MarkdownIt("commonmark").enable("table")


class Section(Struct, frozen=True):
    """What stands under one heading. `path` is the heading with those above it, outermost first."""

    path: tuple[str, ...]
    text: str
    aliases: str = ""

    @property
    def heading(self) -> str:
        """Where the text stands, as it is quoted to visitors."""
        return BREADCRUMB.join(self.path)


def load(paths: list[Path]) -> list[Section]:
    """The sections of Markdown files, and of all in folders. Raises ValueError for a path that cannot be read."""
    files = [file for path in paths for file in (sorted(path.rglob("*.md")) if path.is_dir() else [path])]
    sections: list[Section] = []
    for file in files:
        try:
            sections += split(file.read_text(encoding="utf-8"), file.stem)
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{file} cannot be read: {error}") from error
    return sections


def split(markdown: str, name: str = "") -> list[Section]:
    """The sections of a text, in order, without those that say nothing. What precedes the first heading gets `name`."""
    sections: list[Section] = []
    path: dict[int, str] = {}
    blocks: list[Token] = []

    def close() -> None:
        text, aliases = _plain(blocks), " ".join(_comments(blocks))
        if text:
            sections.append(Section(tuple(path.values()) or (name,), text, aliases))
        blocks.clear()

    stream = iter(_markdown.parse(markdown))
    for token in stream:
        if token.type == "heading_open" and token.level == 0:
            close()
            level = int(token.tag[1:])
            path = {depth: heading for depth, heading in path.items() if depth < level}
            path[level] = _inline(next(stream))
        elif token.type != "heading_close":
            blocks.append(token)
    close()
    return sections


def _comments(blocks: list[Token]) -> Iterator[str]:
    for token in blocks:
        content = token.content.strip()
        if token.type == "html_block" and content.startswith("<!--"):
            yield content.removeprefix("<!--").removesuffix("-->").strip()


def _plain(blocks: list[Token]) -> str:
    """Blocks as text: paragraphs with an empty line between them, a line for each item and each row."""
    lines: list[str] = []
    cells: list[str] | None = None
    items: list[int | None] = []
    fresh = False
    for token in blocks:
        match token.type:
            case "bullet_list_open":
                items.append(None)
            case "ordered_list_open":
                items.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                items.pop()
                lines += [] if items else [""]
            case "list_item_open":
                fresh = True
            case "tr_open":
                cells = []
            case "tr_close":
                lines.append(" | ".join(cells or []))
                cells = None
            case "table_close":
                lines.append("")
            case "inline" if cells is not None:
                cells.append(_inline(token))
            case "inline":
                lines.append(_marker(items, fresh) + _inline(token))
                lines += [] if items else [""]
                fresh = False
            case "fence" | "code_block":
                lines += [token.content.rstrip("\n"), ""]
    return "\n".join(lines).strip()


def _marker(items: list[int | None], fresh: bool) -> str:
    """What stands before a line inside lists; counts the item when the line is its first."""
    if not items:
        return ""
    indent = "  " * (len(items) - 1)
    number = items[-1]
    if not fresh:
        return indent + "  "
    if number is None:
        return indent + BULLET
    items[-1] = number + 1
    return f"{indent}{number}. "


def _inline(token: Token) -> str:
    """Inline Markdown as text; a link is followed by where it leads, an image is its description."""
    parts: list[str] = []
    targets: list[str] = []
    for child in token.children or []:
        match child.type:
            case "text" | "code_inline" | "image":
                parts.append(child.content)
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "link_open":
                targets.append(str(child.attrs.get("href", "")))
            case "link_close":
                target = targets.pop()
                parts.append(f" ({target})" if target and target not in parts[-1:] else "")
    return "".join(parts).strip()
