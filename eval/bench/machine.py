"""The machine's roof: the fastest matrix products that its runtime reaches here."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper

SIDE = 2048
_SECONDS = 2.0
_ROWS = 512


def peak_float32() -> float:
    """Return billions of multiply-adds a second of float32 products."""
    random = np.random.default_rng(0)
    a, b = (random.random((SIDE, SIDE), dtype=np.float32) for _ in range(2))
    return _best(lambda: a @ b, SIDE * SIDE * SIDE)


def peak_int8() -> float:
    """Return billions of multiply-adds a second of 8-bit products (signed weights)."""
    random = np.random.default_rng(0)
    weights = random.integers(-127, 127, (SIDE, SIDE), dtype=np.int8)
    node = helper.make_node("MatMulInteger", ["a", "b"], ["c"])
    graph = helper.make_graph(
        [node],
        "peak",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [_ROWS, SIDE])],
        [helper.make_tensor_value_info("c", TensorProto.INT32, [_ROWS, SIDE])],
        [onnx.numpy_helper.from_array(weights, "b")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = ort.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    values = random.integers(0, 255, (_ROWS, SIDE), dtype=np.uint8)
    return _best(lambda: session.run(None, {"a": values}), _ROWS * SIDE * SIDE)


def macs_per_token(encoder: Path) -> int:
    """Return multiply-adds that an exported encoder's weights cost for one token."""
    network: Any = onnx.load(str(encoder), load_external_data=False)
    shapes = {part.name: part.dims for part in network.graph.initializer}
    n_macs = 0
    for node in network.graph.node:
        if node.op_type == "MatMulNBits":
            size = {a.name: a.i for a in node.attribute}
            n_macs += size["K"] * size["N"]
        elif node.op_type == "MatMulInteger":
            n_macs += prod(shapes[node.input[1]])
    return n_macs


def _best(run: Callable[[], object], n_macs: int) -> float:
    run()
    best, start = float("inf"), perf_counter()
    while perf_counter() - start < _SECONDS:
        begin = perf_counter()
        run()
        best = min(best, perf_counter() - begin)
    return n_macs / best / 1e9
