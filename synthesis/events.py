"""What webhooks are told of speech: what the API's GET says of it."""

from synthesis.api.schemas import GenerationOut
from synthesis.models import Generation
from voicesite.models import User


def generation(owner: User, key: str) -> dict | None:
    found = Generation.objects.visible_to(owner).prefetch_related("cast").filter(pk=key).first()
    return GenerationOut.model_validate(found).model_dump() if found else None
