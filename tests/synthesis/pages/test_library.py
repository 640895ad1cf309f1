"""The studio, the library and one generation, as their owner, a stranger and a visitor meet them."""

import html
import re
import uuid

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django_q.models import OrmQ

from synthesis.models import Evaluation, Fitting, Generation
from tests.factories import FittingFactory, GenerationFactory, VoiceFactory, spoke
from voices.models import VoiceProfile
from voicesite.jobs.job import State

HTMX = {"HX-Request": "true"}
LIVE_URL = reverse("synthesis:live")
AUDITIONS = reverse("synthesis:live_auditions")

OF_ONE = {
    "detail": ["GET"],
    "progress": ["GET"],
    "cancel": ["POST"],
    "retry": ["POST"],
    "delete": ["POST"],
    "audio": ["GET"],
    "fitting": ["GET"],
    "cancel_fitting": ["POST"],
    "retry_fitting": ["POST"],
}
OF_ALL = {"studio": ["GET", "POST"], "synthesis:list": ["GET"], "synthesis:live": ["GET"]} | {
    "synthesis:live_auditions": ["GET"]
}
METHODS = [(name, method) for name, methods in OF_ONE.items() for method in methods]


def address(name, thing):
    if name.endswith("fitting"):
        return reverse(f"synthesis:{name}", args=[getattr(thing, "voice_id", thing.pk)])
    return reverse(f"synthesis:{name}", args=[thing.pk])


def thing(name, **owner):
    """What the view `name` is about, in a state in which it would do something."""
    if name.endswith("fitting"):
        state = State.FAILED if name == "retry_fitting" else State.PENDING
        return FittingFactory(state=state, **{f"voice__{key}": value for key, value in owner.items()})
    return GenerationFactory(**owner, completed=name == "audio", failed=name == "retry")


def watched(rows) -> str:
    return "&".join(f"watched={row.pk}" for row in rows)


def rows_shown(response) -> set[str]:
    return set(re.findall(r'id="row-([0-9a-f-]{36})"', response.text))


# ---------------------------------------------------------------------------------------------------------------------
# Who may


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_visitors_sign_in_first_and_fragments_say_so(client, user, name, method):
    where = address(name, thing(name, owner=user))
    assert client.generic(method, where).url.startswith("/account/login/?next=")
    answer = client.generic(method, where, headers=HTMX)
    assert (answer.status_code, answer.content) == (401, b"")
    assert set(Generation.objects.values_list("state", flat=True)) <= {State.PENDING, State.FAILED, State.COMPLETED}


@pytest.mark.parametrize("name", OF_ALL)
def test_visitors_of_lists_sign_in_first(client, user, name):
    assert client.get(reverse(name)).url.startswith("/account/login/")
    assert client.get(reverse(name), headers=HTMX).status_code == 401


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_a_strangers_things_are_not_there(page, stranger, name, method):
    theirs = thing(name, owner=stranger)
    assert page.generic(method, address(name, theirs)).status_code == 404
    assert page.generic(method, address(name, theirs), headers=HTMX).status_code == 404
    before = theirs.state
    theirs.refresh_from_db()
    assert theirs.state == before


@pytest.mark.parametrize("name", OF_ONE)
def test_what_is_gone_is_not_there(page, name):
    gone = reverse(f"synthesis:{name}", args=[uuid.uuid4()])
    assert page.generic(OF_ONE[name][-1], gone).status_code == 404


@pytest.mark.parametrize("name", [*OF_ONE, *OF_ALL])
def test_wrong_methods_are_refused(page, user, name):
    methods = (OF_ONE | OF_ALL)[name]
    where = address(name, thing(name, owner=user)) if name in OF_ONE else reverse(name)
    for method in {"GET", "POST", "PUT", "DELETE"} - set(methods):
        answer = page.generic(method, where)
        assert answer.status_code == 405, method
        assert set(methods) <= set(answer.headers["Allow"].split(", "))
    assert Generation.objects.count() + Fitting.objects.count() == (name in OF_ONE)


def test_a_form_without_its_token_is_refused(user):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post("/", {"text": "Good morning."}).status_code == 403


