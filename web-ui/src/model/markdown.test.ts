import { describe, expect, it } from 'vitest';
import { parseInline, parseMarkdown } from './markdown';

describe('blocks', () => {
  it('are headings, paragraphs, rules', () => {
    expect(parseMarkdown('# Persons\n\nAll *names*.\nAlso nicknames.\n\n---')).toEqual([
      { kind: 'heading', level: 1, content: [{ kind: 'text', text: 'Persons' }] },
      {
        kind: 'paragraph',
        content: [
          { kind: 'text', text: 'All ' },
          { kind: 'emphasis', content: [{ kind: 'text', text: 'names' }] },
          { kind: 'text', text: '. Also nicknames.' },
        ],
      },
      { kind: 'rule' },
    ]);
  });

  it('are lists in lists', () => {
    const [list] = parseMarkdown('- one\n  - inner\n- two\n\nafter');
    expect(list).toMatchObject({
      kind: 'list',
      ordered: false,
      items: [[{ kind: 'paragraph' }, { kind: 'list', items: [[{ kind: 'paragraph' }]] }], [{ kind: 'paragraph' }]],
    });
    expect(parseMarkdown('3. c\n4. d')).toMatchObject([{ kind: 'list', ordered: true, start: 3 }]);
  });

  it('are quotes, code and tables', () => {
    expect(parseMarkdown('> quoted\n> too')).toMatchObject([{ kind: 'quote', content: [{ kind: 'paragraph' }] }]);
    expect(parseMarkdown('```\n# not a heading\n```')).toEqual([{ kind: 'code', text: '# not a heading' }]);
    expect(parseMarkdown('| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |')).toMatchObject([
      { kind: 'table', head: [[{ text: 'a' }], [{ text: 'b' }]], rows: [[[{ text: '1' }], [{ text: '2' }]], [[{ text: '3' }], []]] },
    ]);
  });

  it('come to an end, however deep the nesting', () => {
    expect(parseMarkdown('>'.repeat(5000) + ' x')).toHaveLength(1);
    expect(parseMarkdown('- '.repeat(5000) + 'x')).toHaveLength(1);
  });
});

describe('inline content', () => {
  it('is strong, code, links', () => {
    expect(parseInline('**bold** `a*b` [site](https://example.org/x_(y))')).toEqual([
      { kind: 'strong', content: [{ kind: 'text', text: 'bold' }] },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'a*b' },
      { kind: 'text', text: ' ' },
      { kind: 'link', href: 'https://example.org/x_(y)', content: [{ kind: 'text', text: 'site' }] },
    ]);
  });

  it('leaves HTML and dangerous links as text', () => {
    const text = '<img src=x onerror=alert(1)> [x](javascript:alert(1))';
    expect(parseInline(text)).toEqual([{ kind: 'text', text }]);
  });

  it('does not read snake_case_names as emphasis, and marks beside Chinese text do', () => {
    expect(parseInline('a snake_case_name')).toEqual([{ kind: 'text', text: 'a snake_case_name' }]);
    expect(parseInline('标注**人名**时')).toEqual([
      { kind: 'text', text: '标注' },
      { kind: 'strong', content: [{ kind: 'text', text: '人名' }] },
      { kind: 'text', text: '时' },
    ]);
  });

  it('escapes what a backslash stands before', () => {
    expect(parseInline('\\*not\\*')).toEqual([{ kind: 'text', text: '*not*' }]);
  });
});
