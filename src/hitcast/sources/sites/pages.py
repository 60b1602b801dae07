"""Reads a site's pages by the CSS selectors that its declaration has."""

import codecs
import warnings
from urllib.parse import urldefrag, urljoin

import soupsieve
from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.dammit import EncodingDetector
from requests.utils import requote_uri

from hitcast.declaration.listings import Index, Taken
from hitcast.declaration.sites import Site
from hitcast.errors import SourceError
from hitcast.sources.sites.asking import Answer
from hitcast.sources.sites.failures import ENCODING, NO_PAGE, ItemError
from hitcast.sources.sites.reading import Found, Listed, Row
from hitcast.sources.sites.texts import text_of

# XHTML of old is read well enough as what browsers take it for.
warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)
HTML = ("", "text/html", "application/xhtml+xml")
REPLACED = "\ufffd"
LATIN = ("iso8859-1", "ascii")
"""What browsers take for Windows' own encoding, and pages that say so are mostly written in."""


class PageReader:
    """Reads the pages of one site; for the rest see `Reader`."""

    def __init__(self, name: str, site: Site) -> None:
        """Take the site's selectors.

        Args:
            name: What conf calls the site.
            site: Has `index` and `item`.

        Raises:
            SourceError: if one is no CSS selector.
        """
        assert site.index is not None
        self.index: Index = site.index
        self.ends_with = site.ends_with
        self._site = site
        selectors = {"index.items": self.index.items, "index.next": self.index.next}
        selectors |= {f"item.{column}": taken.select for column, taken in site.item.items()}
        for where, selector in selectors.items():
            try:
                soupsieve.compile(selector or "a")
            except soupsieve.SelectorSyntaxError as error:
                told = str(error).splitlines()[0]
                raise SourceError(
                    f"sites.{name}.{where}: expected a CSS selector, got {selector!r} ({told})"
                ) from None

    def listed(self, answer: Answer) -> Listed:
        """The items' addresses, in the page's order, and that of the next page."""
        page = self._parsed(answer)
        base = urljoin(answer.address, _attribute(page.select_one("base[href]"), "href"))
        items = [self._joined(base, link) for link in page.select(self.index.items)]
        following = page.select_one(self.index.next) if self.index.next else None
        return Listed(
            [Found(address) for address in dict.fromkeys(items) if address],
            (self._joined(base, following) or None) if following else None,
        )

    def item(self, answer: Answer) -> Row:
        """The texts of the columns; None where the selector finds none."""
        page = self._parsed(answer)
        row = {column: _taken(page, taken) for column, taken in self._site.item.items()}
        spoilt = [column for column, text in row.items() if text and REPLACED in text]
        if spoilt:
            raise ItemError(
                ENCODING,
                f"{spoilt} hold bytes that are none of the encoding that the page names; see "
                "encoding in conf/",
            )
        return row

    def _parsed(self, answer: Answer) -> BeautifulSoup:
        if answer.type not in HTML:
            raise ItemError(NO_PAGE, f"expected a web page, got {answer.type}")
        name = self._site.encoding or _encoding(answer)
        try:
            return BeautifulSoup(answer.body.decode(name, "replace"), "html.parser")
        except (RecursionError, AssertionError, ValueError) as error:
            raise ItemError(NO_PAGE, f"can't be read ({type(error).__name__})") from None

    def _joined(self, base: str, link: Tag) -> str:
        """Where a link leads, without a place within the page; empty where it leads nowhere."""
        href = _attribute(link, "href").strip()
        try:
            address = requote_uri(urldefrag(urljoin(base, href)).url) if href else ""
        except ValueError:
            return ""
        # Links of old are from before the site had https.
        plain = self._site.origin.replace("https://", "http://", 1) + "/"
        return (
            address.replace("http://", "https://", 1)
            if (plain != self._site.origin + "/" and address.startswith(plain))
            else address
        )


def _encoding(answer: Answer) -> str:
    """The encoding that a page names: by its first bytes, its header, itself; else UTF-8."""
    body, found = EncodingDetector.strip_byte_order_mark(answer.body)
    named = found or answer.charset or EncodingDetector.find_declared_encoding(body, is_html=True)
    try:
        name = codecs.lookup(named or "utf-8").name
    except LookupError:
        return "utf-8"
    if name in LATIN:
        return "cp1252"
    return "utf-8-sig" if name == "utf-8" else name


def _attribute(tag: Tag | None, name: str) -> str:
    value = tag.get(name) if tag is not None else None
    return " ".join(value) if isinstance(value, list) else value or ""


def _taken(page: BeautifulSoup, taken: Taken) -> str | None:
    found = page.select(taken.select, limit=0 if taken.every else 1)
    if taken.attribute:
        texts = [_attribute(element, taken.attribute) for element in found]
    else:
        try:
            texts = [text_of(element, breaks=taken.breaks) for element in found]
        except RecursionError:
            raise ItemError(NO_PAGE, "its elements are too deep in each other") from None
    return ("\n" if taken.breaks else " ").join(text for text in texts if text) or None
