"""The public Python API: one function a verb, over an open workspace."""

from goldleaf.formats import ReadOptions
from goldleaf.workspace.exporting import export_file
from goldleaf.workspace.folder import (
    Workspace,
    create_project,
    init_workspace,
    is_workspace,
    open_project,
    open_workspace,
    projects,
)
from goldleaf.workspace.importing import ImportResult, import_file, import_files
from goldleaf.workspace.schemas import TEMPLATES, choose_schema, read_schema
from goldleaf.workspace.snapshotting import take_snapshot
from goldleaf.workspace.statistics import stats

__all__ = [
    "TEMPLATES",
    "ImportResult",
    "ReadOptions",
    "Workspace",
    "choose_schema",
    "create_project",
    "export_file",
    "import_file",
    "import_files",
    "init_workspace",
    "is_workspace",
    "open_project",
    "open_workspace",
    "projects",
    "read_schema",
    "stats",
    "take_snapshot",
]
