/** Gives an element a share of 0..1 to colour itself by (`--share`): through the CSSOM, as the content policy wants. */
export function shade(node: HTMLElement, value: number): { update: (value: number) => void } {
  const update = (next: number): void => node.style.setProperty('--share', String(next));
  update(value);
  return { update };
}
