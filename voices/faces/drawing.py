"""Draw the face of a voice: a soft shape and two colours, by its six traits. Pure."""

from collections.abc import Sequence
from math import cos, pi, sin

from voices.analysis.face import COUNT, STEPS

SIZE = 96  # of the drawing; it is shown at 24 to 96 px
RADIUS = 35
POINTS = 20  # of the outline
NEUTRAL = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}"><g fill="#808a87">\
<circle cx="48" cy="48" r="48" fill-opacity=".16"/><circle cx="48" cy="48" r="32" fill-opacity=".3"/>\
<circle cx="48" cy="48" r="17" fill-opacity=".5"/></g></svg>"""


def draw(traits: Sequence[int] | None) -> str:
    """Return the face as an SVG file, of about 700 bytes: a neutral one where a voice has no traits yet.

    Each trait moves one thing, and by little where it changes by little. All colours are about as bright, and the disc is
    translucent, so that a face is seen as well on light as on dark.
    """
    if traits is None or len(traits) != COUNT:
        return NEUTRAL
    tone, blend, *lobes, turn = (min(max(int(trait), 0), STEPS) / STEPS for trait in traits)
    hue = 20 + 290 * tone
    other = hue + 50 + 80 * (blend if tone < 0.5 else -blend)
    two, three, five = (2 * lobe - 1 for lobe in lobes)
    outline = _outline([(2, 0.13 * two), (3, 0.15 * three), (5, 0.08 * five)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">'
        f'<defs><linearGradient id="c" x2=".6" y2="1"><stop stop-color="{_colour(0.72, hue)}"/>'
        f'<stop offset="1" stop-color="{_colour(0.6, other)}"/></linearGradient><path id="p" d="{outline}"/></defs>'
        f'<circle cx="48" cy="48" r="48" fill="{_colour(0.68, hue)}" fill-opacity=".2"/>'
        f'<g transform="translate(48 48) rotate({120 * turn:.0f})">'
        f'<use href="#p" fill="url(#c)" fill-opacity=".62"/>'
        f'<use href="#p" fill="url(#c)" transform="rotate(40) scale(.72)"/>'
        f'<use href="#p" fill="{_colour(0.93, other, 0.05)}" fill-opacity=".85" transform="rotate(80) scale(.34)"/>'
        "</g></svg>"
    )


def _colour(lightness: float, hue: float, chroma: float = 0.13) -> str:
    return f"oklch({lightness} {chroma} {hue % 360:.0f})"


def _outline(waves: Sequence[tuple[int, float]]) -> str:
    """Return a closed curve round the origin, whose radius goes up and down by `waves`: how often, and by what part."""
    corners = []
    for angle in (2 * pi * step / POINTS for step in range(POINTS)):
        radius = RADIUS * (1 + sum(depth * cos(count * angle) for count, depth in waves))
        corners.append((radius * cos(angle), radius * sin(angle)))
    following = [*corners[1:], corners[0]]
    middles = [((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in zip(corners, following, strict=True)]
    curves = "".join(
        f"Q{x:.0f} {y:.0f} {u:.0f} {v:.0f}"
        for (x, y), (u, v) in zip(following, [*middles[1:], middles[0]], strict=True)
    )
    return f"M{middles[0][0]:.0f} {middles[0][1]:.0f}{curves}Z"
