"""An answer of the Open Inference Protocol: a tensor an output, in JSON or as bytes after it."""

from collections.abc import Sequence
from typing import Any

import orjson

from hitcast.portable.card import probability_names
from serving.responses import After, Answer
from serving.routes.protocols.infer_request import HEADER, Inference
from serving.routes.protocols.tensors import LABELS, bytes_of
from serving.scoring import Scored


class BinaryAnswer(Answer):
    """A 200 with JSON and bytes behind it."""

    def __init__(
        self,
        head: bytes,
        values: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        after: After | None = None,
    ) -> None:
        length = (HEADER.lower().encode(), b"%d" % len(head))
        super().__init__(head + values, [*headers, length], after)
        self.raw_headers[-1] = (b"content-type", b"application/octet-stream")


def written(inference: Inference, scored: Scored) -> tuple[bytes, bytes]:
    """The answer's JSON, and the bytes behind it."""
    asked, scores = scored.asked, scored.scores
    card = asked.served.scorer.card
    held: dict[str, tuple[str, Sequence[Any]]] = {
        card.output: (LABELS[bool(card.classes)], scores.labels),
        **{
            name: ("FP64", column)
            for name, column in zip(probability_names(card.classes), scores.columns(), strict=True)
        },
    }
    shape, outputs, parts = [len(scores.labels)], [], []
    for name, binary in inference.outputs:
        datatype, values = held[name]
        output: dict[str, Any] = {"name": name, "datatype": datatype, "shape": shape}
        if binary:
            parts.append(bytes_of(datatype, values))
            output["parameters"] = {"binary_data_size": len(parts[-1])}
        else:
            output["data"] = values
        outputs.append(output)
    found = {
        "model_name": asked.api.settings.model_name,
        "model_version": str(asked.served.number),
        "parameters": {"prediction_id": asked.prediction_id},
        "outputs": outputs,
    }
    if inference.id is not None:
        found["id"] = inference.id
    return orjson.dumps(found), b"".join(parts)


def answer_of(
    head: bytes,
    values: bytes,
    headers: Sequence[tuple[bytes, bytes]],
    after: After | None = None,
) -> Answer:
    """The response: JSON alone, or with bytes behind it; and what is done once it is sent."""
    if values:
        return BinaryAnswer(head, values, headers, after)
    return Answer(head, headers, after)
