// SPDX-License-Identifier: Apache-2.0
// What differs between two texts, line by line.

const MOST_CELLS = 4e6; // of the table below: 8 MB

/** Lengths of the longest common subsequences of the tails of a and b. */
function tableOf(a, b) {
    const width = b.length + 1;
    const cells = new Uint16Array((a.length + 1) * width);

    for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
            cells[i * width + j] = a[i] === b[j]
                ? cells[(i + 1) * width + j + 1] + 1
                : Math.max(cells[(i + 1) * width + j],
                           cells[i * width + j + 1]);
        }
    }
    return (i, j) => cells[i * width + j];
}

function middle(a, b) {
    const lines = [];
    let i = 0;
    let j = 0;

    // Too much of it: then all of it counts as changed.
    if ((a.length + 1) * (b.length + 1) <= MOST_CELLS) {
        const common = tableOf(a, b);

        while (i < a.length && j < b.length) {
            if (a[i] === b[j]) {
                lines.push({ sign: " ", text: a[i] });
                i++;
                j++;
            } else if (common(i + 1, j) >= common(i, j + 1)) {
                lines.push({ sign: "-", text: a[i++] });
            } else {
                lines.push({ sign: "+", text: b[j++] });
            }
        }
    }
    return lines.concat(a.slice(i).map((text) => ({ sign: "-", text })),
                        b.slice(j).map((text) => ({ sign: "+", text })));
}

/**
 * @param {string[]} a lines of the old text
 * @param {string[]} b of the new one
 * @returns {Array<{sign: string, text: string}>} " ", "-" or "+"
 */
export function diffLines(a, b) {
    const least = Math.min(a.length, b.length);
    let head = 0;
    let tail = 0;

    while (head < least && a[head] === b[head]) {
        head++;
    }
    while (tail < least - head &&
           a[a.length - 1 - tail] === b[b.length - 1 - tail]) {
        tail++;
    }
    const same = (text) => ({ sign: " ", text });

    return [...a.slice(0, head).map(same),
            ...middle(a.slice(head, a.length - tail),
                      b.slice(head, b.length - tail)),
            ...a.slice(a.length - tail).map(same)];
}

/**
 * Only the changes, with a few lines around them; what is left out between
 * is one entry with its number of lines as `left`.
 */
export function withContext(lines, around = 3) {
    const near = new Uint8Array(lines.length);
    const result = [];

    lines.forEach(({ sign }, i) => {
        if (sign !== " ") {
            near.fill(1, Math.max(0, i - around), i + around + 1);
        }
    });
    lines.forEach((line, i) => {
        const last = result[result.length - 1];

        if (near[i]) {
            result.push(line);
        } else if (last?.left) {
            last.left++;
        } else {
            result.push({ left: 1 });
        }
    });
    return result;
}
