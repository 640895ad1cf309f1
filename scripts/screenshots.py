"""Take the pictures of the documentation from a running site: `make screenshots` (docs/images/).

A site is started in a temporary folder, with people and texts that are made up and voices of tests/fixtures, which the
embedded engine speaks for. Chromium looks at it as people do. So the pictures show what the site is now; only the times that
work took differ from one run to the next. `… -m scripts.screenshots studio library` takes those only.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from scripts.film import Film, with_palette
from tests.e2e.copy import PASSWORD, ROOT, Copy

expect.set_options(timeout=90_000)  # a busy machine takes its time
CHROMIUM = "/usr/bin/chromium"
IMAGES = ROOT / "docs" / "images"
FIXTURES = ROOT / "tests" / "fixtures"
DESKTOP, PHONE = (1280, 860), (390, 844)
FILM_SIZE = (1000, 700)
FILM_BYTES, ALL_BYTES = 1_500_000, 2_000_000

# As people have it, where a site of the tests has a fake engine that soon gives up; a busy machine may take its time.
SETTINGS = {"VOICESITE_ENGINE": "kokoro", "VOICESITE_BUILTIN_VOICES": "on", "VOICESITE_STALL_SECONDS": "600"}
VOICES = [  # whose, name, language, recording, what is said of it
    ("ada", "Edward", "en", "english_austen_1.wav", "Reads calmly; good for stories."),
    ("ada", "Elinor", "en", "english_ivr.wav", "Clear and friendly; announcements."),
    ("ben", "Elena", "es", "spanish_ivr.wav", "Para todo lo que es en español."),
]
# Title, voice, text, how many hours ago. The last one is opened.
TEXTS = [
    ("Bienvenida a la biblioteca", "Dora", "Bienvenidos a la biblioteca. Hoy abrimos hasta las ocho de la tarde.", 74),
    (
        "Voicemail",
        "Elinor",
        "You have reached the Bakers. We are in the garden; leave us a word, and we call back.",
        50,
    ),
    (
        "Two at the harbour",
        "Elinor",
        "Anna: Did the ferry leave on time?\nBen: At 9:40, with Dr. Reyes and 3 bicycles.\nAnna: Then we can still wave.",
        26,
    ),
    (
        "Museum, room 3",
        "Emma",
        "This clock was built in 1872. For sixty years, every ship that came in set its own by it.",
        5,
    ),
    (
        "The clockmaker",
        "Edward",
        "In a house at the edge of the wood lived a clockmaker who had never once been late. "
        "One morning, at a quarter past seven, every clock in the house stopped. "
        "He put down his cup and listened. For the first time in forty years, he could hear the birds.",
        2,
    ),
]
CASTS = {"Two at the harbour": ("--cast", "Anna=Elinor", "--cast", "Ben=Edward")}
AGES = """
from datetime import timedelta
from django.utils import timezone
from synthesis.models import Generation
from voices.models import VoiceProfile
for title, text, hours in {texts!r}:
    Generation.objects.filter(text=text).update(title=title, created_at=timezone.now() - timedelta(hours=hours))
Generation.objects.filter(title="The clockmaker").update(is_favourite=True)
VoiceProfile.objects.filter(name="Elena").update(visibility="shared")
"""
REFINED = """
import time
from synthesis.models import Fitting
while Fitting.objects.active().exists():
    time.sleep(1)
