"""Which peers live: each does until it was silent for a lease. Whoever could not listen blames nobody for silence."""


class Leases:
    """To be asked for the `silent` every quarter of a lease, at `ask_at_ms`."""

    def __init__(self, lease_ms: int) -> None:
        self._lease_ms = lease_ms
        self._heard_ms: dict[str, int] = {}
        self._deaf_until_ms = 0
        self.ask_at_ms = 0

    def heard(self, peer: str, now_ms: int) -> None:
        """The peer lives: something of it has come."""
        self._heard_ms[peer] = now_ms

    def end(self, peer: str) -> None:
        """The peer is known to be gone."""
        self._heard_ms.pop(peer, None)

    def silent(self, now_ms: int, stalled_since_ms: int | None) -> list[str]:
        """The peers that were silent for a lease, though nothing here kept them from being heard.

        That would be a host that hung, so that it asks late; or a store that does not let it answer, for a peer sends
        its next batch when it has the answer to the last: then the host has stalled since that time.
        """
        since_ms = self.ask_at_ms if stalled_since_ms is None else min(self.ask_at_ms, stalled_since_ms)
        quarter_ms = self._lease_ms // 4
        if since_ms < now_ms - quarter_ms:
            self._deaf_until_ms = now_ms
        self.ask_at_ms = now_ms + quarter_ms
        silent_since_ms = now_ms - self._lease_ms
        if self._deaf_until_ms >= silent_since_ms:
            return []
        return [peer for peer, heard_ms in self._heard_ms.items() if heard_ms < silent_since_ms]
