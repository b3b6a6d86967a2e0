"""One line of the table: what was measured, ours and what it is compared with."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """`ours` and `other` are medians of `n` runs each; their ratio is to be at most `target`."""

    what: str
    ours: float
    other: float
    against: str
    unit: str
    target: float
    n: int
    digits: int = 0

    @property
    def ratio(self) -> float:
        """How many times the other one is ours."""
        return self.ours / self.other

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.ratio <= self.target

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON takes it."""
        return asdict(self) | {"ratio": round(self.ratio, 3), "met": self.met}
