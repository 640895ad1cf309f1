"""Addresses of the API, which work with a slash at their end too: a redirect would lose what a POST sends."""

from django.urls import URLPattern
from django.urls.resolvers import RoutePattern


class _Route(RoutePattern):
    def match(self, path: str):
        return super().match(path.removesuffix("/"))


def with_or_without_slash(pattern: URLPattern, callback=None) -> URLPattern:
    """Return the pattern of an address that ends without a slash as one for both. callback: another view than its own."""
    route = _Route(str(pattern.pattern), name=pattern.name, is_endpoint=True)
    return URLPattern(route, callback or pattern.callback, pattern.default_args, pattern.name)
