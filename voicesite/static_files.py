"""Static files under names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_IMPORT = r"""(?P<matched>from "(?P<url>\./[\w-]+\.js)")"""


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Name what our scripts import by its content, too, so that a page never gets parts of two versions.

    Django's own `support_js_module_import_aggregation` stumbles over what others write in theirs, such as `from "htmx"`.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("*.js", ((_IMPORT, 'from "%(url)s"'),)),
    )
