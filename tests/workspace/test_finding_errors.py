"""Label errors of a project and of a file, on a tiny encoder: who judges what, what is kept, and what comes out."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from goldleaf import workspace
from goldleaf.core import Example, Field, InputError, Record, Schema, UnavailableError
from goldleaf.report import render_errors_page
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe
from goldleaf.workspace.finding_errors import _schema_in
from goldleaf.workspace.out_of_sample import _alone, _name, _told_apart, draw_parts, out_of_sample, units_of

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import SCHEMA, build_encoder, dataset

QUICK = Recipe(epochs=6, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    return replace(QUICK, base_model=str(build_encoder("bert", tmp_path_factory.mktemp("models") / "bert")))


def apart(data: Dataset) -> Dataset:
    """The tiny data with each text made its own, so that no two are nearly equal."""
    rng = np.random.default_rng(0)

    def told(example: Example) -> Example:
        letters = " ".join(rng.choice(list("abcdefghjklmnopqrstuvwxyz"), 12))
        return replace(example, record=replace(example.record, text=f"{example.record.text} {letters}"))

    return replace(data, **{name: [told(e) for e in data.split(name)] for name in ("train", "dev", "test")})


def project(folder: Path, data: Dataset, wrong: str = "train-1") -> Path:
    """A workspace of the data, in which one record has the other intent."""
    with workspace.init_workspace(folder / "ws", schema=SCHEMA) as ws:
        for split in ("train", "dev", "test"):
            path = folder / f"{split}.jsonl"
            rows = []
            for e in data.split(split):
                intent = (
                    {"flight": "table", "table": "flight"}[e.values["intent"]]
                    if e.record.id == wrong
                    else e.values["intent"]
                )
                gold = {"intent": intent, "slots": [list(s) for s in e.values["slots"]]}
                rows.append(json.dumps({"id": e.record.id, "text": e.record.text, "gold": gold}))
            path.write_text("\n".join(rows) + "\n", "utf-8")
            workspace.import_file(ws, path, split=split)
    return folder / "ws"


def test_what_belongs_together_is_in_one_fold() -> None:
    texts = [
        "pay the bill",
        "Pay the bill!",
        "an invoice came",
        "where is it",
        "it is here",
        "something else",
        "one of a kind",
    ]
    groups = [None, "d", "d", None, "e", "e", None]
    examples = [Example(Record(str(n), t, group=g), {}) for n, (t, g) in enumerate(zip(texts, groups, strict=True))]
    assert [sorted(unit) for unit in units_of([e.record for e in examples])] == [[0, 1, 2], [3], [4, 5], [6]]
    parts = draw_parts(examples, 2)
    assert sorted(i for part in parts for i in part) == list(range(7))
    assert sorted(map(len, parts)) == [3, 4]
    assert any({0, 1, 2} <= set(part) for part in parts)
    with pytest.raises(InputError, match="there cannot be so many folds"):
        draw_parts(examples, 5)


def test_each_record_is_judged_by_a_model_of_the_other_folds_and_what_is_known_is_not_asked_again(
    recipe: Recipe, tmp_path: Path
) -> None:
    ws = project(tmp_path, apart(dataset()))
    said: list[tuple[int, bool]] = []
    options = {"folds": 2, "recipe": recipe, "on_fold": lambda fold, known: said.append((fold, known))}
    with workspace.open_workspace(ws) as opened:
        found = workspace.find_errors(opened, **options)
        again = workspace.find_errors(opened, **options)
    assert said == [(0, False), (1, False), (0, True), (1, True)]
    assert again.to_dict() == found.to_dict()
    assert len(found.errors.records) == 2 * 84
    (kept,) = (ws / "errors").iterdir()
    assert sorted(p.name for p in kept.glob("[!.]*")) == ["fold-0.npz", "fold-1.npz"]
    first = found.errors.labels.iloc[0]
    assert (first["record"], first["field"], first["proposed"]) == ("train-1", "intent", "flight")
    data = json.loads(json.dumps(found.to_dict(tokens=True)))
    assert set(data) == {"judged_by", "fields", "labels", "records", "tokens", "duplicates", "leakage", "rehearsal"}
    assert data["fields"]["intent"]["records"] == 84
    page = render_errors_page("Errors", data)
    assert "train-1" in page
    assert "errors planted in 4 % of the labels, 20 times over" in page


def test_an_interrupted_run_goes_on_with_the_fold_it_was_at(recipe: Recipe, tmp_path: Path) -> None:
    data = apart(dataset())

    def stop_at_the_second(fold: int, known: bool) -> None:
        if fold == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        out_of_sample(data, tmp_path, folds=2, recipe=recipe, on_fold=stop_at_the_second)
    said: list[tuple[int, bool]] = []
    found = out_of_sample(
        data, tmp_path, folds=2, recipe=recipe, on_fold=lambda fold, known: said.append((fold, known))
    )
    assert said == [(0, True), (1, False)]
    assert sorted(found.embeddings["record"]) == sorted(e.record.id for e in [*data.train, *data.dev, *data.test])
    assert set(found.embeddings["space"]) == {0, 1}
    spans = found.predictions[found.predictions["field"] == "slots"].iloc[0]
    assert np.shape(spans["probabilities"]) == (len(spans["tokens"]), 3)


def test_what_is_kept_is_found_whatever_the_order_of_records_and_not_used_where_it_is_of_others(
    recipe: Recipe, tmp_path: Path
) -> None:
    data, known = apart(dataset(train=30)), list[bool]()
    options = {"folds": 2, "recipe": replace(recipe, epochs=1), "on_fold": lambda fold, there: known.append(there)}
    before = out_of_sample(data, tmp_path, **options)
    after = out_of_sample(replace(data, train=data.train[::-1], dev=data.dev[::-1]), tmp_path, **options)
    assert known == [False, False, True, True]
    pd.testing.assert_frame_equal(before.embeddings, after.embeddings)
    (place,) = tmp_path.iterdir()
    (place / "fold-1.npz").write_bytes((place / "fold-0.npz").read_bytes())  # of other records
    (place / "fold-0.npz").write_bytes(b"PK broken")
    again = out_of_sample(data, tmp_path, **options)
    assert known[4:] == [False, False]
    assert again.embeddings["record"].tolist() == before.embeddings["record"].tolist()


def test_opinions_are_kept_by_the_base_model_s_content_and_every_option_of_the_recipe(
    recipe: Recipe, tmp_path: Path
) -> None:
    data = dataset(train=10)
    model = shutil.copytree(recipe.base_model, tmp_path / "model")
    chosen = replace(recipe, base_model=str(model))
    names = [_name(data, chosen, 5, 0)]
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")  # another model in its place
    names.append(_name(data, chosen, 5, 0))
    names += [_name(data, replace(chosen, epochs=7), 5, 0), _name(data, chosen, 4, 0), _name(data, chosen, 5, 1)]
    names.append(_name(replace(data, train=data.train[:-1]), chosen, 5, 0))
    assert len(set(names)) == 6


def test_two_at_once_do_not_get_into_each_other_s_way(recipe: Recipe, tmp_path: Path) -> None:
    data = apart(dataset(train=20))
    with _alone(tmp_path / _name(data, recipe, 2, 0)), pytest.raises(UnavailableError, match="being judged already"):
        out_of_sample(data, tmp_path, folds=2, recipe=recipe)


def test_too_few_records_are_said_with_what_can_be_done() -> None:
    examples = [Example(Record(str(n), f"{'xyz'[n] * 9}"), {}) for n in range(3)]
    with pytest.raises(InputError, match=r"5 folds of 3 groups of records.*Take 3 folds, or label more"):
        draw_parts(examples, 5)
    with pytest.raises(InputError, match="Label more records"):
        draw_parts(examples[:1], 2)


def test_gold_of_one_label_and_too_little_gold_are_said(recipe: Recipe, tmp_path: Path) -> None:
    schema = Schema((Field("intent", "choice", ("a", "b")),))
    texts = ["abcdefgh", "ijklmnop", "qrstuvwx"]
    few = [Example(Record(str(n), text), {"intent": "ab"[n % 2]}) for n, text in enumerate(texts)]
    with pytest.raises(InputError, match="too little gold to train a model on a part of it"):
        out_of_sample(Dataset(schema, few), tmp_path, folds=3, recipe=recipe)
    with pytest.raises(InputError, match="field intent: all gold has one label"):
        out_of_sample(Dataset(schema, few[:1]), tmp_path, recipe=recipe)
    both = Schema((*schema.fields, Field("slots", "spans", ("x",))))
    told = _told_apart(Dataset(both, [replace(few[0], values={"intent": "a", "slots": []})]))
    assert (told.schema.names, told.train[0].values) == (("slots",), {"slots": []})


def test_the_fields_of_a_jsonl_file_are_those_that_its_gold_shows(tmp_path: Path) -> None:
    gold = [{"s": [], "c": "x", "m": ["a"]}, {"s": [[0, 1, "L"]], "t": ["A", "B"]}]
    rows = [{"text": "a b", "tokens": ["a", "b"], "gold": each} for each in gold]
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    schema = _schema_in(path)
    assert schema is not None
    kinds = {field.name: (field.kind, field.many) for field in schema.fields}
    assert kinds == {"c": ("choice", False), "m": ("choice", True), "s": ("spans", False), "t": ("tags", False)}
    path.write_text("no json\n", "utf-8")
    assert _schema_in(path) is None


def test_a_bundle_judges_what_it_was_not_trained_on(recipe: Recipe, tmp_path: Path) -> None:
    ws = project(tmp_path, dataset(), wrong="test-3")
    with workspace.open_workspace(ws) as opened:
        workspace.train_project(opened, recipe=recipe, out=tmp_path / "bundle")
        found = workspace.find_errors(opened, bundle=tmp_path / "bundle")
    judged = set(found.errors.records["record"])
    assert judged == {f"{split}-{n}" for split in ("dev", "test") for n in range(12)}
    assert found.errors.labels.iloc[0]["record"] == "test-3"
    assert found.judged_by == "bundle"
    alone = workspace.find_errors_in_file(tmp_path / "test.jsonl", bundle=tmp_path / "bundle", field="intent")
    assert len(alone.errors.records) == 12
    assert alone.errors.labels.iloc[0]["record"] == "test-3"


def test_a_file_alone_is_judged_by_models_that_are_kept_beside_it(recipe: Recipe, tmp_path: Path) -> None:
    data = apart(dataset())
    path = tmp_path / "labelled.conll"
    lines = []
    for e in data.train[:40]:
        (span,) = e.values["slots"]
        words = e.record.text.split(" ")
        lines += [f"{word} {'B-city' if word == e.record.text[span.start : span.end] else 'O'}" for word in words] + [
            ""
        ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    found = workspace.find_errors_in_file(path, folds=2, recipe=recipe)
    assert len(found.errors.records) == 40
    assert (tmp_path / "labelled.conll.errors").is_dir()


def test_a_label_table_has_no_texts_to_judge_by(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("record,annotator,value\nr1,a,x\n", "utf-8")
    with pytest.raises(InputError, match="a label table has no texts to judge by"):
        workspace.find_errors_in_file(path)
