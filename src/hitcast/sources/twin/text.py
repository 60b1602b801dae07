"""Invents the twin's artist names, track names and track ids.

Words are put together from syllables written for this module, so no real name is copied. What is
kept of the real file is its awkwardness: accents and other scripts, commas, quotes within names.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]

BASE62 = np.frombuffer(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype=np.uint8
)
ID_LENGTH = 22

PLAIN = (
    "bra cel dor fen gal hul jor kel lum mar nev ola pri qua ros sil tav ulm ven wex yar zor "
    "bel cor dun fal gri han isk jul kor lev mon nur orm pel rav sen tor vul wil ash ber"
).split()
ACCENTED = "brá çel dör fén gål ñul jör kél lûm mãr név ôla prí ção røs šil täv úlm vên żor".split()
SCRIPTS: dict[str, Sequence[str]] = {
    "plain": PLAIN,
    "accented": [*ACCENTED, *PLAIN[:20]],
    "han": list("山水月風雲花夜星海光雨雪心夢火木金石天地春秋冬夏"),
    "hangul": list("가나다라마바사아자차카타파하고노도로모보소오"),
    "cyrillic": "бра вел гор дел жар зов кол лин мор нев рос сил тур хол чер".split(),
    "devanagari": "का रा मी सु ने गो ला ती पा वि मो ना".split(),
}
# How often names of a genre leave ASCII, and by which script.
ABROAD = {
    "cantopop": ("han", 0.85), "k-pop": ("hangul", 0.25), "indian": ("devanagari", 0.05),
    "romance": ("cyrillic", 0.45), "black-metal": ("cyrillic", 0.10), "forro": ("accented", 0.55),
    "sertanejo": ("accented", 0.55), "samba": ("accented", 0.45), "spanish": ("accented", 0.45),
    "salsa": ("accented", 0.35), "french": ("accented", 0.35), "swedish": ("accented", 0.30),
    "opera": ("accented", 0.25), "tango": ("accented", 0.25), "guitar": ("accented", 0.20),
    "german": ("accented", 0.20), "party": ("accented", 0.20), "heavy-metal": ("accented", 0.20),
    "punk-rock": ("accented", 0.20), "afrobeat": ("accented", 0.20), "sad": ("accented", 0.15),
    "singer-songwriter": ("accented", 0.20), "classical": ("accented", 0.15),
    "pop": ("accented", 0.15), "ska": ("accented", 0.10), "rock": ("accented", 0.10),
}  # fmt: skip
ELSEWHERE = ("accented", 0.035)
VOCABULARY = 4_000  # words a script

# {0} to {2} are invented words; the weights make 3.6 % of lines hold a comma, 1.1 % a quote.
ARTIST_PATTERNS = {
    "{0} {1}": 52, "{0}": 24, "The {0} {1}": 9, "DJ {0}": 3, "{0} & {1}": 5,
    "{0} {1} {2}": 5, "{0}, {1} & {2}": 0.6, "{0} and the {1}s": 1.4,
}  # fmt: skip
TRACK_PATTERNS = {
    "{0} {1}": 40, "{0}": 20, "{0} {1} {2}": 14, "{0} {1} - Live": 4, "{0} - Remastered": 3,
    "{0} {1} (feat. {2})": 5, "{0} - {1} Remix": 4, "{0}: {1} in {2}": 1.6, "{0}, {1}": 2.0,
    "{0}, {1}, {2}": 0.9, '{0} (From "{1} {2}")': 0.6, '"{0}" {1}': 0.3, '{0} "{1}"': 0.2,
    "{0}'s {1}": 4,
}  # fmt: skip


def track_ids(count: int, rng: np.random.Generator) -> list[str]:
    """Draw ids of 22 letters and digits; two alike are as good as impossible (62 ** 22 exist)."""
    codes = rng.integers(0, len(BASE62), size=(count, ID_LENGTH), dtype=np.uint8)
    ids = np.ascontiguousarray(BASE62[codes]).view(f"S{ID_LENGTH}").ravel()
    names: list[str] = ids.astype(f"U{ID_LENGTH}").tolist()
    return names


def artist_names(genre: Codes, genres: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Invent one name an artist, no two alike.

    Args:
        genre: Genre of each artist, as an index into `genres`.
        genres: Names of the genres; some have scripts of their own.
        rng: Source of chance.
    """
    names = _invented(ARTIST_PATTERNS, genre, genres, 0.5, rng)
    taken: set[str] = set()
    for number, name in enumerate(names):
        while name in taken:
            name = f"{name} {PLAIN[number % len(PLAIN)].title()}"
        taken.add(name)
        names[number] = name
    return names


def track_names(genre: Codes, genres: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Invent one name a track; names may recur, as in the real file."""
    return _invented(TRACK_PATTERNS, genre, genres, 0.8, rng)


def _invented(
    patterns: dict[str, float],
    genre: Codes,
    genres: Sequence[str],
    abroad_factor: float,
    rng: np.random.Generator,
) -> list[str]:
    """Fill patterns with words of each name's script.

    Args:
        patterns: Patterns and their weights.
        genre: Genre of each name, as an index into `genres`.
        genres: Names of the genres.
        abroad_factor: Share of a genre's foreign lines that owe it to this kind of name.
        rng: Source of chance.
    """
    scripts = list(SCRIPTS)
    abroad = [ABROAD.get(name, ELSEWHERE) for name in genres]
    script_of = np.array([scripts.index(script) for script, _ in abroad])
    share_of = np.array([share for _, share in abroad]) * abroad_factor
    away = rng.random(len(genre)) < share_of[genre]
    script = np.where(away, script_of[genre], 0)
    weights = np.cumsum(list(patterns.values()))
    chance = rng.random(len(genre)) * weights[-1]
    pattern = np.searchsorted(weights, chance, side="right")
    word = rng.integers(0, VOCABULARY, size=(3, len(genre)))
    # Low numbers come up more often: names recur, as words do.
    word = (word * word // VOCABULARY) if patterns is TRACK_PATTERNS else word
    words = np.array([_vocabulary(syllables, rng) for syllables in SCRIPTS.values()], dtype=object)
    fill = [text.format for text in patterns]
    chosen = words[script, word]
    return [
        fill[kind](first, second, third)
        for kind, first, second, third in zip(pattern.tolist(), *chosen.tolist(), strict=True)
    ]


def _vocabulary(syllables: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Put words of two or three syllables together."""
    parts = rng.integers(0, len(syllables), size=(VOCABULARY, 3))
    lengths = rng.integers(2, 4, size=VOCABULARY)
    return [
        "".join(syllables[part] for part in row[:length]).title()
        for row, length in zip(parts.tolist(), lengths.tolist(), strict=True)
    ]
