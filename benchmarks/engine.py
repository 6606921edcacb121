"""The engine against what the machine can do at best, and against its peers: as ratios."""

from collections.abc import Mapping

from benchmarks import beyond, detection, joint, stakes


def run() -> Mapping[str, float]:
    """Return ratios of medians, all measured in this run; each part says of what."""
    return {**detection.figures(), **joint.run(), **beyond.run(), **stakes.run()}


if __name__ == "__main__":
    for name, ratio in run().items():
        print(f"{name:<32}{ratio:>14,.2f}")
