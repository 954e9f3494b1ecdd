"""What computes an exported network: OpenVINO where it can be had, else ONNX Runtime.

Both read the same file. `YIWEN_RUNTIME` (`openvino`, `onnxruntime`) chooses one.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from time import perf_counter
from typing import Any, Protocol

from model.arrays import FloatArray, IntArray
from model.errors import ModelError

VARIABLE = "YIWEN_RUNTIME"
OPENVINO, ONNX_RUNTIME = "openvino", "onnxruntime"
# Group size for rounding activations to 8 bits, the weights' own (`training.encoder.quantize`).
# Processors without 8-bit dot products (VNNI) keep activations in float32 and lose less.
_QUANTIZATION_GROUP = 128
# Size of OpenVINO's kernel cache; its default of 5,000 grows memory.
_KERNEL_CACHE_SIZE = 64
_MICROSECOND = 1e-6
# ONNX Runtime's levels of its log: errors, which it raises as well, are not printed.
_LOG_FATAL = 4

Inputs = Mapping[str, IntArray | FloatArray]


class Runtime(Protocol):
    """A network that several threads may run; further runs than it has streams wait."""

    @property
    def outputs(self) -> frozenset[str]:
        """Names of what it can compute."""

    def compute(self, inputs: Inputs, names: Sequence[str]) -> list[FloatArray]:
        """Return the named outputs; fewer rows than asked for where the runtime failed.

        Raises:
            RuntimeError: the runtime says that it failed.
        """


class OpenVinoRuntime:
    """A network compiled by OpenVINO, with a request for each stream."""

    def __init__(self, compiled: Any, streams: int, outputs: frozenset[str] = frozenset()) -> None:
        self._outputs = outputs
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(streams):
            self._idle.put(compiled.create_infer_request())

    @property
    def outputs(self) -> frozenset[str]:
        """Names of what it can compute."""
        return self._outputs

    @classmethod
    def load(cls, path: Path, threads: int, streams: int) -> OpenVinoRuntime:
        """Compile a network; the arguments are those of `load_runtime`.

        Raises:
            RuntimeError: the file cannot be read.
        """
        import openvino as ov

        compiled = ov.Core().compile_model(str(path), "CPU", openvino_settings(threads, streams))
        names = frozenset(name for port in compiled.outputs for name in port.get_names())
        return cls(compiled, streams, names)

    def compute(self, inputs: Inputs, names: Sequence[str]) -> list[FloatArray]:
        """Return the named outputs.

        Raises:
            RuntimeError: OpenVINO says that it failed.
        """
        request = self._idle.get()
        try:
            request.infer(inputs)
            return [request.get_tensor(name).data.copy() for name in names]
        finally:
            self._idle.put(request)


class OnnxRuntime:
    """A session of ONNX Runtime, which any number of threads may run."""

    def __init__(self, session: Any, streams: int) -> None:
        self._session = session
        self._streams = BoundedSemaphore(streams)

    @property
    def outputs(self) -> frozenset[str]:
        """Names of what it can compute."""
        return frozenset(output.name for output in self._session.get_outputs())

    @classmethod
    def load(cls, path: Path, threads: int, streams: int) -> OnnxRuntime:
        """Open a session; the arguments are those of `load_runtime`.

        Raises:
            RuntimeError: the file cannot be read.
        """
        return cls(_open_session(path, threads), streams)

    def compute(self, inputs: Inputs, names: Sequence[str]) -> list[FloatArray]:
        """Return the named outputs.

        Raises:
            RuntimeError: ONNX Runtime says that it failed.
        """
        try:
            with self._streams:
                found: list[FloatArray] = self._session.run(list(names), dict(inputs))
        except Exception as error:  # its errors have no root but this
            raise RuntimeError(str(error)) from error
        return found


def _open_session(path: Path, threads: int, profile: Path | None = None) -> Any:
    """Open a session of ONNX Runtime; `profile` is how the name of a file with times begins."""
    import onnxruntime as ort

    ort.disable_telemetry_events()
    options = ort.SessionOptions()
    options.log_severity_level = _LOG_FATAL
    # A number of its own choosing would bind threads to cores, which other runs share.
    options.intra_op_num_threads = threads or count_cores()
    options.inter_op_num_threads = 1
    # Threads that wait would keep a core busy.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no root but this
        raise RuntimeError(str(error)) from error


def count_cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def openvino_settings(threads: int, streams: int) -> dict[str, Any]:
    """Return OpenVINO's settings; the arguments are those of `load_runtime`."""
    return {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": threads * streams,
        "INFERENCE_PRECISION_HINT": "f32",  # the same on processors without bfloat16
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": _QUANTIZATION_GROUP,
        "CPU_RUNTIME_CACHE_CAPACITY": _KERNEL_CACHE_SIZE,
        "ENABLE_CPU_PINNING": False,  # other processes' runs would share its cores
    }


