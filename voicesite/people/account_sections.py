"""Parts of the account page that apps and rooms add in `AppConfig.ready`, without this one importing them."""

from collections.abc import Callable

from .requests import Request

Section = Callable[[Request], str]  # returns HTML about the person who asks

personal_sections: list[Section] = []
program_sections: list[Section] = []  # those about other programs, which come after the API keys
