"""From a file in `conf/` to a checked use case."""

import os
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from hitcast.declaration.use_case import UseCase
from hitcast.errors import UseCaseError

Named = TypeVar("Named", bound=BaseModel)


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
    return load_named(UseCase, name, folder or conf_folder(), "a use case")


def load_named(kind: type[Named], name: str, folder: Path, what: str) -> Named:
    """What the file `name` declares, whose `name` has to be the same.

    Args:
        kind: What it declares.
        name: Name of a file in `folder`, without its ending.
        folder: Where to look.
        what: What is expected, for people.

    Raises:
        UseCaseError: if there is no such file, or it is wrong: with key, value and what is allowed.
    """
    # Of the files that there are: what is no name may be a path that leads elsewhere.
    known = sorted(path.stem for path in folder.glob("*.yml") if path.is_file())
    if name not in known:
        raise UseCaseError(f"expected {what} among {known} (in {folder}), got {name!r}")
    path = folder / f"{name}.yml"
    found = _read_as(kind, path)
    named = dict(found).get("name")
    if named != name:
        raise UseCaseError(f"{path.name}: name is {named!r}; expected {name!r}, as the file")
    return found


def _read_as(kind: type[Named], path: Path) -> Named:
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
