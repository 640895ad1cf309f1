"""Parts of the account page that apps add in `AppConfig.ready`, without this one importing them."""

from collections.abc import Callable

from voicesite.models import User

account_sections: list[Callable[[User], str]] = []  # each returns HTML about a person
