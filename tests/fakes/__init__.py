"""An engine and a transcriber that obey what they are given to say or to hear, for tests and for sites that these start.

The settings VOICESITE_ENGINE and VOICESITE_TRANSCRIBER take them by these paths; both are called “fake” then.
"""

ENGINE = "tests.fakes.engine.FakeEngine"
TRANSCRIBER = "tests.fakes.transcriber.FakeTranscriber"
