import pytest

from voicesite.web.polling import poll


@pytest.mark.parametrize("going, status", [(True, 200), (False, 286)])
def test_htmx_is_told_when_to_stop(rf, going, status):
    request = rf.get("/")
    answer = poll(request, "account/email/password_reset_key_subject.txt", {}, going=going)
    assert answer.status_code == status and b"Your new password" in answer.content
