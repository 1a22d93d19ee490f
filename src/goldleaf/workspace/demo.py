"""The demo: customer messages become a trained, evaluated, packaged model, and the model's suggestions for more of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from goldleaf.core import InputError, Prediction
from goldleaf.store import get_project
from goldleaf.workspace.folder import Workspace, init_workspace
from goldleaf.workspace.importing import import_file
from goldleaf.workspace.modelling import Trained, train_project
from goldleaf.workspace.resolve import examples
from goldleaf.workspace.simulating import PEOPLE, write_simulated_answers
from goldleaf.workspace.suggesting import Suggested, suggest

if TYPE_CHECKING:
    from goldleaf.train import Progress

MESSAGES = (
    "hey my parcel LK-50112 was meant to be here tuesday and tracking hasnt moved since",
    "can u swap the navy jumper for an XL, havent worn it",
    "MIRA lamp came with a cracked shade. not impressed",
    "do you ship to Lisbon and how much is it",
)
"""Messages that are in no split, to show a prediction on."""
ANSWERS = "simulated-annotators.csv"
"""The label table of the simulated annotators, in the workspace's folder."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo made: its workspace, the training, predictions of new messages, and suggestions for those nobody has labelled."""

    folder: Path
    trained: Trained
    predictions: list[tuple[str, Prediction]]
    suggested: Suggested


def demo_file(language: Literal["en", "zh"] = "en") -> Path:
    """The customer messages that come with the package, as JSONL."""
    return Path(str(resources.files("goldleaf.workspace") / "demo_data" / f"messages.{language}.jsonl"))


def run_demo(
    folder: Path | str,
    *,
    on_step: Callable[[str], None] = lambda message: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Demo:
    """Make a workspace in a new folder, import the English messages and what simulated annotators say of them, train intent and slots,
    evaluate, predict, and suggest labels for messages that have none."""
    from goldleaf.serve import Predictor

    folder = Path(folder)
    if folder.exists():
        raise InputError("there is something already", where=str(folder), todo="Remove it, or name another folder")
    with init_workspace(folder, template="intent-slots") as ws:
        result = import_file(ws, demo_file("en"))
        on_step(f"imported {result.added} messages, {result.gold_added} values of gold")
        answered = simulate_annotators(ws)
        on_step(f"{len(PEOPLE)} simulated annotators gave {answered} answers, to measure labels on")
        trained = train_project(ws, on_progress=on_progress, on_warning=on_step)
        suggested = suggest(ws, trained.folder)
        on_step(f"{suggested.records} messages have no labels: {suggested.values} suggestions of the model for them")
    predictor = Predictor(trained.folder)
    return Demo(folder, trained, [(text, predictor(text)) for text in MESSAGES], suggested)


def simulate_annotators(ws: Workspace, project: str = "default", *, seed: int = 0) -> int:
    """Let simulated annotators answer every record whose fields all have gold (see `simulating`); how many answers they gave.

    What they say is kept beside the gold, as annotations; the label table stands in the workspace's folder as `ANSWERS`.
    """
    with ws.store.read() as c:
        key, found = get_project(c, project)
        labelled = [e for e in examples(c, key, found.schema) if len(e.values) == len(found.schema.fields)]
    write_simulated_answers(ws.folder / ANSWERS, labelled, found.schema, seed=seed)
    return import_file(ws, ws.folder / ANSWERS, project=project, format="labels", as_="annotations").annotations_added
