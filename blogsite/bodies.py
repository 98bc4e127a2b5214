from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase, StreamingHttpResponse


class NoBodyMiddleware:
    """Sends no body to who asked for the head alone. Django leaves that to the server, and gunicorn warns of each."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match request.method, response:
            case "HEAD", StreamingHttpResponse():
                response.streaming_content = []  # what it would have read is closed with it
            case "HEAD", HttpResponse():
                response.content = b""  # Content-Length stays, and tells what GET would send
        return response
