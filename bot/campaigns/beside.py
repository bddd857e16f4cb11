"""What other capabilities have beside a campaign."""

from typing import NamedTuple


class Beside(NamedTuple):
    """A link on the page of a campaign. `path` has `{campaign_id}` where its number goes."""

    words: str
    path: str

    def path_of(self, campaign_id: int) -> str:
        """Where it leads for one campaign."""
        return self.path.format(campaign_id=campaign_id)
