"""`/reports`: what jobs have found about experiments."""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from serving.access import AccessRoute
from serving.api import api_of
from serving.responses import RESPONSES, Answer

router = APIRouter(tags=["experiments"], route_class=AccessRoute, responses=RESPONSES)


class ReportsAnswer(BaseModel):
    """Reports, newest first."""

    experiments: list[dict[str, Any]] = Field(description="as jobs/experiment.py writes them")


@router.get("/reports", summary="What jobs found about experiments", response_model=ReportsAnswer)
async def reports(
    request: Request,
    experiment: Annotated[str | None, Query(max_length=64, description="this one alone")] = None,
) -> Response:
    """List the reports that lie in the home folder; none where no job has written any."""
    found = await asyncio.to_thread(api_of(request).reports.read, experiment)
    # What was read may hold half characters, which UTF-8 can't write.
    return Answer(json.dumps({"experiments": found}).encode())
