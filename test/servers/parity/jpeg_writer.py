"""JPEG files that no ordinary encoder writes: any factors of sampling, scans, restarts, tables and coefficients (ITU-T T.81)."""

import numpy as np

ZIGZAG = sorted(range(64), key=lambda i: (i // 8 + i % 8, (i // 8 if (i // 8 + i % 8) % 2 else i % 8)))


def segment(marker, content):
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def tables(random, wide):
    """Four quantization tables, and one Huffman code a kind: 12 codes of 4 bits, and 255 of 8."""
    out = b""
    for index in range(4):
        steps = random.integers(1, 2000 if wide else 60, 64)
        out += segment(0xDB, bytes([(16 if wide else 0) + index]) + steps.astype(">u2" if wide else "u1").tobytes())
    out += segment(0xC4, b"\x00" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12)))
    return out + segment(0xC4, b"\x10" + bytes([0] * 7 + [255] + [0] * 8) + bytes(range(255)))


class Bits:
    def __init__(self):
        self.text = []

    def code(self, value, count):
        if count:
            self.text.append(format(value, f"0{count}b"))

    def number(self, value):
        size = int(abs(value)).bit_length()
        self.code(value if value > 0 else value + (1 << size) - 1, size)

    def done(self):
        text = "".join(self.text)
        text += "1" * (-len(text) % 8)
        self.text = []
        return int("1" + text, 2).to_bytes(len(text) // 8 + 1, "big")[1:].replace(b"\xff", b"\xff\x00") if text else b""


def write_block(bits, block, predicted):
    """A block of 64 coefficients in zigzag order; its first is coded as a difference."""
    difference = int(block[0]) - predicted
    size = abs(difference).bit_length()
    bits.code(size, 4)
    bits.number(difference)
    last = 0
    for k in np.flatnonzero(block[1:]) + 1:
        run = k - last - 1
        while run > 15:
            bits.code(0xF0, 8)
            run -= 16
        bits.code(int(run) << 4 | abs(int(block[k])).bit_length(), 8)
        bits.number(int(block[k]))
        last = k
    if last < 63:
        bits.code(0, 8)


def random_blocks(random, rows, columns, kind):
    """Sparse and small, dense, or as large as they can be."""
    if kind == "largest":
        blocks = random.choice([-1023, 1023, 0], (rows, columns, 64))
    else:
        blocks = random.integers(-40, 41, (rows, columns, 64)) * (random.random((rows, columns, 64)) < (0.1 if kind == "sparse" else 0.9))
    blocks[:, :, 0] = random.integers(-1000, 1001, (rows, columns))
    return blocks


def write_jpeg(random, width, height, factors, *, kind="sparse", wide=False, split=(), restart=0, ids=None, markers=b"", noise=b""):
    """`factors`: (across, down) of each component; `split`: the components of each scan, one scan of all by default."""
    ids = ids or range(1, len(factors) + 1)
    widest, tallest = max(a for a, _ in factors), max(d for _, d in factors)
    units = -(-height // (8 * tallest)), -(-width // (8 * widest))
    planes = [random_blocks(random, units[0] * d, units[1] * a, kind) for a, d in factors]
    out = b"\xff\xd8" + markers + tables(random, wide)
    frame = bytes([8]) + height.to_bytes(2, "big") + width.to_bytes(2, "big") + bytes([len(factors)])
    out += segment(0xC1 if wide else 0xC0, frame + b"".join(bytes([i, a << 4 | d, n % 4]) for n, (i, (a, d)) in enumerate(zip(ids, factors))))
    if restart:
        out += segment(0xDD, restart.to_bytes(2, "big"))
    for scan in split or [range(len(factors))]:
        out += segment(0xDA, bytes([len(scan)]) + b"".join(bytes([ids[n], 0]) for n in scan) + bytes([0, 63, 0]))
        if len(scan) == 1:
            (n,) = scan
            a, d = factors[n]
            size = -(-(-(-height * d // tallest)) // 8), -(-(-(-width * a // widest)) // 8)
            order = [[(n, y, x)] for y in range(size[0]) for x in range(size[1])]
        else:
            order = [
                [(n, y * factors[n][1] + v, x * factors[n][0] + h) for n in scan for v in range(factors[n][1]) for h in range(factors[n][0])]
                for y in range(units[0])
                for x in range(units[1])
            ]
        bits, predicted = Bits(), [0] * len(factors)
        for place, unit in enumerate(order):
            if restart and place and place % restart == 0:
                out += bits.done() + noise + bytes([0xFF, 0xD0 + (place // restart - 1) % 8])
                predicted = [0] * len(factors)
            for n, y, x in unit:
                write_block(bits, planes[n][y, x], predicted[n])
                predicted[n] = int(planes[n][y, x, 0])
        out += bits.done() + noise
    return out + b"\xff\xd9"
