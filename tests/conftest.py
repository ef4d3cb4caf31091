"""The order of the suite: fast tests first, then real Ray, then real browsers. And where asynchronous tests run."""

import pytest

_LAST = ("tests/cluster/", "tests/browser/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts by how long a folder takes; within a folder the order stays."""
    items.sort(key=lambda item: next((n for n, folder in enumerate(_LAST, 1) if item.nodeid.startswith(folder)), 0))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """On asyncio, as everything here does."""
    return "asyncio"
