"""What schemathesis needs to be told that no schema can say: what in a request hangs together.

Only what is well formed is changed, so that what is meant to be refused still is.
"""

import datetime
import re
import uuid

import schemathesis

KEY = "Idempotency-Key"
KEY_PATTERN = re.compile(r"[!#-\[\]-~]{1,255}")
# Where a post has no time, and where it needs one.
TIMELESS = ("draft", "unlisted", "private")
IN_A_YEAR = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=365)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Every status must be described by itself."""
    for item in raw_schema["paths"].values():
        for operation in item.values():
            operation.get("responses", {}).pop("default", None)


@schemathesis.hook
def before_call(context, case, **kwargs):
    # A key stands for one request. Each gets its own, as their senders would do.
    key = (case.headers or {}).get(KEY)
    if key is not None and KEY_PATTERN.fullmatch(key):
        case.headers[KEY] = str(uuid.uuid4())
    body = case.body
    if not isinstance(body, dict):
        return
    if body.get("status") in TIMELESS and isinstance(body.get("publish_at"), str):
        del body["publish_at"]
    if body.get("status") == "scheduled" and "publish_at" not in body:
        body["publish_at"] = IN_A_YEAR.isoformat()
    if body.get("status") in ("published", "scheduled", "unlisted", "private") and body.get("title") in (None, ""):
        body["title"] = "Untitled no more"
    if "scopes" in body and isinstance(body.get("expires_at"), str):
        body["expires_at"] = IN_A_YEAR.isoformat()
