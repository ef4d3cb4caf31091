"""Which template a path is of, and what stands in its place."""

import pytest

from gateway.api.paths import Paths

PATHS = Paths(["/a", "/a/{one}", "/a/{one}/c/{two}", "/a/b/d", "/z.json"])


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/a", ("/a", {})),
        ("/z.json", ("/z.json", {})),
        ("/a/x", ("/a/{one}", {"one": "x"})),
        ("/a/{}", ("/a/{one}", {"one": "{}"})),
        ("/a/x/c/y", ("/a/{one}/c/{two}", {"one": "x", "two": "y"})),
        ("/a/b/d", ("/a/b/d", {})),
        ("/a/x/", ("/a/{one}", {"one": "x"})),
        ("/", None),
        ("", None),
        ("/b", None),
        ("/a/", ("/a", {})),
        ("/a//", None),
        ("/a//c/y", None),
        ("/a/x/c", None),
        ("/a/x/d", None),
        ("/a/b/d/e", None),
    ],
)
def test_a_path_is_of_one_template_or_none(path: str, found: tuple[str, dict[str, str]] | None) -> None:
    assert PATHS.find(path) == found
