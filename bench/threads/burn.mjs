/** Burns CPU for so many milliseconds. */
export default function burn(milliseconds) {
  const end = performance.now() + milliseconds;
  let rounds = 0;
  while (performance.now() < end) rounds += 1;
  return rounds;
}