# ---------------------------------------------------------------------------------------------------------------------
# The studio


def asked(voice, **changes):
    return {"voice": voice.pk, "text": "Good morning to all of you.", "language": "en-us", "speed": "1"} | changes


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, name="Jane", language="en-gb")


def test_a_text_is_spoken(page, user, voice):
    shown = page.get("/").text
    assert "Jane" in shown and 'data-limit="200000"' in shown and "A relative, not a twin" in shown
    response = page.post("/", asked(voice, speed="1.25", seed="42"))
    made = Generation.objects.get()
    assert response.url == reverse("synthesis:detail", args=[made.pk])
    assert (made.owner, made.voice, made.voice_name) == (user, voice, "Jane")
    assert (made.text, made.title) == ("Good morning to all of you.", "Good morning to all of you.")
    assert (made.state, made.speed, made.seed, made.language) == (State.PENDING, 1.25, 42, "en-us")
    assert (made.engine, made.model) == ("fake", "tone")
    assert OrmQ.objects.filter(key="synthesis").count() == 1, "and the worker's doorbell rang"


def test_htmx_gets_the_row_and_the_form_as_it_was(page, voice):
    response = page.post("/", asked(voice), headers=HTMX)
    made = Generation.objects.get()
    assert response.status_code == 200
    assert rows_shown(response) == {str(made.pk)}
    assert 'hx-swap-oob="afterbegin:#recent"' in response.text
    assert "Good morning to all of you.</textarea>" in response.text
    assert 'id="live" hx-swap-oob="true" hx-get' in response.text, "and begins to watch it"
    assert "<html" not in response.text


def test_without_a_voice_the_studio_says_what_to_do_first(page, stranger):
    VoiceFactory(owner=stranger)
    shown = page.get("/").text
    assert "Create a voice first" in shown and reverse("voices:new") in shown and "<textarea" not in shown
    assert "Choose a voice." in page.post("/", {"text": "Hello."}, follow=True).context["form"].errors["voice"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"text": ""}, "Write something to say first."),
        ({"text": " \r\n "}, "There is nothing to say here"),
        ({"text": "🎉 🎊!"}, "There is nothing to say here"),
        ({"text": "a\x00b"}, "contains a null character"),
        ({"voice": ""}, "Choose a voice."),
        ({"voice": "garbage"}, "This voice is no longer available. Choose another."),
        ({"voice": str(uuid.uuid4())}, "This voice is no longer available. Choose another."),
        ({"language": "de"}, "“de” isn’t a language this site can speak. Choose another."),
        ({"language": "\x00"}, "isn’t a language this site can speak"),
        ({"model": "torch:hub/big"}, "This model is no longer available. Choose another."),
        ({"speed": "0.49"}, "The speed goes from 0.5 to 2."),
        ({"speed": "2.01"}, "The speed goes from 0.5 to 2."),
        ({"speed": "nan"}, "The speed goes from 0.5 to 2."),
        ({"speed": "0"}, "The speed goes from 0.5 to 2."),
        ({"seed": "-1"}, "The seed is a whole number from 0 to 2,147,483,647."),
        ({"seed": "2147483648"}, "The seed is a whole number from 0 to 2,147,483,647."),
        ({"seed": "1.5"}, "The seed is a whole number from 0 to 2,147,483,647."),
        ({"seed": "9" * 5000}, "The seed is a whole number from 0 to 2,147,483,647."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_what_cannot_be_spoken_is_refused_in_words_and_kept(page, voice, wrong, words, headers):
    typed = asked(voice, text="Keep this.", speed="1.5", seed="11") | wrong
    response = page.post("/", typed, headers=headers)
    assert response.status_code == 422
    assert words in response.text
    assert ("<html" in response.text) == (not headers)
    assert not Generation.objects.exists()
    form = response.text.split("<form")[-1] if headers else response.text.split('id="speak"')[1].split("</form>")[0]
    assert form.count('class="error"') == 1, "nothing else is complained about"
    assert f"\n{typed['text']}</textarea>" in form
    for name in ("speed", "seed"):
        assert f'name="{name}" value="{typed[name]}"' in form


def test_a_text_of_exactly_the_limit_is_spoken_and_one_more_is_not(page, voice, settings):
    settings.TEXT_LIMIT = 25
    assert page.post("/", asked(voice, text="\r\n" + "abc\r\ndefg\r\nhi abcd ef gh ij " + "\r\n")).status_code == 302
    assert Generation.objects.get().text == "abc\ndefg\nhi abcd ef gh ij", "a line break is one character, however sent"
    response = page.post("/", asked(voice, text="abc\r\ndefg\r\nhi abcd ef gh ijk"))
    assert "This text has 26 characters; the limit is 25." in response.text
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    "text", ["مرحبا بكم جميعا.", "שלום לכולם.", "नमस्ते दुनिया।", "¿Qué tal?", "7", "👋 Hello", "e\u0301"]
)
def test_texts_of_every_script_are_kept_as_they_were_written(page, voice, text):
    page.post("/", asked(voice, text=text))
    made = Generation.objects.get()
    assert made.text == text
    assert text in page.get(reverse("synthesis:detail", args=[made.pk])).text


