"""cores.py RACES_TEST FOLDER: mixed kernels of a few words (../check/cores.py), run with delays on all their cores.

Where check proves a kernel, no run may show anything. Where it tells of a race, a hang or a flag that is left, some run
has to show it."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "check"))
from cores import CASES, text_of  # noqa: E402

SEEDS = 200


def kind_of(case):
    code = case[3]
    return "proved" if not code else "told" if "PTL231" not in code else "not followed"


def run(races_test, paths):
    ran = subprocess.run([races_test, "--originals", "--seeds=%d" % SEEDS, *paths], capture_output=True, text=True,
                         check=False)
    print(ran.stdout, ran.stderr)
    assert ran.returncode == 0
    return ran.stdout.splitlines()[-1]


def main():
    races_test, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    paths = {"proved": [], "told": [], "not followed": []}
    for number, case in enumerate(CASES):
        path = folder / ("%d.pto" % number)
        path.write_text(text_of(case)[0])
        paths[kind_of(case)].append(path)
    count = {kind: len(some) for kind, some in paths.items()}
    assert run(races_test, paths["proved"]) == "%d kernels: %d proved, 0 race and are told, 0 skipped, 0 wrong" % (
        count["proved"], count["proved"])
    assert run(races_test, paths["told"]) == "%d kernels: 0 proved, %d race and are told, 0 skipped, 0 wrong" % (
        count["told"], count["told"])
    run(races_test, paths["not followed"])


main()
