"""The status page: what everyone reads on it, what staff do on it, and what nobody else can."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django_q.models import OrmQ

from synthesis.engines import ENGINES
from synthesis.models import Cluster, Download, Generation, LoadedModel
from tests.factories import GenerationFactory
from tests.synthesis.engines.test_choice import TORCH_AND_KOKORO, Torch
from voices.transcription.transcribers.whisper_mlx import MlxWhisper
from voicesite.jobs.job import State
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import ModelError

HTMX = {"HX-Request": "true"}
STATUS, LIVE_URL = reverse("synthesis:status"), reverse("synthesis:status_live")
DOWNLOAD_URL, REMOVE_URL = reverse("synthesis:download"), reverse("synthesis:remove_model")
BIG_MODEL, SMALL_MODEL = "torch:hub/big", "torch:hub/small"
KOKORO = "kokoro:kokoro-82m-v1.0-int8"


@pytest.fixture(autouse=True)
def store(settings, monkeypatch, tmp_path):
    """A copying engine is installed beside the embedded one; of its models the small one is in the store."""
    settings.ENGINE = "auto"
    monkeypatch.setattr(ENGINES, "paths", TORCH_AND_KOKORO)
    monkeypatch.setenv("VOICESITE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "shared"))
    keep(tmp_path / "models" / "hub" / "small")
    return tmp_path / "models"


def keep(folder: Path) -> None:
    """Files that look like a whole model: 3 MB."""
    files = ("config.json", "model.safetensors", "tokenizer_config.json", "tokenizer.json")
    for name in (*files, "speech_tokenizer/config.json", "speech_tokenizer/model.safetensors"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(500_000))


@pytest.fixture
def curator(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def device(db):
    return LoadedModel.objects.create(
        worker="here:7",
        engine="torch",
        model="hub/small",
        runs_on="cuda, bfloat16",
        memory=2_700_000_000,
        memory_before=200_000_000,
        changed_at=timezone.now(),
        used_at=timezone.now(),
    )


def fetching(**changes) -> Download:
    row = {"state": State.GENERATING, "progress": 34, "stage": "Downloading the model: 1.2 of 3.5 GB"}
    row |= {"bytes_done": 1_200_000_000, "bytes_total": 3_500_000_000}
    return Download.objects.create(engine="torch", model="hub/big", **row | changes)


def models(response) -> dict[str, str]:
    """What the page says of each model, in words and buttons."""
    parts = re.findall(r'<li class="model" id="model-([\w-]+)">(.*?)</li>', response.text, re.DOTALL)
    return {name: re.sub(r"\s+", " ", part) for name, part in parts}


# ---------------------------------------------------------------------------------------------------------------------
# Who may


ACTIONS = [(DOWNLOAD_URL, {"model": BIG_MODEL}), (REMOVE_URL, {"model": SMALL_MODEL}), ("cancel", {}), ("unload", {})]


def resolve(where: str, device) -> str:
    if where == "cancel":
        return reverse("synthesis:cancel_download", args=[Download.objects.get().pk])
    return reverse("synthesis:unload", args=[device.pk]) if where == "unload" else where


@pytest.mark.parametrize("where", [STATUS, LIVE_URL])
def test_visitors_sign_in_first(client, where, user):
    assert client.get(where).url.startswith("/account/login/")
    assert client.get(where, headers=HTMX).status_code == 401


@pytest.mark.parametrize(("where", "data"), ACTIONS)
def test_only_staff_act(page, device, store, where, data):
    fetching()
    where = resolve(where, device)
    assert page.post(where, data).status_code == 403
    assert page.post(where, data, headers=HTMX).status_code == 403
    assert not OrmQ.objects.exists() and (store / "hub" / "small").is_dir()
    assert not Download.objects.filter(cancel_requested=True) and not LoadedModel.objects.filter(unload_requested=True)
    page.logout()
    assert page.post(where, data).url.startswith("/account/login/")


def test_wrong_methods_are_refused(curator, device):
    fetching()
    for where in (DOWNLOAD_URL, resolve("cancel", device), resolve("unload", device)):
        assert curator.get(where).status_code == 405
    for where in (STATUS, LIVE_URL):
        assert curator.post(where).status_code == 405
    assert curator.put(REMOVE_URL).status_code == 405


@pytest.mark.parametrize("model", ["", "garbage", "torch:hub/other", "fake:tone", "\x00"])
def test_a_model_that_is_not_offered_is_not_there(curator, model):
    assert curator.post(DOWNLOAD_URL, {"model": model}).status_code == 404
    assert curator.get(REMOVE_URL, {"model": model}).status_code == 404
    assert curator.post(REMOVE_URL, {"model": model}).status_code == 404


def test_what_is_gone_is_not_there(curator):
    for name in ("cancel_download", "unload"):
        assert curator.post(reverse(f"synthesis:{name}", args=[404])).status_code == 404


# ---------------------------------------------------------------------------------------------------------------------
# What it says


def clusters(*names):
    now = timezone.now()
    for name in names:
        Cluster.objects.create(name=name, host="here", process_group=1, started_at=now, seen_at=now)


def one_line(client):
    return re.search(r'id="one-line"[^>]*>(.*?)</p>', client.get(STATUS).text)[1]


def test_staff_read_what_speaks_and_why(curator, device):
    clusters("synthesis")
    GenerationFactory.create_batch(2)
    Generation.objects.update(created_at=timezone.now() - timedelta(seconds=30))
    shown = curator.get(STATUS)
    text = re.sub(r"\s+", " ", shown.text)
    assert "<strong>Small</strong>: Big is installed but its model is not downloaded yet, so Small speaks." in text
    assert "2 texts, the first for 30 s" in text and "0 texts" in text and "synthesis: last heard of" in text
    assert "No worker prepares voices" in text and "No worker speaks" not in text
    assert "cuda, bfloat16" in text
    said = models(shown)
    assert "3.5 GB to download" in said["torchhubbig"]
    assert "default" in said["torchhubsmall"] and "3 MB on disk" in said["torchhubsmall"]
    assert "approximate voice" in said["kokorokokoro-82m-v10-int8"]
    assert "hx-trigger" not in shown.text, "nothing moves: nothing polls"


def test_people_read_one_line_and_nothing_of_the_machine(page, device, settings):
    settings.ENGINE = "kokoro"  # named in the reasons that staff read
    fetching()
    for where in (STATUS, LIVE_URL):
        shown = page.get(where).text
        for inside in (
            "here:7",
            "cuda",
            "VOICESITE_",
            "cluster",
            "hub/",
            "hx-get",
            "Workers",
            "memory",
            "<button disabled",
        ):
            assert inside not in shown, inside
        assert 'id="one-line"' in shown


def test_the_line_says_how_it_stands(page, settings):
    assert one_line(page).startswith("Nothing can be spoken right now.")
    clusters("synthesis")
    assert (
        one_line(page) == "Speaking works. New voices and transcriptions have to wait until staff have fixed something."
    )
    clusters("default")
    assert one_line(page) == "Everything works; nothing waits."
    GenerationFactory(running=True, is_sample=True)
    assert one_line(page) == "Everything works; nothing waits.", "samples are nobody's wish"
    running = GenerationFactory(running=True)
    assert one_line(page) == "Everything works. 1 text being spoken, nothing waits."
    GenerationFactory.create_batch(2)
    Generation.objects.filter(state="pending").update(created_at=timezone.now() - timedelta(seconds=30))
    assert one_line(page) == "Everything works. 1 text being spoken, 2 waiting; the first has waited for 30 s."
    running.delete()
    assert one_line(page).startswith("Texts wait longer than they should: the first has waited for 30 s.")
    settings.ENGINE = "gramophone"
    assert one_line(page).startswith("Nothing can be spoken right now.")


def test_staff_also_see_memory_and_what_cannot_run(curator, device, monkeypatch):
    shown = re.sub(r"\s+", " ", curator.get(STATUS).text)
    assert "2.7 GB memory in use, 200 MB before it was loaded · worker here:7" in shown
    assert "Engines that can’t run here" not in shown
    monkeypatch.setattr(Torch, "trouble", "PyTorch is not installed.")
    assert "PyTorch is not installed." in curator.get(STATUS).text


def test_an_engine_that_does_not_exist_is_said(curator, settings):
    settings.ENGINE = "gramophone"
    response = curator.get(STATUS)
    assert response.status_code == 200 and "There is no engine called “gramophone”" in response.text


def test_a_page_costs_the_same_for_little_and_for_much(curator, count_queries):
    few, of_part = count_queries(curator, STATUS), count_queries(curator, LIVE_URL)
    for number in range(5):
        LoadedModel.objects.create(worker=f"here:{number}", engine="torch", model="hub/small")
        Download.objects.create(engine="torch", model=f"hub/{number}")
    fetching()
    GenerationFactory.create_batch(5)
    assert count_queries(curator, STATUS) == few <= 13  # two of them for the count in the menu
    assert count_queries(curator, LIVE_URL) == of_part


# ---------------------------------------------------------------------------------------------------------------------
# Downloads


def test_a_download_is_watched_until_it_has_ended(curator, store):
    fetching()
    shown = curator.get(STATUS)
    assert f'hx-get="{LIVE_URL}"' in shown.text and "Reload to see progress" in shown.text
    said = models(shown)["torchhubbig"]
    assert "Downloading the model: 1.2 of 3.5 GB" in said and 'value="34"' in said
    live = curator.get(LIVE_URL, headers=HTMX)
    assert live.status_code == 200 and "<html" not in live.text and 'id="status"' in live.text
    Download.objects.update(state=State.FAILED, error="The disk is too small.", finished_at=timezone.now())
    ended = curator.get(LIVE_URL, headers=HTMX)
    assert ended.status_code == 286 and "hx-trigger" not in ended.text
    assert "The disk is too small." in models(ended)["torchhubbig"]
    keep(store / "hub" / "big")
    Download.objects.update(state=State.COMPLETED, error="")
    said = models(curator.get(LIVE_URL))
    assert "Big is downloaded." in said["torchhubbig"] and "default" in said["torchhubbig"]


def test_staff_download_a_model(curator, staff):
    assert "Download Big" in models(curator.get(STATUS))["torchhubbig"]
    assert curator.post(DOWNLOAD_URL, {"model": BIG_MODEL}).url == STATUS
    row = Download.objects.get()
    assert (row.engine, row.model, row.requested_by, row.state) == ("torch", "hub/big", staff, State.PENDING)
    assert OrmQ.objects.filter(key="default").count() == 1
    said = models(curator.get(STATUS))["torchhubbig"]
    assert "Waiting to download" in said and "Cancel the download of Big" in said
    part = curator.post(DOWNLOAD_URL, {"model": BIG_MODEL}, headers=HTMX)
    assert part.status_code == 200 and part.text.lstrip().startswith("<div") and "hx-trigger" in part.text
    assert Download.objects.count() == 1, "asked twice, fetched once"


def test_what_is_here_is_not_downloaded_again(curator):
    for model in (SMALL_MODEL, KOKORO):
        assert curator.post(DOWNLOAD_URL, {"model": model}).status_code == 302
    assert not Download.objects.exists()


def test_a_download_is_cancelled_and_gone_on_with(curator):
    row = fetching(state=State.PENDING)
    assert curator.post(reverse("synthesis:cancel_download", args=[row.pk])).url == STATUS
    said = models(curator.get(STATUS))["torchhubbig"]
    assert "Download cancelled. What was downloaded so far is kept." in said and "Resume download: Big" in said
    curator.post(DOWNLOAD_URL, {"model": BIG_MODEL})
    row.refresh_from_db()
    assert row.state == State.PENDING


def test_a_running_download_is_asked_to_stop(curator):
    row = fetching()
    part = curator.post(reverse("synthesis:cancel_download", args=[row.pk]), headers=HTMX)
    assert "Stopping" in part.text and re.search(rf'id="stop-{row.pk}"\s+disabled', part.text)


def test_a_download_that_was_asked_for_by_name_is_shown_while_it_moves(curator):
    row = fetching()
    Download.objects.update(model="hub/unlisted")
    shown = curator.get(STATUS).text
    assert f'id="download-row-{row.pk}"' in shown and "hub/unlisted" in shown and "hx-trigger" in shown
    Download.objects.update(state=State.COMPLETED)
    assert "hub/unlisted" not in curator.get(STATUS).text


# ---------------------------------------------------------------------------------------------------------------------
# Removing, unloading


def test_removing_asks_and_frees_the_disk(curator, store):
    Download.objects.create(engine="torch", model="hub/small", state=State.COMPLETED)
    GenerationFactory(engine="torch", model="hub/small")
    link = re.search(r'href="([^"]+)"\s+aria-label="Remove Small"', curator.get(STATUS).text)[1]
    asks = re.sub(r"\s+", " ", curator.get(link).text)
    assert "Remove Small?" in asks and "frees 3 MB" in asks and "1 text is waiting for it" in asks
    assert "It is the default" in asks and (store / "hub" / "small").is_dir()
    done = curator.post(REMOVE_URL, {"model": SMALL_MODEL}, follow=True)
    assert "Small was removed, freeing 3 MB." in done.text
    assert not (store / "hub" / "small").exists() and not Download.objects.exists()
    assert "<strong>Kokoro 82M</strong>" in done.text


def test_what_is_not_ours_is_not_removed(curator, store, monkeypatch):
    for model in (KOKORO, BIG_MODEL):
        assert (
            "no files here that Voicesite could delete" in curator.post(REMOVE_URL, {"model": model}, follow=True).text
        )

    def refuse(model):
        raise ModelError("It is being downloaded. Cancel that first.")

    monkeypatch.setattr(weights, "remove", refuse)
    assert (
        "Small was not removed. It is being downloaded."
        in curator.post(REMOVE_URL, {"model": SMALL_MODEL}, follow=True).text
    )


def test_a_model_is_unloaded_and_the_page_watches(curator, device):
    assert "Unload now: Small" in curator.get(STATUS).text
    part = curator.post(reverse("synthesis:unload", args=[device.pk]), headers=HTMX)
    assert "Unloading Small once the current text is done" in part.text and "hx-trigger" in part.text
    device.refresh_from_db()
    assert device.unload_requested and OrmQ.objects.filter(key="synthesis").exists()
    gone = {"model": "", "unload_requested": False, "memory": 0, "memory_before": 2_700_000_000}
    LoadedModel.objects.update(**gone)
    ended = curator.get(LIVE_URL)
    assert ended.status_code == 286 and "No model is loaded" in ended.text
    assert "no memory in use, 2.7 GB before it was unloaded" in re.sub(r"\s+", " ", ended.text)


# ---------------------------------------------------------------------------------------------------------------------
# Transcription

SMALL_WHISPER = "transcriber:faster-whisper:Systran/faster-whisper-small"


@pytest.fixture
def transcribers(settings, monkeypatch):
    settings.TRANSCRIBER = "auto"
    monkeypatch.setattr(MlxWhisper, "unavailable", lambda: "It needs Apple Silicon.")


def test_staff_read_what_writes_down_and_why(curator, settings, transcribers):
    text = re.sub(r"\s+", " ", curator.get(STATUS).text)
    assert "<strong>Whisper tiny.en</strong>: the best that is on this machine. It knows English." in text
    said = models(curator.get(STATUS))
    assert "490 MB to download" in said["transcriberfaster-whispersystranfaster-whisper-small"]
    assert "in use" in said["transcriberbundledtinyen"]
    settings.TRANSCRIBER = "none"
    assert "Off: VOICESITE_TRANSCRIBER is none. People type transcripts themselves." in curator.get(STATUS).text


def test_staff_fetch_a_transcriber_and_remove_it(curator, transcribers, store):
    assert curator.post(DOWNLOAD_URL, {"model": SMALL_WHISPER}).status_code == 302
    row = Download.objects.get()
    assert (row.engine, row.model) == ("faster-whisper", "Systran/faster-whisper-small") and OrmQ.objects.count() == 1
    assert "Waiting to download" in models(curator.get(STATUS))[slugify(SMALL_WHISPER)]
    Download.objects.update(state=State.COMPLETED)
    for name in ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt"):
        path = store / "Systran" / "faster-whisper-small" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(1000))
    shown = curator.get(STATUS)
    words = " ".join(shown.text.split())
    assert "<strong>Whisper small</strong>" in words and "detects which one is spoken" in words
    assert "Remove" in models(shown)[slugify(SMALL_WHISPER)]
    assert "frees 4 kB" in curator.get(REMOVE_URL, {"model": SMALL_WHISPER}).text
    assert curator.post(REMOVE_URL, {"model": SMALL_WHISPER}).status_code == 302
    assert not path.exists() and not Download.objects.exists()


def test_staff_see_when_the_site_was_backed_up_last(client, staff, user, settings, tmp_path):
    def said(person=staff) -> str:
        client.force_login(person)
        return client.get(STATUS).content.decode()

    assert "makes none by itself" in said() and "Backup" not in said(user)
    settings.BACKUP = str(tmp_path / "backups")
    assert f"There is none in <code>{settings.BACKUP}</code> yet." in said()
    snapshots = tmp_path / "backups" / "snapshots"
    snapshots.mkdir(parents=True)
    (snapshots / "2026-02-03T04-05-06Z").touch()
    assert "2026-02-03T04:05:06" in said() and settings.BACKUP not in said(user)