def test_markup_in_a_text_is_only_text(page, voice):
    page.post("/", asked(voice, text="<script>alert(1)</script> and <b>more"))
    made = Generation.objects.get()
    for where in ("/", reverse("synthesis:list"), reverse("synthesis:detail", args=[made.pk])):
        shown = page.get(where).text
        assert "<script>alert" not in shown and "and more" in shown
    assert "&lt;script&gt;alert" in shown


@pytest.mark.parametrize(
    ("spoken", "chosen"), [("en-gb", "en-gb"), ("es", "es"), ("pt", "pt-br"), ("de", "en-us"), ("hi", "hi")]
)
def test_the_language_is_guessed_from_the_voice(page, user, spoken, chosen):
    voice = VoiceFactory(owner=user, language=spoken)
    assert f'data-language="{spoken}"' in page.get("/").text, "a script chooses what fits the model"
    page.post("/", asked(voice, language=""))
    assert Generation.objects.get().language == chosen


@pytest.mark.parametrize(("speed", "seed"), [("0.5", "0"), ("2", "2147483647"), ("2.0", ""), ("", "1")])
def test_speed_and_seed_within_their_bounds(page, voice, speed, seed):
    page.post("/", asked(voice, speed=speed, seed=seed))
    made = Generation.objects.get()
    assert made.speed == float(speed or 1)
    assert made.seed == int(seed) if seed else 0 <= made.seed <= 2**31 - 1


def test_a_shared_voice_may_be_used_until_it_is_private(page, stranger):
    theirs = VoiceFactory(owner=stranger, visibility="shared", name="Reader")
    assert "Reader (shared)" in page.get("/").text
    assert page.post("/", asked(theirs)).status_code == 302
    VoiceProfile.objects.update(visibility="private")
    response = page.post("/", asked(theirs))
    assert response.status_code == 422 and "This voice is no longer available. Choose another." in response.text
    assert "Good morning to all of you.</textarea>" in response.text, "though there is no voice left to choose"
    assert Generation.objects.count() == 1


def test_a_text_is_written_anew_from_an_old_one(page, user, stranger, voice):
    old = GenerationFactory(
        owner=user, voice=voice, text="Once more.", language="es", speed=1.5, engine="fake", model="overtone"
    )
    form = page.get(f"/?again={old.pk}").context["form"]
    names = ("voice", "text", "language", "speed", "model")
    assert [form[name].value() for name in names] == [voice.pk, "Once more.", "es", 1.5, "fake:overtone"]
    assert form.option.model == "overtone"
    Generation.objects.update(model="gone")
    assert page.get(f"/?again={old.pk}").context["form"].option.model == "tone", "the default, where it is gone"
    assert page.get(f"/?voice={voice.pk}").context["form"]["voice"].value() == voice.pk
    theirs = GenerationFactory(owner=stranger, text="A secret.")
    assert "A secret." not in page.get(f"/?again={theirs.pk}").text


# ---------------------------------------------------------------------------------------------------------------------
# The library


