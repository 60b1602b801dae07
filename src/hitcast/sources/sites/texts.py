"""The text of an element, as people see it on a page."""

import re

from bs4.element import CData, NavigableString, Tag

SPACE = re.compile("[ \t\n\r\f]+")
BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figure", "footer")
    + ("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "section")
    + ("table", "tr", "ul")
)
PARAGRAPHS = frozenset(("p", "pre"))
UNSEEN = frozenset(("script", "style", "template", "noscript", "head"))
# Marks within a text that is being put together; pages have no such signs.
BLOCK, PARAGRAPH, BLANK = "\x01", "\x02", "\x03"
MARKS = str.maketrans("", "", BLOCK + PARAGRAPH + BLANK)


def text_of(element: Tag, *, breaks: bool) -> str:
    """The text of an element; nothing is mended or left out of what is seen.

    Args:
        element: The element.
        breaks: Whether lines and paragraphs stay apart (a paragraph by an empty line); else white
            space of any kind is one blank.
    """
    text = _written(element, _in_pre(element))
    if not breaks:
        marks = f"[ \t\n\r\f{BLOCK}{PARAGRAPH}{BLANK}]+"
        return re.sub(marks, " ", text).strip(" ")
    # One blank first: looking for the rest takes no more than the text's length then.
    text = re.sub(" ?\n ?", "\n", re.sub(" +", " ", text))
    # A line break before a block's end is not seen.
    text = re.sub(rf"[ {BLOCK}{PARAGRAPH}]*\n?[ {BLOCK}{PARAGRAPH}]*[{BLOCK}{PARAGRAPH}]"
                  rf"[ {BLOCK}{PARAGRAPH}]*", _apart, text)  # fmt: skip
    return text.strip(" \n").replace(BLANK, " ")


def _apart(found: re.Match[str]) -> str:
    return "\n\n" if PARAGRAPH in found.group() else "\n"


def _written(element: Tag, as_is: bool) -> str:
    parts = []
    for child in element.children:
        if isinstance(child, Tag):
            parts.append(_of_tag(child, as_is))
        # Comments, scripts and the like are kinds of their own.
        elif type(child) in (NavigableString, CData):
            text = str(child).translate(MARKS)
            parts.append(_as_is(text) if as_is else SPACE.sub(" ", text))
    return "".join(parts)


def _of_tag(tag: Tag, as_is: bool) -> str:
    if tag.name == "br":
        return "\n"
    if tag.name in UNSEEN:
        return ""
    text = _written(tag, as_is or tag.name == "pre")
    mark = PARAGRAPH if tag.name in PARAGRAPHS else BLOCK if tag.name in BLOCKS else ""
    return f"{mark}{text}{mark}"


def _as_is(text: str) -> str:
    return text.replace("\r\n", "\n").replace(" ", BLANK)


def _in_pre(element: Tag) -> bool:
    return element.name == "pre" or element.find_parent("pre") is not None
