/** What happens next: a binary heap of times, each with what it is about. Equal times leave in the order they came. */
export function createEvents() {
  const heap = [];
  let count = 0;
  const before = (a, b) => a.at < b.at || (a.at === b.at && a.order < b.order);
  const swap = (i, j) => ([heap[i], heap[j]] = [heap[j], heap[i]]);
  return {
    add(at, event) {
      let i = heap.push({ at, order: count++, event }) - 1;
      for (let parent = (i - 1) >> 1; i > 0 && before(heap[i], heap[parent]); parent = (i - 1) >> 1) {
        swap(i, parent);
        i = parent;
      }
    },
    /** @returns the earliest, or undefined when nothing is left */
    next() {
      const [first] = heap;
      const last = heap.pop();
      if (heap.length === 0) return first;
      heap[0] = last;
      for (let i = 0; ; ) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2])
          if (child < heap.length && before(heap[child], heap[least])) least = child;
        if (least === i) return first;
        swap(i, least);
        i = least;
      }
    },
  };
}
