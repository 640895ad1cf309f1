"""How the administration writes dates and times, where `voicesite.web.moments` does not."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j M Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
MONTH_DAY_FORMAT = "j M"

# A number that a template writes bare is for machines, as in <progress value>; people read those of a filter of
# voicesite/templatetags/display.py, by their own language.
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ""
