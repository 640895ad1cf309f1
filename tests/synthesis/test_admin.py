"""What staff do with generations and fittings in the administration."""

import html
import re

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django_q.models import OrmQ

from synthesis.models import Download, Fitting, Generation, ListeningLink, LoadedModel
from tests.factories import FittingFactory, GenerationFactory, UserFactory, VoiceFactory
from voices.audit import Look, record_looks
from voices.models import AuditEntry
from voicesite.jobs.job import State

LIST_URL = "/admin/synthesis/generation/"
FITTINGS = "/admin/synthesis/fitting/"
DOWNLOADS, DEVICES = "/admin/synthesis/download/", "/admin/synthesis/loadedmodel/"


@pytest.fixture
def curator(client, db):
    client.force_login(UserFactory(username="curator", is_staff=True))  # no permissions one by one
    return client


def act(client, where, action, *rows, **more):
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(where, data | more, follow=True)


def test_a_row_says_what_a_curator_asks(curator, stranger, sees_all):
    made = GenerationFactory(owner=stranger, title="Good morning", completed=True)
    GenerationFactory(owner=stranger, title="Good night", failed=True)
    shown = curator.get(LIST_URL).text
    assert f'<audio controls preload="none" src="{reverse("synthesis:audio", args=[made.pk])}"' in shown
    for said in ("Good morning", "Good night", "eve", made.voice_name, "Ready", "Failed", "The engine failed."):
        assert said in shown
    assert curator.get(reverse("synthesis:audio", args=[made.pk])).status_code == 200


@pytest.mark.parametrize(
    ("where", "make"), [(LIST_URL, GenerationFactory), (FITTINGS, FittingFactory)], ids=["generations", "fittings"]
)
def test_lists_cost_the_same_for_one_row_and_for_thirty(curator, count_queries, where, make):
    make()
    few = count_queries(curator, where)
    make.create_batch(29)
    assert count_queries(curator, where) == few <= 12


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Bees", "Wasps"}),
        ("q=bees", {"Bees"}),
        ("q=honey", {"Bees"}),
        ("q=eve", {"Bees"}),
        ("q=reader", {"Wasps"}),
        ("q=zebra", set()),
        ("q=%00", {"Bees", "Wasps"}),  # refused by the search, which then shows all
        ("state__exact=failed", {"Wasps"}),
        ("state__exact=pending", {"Bees"}),
        ("engine=kokoro", {"Wasps"}),
        ("language=es", {"Wasps"}),
        ("created_at__gte=2020-01-01T00:00:00Z", {"Bees", "Wasps"}),
        ("created_at__year=2020", set()),
    ],
)
@pytest.mark.backends
def test_search_and_filters(curator, stranger, query, shown, sees_all):
    GenerationFactory(owner=stranger, title="Bees", text="They make honey.")
    GenerationFactory(title="Wasps", voice__name="Reader", failed=True, engine="kokoro", language="es")
    response = curator.get(f"{LIST_URL}?{query}")
    assert response.status_code == 200
    assert set(response.context["cl"].queryset.values_list("title", flat=True)) == shown


def test_the_language_filter_offers_only_languages_in_use_by_their_names(curator):
    GenerationFactory(language="en-us")
    GenerationFactory(language="es")
    offered = re.findall(r'href="\?language=([^"&]+)"[^>]*>\s*([^<]+?)\s*<', curator.get(LIST_URL).text)
    assert offered == [("en-us", "English (American)"), ("es", "Spanish")]


def test_only_fittings_that_match_are_found(curator, stranger):
    FittingFactory(voice__owner=stranger, voice__name="Grandmother")
    FittingFactory(voice__name="Newsreader", state=State.FAILED)
    for query, name in (("q=mother", "Grandmother"), ("q=eve", "Grandmother"), ("state__exact=failed", "Newsreader")):
        found = curator.get(f"{FITTINGS}?{query}").context["cl"].queryset
        assert [job.voice.name for job in found] == [name]


def test_failed_and_cancelled_ones_are_tried_again(curator):
    failed, cancelled = GenerationFactory(failed=True), GenerationFactory(cancelled=True)
    made = GenerationFactory(completed=True)
    assert "Waiting again: 2." in act(curator, LIST_URL, "try_again", failed, cancelled, made).text
    states = dict(Generation.objects.values_list("pk", "state"))
    assert states == {failed.pk: State.PENDING, cancelled.pk: State.PENDING, made.pk: State.COMPLETED}
    assert OrmQ.objects.filter(key="synthesis").count() == 2, "one for each that waits again"


