/** Colours of labels: a hue (and a chroma) each; lightness belongs to the theme, so that every label is readable in both. */

import type { Notes, SchemaField } from '$/api/types';

export interface Tone {
  hue: number;
  chroma: number;
}

/** Neighbours in a schema are far apart on the wheel. */
const HUES = [255, 45, 150, 320, 95, 210, 10, 285, 175, 70, 345, 125];
const CHROMA = 0.13;
const QUIET: Tone = { hue: 90, chroma: 0.012 };

function fromHex(hex: string): Tone | null {
  const parts = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!parts) return null;
  const linear = parts.slice(1, 4).map((part) => {
    const c = parseInt(part, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const [r, g, b] = linear as [number, number, number];
  // sRGB -> OKLab (Ottosson 2020).
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const s = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const t = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * s + 0.4505937099 * t;
  const c = 0.0259040371 * l + 0.7827717662 * s - 0.808675766 * t;
  const chroma = Math.hypot(a, c);
  const hue = ((Math.atan2(c, a) * 180) / Math.PI + 360) % 360;
  return { hue: Math.round(hue * 10) / 10, chroma: Math.min(CHROMA * 1.2, Math.round(chroma * 1000) / 1000) };
}

/** A label's prefix (B-, I-, E-, S-) does not change its colour. */
export const baseOf = (label: string): string => label.replace(/^[BIESLU]-/, '');

/** The tone of every label of a field: the project's colour where it has one, else one of the palette's in the schema's order. */
export function tonesOf(field: SchemaField, notes: Notes[string] = {}): Record<string, Tone> {
  const bases = [...new Set(field.labels.map(baseOf))].filter((base) => base !== 'O');
  const tones: Record<string, Tone> = {};
  for (const label of field.labels) {
    const given = notes[label]?.color ?? notes[baseOf(label)]?.color;
    const at = bases.indexOf(baseOf(label));
    tones[label] =
      (given ? fromHex(given) : null) ?? (at < 0 ? QUIET : { hue: HUES[at % HUES.length]!, chroma: at < HUES.length ? CHROMA : 0.08 });
  }
  return tones;
}