def test_the_library_shows_ones_own_newest_first(page, user, stranger):
    old = GenerationFactory(owner=user, title="Old one", completed=True)
    new = GenerationFactory(owner=user, title="New one", failed=True)
    GenerationFactory(owner=stranger, title="Not mine", completed=True)
    shown = page.get(reverse("synthesis:list"))
    assert re.findall(r"(Old one|New one|Not mine)</a>", shown.text) == ["New one", "Old one"]
    assert rows_shown(shown) == {str(old.pk), str(new.pk)}
    assert "The engine failed." in shown.text and "every 1s" not in shown.text, "nothing moves: nothing polls"


def test_an_empty_library_says_what_to_do(page):
    assert "Nothing here yet" in page.get(reverse("synthesis:list")).text


def test_search_and_filters(page, user):
    anna = VoiceFactory(owner=user, name="Anna")
    rows = {
        "done": GenerationFactory(owner=user, voice=anna, text="A hundred bees", completed=True),
        "failed": GenerationFactory(owner=user, voice=anna, text="a 100% of it", failed=True),
        "cancelled": GenerationFactory(owner=user, text="An HOUR of bees", cancelled=True),
        "waiting": GenerationFactory(owner=user, text="Waiting"),
        "running": GenerationFactory(owner=user, text="Running", running=True),
    }

    def found(query):
        shown = rows_shown(page.get(f"{reverse('synthesis:list')}?{query}"))
        return {name for name, row in rows.items() if str(row.pk) in shown}

    assert found("q=BEES") == {"done", "cancelled"}
    assert found("q=anna") == {"done", "failed"}, "the voice's name is searched too"
    assert found("q=%25") == {"failed"}, "a percent sign is only a character"
    assert found("q=zebra") == set()
    assert found(f"voice={anna.pk}") == {"done", "failed"}
    assert found(f"voice={anna.pk}&q=bees") == {"done"}
    assert found("language=en-us") == set(rows) and found("language=es") == set()
    assert found("state=moving") == {"waiting", "running"}
    assert found("state=completed") == {"done"}
    assert found("state=failed") == {"failed"}
    assert found("state=cancelled&q=hour") == {"cancelled"}
    assert found("state=nonsense&voice=nonsense") == set(rows)
    nothing = page.get(f"{reverse('synthesis:list')}?q=zebra").text
    assert "Nothing matches" in nothing and 'value="zebra"' in nothing


def test_pages_keep_the_filters(page, user):
    GenerationFactory.create_batch(21, owner=user, text="Many bees", cancelled=True)
    first = page.get(f"{reverse('synthesis:list')}?q=bees&state=cancelled")
    assert len(rows_shown(first)) == 20 and "21 texts" in first.text
    (link,) = re.findall(r'rel="next" href="(.+?)"', first.text)
    assert link.startswith("?q=bees&amp;state=cancelled&amp;after=")
    second = page.get(reverse("synthesis:list") + html.unescape(link))
    assert len(rows_shown(second)) == 1 and not rows_shown(first) & rows_shown(second)


KEY = "00000000-0000-0000-0000-000000000000"
GARBAGE = [
    "after=abc",
    "after=_",
    "after=_" + "9" * 30 + "_" + KEY,
    "after=_-1_" + KEY,
    "after=_٣_" + KEY,
]
GARBAGE += [f"order=similarity&after={number}_1_{KEY}" for number in ("", "nan", "-inf", "1e99", "x", "%00")]
GARBAGE += [
    "since=2026-02-30",
    "until=9999-12-31",
    "since=0001-01-01",
    "since=%00",
    "folder=%00",
    "tag=%00",
    "language=xx",
    "voice=garbage",
    "state=%00",
    "again=%00",
]


@pytest.mark.backends
@pytest.mark.parametrize(
    "query", [*GARBAGE, "q=%00", "q=a%00b", "q=%ff%fe", "q=" + "x" * 6000, "watched=garbage&" * 999, "watched=%00"]
)
def test_garbage_is_never_an_error(page, user, query):
    GenerationFactory(owner=user, title="Mine", completed=True)
    for where in ("/", reverse("synthesis:list"), LIVE_URL, AUDITIONS):
        assert page.get(f"{where}?{query}").status_code in (200, 286), where
    if query.startswith(("after", "since", "until", "folder", "language")):
        assert "Mine" in page.get(f"{reverse('synthesis:list')}?{query}").text