def test_one_whose_voice_is_gone_is_not_tried_again(curator):
    row = GenerationFactory(failed=True)
    row.voice.delete()
    assert "Waiting again: 0." in act(curator, LIST_URL, "try_again", row).text
    row.refresh_from_db()
    assert row.state == State.FAILED and not OrmQ.objects.exists()


def test_waiting_and_running_ones_are_cancelled(curator):
    waiting, running = GenerationFactory(), GenerationFactory(running=True)
    made = GenerationFactory(completed=True)
    assert "Cancelled, or cancelling: 2." in act(curator, LIST_URL, "cancel", waiting, running, made).text
    asked = dict(Generation.objects.values_list("pk", "cancel_requested"))
    assert asked == {waiting.pk: True, running.pk: True, made.pk: False}


def test_fittings_are_cancelled_and_tried_again(curator):
    job = FittingFactory()
    act(curator, FITTINGS, "cancel", job)
    assert Fitting.objects.get().state == State.CANCELLED
    act(curator, FITTINGS, "try_again", job)
    assert Fitting.objects.get().state == State.PENDING
    assert OrmQ.objects.filter(key="default").count() == 1


@pytest.mark.parametrize("how", ["one", "many"])
def test_deleting_takes_the_files_along(how, curator, django_capture_on_commit_callbacks):
    row, kept = GenerationFactory(completed=True), GenerationFactory(completed=True)
    with django_capture_on_commit_callbacks(execute=True):
        if how == "one":
            assert "Are you sure" in curator.get(f"{LIST_URL}{row.pk}/delete/").text
            curator.post(f"{LIST_URL}{row.pk}/delete/", {"post": "yes"})
        else:
            act(curator, LIST_URL, "delete_selected", row, post="yes")
    assert Generation.objects.get() == kept
    assert not default_storage.exists(row.audio.name) and default_storage.exists(kept.audio.name)


def test_only_the_priority_may_be_changed(curator, stranger, sees_all):
    row = GenerationFactory(owner=stranger, text="Read <this> aloud.", completed=True)
    where = f"{LIST_URL}{row.pk}/change/"
    shown = curator.get(where).text
    assert "Read &lt;this&gt; aloud." in shown and "<audio" in shown
    assert row.audio.name not in shown, "no link to where no file is served"
    assert set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', shown)) == {
        "csrfmiddlewaretoken", "priority", "_save", "next",
    }  # fmt: skip  # "next": where the forms of the theme and of what can be done lead back to
    assert curator.post(where, {"priority": "5", "text": "Something else.", "owner": "1"}).status_code == 302
    row.refresh_from_db()
    assert (row.priority, row.text, row.owner) == (5, "Read <this> aloud.", stranger)


def test_the_page_of_a_text_says_what_a_curator_asks(curator, stranger, sees_all):
    row = GenerationFactory(
        owner=stranger, title="A bee", completed=True, seconds=10, compute_seconds=4, similarity=0.7
    )
    record_looks(UserFactory(username="helper"), "listened", [Look(f"speech {row.pk}", stranger.pk)])
    ListeningLink.objects.create(generation=row, title="For Bo", expires_at=row.finished_at)
    shown = curator.get(f"{LIST_URL}{row.pk}/change/").text
    for said in ("<h2>A bee</h2>", "0.40", "0.70", "eve", "For Bo", "expired", "helper", "listened to, by staff"):
        assert said in shown, said
    _, _, folded = shown.partition("<details>")
    assert "Claim token" in folded and "Claim token" not in shown.partition("<details>")[0]


def test_the_page_of_a_private_text_says_nothing_of_it(curator, stranger):
    row = GenerationFactory(owner=stranger, title="My secret", text="Nobody knows.", completed=True)
    shown = curator.get(f"{LIST_URL}{row.pk}/change/").text
    assert "This text is private" in shown and not AuditEntry.objects.exists()
    assert "My secret" not in shown and "Nobody knows." not in shown and "<audio" not in shown


