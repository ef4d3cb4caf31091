"""Who cannot join a Ray is told so at once, with the address and what to do."""

import socket

import pytest

from gateway.joining import NoRay, look_for, why_not


def test_where_nothing_listens_there_is_no_ray() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NoRay, match=f"^no Ray answers at {address}: Connection refused\\. .*ray start --head"):
            look_for(address)


def test_where_something_listens_ray_itself_says_whether_it_is_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        look_for(f"127.0.0.1:{taken.getsockname()[1]}")
        look_for("auto")


@pytest.mark.parametrize(("address", "said"), [("ray://head:10001", "HOST:PORT"), ("head:99999", "head:99999")])
def test_an_address_that_can_be_none_is_refused(address: str, said: str) -> None:
    with pytest.raises(NoRay, match=said):
        look_for(address)


def test_who_is_not_let_in_hears_of_the_token() -> None:
    said = why_not("head:6379", ConnectionError("Failed to connect\nand much more"))
    assert said.startswith("cannot join the Ray at head:6379: Failed to connect. ")
    assert "RAY_AUTH_MODE=token" in said
    assert "\n" not in said
    assert why_not(None, RuntimeError("no room")) == "Ray did not start: no room"
