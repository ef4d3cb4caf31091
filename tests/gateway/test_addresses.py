"""Who is counted together."""

import pytest

from gateway.addresses import crowd_of


@pytest.mark.parametrize(
    ("address", "crowd"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("2a00:1450:4001:831::200e", "2a00:1450:4001:831::/64"),
        ("2a00:1450:4001:831:ffff::1", "2a00:1450:4001:831::/64"),
    ],
)
def test_an_address_is_its_subscriber(address: str, crowd: str) -> None:
    assert crowd_of(address) == crowd


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "172.17.0.2", "192.168.1.1", "fd00::1", "", "x"])
def test_what_is_not_of_the_internet_may_be_a_proxy_and_is_not_counted(address: str) -> None:
    assert crowd_of(address) == ""
