"""Forms of a new generation: for the studio, and for programs and `manage.py speak`."""

import secrets
from collections.abc import Collection, Sequence
from typing import cast

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.models import MAX_SEED, CastMember, Generation
from synthesis.queue.estimates import Estimate, estimate
from synthesis.scripts.dialogue import speaking
from synthesis.scripts.marks import read_marks
from synthesis.speech import progress
from voices.languages import LANGUAGES, best_match
from voices.models import VoiceProfile
from voices.written_languages import LanguageField
from voicesite.modelhost.catalogue import ModelOption
from voicesite.models import User
from voicesite.texts import N_
from voicesite.web.rejection import Rejected
from voicesite.wording import thousands, translated

from . import cast as casting
from . import takes
from .preview import Preview, beginning, preview
from .samples import sample_address, with_sample
from .voice_names import NO_SUCH_VOICE, SEVERAL_VOICES, by_id_or_name
from .voice_names import label as voice_label

NO_VOICE = N_("This voice is no longer available. Choose another.")
SPEED_RANGE = (0.5, 2.0)  # within which speech stays intelligible
NO_WORDS = "no_words"  # code of the error of a text that is there, and says nothing
NUMBER_ERRORS = ("invalid", "min_value", "max_value")


class VoiceSelect(forms.Select):
    """A select whose options say of each voice what the page's script shows: its language, its sample, if it is built in."""

    def create_option(self, name, value, label, *args, **kwargs):
        option = super().create_option(name, value, label, *args, **kwargs)
        if voice := getattr(value, "instance", None):
            option["attrs"]["data-language"] = voice.language
            if voice.is_builtin:
                option["attrs"]["data-builtin"] = True
            if sample := sample_address(voice):
                option["attrs"]["data-sample"] = sample
        return option


class VoiceField(forms.ModelChoiceField):
    widget = VoiceSelect

    user: User  # who chooses

    def to_python(self, value):
        try:
            return super().to_python(value)
        except forms.ValidationError:  # Django's own message for a malformed UUID is not for people
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from None

    def label_from_instance(self, voice):
        if voice.is_builtin:  # which its group says
            return f"{voice.name} – {voice.get_language_display()}"
        return voice_label(voice, self.user)


