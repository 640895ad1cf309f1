"""Decode codec frames of Qwen3-TTS to samples while they are being written, with PyTorch. Imported by the engine.

The decoder is causal: a transformer at 12.5 frames a second, each of whose layers attends to a window, then
convolutions up to 24 kHz. Upstream decodes 300 frames at a time, each time anew after 25 earlier ones, which differs
from decoding the whole. Here the transformer keeps its KV cache, and the convolutions get again just as many frames as
their receptive field reaches back: chunks of any size join to the whole decode, but for rounding.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor


class SpeechDecoder:
    """Decodes one utterance chunk by chunk, going on from the reference of its voice."""

    def __init__(self, decoder: Any, reference: np.ndarray | None = None):
        """decoder: upstream's. reference: int64 (frames, 16)."""
        self.decoder = decoder
        self.frame_samples = int(decoder.total_upsample)
        self.reach, self.first_reach = reach(decoder), decoder.pre_conv.padding
        self.codes: Tensor | None = None  # the last frames, (1, 16, first_reach), for the first convolution
        self.hidden: Tensor | None = None  # of the last frames, (1, width, reach)
        self.past: Any = None  # the transformer's KV cache
        if reference is not None:
            self._transform(reference)

    @torch.inference_mode()
    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the samples of the next frames, int64 (frames, 16): float32 (frames * 1920,), -1 … 1."""
        context = 0 if self.hidden is None else self.hidden.shape[-1]
        sound = self._transform(codes)
        for stage in self.decoder.upsample:
            for block in stage:
                sound = block(sound)
        for block in self.decoder.decoder:
            sound = block(sound)
        return sound.clamp(-1, 1)[0, 0, context * self.frame_samples :].float().cpu().numpy()

    @torch.inference_mode()
    def _transform(self, codes: np.ndarray) -> Tensor:
        """Return hidden states of the next frames, after those that the convolutions need again: (1, width, frames)."""
        decoder = self.decoder
        new = torch.from_numpy(codes).to(decoder.pre_conv.conv.weight.device).T[None]
        joined = new if self.codes is None else torch.cat((self.codes, new), -1)
        self.codes = joined[..., -self.first_reach :]
        hidden = decoder.pre_conv(decoder.quantizer.decode(joined))[..., -new.shape[-1] :]
        transformed = decoder.pre_transformer(
            inputs_embeds=hidden.transpose(1, 2), past_key_values=self.past, use_cache=True
        )
        self.past = transformed.past_key_values
        hidden = transformed.last_hidden_state.transpose(1, 2)
        if self.hidden is not None:
            hidden = torch.cat((self.hidden, hidden), -1)
        self.hidden = hidden[..., -self.reach :]
        return hidden


def reach(decoder: Any) -> int:
    """Return how many frames the convolutions' receptive field reaches back: ten in the published model.

    Counted from the output: a convolution reaches back over its kernel, a transposed one over inputs of which each
    became `stride` outputs.
    """
    samples = 0
    for module in reversed([*decoder.upsample.modules(), *decoder.decoder.modules()]):
        if hasattr(module, "right_pad"):
            (kernel,), (stride,) = module.conv.kernel_size, module.conv.stride
            samples = -(-samples // stride) + -(-kernel // stride) - 1
        elif hasattr(module, "padding") and hasattr(module, "conv"):
            samples += module.padding
    return samples