def test_more_fields_than_any_page_sends_are_refused(page):
    assert page.get(f"{LIVE_URL}?{'watched=garbage&' * 1001}").status_code == 400


# ---------------------------------------------------------------------------------------------------------------------
# What moves


def test_a_page_watches_what_moves_and_stops_when_it_has_ended(page, user):
    row = GenerationFactory(owner=user, running=True, stage="Speaking: 1 of 2", eta_seconds=75, time_share=0.42)
    shown = page.get(reverse("synthesis:detail", args=[row.pk])).text
    poll = reverse("synthesis:progress", args=[row.pk])
    assert f'hx-get="{poll}" hx-trigger="every 1s, segments-changed from:body"' in shown
    fragment = page.get(poll, headers=HTMX)
    assert fragment.status_code == 200 and "<html" not in fragment.text
    assert "Speaking: 1 of 2" in fragment.text and 'value="42.0"' in fragment.text
    assert 'aria-valuetext="about 80 s left"' in fragment.text and "42% ·" in fragment.text
    Generation.objects.update(state=State.FAILED, error="Out of memory.")
    ended = page.get(poll, headers=HTMX)
    assert ended.status_code == 286 and "Out of memory." in ended.text and "every 1s" not in ended.text


def test_a_list_watches_its_rows_until_all_have_ended(page, user):
    rows = GenerationFactory.create_batch(2, owner=user, running=True)
    shown = page.get(reverse("synthesis:list")).text
    assert f'hx-get="{LIVE_URL}" hx-include="[name=watched]" hx-trigger="every 1s"' in shown
    assert shown.count('name="watched"') == 2
    rows[0].finish(State.FAILED, error="Out of memory.")
    answer = page.get(f"{LIVE_URL}?{watched(rows)}")
    assert answer.status_code == 200 and rows_shown(answer) == {str(row.pk) for row in rows}
    assert answer.text.count('name="watched"') == 1, "the ended one is no longer asked about"
    rows[1].finish(State.FAILED)
    ended = page.get(f"{LIVE_URL}?{watched(rows)}")
    assert ended.status_code == 286 and rows_shown(ended)
    assert page.get(LIVE_URL).status_code == 286


def test_a_row_that_was_deleted_elsewhere_leaves_the_list(page, user):
    stays, goes = GenerationFactory.create_batch(2, owner=user)
    Generation.objects.filter(pk=goes.pk).delete()
    answer = page.get(f"{LIVE_URL}?watched={stays.pk}&watched={goes.pk}")
    assert f'<li id="row-{goes.pk}" hx-swap-oob="delete">' in answer.text
    assert f'id="row-{stays.pk}" hx-swap-oob="true"' in answer.text


def test_someone_elses_rows_show_nothing(page, user, stranger):
    theirs = GenerationFactory(owner=stranger, title="A secret", running=True)
    answer = page.get(f"{LIVE_URL}?watched={theirs.pk}")
    assert answer.status_code == 286
    assert answer.text.strip() == f'<li id="row-{theirs.pk}" hx-swap-oob="delete"></li>'
    theirs = FittingFactory(voice__owner=stranger, voice__name="A secret")
    answer = page.get(f"{AUDITIONS}?watched={theirs.voice_id}")
    assert (answer.status_code, answer.text.strip()) == (286, "")


@pytest.mark.backends
def test_the_place_in_the_queue_is_said(page, user, stranger):
    rows = GenerationFactory.create_batch(2, owner=user)
    for row, words in zip(rows, ("Next", "1 ahead of yours"), strict=True):
        assert words in page.get(reverse("synthesis:progress", args=[row.pk])).text
        assert words in page.get(f"{LIVE_URL}?watched={row.pk}").text
    GenerationFactory(owner=stranger)
    assert "2 ahead of yours" in page.get(reverse("synthesis:progress", args=[rows[1].pk])).text