@pytest.mark.parametrize(
    ("made", "offered", "becomes"),
    [("failed", "try_again", State.PENDING), ("cancelled", "try_again", State.PENDING), ("running", "cancel", None)],
)
def test_a_page_offers_what_can_be_done_and_comes_back_to_it(curator, made, offered, becomes):
    row = GenerationFactory(**{made: True})
    page = f"{LIST_URL}{row.pk}/change/"
    assert re.findall(r'name="action" value="(\w+)"', curator.get(page).text) == [offered]
    done = act(curator, LIST_URL, offered, row, next=page)
    assert done.redirect_chain == [(page, 302)]
    row.refresh_from_db()
    assert row.state == becomes if becomes else row.cancel_requested


def test_what_is_done_leads_to_no_other_site(curator):
    row = GenerationFactory(failed=True)
    assert act(curator, LIST_URL, "try_again", row, next="https://example.org/").redirect_chain == [(LIST_URL, 302)]


def test_a_finished_text_offers_nothing_and_a_cell_knows_its_column(curator, sees_all):
    row = GenerationFactory(completed=True)
    assert 'name="action"' not in curator.get(f"{LIST_URL}{row.pk}/change/").text
    cells = re.findall(r'<td data-head="([^"]*)"( data-nothing)?', curator.get(LIST_URL).text)
    assert cells[0] == ("Owner", "") and ("Similarity", " data-nothing") in cells


def test_work_is_not_made_here(curator):
    for where in (LIST_URL, FITTINGS):
        assert curator.get(f"{where}add/").status_code == 403


@pytest.mark.parametrize("where", [LIST_URL, FITTINGS])
def test_people_do_not_get_in(page, where):
    assert page.get(where, follow=True).status_code == 403
    row = GenerationFactory(failed=True)
    assert act(page, LIST_URL, "try_again", row).status_code == 403
    row.refresh_from_db()
    assert row.state == State.FAILED


def test_the_owner_links_of_people_lead_to_what_is_theirs(client, staff, stranger):
    GenerationFactory(owner=stranger, title="Theirs", voice=None, voice_name="Reader")
    GenerationFactory(title="Another's")
    VoiceFactory(owner=stranger, name="Their voice")
    client.force_login(staff)
    links = re.findall(
        r'href="([^"]+\?owner=\d+[^"]*)"', html.unescape(client.get("/admin/voicesite/user/?q=eve").text)
    )
    assert len(links) == 2
    for link, field, row in zip(links, ("name", "title"), ("Their voice", "Theirs"), strict=True):
        assert [getattr(found, field) for found in client.get(link).context["cl"].queryset] == [row]


# ---------------------------------------------------------------------------------------------------------------------
# Downloads and devices


def test_downloads_are_watched_tried_again_and_cancelled(curator, user):
    row = Download.objects.create(
        engine="torch",
        model="hub/big",
        state=State.FAILED,
        error="The disk is too small.",
        bytes_done=1_200_000_000,
        bytes_total=3_500_000_000,
        requested_by=user,
    )
    shown = curator.get(DOWNLOADS).text
    for said in ("hub/big", "Failed", "The disk is too small.", "1.2 of 3.5 GB", "ada"):
        assert said in shown
    assert "Waiting again: 1." in act(curator, DOWNLOADS, "try_again", row).text
    assert OrmQ.objects.filter(key="default").count() == 1
    assert "Cancelled, or cancelling: 1." in act(curator, DOWNLOADS, "cancel", row).text
    row.refresh_from_db()
    assert row.state == State.CANCELLED


def test_a_device_is_looked_at_and_asked_to_unload_but_not_changed(curator):
    loaded = LoadedModel.objects.create(worker="here:7", engine="torch", model="hub/big", memory=2_700_000_000)
    empty = LoadedModel.objects.create(worker="here:8")
    assert "2.7 GB" in curator.get(DEVICES).text
    assert "Unloading: 1." in act(curator, DEVICES, "unload", loaded, empty).text
    assert set(LoadedModel.objects.filter(unload_requested=True)) == {loaded}
    assert OrmQ.objects.filter(key="synthesis").exists()
    where = f"{DEVICES}{loaded.pk}/change/"
    assert curator.get(where).status_code == 200
    assert curator.post(where, {"model": "other"}).status_code == 403
    assert curator.post(f"{DEVICES}{loaded.pk}/delete/", {"post": "yes"}).status_code == 403
    assert curator.get(f"{DEVICES}add/").status_code == 403
