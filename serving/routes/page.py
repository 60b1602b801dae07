"""`/`: a page on which people ask about one row; it makes its form of what `/schema` tells."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from serving.access import Access, AccessRoute, needs

FOLDER = Path(__file__).parents[1] / "page"
PAGE = "page.html"
PARTS = ("page.css", "page.js", "api.js", "answer.js", "fields.js", "words.js")
"""What the page loads, in `serving/page/`."""
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""The page runs its own scripts alone, and speaks to this API alone."""
router = APIRouter(route_class=AccessRoute, include_in_schema=False)


@router.get("/")
@needs(Access.OPEN)
async def page() -> Response:
    """The page itself."""
    return _sent(PAGE)


@router.get("/page/{name}")
@needs(Access.OPEN)
async def part(name: str) -> Response:
    """A script or the style sheet of the page."""
    if name not in PARTS:
        raise HTTPException(404)
    return _sent(name)


@cache
def _read(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def _sent(name: str) -> Response:
    headers = {"Content-Security-Policy": POLICY}
    return Response(_read(name), headers=headers, media_type=TYPES[Path(name).suffix])
