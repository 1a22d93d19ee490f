"""What requests may say. Everything is bounded: what is longer, deeper or of another type is refused before it is looked at."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from goldleaf.core import Split

Name = Annotated[str, Field(min_length=1, max_length=100)]
RecordId = Annotated[str, Field(min_length=1, max_length=1000)]
Password = Annotated[str, Field(min_length=1, max_length=1000)]
Link = Annotated[str, Field(min_length=1, max_length=200)]
Held = Annotated[list[RecordId], Field(max_length=200)]
Values = Annotated[
    dict[str, Any],
    Field(
        max_length=100,
        description='A value a field: "label" or ["a", "b"] (choice), [[start, end, "LABEL"], ...] (spans, in code points), '
        "a label a token (tags)",
    ),
]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$")]
Number = Annotated[int, Field(ge=0, le=2**53)]
Page = Annotated[int, Field(ge=1, le=200)]
Column = Annotated[str, Field(min_length=1, max_length=200, description="The name of a column, or its number from 1")]
Share = Annotated[float, Field(ge=0, le=1)]


class Body(BaseModel):
    """A body with these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Body):
    """No parameters."""


class SetUp(Body):
    token: Link
    name: Name
    password: Password


class SignIn(Body):
    name: Name
    password: Password


class Invitation(Body):
    token: Link
    password: Password


class NewPassword(Body):
    old: Password
    new: Password


class NewToken(Body):
    label: Annotated[str, Field(min_length=1, max_length=200)]


class NewUser(Body):
    name: Name
    admin: bool = False


class NewProject(Body):
    name: Name
    template: Literal["ner", "classification", "intent-slots", "tags"] | None = None
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    labels: dict[str, list[str]] | list[str] | None = None


class Membership(Body):
    role: Literal["viewer", "annotator", "reviewer", "owner"]


class Settings(Body):
    """Only what is given changes."""

    overlap: Annotated[int | None, Field(ge=1, le=100)] = None
    order: Literal["file", "random", "priority"] | None = None
    lease_seconds: Annotated[int | None, Field(ge=10, le=86_400)] = None
    control_share: Share | None = None
    check_rate: Share | None = None
    suggestions: bool | None = None
    snap: bool | None = None
    blind: bool | None = None
    seed: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None


class GuidelinesText(Body):
    text: Annotated[str, Field(max_length=500_000)]


class Note(Body):
    definition: Annotated[str, Field(max_length=10_000)] = ""
    examples: Annotated[list[Annotated[str, Field(max_length=2000)]], Field(max_length=50)] = []
    color: Annotated[str | None, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = None


Notes = dict[str, dict[str, Note]]


class NewLabel(Body):
    field: Name
    label: Annotated[str, Field(min_length=1, max_length=200)]


class ChangedLabel(Body):
    field: Name
    label: Annotated[str, Field(min_length=1, max_length=200)]
    to: Annotated[
        Annotated[str, Field(min_length=1, max_length=200)] | None,
        Field(description="A new name, another label to merge it into, or null to remove it"),
    ]


class GuidelinesVersion(Body):
    version: Number | None = None


class Wanted(Body):
    count: Annotated[int, Field(ge=1, le=20)] = 3
    have: Held = []


class Answer(Body):
    id: Uuid
    record: RecordId
    values: Values
    status: Literal["submitted", "skipped", "flagged"] = "submitted"
    reason: Annotated[str | None, Field(max_length=2000)] = None
    comment: Annotated[str | None, Field(max_length=10_000)] = None
    seconds: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    schema_version: Annotated[int, Field(ge=1, le=2**31)] = 1
    supersedes: Annotated[
        Number | Uuid | None,
        Field(description="The own answer that this one corrects: its annotation, or the id it was sent under"),
    ] = None
    suggested: Values = {}
    want: Annotated[int, Field(ge=0, le=20)] = 1
    have: Held = []


class Records(Body):
    records: Held


class Draft(Body):
    values: Values
    pending: Annotated[
        Values | None, Field(description="What of the suggestions is neither accepted nor dismissed, as values")
    ] = None
    seconds: Annotated[float | None, Field(ge=0, le=86_400)] = None


class HistoryPage(Body):
    before: Number | None = None
    limit: Page = 50


class Decision(Body):
    id: Uuid
    values: Values
    comment: Annotated[str | None, Field(max_length=10_000)] = None


class ReviewPage(Body):
    after: Annotated[str | None, Field(max_length=100)] = None
    limit: Page = 50


BrowseStatus = Literal[
    "gold", "adjudicated", "imported", "aggregated", "flagged", "provisional", "leased", "skipped", "open", "surplus"
]


class Browse(Body):
    field: Name | None = None
    label: Annotated[str | None, Field(max_length=200)] = None
    annotator: Name | None = None
    status: BrowseStatus | None = None
    min_score: Share | None = None
    max_score: Share | None = None
    q: Annotated[str | None, Field(max_length=500)] = None
    split: Split | Literal["none"] | None = None
    after: Number | None = None
    limit: Page = 50


class Import(Body):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    format: Literal["auto", "jsonl", "csv", "tsv", "txt", "conll", "labels"] = "auto"
    as_: Annotated[Literal["gold", "annotations", "suggestions"], Field(alias="as")] = "gold"
    field: Name | None = None
    text_column: Column | None = None
    label_column: Column | None = None
    annotator: Name | None = None
    split: Split | None = None
    add_labels: bool = False


class Export(Body):
    format: Literal["jsonl", "csv", "tsv", "conll", "labels"] = "jsonl"
    what: Literal["gold", "annotations"] = "gold"
    field: Name | None = None
    split: Split | None = None
