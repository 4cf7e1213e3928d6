"""Has REDbot look at requests, and prints what it finds wrong: one line of JSON for each request.

A request is a JSON list: its address and, unless it is a plain GET, its method, its header fields (pairs) and its body.
REDbot asks for what a GET gives several times: as it is, with conditions, with ranges, packed. Its notes come from httplint.
"""

import json
import sys
from configparser import ConfigParser

import thor
from redbot.resource import HttpResource


def look_at(url, method="GET", fields=(), body=""):
    parser = ConfigParser()
    parser.read_dict({"redbot": {"enable_local_access": "True"}})
    resource = HttpResource(parser["redbot"])
    resource.set_request(url, method, list(fields), body.encode())

    @thor.events.on(resource)
    def check_done():
        thor.stop()

    resource.check()
    thor.run()
    found = [
        {"level": note.level.value, "note": type(note).__name__, "summary": str(note.summary)}
        for note in resource.response.notes
    ]
    status = resource.response.status_code
    return {"url": url, "method": method, "status": status, "notes": found, "error": repr(resource.fetch_error or "")}


for request in sys.argv[1:]:
    print(json.dumps(look_at(*json.loads(request))), flush=True)
