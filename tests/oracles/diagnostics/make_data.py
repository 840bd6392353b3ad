"""Write data.csv: 160 invented cases with an interaction, unequal variance and 20 groups."""

from pathlib import Path

import numpy as np


def main() -> None:
    rng = np.random.default_rng(20)
    n = 160
    x, z, w = rng.normal(3, 1, n), rng.gamma(3, 1, n), rng.normal(size=n)
    group = np.repeat(np.arange(20), 8)
    region = rng.choice(["east", "north", "west"], n)
    shift = rng.normal(0, 0.6, 20)[group]
    y = 1 + 0.5 * x + 0.3 * z + 0.15 * x * z + 0.1 * w + 0.4 * (region == "west") + shift + rng.normal(size=n) * (0.6 + 0.25 * z)
    lines = [f"{a:.6f},{b:.6f},{c:.6f},{d:.6f},{r},{g}" for a, b, c, d, r, g in zip(y, x, z, w, region, group, strict=True)]
    (Path(__file__).parent / "data.csv").write_text("\n".join(["y,x,z,w,region,group", *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
