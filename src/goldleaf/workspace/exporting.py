"""Export: a project's records with their gold or annotations, into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from goldleaf.core import InputError, Scheme, Split
from goldleaf.formats import write_items
from goldleaf.store import get_project
from goldleaf.text import Segmenter
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.resolve import examples

What = Literal["gold", "annotations"]


def export_file(
    ws: Workspace,
    path: Path | str,
    *,
    project: str = "default",
    format: str,
    what: What = "gold",
    field: str | None = None,
    split: Split | None = None,
    scheme: Scheme = "IOB2",
    segment: Segmenter | None = None,
) -> int:
    """Write a project's records, in order of import, with their gold or with every annotation; how many records were written.

    The file is whole or not there. `field` and `split` choose what is written, `scheme` and `segment` how spans become tags.
    """
    options: dict[str, Any] = {"field": field, "scheme": scheme, "segment": segment}
    with ws.store.read() as c:
        key, found = get_project(c, project)
        if field is not None:
            _ = found.schema[field]
        if what == "gold":
            rows = (example for _, example in examples(c, key, found.schema, split=split))
            return write_items(Path(path), format, found.schema, rows, **options)
        raise InputError("annotations cannot be exported yet")