"""
WRITTEN = "Good morning, everyone! Lunch is at 12:30 in the garden, and Dr. Reyes brings 2 cakes."


def furnish(site):
    """Let people who are made up have made voices and speech."""
    for name in ("ada", "ben"):
        site.manage("create_user", name, "--password", PASSWORD)
    for owner, name, language, recording, words in VOICES:
        described = ("--name", name, "--language", language, "--description", words)
        site.manage("create_voice", "--user", owner, *described, str(FIXTURES / recording))
    for title, voice, text, _ in TEXTS:
        sound = site.folder.parent / "spoken.wav"
        site.manage(
            "speak", "--user", "ada", "--voice", voice, "--seed", "7", *CASTS.get(title, ()), text, "-o", str(sound)
        )
    site.manage("shell", "-c", AGES.format(texts=[(title, text, hours) for title, _, text, hours in TEXTS]))
    site.manage("shell", "-c", REFINED)


# ---------------------------------------------------------------------------------------------------------------------
# What is to be seen


def studio(page):
    page.goto("/")
    page.locator("#id_text").fill(WRITTEN)
    expect(page.locator("#reading")).to_contain_text("twelve thirty")


def new_voice(page):
    page.goto("/voices/new/")
    page.locator("#id_recording").set_input_files({
        "name": "Grandfather reads.wav",
        "mimeType": "audio/wav",
        "buffer": (FIXTURES / "english_austen_1.wav").read_bytes(),
    })  # fmt: skip
    expect(page.get_by_label("Name")).to_have_value("Grandfather reads")
    expect(page.locator("#transcription")).not_to_contain_text("You can continue while this runs.", timeout=300_000)


def voices(page):
    page.goto("/voices/")


def voice(page):
    page.goto("/voices/")
    page.get_by_role("link", name="Edward", exact=True).first.click()
    expect(page.get_by_role("heading", name="Edward", level=1)).to_be_visible()


def library(page):
    page.goto("/generations/")


def text(page):
    page.goto("/generations/")
    page.get_by_role("link", name="The clockmaker").first.click()
    expect(page.get_by_role("heading", name="The clockmaker", level=1)).to_be_visible()


def new_voice_empty(page):
    page.goto("/voices/new/")


PICTURES = {  # name: what is to be seen, size, theme
    "studio": (studio, DESKTOP, "light"),
    "studio-phone": (studio, PHONE, "light"),
    "new-voice": (new_voice, DESKTOP, "light"),
    "new-voice-phone": (new_voice_empty, PHONE, "dark"),
    "voices": (voices, DESKTOP, "light"),
    "voice": (voice, DESKTOP, "light"),
    "library": (library, DESKTOP, "light"),
    "text": (text, DESKTOP, "light"),
}


def take(browser, site, signed_in, names):
    """Take these pictures, each in a window of its own."""
    for name in names:
        see, (width, height), theme = PICTURES[name]
        page = open_page(browser, site, (width, height), theme, storage_state=signed_in)
        site.forget_drafts()
        see(page)
        page.mouse.move(0, height)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
        (IMAGES / f"{name}.png").write_bytes(with_palette(page.screenshot(animations="disabled", caret="hide")))
        page.context.close()


def open_page(browser, site, size, theme="light", **options):
    """Open a window on the site, with double the pixels where it is a phone's."""
    viewport = {"width": size[0], "height": size[1]}
    options |= {"device_scale_factor": 2, "has_touch": True, "is_mobile": True} if size == PHONE else {}
    options |= {"locale": "en-GB", "timezone_id": "Europe/London", "reduced_motion": "no-preference"}
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{site.port}", viewport=viewport, color_scheme=theme, **options
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto("/licences/", wait_until="networkidle")  # the type is at hand from the first picture on
    return page


# ---------------------------------------------------------------------------------------------------------------------
# The main job, moving

POINTER = """() => {
    if (!document.body || document.getElementById("pointer-of-film")) return;
    const dot = document.createElement("div");
    dot.id = "pointer-of-film";
    Object.assign(dot.style, {
        position: "fixed", zIndex: 9999, width: "20px", height: "20px", margin: "-10px", borderRadius: "50%",
        background: "rgb(13 107 98 / .35)", border: "2px solid rgb(13 107 98)", pointerEvents: "none",
        left: sessionStorage.pointerX ?? "50%", top: sessionStorage.pointerY ?? "50%",
    });
    document.addEventListener("mousemove", ({ clientX, clientY }) => {
        dot.style.left = sessionStorage.pointerX = `${clientX}px`;
        dot.style.top = sessionStorage.pointerY = `${clientY}px`;
    });
    document.body.append(dot);
}"""


