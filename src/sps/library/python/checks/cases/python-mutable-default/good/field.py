from dataclasses import dataclass, field

@dataclass
class Basket:
    items: list[str] = field(default_factory=list)
    tags = []
