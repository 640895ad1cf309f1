"""The first page of the administration: what needs a decision, how the site is doing, and its lists."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.utils import timezone

from synthesis.models import Cluster, Generation
from tests.factories import DownloadFactory, FittingFactory, GenerationFactory, UserFactory, VoiceFactory
from voices.models import Report, Transcription
from voicesite import resources
from voicesite.limits import quotas
from voicesite.models import UsageDay
from voicesite.site.cockpit import decisions as decisions_module
from voicesite.site.cockpit.decisions import decisions
from voicesite.site.cockpit.drawing import bars, plots
from voicesite.site.cockpit.figures import Person, figures, measured, wait_of

INDEX = "/admin/"
pytestmark = pytest.mark.backends


@pytest.fixture
def curator(client, db):
    cache.clear()
    client.force_login(UserFactory(username="curator", is_staff=True))
    return client


@pytest.fixture
def workers(db):
    """A site whose workers answer."""
    for name in ("synthesis", "default"):
        now = timezone.now()
        Cluster.objects.create(name=name, host="one", process_group=1, started_at=now, seen_at=now)


def text(ago=timedelta(0), waited=0.0, **fields):
    """A text that was asked for so long ago, and waited so many seconds."""
    made = timezone.now() - ago
    row = GenerationFactory(**fields)
    times = {"created_at": made, "attempts": 1, "started_at": made + timedelta(seconds=waited)}
    Generation.objects.filter(pk=row.pk).update(**times)
    return row


# --- What needs a decision


def test_nothing_needs_a_decision_on_a_site_that_works(curator, workers):
    GenerationFactory(completed=True)
    VoiceFactory()
    assert "Nothing needs you right now." in curator.get(INDEX).text


def test_what_needs_a_decision_has_its_count_and_leads_to_where_it_is_decided(curator, workers):
    for voice in VoiceFactory.create_batch(2, share_requested_at=timezone.now()):
        Report.objects.create(voice=voice, reporter=voice.owner, reason="Not me.")
    for make in (GenerationFactory, FittingFactory, DownloadFactory):
        make(state="failed", error="The engine crashed.")
    Transcription.objects.create(clip=voice.clip, state="failed", error="Too little memory.")
    text(timedelta(days=8), failed=True)  # which nobody tries again
    shown = curator.get(INDEX).context["decisions"]
    assert [(one.count, one.words) for one in shown] == [
        (2, "voices waiting for review"),
        (2, "unanswered reports"),
        (1, "text failed this week"),
        (1, "voice could not be fitted"),
        (1, "transcription failed"),
        (1, "download of a model failed"),
    ]
    for one in shown[2:]:
        assert len(curator.get(one.address).context["cl"].result_list) == one.count, one.words
    for one in shown[:2]:
        assert curator.get(one.address).status_code == 200


def test_reports_that_this_member_of_staff_may_not_answer_are_not_theirs(curator, workers):
    other = UserFactory(is_staff=True)
    voice = VoiceFactory(owner=other)
    Report.objects.create(voice=voice, against=other, reporter=UserFactory(), reason="Not me.")
    assert [one.words for one in decisions(other)] == []
    assert len(curator.get(INDEX).context["decisions"]) == 1


def test_what_keeps_the_site_from_working_comes_first_and_is_called_urgent(curator, monkeypatch):
    VoiceFactory(share_requested_at=timezone.now())
    monkeypatch.setattr(resources, "disk", lambda: resources.Disk(free=1, total=100_000, reserve=1_000))
    monkeypatch.setattr("synthesis.queue.report.disk", resources.disk)
    shown = curator.get(INDEX)
    first, *_, last = shown.context["decisions"]
    assert first.urgent and "not responding" in first.words and not last.urgent
    assert any("disk of this site is full" in one.words for one in shown.context["decisions"] if one.urgent)
    assert shown.text.count("Urgent:") == 3


def test_a_disk_that_is_nearly_full_and_a_backup_that_is_late_are_told(
    db, staff, workers, monkeypatch, settings, tmp_path
):
    monkeypatch.setattr(resources, "disk", lambda: resources.Disk(free=1_500, total=100_000, reserve=1_000))
    settings.BACKUP = str(tmp_path)
    assert ["nearly full" in one.words or "backup" in one.words for one in decisions(staff)] == [True, True]
    monkeypatch.setattr(resources, "disk", lambda: resources.Disk(free=50_000, total=100_000, reserve=1_000))
    monkeypatch.setattr(decisions_module.schedule, "latest", lambda: datetime.now(UTC) - timedelta(hours=40))
    assert decisions(staff) == []


def test_a_certificate_that_expires_is_told_and_one_that_cannot_be_read_breaks_nothing(
    db, staff, workers, settings, tmp_path
):
    settings.C2PA_CERT = str(tmp_path / "gone.pem")
    assert decisions(staff) == []
    (tmp_path / "gone.pem").write_bytes(b"no certificate")
    assert decisions(staff) == []
    expires = datetime.now(UTC) + timedelta(days=9)
    settings.C2PA_CERT = str(tmp_path / "soon.pem")
    (tmp_path / "soon.pem").write_bytes(_certificate(expires))
    (told,) = decisions(staff)
    assert f"{expires:%Y-%m-%d}" in told.words


def _certificate(expires: datetime) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.org")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(datetime(2020, 1, 1)).not_valid_after(expires)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


# --- How the site is doing


def test_texts_are_counted_on_the_day_on_which_they_were_asked_for(db, one_day):
    text(completed=True)
    text(failed=True)
    text(is_sample=True, completed=True)  # nobody asked for it
    text()  # it waits still
    text(timedelta(days=3), completed=True)
    text(timedelta(days=20), completed=True)
    found = measured(14)
    assert (len(found.days), found.days[-1]) == (14, quotas.today())
    assert (found.completed[-1], found.failed[-1], found.completed[-4], sum(found.completed)) == (1, 1, 1, 2)
    assert sum(measured(30).completed) == 3


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu"])
def test_days_are_those_of_the_sites_time_zone(db, settings, zone):
    settings.TIME_ZONE = zone
    midnight = timezone.localtime(timezone=timezone.get_default_timezone()).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    for moment in (midnight, midnight - timedelta(microseconds=1)):
        row = GenerationFactory(completed=True)
        Generation.objects.filter(pk=row.pk).update(created_at=moment)
    assert measured(14).completed[-2:] == [1, 1]


def test_waits_are_the_median_and_what_the_slowest_of_twenty_waited(db):
    for waited in (1, 2, 3, 4, 60):
        text(waited=waited, completed=True)
    wait = measured(14).waits[-1]
    assert wait.median == pytest.approx(3, rel=0.06) and wait.late == pytest.approx(60, rel=0.06)
    assert measured(14).waits[0] is None


def test_a_text_that_gave_others_a_turn_waited_until_it_was_heard_first(db):
    text(waited=500, completed=True, first_audio_seconds=2.0)
    assert measured(14).waits[-1].median == pytest.approx(2, rel=0.06)


def test_a_text_that_was_tried_again_or_changed_says_nothing_about_waits(db):
    Generation.objects.filter(pk=text(waited=500, completed=True).pk).update(attempts=2)
    Generation.objects.filter(pk=text(waited=500, completed=True).pk).update(revision=1)
    assert measured(14).waits[-1] is None and measured(14).completed[-1] == 2


def test_quantiles_of_what_was_counted():
    assert wait_of(Counter({1.0: 19, 9.0: 1})) == (1.0, 1.0)
    assert wait_of(Counter({1.0: 18, 9.0: 2})) == (1.0, 9.0)
    assert wait_of(Counter({4.0: 1})) == (4.0, 4.0)


def test_real_time_factors_are_compute_by_audio_the_fastest_first(db):
    for model, compute in (("slow", 20.0), ("fast", 1.0), ("fast", 4.0)):
        text(completed=True, model=model, seconds=10.0, compute_seconds=compute)
    found = [(one.model, one.factor, one.texts) for one in measured(14).factors]
    assert found == [("fast", 0.25, 2), ("slow", 2.0, 1)]


def test_failures_are_counted_by_reason(db):
    for error in ("The engine crashed.", "The engine stopped unexpectedly.", "Nobody knows."):
        text(failed=True) and Generation.objects.filter(error="The engine failed.").update(error=error)
    assert measured(14).reasons == [("crashed", 2), ("other", 1)]


def test_people_who_were_spoken_something(db, user, stranger, one_day):
    today = quotas.today()
    UsageDay.objects.create(person=user, day=today, speech_seconds=90)
    UsageDay.objects.create(person=stranger, day=today - timedelta(days=20), speech_seconds=500)
    UsageDay.objects.create(person=UserFactory(), day=today - timedelta(days=200), speech_seconds=5000)
    found = measured(14)
    assert (found.people, found.active_in_week, found.active_in_month) == (3, 1, 2)
    assert found.most[-1] == Person(user.pk, "ada", 90)


def test_what_takes_room_is_summed_by_kind(db):
    row = GenerationFactory(completed=True, bytes=1000)
    row.voice.clip.bytes = 300
    row.voice.clip.save()
    found = measured(14)
    assert (found.speech, found.renditions, found.uploads) == (1000, 0, 300) and 0 < found.free < found.total


def test_figures_are_kept_for_a_while(db):
    cache.clear()
    assert sum(figures(14).completed) == 0
    text(completed=True)
    assert sum(figures(14).completed) == 0 and sum(figures(30).completed) == 1


# --- The page


def test_plots_have_their_numbers_as_a_table_and_differ_by_more_than_colour(curator, workers):
    text(completed=True, waited=4)
    text(failed=True, waited=4)
    shown = curator.get(f"{INDEX}?days=30").text
    assert "1 text spoken, 1 failed." in shown and "The engine failed." not in shown
    rows = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</th>\s*<td>(.*?)</td>\s*<td>(.*?)</td>", shown)
    assert len(rows) == 60 and rows[0][1:] == ("1", "1") and rows[30][1:] == ("4.0 s", "4.0 s")
    assert "failed (below the line)" in shown and 'aria-current="true"' in shown
    assert "style=" not in shown, "which the Content-Security-Policy refuses"


def test_a_site_on_which_nothing_happened_says_so(curator, workers):
    shown = curator.get(INDEX).text
    assert "0 texts spoken." in shown and "Nothing failed in these days." in shown
    assert shown.count("Nothing was spoken in these days.") == 2 and "plot-field" not in shown


@pytest.mark.parametrize("days", ["", "0", "x", "9999"])
def test_other_numbers_of_days_are_not_plotted(curator, workers, days):
    assert curator.get(f"{INDEX}?days={days}").context["days"] == 14


def test_lists_stand_in_groups_and_background_work_is_folded_away(curator, workers):
    shown = curator.get(INDEX)
    groups = {name: [model["object_name"] for model in models] for name, models in shown.context["groups"]}
    assert groups["Voices"] == ["VoiceProfile", "Report", "Collection", "Tag"] and "Generation" in groups["Speech"]
    assert groups["People"] == ["Invitation"], "the others are for administrators"
    _, _, folded = shown.text.partition('<details class="background">')
    for model in ("synthesis/evaluation", "synthesis/fitting", "voices/transcription", "voices/excerptsearch"):
        assert f'href="/admin/{model}/"' in folded


def test_only_administrators_are_led_to_people(curator, client, user, workers):
    quotas.count_speech(user.pk, 200)
    page = f'href="/admin/voicesite/user/{user.pk}/change/"'
    assert page not in curator.get(INDEX).text and "ada" in curator.get(INDEX).text
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert page in client.get(INDEX).text


def test_it_costs_as_many_queries_for_many(curator, count_queries, workers):
    def some(count):
        for _ in range(count):
            voice = VoiceFactory(share_requested_at=timezone.now())
            Report.objects.create(voice=voice, reporter=voice.owner, reason="Not me.")
            text(completed=True, voice=voice, compute_seconds=1.0)
            text(failed=True, voice=voice)
            FittingFactory(state="failed", voice=voice)
            quotas.count_speech(voice.owner_id, 5)
        cache.clear()

    def cost():
        count_queries(curator, INDEX)
        cache.clear()
        return len(_queries(curator))

    some(1)
    few = cost()
    some(9)
    assert cost() == few <= 45
    assert len(_queries(curator)) < few - 12, "what was measured is kept"


def _queries(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert client.get(INDEX).status_code == 200
    return queries


def test_its_sheets_are_there(curator, workers):
    sheets = re.findall(r'href="/static/([^"]+\.css)"', curator.get(INDEX).text)
    assert {"tokens.css", "admin.css"} <= set(sheets) and all(map(finders.find, sheets))


def test_values_are_lengths_of_the_longest(db, staff):
    for n, error in ((4, "The engine crashed."), (1, "Nobody knows.")):
        for _ in range(n):
            Generation.objects.filter(pk=text(failed=True).pk).update(error=error)
    _, failures, *_ = bars(measured(14), staff)
    assert [(bar.name, bar.words, bar.length) for bar in failures.rows] == [
        ("The engine crashed", "4", 100.0),
        ("Other reasons", "1", 25.0),
    ]


def test_a_plot_says_all_days_in_words(db):
    text(completed=True)
    texts, waits = plots(measured(14))
    assert len(texts.rows) == texts.width == 14 and texts.hints[-1][1].endswith("spoken: 1, failed: 0")
    assert waits.rows[0][1:] == ("–", "–") and not texts.is_empty
