"""The verb that predicts in bulk. Ray comes in with it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from goldleaf.bundle import read_bundle
from goldleaf.core import InputError, MissingExtraError

if TYPE_CHECKING:
    from goldleaf.serve.bulk import Done, Job


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What an output holds: predictions, records that were left out, parts, and how many of the parts were there before."""

    records: int
    skipped: int
    parts: int
    resumed: int


def predict_bulk(
    bundle: Path | str,
    input: str,
    output: str,
    *,
    engine: Literal["local", "ray"] = "ray",
    format: str = "auto",
    parts: Literal["jsonl", "parquet"] | None = None,
    embeddings: bool = False,
    on_error: Literal["stop", "skip"] = "stop",
    shard_records: int | None = None,
    workers: int | None = None,
    address: str | None = None,
    on_progress: Callable[[int], None] = lambda done: None,
    on_note: Callable[[str], None] = lambda text: None,
) -> BulkResult:
    """Predict JSONL and Parquet files (a path or URI of a file, a folder, or a glob) into a folder of parts, each record once.

    A part is the shard of `shard_records` records that has its number; parts in the order of their names are the input in the order
    of its files' names. Where `output` holds an unfinished run of the same bundle and input, only what is missing is predicted. `parts`
    defaults to what the end of `output` says, else JSONL. The engine `local` predicts one shard after the other in this process.

    Raises InputError for a record that cannot be read (unless they are skipped), for an output that holds anything else, and for places
    that cannot be reached; MissingExtraError where Ray is not installed.
    """
    from goldleaf.serve.bulk import Task, finish_job, open_job

    read_bundle(Path(bundle))
    chosen = parts or ("parquet" if output.rstrip("/").endswith(".parquet") else "jsonl")
    task = Task(_absolute(output), chosen, embeddings, on_error == "skip")
    job = open_job(Path(bundle), input, task, format=format, size=shard_records)
    on_note(f"{job.records:,} records in {len(job.shards):,} parts, {len(job.done):,} of them there already")
    done = sum(shard.block.records for shard in job.shards if shard.number in job.done)

    def report(part: Done) -> None:
        nonlocal done
        done += part.predicted + part.skipped
        on_progress(done)

    if job.open:
        _RUNS[engine](Path(bundle), job, report, on_note, {"workers": workers, "address": address})
    skipped = finish_job(job)
    return BulkResult(job.records - skipped, skipped, len(job.shards), len(job.done))


def _absolute(output: str) -> str:
    """The output as a URI that means the same to every worker."""
    from goldleaf.serve.bulk.storage import place_of

    fs, path = place_of(output)
    return str(fs.unstrip_protocol(path))


def _run_here(
    bundle: Path, job: Job, report: Callable[[Done], None], note: Callable[[str], None], options: dict[str, Any]
) -> None:
    from goldleaf.serve import Predictor
    from goldleaf.serve.bulk import ShardWorker

    if given := [name for name, value in options.items() if value is not None]:
        raise InputError("only Ray has this option", found=given[0], expected='engine="ray"')
    worker = ShardWorker(Predictor(bundle, verify=False), job.task)
    for shard in job.open:
        report(worker.run(shard))


def _run_on_ray(
    bundle: Path, job: Job, report: Callable[[Done], None], note: Callable[[str], None], options: dict[str, Any]
) -> None:
    try:
        from goldleaf.serve.bulk.ray_workers import run_on_ray
    except ImportError as error:
        if error.name != "ray":
            raise
        raise MissingExtraError(
            "Ray is not installed", found="no ray", todo='Install it with: pip install "goldleaf[ray]"'
        ) from None
    run_on_ray(bundle, job, on_done=report, on_note=note, **options)


_RUNS = {"local": _run_here, "ray": _run_on_ray}