@pytest.mark.backends
def test_when_it_starts_is_said_once_that_can_be_known(page, user, stranger):
    spoke()
    GenerationFactory(owner=user, running=True, eta_seconds=120.0)
    row = GenerationFactory(owner=user)
    shown = page.get(reverse("synthesis:progress", args=[row.pk])).text
    assert "Next; starts in about 2 min" in shown and 'value="0' in shown
    assert 'data-announce="Next"' in shown, "a screen reader is not told each second"
    GenerationFactory.create_batch(2, owner=user)
    last = GenerationFactory(owner=user)
    shown = page.get(f"{LIVE_URL}?{watched([row, last])}").text
    assert "; starts in about 2 min" in shown and "3 ahead of yours" in shown
    Generation.objects.filter(pk=row.pk).update(time_share=0.4)
    shown = page.get(reverse("synthesis:progress", args=[row.pk])).text
    assert "; continues in about 2 min" in shown and 'value="40.0"' in shown


def test_an_interruption_is_said(page, user):
    row = GenerationFactory(owner=user, abandoned=True)
    assert "Interrupted; continues in a moment" in page.get(reverse("synthesis:detail", args=[row.pk])).text


def test_what_waits_for_a_download_says_how_far_that_is(page, user):
    GenerationFactory(owner=user)
    row = GenerationFactory(owner=user, stage="Downloading the model: 1.2 of 3.5 GB")
    for where in ("/", reverse("synthesis:list"), f"{LIVE_URL}?{watched([row])}", address("detail", row)):
        shown = page.get(where).text
        assert "Downloading the model: 1.2 of 3.5 GB" in shown and "ahead of yours" not in shown


@pytest.mark.parametrize("kind", [{"running": True}, {}, {"failed": True}], ids=["running", "waiting", "failed"])
def test_lists_cost_the_same_for_one_row_and_for_twenty(page, user, count_queries, kind):
    voice = VoiceFactory(owner=user)
    costs = []
    for more in (1, 19):
        GenerationFactory.create_batch(more, owner=user, voice=voice, **kind)
        fragment = f"{LIVE_URL}?{watched(Generation.objects.all())}"
        costs.append([count_queries(page, where) for where in ("/", reverse("synthesis:list"), fragment)])
    wait = 0 if kind else 4  # what waits, what is spoken, which models are loaded, and what this one takes
    assert costs[0] == costs[1] == [8 + wait, 9 + wait, 5 + wait]


def test_a_fragment_of_one_costs_four_queries_and_eight_while_it_waits(page, user, count_queries):
    row = GenerationFactory(owner=user, running=True)
    assert count_queries(page, reverse("synthesis:progress", args=[row.pk])) == 4
    Generation.objects.update(state=State.PENDING)
    assert count_queries(page, reverse("synthesis:progress", args=[row.pk])) == 8


def test_at_most_fifty_rows_are_watched_at_once(page, user):
    rows = [GenerationFactory.build(owner=user, voice=None, voice_name="Ada") for _ in range(60)]
    Generation.objects.bulk_create(rows)
    assert len(rows_shown(page.get(f"{LIVE_URL}?{watched(rows)}"))) == 50


# ---------------------------------------------------------------------------------------------------------------------
# Cancel, retry, delete


def test_what_waits_is_cancelled_at_once_and_what_runs_is_asked_to_stop(page, user):
    waiting = GenerationFactory(owner=user)
    running = GenerationFactory(owner=user, running=True)
    for row in (waiting, running):
        assert page.post(address("cancel", row)).url == reverse("synthesis:detail", args=[row.pk])
        row.refresh_from_db()
    assert (waiting.state, waiting.cancel_requested) == (State.CANCELLED, True)
    assert (running.state, running.cancel_requested) == (State.GENERATING, True)
    shown = page.get(address("detail", running)).text
    assert "Cancelling" in shown and re.search(r'id="cancel" disabled', shown)


