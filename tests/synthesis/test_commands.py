import pytest
import soundfile
from django.core.management import CommandError, call_command

from synthesis.models import Generation
from synthesis.scripts.script import Script, ScriptSegment
from synthesis.workers import sweeper
from tests.factories import GenerationFactory, UserFactory, VoiceFactory
from voicesite.jobs.job import State

SPANISH = "El tren sale a las nueve y media, así que llegue usted al andén con tiempo."

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    owner = UserFactory(username="ada")
    VoiceFactory(owner=owner, name="Ada")
    return owner


def speak(tmp_path, text="Good morning to all.", **options):
    options = {"user": "ada", "voice": "Ada", "output": tmp_path / "out.wav", **options}
    call_command("speak", text, **options)
    return options["output"]


def test_speak_saves_what_the_queue_made(worker, ada, tmp_path, capsys):
    out = speak(tmp_path, seed=3)
    assert soundfile.info(out).duration == pytest.approx(0.8, abs=0.01)
    assert "s of speech" in capsys.readouterr().out
    row = Generation.objects.get()
    assert (row.state, row.owner, row.seed, row.title) == (State.COMPLETED, ada, 3, "Good morning to all.")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"user": "nobody"}, "nobody called nobody"),
        ({"voice": "Eve"}, "no voice called Eve. There are: Ada"),
        ({"text": "  "}, "no words"),
        ({"language": "klingon"}, "klingon"),
        ({"model": "tune"}, "no model tune. There are: tone, overtone"),
        ({"speed": 9.0}, "The speed goes from 0.5 to 2."),
    ],
)
def test_speak_says_what_is_wrong_before_anything_waits(ada, tmp_path, options, words):
    with pytest.raises(CommandError, match=words):
        speak(tmp_path, **options)
    assert not Generation.objects.exists()


def test_a_preview_prints_how_the_text_will_be_read_and_asks_for_nothing(ada, capsys):
    call_command("speak", "We were 20.\n\nThis is plain.", user="ada", voice="Ada", preview=True)
    assert capsys.readouterr().out == "We were twenty.  [pause 0.7 s]\nThis is plain.\n"
    assert not Generation.objects.exists()


def test_a_preview_prints_the_pause_that_begins_a_text(ada, capsys):
    call_command("speak", "[pause 2s] Hello.", user="ada", voice="Ada", preview=True)
    assert capsys.readouterr().out == "[pause 2 s]\nHello.\n"


def test_a_preview_prints_notes_and_warnings(ada, capsys, monkeypatch):
    script = Script((ScriptSegment("Hello.", "Hello.", 0.0, notes=("“[laugh]” is not read.",)),), ("Mind the gap.",))
    monkeypatch.setattr("synthesis.generations.preview.prepare", lambda *given: script)
    call_command("speak", SPANISH, user="ada", voice="Ada", preview=True)
    printed = capsys.readouterr()
    assert printed.out == "Hello.\n  “[laugh]” is not read.\n"
    assert printed.err == "This looks like Spanish.\nMind the gap.\n"


def test_speak_points_at_a_text_in_another_language(ada, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("synthesis.management.commands.speak.Command._watch", lambda self, generation: None)
    with pytest.raises(CommandError):
        speak(tmp_path, SPANISH)
    assert "This looks like Spanish." in capsys.readouterr().err and Generation.objects.exists()


def test_speakers_have_their_voices(ada, tmp_path, capsys, monkeypatch):
    low = VoiceFactory(owner=ada, name="Low")
    text = "Anna: We were 20.\n\nBen: Oh!"
    call_command("speak", text, user="ada", voice="Ada", preview=True)
    warned = "This looks like a dialogue of Anna and Ben: --cast NAME=VOICE gives each a voice.\n"
    assert capsys.readouterr().err == warned
    call_command("speak", text, user="ada", voice="Ada", preview=True, cast=["Anna=Low", "Ben="])
    assert capsys.readouterr().out == "Anna: We were twenty.  [pause 0.7 s]\nBen: Oh!\n"
    with pytest.raises(CommandError, match="Ben has no voice"):
        speak(tmp_path, text, cast=["Anna=Low"])
    with pytest.raises(CommandError, match="Write --cast NAME=VOICE, not Anna."):
        speak(tmp_path, text, cast=["Anna"])
    monkeypatch.setattr("synthesis.management.commands.speak.Command._watch", lambda self, generation: None)
    with pytest.raises(CommandError):
        speak(tmp_path, text, cast=["Anna=Low", "Ben=Ada"])
    assert [member.voice for member in Generation.objects.get().cast.all()] == [low, Generation.objects.get().voice]


def test_speak_wants_a_file_or_a_preview():
    for arguments in ([], ["--preview", "-o", "out.wav"]):
        with pytest.raises(CommandError):
            call_command("speak", "Hello.", "--user", "ada", "--voice", "Ada", *arguments)


@pytest.mark.parametrize("written", ["overtone", "An overtone", "fake:overtone"])
def test_speak_takes_a_model_by_any_of_its_names(ada, tmp_path, written, monkeypatch):
    monkeypatch.setattr("synthesis.management.commands.speak.Command._watch", lambda self, generation: None)
    with pytest.raises(CommandError):
        speak(tmp_path, model=written)
    assert Generation.objects.get().model == "overtone"


def test_speak_looks_first_whether_it_may_write_there(ada, tmp_path):
    with pytest.raises(CommandError, match="no folder"):
        speak(tmp_path, output=tmp_path / "nowhere" / "out.wav")
    with pytest.raises(CommandError, match="is a folder"):
        speak(tmp_path, output=tmp_path)
    assert not Generation.objects.exists()


def test_speak_fails_with_the_reason_of_the_generation(worker, ada, tmp_path):
    with pytest.raises(CommandError, match="The tone failed"):
        speak(tmp_path, "Please Do-fail now.")
    assert not (tmp_path / "out.wav").exists()


def test_sweep_once_is_one_turn(ada, monkeypatch):
    left = GenerationFactory(abandoned=True, cancel_requested=True)
    turns, turn = [], sweeper.Sweeper.turn
    monkeypatch.setattr(sweeper.Sweeper, "turn", lambda watch: turns.append(turn(watch)))
    call_command("sweep", once=True)
    left.refresh_from_db()
    assert len(turns) == 1 and left.state == State.CANCELLED