class GenerationForm(forms.Form):
    voice = VoiceField(
        VoiceProfile.objects.none(),
        label=gettext_lazy("Voice"),
        empty_label=None,
        error_messages={
            "required": gettext_lazy("Choose a voice."),
            "invalid_choice": gettext_lazy(NO_VOICE),
        },
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": gettext_lazy("Write what you want to hear.")}),
        error_messages={
            "required": gettext_lazy("Write something to say first."),
            "null_characters_not_allowed": gettext_lazy(
                "This text contains a null character (code 0). Please delete it."
            ),
        },
    )
    # Of these languages, what is spoken here.
    language = LanguageField(label=gettext_lazy("Language"), required=False, choices=LANGUAGES)
    model = forms.ChoiceField(label=gettext_lazy("Model"), required=False)
    speed = forms.FloatField(
        required=False,
        min_value=SPEED_RANGE[0],
        max_value=SPEED_RANGE[1],
        widget=forms.NumberInput(attrs={"type": "range", "step": "0.05"}),
        error_messages=dict.fromkeys(
            NUMBER_ERRORS,
            format_lazy(
                gettext_lazy("The speed goes from {least} to {most}."),
                least=f"{SPEED_RANGE[0]:g}",
                most=f"{SPEED_RANGE[1]:g}",
            ),
        ),
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        required=False,
        min_value=0,
        max_value=MAX_SEED,
        widget=forms.NumberInput(attrs={"placeholder": gettext_lazy("random")}),
        help_text=gettext_lazy("The same seed gives the same speech again."),
        error_messages=dict.fromkeys(
            NUMBER_ERRORS,
            format_lazy(gettext_lazy("The seed is a whole number from 0 to {max_seed}."), max_seed=thousands(MAX_SEED)),
        ),
    )

    cast = casting.CastField(required=False)

    no_voice = NO_VOICE
    how_to_cast = N_("choose one, or “Not a speaker”")  # for a name without a voice
    without_voice: Sequence[str] = ()  # who seems to speak in the text, and is not in the cast
    characters = 0  # of the text that was sent
    most_previewed: int | None = None  # characters of it that are read; None: all

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.options = engine_choice.options(progress.real_time_factors())
        self.here = [option for option in self.options if option.is_here]
        self.elsewhere = [option for option in self.options if not option.is_here]
        voice = cast(VoiceField, self.fields["voice"])
        voice.user = user
        voice.queryset = with_sample(VoiceProfile.objects.usable_by(user)).order_by("preset", "name", "pk")
        # Read once: the widget iterates twice, and the page checks whether there are any.
        self.voices = list(iter(voice.iterator(voice)))  # iter: no COUNT first
        voice.choices = [*self.own_voices, *self.other_voices]
        self.limit = self.fields["text"].widget.attrs["data-limit"] = settings.TEXT_LIMIT
        model = cast(forms.ChoiceField, self.fields["model"])
        model.choices = [(option.key, option.title) for option in self.options if self.may_choose(option)]
        model.error_messages["invalid_choice"] = _("This model is no longer available. Choose another.")
        language = cast(forms.ChoiceField, self.fields["language"])
        language.error_messages["invalid_choice"] = _(
            "“%(value)s” isn’t a language this site can speak. Choose another."
        )
        spoken = {code for option in self.options for code in option.languages}
        language.choices = [(code, translated(name)) for code, name in LANGUAGES.items() if code in spoken]
        self.fields["speed"].initial = 1.0

    @property
    def own_voices(self) -> list:
        """The choices of voices that are the user's own."""
        return [choice for choice in self.voices if choice[0].instance.owner_id == self.user.pk]

    @property
    def other_voices(self) -> list[tuple[str, list]]:
        """The choices of the other voices, in groups with their names."""
        others = [choice for choice in self.voices if choice[0].instance.owner_id != self.user.pk]
        shared = [choice for choice in others if not choice[0].instance.is_builtin]
        groups = ((_("Shared"), shared), (_("Built in"), [choice for choice in others if choice not in shared]))
        return [(name, choices) for name, choices in groups if choices]

    @property
    def chosen_voice(self) -> VoiceProfile | None:
        """The voice that is chosen; None where there is none to choose."""
        key = str(self["voice"].value() or "")
        shown = [*self.own_voices, *(choice for _, choices in self.other_voices for choice in choices)]
        voices = [value.instance for value, _ in shown]
        return next((voice for voice in voices if str(voice.pk) == key), voices[0] if voices else None)

    @property
    def chosen_label(self) -> str:
        """The words for the voice that is chosen, as in the list."""
        voice = self.chosen_voice
        return cast(VoiceField, self.fields["voice"]).label_from_instance(voice) if voice else ""

    def choose_voice(self, languages: Sequence[str]) -> None:
        """Choose a built-in voice for somebody who has none of their own and has chosen nothing yet.

        languages: what they understand, the best first.
        """
        if self.own_voices or any(str(value) == str(self.initial.get("voice")) for value, _ in self.voices):
            return
        built_in = [value.instance for value, _ in self.voices if value.instance.is_builtin]
        for language in languages:
            alike = [voice for voice in built_in if voice.language.split("-")[0] == language.split("-")[0]]
            exact = [voice for voice in alike if voice.language == language]
            if found := exact or alike:
                built_in = found
                break
        if built_in:
            language = best_match(built_in[0].language, list(self.option.languages))
            self.initial.update(voice=built_in[0].pk, language=language)

    def may_choose(self, option: ModelOption) -> bool:
        """Return whether the user may choose it: only staff may choose a model that must be downloaded first."""
        return option.is_here or self.user.is_staff

    @property
    def option(self) -> ModelOption:
        """The chosen model; the default one where none is chosen that the user may choose."""
        chosen = self["model"].value()
        by_key = {option.key: option for option in self.options if self.may_choose(option)}
        return by_key.get(chosen) or next(option for option in self.options if option.is_default)

    def clean_text(self):
        written = self.cleaned_data["text"].replace("\r\n", "\n").strip()
        self.characters = len(written)
        if len(written) > settings.TEXT_LIMIT:
            raise forms.ValidationError(
                _("This text has {count} characters; the limit is {text_limit}. Shorten it or split it.").format(
                    count=thousands(len(written)), text_limit=thousands(settings.TEXT_LIMIT)
                )
            )
        if self.most_previewed is not None:
            written = beginning(written, self.most_previewed)
        self._check_words(written)
        return written

    def _check_words(self, text: str, speakers: Collection[str] = ()) -> None:
        blocks = read_marks(text, speakers)
        if not any(character.isalnum() for block in blocks for character in block.text):
            notes = [note for block in blocks for note in block.notes]
            what = _("but the names of who speaks") if speakers else _("it has no words")
            words = " ".join([_("There is nothing to say here: {what}.").format(what=what), *notes])
            raise forms.ValidationError(words, code=NO_WORDS)

    def clean_speed(self):
        return self.cleaned_data["speed"] or 1.0

    def clean_cast(self) -> list[CastMember]:
        """Return the members of the cast, unsaved: those without a voice are names that are read aloud."""
        members = []
        for name, written in self.kept(self.cleaned_data["cast"]).items():
            voices = self.named(written) if written else []
            if written and len(voices) != 1:
                words = _(SEVERAL_VOICES) if voices else _(self.no_voice)
                raise forms.ValidationError(f"{name}: {words[0].lower()}{words[1:]}")
            members.append(casting.member(name, voices[0] if voices else None))
        return members

    def kept(self, cast: dict[str, str | None]) -> dict[str, str | None]:
        """Return the part of a cast that counts: a page sends what was chosen for names that are gone, too."""
        present = speaking(self.cleaned_data.get("text", ""), cast)
        return {name: voice for name, voice in cast.items() if name in present}

    def named(self, written: str) -> list[VoiceProfile]:
        """Return the voices of that id or name."""
        return by_id_or_name((value.instance for value, _ in self.voices), written, self.user)

    def asks_for_voices(self) -> bool:
        """Return whether a speaker without a voice is an error: a page shows whom it asks for."""
        return True

    def clean(self):
        self._clean_speakers()
        language = self.cleaned_data.get("language")
        if language and "model" in self.cleaned_data and language not in self.option.languages:
            words = _("{title} does not speak {language}: choose another language").format(
                title=self.option.title, language=translated(LANGUAGES[language])
            )
            others = [
                option.title for option in self.options if language in option.languages and self.may_choose(option)
            ]
            if others:
                words += _(", or {names}").format(names=_(" or ").join(others[:2]))
            self.add_error("language", f"{words}.")

    def _clean_speakers(self) -> None:
        """Ask for the voice of each speaker of the text, and hold that anybody says anything."""
        data = self.cleaned_data
        if "text" not in data or "cast" not in data:
            return
        self.without_voice = casting.without_voice(data["text"], [member.name for member in data["cast"]])
        if self.without_voice and self.asks_for_voices():
            self.add_error(
                "cast",
                ngettext(
                    "{names} has no voice: {how_to_cast}.",
                    "{names} have no voice: {how_to_cast}.",
                    len(self.without_voice),
                ).format(names=casting.names_of(self.without_voice), how_to_cast=_(self.how_to_cast)),
            )
        if self.speakers:
            try:
                self._check_words(data["text"], self.speakers)
            except forms.ValidationError as error:
                self.add_error("text", error)

    @property
    def speakers(self) -> dict[str, VoiceProfile]:
        """Return who speaks, each with their voice."""
        return {one.name: one.voice for one in self.cleaned_data.get("cast", []) if one.voice}

    def named_speakers(self) -> list[str]:
        """Return the names that are not read before their lines."""
        return list(self.speakers)

    def generation(self) -> Generation:
        """Return the generation with its cast, unsaved. Call it after `is_valid()`."""
        data = self.cleaned_data
        seed = secrets.randbelow(MAX_SEED) if data["seed"] is None else data["seed"]
        generation = takes.first(
            data["voice"], data["text"], self.option, data["language"], owner=self.user, speed=data["speed"], seed=seed
        )
        generation.cast_members = data["cast"]
        return generation

    @property
    def spoken_language(self) -> str:
        """The language that the text will be spoken in. Call it after `is_valid()`."""
        data, spoken = self.cleaned_data, list(self.option.languages)
        return data["language"] or (best_match(data["voice"].language, spoken) if data["voice"] else spoken[0])

    def preview(self) -> Preview:
        """Return how the text will be read. Call it after `is_valid()`."""
        allowed = [other for other in self.options if self.may_choose(other)]
        data = self.cleaned_data
        return preview(self.user, data["text"], self.spoken_language, self.option, allowed, self.named_speakers())

    def estimate(self) -> Estimate | None:
        """Return how long the text will take; None where that is not known. Call it after `is_valid()`."""
        speed = self.cleaned_data.get("speed") or 1.0
        return estimate(self.user, self.characters, self.option, self.spoken_language, speed)


