"""Text that becomes HTML in a page runs nothing, whoever brought it there: trusted types, in a browser that has them."""

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

INSERT = "html => { const place = document.createElement('div'); place.innerHTML = html; return place.innerHTML; }"
INERT = [
    "<p class='message'>a &lt;script&gt; and onward = so</p>",
    '<a href="/generations/">javascript: is a word</a>',
    '<script type="application/json">{"a": 1}</script>',
]
SMUGGLED = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '<script src="https://elsewhere.example/x.js"></script>',
    '<script src="/media/x.js"></script>',
    '<a href=" JavaScript:alert(1)">here</a>',
    "<template><svg onload=alert(1)></svg></template>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '<base href="https://elsewhere.example/">',
]


@pytest.mark.parametrize("path", ["/", "/admin/", "/docs"])
def test_what_can_run_is_refused_and_all_else_is_taken(ada, path):
    ada.goto(path)
    for html in INERT:
        assert ada.evaluate(INSERT, html)
    for html in SMUGGLED:
        refused = ada.evaluate(f"html => {{ try {{ ({INSERT})(html) }} catch (error) {{ return error.name }} }}", html)
        assert refused == "TypeError", html
    assert ada.evaluate("() => { try { new Worker('/x.js') } catch (error) { return error.name } }") == "TypeError"
