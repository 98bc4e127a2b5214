from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase, StreamingHttpResponse

from blogsite.parsers import TooLarge, length, upload_max
from blogsite.problems import ADDRESSES


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


class BodyLimitMiddleware:
    """Reads no form that is larger than an upload may be. Django would lay the files in it on the disk first, whoever
    sends them, to see whether the form may be sent. The API sees to what it reads itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if length(request) <= upload_max() or request.path_info.startswith(ADDRESSES):
            return self.get_response(request)
        refusal = TooLarge(upload_max())
        return HttpResponse(str(refusal), status=refusal.status_code, content_type="text/plain")
