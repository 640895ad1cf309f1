"""The small ONNX networks in data/, each loaded once per process, on one thread."""

from functools import cache
from pathlib import Path


@cache
def session(name: str):
    """Return the onnxruntime session of data/`name`.onnx."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it would keep the memory of the longest recording
    options.log_severity_level = 4
    model = Path(__file__).parent / "data" / f"{name}.onnx"
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
