"""`python -m tests.benchmarks.schemas [EXAMPLES]`: send each operation of the OpenAPI document many requests at random."""

import os
import sys

import pytest

if __name__ == "__main__":
    os.environ["SCHEMA_EXAMPLES"] = sys.argv[1] if len(sys.argv) > 1 else "100"
    sys.exit(pytest.main(["-q", "-p", "no:randomly", "tests/voicesite/site/test_schemas.py"]))
