"""`make bench-engines`: Qwen3-TTS at full size, with random weights: upstream's own loop, then ours, alone and in batches.

Run in the torch engine's environment. It measures time and memory, not speech: random weights say nothing. Everything
else is as published: the geometry of both sizes, the codec, the prompt of a voice with some seconds of recording. The
same script runs on a GPU.

    python -m tests.benchmarks.engines --size 1.7B --frames 50 --batches 1 8 32 --dtype bfloat16 --threads 2

Upstream speaks once before and once after ours, so that what else the machine does meanwhile shows.
"""

import argparse
import gc
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from synthesis.engines.base import Audio, Utterance
from synthesis.engines.batch_backoff import BatchBackoff
from synthesis.engines.qwen3.prompt import FRAME_SECONDS, pack, unpack
from synthesis.engines.qwen3.pytorch.engine import (
    TorchEngine,
    _device,
    _device_name,
    _dtype,
    _import_upstream,
    _prompt_item,
)
from tests.checkpoints import write_checkpoint

TEXT = "The kettle is on, and the table is laid for four of us this evening, although nobody has said a word."
TRANSCRIPT = "It was a bright cold day in April, and the clocks were striking thirteen."
TALKER_SIZES = {
    "0.6B": {"hidden_size": 1024, "intermediate_size": 3072},
    "1.7B": {"hidden_size": 2048, "intermediate_size": 6144},
}
ATTENTION_HEADS = {"num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128}
PREDICTOR = {
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 5,
    "vocab_size": 2048,
    **ATTENTION_HEADS,
}
CODEC = {"codebook_dim": 512, "hidden_size": 512, "intermediate_size": 1024, "head_dim": 64}  # else its defaults


def build(size: str, device, dtype) -> TorchEngine:
    """The engine with a model of that size, which is never written to a disk."""
    import torch

    upstream = _import_upstream()
    from qwen_tts.core.models import Qwen3TTSConfig, Qwen3TTSForConditionalGeneration, Qwen3TTSProcessor
    from qwen_tts.core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2 import (
        Qwen3TTSTokenizerV2Config,
        Qwen3TTSTokenizerV2Model,
    )
    from transformers import AutoConfig, AutoProcessor
    from transformers.modeling_utils import no_init_weights

    def random(make: Callable, number_format) -> torch.nn.Module:
        before = torch.get_default_dtype()
        torch.set_default_dtype(number_format)
        try:
            with no_init_weights(), torch.device(device):
                model = make().eval()
            for name, tensor in model.named_parameters():
                if tensor.dim() > 1:
                    torch.nn.init.uniform_(tensor, -0.03, 0.03)
                else:
                    torch.nn.init.constant_(tensor, 0 if name.endswith(("bias", "alpha", "beta")) else 1)
        finally:
            torch.set_default_dtype(before)
        return model.requires_grad_(False)

    with tempfile.TemporaryDirectory() as folder:
        tiny = write_checkpoint(Path(folder) / "tiny")
        AutoConfig.register("qwen3_tts", Qwen3TTSConfig)
        AutoProcessor.register(Qwen3TTSConfig, Qwen3TTSProcessor)
        processor = AutoProcessor.from_pretrained(tiny)
        config = json.loads((tiny / "config.json").read_text())
    config["speaker_encoder_config"] = {"enc_dim": TALKER_SIZES[size]["hidden_size"]}
    ids = {
        name: 2048 + value - 64
        for name, value in config["talker_config"].items()
        if name.startswith("codec_") and isinstance(value, int)
    }
    config["talker_config"] |= (
        TALKER_SIZES[size]
        | ATTENTION_HEADS
        | ids
        | {
            "num_hidden_layers": 28,
            "vocab_size": 3072,
            "text_vocab_size": 151_936,
            "text_hidden_size": 2048,
            "rope_scaling": {
                "rope_type": "default",
                "type": "default",
                "interleaved": True,
                "mrope_section": [24, 20, 20],
            },
            "codec_language_id": {"english": 2050},
            "code_predictor_config": config["talker_config"]["code_predictor_config"] | PREDICTOR,
        }
    )
    config = Qwen3TTSConfig(**config)
    model = random(lambda: Qwen3TTSForConditionalGeneration(config), dtype)
    speech_tokenizer = upstream.Qwen3TTSTokenizer()
    codec = Qwen3TTSTokenizerV2Config(decoder_config=CODEC)
    speech_tokenizer.model = random(lambda: Qwen3TTSTokenizerV2Model(codec), torch.float32)
    speech_tokenizer.config, speech_tokenizer.device = codec, device
    model.load_speech_tokenizer(speech_tokenizer)

    engine = TorchEngine()
    engine.tts, engine.model = upstream.Qwen3TTSModel(model, processor, {}), model
    engine.device = device
    engine.backoff = BatchBackoff(engine.is_out_of_memory)
    return engine


clock = time.perf_counter


class Length:
    """Makes each call of the model exactly so many frames long, by what its head says of the end token."""

    def __init__(self, engine: TorchEngine, frames: int):
        from synthesis.engines.qwen3.pytorch.frame_loop import FrameLoop

        talker = engine.tts.model.talker
        self.frames, self.end = frames, talker.config.codec_eos_token_id
        self.heard: list[float] = []  # when each hidden state was there, seconds
        self.steps: list[float] = []  # seconds of each step of our loop; between two of them sound may be decoded
        talker.codec_head.register_forward_hook(self._hook)
        step = FrameLoop.step

        def timed(loop: FrameLoop):
            begun = clock()
            written = step(loop)
            self.steps.append(clock() - begun)
            return written

        FrameLoop.step = timed

    def _hook(self, module, arguments, scores):
        scores[..., self.end] = 1e4 if len(self.heard) >= self.frames else -1e4
        self.heard.append(clock())

    def frame_seconds(self) -> float:
        """The median, of one step for the whole batch."""
        return statistics.median(self.steps or np.diff(self.heard))


@dataclass
class Result:
    name: str
    sentences: int
    frames: int
    seconds: float  # all of it: prompts, frames and sound
    step: float  # seconds of one step for the whole batch
    peak: int  # bytes beyond the weights

    def line(self, base: "Result") -> str:
        each, frame = self.seconds / self.sentences, self.step / self.sentences
        factor = each / (self.frames * FRAME_SECONDS)
        return (
            f"| {self.name} | {1000 * frame:.0f} | {base.step / base.sentences / frame:.2f} | {each:.2f} | {factor:.2f} "
            f"| {base.seconds / base.sentences / each:.2f} | {self.peak / 1e9:.2f} |"
        )


def measure(name: str, engine: TorchEngine, length: Length, sentences: int, speak: Callable[[], None]) -> Result:
    import torch

    gc.collect()
    length.heard, length.steps = [], []
    if engine.device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    with peak_memory(engine) as peak:
        begun = clock()
        speak()
        if engine.device.type == "cuda":
            torch.cuda.synchronize()
        seconds = clock() - begun
    return Result(name, sentences, length.frames, seconds, length.frame_seconds(), peak[0])


@contextmanager
def peak_memory(engine: TorchEngine) -> Iterator[list[int]]:
    """The most bytes used within, beyond those before."""
    import psutil
    import torch

    peak = [0]
    if engine.device.type == "cuda":
        before = torch.cuda.memory_allocated()
        yield peak
        peak[0] = torch.cuda.max_memory_allocated() - before
        return
    process, ended = psutil.Process(), threading.Event()
    before = process.memory_info().rss

    def look() -> None:
        while not ended.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss - before)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def bandwidth(device) -> float:
    """Bytes a second that one reader of a large tensor gets; the best of some."""
    import torch

    tensor = torch.ones(250_000_000, dtype=torch.float32, device=device)
    best = 0.0
    for _ in range(4):
        begun = time.perf_counter()
        tensor.sum().item()
        best = max(best, tensor.nbytes / (time.perf_counter() - begun))
    return best


