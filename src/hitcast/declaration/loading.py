"""From a file in `conf/` to a checked use case."""

import os
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from hitcast.declaration.use_case import UseCase
from hitcast.errors import UseCaseError

Declared = TypeVar("Declared", bound=BaseModel)


class _UniqueKeys(yaml.SafeLoader):
    """YAML's safe loader, which refuses a key that stands twice; else the last would win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value!r} stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def conf_folder() -> Path:
    """The folder of declarations: `HITCAST_CONF`, else `conf/` here, else the package's own."""
    if "HITCAST_CONF" in os.environ:
        return Path(os.environ["HITCAST_CONF"])
    here = Path("conf")
    # A folder of that name may be something else: Databricks' drivers start in one that has it.
    return here if any(here.glob("*.yml")) else Path(__file__).parents[1] / "conf"


def load_use_case(name: str = "spotify", *, folder: Path | None = None) -> UseCase:
    """Load the use case `name`.

    Args:
        name: Name of a file in the folder of declarations, without its ending.
        folder: Where to look; `conf_folder()` if not given.

    Returns:
        The declaration, checked as a whole.

    Raises:
        UseCaseError: if there is no such file, or it is wrong: with key, value and what is allowed.
    """
    folder = folder or conf_folder()
    path = folder / f"{name}.yml"
    if not path.is_file():
        known = sorted(p.stem for p in folder.glob("*.yml"))
        raise UseCaseError(f"expected a use case among {known} (in {folder}), got {name!r}")
    use_case = read_as(UseCase, path)
    if use_case.name != name:
        raise UseCaseError(
            f"{path.name}: name is {use_case.name!r}; expected {name!r}, as the file"
        )
    return use_case


def read_as(kind: type[Declared], path: Path) -> Declared:
    """What a file declares.

    Raises:
        UseCaseError: if it is no YAML, or something in it is wrong: with key, value and what is
            allowed.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except yaml.YAMLError as error:
        raise UseCaseError(
            f"{path.name} is not valid YAML: {' '.join(str(error).split())}"
        ) from None
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise UseCaseError(f"{path.name}: {explained(error)}") from None


def explained(error: ValidationError) -> str:
    """Each problem as `key: what is allowed, got value`, in one line."""
    problems = []
    for problem in error.errors(include_url=False):
        key = ".".join(str(part) for part in problem["loc"]) or "the file"
        allowed = problem["msg"].removeprefix("Value error, ")
        value = (
            "" if isinstance(problem["input"], dict | BaseModel) else f", got {problem['input']!r}"
        )
        problems.append(f"{key}: {allowed}{value}")
    return "; ".join(problems)
