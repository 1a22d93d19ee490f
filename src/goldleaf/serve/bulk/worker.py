"""A worker: one predictor that turns shards into parts."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from goldleaf.core import InputError, Record, Schema
from goldleaf.formats import ReadOptions, read_block
from goldleaf.serve.bulk.shards import CHUNK, Shard, Task
from goldleaf.serve.bulk.storage import join, open_stored, write_whole
from goldleaf.serve.predictor import Predictor, result_to_dict


@dataclass(frozen=True, slots=True)
class Done:
    """A shard whose part is there: how many records were predicted, and how many left out."""

    shard: int
    predicted: int
    skipped: int


class ShardWorker:
    """Predicts shards with one predictor."""

    def __init__(self, predictor: Predictor, task: Task) -> None:
        self.predictor, self.task = predictor, task

    def run(self, shard: Shard) -> Done:
        """Predict a shard and write its part, whole. To do it twice, or at the same time, writes the same.

        Raises InputError that names file and line of a record that cannot be read (unless such are left out), and where the input has
        been changed or the part cannot be written.
        """
        errors: list[InputError] = []
        options = ReadOptions(skip=errors.append if self.task.skip else None)
        with open_stored(shard.file) as file:
            items = read_block(file, shard.file.name, shard.format, shard.block, self.predictor.schema, options)
            records = [item.record for item in items]
        rows = list(self._rows(records))
        if errors:
            lines = ({"where": e.where, "error": str(e)} for e in errors)
            write_whole(join(self.task.output, self.task.errors(shard.number)), jsonl_bytes(lines))
        data = jsonl_bytes(rows) if self.task.parts == "jsonl" else parquet_bytes(rows, self.predictor.schema)
        write_whole(join(self.task.output, self.task.part(shard.number)), data)
        return Done(shard.number, len(rows), len(errors))

    def _rows(self, records: list[Record]) -> Iterator[dict[str, Any]]:
        results = self.predictor.stream(records, embeddings=self.task.embeddings, chunk=CHUNK)
        for record, result in zip(records, results, strict=True):
            yield {"id": record.id, "text": record.text} | result_to_dict(result)


def jsonl_bytes(rows: Iterable[dict[str, Any]]) -> bytes:
    """An object a line, as `goldleaf predict` writes it."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def parquet_bytes(rows: list[dict[str, Any]], schema: Schema) -> bytes:
    """The same as Parquet: `id` and `text`, a column a field, `scores` as JSON, and `embedding` where there is one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    span = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())])
    types = {"spans": pa.list_(span), "tags": pa.list_(pa.string())}
    columns = {
        "id": pa.array([r["id"] for r in rows], pa.string()),
        "text": pa.array([r["text"] for r in rows], pa.string()),
    }
    for entry in schema.fields:
        one = pa.list_(pa.string()) if entry.many else pa.string()
        cells = [_cell(entry.kind, r["values"].get(entry.name)) for r in rows]
        columns[entry.name] = pa.array(cells, types.get(entry.kind, one))
    columns["scores"] = pa.array([json.dumps(r["scores"], ensure_ascii=False) for r in rows], pa.string())
    if any("embedding" in r for r in rows):
        columns["embedding"] = pa.array([r["embedding"] for r in rows], pa.list_(pa.float32()))
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, compression="zstd")
    return file.getvalue()


def _cell(kind: str, value: Any) -> Any:
    if kind == "spans" and value is not None:
        return [dict(zip(("start", "end", "label"), span, strict=True)) for span in value]
    return value
