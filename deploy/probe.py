"""Ask the site of this container: `python deploy/probe.py /readyz`. Ends with 1 unless it answers 200 in time."""

import os
import sys
import urllib.request

if __name__ == "__main__":
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}{sys.argv[1]}"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            print(answer.read().decode())
    except OSError as error:
        sys.exit(f"{error}")
