"""`/metrics`: what Prometheus scrapes."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from serving.access import AccessRoute
from serving.api import api_of
from serving.responses import RESPONSES

router = APIRouter(tags=["models"], route_class=AccessRoute, responses=RESPONSES)


@router.get(
    "/metrics", summary="Metrics of all workers for Prometheus", response_class=PlainTextResponse
)
async def metrics(request: Request) -> Response:
    """Tell what was counted and measured."""
    return api_of(request).metrics.answer()
