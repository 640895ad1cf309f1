"""`python -m voicesite.client`: the command `voicesite`, where its script is not on the path."""

import sys

from .command import main

sys.exit(main())
