"""The ceiling: FastAPI and onnxruntime with the API's request model, and nothing else.

Run by `benchmarks.serving` as `uvicorn benchmarks.bare_api:app`, `SCORER` naming a scorer's folder.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI

from hitcast.declaration.loading import load_use_case
from hitcast.portable.card import CARD_FILE, MODEL_FILE, Card
from serving.row_models import row_model

FOLDER = Path(os.environ["SCORER"])
CARD = Card.from_json((FOLDER / CARD_FILE).read_text())
OPTIONS = ort.SessionOptions()
OPTIONS.intra_op_num_threads = 1
SESSION = ort.InferenceSession(FOLDER / MODEL_FILE, OPTIONS)
TYPES = {column.name: object if column.kind == "text" else np.float64 for column in CARD.inputs}
Track: Any = row_model(load_use_case())

app = FastAPI()


@app.post("/predict")
async def predict(track: Track) -> dict[str, int]:
    """Answer one track."""
    row = track.model_dump(by_alias=True)
    feeds = {name: np.array([[row[name]]], kind) for name, kind in TYPES.items()}
    (probability,) = SESSION.run(["probability"], feeds)[0]
    return {CARD.output: int(probability >= CARD.threshold)}