def point(film, where):
    """Move the pointer there, as a hand does, and click."""
    page = film.page
    with film.at_most(0.9):
        where.scroll_into_view_if_needed()
        page.evaluate(POINTER)
        if box := where.bounding_box():  # none where the page has just replaced it
            page.mouse.move(box["x"] + min(box["width"] / 2, 60), box["y"] + box["height"] / 2, steps=12)
        page.wait_for_timeout(250)
        where.click()  # wherever it is by now


def write(film, where, words, seconds):
    with film.at_most(seconds):
        where.press_sequentially(words, delay=30)


def make_film(browser, site, signed_in):
    """Make a voice of a recording, and let it say something; return how many seconds that is shown."""
    site.forget_drafts()
    page = open_page(browser, site, FILM_SIZE, storage_state=signed_in)
    page.goto("/voices/new/")
    page.wait_for_load_state("networkidle")
    page.evaluate(POINTER)
    film = Film(page, *FILM_SIZE)
    page.wait_for_timeout(900)
    with page.expect_file_chooser() as chooser:
        point(film, page.get_by_text("Choose a file"))
    with film.at_most(2.5):
        chooser.value.set_files(FIXTURES / "english_austen_1.wav")
        expect(page.locator(".taken")).to_be_visible()
        page.wait_for_timeout(1500)
    name = page.get_by_label("Name")
    point(film, name)
    name.press("Control+a")
    write(film, name, "Grandfather", 0.8)
    point(film, page.locator("#id_consent"))
    point(film, page.get_by_role("button", name="Create voice"))
    with film.at_most(1.5):
        expect(page.get_by_text("can speak now.")).to_be_visible()
        page.wait_for_timeout(1000)
    point(film, page.get_by_role("link", name="Use this voice").first)
    written = page.locator("#id_text")
    with film.at_most(1):
        expect(written).to_be_visible()
        page.wait_for_timeout(600)
    point(film, written)
    write(film, written, WRITTEN, 3.5)
    page.wait_for_timeout(1200)
    point(film, page.get_by_role("button", name="Speak", exact=True))
    title = page.get_by_role("link", name="Good morning, everyone!").first
    with film.at_most(1.5):
        expect(title).to_be_visible()
        page.wait_for_timeout(800)
    point(film, title)
    with film.at_most(4):
        expect(page.get_by_role("link", name="Download MP3", exact=True)).to_be_visible(timeout=300_000)
    point(film, page.get_by_role("button", name="Play Good morning, everyone!").first)
    page.wait_for_timeout(6000)
    film.stop()
    lasts = film.save(IMAGES / "main-job.webp", FILM_BYTES)
    page.context.close()
    return lasts


def main(names):
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="voicesite-pictures-") as folder, sync_playwright() as playwright:
        site = Copy(Path(folder) / "data", **SETTINGS)
        site.start()
        try:
            site.wait_until_ready()
            furnish(site)
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=[
                    "--no-sandbox",
                    "--disable-gpu",
                    "--hide-scrollbars",
                    "--autoplay-policy=no-user-gesture-required",
                ],
            )
            page = open_page(browser, site, DESKTOP)
            page.goto("/account/login/")
            page.get_by_label("Username").fill("ada")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            expect(page.get_by_role("link", name="Studio", exact=True)).to_be_visible()
            signed_in = page.context.storage_state()
            take(browser, site, signed_in, [name for name in PICTURES if not names or name in names])
            if not names or "film" in names:
                print(f"The film lasts {make_film(browser, site, signed_in):.0f} s.")
            browser.close()
        finally:
            site.stop()
    sizes = {file.name: file.stat().st_size for file in sorted(IMAGES.iterdir())}
    for name, size in sizes.items():
        print(f"{size // 1000:6,} kB  {name}")
    if (stills := sum(size for name, size in sizes.items() if name.endswith(".png"))) > ALL_BYTES:
        raise SystemExit(f"The pictures have {stills:,} bytes, more than {ALL_BYTES:,}.")


if __name__ == "__main__":
    main(sys.argv[1:])
