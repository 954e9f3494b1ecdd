"""The encoder's time by kind of operator."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import openvino as ov

from model.network import to_inputs
from model.runtimes import openvino_settings
from model.windows import Batch

# OpenVINO's names of operators; every other operator takes less than 1% of the time.
KINDS = {
    "FullyConnectedCompressed": "权重乘法（8 位，连同激活的取整）",
    "Subgraph": "注意力（float32）",
    "Transpose": "注意力的重排",
    "Gather": "注意力的重排",
    "MVN": "层归一化",
    "MulAdd": "层归一化",
    "Add": "相加",
    "GatherCompressed": "词表（4 位）",
}
OTHERS, BETWEEN = "其余运算", "运算之间"
_N_ROUNDS = 3


@dataclass(frozen=True)
class OperatorTimes:
    """Shares of the network's time by kind of operator, and the share of padding in attention.

    `products_s` is the time of the products with weights, in seconds, for `n_tokens` tokens.
    """

    shares: dict[str, float]
    products_s: float
    n_tokens: int
    padding: float


def time_operators(network: Path, batches: list[Batch]) -> OperatorTimes:
    """Run batches several times with OpenVINO's profiling on."""
    settings = openvino_settings(0, 1) | {"PERF_COUNT": True}
    request = ov.Core().compile_model(str(network), "CPU", settings).create_infer_request()
    start = perf_counter()
    for batch in batches * _N_ROUNDS:
        request.infer(to_inputs(batch))
    total_s = perf_counter() - start
    seconds: defaultdict[str, float] = defaultdict(float)
    for part in request.get_profiling_info():  # each is a mean over all runs
        kind = KINDS.get(part.node_type, OTHERS)
        seconds[kind] += part.real_time.total_seconds() * len(batches) * _N_ROUNDS
    seconds[BETWEEN] = total_s - sum(seconds.values())
    n_tokens = sum(batch.ids.size for batch in batches)
    return OperatorTimes(
        shares={
            kind: seconds[kind] / total_s for kind in sorted(seconds, key=lambda k: -seconds[k])
        },
        products_s=seconds[KINDS["FullyConnectedCompressed"]] / _N_ROUNDS,
        n_tokens=n_tokens,
        padding=1 - n_tokens / sum(batch.slots.size for batch in batches),
    )
