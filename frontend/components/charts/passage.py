"""A text with the words that decided marked in it, each by what it adds or takes away."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from components.charts.palette import DOWN, FILL
from components.matching import Effect, Piece, pieces
from components.words import NO_DIFFERENCE, points

MARKED = 60
"""So many words are marked, those that count most: of more, none would stand out."""
WEAKEST, STRONGEST = 0.12, 0.5
"""How much of its colour a word's ground has."""
TALL = 460
"""Pixels of the text before it scrolls."""
FRAME = (
    f"max-height:{TALL}px;overflow-y:auto;white-space:pre-wrap;overflow-wrap:anywhere;"
    "line-height:1.7;padding:0.75rem 1rem;border:1px solid #88888866;border-radius:0.5rem"
)


def show(text: str, effects: Sequence[Effect], of: str, name: str) -> None:
    """Draw the text and say what the marks mean.

    Args:
        text: As it was typed: it is shown as it stands, whatever it holds.
        effects: What its words do, as `/explain` tells it.
        of: What the probability is that of.
        name: What the text is called.
    """
    marked = [e for e in effects if abs(e["effect"]) >= NO_DIFFERENCE][:MARKED]
    # Not as Markdown, which a text may hold: HTML of which each piece is escaped.
    st.html(as_html(pieces(text, marked), name) + legend(marked, of))


def as_html(found: Sequence[Piece], name: str) -> str:
    """The pieces of a text as HTML."""
    most = max((abs(piece.effect["effect"]) for piece in found if piece.effect), default=1.0)
    inner = "".join(
        escape(piece.text) if piece.effect is None else _mark(piece.text, piece.effect, most)
        for piece in found
    )
    told = escape(f"{name}, with the words that decided")
    # As a place of its own it can be scrolled by keys.
    place = f'role="region" aria-label="{told}" tabindex="0" dir="auto"'
    return f'<div {place} style="{FRAME}">{inner}</div>'


def legend(effects: Sequence[Effect], of: str) -> str:
    """What the marks mean, in the marks that there are."""
    told = []
    if any(effect["effect"] > 0 for effect in effects):
        told.append(
            f"{_sample('underlined', up=True)} raises the probability of being {escape(of)}"
        )
    if any(effect["effect"] < 0 for effect in effects):
        what = "it" if told else f"the probability of being {escape(of)}"
        told.append(f"{_sample('dotted', up=False)} lowers {what}")
    if not told:
        return ""
    rest = "The stronger the colour, the more; a word's own points stand in its tooltip."
    return f'<p style="font-size:0.875rem;margin:0.5rem 0 0">{"; ".join(told)}. {rest}</p>'


def _mark(text: str, effect: Effect, most: float) -> str:
    size = effect["effect"]
    share = WEAKEST + (STRONGEST - WEAKEST) * abs(size) / most
    tip = escape(f"{effect['word']}: {points(size)}")
    return f'<mark title="{tip}" style="{_style(up=size > 0, share=share)}">{escape(text)}</mark>'


def _sample(text: str, *, up: bool) -> str:
    return f'<mark style="{_style(up=up, share=STRONGEST)}">{escape(text)}</mark>'


def _style(*, up: bool, share: float) -> str:
    """Ground and line of a word: the line tells the two apart for who sees no colours."""
    color, line = (FILL, "solid") if up else (DOWN, "dotted")
    ground = f"{color}{round(255 * share):02x}"
    return f"background:{ground};color:inherit;border-bottom:2px {line} {color};padding:0 1px"
