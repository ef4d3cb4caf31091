"""What is known of a visitor without asking: device and place."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.settings import ServerSettings
from tests.gateway.api.system import System, running

pytestmark = pytest.mark.anyio

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("agent", "device"),
    [(FIREFOX, "Firefox 141, Windows"), (IPHONE, "Mobile Safari 18, iOS, iPhone"), ("x" * 9000, "")],
)
async def test_the_device_is_what_the_browser_says(system: System, agent: str, device: str) -> None:
    answer = await system.ask("POST", "/api/bots/shop/visitors", json={}, headers={"User-Agent": agent})
    assert answer.json()["visitor"]["device"] == device


@pytest.fixture
def atlas(tmp_path: Path) -> ServerSettings:
    """A database in which 81.2.69.* is in Boxford, and 127.* are trusted proxies."""
    writer = pytest.importorskip("mmdb_writer")
    from netaddr import IPSet

    database = writer.MMDBWriter(ip_version=6, database_type="Test-City", ipv4_compatible=True)
    names = {"city": {"names": {"en": "Boxford"}}, "country": {"names": {"en": "United Kingdom"}}}
    database.insert_network(IPSet(["81.2.69.0/24"]), names)
    database.to_db_file(str(tmp_path / "city.mmdb"))
    return ServerSettings(geoip_database=str(tmp_path / "city.mmdb"), trusted_proxies=["127.0.0.0/8", "10.1.1.1"])


@pytest.mark.parametrize(
    ("forwarded", "place"),
    [
        ("81.2.69.7", "Boxford, United Kingdom"),
        ("9.9.9.9, 81.2.69.7", "Boxford, United Kingdom"),
        ("81.2.69.7, 10.1.1.1", "Boxford, United Kingdom"),
        ("81.2.69.7, 10.2.2.2", ""),
        ("81.2.69.7, nonsense", ""),
        ("", ""),
    ],
)
async def test_the_place_is_that_of_the_last_address_no_proxy_of_ours_has(
    tmp_path: Path, atlas: ServerSettings, forwarded: str, place: str
) -> None:
    async with running(tmp_path, server=atlas) as system:
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        answer = await system.ask("POST", "/api/bots/shop/visitors", json={}, headers=headers)
        assert answer.json()["visitor"]["location"] == place


async def test_nobody_is_believed_who_is_no_trusted_proxy(tmp_path: Path, atlas: ServerSettings) -> None:
    async with running(tmp_path, server=replace(atlas, trusted_proxies=["10.1.1.1"])) as system:
        headers = {"X-Forwarded-For": "81.2.69.7"}
        answer = await system.ask("POST", "/api/bots/shop/visitors", json={}, headers=headers)
        assert answer.json()["visitor"]["location"] == ""
