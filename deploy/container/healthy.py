"""The container's health check: exits 0 when /health/ready answers 200 on this machine, under the portal's own name."""

import os
import sys
import urllib.request

host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
asked = urllib.request.Request("http://127.0.0.1:8000/health/ready", headers={"Host": host})
try:
    with urllib.request.urlopen(asked, timeout=4) as answer:  # noqa: S310  the address stands above
        sys.exit(answer.status != 200)
except OSError as error:
    sys.exit(f"not ready: {error}")
