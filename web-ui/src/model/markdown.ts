/**
 * Guidelines are Markdown. It is parsed into plain data here and drawn by `Markdown.svelte` as elements and text,
 * so that nothing an author writes is ever read as HTML.
 */

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'emphasis' | 'strike'; content: Inline[] }
  | { kind: 'link'; href: string; content: Inline[] }
  | { kind: 'break' };

export type Block =
  | { kind: 'heading'; level: number; content: Inline[] }
  | { kind: 'paragraph'; content: Inline[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { kind: 'quote'; content: Block[] }
  | { kind: 'code'; text: string }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'rule' };

const HEADING = /^(#{1,6})\s+(.*?)\s*#*\s*$/;
const FENCE = /^\s{0,3}(```+|~~~+)/;
const RULE = /^\s{0,3}([-*_])\s*(?:\1\s*){2,}$/;
const QUOTE = /^\s{0,3}>\s?/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(\s+|$)/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const DEEPEST = 12;

/** The blocks of a Markdown text. Any text has some; what is not Markdown is a paragraph. */
export function parseMarkdown(text: string): Block[] {
  return parseBlocks(text.replace(/\r\n?/g, '\n').split('\n'), 0);
}

function parseBlocks(lines: string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at]!.trim() === '') {
      at += 1;
      continue;
    }
    const [block, next] = nextBlock(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

function nextBlock(lines: string[], at: number, depth: number): [Block, number] {
  const line = lines[at]!;
  const heading = HEADING.exec(line);
  if (heading) return [{ kind: 'heading', level: heading[1]!.length, content: parseInline(heading[2]!) }, at + 1];
  if (FENCE.test(line)) return codeBlock(lines, at);
  if (RULE.test(line)) return [{ kind: 'rule' }, at + 1];
  if (depth < DEEPEST && QUOTE.test(line)) return quoteBlock(lines, at, depth);
  if (depth < DEEPEST && ITEM.test(line)) return listBlock(lines, at, depth);
  if (line.includes('|') && TABLE_RULE.test(lines[at + 1] ?? '') && (lines[at + 1] ?? '').includes('-'))
    return tableBlock(lines, at);
  return paragraph(lines, at);
}

function codeBlock(lines: string[], at: number): [Block, number] {
  const mark = FENCE.exec(lines[at]!)![1]!;
  let end = at + 1;
  while (end < lines.length && !lines[end]!.trim().startsWith(mark)) end += 1;
  return [{ kind: 'code', text: lines.slice(at + 1, end).join('\n') }, end + 1];
}

function quoteBlock(lines: string[], at: number, depth: number): [Block, number] {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end]!)) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ''));
  return [{ kind: 'quote', content: parseBlocks(inner, depth + 1) }, end];
}

function listBlock(lines: string[], at: number, depth: number): [Block, number] {
  const first = ITEM.exec(lines[at]!)!;
  const ordered = /\d/.test(first[2]!);
  const indent = first[1]!.length;
  const items: string[][] = [];
  let end = at;
  while (end < lines.length) {
    const line = lines[end]!;
    const item = ITEM.exec(line);
    const inner = leadingSpace(line) > indent;
    if (item && item[1]!.length <= indent && /\d/.test(item[2]!) === ordered && !RULE.test(line)) {
      items.push([line.slice(item[0].length)]);
    } else if (line.trim() === '' && leadingSpace(lines[end + 1] ?? '') <= indent && !ITEM.test(lines[end + 1] ?? '')) {
      break;
    } else if (inner || line.trim() === '' || (!item && !startsBlock(line))) {
      items[items.length - 1]!.push(line);
    } else {
      break;
    }
    end += 1;
  }
  const start = ordered ? Number.parseInt(first[2]!, 10) : 1;
  return [{ kind: 'list', ordered, start, items: items.map((item) => parseBlocks(dedent(item), depth + 1)) }, end];
}

function dedent(lines: string[]): string[] {
  const rest = lines.slice(1).filter((line) => line.trim() !== '');
  const by = Math.min(...rest.map(leadingSpace), 8);
  return [lines[0]!, ...lines.slice(1).map((line) => line.slice(Math.min(by, leadingSpace(line))))];
}

function tableBlock(lines: string[], at: number): [Block, number] {
  const head = cells(lines[at]!);
  const rows: Inline[][][] = [];
  let end = at + 2;
  while (end < lines.length && lines[end]!.includes('|') && lines[end]!.trim() !== '') {
    const row = cells(lines[end]!);
    rows.push(head.map((_, column) => row[column] ?? []));
    end += 1;
  }
  return [{ kind: 'table', head, rows }, end];
}

function cells(line: string): Inline[][] {
  const bare = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return bare.split(/(?<!\\)\|/).map((cell) => parseInline(cell.replace(/\\\|/g, '|').trim()));
}

function paragraph(lines: string[], at: number): [Block, number] {
  let end = at + 1;
  while (end < lines.length && lines[end]!.trim() !== '' && !startsBlock(lines[end]!)) end += 1;
  const text = lines.slice(at, end).map((line) => line.trimStart()).join('\n');
  return [{ kind: 'paragraph', content: parseInline(text) }, end];
}

function startsBlock(line: string): boolean {
  return HEADING.test(line) || FENCE.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

function leadingSpace(line: string): number {
  return line.length - line.trimStart().length;
}

const ESCAPE = /^\\([\\`*_{}[\]()#+\-.!|>~])/;
const CODE = /^(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/;
const LINK = /^\[((?:[^[\]\\]|\\.)+)\]\(\s*<?([^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"]*")?\s*\)/;
const BARE_LINK = /^https?:\/\/[^\s<>"'，。；）]+[^\s<>"'，。；）.,;:!?)]/;
const PAIRS: [RegExp, 'strong' | 'emphasis' | 'strike'][] = [
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*/, 'strong'],
  [/^__(?=\S)([\s\S]*?\S)__(?![\p{L}\p{N}_])/u, 'strong'],
  [/^~~(?=\S)([\s\S]*?\S)~~/, 'strike'],
  [/^\*(?=\S)((?:[^*]|\*\*[^*]+\*\*)*?\S)\*(?!\*)/, 'emphasis'],
  [/^_(?=\S)([^_]*?\S)_(?![\p{L}\p{N}_])/u, 'emphasis'],
];

/** The inline content of a line or paragraph. */
export function parseInline(text: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  let plain = '';
  const push = (inline: Inline): void => {
    if (plain) found.push({ kind: 'text', text: plain });
    plain = '';
    found.push(inline);
  };
  let at = 0;
  while (at < text.length) {
    const special = text.slice(at).search(/[\\`*_~[\n]|https?:\/\//);
    if (special !== 0) {
      const end = special < 0 ? text.length : at + special;
      plain += text.slice(at, end);
      at = end;
      continue;
    }
    const [inline, length] = nextInline(text, at, depth);
    if (typeof inline === 'string') plain += inline;
    else push(inline);
    at += length;
  }
  if (plain) found.push({ kind: 'text', text: plain });
  return found;
}

function nextInline(text: string, at: number, depth: number): [Inline | string, number] {
  const rest = text.slice(at);
  if (rest[0] === '\n') return /(?: {2}|\\)$/.test(text.slice(0, at)) ? [{ kind: 'break' }, 1] : [' ', 1];
  const escape = ESCAPE.exec(rest);
  if (escape) return [escape[1]!, 2];
  const code = CODE.exec(rest);
  if (code) return [{ kind: 'code', text: code[2]!.replace(/\n/g, ' ').trim() }, code[0].length];
  const link = LINK.exec(rest);
  if (link && isSafeLink(link[2]!) && depth < DEEPEST)
    return [{ kind: 'link', href: link[2]!, content: parseInline(link[1]!, depth + 1) }, link[0].length];
  const bare = BARE_LINK.exec(rest);
  if (bare) return [{ kind: 'link', href: bare[0], content: [{ kind: 'text', text: bare[0] }] }, bare[0].length];
  const insideWord = rest[0] === '_' && /[\p{L}\p{N}]$/u.test(text.slice(0, at));
  if (depth < DEEPEST && !insideWord)
    for (const [pattern, kind] of PAIRS) {
      const pair = pattern.exec(rest);
      if (pair) return [{ kind, content: parseInline(pair[1]!, depth + 1) }, pair[0].length];
    }
  return [rest[0]!, 1];
}

/** Links lead to the web or to a mailbox; `javascript:` and other schemes stay text. */
function isSafeLink(href: string): boolean {
  return /^(https?:\/\/|mailto:)/i.test(href);
}
