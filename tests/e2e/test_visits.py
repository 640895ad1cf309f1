"""Pages come into the same document, and all of a page works as if the browser had loaded it."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import open_page, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]  # one site for all of them


@pytest.fixture
def document(ada):
    """The administrator's page, and that it is the same document at the end."""
    ada.goto("/voices/")
    ada.evaluate("window.isTheSame = true")
    yield ada
    assert ada.evaluate("window.isTheSame"), "the browser loaded a page by itself"


def link(page, name):
    return page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True)


def test_links_show_pages_with_title_focus_and_current_place(document):
    for name, path in [("Studio", "/"), ("Library", "/generations/"), ("Voices", "/voices/")]:
        link(document, name).click()
        expect(document).to_have_title(f"{name} · Voicesite")
        expect(document).to_have_url(f"{document.url.split('/', 3)[0]}//{document.url.split('/')[2]}{path}")
        expect(link(document, name)).to_have_attribute("aria-current", "page")
        expect(document.locator("#announcer")).to_have_text(name)
    expect(document.locator("main")).to_be_focused()


def test_back_and_forward_show_each_page_where_it_was_left(document):
    document.get_by_role("link", name="Create a voice").or_(
        document.get_by_role("link", name="New voice")
    ).first.click()
    document.get_by_label("Name").fill("Half a na")
    document.evaluate("scrollTo(0, 100)")
    link(document, "Library").evaluate("link => link.click()")  # a click of a mouse would scroll to it
    expect(document).to_have_title("Library · Voicesite")
    assert document.evaluate("scrollY") == 0
    document.go_back()
    expect(document.get_by_label("Name")).to_have_value("Half a na")
    assert document.evaluate("scrollY") == 100
    document.go_back()
    expect(document).to_have_title("Voices · Voicesite")
    document.go_forward()
    document.go_forward()
    expect(document).to_have_title("Library · Voicesite")
    expect(link(document, "Library")).to_have_attribute("aria-current", "page")


def test_filters_are_gone_back_to(document, site):
    site.speak("A tale to be found.")
    link(document, "Library").click()
    expect(document.get_by_role("link", name="A tale to be found.", exact=True)).to_be_visible()
    document.get_by_role("searchbox").fill("nothing like it")
    expect(document.locator("#found")).to_contain_text("Nothing matches.")
    link(document, "Voices").click()
    expect(document).to_have_title("Voices · Voicesite")
    document.go_back()
    expect(document.get_by_role("searchbox")).to_have_value("nothing like it")
    document.go_back()
    expect(document.get_by_role("link", name="A tale to be found.", exact=True)).to_be_visible()


def test_forms_are_answered_in_place(document):
    document.get_by_label("Account of ada").click()
    document.get_by_role("link", name="Account", exact=True).click()
    expect(document).to_have_title("Account · Voicesite")
    keys = document.locator("#keys")
    keys.get_by_label("Name").fill("a program")
    keys.get_by_role("button", name="Create a key").click()
    expect(document.get_by_role("heading", name="Your new API key")).to_be_visible()
    document.get_by_role("link", name="Done").click()
    expect(keys).to_contain_text("a program")
    assert document.evaluate("scrollY > 0 && location.hash === '#keys'")


def test_what_does_not_exist_is_said_and_left_again(document):
    document.evaluate("document.querySelector('main a').setAttribute('href', '/voices/nobody/')")
    document.locator("main a").first.click()
    expect(document.get_by_role("heading", name="Not found")).to_be_visible()
    expect(link(document, "Voices")).not_to_have_attribute("aria-current", "page")
    document.go_back()
    expect(document.get_by_role("heading", name="Voices", exact=True)).to_be_visible()


def test_a_connection_that_is_lost_is_said_and_the_page_stays(document):
    document.context.set_offline(True)
    link(document, "Library").click()
    expect(document.get_by_text("Connection lost.")).to_be_visible()
    document.context.set_offline(False)
    link(document, "Library").click()
    expect(document).to_have_title("Library · Voicesite")


def test_answers_to_htmx_lead_on_in_the_same_document(document, site):
    pk = site.speak("To be starred.")
    link(document, "Library").click()
    answer = {"status": 204, "headers": {"HX-Redirect": "/voices/"}}
    document.route(f"**/{pk}/favourite", lambda route: route.fulfill(**answer))
    document.locator(f"#row-{pk} .star button").click()
    expect(document).to_have_title("Voices · Voicesite")
    document.unroute(f"**/{pk}/favourite")


def test_files_are_downloaded_and_the_document_stays(document, site):
    pk = site.speak("To be taken along.")
    document.evaluate(f"document.querySelector('main a').setAttribute('href', '/generations/{pk}/')")
    document.locator("main a").first.click()
    with document.expect_download() as download:
        document.get_by_role("link", name="Download MP3").click()
    assert download.value.suggested_filename.endswith(".mp3")


def test_what_is_being_written_is_kept_on_the_way(document):
    link(document, "Studio").click()
    document.get_by_label("Text", exact=True).press_sequentially("Once upon a ti")
    link(document, "Library").click()
    expect(document).to_have_title("Library · Voicesite")
    link(document, "Studio").click()
    expect(document.get_by_label("Text", exact=True)).to_have_value("Once upon a ti")
    document.get_by_role("button", name="Start over").click()
    expect(document.get_by_text("Saved")).to_be_visible()


def test_a_sentence_that_is_not_saved_keeps_the_page(document, site):
    pk = site.speak("One sentence. Another sentence.")
    document.evaluate(f"document.querySelector('main a').setAttribute('href', '/generations/{pk}/')")
    document.locator("main a").first.click()
    expect(document.get_by_role("link", name="Download MP3")).to_be_visible()
    document.locator("[data-s]").nth(1).click()
    document.get_by_role("link", name="Edit sentence 2").click()
    document.locator("#sentence_text").fill("Something else.")
    link(document, "Voices").click()
    expect(document.locator("[data-leaves]")).to_be_visible()
    expect(document.locator("#sentence_text")).to_have_value("Something else.")
    document.go_back()
    expect(document.locator("#sentence_text")).to_have_value("Something else.")
    expect(document).to_have_url(re.compile(rf"/generations/{pk}/$"))
    document.locator("#editor [data-close]").first.click()
    link(document, "Voices").click()
    expect(document).to_have_title("Voices · Voicesite")


def test_a_page_of_somebody_else_is_loaded_by_the_browser(browser, address, site):
    page = open_page(browser, address)
    page.goto("/account/login/")
    sign_in(page)
    page.evaluate("window.isTheSame = true")
    other = page.context.new_page()
    other.goto("/")
    other.get_by_label("Account of ada").click()
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    link(page, "Library").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert not page.evaluate("window.isTheSame")
    page.context.close()
