/**
 * Draws a text with its spans, as DOM, without a framework in between: lines of chunks, of which only those are drawn anew whose marks
 * changed, and, where these are many, first the ones that can be seen. Text nodes hold the record's characters and nothing else; labels and the names of control characters are generated content,
 * so that offsets in the DOM are offsets in the text.
 */

import { runsOf } from '$/model/control';
import type { Tone } from '$/model/colors';
import type { TextIndex } from '$/model/offsets';
import { assignLanes, cut, splitLines, spread, type Chunk, type Cover, type Laned, type Mark, type Piece } from '$/model/pieces';

export interface LayerState {
  marks: readonly Mark[];
  cursor: readonly [number, number] | null;
  /** The tones of the labels, by field. */
  tones: Record<string, Record<string, Tone>>;
}

export interface Layer {
  update(state: LayerState): void;
  /** What is selected in this text, in code points; null when nothing is, or something else. */
  selection(): [number, number] | null;
  /** The code point under a place on the screen. */
  offsetAt(x: number, y: number): number | null;
  /** The mark whose label an element is. */
  markOf(element: EventTarget | null): Pick<Mark, 'field' | 'start' | 'end' | 'label' | 'suggested'> | null;
  /** Brings a stretch into view. */
  reveal(start: number): void;
  /** Draws nothing more. */
  stop(): void;
}

const MOST_LANES = 6;

/** So many chunks are drawn at once, wherever they are. */
const AT_ONCE = 12;
/** What cannot be seen is drawn after what can be is on the screen, some milliseconds at a time. */
const AFTERWARDS = 50;
const SLICE = 8;

interface Drawn {
  chunk: Chunk;
  node: HTMLElement;
  key: string;
}

interface Wanted {
  key: string;
  marks: readonly Laned[];
}

