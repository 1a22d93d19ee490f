"""Attention as one node. The exporter writes scaled dot-product attention as some twenty; onnxruntime has one that does the same.

What follows the projections of queries, keys and values becomes `com.microsoft.MultiHeadAttention` with the padding mask. What does not
look like that (rotary or relative positions) stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DOMAIN = "com.microsoft"
MASK = "padding_mask"
_MOVES = frozenset({"Reshape", "Transpose"})


@dataclass(frozen=True, slots=True)
class _Linear:
    """A projection: the tensor before its bias, the bias `[hidden]`, and the factor put to the sum on the way to the scores."""

    product: str
    bias: Any
    factor: float


@dataclass(frozen=True, slots=True)
class _Attention:
    """What stands between three projections and the context `[windows, length, hidden]`, which `last` gives."""

    query: _Linear
    key: _Linear
    value: _Linear
    last: onnx.NodeProto


class _Graph:
    """Who makes and who reads each tensor, and the constants by name."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.constants = {tensor.name: tensor for tensor in graph.initializer}
        self.makers = {name: node for node in graph.node for name in node.output}
        self.readers: dict[str, list[onnx.NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self.readers.setdefault(name, []).append(node)

    def made_by(self, name: str, kind: str) -> onnx.NodeProto | None:
        node = self.makers.get(name)
        return node if node is not None and node.op_type == kind else None

    def only_reader(self, name: str, kind: str) -> onnx.NodeProto | None:
        found = [node for node in self.readers.get(name, []) if node.op_type == kind]
        return found[0] if len(found) == 1 else None

    def constant(self, name: str) -> Any | None:
        return numpy_helper.to_array(self.constants[name]) if name in self.constants else None

    def linear(self, name: str) -> _Linear | None:
        """The projection behind a tensor, with nothing between but changes of shape and factors."""
        factor = 1.0
        while (node := self.makers.get(name)) is not None:
            if node.op_type in _MOVES:
                name = node.input[0]
                continue
            constant = self.constant(node.input[1]) if len(node.input) == 2 else None
            if node.op_type == "Mul" and constant is not None and constant.size == 1:
                factor *= float(constant.item())
                name = node.input[0]
                continue
            product = self.made_by(node.input[0], "MatMul") if node.op_type == "Add" else None
            if product is None or constant is None or constant.ndim != 1:
                return None
            return _Linear(product.output[0], constant, factor)
        return None


def fuse_attention(model: onnx.ModelProto, heads: int) -> int:
    """Fuse every attention of a model in place that can be; return how many (0 leaves the model as it was).

    The input `attention_mask` is taken to be what all of them are masked with: compare the two models before the fused one is used.
    """
    graph = model.graph
    found = list(_attentions(_Graph(graph)))
    if not found:
        return 0
    mask = helper.make_node("Cast", ["attention_mask"], [MASK], to=TensorProto.INT32, name="padding_mask")
    made = {a.last.output[0]: _fused(graph, number, a, heads) for number, a in enumerate(found)}
    _keep_what_is_used(graph, [mask, *(made.get(node.output[0], node) for node in graph.node)])
    del graph.value_info[:]
    if all(entry.domain != DOMAIN for entry in model.opset_import):
        model.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    return len(found)


def _attentions(graph: _Graph) -> Iterator[_Attention]:
    for softmax in (node for node in graph.makers.values() if node.op_type == "Softmax"):
        masked = graph.made_by(softmax.input[0], "Add")
        scores = graph.made_by(masked.input[0], "MatMul") if masked is not None else None
        chosen = graph.only_reader(softmax.output[0], "Where")  # 0 in place of what is not a number
        weighted = graph.only_reader((chosen or softmax).output[0], "MatMul")
        moved = graph.only_reader(weighted.output[0], "Transpose") if weighted is not None else None
        last = graph.only_reader(moved.output[0], "Reshape") if moved is not None else None
        if scores is None or weighted is None or last is None:
            continue
        names = (scores.input[0], scores.input[1], weighted.input[1])
        query, key, value = (graph.linear(name) for name in names)
        if query is None or key is None or value is None:
            continue
        if value.factor == 1.0:
            yield _Attention(query, key, value, last)


def _fused(graph: onnx.GraphProto, number: int, found: _Attention, heads: int) -> onnx.NodeProto:
    parts = (found.query, found.key, found.value)
    name = f"attention_{number}"
    graph.initializer.append(numpy_helper.from_array(np.concatenate([part.bias for part in parts]), f"{name}_bias"))
    return helper.make_node(
        "MultiHeadAttention",
        [*(part.product for part in parts), f"{name}_bias", MASK],
        [found.last.output[0]],
        name=name,
        domain=DOMAIN,
        num_heads=heads,
        scale=found.query.factor * found.key.factor,
    )


def _keep_what_is_used(graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto]) -> None:
    """Put nodes into a graph but for those that no output needs; constants likewise."""
    needed = {output.name for output in graph.output}
    kept: list[onnx.NodeProto] = []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    constants = [tensor for tensor in graph.initializer if tensor.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(constants)
