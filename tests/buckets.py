"""A bucket in this process, by moto: nothing leaves it."""

from collections import Counter
from contextlib import contextmanager

OPTIONS = {"bucket_name": "voices", "location": "site/files", "region_name": "eu-central-1"}


@contextmanager
def site_in_bucket(settings, **options):
    """Let the site keep its files in an empty bucket, and yield its storage, which counts in `asked` what it is asked."""
    from moto import mock_aws  # a second to import

    from voicesite.bucket import Bucket

    with mock_aws():
        settings.BUCKET = OPTIONS | options
        settings.STORAGES = settings.STORAGES | {
            "default": {"BACKEND": f"{Bucket.__module__}.Bucket", "OPTIONS": settings.BUCKET}
        }
        from django.core.files.storage import storages

        made = storages["default"]
        made.client.create_bucket(
            Bucket=settings.BUCKET["bucket_name"],
            CreateBucketConfiguration={"LocationConstraint": settings.BUCKET["region_name"]},
        )
        made.asked, made.bytes_read = Counter(), 0

        def count(model, parsed, **_):
            made.asked[model.name] += 1
            if model.name == "GetObject":
                made.bytes_read += parsed.get("ContentLength", 0)

        made.client.meta.events.register("after-call.s3", count)
        yield made
