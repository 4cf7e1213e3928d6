"""Has REDbot look at addresses, and prints what it finds wrong: one line of JSON for each address.

REDbot asks several times: as it is, with conditions, with ranges, packed. Its notes come from httplint.
"""

import json
import sys
from configparser import ConfigParser

import thor
from redbot.resource import HttpResource


def look_at(url):
    parser = ConfigParser()
    parser.read_dict({"redbot": {"enable_local_access": "True"}})
    resource = HttpResource(parser["redbot"])
    resource.set_request(url)

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
    return {"url": url, "status": status, "notes": found, "error": repr(resource.fetch_error or "")}


for url in sys.argv[1:]:
    print(json.dumps(look_at(url)), flush=True)
