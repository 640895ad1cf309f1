"""The state of workers: the model that each holds, and when each cluster last answered."""

from django.db import models


class LoadedModel(models.Model):
    """The model that a synthesis worker has loaded, as it last reported."""

    is_of_processes = True  # of which none runs where a backup is restored

    worker = models.CharField(max_length=200, unique=True, help_text="host:pid")
    engine = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=200, blank=True, help_text="Empty while none is loaded")
    runs_on = models.CharField(max_length=100, blank=True, help_text="Device and number format")
    memory = models.BigIntegerField(default=0, help_text="Bytes that the engine holds, on the GPU too")
    memory_before = models.BigIntegerField(default=0, help_text="Bytes before the last load or unload")
    changed_at = models.DateTimeField(null=True, help_text="When a model was last loaded or unloaded")
    used_at = models.DateTimeField(null=True, help_text="When it last spoke")
    unload_requested = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.model or 'nothing'} on {self.worker}"


class Cluster(models.Model):
    """When a django-q2 cluster last answered a ring, by which the sweeper finds one that hangs."""

    is_of_processes = True

    name = models.CharField(max_length=20, help_text="synthesis or default")
    host = models.CharField(max_length=200)
    process_group = models.IntegerField(help_text="Of the cluster and all its processes")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When one of its workers last answered")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "host"], name="cluster_unique")]

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"
