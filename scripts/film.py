"""Pictures in few bytes: PNG files with a palette, and a recording of a page as an animated WebP. FFmpeg (PyAV) makes them."""

import base64
import contextlib
import io
from fractions import Fraction

import av

MS = Fraction(1, 1000)
STILL_MS = 1200  # the longest time for which nothing moves
FRAME_MS = 90  # two pictures are at least this far apart
END_MS = 2500  # the last picture stays
MOST_MS = 30_000  # all of it, however slow the machine was


def with_palette(png):
    """Return a PNG file with the 256 colours that suit it best: a third of the bytes of one with all colours."""
    with av.open(io.BytesIO(png)) as container:
        (frame,) = container.decode(video=0)
    graph = av.filter.Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=MS)
    split, palette = graph.add("split"), graph.add("palettegen", "reserve_transparent=0")
    use, sink = graph.add("paletteuse", "dither=none"), graph.add("buffersink")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    frame.pts, frame.time_base = 0, MS
    graph.push(frame)
    graph.push(None)
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = frame.width, frame.height, "pal8", MS
    encoder.options = {"compression_level": "9", "pred": "mixed"}
    return b"".join(bytes(packet) for packet in [*encoder.encode(graph.pull()), *encoder.encode(None)])


class Film:
    """What Chromium paints on a page, with the time of each picture, from when it is made until `stop`.

    Time in which nothing happens is cut to STILL_MS, and what is marked by `at_most` is shown faster than it was. Such blocks
    follow one another.
    """

    def __init__(self, page, width, height):
        self.page, self.pictures, self.hurries = page, [], []
        self.tools = page.context.new_cdp_session(page)
        self.tools.on("Page.screencastFrame", self._take)
        options = {"format": "jpeg", "quality": 95, "maxWidth": width, "maxHeight": height}
        self.tools.send("Page.startScreencast", options)

    def _take(self, event):
        self.pictures.append((event["metadata"]["timestamp"], base64.b64decode(event["data"])))
        self.tools.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    @contextlib.contextmanager
    def at_most(self, seconds):
        """Show what happens in this block in so many seconds at most."""
        self.page.wait_for_timeout(50)
        begun = self.pictures[-1][0]
        yield
        self.page.wait_for_timeout(50)
        self.hurries.append((begun, self.pictures[-1][0], seconds))

    def stop(self):
        self.page.wait_for_timeout(300)
        self.tools.send("Page.stopScreencast")

    def timed(self):
        """Return the pictures with the milliseconds at which each is shown."""
        shown, now, before = [], 0.0, self.pictures[0][0]
        for at, picture in self.pictures:
            lasts = 1000 * (at - before)
            for begun, ended, seconds in self.hurries:
                if begun < at <= ended:
                    lasts *= min(1, seconds / (ended - begun))
            now, before = now + min(lasts, STILL_MS), at
            if shown and now - shown[-1][0] < FRAME_MS:
                shown[-1] = (shown[-1][0], picture)  # what comes last is what stays
            else:
                shown.append((now, picture))
        pace = min(1, (MOST_MS - END_MS) / shown[-1][0])
        return [(round(at * pace), picture) for at, picture in shown]

    def save(self, path, limit):
        """Write an animated WebP file of at most `limit` bytes, and return how many seconds it lasts."""
        shown = self.timed()
        for quality in (80, 65, 50, 35):
            data = _webp(shown, quality)
            if len(data) <= limit:
                path.write_bytes(data)
                return (shown[-1][0] + END_MS) / 1000
        raise SystemExit(f"{path.name}: {len(data):,} bytes, more than {limit:,}.")


def _webp(shown, quality):
    decoder = av.CodecContext.create("mjpeg", "r")
    target = io.BytesIO()
    with av.open(target, "w", format="webp", options={"loop": "0"}) as container:
        stream = None
        for at, picture in [*shown, (shown[-1][0] + END_MS, shown[-1][1])]:
            (frame,) = decoder.decode(av.Packet(picture))
            if stream is None:
                stream = container.add_stream("libwebp_anim", rate=1000)
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
                stream.codec_context.time_base = MS
                stream.codec_context.options = {"quality": str(quality), "compression_level": "5", "preset": "text"}
            frame = frame.reformat(format="yuv420p", src_color_range="JPEG", dst_color_range="MPEG")
            frame.pts, frame.time_base = at, MS
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return target.getvalue()
