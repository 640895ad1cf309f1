import pytest

from voices.languages import language_or_accent
from voices.written_languages import language_of
from voicesite.web.rejection import Rejected


@pytest.mark.parametrize("written", ["en", "en-US", "EN_us", "English", " english (american) ", "en-AU"])
def test_a_language_is_understood_as_people_write_it(written):
    assert language_of(written) == "en-us"


def test_no_language_is_none_and_an_unknown_one_is_refused():
    assert language_of(None) == language_of("") == ""
    with pytest.raises(Rejected, match="“tlh” is not a language of this site. Choose one of: en-us") as refused:
        language_of("tlh")
    assert refused.value.status == 422 and "language" in refused.value.fields


@pytest.mark.parametrize(
    ("written", "code"),
    [("English", "en"), ("en", "en"), ("en-GB", "en-gb"), ("pt_BR", "pt-br"), ("German", "de")],
)
def test_a_language_is_for_all_of_its_accents_where_they_make_no_difference(written, code):
    assert language_or_accent(written) == code
