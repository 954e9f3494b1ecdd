"""The machine's peak: the fastest matrix products that the runtime and numpy reach here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from model.runtimes import load_runtime

SIDE = 2048
# Of the 8-bit product: with few rows and columns, copying them would count.
_N_COLUMNS = 8192
_SECONDS = 2.0
_ROWS = 512


def peak_float32() -> float:
    """Return billions of multiply-adds a second of float32 products."""
    random = np.random.default_rng(0)
    a, b = (random.random((SIDE, SIDE), dtype=np.float32) for _ in range(2))
    return _best(lambda: a @ b, SIDE * SIDE * SIDE)


def peak_int8() -> float:
    """Return billions of multiply-adds a second of products of two 8-bit matrices."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "product.onnx"
        path.write_bytes(_product().SerializeToString())
        runtime = load_runtime(path)
    values = np.random.default_rng(0).random((_ROWS, SIDE), dtype=np.float32)
    return _best(lambda: runtime.compute({"a": values}, ["c"]), _ROWS * SIDE * _N_COLUMNS)


def _product() -> onnx.ModelProto:
    """Return a network of one product with weights; activations have one constant scale.

    Of each row the largest value is returned: copying the whole product would count.
    """
    weights = np.random.default_rng(0).integers(-127, 127, (SIDE, _N_COLUMNS), dtype=np.int8)
    scale = ["scale", "zero"]
    nodes = [
        helper.make_node("QuantizeLinear", ["a", *scale], ["rounded"]),
        helper.make_node("DequantizeLinear", ["rounded", *scale], ["activations"]),
        helper.make_node("DequantizeLinear", ["integers", "scales"], ["weights"], axis=1),
        helper.make_node("MatMul", ["activations", "weights"], ["product"]),
        helper.make_node("ReduceMax", ["product"], ["c"], axes=[1], keepdims=0),
    ]
    constants: dict[str, np.ndarray[Any, Any]] = {
        "integers": weights, "scales": np.full(_N_COLUMNS, 0.01, np.float32),
        "scale": np.array(1 / 255, np.float32), "zero": np.array(0, np.uint8),
    }  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "peak",
        [helper.make_tensor_value_info("a", TensorProto.FLOAT, [_ROWS, SIDE])],
        [helper.make_tensor_value_info("c", TensorProto.FLOAT, [_ROWS])],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def macs_per_token(encoder: Path) -> int:
    """Return multiply-adds with weights that an exported encoder computes for one token."""
    network: Any = onnx.load(str(encoder), load_external_data=False)
    products = (node for node in network.graph.node if node.op_type == "MatMulNBits")
    sizes = ({a.name: a.i for a in node.attribute} for node in products)
    return sum(size["K"] * size["N"] for size in sizes)


def _best(run: Callable[[], object], n_macs: int) -> float:
    run()
    best, start = float("inf"), perf_counter()
    while perf_counter() - start < _SECONDS:
        begin = perf_counter()
        run()
        best = min(best, perf_counter() - begin)
    return n_macs / best / 1e9