class ApiGenerationForm(GenerationForm):
    """A generation as programs request it: the voice by id or name, the model by any of its names or by engine alone.

    Raises Rejected where no engine can speak.
    """

    engine = forms.CharField(required=False)

    no_voice = NO_SUCH_VOICE
    how_to_cast = N_("choose one, or null where the name is no speaker’s")

    def __init__(self, data: dict, *, user: User):
        try:
            super().__init__(data, user=user)
        except EngineError as error:
            raise Rejected("no_engine", error.message) from error
        self.fields["voice"].error_messages["invalid_choice"] = _(self.no_voice)
        self.fields["model"].error_messages["invalid_choice"] = _(
            "There is no such model here. /api/models lists them."
        )
        self.data = data | {
            "voice": self._voice(data.get("voice") or ""),
            "model": self._model(data.get("engine") or "", data.get("model") or ""),
        }

    def _voice(self, written: str):
        """Return the id of the voice of that id or name; what is written where it is not one."""
        named = self.named(written)
        if len(named) > 1:
            self.fields["voice"].error_messages["invalid_choice"] = _(SEVERAL_VOICES)
        return named[0].pk if len(named) == 1 else written

    def kept(self, cast: dict[str, str | None]) -> dict[str, str | None]:
        """Return all of a cast: a program may send the same one with each part of a play."""
        return cast

    def asks_for_voices(self) -> bool:
        """Return whether there is a cast: without one, a program's text is read as it is written."""
        return bool(self.cleaned_data["cast"])

    def _model(self, engine: str, written: str) -> str:
        if not (engine or written):
            return ""
        for option in sorted(self.options, key=lambda option: (not option.is_default, not option.is_here)):
            names = ("", *(name.lower() for name in (option.model, option.title, option.key)))
            if engine in ("", option.engine) and written.lower() in names:
                return option.key
        return engine_choice.key(engine, written)


class PreviewForm(ApiGenerationForm):
    """A text to see how it will be read: as of a generation, but that no voice is needed."""

    def __init__(self, data: dict, *, user: User, most_previewed: int | None = None):
        super().__init__(data, user=user)
        self.most_previewed = most_previewed
        self.fields["voice"].required = False
        del self.fields["seed"]

    def clean(self):
        super().clean()
        self.errors.pop("speed", None)  # it changes nothing of how a text is read


class StudioPreviewForm(PreviewForm):
    """What is in the studio's form, to see how it will be read while voices are still to be chosen."""

    kept = GenerationForm.kept

    def asks_for_voices(self) -> bool:
        return False

    def named_speakers(self) -> list[str]:
        return [*self.speakers, *self.without_voice]
