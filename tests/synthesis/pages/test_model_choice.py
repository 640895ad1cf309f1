"""Choosing a model in the studio, where a copying engine is installed beside the embedded one."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings as site
from django.urls import reverse
from playwright.sync_api import sync_playwright

from synthesis.engines import ENGINES
from synthesis.models import Download, Generation
from tests.e2e.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.factories import GenerationFactory, VoiceFactory
from tests.synthesis.engines.test_choice import TORCH_AND_KOKORO
from voicesite.jobs.job import State
from voicesite.modelhost import weights
from voicesite.models import User

KOKORO = "kokoro:kokoro-82m-v1.0-int8"
BIG_MODEL, SMALL_MODEL = "torch:hub/big", "torch:hub/small"


@pytest.fixture(autouse=True)
def here(settings, monkeypatch):
    """The names of the models whose weights are here: the smaller one's."""
    settings.ENGINE = "auto"
    monkeypatch.setattr(ENGINES, "paths", TORCH_AND_KOKORO)
    names = {"hub/small"}
    monkeypatch.setattr(weights, "find", lambda model: Path(model) if model in names else None)
    return names


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, name="Jane", language="de")


def choices(page) -> dict[str, str]:
    """What the studio says of each model: its input's attributes and the words beside it."""
    labels = re.findall(r'<label class="choice">(.*?)</label>', page.get("/").text, re.DOTALL)
    said = (re.sub(r"\s+", " ", label) for label in labels)
    return {re.search(r'value="([^"]+)"', label)[1]: label for label in said}


def said_of_fidelity(page) -> str:
    """What stands beside Speak, of the two things that may."""
    shown = page.get("/").text
    words = re.search(r"data-fidelity-words([^>]*)>\s*(.*?)\s*</span>", shown)
    more = re.search(r'<details class="menu" *(hidden)? *>\s*<summary>(.*?)</summary>', shown)
    assert ("hidden" in words[1]) is not bool(more[1])
    return words[2] if more[1] else more[2]


def asked(voice, **changes):
    return {"voice": voice.pk, "text": "Good morning.", "language": "en-us", "speed": "1"} | changes


def test_each_model_says_what_to_know_before_choosing_it(page, voice):
    GenerationFactory(completed=True, seconds=10, compute_seconds=4, engine="torch", model="hub/small")
    said = choices(page)
    assert list(said) == [SMALL_MODEL, KOKORO, BIG_MODEL], "first what is here"
    for words in ("Small", "default", "copies the voice", "3 languages", "about 4.0 s for 10 s of speech, measured"):
        assert words in said[SMALL_MODEL], words
    assert (
        "on this machine" in said[SMALL_MODEL]
        and " checked" in said[SMALL_MODEL]
        and " disabled" not in said[SMALL_MODEL]
    )
    for words in ("approximate voice", "6 languages", "speed not measured yet", "on this machine"):
        assert words in said[KOKORO], words
    assert 'data-languages="en-us de ja"' in said[SMALL_MODEL]
    assert said_of_fidelity(page) == "Copies the voice"


def test_one_model_is_no_choice(page, voice, monkeypatch):
    monkeypatch.setattr(ENGINES, "paths", {"kokoro": ENGINES.paths["kokoro"]})
    assert choices(page) == {} and said_of_fidelity(page) == "A relative, not a twin"
    page.post("/", asked(voice))
    assert Generation.objects.get().model == "kokoro-82m-v1.0-int8"


def test_what_is_chosen_speaks(page, voice):
    page.post("/", asked(voice, model=KOKORO, language="es"))
    made = Generation.objects.get()
    assert (made.engine, made.model, made.language) == ("kokoro", "kokoro-82m-v1.0-int8", "es")
    shown = page.get(reverse("synthesis:detail", args=[made.pk])).text
    assert "kokoro, approximate voice" in re.sub(r"\s+", " ", shown), "by what spoke, not by what would speak now"


