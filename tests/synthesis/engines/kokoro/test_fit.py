import numpy as np
import pytest

from synthesis.engines.kokoro import fit as kokoro_fit
from synthesis.engines.kokoro.engine import _pack, _unpack
from voices.analysis import speaker_encoder

pytestmark = pytest.mark.xdist_group("kokoro")


@pytest.fixture
def search(recording):
    reference = recording("english_austen_1")
    return kokoro_fit.Search(speaker_encoder.embed(reference.samples, reference.sample_rate))


def test_the_gradient_is_that_of_the_similarity(search):
    random = np.random.default_rng(3)
    search.pitch = np.log(120)
    for sentence in (0, 0, 1):
        search.observe(search.neighbour(random), sentence, search.target, 110.0)
    point = search.best + 0.1 * random.standard_normal(len(search.best))
    _, gradient = search._score(point)

    for place in (0, 30, 53, 105):
        step = np.zeros(len(point))
        step[place] = 1e-5
        slope = (search._score(point + step)[0] - search._score(point - step)[0]) / 2e-5
        assert slope == pytest.approx(gradient[place], abs=1e-7)


def test_the_fit_is_expected_to_be_more_like_the_speaker_than_any_known_blend(search):
    before = max(search._similarity(point)[0] for point in search.map.points)

    search.blend()

    assert search._similarity(search.best)[0] > before


def test_the_pitch_of_the_speaker_pulls_the_fit_towards_it(search):
    def expected(fit):
        return np.exp(np.append(fit.best, 1) @ fit.map.pitch)

    low, high = kokoro_fit.Search(search.target, 95.0), kokoro_fit.Search(search.target, 150.0)
    low.blend(), high.blend()

    assert expected(low) == pytest.approx(95, rel=0.1)
    assert expected(high) == pytest.approx(150, rel=0.1)


def test_a_voice_heard_too_high_makes_the_next_one_lower(search):
    fit = kokoro_fit.Search(search.target, 100.0)
    before = fit.blend()
    fit.observe(before, 0, search.target, 130.0)
    fit.blend()

    start = np.append(fit.space.coordinates(before.timbre, before.prosody), 1) @ fit.map.pitch
    assert np.append(fit.best, 1) @ fit.map.pitch < start


def test_weights_sum_to_one_and_give_back_the_point(search):
    blend = search.blend()

    assert blend.timbre.sum() == pytest.approx(1, abs=1e-3)
    assert blend.prosody.sum() == pytest.approx(1, abs=1e-3)
    assert np.abs(blend.timbre).max() < 1.5
    again = search.space.coordinates(blend.timbre, blend.prosody)
    assert np.linalg.norm(again - search.best) < 0.1 * np.linalg.norm(search.best)


def test_what_is_heard_corrects_what_is_expected(search):
    blend = search.blend()
    disappointing = -search.target  # nothing like the speaker
    before = search._similarity(search.best)[0]

    search.observe(blend, 0, disappointing)

    assert search._similarity(search.best)[0] < before - 0.1


def test_one_voice_alone_has_its_own_table():
    names, lengths, bases = kokoro_fit.kokoro_data.voices()
    alone = np.eye(len(names), dtype=np.float32)[4]

    np.testing.assert_array_equal(kokoro_fit.Blend(alone, alone).table(), lengths[4] @ bases[4])


def test_a_blend_has_the_timbre_of_some_voices_and_the_prosody_of_others():
    names, lengths, bases = kokoro_fit.kokoro_data.voices()
    random = np.random.default_rng(5)
    timbre, prosody = random.standard_normal((2, len(names))).astype(np.float32)
    prosody[random.random(len(names)) < 0.3] = 0

    table = kokoro_fit.Blend(timbre, prosody).table()

    tables = lengths @ bases
    np.testing.assert_allclose(table[:, :128], np.tensordot(timbre, tables[..., :128], 1), atol=1e-4)
    np.testing.assert_allclose(table[:, 128:], np.tensordot(prosody, tables[..., 128:], 1), atol=1e-4)
    assert table.dtype == np.float32


def test_a_blend_survives_its_payload(search):
    blend = search.blend()
    again = _unpack(_pack(blend))

    np.testing.assert_array_equal(blend.timbre, again.timbre)
    np.testing.assert_array_equal(blend.prosody, again.prosody)


def test_maximize_finds_the_top_of_a_hill():
    top = np.array([1.0, -2.0, 0.5])

    def hill(point):
        return float(-((point - top) ** 2 * [1, 4, 9]).sum()), -2 * (point - top) * [1, 4, 9]

    np.testing.assert_allclose(kokoro_fit.maximize(hill, np.zeros(3)), top, atol=0.01)
