"""What every process is told."""

import pytest

from actors.settings import Settings
from gateway.plan import Plan


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000"), ("support", "http://support:8000")],
)
def test_its_address_can_be_written_into_a_browser(host: str, url: str) -> None:
    assert Plan(Settings(), "data", "a secret", host).url == url
