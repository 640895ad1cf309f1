import re

from django.core.files.storage import FileSystemStorage

from voicesite.static_files import StaticFiles


def test_what_our_scripts_import_is_named_by_its_content(tmp_path):
    (tmp_path / "page.js").write_text('import { one } from "./part.js";\nimport { two } from "elsewhere";\n')
    (tmp_path / "part.js").write_text("export const one = 1;\n")
    here = FileSystemStorage(tmp_path)
    storage = StaticFiles(location=tmp_path, base_url="/static/")
    names = {name: hashed for name, hashed, _ in storage.post_process({n: (here, n) for n in ("page.js", "part.js")})}
    script = (tmp_path / storage.stored_name("page.js")).read_text()
    part = re.search(r'from "\./(part\.[0-9a-f]{12}\.js)"', script)[1]
    assert (tmp_path / part).read_text() == "export const one = 1;\n" and "part.js" in names
    assert 'from "elsewhere"' in script, "what is no file of ours stays"