def test_cancelling_what_has_ended_says_so_and_changes_nothing(page, user):
    row = GenerationFactory(owner=user, failed=True)
    assert "It had already finished." in page.post(address("cancel", row), follow=True).text
    row.refresh_from_db()
    assert row.state == State.FAILED


@pytest.mark.parametrize(("name", "kind"), [("cancel", {}), ("retry", {"failed": True})])
def test_a_button_in_a_page_changes_only_its_part(page, user, name, kind):
    row = GenerationFactory(owner=user, **kind)
    part = page.post(address(name, row), headers=HTMX | {"HX-Target": "progress"})
    assert part.text.lstrip().startswith("<section") and 'id="progress"' in part.text
    row = GenerationFactory(owner=user, **kind)
    part = page.post(address(name, row), headers=HTMX)
    assert rows_shown(part) == {str(row.pk)} and 'id="live" hx-swap-oob="true" hx-get' in part.text
    assert "<html" not in part.text


@pytest.mark.parametrize(
    ("target", "where"),
    [("studio", "/"), ("synthesis:list", "/generations/"), ("https://evil.example", None), ("//evil.example", None)],
)
def test_a_button_leads_back_to_its_page_and_nowhere_else(page, user, target, where):
    row = GenerationFactory(owner=user)
    assert page.post(address("cancel", row), {"next": target}).url == (where or address("detail", row))


@pytest.mark.parametrize("kind", ["failed", "cancelled"])
def test_what_failed_or_was_cancelled_begins_anew(page, user, kind):
    row = GenerationFactory(owner=user, **{kind: True})
    page.post(address("retry", row))
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error, row.cancel_requested) == (State.PENDING, 0, "", False)
    assert OrmQ.objects.filter(key="synthesis").count() == 1


@pytest.mark.parametrize("kind", ["completed", "running"])
def test_what_is_made_or_being_made_does_not_begin_anew(page, user, kind):
    row = GenerationFactory(owner=user, **{kind: True})
    assert page.post(address("retry", row)).status_code == 302
    before = row.state
    row.refresh_from_db()
    assert row.state == before and not OrmQ.objects.exists()


def test_when_its_voice_is_deleted_it_can_be_heard_but_not_made_again(page, user):
    voice = VoiceFactory(owner=user, name="Jane")
    made = GenerationFactory(owner=user, voice=voice, completed=True)
    failed = GenerationFactory(owner=user, voice=voice, failed=True)
    voice.delete()
    assert page.get(address("audio", made)).status_code == 200
    assert "Jane (no longer available)" in page.get(address("detail", made)).text
    assert 'id="retry"' not in page.get(address("detail", failed)).text
    assert "Jane is no longer available: choose another voice" in page.post(address("retry", failed), follow=True).text
    pressed = page.post(address("retry", failed), headers=HTMX | {"HX-Target": "progress"})
    assert pressed.headers["HX-Redirect"] == address("detail", failed), "a page of before says it too"
    failed.refresh_from_db()
    assert failed.state == State.FAILED and not OrmQ.objects.exists()


def test_a_voice_that_is_private_now_is_not_used_again(page, user, stranger):
    theirs = VoiceFactory(owner=stranger, name="Reader", visibility="shared")
    row = GenerationFactory(owner=user, voice=theirs, failed=True)
    VoiceProfile.objects.update(visibility="private")
    assert "Reader is no longer available" in page.post(address("retry", row), follow=True).text
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert reverse("voices:detail", args=[theirs.pk]) not in page.get(address("detail", row)).text


# ---------------------------------------------------------------------------------------------------------------------
# Sound


def test_speech_is_played_in_parts_and_saved_under_a_readable_name(page, user):
    row = GenerationFactory(owner=user, voice__name="Jane Ö", title="Good morning / all", completed=True)
    where = address("audio", row)
    whole = page.get(where)
    content = whole.getvalue()
    assert content[:4] == b"RIFF" and whole.headers["Content-Type"] == "audio/wav"
    assert whole.headers["Cache-Control"] == "private, no-cache", "its address names no version of it"
    part = page.get(where, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.getvalue()) == (206, content[4:8])
    assert page.get(where, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    saved = page.get(f"{where}?download").headers["Content-Disposition"]
    assert saved.startswith("attachment") and "good-morning-all.wav" in saved
    head = page.head(where)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(content)))