def choose_runtime() -> str:
    """Return the runtime that is asked for, else the first that can be imported.

    Raises:
        ModelError: `YIWEN_RUNTIME` names none, or no runtime can be imported.
    """
    names = (OPENVINO, ONNX_RUNTIME)
    asked = os.environ.get(VARIABLE, "").strip().lower()
    if asked and asked not in names:
        raise ModelError(
            f"{VARIABLE} 应为 {' 或 '.join(names)}，实为 {asked}", code="runtime_unknown"
        )
    failures = []
    for name in (asked,) if asked else names:
        try:
            import_module(name)
        except ImportError as error:  # absent, or made for a newer system than this
            failures.append(f"{name}（{error}）")
        else:
            return name
    raise ModelError(f"运行库无法载入：{'；'.join(failures)}", code="runtime_missing")


def load_runtime(path: Path, *, threads: int = 0, streams: int = 1) -> Runtime:
    """Load an exported network.

    Args:
        path: an ONNX file.
        threads: cores for each run; 0 takes all.
        streams: how many runs at a time; further ones wait for their turn.

    Raises:
        ModelError: the file cannot be read, or there is no runtime.
    """
    kind = OpenVinoRuntime if choose_runtime() == OPENVINO else OnnxRuntime
    try:
        return kind.load(path, threads, streams)
    except RuntimeError as error:
        raise ModelError(
            f"网络 {path} 无法载入：{error}", code="model_damaged", file=path.name
        ) from error


@dataclass(frozen=True)
class Profile:
    """Seconds of all runs together, and of their operators, by the runtime's names of them."""

    total_s: float
    operators_s: dict[str, float]


def profile_operators(path: Path, runs: Sequence[Inputs]) -> Profile:
    """Run a network, with the runtime's own clock on its operators.

    Args:
        path: an ONNX file.
        runs: what it is run with, one after another.

    Raises:
        ModelError: there is no runtime.
    """
    return _PROFILERS[choose_runtime()](path, runs)


def _profile_openvino(path: Path, runs: Sequence[Inputs]) -> Profile:
    import openvino as ov

    settings = openvino_settings(0, 1) | {"PERF_COUNT": True}
    request = ov.Core().compile_model(str(path), "CPU", settings).create_infer_request()
    start = perf_counter()
    for inputs in runs:
        request.infer(inputs)
    total_s = perf_counter() - start
    operators_s: defaultdict[str, float] = defaultdict(float)
    for part in request.get_profiling_info():  # each is a mean over all runs
        operators_s[part.node_type] += part.real_time.total_seconds() * len(runs)
    return Profile(total_s, dict(operators_s))


def _profile_onnx(path: Path, runs: Sequence[Inputs]) -> Profile:
    with TemporaryDirectory() as folder:
        session = _open_session(path, 0, Path(folder) / "profile")
        start = perf_counter()
        for inputs in runs:
            session.run(None, dict(inputs))
        total_s = perf_counter() - start
        events = json.loads(Path(session.end_profiling()).read_text("utf-8"))
    operators_s: defaultdict[str, float] = defaultdict(float)
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            operators_s[event["args"]["op_name"]] += event["dur"] * _MICROSECOND
    return Profile(total_s, dict(operators_s))


_PROFILERS = {OPENVINO: _profile_openvino, ONNX_RUNTIME: _profile_onnx}
