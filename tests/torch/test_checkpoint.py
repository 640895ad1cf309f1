"""The tiny checkpoint is one that upstream's own loader takes whole."""

import pytest


@pytest.mark.parametrize("folder", ["", "speech_tokenizer"])
def test_the_file_has_every_tensor_of_the_model_and_no_other(checkpoint, engine, folder):
    import safetensors

    model = engine.tts.model.speech_tokenizer.model if folder else engine.tts.model
    with safetensors.safe_open(checkpoint / folder / "model.safetensors", "pt") as file:
        written = {name: tuple(file.get_tensor(name).shape) for name in file.keys()}  # noqa: SIM118
    assert written == {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
