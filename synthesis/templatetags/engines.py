"""What pages, also those of voices, say about engines and their models."""

from django import template

from synthesis.engines import weights

register = template.Library()

register.filter("in_words", weights.in_words)
