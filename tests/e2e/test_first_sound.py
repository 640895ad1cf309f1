"""A newcomer's first minute, with a real browser, in Spanish: from the first page of a fresh site to something to hear."""

import re

import pytest
from playwright.sync_api import expect

from synthesis.generations.examples import TEXT_BY_LANGUAGE

from .conftest import served
from .copy import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("first_sound")]

CLICKS_TO_HEAR = 1
USERNAME = re.compile("usuario", re.IGNORECASE)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    with served(tmp_path_factory.mktemp("fresh"), VOICESITE_BUILTIN_VOICES="on") as site:
        yield site


def device(browser, site, **options):
    """A page of a browser that nobody has used yet."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{site.port}", **options)
    context.set_default_timeout(20_000)
    return context.new_page()


def test_a_fresh_site_is_heard_with_a_click_and_knows_ones_voice_everywhere(browser, fresh):
    page = device(browser, fresh, locale="es-ES")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_label(USERNAME).fill("newcomer")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Crear cuenta").click()

    text, voice = page.get_by_label("Texto", exact=True), page.get_by_label("Voz", exact=True)
    expect(text).to_be_focused()
    expect(voice.locator("option:checked")).to_contain_text("Dora")
    expect(page.locator(".fidelity")).to_contain_text("Voz incluida")
    page.evaluate("() => { window.clicks = 0; document.addEventListener('click', () => (clicks += 1), true); }")
    page.get_by_role("button", name="Oír un ejemplo").click()
    expect(page.locator("#recent .player.playing")).to_be_visible()
    expect(page.locator("#recent [data-now]").first).not_to_have_text("0:00")
    assert page.evaluate("clicks") == CLICKS_TO_HEAR
    expect(text).to_have_value(TEXT_BY_LANGUAGE["es"])
    expect(page.get_by_role("button", name="Oír un ejemplo")).to_be_hidden()

    voice.select_option(label="Emma – inglés (británico)")
    expect(page.locator("#id_language option:checked")).to_have_text("inglés (británico)")
    expect(page.get_by_text("Guardado", exact=True)).to_be_visible()
    text.fill("Buenos días. Esto es una prueba.")
    page.get_by_role("button", name="Hablar", exact=True).click()
    made = page.get_by_role("listitem").filter(has_text="Buenos días").first
    expect(made.get_by_role("link", name="Descargar MP3 de Buenos días")).to_be_visible()
    made.get_by_role("button", name="Reproducir Buenos días").click()
    expect(made.get_by_role("button", name="Pausar Buenos días")).to_be_visible()
    with page.expect_download() as download:
        made.get_by_role("link", name="Descargar MP3 de Buenos días").click()
    assert download.value.suggested_filename.endswith(".mp3")
    text.fill(TEXT_BY_LANGUAGE["es"])
    expect(page.get_by_text("Guardado", exact=True)).to_be_visible()
    phone = device(
        browser, fresh, locale="es-ES", has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}
    )
    phone.goto("/")
    phone.get_by_label(USERNAME).fill("newcomer")
    phone.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Iniciar sesión").tap()
    expect(phone.get_by_label("Voz", exact=True).locator("option:checked")).to_contain_text("Emma")
    expect(phone.get_by_label("Texto", exact=True)).to_have_value(TEXT_BY_LANGUAGE["es"])
    expect(phone.get_by_label("Texto", exact=True)).not_to_be_focused()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.context.close()
    page.context.close()
