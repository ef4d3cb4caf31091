"""The way into a Ray that somebody else has started: whether it is there, and what may keep us out."""

import socket

CONNECT_SECONDS = 5.0


class NoRay(Exception):
    """Why, and what to do, in one line."""


def look_for(address: str) -> None:
    """Returns if something listens at HOST:PORT; of any other address Ray itself knows more. Raises `NoRay`.

    Ray would try for minutes, and say no more than that it has failed.
    """
    if address.startswith("ray://"):
        raise NoRay(f"{address} is for Ray's client. Start this on a machine of the cluster, with --address HOST:PORT.")
    host, separator, port = address.rpartition(":")
    if not separator or not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except (OSError, OverflowError) as why:
        said = getattr(why, "strerror", None) or why
        raise NoRay(
            f"no Ray answers at {address}: {said}. Start one there (ray start --head), or correct it."
        ) from None


def why_not(address: str | None, why: BaseException) -> str:
    """What to say when Ray did not start, or did not let us in."""
    first = (str(why).splitlines() or [type(why).__name__])[0]
    if address is None:
        return f"Ray did not start: {first}"
    return (
        f"cannot join the Ray at {address}: {first}. Is it well (ray status --address {address}), and of our version? "
        "If it asks for a token, RAY_AUTH_MODE=token must be set here too."
    )
