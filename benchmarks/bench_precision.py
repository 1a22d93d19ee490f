"""How fast this machine multiplies in bf16 and in fp32, and which of the two Goldleaf takes.

    python benchmarks/bench_precision.py [--quick]

The products are those of a MiniLM's layers at 1,024 pieces a step: forward, the input's gradient, the weight's gradient. Prints medians in
GFLOP/s; writes `benchmarks/results/precision.json`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from common import about, write_results
from goldleaf.train.precision import bf16_is_faster

PIECES, SHAPES = 1024, ((384, 384), (384, 1536), (1536, 384))


def rate(multiply: Callable[[], object], operations: int, rounds: int) -> float:
    """Median GFLOP/s."""
    taken: list[float] = []
    for _ in range(rounds + 3):
        started = time.perf_counter()
        multiply()
        taken.append(time.perf_counter() - started)
    return operations / statistics.median(taken[3:]) / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    rounds = 10 if parser.parse_args().quick else 100
    rates: dict[str, dict[str, float]] = {}
    for inner, outer in SHAPES:
        for kind in (torch.float32, torch.bfloat16):
            x, w, g = (torch.randn(shape, dtype=kind) for shape in ((PIECES, inner), (outer, inner), (PIECES, outer)))
            products: dict[str, Callable[[], object]] = {
                "forward": lambda x=x, w=w: torch.nn.functional.linear(x, w),
                "input gradient": lambda g=g, w=w: g.mm(w),
                "weight gradient": lambda g=g, x=x: g.t().mm(x),
            }
            row = {name: rate(product, 2 * PIECES * inner * outer, rounds) for name, product in products.items()}
            rates[f"{inner}x{outer} {str(kind).removeprefix('torch.')}"] = row
            print(f"{inner}x{outer} {kind}", {k: round(v) for k, v in row.items()}, "GFLOP/s")
    print("bf16 is taken" if bf16_is_faster() else "fp32 is taken")
    if rounds == 100:
        write_results("precision", about("torch") | {"bf16_is_taken": bf16_is_faster(), "gflops": rates})


if __name__ == "__main__":
    main()