def bytes_a_frame(engine: TorchEngine) -> int:
    """Weights that must be read for one frame: the talker once, the code predictor's layers fifteen times."""
    talker = engine.tts.model.talker
    predictor = talker.code_predictor

    def size(*modules) -> int:
        return sum(parameter.nbytes for module in modules for parameter in module.parameters())

    return size(talker.model.layers, talker.codec_head, predictor.lm_head) + 15 * size(predictor.model.layers)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--size", choices=TALKER_SIZES, default="0.6B")
    options.add_argument("--frames", type=int, default=24)
    options.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    options.add_argument("--dtype", default="")
    options.add_argument("--threads", type=int, default=0, help="of the processor; what PyTorch chooses, where 0")
    options.add_argument("--recording", type=float, default=5.0, help="seconds of the voice's recording")
    options.add_argument(
        "--busy", action="store_true", help="count the processor's time on one thread: for a machine with other work"
    )
    chosen = options.parse_args()
    if find_spec("qwen_tts") is None:
        print("Left out: qwen-tts is not installed in this environment. `make bench-engines` measures it.")
        return
    import torch

    if chosen.busy:
        global clock
        clock, chosen.threads = time.process_time, 1
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    if chosen.dtype:
        os.environ["VOICESITE_DTYPE"] = chosen.dtype
    device = _device()
    dtype = _dtype(device)
    engine = build(chosen.size, device, dtype)
    length = Length(engine, chosen.frames)
    random = np.random.default_rng(0)
    speaker = random.standard_normal(TALKER_SIZES[chosen.size]["hidden_size"]).astype(np.float32)
    voice = pack(speaker, random.integers(0, 2048, (round(chosen.recording * 12.5), 16)), TRANSCRIPT)
    prompt = unpack(voice)

    def upstream() -> None:
        torch.manual_seed(0)
        engine.tts.generate_voice_clone(TEXT, "english", voice_clone_prompt=[_prompt_item(prompt)])

    def ours(batch: int) -> None:
        seconds = chosen.frames * FRAME_SECONDS
        utterances = [Utterance(TEXT, "en-us", voice, seed=seed, expected_seconds=seconds) for seed in range(batch)]
        items = list(engine.synthesize(utterances, lambda progress: None))
        assert sum(isinstance(item, Audio) and item.last for item in items) == batch, items

    read, speed = bytes_a_frame(engine), bandwidth(device)
    print(
        f"Qwen3-TTS-12Hz-{chosen.size}-Base, random weights, {_device_name(device)}, {str(dtype)[6:]}, {os.cpu_count()}"
        f" cores, {torch.get_num_threads()} threads, PyTorch {torch.__version__}; {chosen.frames} frames a sentence,"
        f" a voice of {chosen.recording:.0f} s; {'processor time' if chosen.busy else 'time'}; load average at the start {os.getloadavg()[0]:.1f}."
    )
    print(
        f"A frame reads {read / 1e9:.2f} GB of weights; memory gives {speed / 1e9:.1f} GB/s: no batch takes a step in"
        f" less than {1000 * read / speed:.0f} ms.\n",
        flush=True,
    )

    measure("warm", engine, length, 1, lambda: ours(1))
    base = measure("upstream, one by one", engine, length, 1, upstream)
    print(
        "| | ms a frame and sentence | times upstream | s a sentence | real-time factor | times upstream | peak, GB |"
    )
    print("|---|---|---|---|---|---|---|")
    print(base.line(base), flush=True)
    for batch in chosen.batches:
        name = "ours, one by one" if batch == 1 else f"ours, batch of {batch}"
        print(measure(name, engine, length, batch, lambda batch=batch: ours(batch)).line(base), flush=True)
    print(measure("upstream again", engine, length, 1, upstream).line(base))
    print(
        f"\nLoad average at the end {os.getloadavg()[0]:.1f}. Real-time factor: seconds of compute a second of audio."
    )


if __name__ == "__main__":
    main()
