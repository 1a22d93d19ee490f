"""Training from data to bundle: every architecture, resuming, faults."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.numpy import load_file
from tiny_models import ARCHITECTURES, SCHEMA, build_encoder, dataset

from goldleaf.core import Example, Field, GoldleafError, InputError, Record, Schema
from goldleaf.serve import Predictor
from goldleaf.train import Recipe, TrainingError, recipe_from_dict, train

QUICK = Recipe(epochs=12, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")
INTENT = Schema((SCHEMA["intent"],))
SLOTS = Schema((SCHEMA["slots"],))


@pytest.fixture(scope="module")
def joint(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundles") / "joint"
    train(dataset(), replace(QUICK, base_model=str(bert)), out)
    return out


def test_a_joint_model_learns_both_fields_and_predicts_without_torch(joint: Path) -> None:
    predictor = Predictor(joint)
    prediction = predictor("please fly to madrid")
    assert prediction.values["intent"] == "flight"
    assert [(s.start, s.end, s.label) for s in prediction.values["slots"]] == [(14, 20, "city")]
    assert predictor.layout.decoding == "viterbi"
    assert "torch" not in _modules_after("from goldleaf.serve import Predictor")


def test_a_joint_bundle_keeps_its_encoder_loadable(joint: Path) -> None:
    from transformers import AutoModel

    assert AutoModel.from_pretrained(joint, add_pooling_layer=False).config.hidden_size == 32


@pytest.mark.parametrize("schema", [INTENT, SLOTS], ids=["choice", "spans"])
def test_plain_transformers_gives_the_same_predictions(schema: Schema, bert: Path, tmp_path: Path) -> None:
    from transformers import pipeline

    out = tmp_path / "bundle"
    train(dataset(schema), replace(QUICK, base_model=str(bert)), out)
    predictor = Predictor(out)
    texts = [e.record.text for e in dataset(schema).test]
    if schema is INTENT:
        pipe = pipeline("text-classification", model=str(out))
        for text in texts:
            ours, theirs = predictor(text), pipe(text)[0]
            assert ours.values["intent"] == theirs["label"]
            assert ours.scores["intent"][theirs["label"]] == pytest.approx(theirs["score"], abs=1e-4)
        return
    pipe = pipeline("token-classification", model=str(out), aggregation_strategy="first")
    for text in texts:
        ours = [(s.start, s.end, s.label) for s in predictor(text).values["slots"]]
        assert ours == [(t["start"], t["end"], t["entity_group"]) for t in pipe(text)]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_trains_exports_and_predicts(architecture: str, tmp_path: Path) -> None:
    base = build_encoder(architecture, tmp_path / architecture)
    out = tmp_path / "bundle"
    train(dataset(train=24), replace(QUICK, epochs=2, base_model=str(base)), out)
    difference = json.loads((out / "goldleaf.json").read_text())["onnx"]["largest_difference"]
    assert difference < 1e-3
    assert Predictor(out)("book a table").values["intent"] in ("flight", "table")


def test_a_text_longer_than_the_model_is_windowed_to_its_end(joint: Path) -> None:
    text = "please book a table " * 60 + "in rome"
    spans = Predictor(joint)(text).values["slots"]
    assert (len(text) - 4, len(text), "city") in [tuple(s) for s in spans]


def test_a_killed_training_resumes_to_the_same_weights(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldleaf.train.rows.MANY_ROWS", 0)  # as with a vocabulary of real size
    frozen = 4  # it dies while the lower half stands still
    recipe = replace(QUICK, epochs=6, base_model=str(bert), checkpoint_seconds=0.0, frozen_epochs=frozen)
    whole = tmp_path / "whole"
    train(dataset(), recipe, whole)
    killed = tmp_path / "killed"
    script = textwrap.dedent(f"""
        import os, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from dataclasses import replace
        from pathlib import Path
        from tiny_models import dataset
        from goldleaf.train import Recipe, rows, train
        rows.MANY_ROWS = 0
        recipe = Recipe(epochs=6, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32",
                        base_model={str(bert)!r}, checkpoint_seconds=0.0, frozen_epochs={frozen})
        def die(p):
            if p.epoch >= 3:
                os.kill(os.getpid(), signal.SIGKILL)
        train(dataset(), recipe, Path({str(killed)!r}), on_progress=die)
    """)
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ}, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    assert not killed.exists()
    seen: list[float] = []
    train(dataset(), recipe, killed, resume=True, on_progress=lambda p: seen.append(p.epoch))
    assert min(seen) > 1.0  # it went on, it did not begin again
    ours, theirs = load_file(killed / "model.safetensors"), load_file(whole / "model.safetensors")
    assert ours.keys() == theirs.keys()
    assert all((ours[name] == theirs[name]).all() for name in ours)


def test_resuming_with_another_recipe_is_refused(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    recipe = replace(QUICK, base_model=str(bert))

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(dataset(), recipe, out, on_progress=stop)
    with pytest.raises(InputError, match="weight_decay"):
        train(dataset(), replace(recipe, weight_decay=0.5), out, resume=True)


def test_a_loss_that_is_not_a_number_stops_with_a_message_and_no_bundle(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    with pytest.raises(TrainingError, match="lower learning rate"):
        train(dataset(), replace(QUICK, base_model=str(bert), learning_rate=1e38, clip=1e38, warmup=0.0), out)
    assert not out.exists()


def test_a_changed_or_missing_file_of_a_bundle_is_named(joint: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(joint, copy)
    with (copy / "model.onnx").open("r+b") as file:
        file.seek(100)
        file.write(b"x")
    with pytest.raises(InputError, match=r"model\.onnx"):
        Predictor(copy)
    (copy / "tokenizer.json").unlink()
    shutil.copy(joint / "model.onnx", copy / "model.onnx")
    with pytest.raises(InputError, match=r"no tokenizer\.json"):
        Predictor(copy)


def test_a_taken_place_is_refused_before_anything_is_trained(joint: Path, bert: Path) -> None:
    with pytest.raises(InputError, match="something already"):
        train(dataset(), replace(QUICK, base_model=str(bert)), joint)


def test_one_class_only_is_refused(bert: Path, tmp_path: Path) -> None:
    data = dataset(INTENT)
    one = replace(data, train=[e for e in data.train if e.values["intent"] == "table"])
    with pytest.raises(InputError, match="one class only"):
        train(one, replace(QUICK, base_model=str(bert)), tmp_path / "b")


def test_one_example_is_refused(bert: Path, tmp_path: Path) -> None:
    single = replace(dataset(SLOTS, train=1), dev=[], test=[])
    with pytest.raises(InputError, match="nothing to validate on"):
        train(single, replace(QUICK, base_model=str(bert)), tmp_path / "b")


def test_an_unknown_script_is_refused_unless_forced(bert: Path, tmp_path: Path) -> None:
    schema = Schema((Field("label", "choice", ("a", "b")),))
    examples = [Example(Record(str(i), "我们在中国"), {"label": "ab"[i % 2]}) for i in range(8)]
    data = replace(dataset(INTENT), schema=schema, train=examples, dev=examples, test=[])
    with pytest.raises(InputError, match="multilingual"):
        train(data, replace(QUICK, base_model=str(bert)), tmp_path / "b")
    train(data, replace(QUICK, base_model=str(bert), epochs=1), tmp_path / "b", force=True)


def test_a_base_model_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    from transformers import GPT2Config

    GPT2Config(n_embd=8, n_layer=1, n_head=1).save_pretrained(tmp_path / "gpt2")
    with pytest.raises(GoldleafError, match="wrong kind"):
        train(dataset(), replace(QUICK, base_model=str(tmp_path / "gpt2")), tmp_path / "b")


def test_a_tokenizer_with_more_pieces_than_the_model_has_embeddings_of_is_refused(bert: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    base = tmp_path / "bert"
    shutil.copytree(bert, base)
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.add_tokens(["zzz"])
    tokenizer.save_pretrained(base)
    with pytest.raises(InputError, match=r"do not belong together.*numbers below"):
        train(dataset(), replace(QUICK, base_model=str(base)), tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_recipe_names_what_is_wrong_in_it() -> None:
    with pytest.raises(InputError, match=r"schedule.*linear or cosine or constant or plateau"):
        recipe_from_dict({"schedule": "steps"})
    with pytest.raises(InputError, match=r"learning_rate.*more than 0"):
        recipe_from_dict({"learning_rate": 0})
    with pytest.raises(InputError, match="unknown option"):
        recipe_from_dict({"lr": 1})


def _modules_after(statement: str) -> list[str]:
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
