"""A home with three versions of a small model, which tell pop from techno."""

from pathlib import Path

from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import Registry
from hitcast.portable.insights import Insights, Profile
from hitcast.running.home import Home
from serving.row_models import example
from tests.copies import new_home
from tests.small_models import make_track_scorer, register_folder

BIASES = {1: -0.5, 2: -0.75, 3: 2.0}
"""P = sigmoid(bias + energy), threshold 0.5: 1 says popular from energy 0.5 on, 2 from 0.75."""
WHOLE_BATCH = 10_000
"""Rows that one call of the API scores at most, by default."""
BASE_RATES = {"pop": 0.4, "techno": 0.1}


def insights_of(use_case: UseCase) -> Insights:
    """Two genres; the typical track is the example but for its energy, pop 0.25 and techno 0.9."""
    row = example(use_case)
    numbers = tuple(c.name for c in use_case.features if c.type != "text")
    columns = {column.name: column for column in use_case.features}

    def quantiles(name: str) -> list[float]:
        if name == "duration_ms":
            return [120e3, 180e3, 210e3, 260e3, 400e3]
        low, high = columns[name].minimum or 0.0, columns[name].maximum or 1.0
        return [low + share * (high - low) for share in (0.05, 0.25, 0.5, 0.75, 0.95)]

    def profile(energy: float, base_rate: float) -> Profile:
        typical = {name: float(row[name]) for name in numbers} | {"energy": energy}
        spread = {name: quantiles(name) for name in numbers}
        return Profile(100, base_rate, typical, spread, spread)

    references: dict[str, list[object]] = {name: [row[name]] * 2 for name in numbers}
    references["energy"] = [0.1, 0.6437]
    references |= {"artist_name": ["Far", "Near"], "track_name": ["a", "b"], "popularity": [90, 60]}
    profiles = {
        "pop": profile(0.25, BASE_RATES["pop"]), "techno": profile(0.9, BASE_RATES["techno"]),
    }  # fmt: skip
    shown = ("artist_name", "track_name", "popularity")
    return Insights(
        "genre", numbers, shown, profile(0.5, 0.2), profiles, {"pop": references}, ("Daft Punk",)
    )


def make_home(folder: Path, use_case: UseCase) -> Home:
    """Versions 1 to 3, production is 1 and staging 2; version 3 was trained on generated rows."""
    home = new_home(folder)
    for number, bias in BIASES.items():
        generated = number == 3
        place = make_track_scorer(
            folder / f"{number}/scorer", use_case, bias, tuple(BASE_RATES), generated=generated
        )
        insights_of(use_case).save(place)
        row = example(use_case, optional=False)
        register_folder(home, use_case.name, place, row, generated=generated)
    registry = Registry(home, use_case.name)
    registry.set_alias("production", 1)
    registry.set_alias("staging", 2)
    return home
