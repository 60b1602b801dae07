"""What an endpoint serves: versions as served entities, each with its share of the traffic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hitcast.errors import EndpointError

ALL = 100
"""Per cent of the traffic."""


@dataclass(frozen=True)
class Layout:
    """Served entities, and how many per cent of the traffic each gets.

    Attributes:
        entities: The SDK's `ServedEntityInput`, one a version.
        shares: Per cent of the traffic by an entity's name.
    """

    entities: tuple[Any, ...] = ()
    shares: Mapping[str, int] | None = None

    @classmethod
    def of(cls, config: Any) -> "Layout":
        """The layout of an endpoint's active config; empty where there is none yet."""
        found = list(config.served_entities or []) if config is not None else []
        names = [entity.name for entity in found]
        traffic = config.traffic_config if config is not None else None
        shares = dict.fromkeys(names, ALL if len(names) == 1 else 0)
        for route in (traffic.routes or []) if traffic is not None else []:
            # The SDK of older runtimes has the one name only.
            name = getattr(route, "served_entity_name", None) or route.served_model_name
            shares[name] = route.traffic_percentage
        return cls(tuple(_as_input(entity) for entity in found), shares)

    @classmethod
    def only(cls, entity: Any) -> "Layout":
        """One entity with all the traffic."""
        return cls((entity,), {entity.name: ALL})

    def with_waiting(self, entity: Any) -> "Layout":
        """What has traffic, and one more entity that has none."""
        kept = self.with_traffic()
        return Layout((*kept.entities, entity), {**(kept.shares or {}), entity.name: 0})

    def with_traffic(self) -> "Layout":
        """Only the entities that have traffic."""
        shares = {name: share for name, share in (self.shares or {}).items() if share > 0}
        return Layout(tuple(e for e in self.entities if e.name in shares), shares)

    def find(self, number: int) -> Any:
        """The entity of a version, or None."""
        found = (e for e in self.entities if str(e.entity_version) == str(number))
        return next(found, None)

    def share(self, number: int) -> int:
        """Per cent of the traffic that a version gets."""
        entity = self.find(number)
        return 0 if entity is None else (self.shares or {}).get(entity.name, 0)

    def is_only(self, entity: Any) -> bool:
        """Whether there is one entity, on the compute that `entity` asks for."""
        asked = ("workload_size", "scale_to_zero_enabled")
        wanted = [getattr(entity, name) for name in asked]
        return [[getattr(e, name) for name in asked] for e in self.entities] == [wanted]

    def serving(self) -> tuple[int, ...]:
        """The versions that have traffic, most of it first."""
        numbers = [int(entity.entity_version) for entity in self.with_traffic().entities]
        return tuple(sorted(numbers, key=lambda number: -self.share(number)))

    def refuse_others(self, endpoint: str, model: str) -> None:
        """Leave an endpoint alone that serves something else.

        Raises:
            EndpointError: if it has an entity that is no version of `model`.
        """
        others = sorted({str(e.entity_name) for e in self.entities if e.entity_name != model})
        if others:
            raise EndpointError(
                f"expected the endpoint {endpoint} to serve {model} or nothing, got {others}; "
                "name another one with --endpoint, or delete that one"
            )

    def arguments(self) -> dict[str, Any]:
        """The layout as arguments of the SDK's calls."""
        from databricks.sdk.service.serving import Route, TrafficConfig

        routes = [
            Route(served_model_name=name, traffic_percentage=share)
            for name, share in (self.shares or {}).items()
        ]
        return {
            "served_entities": list(self.entities),
            "traffic_config": TrafficConfig(routes=routes),
        }

    def told(self) -> str:
        """The layout in words."""
        parts = [f"version {n} ({self.share(n)} %)" for n in self.serving()]
        return " and ".join(parts) or "no version"


def entity_of(model: str, number: int, workload_size: str, *, always_on: bool) -> Any:
    """The served entity of a version, which sleeps when nobody asks, if it is not always on."""
    from databricks.sdk.service.serving import ServedEntityInput

    return ServedEntityInput(
        name=f"version-{number}",
        entity_name=model,
        entity_version=str(number),
        workload_size=workload_size,
        scale_to_zero_enabled=not always_on,
    )


def _as_input(entity: Any) -> Any:
    """An entity as it was told, in the form in which it can be asked for."""
    from databricks.sdk.service.serving import ServedEntityInput

    told = entity.as_dict()
    if told.get("workload_size"):
        # Both may be told; only one of the two may be asked for.
        for name in ("min_provisioned_concurrency", "max_provisioned_concurrency"):
            told.pop(name, None)
    return ServedEntityInput.from_dict(told)
