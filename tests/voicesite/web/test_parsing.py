"""What no request may have, wherever it is."""

import pytest

from voicesite.web.parsing import MOST_NESTED, parse_json
from voicesite.web.rejection import Rejected


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b"{", "bad_request", ""),
        (b"", "bad_request", ""),
        (b"\xff\xfe[\0]\0", "bad_request", ""),  # UTF-16
        (b'"\xed\xa0\xbd"', "bad_request", ""),  # half an emoji, in bytes
        (b'{"text": "x \\ud83d"}', "invalid", "text"),
        (b'{"a": [{"b": "\\uDE00\\ud83d"}]}', "invalid", "a.0.b"),
        (b'{"cast": {"\\ud83d": "x"}}', "invalid", "cast"),
        (b'{"text": "a\\u0000b"}', "invalid", "text"),
        (b"NaN", "bad_request", ""),
        (b"[-Infinity]", "bad_request", ""),
        (b"[1e999]", "bad_request", ""),
        (b"9" * 5000, "bad_request", ""),
        (b"[" * 100_000, "bad_request", ""),
        (b"[" * 100_000 + b"]" * 100_000, "bad_request", ""),
        (b'{"a":' * 51 + b"1" + b"}" * 51, "bad_request", ""),
    ],
)
def test_it_is_refused(body, code, field):
    with pytest.raises(Rejected) as refused:
        parse_json(body)
    assert (refused.value.code, next(iter(refused.value.fields), "")) == (code, field)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('{"text": "😀"}', {"text": "😀"}),
        ('{"text": "\\ud83d\\ude00 \\\\ud83d"}', {"text": "😀 \\ud83d"}),
        ('\ufeff{"x": 1.5e300}', {"x": 1.5e300}),
        ('{"x": 1, "x": 2}', {"x": 2}),
        ("[1]," * 0 + str([1] * 500), [1] * 500),
        (str([[1]] * 500), [[1]] * 500),
        (f"{'[' * MOST_NESTED}{']' * MOST_NESTED}", None),
    ],
)
def test_it_is_read(body, value):
    assert value is None or parse_json(body.encode()) == value
    parse_json(body.encode())


@pytest.mark.parametrize("address", ["/api/generations/async", "/v1/audio/speech", "/v1/audio/transcriptions"])
def test_no_body_breaks_anything(page, user, address):
    from voicesite.people import keys

    _, secret = keys.issue(user, "One", ["speak"])
    bodies = [
        b'{"model": ' * 60 + b"1" + b"}" * 60,
        b'{"voice": "x", "input": "\\ud83d", "text": "\\ud83d"}',
        b'{"voice": {"id": [1]}, "input": "x", "text": "x", "speed": 1e308, "seed": ' + b"9" * 4000 + b"}",
        b'{"voice": "\\u0000", "input": "\\u0000", "cast": {"a": {"b": []}}, "language": ["en"], "text": 7}',
        b'{"voice": "x", "voice": null, "input": null, "input": 1, "speed": "fast", "model": {"a": 1}}',
    ]
    for body in bodies:
        answer = page.post(address, body, content_type="application/json", headers={"X-API-Key": secret})
        assert 400 <= answer.status_code < 500 and answer.json()["error"]["message"], body[:60]


@pytest.mark.backends
def test_no_query_and_no_form_breaks_anything(page):
    for query in ("q=%00", "q=%ED%A0%BD", "q=%FF", "limit=" + "9" * 5000, "offset=1e9", "tag=a%00b", "%ED%A0%BD=1"):
        answer = page.get(f"/api/voices?{query}")
        assert answer.status_code < 500, query
    assert page.get("/api/voices?q=%00").json()["error"]["fields"] == {
        "q": ["This text contains a null character (code 0). Please delete it."]
    }
    for path in ("%ED%A0%BD", "%00", "9" * 400, "segments/" + "9" * 5000):
        assert page.get(f"/api/generations/{path}").status_code == 404
    name = '"\ud83d\0.wav"'.encode("utf-8", "surrogatepass")
    form = b"--x\r\nContent-Disposition: form-data; name=audio; filename=" + name + b"\r\n\r\nRIFF\r\n"
    form += b"--x\r\nContent-Disposition: form-data; name=name\r\n\r\n\xed\xa0\xbd\r\n--x--\r\n"
    assert page.post("/api/voices", form, content_type="multipart/form-data; boundary=x").status_code == 422