@pytest.mark.parametrize("kind", [{}, {"running": True}, {"failed": True}])
def test_what_is_not_made_has_no_sound(page, user, kind):
    assert page.get(address("audio", GenerationFactory(owner=user, **kind))).status_code == 404


def test_a_lost_file_is_not_there(page, user):
    row = GenerationFactory(owner=user, completed=True)
    default_storage.delete(row.audio.name)
    assert page.get(address("audio", row)).status_code == 404


def test_staff_who_hear_all_see_no_pages_of_others(client, staff, user, sees_all):
    row = GenerationFactory(owner=user, completed=True)
    client.force_login(staff)
    assert client.get(address("audio", row)).status_code == 200
    assert client.get(address("detail", row)).status_code == 404, "but the pages are its owner's"


# ---------------------------------------------------------------------------------------------------------------------
# The fitting of a voice


def test_a_fitting_is_watched_until_it_has_ended(page, user):
    job = FittingFactory(voice__owner=user)
    where = address("fitting", job)
    assert "Waiting to be refined" in page.get(where).text
    Fitting.objects.update(state=State.GENERATING, progress=40, stage="Listening", claim_token=uuid.uuid4())
    running = page.get(where)
    assert running.status_code == 200 and "Listening" in running.text and "Stop refining" in running.text
    assert f'hx-get="{where}"' in running.text
    Fitting.objects.update(state=State.FAILED, error="It went wrong.")
    ended = page.get(where)
    assert ended.status_code == 286 and "It went wrong." in ended.text and "Refine again" in ended.text
    assert "hx-get" not in ended.text


def test_a_voice_without_a_fitting_yet_is_watched_too(page, user):
    voice = VoiceFactory(owner=user)
    assert page.get(address("fitting", voice)).status_code == 200


def test_who_may_use_a_shared_voice_sees_its_fitting_and_no_buttons(page, stranger):
    job = FittingFactory(voice__owner=stranger, voice__visibility="shared", state=State.FAILED, error="It went wrong.")
    shown = page.get(address("fitting", job))
    assert shown.status_code == 286 and "It went wrong." in shown.text and "Refine again" not in shown.text
    assert page.post(address("retry_fitting", job)).status_code == 404
    assert page.post(address("cancel_fitting", job)).status_code == 404


def test_refining_is_stopped_and_begun_again(page, user):
    job = FittingFactory(voice__owner=user)
    assert page.post(address("cancel_fitting", job)).url == reverse("voices:detail", args=[job.voice_id])
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert "It had already finished." in page.post(address("cancel_fitting", job), follow=True).text
    page.post(address("retry_fitting", job))
    job.refresh_from_db()
    assert job.state == State.PENDING and OrmQ.objects.filter(key="default").count() == 1
    page.post(address("retry_fitting", job))
    assert OrmQ.objects.filter(key="default").count() == 1, "it waits already"


def test_a_fitting_costs_the_same_for_one_and_for_twenty(page, user, count_queries):
    FittingFactory.create_batch(20, voice__owner=user)
    assert count_queries(page, address("fitting", Fitting.objects.first())) == 3


def test_a_row_asks_for_its_likeness_until_it_is_measured(page, user, stranger):
    row = GenerationFactory(owner=user, completed=True)
    Evaluation.objects.create(generation=row)
    where = reverse("synthesis:measures", args=[row.pk])
    assert f'hx-get="{where}"' in page.get(reverse("synthesis:list")).text
    waiting = page.get(where)
    assert waiting.status_code == 200 and "like " not in waiting.text
    Evaluation.objects.update(state=State.COMPLETED)
    Generation.objects.update(similarity=0.88)
    ended = page.get(where)
    assert ended.status_code == 286 and f"88% like {row.voice_name}" in " ".join(ended.text.split())
    assert "hx-get" not in ended.text
    assert page.get(reverse("synthesis:measures", args=[GenerationFactory(owner=stranger).pk])).status_code == 404
