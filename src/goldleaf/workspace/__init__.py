"""The public Python API: one function a verb, over an open workspace."""

from goldleaf.annotate import ProjectSettings, Submission
from goldleaf.formats import ReadOptions
from goldleaf.workspace.aggregating import Aggregated, aggregate, describe_aggregation
from goldleaf.workspace.annotating import AnnotationDesk, Draft, Handed, Submitted
from goldleaf.workspace.bulk import BulkResult, predict_bulk
from goldleaf.workspace.demo import Demo, demo_file, run_demo
from goldleaf.workspace.estimating import estimate, estimate_project
from goldleaf.workspace.explaining import Explained, Neighbour, explain
from goldleaf.workspace.exporting import export_file
from goldleaf.workspace.finding_errors import LabelErrors, find_errors, find_errors_in_file, review_errors
from goldleaf.workspace.folder import (
    Workspace,
    create_project,
    init_workspace,
    is_workspace,
    open_project,
    open_workspace,
    projects,
)
from goldleaf.workspace.importing import STAGED, ImportResult, import_file, import_files
from goldleaf.workspace.judging import Labels, judge_annotators, labels_of, read_labels
from goldleaf.workspace.label_tables import gold_table, label_table, read_label_table, read_records_table, records_table
from goldleaf.workspace.learning import FRACTIONS, learning_curve
from goldleaf.workspace.model_export import Exported, export_model, quantize_model
from goldleaf.workspace.modelling import (
    Trained,
    compare,
    evaluate,
    load_snapshot,
    next_bundle,
    predict_file,
    read_examples,
    read_records,
    train,
    train_project,
)
from goldleaf.workspace.out_of_sample import Opinion, class_probabilities, out_of_sample
from goldleaf.workspace.overlap import describe_leakage
from goldleaf.workspace.overseeing import (
    Dashboards,
    add_label,
    browse_records,
    change_notes,
    counts,
    read_notes,
    record_history,
)
from goldleaf.workspace.overviews import Overviews
from goldleaf.workspace.people import SESSION_DAYS, TOKEN_PREFIX, People, Person, SignInError
from goldleaf.workspace.quality_overview import quality_overview
from goldleaf.workspace.relabelling import change_labels
from goldleaf.workspace.reviewing import suspected
from goldleaf.workspace.schemas import TEMPLATES, choose_schema, read_schema
from goldleaf.workspace.serving import read_keys, serve
from goldleaf.workspace.snapshotting import snapshot_folder, take_snapshot
from goldleaf.workspace.statistics import stats
from goldleaf.workspace.suggesting import Suggested, suggest
from goldleaf.workspace.tuning import tune

__all__ = [
    "FRACTIONS",
    "SESSION_DAYS",
    "STAGED",
    "TEMPLATES",
    "TOKEN_PREFIX",
    "Aggregated",
    "AnnotationDesk",
    "BulkResult",
    "Dashboards",
    "Demo",
    "Draft",
    "Explained",
    "Exported",
    "Handed",
    "ImportResult",
    "LabelErrors",
    "Labels",
    "Neighbour",
    "Opinion",
    "Overviews",
    "People",
    "Person",
    "ProjectSettings",
    "ReadOptions",
    "SignInError",
    "Submission",
    "Submitted",
    "Suggested",
    "Trained",
    "Workspace",
    "add_label",
    "aggregate",
    "browse_records",
    "change_labels",
    "change_notes",
    "choose_schema",
    "class_probabilities",
    "compare",
    "counts",
    "create_project",
    "demo_file",
    "describe_aggregation",
    "describe_leakage",
    "estimate",
    "estimate_project",
    "evaluate",
    "explain",
    "export_file",
    "export_model",
    "find_errors",
    "find_errors_in_file",
    "gold_table",
    "import_file",
    "import_files",
    "init_workspace",
    "is_workspace",
    "judge_annotators",
    "label_table",
    "labels_of",
    "learning_curve",
    "load_snapshot",
    "next_bundle",
    "open_project",
    "open_workspace",
    "out_of_sample",
    "predict_bulk",
    "predict_file",
    "projects",
    "quality_overview",
    "quantize_model",
    "read_examples",
    "read_keys",
    "read_label_table",
    "read_labels",
    "read_notes",
    "read_records",
    "read_records_table",
    "read_schema",
    "record_history",
    "records_table",
    "review_errors",
    "run_demo",
    "serve",
    "snapshot_folder",
    "stats",
    "suggest",
    "suspected",
    "take_snapshot",
    "train",
    "train_project",
    "tune",
]
