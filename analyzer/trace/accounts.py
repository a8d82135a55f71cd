"""What each layer brought, in numbers: an account of what was received, and of what of it was lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from analyzer.model.event import Layer


@dataclass(slots=True)
class Account:
    """Lines or records of one layer: those received, those of them that could not be read, and those that never came."""

    received: int = 0
    unreadable: int = 0
    dropped: int = 0


@dataclass(slots=True)
class Accounts:
    """The accounts of all layers, and for each look at the writable tree its entries and the bytes of its files."""

    layers: dict[Layer, Account] = field(
        default_factory=lambda: {
            "syscall": Account(),
            "packet": Account(),
            "filesystem": Account(),
            "interpreter": Account(),
        }
    )
    trees: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, layer: Layer, received: int, unreadable: int = 0, dropped: int = 0) -> None:
        """Adds to a layer's account. `received` counts the unreadable ones too."""
        account = self.layers[layer]
        account.received += received
        account.unreadable += unreadable
        account.dropped += dropped