export function createLayer(root: HTMLElement, index: TextIndex): Layer {
  const drawn = drawLines(root, index);
  const chunks = drawn.map((one) => one.chunk);
  let lanes = 0;
  let state: LayerState = { marks: [], cursor: null, tones: {} };
  /** What is yet to be drawn. */
  const wanted = new Map<Drawn, Wanted>();
  let alarm: ReturnType<typeof setTimeout> | undefined;

  function update(next: LayerState): void {
    state = next;
    const laned = assignLanes(state.marks);
    const most = laned.reduce((top, mark) => Math.max(top, mark.lane + 1), 0);
    if (most !== lanes) {
      lanes = most;
      root.dataset['lanes'] = String(Math.min(most, MOST_LANES));
    }
    wanted.clear();
    spread(chunks, laned).forEach((marks, i) => {
      const one = drawn[i]!;
      const key = keyOf(marks, cursorIn(one.chunk, state.cursor));
      if (key !== one.key) wanted.set(one, { key, marks });
    });
    const all = [...wanted.keys()];
    // What can be seen is measured before anything changes.
    const now = all.length <= AT_ONCE ? all : all.filter(seer());
    now.forEach(draw);
    clearTimeout(alarm);
    if (wanted.size > 0) alarm = setTimeout(drawSome, AFTERWARDS);
  }

  function draw(one: Drawn): void {
    const want = wanted.get(one);
    if (!want) return;
    wanted.delete(one);
    one.key = want.key;
    const { start, end } = one.chunk;
    const pieces = cut(start, end, want.marks, cursorIn(one.chunk, state.cursor));
    one.node.replaceChildren(...pieces.flatMap((piece) => drawPiece(piece, state, index)));
  }

  function drawSome(): void {
    const end = performance.now() + SLICE;
    for (const one of wanted.keys()) {
      draw(one);
      if (performance.now() > end) break;
    }
    if (wanted.size > 0) alarm = setTimeout(drawSome);
  }

  function pointOf(node: Node, offset: number): number | null {
    const element = node instanceof HTMLElement ? node : node.parentElement;
    const holder = element?.closest<HTMLElement>('[data-start]');
    if (!holder || !root.contains(holder)) return edgeOf(root, drawn, index, node, offset);
    const range = document.createRange();
    range.setStart(holder, 0);
    range.setEnd(node, offset);
    return index.toPoints(index.toUnits(Number(holder.dataset['start'])) + range.toString().length);
  }

  return {
    update,
    selection() {
      const found = document.getSelection();
      if (!found || found.isCollapsed || found.rangeCount === 0) return null;
      const range = found.getRangeAt(0);
      if (!range.intersectsNode(root)) return null;
      const start = root.contains(range.startContainer) ? pointOf(range.startContainer, range.startOffset) : 0;
      const end = root.contains(range.endContainer) ? pointOf(range.endContainer, range.endOffset) : index.length;
      return start === null || end === null || start >= end ? null : [start, end];
    },
    offsetAt(x, y) {
      const spot = caretAt(x, y);
      return spot && root.contains(spot.node) ? pointOf(spot.node, spot.offset) : null;
    },
    markOf(element) {
      const chip = element instanceof HTMLElement ? element.closest<HTMLElement>('.chip[data-mark]') : null;
      if (!chip || !root.contains(chip)) return null;
      const [field, start, end, suggested] = JSON.parse(chip.dataset['mark']!) as [string, number, number, boolean];
      return { field, start, end, suggested, label: chip.dataset['label'] ?? '' };
    },
    reveal(start) {
      const one = drawn.find((other) => other.chunk.end > start) ?? drawn.at(-1);
      if (one) draw(one);
      const piece = one && [...one.node.querySelectorAll<HTMLElement>('[data-at]')].findLast((node) => Number(node.dataset['at']) <= start);
      (piece ?? one?.node)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
    stop: () => clearTimeout(alarm),
  };
}

/** Tells which chunks are in sight, or close to it. A line is asked once; what is inside of one may not be laid out. */
function seer(): (one: Drawn) => boolean {
  const seen = new Map<Element, boolean>();
  return ({ node }) => {
    const line = node.parentElement!;
    let found = seen.get(line);
    if (found === undefined) {
      const { top, bottom } = line.getBoundingClientRect();
      found = bottom > -innerHeight / 2 && top < innerHeight * 1.5;
      seen.set(line, found);
    }
    return found;
  };
}

const cursorIn = ({ start, end }: Chunk, cursor: LayerState['cursor']): LayerState['cursor'] =>
  cursor && cursor[0] < end && cursor[1] > start ? cursor : null;

function drawLines(root: HTMLElement, index: TextIndex): Drawn[] {
  const characters = [...index.text];
  const drawn: Drawn[] = [];
  const all = document.createDocumentFragment();
  for (const line of splitLines(characters)) {
    const row = document.createElement('div');
    row.className = 'line';
    row.dir = 'auto';
    for (const chunk of line.chunks) {
      const node = document.createElement('span');
      node.className = 'chunk';
      node.dataset['start'] = String(chunk.start);
      node.append(...runsOf(index.slice(chunk.start, chunk.end)).map(drawRun));
      row.append(node);
      drawn.push({ chunk, node, key: '' });
    }
    all.append(row);
  }
  root.replaceChildren(all);
  return drawn;
}

function keyOf(marks: readonly Laned[], cursor: readonly [number, number] | null): string {
  const parts = marks.map((mark) => [mark.start, mark.end, mark.field, mark.label, mark.lane, +mark.suggested, +mark.selected].join(' '));
  return cursor ? `${parts.join('|')}#${cursor.join(' ')}` : parts.join('|');
}

function drawPiece(piece: Piece, state: LayerState, index: TextIndex): Node[] {
  let inner: Node[] = runsOf(index.slice(piece.start, piece.end)).map(drawRun);
  if (piece.cursor) inner = [wrap('cursor', inner)];
  // A label stands at the end of its span's own line, and the lines of the spans that go on run under it.
  const inwards = [...piece.covers].reverse();
  const [ending, going] = [inwards.filter((one) => one.last), inwards.filter((one) => !one.last)];
  // Where a span begins inside of one that ends here, its edge must not part that one's line: it is drawn within both.
  const crossing = ending.some((one) => !one.first) && going.some((one) => one.first);
  if (crossing) inner.unshift(...piece.covers.filter((one) => one.first).map((one) => drawCover({ ...one, last: false }, [], state)));
  for (const cover of [...ending, ...going]) {
    if (cover.last) inner.push(drawChip(cover.mark, state, index));
    inner = [drawCover(crossing ? { ...cover, first: false } : cover, inner, state)];
  }
  const first = inner[0];
  if (first instanceof HTMLElement) first.dataset['at'] = String(piece.start);
  return inner;
}

function wrap(className: string, inner: Node[]): HTMLElement {
  const node = document.createElement('span');
  node.className = className;
  node.append(...inner);
  return node;
}

function paint(node: HTMLElement, tone: Tone | undefined): void {
  node.style.setProperty('--hue', String(tone?.hue ?? 90));
  node.style.setProperty('--chroma', String(tone?.chroma ?? 0.012));
}

function drawCover({ mark, first, last }: Cover, inner: Node[], state: LayerState): HTMLElement {
  const lane = Math.min(mark.lane, MOST_LANES - 1);
  const classes = ['mark', 'tone', `lane${lane}`];
  if (mark.suggested) classes.push('suggested');
  if (mark.selected) classes.push('selected');
  if (first) classes.push('first');
  if (last) classes.push('last');
  const node = wrap(classes.join(' '), inner);
  paint(node, state.tones[mark.field]?.[mark.label]);
  return node;
}

function drawChip(mark: Laned, state: LayerState, index: TextIndex): HTMLElement {
  const chip = document.createElement('i');
  chip.className = `chip tone${mark.suggested ? ' suggested' : ''}${mark.selected ? ' selected' : ''}`;
  chip.dataset['label'] = mark.label;
  chip.title = index.slice(mark.start, Math.min(mark.end, mark.start + 80));
  chip.dataset['mark'] = JSON.stringify([mark.field, mark.start, mark.end, mark.suggested]);
  paint(chip, state.tones[mark.field]?.[mark.label]);
  return chip;
}

/** A control character stands isolated, so that it reorders nothing but itself, and is shown by name. */
function drawRun(run: { text: string; name: string | null }): Node {
  if (run.name === null) return document.createTextNode(run.text);
  const node = wrap('control', [document.createTextNode(run.text)]);
  node.dataset['name'] = run.name;
  return node;
}

/** A selection that ends between lines: the nearest chunk's edge. */
function edgeOf(root: HTMLElement, drawn: readonly Drawn[], index: TextIndex, node: Node, offset: number): number | null {
  if (!root.contains(node)) return null;
  const child = node.childNodes[offset];
  const after = child && drawn.find((one) => child.contains(one.node) || child === one.node);
  if (after) return after.chunk.start;
  const before = drawn.findLast((one) => node === root || node.contains(one.node));
  return before ? before.chunk.end : index.length;
}

function caretAt(x: number, y: number): { node: Node; offset: number } | null {
  if (document.caretPositionFromPoint) {
    const position = document.caretPositionFromPoint(x, y);
    return position && { node: position.offsetNode, offset: position.offset };
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : null;
}
