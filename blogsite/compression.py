from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import gzip


class GZipMiddleware(gzip.GZipMiddleware):
    """Compresses what is made for each request. What streams here is a file: a picture, as small as it gets."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)
