"""Use cases: one YAML file in `conf/` each, loaded into a frozen, validated `UseCase`.

A use case is the only source of column names, types, units, ranges, the label rule, candidates
and gates. Everything else in the package is generic.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from pydantic import Field, model_validator

from hitcast.declaration.candidates import OF_TWO_CLASSES, Candidate, Family, check_family
from hitcast.declaration.columns import MODELLED, Column
from hitcast.declaration.derived import Derived, with_derived
from hitcast.declaration.keys import EVERY, HashedKey, with_key_column
from hitcast.declaration.label import Label, with_classes
from hitcast.declaration.names import check_aliases, check_names
from hitcast.declaration.sections import (
    OF_MORE,
    OF_TWO,
    Gates,
    Profiles,
    Promotion,
    Section,
    Source,
    Split,
    Training,
    Views,
    Words,
)
from hitcast.declaration.sites import Site, SiteName
from hitcast.declaration.source import with_source
from hitcast.errors import SourceError, UseCaseError


class UseCase(Section):
    """A declaration of what is predicted, from which columns, by which candidates."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    entity: str
    source: Source
    sources: Mapping[str, Source] = {}
    key: str
    made_key: HashedKey | None = None
    group: str | None = None
    label: Label
    split: Split
    columns: tuple[Column, ...]
    derive: tuple[Derived, ...] = ()
    training: Training
    candidates: Mapping[Family, Candidate] = Field(min_length=1)
    gates: Gates = Gates()
    promotion: Promotion = Promotion()
    profiles: Profiles | None = None
    views: Views = Views()
    words: Words = Words()
    sites: Mapping[SiteName, Site] = {}

    @model_validator(mode="before")
    @classmethod
    def _names_come_from_the_keys(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("columns"), dict):
            named = [
                {"name": name, **column} if isinstance(column, dict) else column
                for name, column in data["columns"].items()
            ]
            data = {**data, "columns": named}
        if not isinstance(data, dict):
            return data
        return with_classes(with_key_column(with_source(with_derived(data))))

    @model_validator(mode="after")
    def _names_can_be_columns(self) -> "UseCase":
        names = [*self.column_names, *(c.name for c in self.derive)]
        check_names(names, self.label.output)
        check_aliases(self.column_names, [a for c in self.columns for a in c.aliases])
        return self

    @model_validator(mode="after")
    def _roles_agree(self) -> "UseCase":
        named = {"key": self.key, "label": self.label.column}
        if self.group is not None:
            named["group"] = self.group
        for role, name in named.items():
            column = next((c for c in self.columns if c.name == name), None)
            if column is None or column.role != role:
                raise ValueError(f"{role} {name!r} needs a column of that name with role: {role}")
        for role in ("key", "group", "label"):
            count = sum(c.role == role for c in self.columns)
            if count != (role in named):
                raise ValueError(
                    f"{count} columns have role: {role}; allowed: {int(role in named)}"
                )
        for column in self.derive:
            column.check(self.columns)
        if not self.features:
            raise ValueError("no column has role: feature or context; at least one is needed")
        if not (self.column(self.key).required and self.column(self.label.column).required):
            raise ValueError("the columns of key and label need required: true")
        self.label.check(self.column(self.label.column))
        return self

    @model_validator(mode="after")
    def _split_names_no_input(self) -> "UseCase":
        if self.split.by is not None:
            column = next((c for c in self.columns if c.name == self.split.by), None)
            fits = column is not None and column.type != "text" and column.required
            if column is None or not fits or column.role != "identity":
                raise ValueError(
                    f"split.by {self.split.by!r} needs a column of that name with role: identity, "
                    "required: true and type: integer or number"
                )
        return self

    @model_validator(mode="after")
    def _classes_agree(self) -> "UseCase":
        more = len(self.label.classes) > 2
        wrong = sorted(OF_TWO if more else OF_MORE)
        named = [self.training.metric, *self.gates.at_least]
        found = [name for name in named if name in wrong]
        if found:
            count = "more classes than two" if more else "two classes"
            raise ValueError(f"training.metric and gates.at_least: {found} are not for {count}")
        refused = [name for name in OF_TWO_CLASSES if name in self.candidates]
        if more and refused:
            raise ValueError(f"candidates.{refused[0]}: it tells two classes apart, not more")
        for name in ("prior", "cost"):
            if more and getattr(self.training, name) is not None:
                raise ValueError(f"training.{name} is for two classes")
        return self

    @model_validator(mode="after")
    def _candidates_can_be_served(self) -> "UseCase":
        negative = [c.name for c in self.modelled() if c.may_be_negative]
        for family, candidate in self.candidates.items():
            check_family(family, candidate, negative)
            if self.texts and candidate.makes_components:
                raise ValueError(
                    f"candidates.{family}: pca of words takes memory by their number squared; "
                    "allowed: select, such as frequency:4000"
                )
        return self

    @model_validator(mode="after")
    def _views_name_inputs(self) -> "UseCase":
        self.views.check(self.features)
        return self

    @model_validator(mode="after")
    def _profiles_name_columns(self) -> "UseCase":
        if self.profiles is None:
            return self
        by = next((c for c in self.features if c.name == self.profiles.by), None)
        if by is None or by.type != "text" or by.vocabulary is not None:
            raise ValueError(
                f"profiles.by {self.profiles.by!r} needs a column of that name with type: text and "
                "role: context or feature"
            )
        unknown = sorted(set(self.profiles.shown) - set(self.column_names))
        if unknown:
            raise ValueError(f"profiles.shown names {unknown}; allowed: {list(self.column_names)}")
        shown = {self.profiles.by, *self.profiles.shown}
        private = [c.name for c in self.columns if c.private and c.name in shown]
        if private:
            raise ValueError(f"profiles show {private}, which are private: true")
        texts = sorted(self.texts & shown)
        if texts:
            raise ValueError(f"profiles show {texts}, whose words are nobody's to show")
        return self

    @model_validator(mode="after")
    def _sites_tell_declared_columns(self) -> "UseCase":
        for name, site in self.sites.items():
            try:
                site.check(self.source_names, self.needed)
            except ValueError as error:
                raise ValueError(f"sites.{name}: {error}") from None
        return self

    @cached_property
    def features(self) -> tuple[Column, ...]:
        """The model's inputs, in the order of the file: what it sees, or is computed of."""
        sources = {name for column in self.derive for name in column.of}
        return tuple(c for c in self.columns if c.role in MODELLED or c.name in sources)

    def modelled(self, without: Collection[str] = ()) -> tuple[Column, ...]:
        """What the model sees of its inputs: themselves, or what is computed of them.

        Args:
            without: Inputs that it is not given, nor anything that is computed of them.
        """
        seen = [c for c in self.columns if c.role in MODELLED and c.name not in without]
        return (*seen, *(c for c in self.derive if not set(c.of) & set(without)))

    @property
    def numbers(self) -> tuple[Column, ...]:
        """The model's inputs that are quantities."""
        return tuple(c for c in self.features if c.is_quantity)

    @cached_property
    def texts(self) -> frozenset[str]:
        """The inputs that are read word by word; what they hold is nobody's to show or to log."""
        return frozenset(c.name for c in self.features if c.vocabulary is not None)

    @cached_property
    def inputs(self) -> tuple[Column, ...]:
        """What a caller may hand in: the features, and the group's column where there is one."""
        return tuple(c for c in self.columns if c in self.features or c.role == "group")

    @property
    def many(self) -> str:
        """What several rows are called."""
        return self.words.many or f"{self.entity}s"

    @property
    def positive(self) -> str:
        """How a positive row is called, before its noun: "popular", for popular tracks."""
        return self.words.positive or self.label.positive or self.label.output

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of all declared columns, in the order of the file."""
        return tuple(c.name for c in self.columns)

    @property
    def reading(self) -> Any:
        """How lines are read, of each source if there are several; false where nothing is said."""
        if self.sources:
            return [[name, source.reading] for name, source in self.sources.items()]
        return self.source.reading

    def of_source(self, name: str | None) -> "UseCase":
        """The use case with one of its sources.

        Raises:
            SourceError: if it has no such source, or several and none is named.
        """
        if name is not None and name in self.sources:
            return self.model_copy(update={"source": self.sources[name]})
        allowed = f"one of {list(self.sources)}" if self.sources else "none: there is one source"
        raise SourceError(
            f"expected --source as conf/{self.name}.yml has it, {allowed}; got {name!r}"
        )

    @property
    def source_columns(self) -> tuple[Column, ...]:
        """The columns that extracts have: all but a key that is made."""
        return tuple(c for c in self.columns if self.made_key is None or c.role != "key")

    @property
    def source_names(self) -> tuple[str, ...]:
        """The names of the columns that extracts have."""
        return tuple(c.name for c in self.source_columns)

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which no line is good, or none has the key that it should."""
        every = self.made_key is not None and self.made_key.hash == EVERY
        keyed = () if every else self.key_parts
        return tuple(c.name for c in self.source_columns if c.required or c in keyed)

    @property
    def key_parts(self) -> tuple[Column, ...]:
        """The columns that a key is made of; none where the data has one."""
        made = self.made_key
        return tuple(map(self.column, made.of(list(self.source_names)))) if made else ()

    @property
    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        """The other names of the columns that have some."""
        return {c.name: c.aliases for c in self.source_columns if c.aliases}

    def named(self, found: Sequence[str]) -> list[str]:
        """The names that an extract has, with declared ones in the place of their aliases."""
        meant = {
            next((a for a in others if a in found), name): name
            for name, others in self.aliases.items()
            if name not in found
        }
        return [meant.get(name, name) for name in found]

    def column(self, name: str) -> Column:
        """Return the declared column called `name`.

        Raises:
            UseCaseError: if there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise UseCaseError(f"expected one of the columns {list(self.column_names)}, got {name!r}")
