from tests.e2e.real_engine import speak_through_the_site


def test_the_site_speaks_with_it(tmp_path):
    speak_through_the_site(tmp_path, "mlx")
