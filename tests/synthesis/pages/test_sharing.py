"""The panel from which one's own speech is shared, and the list of all links that staff have."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from synthesis.models import ListeningLink, Rendition
from synthesis.sharing import service as sharing
from tests.factories import GenerationFactory
from voices.models import AuditEntry
from voicesite.models import User

HTMX = {"HX-Request": "true"}
ADDRESSES = {"share": "GET", "make_link": "POST", "end_link": "POST"}
CHOSEN = {"title": "For grandmother", "days": "30", "show_text": "on"}
ADMIN = reverse("admin:synthesis_listeninglink_changelist")


def address(name, generation) -> str:
    return reverse(f"synthesis:{name}", args=[getattr(generation, "pk", generation)])


@pytest.fixture
def speech(user):
    return GenerationFactory(completed=True, owner=user)


def link_shown(shown: str) -> str:
    """The address in the panel, without the host."""
    return re.search(r'id="address"[^>]*value="https?://[^/]+([^"]+)"', shown)[1]


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_strangers_speech_is_not_there(page, stranger, name):
    theirs = GenerationFactory(completed=True, owner=stranger)
    sharing.share(theirs)
    for where in (address(name, theirs), address(name, uuid.uuid4())):
        assert page.generic(ADDRESSES[name], where).status_code == 404
    assert ListeningLink.objects.active().count() == 1


@pytest.mark.parametrize("name", ADDRESSES)
def test_visitors_sign_in_first(client, speech, name):
    assert client.generic(ADDRESSES[name], address(name, speech)).url.startswith("/account/login/")


@pytest.mark.parametrize("name", ADDRESSES)
def test_wrong_methods_are_refused(page, speech, name):
    assert page.generic("POST" if ADDRESSES[name] == "GET" else "GET", address(name, speech)).status_code == 405


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_link_is_made_changed_and_ended(page, client, speech, headers):
    def shown(response):
        return response.text if headers else page.get(response.url).text

    assert "Create a link" in page.get(address("share", speech), headers=headers).text
    assert not ListeningLink.objects.exists(), "nothing is shared before somebody wants it"
    made = shown(page.post(address("make_link", speech), CHOSEN, headers=headers))
    where = link_shown(made)
    assert "For grandmother" in client.get(where).text and 'id="end-link"' in made
    assert Rendition.objects.filter(generation=speech, state="completed").exists(), "the file is there already"
    again = shown(page.post(address("make_link", speech), {"title": "", "days": "1"}, headers=headers))
    assert link_shown(again) == where and "Something to listen to" in client.get(where).text
    ended = shown(page.post(address("end_link", speech), headers=headers))
    assert "The last link was turned off by its owner" in ended and client.get(where).status_code == 404
    assert "Create a link" in ended


def test_a_panel_is_a_part_of_the_page(page, speech):
    assert "<html" in page.get(address("share", speech)).text
    assert page.get(address("share", speech), headers=HTMX).text.strip().startswith("<section")


@pytest.mark.parametrize("bad", [{"days": "365"}, {"days": ""}, {"title": "x" * 81, "days": "7"}])
def test_what_is_wrong_is_said(page, speech, bad):
    answer = page.post(address("make_link", speech), CHOSEN | bad, headers=HTMX)
    assert (
        answer.status_code == 422
        and 'class="error"' in answer.text
        and 'value="For' in answer.text
        or "xxx" in answer.text
    )
    assert not ListeningLink.objects.exists()


def test_its_owner_sees_that_staff_ended_it(page, speech, staff):
    sharing.end(sharing.share(speech), ListeningLink.Ending.STAFF, staff)
    shown = page.get(address("share", speech)).text
    assert "Staff turned off a link to this text." in shown and "Create a link" not in shown
    assert page.post(address("make_link", speech), CHOSEN).status_code == 422


def test_its_owner_sees_that_it_expired(page, speech):
    sharing.share(speech)
    ListeningLink.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    shown = page.get(address("share", speech)).text
    assert "The last link expired" in shown and "Create a link" in shown


def test_a_site_without_links_offers_none(page, speech, settings):
    settings.LISTENING_LINKS = False
    shown = page.get(address("share", speech)).text
    assert "switched off on this site" in shown and "Create a link" not in shown and "Download MP3" in shown


def test_a_page_says_that_it_is_shared(page, speech):
    assert "by a link" not in page.get(address_of_page(speech)).text
    sharing.share(speech)
    assert "Shared by link" in page.get(address_of_page(speech)).text


def test_an_account_lists_what_is_heard_by_links(page, speech, stranger):
    assert 'id="links"' not in page.get(reverse("account")).text
    sharing.share(speech, title="For grandmother")
    sharing.share(GenerationFactory(completed=True, owner=stranger), title="Somebody else’s")
    shown = page.get(reverse("account")).text
    assert "For grandmother" in shown and address("share", speech) in shown and "Somebody else’s" not in shown


def address_of_page(speech) -> str:
    return reverse("synthesis:detail", args=[speech.pk])


def test_panels_cost_few_queries(count_queries, page, speech):
    sharing.share(speech)
    assert count_queries(page, address("share", speech), headers=HTMX) <= 10


# ---------------------------------------------------------------------------------------------------------------------
# Staff


@pytest.fixture
def admin(client, staff):
    User.objects.filter(pk=staff.pk).update(is_superuser=False)
    client.force_login(staff)
    return client


def test_staff_see_all_links_and_end_them(admin, speech, staff):
    link = sharing.share(speech, title="For grandmother")
    shown = admin.get(ADMIN).text
    assert "For grandmother" in shown and "ada" in shown and "works" in shown
    assert link.token not in shown
    assert link.token not in admin.get(reverse("admin:synthesis_listeninglink_change", args=[link.pk])).text
    admin.post(ADMIN, {"action": "end_links", "_selected_action": [link.pk]})
    link.refresh_from_db()
    assert link.ending == ListeningLink.Ending.STAFF
    assert AuditEntry.objects.get(act="link_ended").actor == staff
    assert "turned off by staff" in admin.get(ADMIN).text


def test_staff_who_listen_by_a_link_are_written_down(admin, speech, staff):
    link = sharing.share(speech)
    opened = reverse("admin:synthesis_listeninglink_open", args=[link.pk])
    assert opened in admin.get(ADMIN).text
    assert admin.get(opened).url == reverse("synthesis:listen", args=[link.token])
    looked = AuditEntry.objects.get(act="listened")
    assert (looked.actor, looked.detail) == (staff, f"speech {speech.pk}")


def test_others_open_no_link_of_the_administration(page, speech):
    opened = reverse("admin:synthesis_listeninglink_open", args=[sharing.share(speech).pk])
    assert "/listen/" not in page.get(opened).url and not AuditEntry.objects.filter(act="listened").exists()


def test_what_staff_delete_is_written_down_too(admin, speech, staff):
    link = sharing.share(speech)
    admin.post(ADMIN, {"action": "delete_selected", "_selected_action": [link.pk], "post": "yes"})
    assert not ListeningLink.objects.exists() and AuditEntry.objects.get(act="link_ended").actor == staff


def test_others_do_not_see_that_list(page):
    assert page.get(ADMIN).status_code in (302, 403)


def test_the_list_costs_few_queries(count_queries, admin, speech):
    sharing.share(speech)
    before = count_queries(admin, ADMIN)
    for _ in range(5):
        sharing.share(GenerationFactory(completed=True))
    assert count_queries(admin, ADMIN) == before
