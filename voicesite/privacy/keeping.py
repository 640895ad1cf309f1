"""For how long things are kept: N days as the site has it, as staff have it for one person, and shorter where they want.

`expired` is the condition that the sweeper's functions ask with; what is in use is theirs to say.
"""

from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voicesite.models import KeepingRule, User
from voicesite.wording import thousands

Kind = KeepingRule.Kind
MAX_DAYS = 3650

WORDS = {
    Kind.SPEECH: gettext_lazy(
        "Texts with their sound, counted from when they were last spoken. Favourites stay, and what has a "
        "listening link until that ends."
    ),
    Kind.UPLOADS: gettext_lazy(
        "What you sent to make a voice of. The excerpts stay that the voice is made of: all else in the "
        "recording is deleted."
    ),
    Kind.DRAFTS: gettext_lazy("What you wrote and did not have spoken, counted from when it was last changed."),
}


def days_of(kind: str, own: int | None, staff: int | None) -> int:
    """Return for how many days this kind is kept; 0: for ever. `own` is the person's choice, `staff` what staff set for them."""
    most = bound(kind, staff)
    return min(own, most) if own and most else own or most


def bound(kind: str, staff: int | None) -> int:
    """Return for how many days it may be kept at most; 0: for ever."""
    return settings.KEEP_DAYS[kind] if staff is None else staff


def expired(kind: Kind, moment: str, owner: str = "owner") -> Q | None:
    """Return the condition that a thing was kept long enough: by the field `moment`, for the person by the field `owner`.

    None where nothing ever is. One query; the people of each choice are a subquery, however many they are.
    """
    now, rules = timezone.now(), KeepingRule.objects.filter(kind=kind)

    def before(days: int) -> Q:
        return Q(**{f"{moment}__lt": now - timedelta(days=days)})

    conditions = []
    for own, staff in rules.order_by().values_list("own_days", "staff_days").distinct():
        if days := days_of(kind, own, staff):
            people = rules.filter(own_days=own, staff_days=staff).values("person")
            conditions.append(Q(**{f"{owner}__in": people}) & before(days))
    if days := settings.KEEP_DAYS[kind]:
        conditions.append(~Q(**{f"{owner}__in": rules.values("person")}) & before(days))
    if not conditions:
        return None
    combined = Q()
    for condition in conditions:
        combined |= condition
    return combined & Q(**{f"{owner}__isnull": False})


@dataclass(frozen=True)
class Kept:
    """For how long one kind of a person's things is kept."""

    kind: Kind
    own: int | None
    staff: int | None
    most: int  # 0: for ever
    days: int


def of_person(person: User) -> list[Kept]:
    """Return that for each kind. One query."""
    rules = {rule.kind: rule for rule in person.keeping_rules.all()}
    found = ((kind, rules.get(kind)) for kind in Kind)
    chosen = ((kind, rule.own_days if rule else None, rule.staff_days if rule else None) for kind, rule in found)
    return [Kept(kind, own, staff, bound(kind, staff), days_of(kind, own, staff)) for kind, own, staff in chosen]


class KeepingForm(forms.Form):
    """A person's own choices. They may be shorter than what the site has, and never longer."""

    def __init__(self, data, person: User):
        super().__init__(data)
        self.person = person
        for kept in of_person(person):
            of_site = (
                _("This site keeps it for {time}; you may choose less.").format(time=_in_words(kept.most))
                if kept.most
                else ""
            )
            self.fields[kept.kind] = forms.IntegerField(
                label=_("{label}, for how many days").format(label=kept.kind.label),
                required=False,
                min_value=1,
                max_value=kept.most or MAX_DAYS,
                initial=kept.own,
                help_text=f"{WORDS[kept.kind]} {of_site or 'Empty: for ever.'}",
                error_messages={
                    "max_value": _("Choose {value} days or fewer.").format(value=thousands(kept.most or MAX_DAYS))
                },
            )

    def save(self) -> None:
        for kind in Kind:
            set_for(self.person, kind, own_days=self.cleaned_data[kind])


def set_for(person: User, kind: Kind, **days: int | None) -> None:
    """Set `own_days` or `staff_days` of a person for one kind."""
    rule = KeepingRule.objects.filter(person=person, kind=kind)
    if not rule.update(**days) and any(value is not None for value in days.values()):
        KeepingRule.objects.update_or_create(person=person, kind=kind, defaults=days)


def _in_words(days: int) -> str:
    return _("1 day") if days == 1 else _("{days} days").format(days=thousands(days))