def test_the_language_is_one_of_the_models(page, voice):
    page.post("/", asked(voice, language=""))
    page.post("/", asked(voice, language="", model=KOKORO))
    assert set(Generation.objects.values_list("model", "language")) == {
        ("hub/small", "de"),
        ("kokoro-82m-v1.0-int8", "en-us"),
    }
    refused = page.post("/", asked(voice, model=KOKORO, language="ja", text="Keep this."))
    assert refused.status_code == 422 and "Keep this.</textarea>" in refused.text
    words = "Kokoro 82M does not speak Japanese: choose another language, or Small."
    assert words in refused.context["form"].errors["language"]
    assert re.search(rf'value="{KOKORO}"[^>]* checked', refused.text), "and the choice is kept"
    assert Generation.objects.count() == 2


def test_what_is_not_on_this_machine_is_shown_but_only_staff_may_choose_it(page, user, voice):
    said = choices(page)[BIG_MODEL]
    assert " disabled" in said and "3.5 GB to download first" in said
    assert "1 not on this machine: staff can download one" in page.get("/").text
    refused = page.post("/", asked(voice, model=BIG_MODEL))
    assert refused.status_code == 422
    assert "no longer available" in str(refused.context["form"].errors["model"])
    User.objects.update(is_staff=True)
    said = choices(page)[BIG_MODEL]
    assert " disabled" not in said and "3.5 GB to download first" in said


def test_a_model_that_has_come_may_be_chosen_at_once(page, voice, here):
    here.add("hub/big")
    assert page.post("/", asked(voice, model=BIG_MODEL)).status_code == 302
    assert Generation.objects.get().model == "hub/big"


@pytest.mark.e2e
@pytest.mark.skipif(not os.path.exists(CHROMIUM), reason=f"{CHROMIUM} is not installed")
def test_a_script_offers_only_the_languages_of_the_model(page, voice):
    shown = page.get("/").text
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        studio = browser.new_page()
        studio.set_content(shown)

        def languages():
            return studio.locator("#id_language option").evaluate_all("options => options.map((one) => one.value)")

        assert {"de", "ja", "es", "hi"} <= set(languages()), "without a script, all"
        studio.add_script_tag(path=site.BASE_DIR / "static" / "words.js")
        studio.add_script_tag(path=site.BASE_DIR / "static" / "studio.js", type="module")
        chosen = studio.locator("#id_language")
        assert set(languages()) == {"en-us", "de", "ja"} and chosen.input_value() == "de", "the voice’s own"
        studio.get_by_text("Model:").click()
        studio.get_by_role("radio", name=re.compile("Kokoro")).check()
        assert set(languages()) == {"en-us", "en-gb", "es", "fr", "hi", "it", "pt-br"}
        assert chosen.input_value() == "en-us"
        assert " ".join(studio.locator(".fidelity").inner_text().split()) == "A relative, not a twin · Kokoro 82M"
        studio.get_by_text("A relative, not a twin").click()
        assert "choose Small" in studio.locator(".fidelity").inner_text()
        chosen.select_option("en-us")
        studio.get_by_role("radio", name=re.compile("Small")).check()
        assert chosen.input_value() == "en-us", "what is chosen stays, where the model speaks it"
        assert studio.locator(".models > summary").inner_text() == "Model: Small"
        browser.close()


def test_trying_again_downloads_nothing_but_for_staff(page, user, voice):
    row = GenerationFactory(owner=user, voice=voice, failed=True, engine="torch", model="hub/big")
    retry = reverse("synthesis:retry", args=[row.pk])

    def waits() -> bool:
        row.refresh_from_db()
        return row.state == State.PENDING

    assert "Big is no longer on this machine" in page.post(retry, follow=True).text and not waits()
    download = Download.objects.create(engine="torch", model="hub/big")
    page.post(retry)
    assert waits(), "for a download that staff asked for"
    download.delete()
    Generation.objects.update(state=State.FAILED)
    User.objects.update(is_staff=True)
    page.post(retry)
    assert waits()
