/** Puts a label's colour on an element (class `tone`): through the CSSOM, as the content policy wants. */

import type { Tone } from '$/model/colors';

export function tone(node: HTMLElement | SVGElement, value: Tone | undefined): { update: (value: Tone | undefined) => void } {
  const update = (next: Tone | undefined): void => {
    node.classList.add('tone');
    node.style.setProperty('--hue', String(next?.hue ?? 90));
    node.style.setProperty('--chroma', String(next?.chroma ?? 0.012));
  };
  update(value);
  return { update };
}
