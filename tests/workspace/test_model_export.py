"""A bundle's ONNX model written again, and the one with 8-bit weights, for every architecture."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from goldleaf.bundle import read_bundle
from goldleaf.core import GoldleafError, InputError
from goldleaf.serve import Predictor
from goldleaf.train import Recipe, train
from goldleaf.workspace import export_model, quantize_model

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import ARCHITECTURES, build_encoder, dataset

FUSED = {"bert": 2, "roberta": 2, "xlnet": 0, "deberta": 0, "modernbert": 0}
"""How many of the two attentions are one node."""
QUICK = Recipe(epochs=8, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")


@pytest.fixture(scope="module", params=ARCHITECTURES)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    base = build_encoder(request.param, folder / "base")
    train(dataset(), replace(QUICK, base_model=str(base)), folder / request.param)
    return folder / request.param


@pytest.fixture(scope="module")
def bert_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    base = build_encoder("bert", folder / "base")
    train(dataset(), replace(QUICK, base_model=str(base)), folder / "bundle")
    return folder / "bundle"


def kinds(model: Path) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load(model, load_external_data=False).graph.node)


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_attention_is_one_node_where_it_is_plain(bundle: Path) -> None:
    assert kinds(bundle / "model.onnx")["MultiHeadAttention"] == FUSED[bundle.name]


def test_the_model_exported_again_answers_as_before(bundle: Path) -> None:
    texts = [e.record.text for e in dataset().test]
    before = [Predictor(bundle)(text) for text in texts]
    done = export_model(bundle)
    assert done.about["largest_difference"] < 1e-3
    assert done.size == sum((bundle / name).stat().st_size for name in ("model.onnx", "model.onnx.data"))
    for text, old in zip(texts, before, strict=True):
        new = Predictor(bundle)(text)
        assert new.values == old.values
        assert new.scores["intent"] == pytest.approx(old.scores["intent"], abs=1e-4)


@pytest.mark.parametrize("method", ["dynamic", "static"])
def test_8_bit_weights_answer_nearly_as_well(bundle: Path, method: str) -> None:
    examples = dataset().test
    texts = [e.record for e in dataset().train] if method == "static" else []
    done = quantize_model(bundle, examples, calibration=texts, tolerance=25.0)
    assert done.about["method"] == method
    assert read_bundle(bundle).manifest["int8"] == json.loads(json.dumps(done.about))
    found = kinds(bundle / "model.int8.onnx")
    assert found["MatMulInteger" if method == "dynamic" else "DequantizeLinear"] >= 4
    right = [Predictor(bundle, int8=True)(e.record.text).values["intent"] == e.values["intent"] for e in examples]
    assert sum(right) >= 9


def test_a_loss_beyond_the_tolerance_leaves_the_bundle_as_it_was(bert_bundle: Path) -> None:
    before = state(bert_bundle)
    with pytest.raises(GoldleafError, match=r"8-bit weights lose too much of intent, .*points less.*--tolerance"):
        quantize_model(bert_bundle, dataset().test, tolerance=-101.0)  # what no model can do
    assert state(bert_bundle) == before
    assert [p.name for p in bert_bundle.parent.iterdir() if "writing" in p.name] == []


def test_without_such_a_model_it_is_said_how_to_make_one(bert_bundle: Path) -> None:
    with pytest.raises(InputError, match=r"no model with 8-bit weights.*goldleaf export-model .* --int8"):
        Predictor(bert_bundle, int8=True)


def test_a_changed_model_of_8_bits_is_refused_and_can_be_made_again(bert_bundle: Path) -> None:
    quantize_model(bert_bundle, dataset().test, tolerance=100.0)
    with (bert_bundle / "model.int8.onnx.data").open("r+b") as file:
        file.write(b"x")
    with pytest.raises(InputError, match=r"model\.int8\.onnx\.data"):
        Predictor(bert_bundle)
    quantize_model(bert_bundle, dataset().test, tolerance=100.0)
    assert Predictor(bert_bundle, int8=True)("book a table").values["intent"] == "table"


def test_a_changed_onnx_model_is_mended_by_exporting_it_again(bert_bundle: Path) -> None:
    (bert_bundle / "model.onnx.data").unlink()
    with pytest.raises(InputError, match=r"no model\.onnx\.data"):
        Predictor(bert_bundle)
    export_model(bert_bundle)
    assert Predictor(bert_bundle)("book a table").values["intent"] == "table"


def test_rows_of_a_table_share_a_scale_each() -> None:
    from goldleaf.serve.quantize import shrink_tables

    table = np.zeros((300, 2), dtype=np.float32)
    table[1], table[2] = [1.27, -0.5], [0.0254, 0.01]
    ids = onnx.helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, [None])
    rows = onnx.helper.make_tensor_value_info("rows", onnx.TensorProto.FLOAT, [None, 2])
    gather = onnx.helper.make_node("Gather", ["table", "ids"], ["rows"])
    graph = onnx.helper.make_graph([gather], "g", [ids], [rows], [numpy_helper.from_array(table, "table")])
    shrink_tables(graph)
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    assert set(found) == {"table_int8", "table_scale"}
    assert found["table_scale"][1:3, 0] == pytest.approx([1.27 / 127, 0.0254 / 127])  # 0.01 and 0.0002
    assert found["table_int8"][:3].tolist() == [[0, 0], [127, -50], [127, 50]]


def test_a_stream_of_several_workers_gives_what_one_gives_in_order(bert_bundle: Path) -> None:
    records = [replace(e.record, id=str(n)) for n, e in enumerate(dataset(train=60).train * 5)]
    one = list(Predictor(bert_bundle).stream(records, chunk=16))
    two = list(Predictor(bert_bundle, workers=2).stream(iter(records), chunk=16))
    assert [r.prediction.record for r in two] == [r.id for r in records]
    assert [r.prediction.values for r in two] == [r.prediction.values for r in one]


def test_a_fault_in_the_middle_of_a_stream_ends_it(bert_bundle: Path) -> None:
    def broken():
        yield from [e.record for e in dataset().train]
        raise InputError("the file ends here")

    with pytest.raises(InputError, match="ends here"):
        list(Predictor(bert_bundle, workers=2).stream(broken(), chunk=8))


def test_without_examples_nothing_can_be_measured(bert_bundle: Path) -> None:
    with pytest.raises(InputError, match="nothing to measure the loss on"):
        quantize_model(bert_bundle, [])


def test_the_layout_of_a_batch_has_no_more_padding_than_it_needs(bert_bundle: Path) -> None:
    (feeds,) = Predictor(bert_bundle).feeds([dataset().train[0].record])
    assert feeds["attention_mask"].all()
