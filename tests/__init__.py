from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"  # human speech; fixtures/README.md says who speaks and what
