"""measured.py PTOLOWER CORPUS: the model against pto-isa's pipe model on what ptoas 0.48 makes of kernels
of models, at issue cost 0 (November 2026): cycles, and how many per cent the model may be off."""

import csv
import io
import subprocess
import sys

MEASURED = {
    "qwen3_14b_a8w8_decode_a3/aic__down_dual_proj.pto": (118877, 2),
    "qwen3_14b_decode_a3/out_proj.pto": (15826, 2),
    "qwen3_14b_decode_a3/gate_proj.pto": (31308, 2),
    "qwen3_14b_decode_a3/k_proj.pto": (21009, 3),
    "qwen3_32b_decode_a3/gate_proj.pto": (58673, 2),
    "qwen3_32b_decode_a3/q_proj.pto": (57627, 2),
    "qwen3_32b_decode_a3/kv_proj.pto": (111333, 2),
    "deepseek_v4_decode_a3/sh_gate_mm.pto": (15156, 2),
    # One flag of ptoas for two tiles, which the model does not know.
    "qwen3_14b_a8w8_decode_a3/q_proj_fused_dequant.pto": (23833, 5),
    "qwen3_14b_a8w8_decode_a3/gate_up_store.pto": (47988, 7),
    "deepseek_v4_decode_a3/exp_gate_mm.pto": (73016, 6),
    "deepseek_v4_decode_a3/exp_w2_mm.pto": (36696, 6),
    "deepseek_v4_decode_a3/kv_score_proj.pto": (14953, 6),
}

off = []
for name, (measured, per_cent) in MEASURED.items():
    text = subprocess.run([sys.argv[1], "time", "--rewrite=none", "--format=csv", "--calibration=pto-isa model",
                           sys.argv[2] + "/" + name], stdout=subprocess.PIPE, text=True, check=True).stdout
    (row,) = csv.DictReader(io.StringIO(text))
    deviation = 100 * (float(row["cycles"]) / measured - 1)
    if abs(deviation) > per_cent:
        off.append("%s: %s, measured %d: %+.1f %%" % (name, row["cycles"], measured, deviation))
assert not off, "\n".join(off)
