"""8-bit weights: a model for onnxruntime's integer kernels, made from the fp32 one.

Weights of the matrix products become symmetric signed integers, a scale a column: `w = s * round(w / s)` with `s = max |column| / 127`.
What comes in becomes unsigned integers, with one scale and zero point for the tensor: found anew in each run (dynamic), or fixed from
calibration texts (static). Embeddings become integers with a scale a row. The heads stay as they are.
See Jacob et al., *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference*, CVPR 2018.
"""

from __future__ import annotations

import contextlib
import logging
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from goldleaf.core import InputError, MissingExtraError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

Feeds = dict[str, Any]
"""The arrays of one run, by the names of the model's inputs."""
MANY_ROWS = 256
"""Tables of fewer rows (positions, token types) are small, and stay as they are."""


def quantize_model(model: Path, out: Path, *, calibration: Sequence[Feeds] = ()) -> dict[str, Any]:
    """Write the model with 8-bit weights to `out` and `OUT.data`; return what the manifest says of it: `{"method", "weight_bits"}`.

    With `calibration` inputs it is the static method. Without instructions for 8-bit products (`has_vnni`), weights have 7 bits, for
    sums of 8-bit products would overflow. Raises MissingExtraError without the library `onnx`, and InputError where the model cannot be
    quantised.
    """
    try:
        import onnx
    except ImportError:
        raise MissingExtraError(
            "quantising is not installed", found="no onnx", todo='Install it with: pip install "goldleaf[train]"'
        ) from None
    narrow = not has_vnni()
    try:
        with _quietly():
            quantized = _quantize(model, out.with_name("prepared.onnx"), calibration, narrow=narrow)
            shrink_tables(quantized.graph)
            onnx.save_model(quantized, out, save_as_external_data=True, location=f"{out.name}.data")
            out.with_name(f"{out.name}.data").chmod(out.stat().st_mode)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # the library raises many kinds
        found = f"{type(error).__name__}: {str(error).strip()[:200]}"
        raise InputError("this model cannot be quantised", where=str(model), found=found) from error
    return {"method": "static" if calibration else "dynamic", "weight_bits": 7 if narrow else 8}


def _quantize(model: Path, prepared: Path, calibration: Sequence[Feeds], *, narrow: bool) -> ModelProto:
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.feeds = iter(calibration)

        def get_next(self) -> Feeds | None:  # type: ignore[override]
            return next(self.feeds, None)

    written = prepared.with_name("quantized.onnx")
    onnx.save_model(onnx.load(model), written)  # what prepares it does not find weights that lie in a file of their own
    quant_pre_process(written, prepared, skip_symbolic_shape=True)
    options: dict[str, Any] = {
        "op_types_to_quantize": ["MatMul"],
        "nodes_to_exclude": _heads(onnx.load(prepared, load_external_data=False).graph),
        "per_channel": True,
        "reduce_range": narrow,
        "weight_type": QuantType.QInt8,
    }
    extra = {"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT}
    if calibration:
        extra["OpTypesToExcludeOutputQuantization"] = ["MatMul"]
        quantize_static(prepared, written, Reader(), activation_type=QuantType.QUInt8, extra_options=extra, **options)
    else:
        quantize_dynamic(prepared, written, extra_options=extra, **options)
    return onnx.load(written)


def _heads(graph: GraphProto) -> list[str]:
    """The products that give the outputs: few columns, and what is rounded there is rounded in the answer."""
    makers: dict[str, NodeProto] = {name: node for node in graph.node for name in node.output}
    last = [makers.get(output.name) for output in graph.output]
    products = [makers.get(node.input[0]) if node is not None and node.op_type == "Add" else node for node in last]
    return [node.name for node in products if node is not None and node.op_type == "MatMul"]


def shrink_tables(graph: GraphProto) -> None:
    """Tables of floats that rows are taken from become tables of integers; a row's scale is taken with it."""
    from onnx import TensorProto, helper, numpy_helper

    large = {t.name: t for t in graph.initializer if t.data_type == TensorProto.FLOAT and t.dims[0:1] >= [MANY_ROWS]}
    read = {name: node.op_type for node in graph.node for name in node.input if name in large}
    tables = {name: large[name] for name, kind in read.items() if kind == "Gather"}
    nodes: list[NodeProto] = []
    for node in graph.node:
        table, ids = (*node.input, "")[:2]
        if node.op_type != "Gather" or table not in tables:
            nodes.append(node)
            continue
        rows = node.output[0]
        nodes += [
            helper.make_node("Gather", [f"{table}_int8", ids], [f"{rows}_int8"]),
            helper.make_node("Gather", [f"{table}_scale", ids], [f"{rows}_scale"]),
            helper.make_node("Cast", [f"{rows}_int8"], [f"{rows}_float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{rows}_float", f"{rows}_scale"], [rows]),
        ]
    for name, table in tables.items():
        values = numpy_helper.to_array(table)
        scale = np.maximum(np.abs(values).max(axis=1, keepdims=True) / 127, np.finfo(np.float32).tiny)
        integers = np.round(values / scale).astype(np.int8)
        graph.initializer.append(numpy_helper.from_array(integers, f"{name}_int8"))
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"))
        graph.initializer.remove(table)
    del graph.node[:]
    graph.node.extend(nodes)


def has_vnni() -> bool:
    """Whether the processor adds products of 8-bit integers without saturation (AVX-VNNI, AVX-512 VNNI, AMX, or an ARM)."""
    if platform.machine().lower() in ("arm64", "aarch64"):
        return True
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        flags = next((line for line in text.splitlines() if line.startswith("flags")), "").split()
        return not {"avx_vnni", "avx512_vnni", "amx_int8"}.isdisjoint(flags)
    return False


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without the advice that the library logs."""
    logger = logging.getLogger()
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
