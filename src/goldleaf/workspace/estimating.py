"""What a training will cost, said before it is begun."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.bundle import check_vacant
from goldleaf.snapshot import Dataset
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.modelling import evaluate, import_training
from goldleaf.workspace.snapshotting import preview_snapshot

if TYPE_CHECKING:
    from goldleaf.train import Estimate, Recipe


def estimate(
    dataset: Dataset,
    *,
    recipe: Recipe | None = None,
    out: Path | str | None = None,
    force: bool = False,
    started: float | None = None,
) -> Estimate:
    """Say how long `train` would take and how much memory, by running a little of each of its parts on this machine; nothing is written.

    The peak of memory is that of this process, so a process that has just begun gives the best answer. `started` (`time.perf_counter()`)
    counts what was prepared before the call. Raises what `train` would raise before it learns.
    """
    started = time.perf_counter() if started is None else started
    room = import_training()
    if out is not None:
        check_vacant(Path(out))

    def finish(folder: Path, data: Dataset) -> None:
        evaluate(folder, data.test, train=data.train).save_html(folder / "report.html")

    return room.estimate(dataset, recipe or room.Recipe(), force=force, finish=finish, started=started)


def estimate_project(ws: Workspace, project: str = "default", **options: Any) -> Estimate:
    """Estimate a training on what a snapshot of the project would hold now; see `estimate`. No snapshot is taken."""
    started = time.perf_counter()
    return estimate(preview_snapshot(ws, project), started=started, **options)
