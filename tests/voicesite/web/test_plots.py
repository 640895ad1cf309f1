"""The shapes of plots."""

from voicesite.web.plots import columns, line


def test_columns_stand_on_the_line_or_hang_from_it():
    assert columns([2, 0, 1], scale=10, zero=80) == "M0.11 80v-20.00h0.78V80zM2.11 80v-10.00h0.78V80z"
    assert columns([1], scale=10, zero=80, down=True) == "M0.11 80v10.00h0.78V80z"
    assert columns([0, 0], scale=10, zero=80) == ""


def test_a_line_goes_over_days_without_a_value():
    assert line([1, None, 3], scale=10) == "M0.5 90.00L2.5 70.00"
    assert line([None, 5, None], scale=10) == "M1.2 50.00h.6"
    assert line([None, None], scale=10) == ""
