"""Why nobody has a waiting conversation yet, in words that people understand."""

from actors.supervisor.dispatch import Dispatch
from actors.supervisor.waiting import Need, Waiting, words_of


class Reasons:
    """The reasons at one moment: the team is looked through once for each thing that is needed, whoever waits."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._agents = dispatch.roster.all
        self._present = dispatch.roster.present
        self._online = [one for one in self._agents.values() if one.status == "online"]
        self._said: dict[Need, str] = {}

    def why_not(self, one: Waiting) -> str:
        """Why nobody has it yet."""
        if one.asked:
            return f"Offered to {self._agents[one.asked].name if one.asked in self._agents else one.asked}."
        if one.held_for:
            return f"Waits a moment for {self._agents[one.held_for].name}, who had this visitor last."
        if one.again_ms:
            return "Everybody who is free has been asked; they are asked again in a moment."
        said = self._said.get(one.need)
        if said is None:
            said = self._said[one.need] = self._nobody_for(one.need)
        return said

    def _nobody_for(self, need: Need) -> str:
        if not self._online:
            return "Everybody who is here is busy." if self._present else "Nobody is online."
        if not any(other.suits(*need) for other in self._online):
            return f"Nobody online has {words_of(need)}; anybody will do soon."
        return "Everybody who could take it has all they can do."
